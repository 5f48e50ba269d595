// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { eventLog } from "../events/event-sink.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ReconnectionGuard } from "./control-outcome.js";
import { LimiterSettings, limiterCount, monitorCount, monitored } from "./limiter-settings.js";
import { LimiterState, limiterFlag } from "./limiter-state.js";
import { currentDigit_mA, isThresholdInRange, monitoredValue } from "./limiter-values.js";
import { actionOutcome, type LimitsParts, limiterEvent } from "./limits-parts.js";

const interval_ms = 1000;

/** An excess of this length is noted, so that a failure of supply without warning does not begin it anew (F135). */
const noted_ms = 60_000;

/**
 * Both limiters with their emergency profile (Code Red), and the supervision monitors of the phases.
 *
 * Looked at with every measuring interval. Excess and penalty are counted by the monotonic clock, and noted in UTC where they
 * have to go on after a power failure. A threshold that is the maximum of its type costs nothing.
 */
export class Limits implements ReconnectionGuard {
	readonly settings: LimiterSettings;
	readonly #parts: LimitsParts;
	readonly #state: LimiterState;
	/** Bit n: monitor n was above its threshold; bit 4 + n: it has been compared. */
	#sides = 0;
	#captured_s = -1;

	constructor(parts: LimitsParts) {
		this.#parts = parts;
		this.settings = new LimiterSettings(parts.parameters, parts.model, parts.host.factoryClient);
		this.#state = new LimiterState(parts);
	}

	/** threshold_active of limiter n. */
	threshold(n: number): number {
		const normal = this.settings.normal(n);
		return this.isEmergency(n) ? Math.min(normal, this.settings.emergency(n)) : normal;
	}

	/** emergency_profile_active of limiter n. */
	isEmergency(n: number): boolean {
		const { settings } = this;
		const duration_s = settings.duration_s(n);
		if (duration_s === 0 || !settings.isInGroup(n, settings.profileId(n))) return false;
		const elapsed_s = this.#parts.clock.utc_s() - settings.start_s(n);
		return elapsed_s >= 0 && elapsed_s < duration_s;
	}

	/** Automatic reconnections a day: how many there may be, how many there were, and whether that is over for today. */
	get maximumReconnections(): number {
		return this.#state.maximum;
	}

	get usedReconnections(): number {
		return this.#state.used;
	}

	get isLocked(): boolean {
		return this.#state.isLocked;
	}

	/** A limit is exceeded, and its tolerance time runs. */
	get isExceeded(): boolean {
		for (let n = 0; n < limiterCount; n++) if (this.#state.since_ms[n]! >= 0) return true;
		return false;
	}

	/** Seconds until supply is taken away, or may come back; -1 while nothing is exceeded. */
	remaining_s(): number {
		const now_ms = this.#parts.monotonic.monotonic_ms();
		for (let n = 0; n < limiterCount; n++) {
			const hasActed = this.#state.has(limiterFlag.acted, n);
			const since_ms = this.#state.since_ms[hasActed ? limiterCount + n : n]!;
			if (since_ms < 0) continue;
			const { settings } = this;
			const whole_s = hasActed ? settings.minimumUnder_s(n) : settings.minimumOver_s(n);
			const remaining_s = Math.max(0, Math.ceil(whole_s - (now_ms - since_ms) / 1000));
			if (!hasActed) return remaining_s;
			return Math.max(remaining_s, this.#parts.host.heldFor_s(), this.isLocked ? this.#state.untilMidnight_s() : 0);
		}
		return -1;
	}

	/** @throws DeviceError, with nothing changed */
	setReconnections(maximum: number, used: number, isLocked: boolean): void {
		this.#state.setReconnections(maximum, used, isLocked);
	}

	/** @param value one of `monitored` */
	setMonitored(n: number, value: number): void {
		if (value === this.settings.monitored(n)) return;
		this.settings.change((settings) => settings.setMonitored(n, value));
		this.thresholdsChanged(n);
	}

	/** @returns false, with nothing changed, for thresholds outside of the range, or an emergency above the normal one */
	setThresholds(n: number, normal: number, emergency: number): boolean {
		const { settings } = this;
		const isOfEmergency = emergency !== settings.emergency(n);
		const { model } = this.#parts;
		if (!isThresholdInRange(settings, model, n, normal)) return false;
		if (!isThresholdInRange(settings, model, n, emergency)) return false;
		if (normal === settings.normal(n) && !isOfEmergency) return true;
		settings.change((changed) => changed.setThresholds(n, normal, emergency));
		this.thresholdsChanged(n);
		return true;
	}

	/**
	 * A client sends an emergency profile.
	 *
	 * @param time activation time as it came, 12 octets
	 * @param start_s the same, UTC; undefined for "now"
	 * @returns false, with nothing changed, when there is nothing to cancel, or the end is in the past
	 */
	setProfile(n: number, id: number, time: Uint8Array, start_s: number | undefined, duration_s: number): boolean {
		const { settings } = this;
		const { clock } = this.#parts;
		if (!settings.isInGroup(n, id)) return true;
		const now_s = clock.utc_s();
		if (duration_s === 0 && (id !== settings.profileId(n) || settings.duration_s(n) === 0)) return false;
		const isFromReceipt = start_s === undefined || !clock.isValid;
		if (duration_s > 0 && !isFromReceipt && start_s + duration_s <= now_s) return false;
		settings.change((changed) => {
			changed.setProfile(n, id, time, duration_s);
			changed.setStart(n, isFromReceipt ? now_s : start_s, isFromReceipt);
		});
		return true;
	}

	setMonitorThreshold(n: number, threshold: number): void {
		this.settings.change((settings) => settings.setMonitorThreshold(n, threshold));
		this.#sides &= ~(16 << n);
	}

	blocksReconnection(isRemote: boolean): boolean {
		const now_ms = this.#parts.monotonic.monotonic_ms();
		for (let n = 0; n < limiterCount; n++)
			if (this.#state.has(limiterFlag.acted, n) && !this.hasServed(n, now_ms)) return true;
		return this.isLocked && !isRemote;
	}

	holdsReconnection(): boolean {
		return this.#parts.host.heldFor_s() > 0;
	}

	remotelyReconnected(): void {
		if ((this.#state.flags & (limiterFlag.locked | (3 * limiterFlag.acted))) === 0) return;
		this.#state.flags &= ~(
			limiterFlag.locked |
			(3 * (limiterFlag.acted | limiterFlag.overTold | limiterFlag.underTold))
		);
		this.#state.used = 0;
		this.#state.since_ms.fill(-1);
		this.save();
	}

	/** The lock of the day ends, not a penalty (F136). Who may not reconnect by itself leaves the rest to the button. */
	remotelyReleased(): void {
		if (!this.isLocked) return;
		const now_ms = this.#parts.monotonic.monotonic_ms();
		this.#state.set(limiterFlag.locked, 0, false);
		this.#state.used = 0;
		for (let n = 0; n < limiterCount; n++)
			if (this.maximumReconnections === 0 && this.hasServed(n, now_ms)) this.#state.set(limiterFlag.acted, n, false);
		this.save();
	}

	/** To be called at the end of each measuring interval. */
	intervalFinished(_metrology: MetrologyView, now_ms: number): void {
		const { sliding } = this.#parts;
		if (this.usedReconnections !== 0 || this.isLocked) this.lookAtDay();
		const { host } = this.#parts;
		const { isWhole } = host;
		for (let n = 0; n < limiterCount; n++) {
			this.lookAtProfile(n);
			if (isWhole || host.hasLimiter(n)) this.watch(n, now_ms);
			else this.letGo(n);
		}
		if (sliding.captured.utc_s === this.#captured_s) return;
		this.#captured_s = sliding.captured.utc_s;
		for (let n = 0; n < monitorCount; n++) this.supervise(n);
	}

	/** What runs from its receipt goes on; what has a time follows the clock. */
	clockChanged(old_s: number, new_s: number): void {
		for (let n = 0; n < limiterCount; n++) {
			if (this.settings.duration_s(n) === 0 || !this.settings.isFromReceipt(n)) continue;
			try {
				this.settings.change((settings) => settings.setStart(n, settings.start_s(n) + new_s - old_s, true));
			} catch (error) {
				if (!(error instanceof DeviceError)) throw error;
				this.#parts.host.memoryFailed();
			}
		}
		if (this.#state.flags !== 0 || this.#state.isExcessNoted(0) || this.#state.isExcessNoted(1)) this.save();
	}

	localTimeChanged(): void {}

	/** Notes how long excess and penalty last already. */
	commit(): void {
		if (this.#state.since_ms.some((since_ms) => since_ms >= 0)) this.save();
	}

	private thresholdsChanged(n: number): void {
		const now_ms = this.#parts.monotonic.monotonic_ms();
		this.excessEnded(n);
		this.#state.set(limiterFlag.overTold, n, false);
		if (this.#state.has(limiterFlag.acted, n)) {
			this.#state.since_ms[limiterCount + n] = now_ms;
			this.save();
		}
		this.log(limiterEvent.changed);
	}

	private excessEnded(n: number): void {
		this.#state.since_ms[n] = -1;
		if (this.#state.isExcessNoted(n)) this.save();
	}

	private lookAtProfile(n: number): void {
		const isActive = this.isEmergency(n);
		if (isActive === this.#state.has(limiterFlag.active, n)) return;
		this.#state.set(limiterFlag.active, n, isActive);
		this.log(isActive ? limiterEvent.emergencyStarted : limiterEvent.emergencyEnded);
		if (!isActive) this.#parts.host.emergencyEnded();
	}

	/** A limiter that is not there holds nothing back. */
	private letGo(n: number): void {
		this.excessEnded(n);
		this.#state.set(limiterFlag.overTold, n, false);
		if (!this.#state.has(limiterFlag.acted, n)) return;
		this.#state.since_ms[limiterCount + n] = -1;
		this.#state.set(limiterFlag.acted, n, false);
		this.#state.set(limiterFlag.underTold, n, false);
		this.#state.set(limiterFlag.locked, 0, false);
		this.save();
	}

	private watch(n: number, now_ms: number): void {
		const threshold = this.threshold(n);
		const hasActed = this.#state.has(limiterFlag.acted, n);
		if (!hasActed && threshold === this.settings.noLimit(n)) {
			this.excessEnded(n);
			return;
		}
		const isOver = monitoredValue(this.settings.monitored(n), this.#parts) > threshold;
		if (hasActed) this.watchUnder(n, isOver, now_ms);
		else this.watchOver(n, isOver, now_ms);
	}

	private watchOver(n: number, isOver: boolean, now_ms: number): void {
		if (!isOver) {
			this.excessEnded(n);
			this.#state.set(limiterFlag.overTold, n, false);
			return;
		}
		if (this.#state.since_ms[n]! < 0) this.#state.since_ms[n] = now_ms;
		const { settings } = this;
		const elapsed_ms = now_ms - this.#state.since_ms[n]!;
		if (elapsed_ms < settings.minimumOver_s(n) * 1000) {
			if (elapsed_ms >= noted_ms && !this.#state.isExcessNoted(n)) this.save();
			return;
		}
		if (!this.#state.has(limiterFlag.overTold, n)) this.log(limiterEvent.exceeded);
		this.#state.set(limiterFlag.overTold, n, true);
		const outcome = this.execute(settings.limiterActions(n), 0, settings.limiterClient(n));
		if (outcome === actionOutcome.notNow) return; // the relay rests: tried again a second later
		if (outcome === actionOutcome.done && settings.monitored(n) <= monitored.averageAbsolute)
			this.#parts.sliding.restart();
		this.#state.set(limiterFlag.overTold, n, false);
		this.#state.set(limiterFlag.acted, n, true);
		this.#state.set(limiterFlag.underTold, n, false);
		this.#state.since_ms[n] = -1;
		this.#state.since_ms[limiterCount + n] = now_ms;
		this.save();
	}

	private watchUnder(n: number, isOver: boolean, now_ms: number): void {
		const at = limiterCount + n;
		if (isOver) {
			// the interval in which the contacts opened still knows the load
			if (now_ms - this.#state.since_ms[at]! > interval_ms) this.#state.since_ms[at] = -1;
			return;
		}
		if (this.#state.since_ms[at]! < 0) {
			this.#state.since_ms[at] = now_ms - interval_ms;
			this.save();
		}
		if (!this.hasServed(n, now_ms) || this.isLocked) return;
		const { settings } = this;
		const actions = settings.limiterActions(n);
		const script = settings.script(actions, 1);
		const isReconnection = script !== 0 && this.#parts.host.reconnects(settings.table(actions, 1), script);
		if (!this.#state.has(limiterFlag.underTold, n)) this.log(limiterEvent.ok);
		this.#state.set(limiterFlag.underTold, n, true);
		if (isReconnection && this.usedReconnections >= this.maximumReconnections) {
			this.#state.set(limiterFlag.locked, 0, true);
			this.#state.noteDay();
			this.save();
			this.log(limiterEvent.lockedOut);
			return;
		}
		if (isReconnection && this.#parts.host.heldFor_s() > 0) return;
		if (this.execute(actions, 1, settings.limiterClient(n)) === actionOutcome.notNow) return;
		if (isReconnection) {
			this.#state.noteDay();
			this.#state.used++;
		}
		this.#state.set(limiterFlag.acted, n, false);
		this.#state.since_ms[at] = -1;
		this.save();
	}

	/** The penalty is over. */
	private hasServed(n: number, now_ms: number): boolean {
		const since_ms = this.#state.since_ms[limiterCount + n]!;
		return since_ms >= 0 && now_ms - since_ms >= this.settings.minimumUnder_s(n) * 1000;
	}

	/** Compares with the average that has just been closed. */
	private supervise(n: number): void {
		const { sliding, model } = this.#parts;
		const { settings } = this;
		if (n >= model.phases || !this.#parts.host.hasMonitor(n)) return;
		const isOver = Math.round(sliding.lastCurrent_mA(n + 1) / currentDigit_mA(model)) > settings.monitorThreshold(n);
		const isKnown = (this.#sides & (16 << n)) !== 0;
		const wasOver = (this.#sides & (1 << n)) !== 0;
		this.#sides = isOver ? this.#sides | (17 << n) : (this.#sides | (16 << n)) & ~(1 << n);
		if (!isKnown || isOver === wasOver) return;
		this.log((isOver ? limiterEvent.monitorExceeded : limiterEvent.monitorOk) + 2 * n);
		this.execute(settings.monitorActions(n), isOver ? 0 : 1, settings.monitorClient(n), true);
	}

	private execute(actions: number, which: number, client: number, callsOnce = false): number {
		const { settings } = this;
		return this.#parts.host.execute(settings.table(actions, which), settings.script(actions, which), client, callsOnce);
	}

	/** Midnight gives all reconnections back. */
	private lookAtDay(): void {
		if (this.#state.isOfToday) return;
		this.#state.noteDay();
		this.#state.used = 0;
		this.#state.set(limiterFlag.locked, 0, false);
		this.save();
	}

	private log(code: number): void {
		this.#parts.events.event(eventLog.disconnector, code);
	}

	private save(): void {
		try {
			this.#state.write();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.host.memoryFailed();
		}
	}
}

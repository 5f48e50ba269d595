// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { boundaryAfter, type LocalClock } from "../core/local-periods.js";
import { zeros } from "../core/numbers.js";
import { type EventSink, eventLog } from "../events/event-sink.js";
import type { SlidingAverages } from "../metrology/demand/sliding-averages.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Clock } from "../ports/clock.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import type { ReconnectionGuard } from "./control-outcome.js";
import { LimiterSettings, limiterCount, monitorCount, monitored } from "./limiter-settings.js";

/** How a script ended. */
export const actionOutcome = Object.freeze({ done: 0, refused: 1, notNow: 2 });

/** Runs the scripts of limiters and monitors. */
export interface LimitsHost {
	/** A `clientIndex`: whose rights the factory's actions have. */
	readonly factoryClient: number;
	/** @param client whose rights the script has @returns one of `actionOutcome` */
	execute(table: number, script: number, client: number): number;
	/** Whether a reconnection by this script is one, and not only leave for the button. */
	reconnects(table: number, script: number): boolean;
	/** Seconds for which a reconnection by itself has to wait yet (SEC-mass); 0 = none. */
	heldFor_s(): number;
	/** An emergency profile is over. */
	emergencyEnded(): void;
	memoryFailed(): void;
}

export interface LimitsParts {
	readonly model: ModelDescriptor;
	readonly clock: LocalClock & { readonly isValid: boolean };
	readonly monotonic: Clock;
	readonly parameters: RecordStore;
	readonly journal: RecordStore;
	readonly events: EventSink;
	readonly sliding: SlidingAverages;
	readonly metrology: MetrologyView;
	readonly host: LimitsHost;
}

export const limiterEvent = Object.freeze({
	exceeded: 65,
	ok: 66,
	changed: 67,
	/** + 2 · monitor */
	monitorExceeded: 70,
	monitorOk: 71,
	emergencyStarted: 237,
	emergencyEnded: 238,
	lockedOut: 242,
});

const layoutVersion = 1;
const offset = Object.freeze({ version: 0, flags: 1, maximum: 2, used: 3, day: 4, over: 8, under: 16, end: 24 });
/** Flags, the first of each for limiter 0. */
const flag = Object.freeze({ acted: 1, active: 4, overTold: 16, underTold: 64, locked: 256 });
/** In the record: the four flags that go on after a power failure, and the lock. */
const storedFlags = 15;
const storedLock = 0x80;
const secondsPerDay = 86_400;
const interval_ms = 1000;
const defaultReconnections = 10;

/**
 * Both limiters with their emergency profile (Code Red), and the supervision monitors of the phases.
 *
 * Looked at with every measuring interval. Excess and penalty are counted by the monotonic clock, and noted in UTC where they
 * have to go on after a power failure. A threshold that is the maximum of its type costs nothing.
 */
export class Limits implements ReconnectionGuard {
	readonly settings: LimiterSettings;
	readonly #parts: LimitsParts;
	readonly #state = new Uint8Array(offset.end);
	readonly #view = new DataView(this.#state.buffer);
	/** Monotonic begin of excess of each limiter, then of being under again; -1 while neither. */
	readonly #since_ms = zeros(2 * limiterCount);
	/** Sum of `flag`. */
	#flags = 0;
	/** Bit n: monitor n was above its threshold; bit 4 + n: it has been compared. */
	#sides = 0;
	#captured_s = -1;

	constructor(parts: LimitsParts) {
		this.#parts = parts;
		this.settings = new LimiterSettings(parts.parameters, parts.model, parts.host.factoryClient);
		this.#since_ms.fill(-1);
		this.restore();
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
		return this.#state[offset.maximum]!;
	}

	get usedReconnections(): number {
		return this.#state[offset.used]!;
	}

	get isLocked(): boolean {
		return (this.#flags & flag.locked) !== 0;
	}

	/** A limit is exceeded, and its tolerance time runs. */
	get isExceeded(): boolean {
		for (let n = 0; n < limiterCount; n++) if (this.#since_ms[n]! >= 0) return true;
		return false;
	}

	/** Seconds until supply is taken away, or may come back; -1 while nothing is exceeded. */
	remaining_s(): number {
		const now_ms = this.#parts.monotonic.monotonic_ms();
		for (let n = 0; n < limiterCount; n++) {
			const hasActed = this.has(flag.acted, n);
			const since_ms = this.#since_ms[hasActed ? limiterCount + n : n]!;
			if (since_ms < 0) continue;
			const { settings } = this;
			const whole_s = hasActed ? settings.minimumUnder_s(n) : settings.minimumOver_s(n);
			const remaining_s = Math.max(0, Math.ceil(whole_s - (now_ms - since_ms) / 1000));
			if (!hasActed) return remaining_s;
			return Math.max(remaining_s, this.#parts.host.heldFor_s(), this.isLocked ? this.untilMidnight_s() : 0);
		}
		return -1;
	}

	/** @throws DeviceError, with nothing changed */
	setReconnections(maximum: number, used: number, isLocked: boolean): void {
		const before = this.#state.slice();
		this.#state[offset.maximum] = maximum;
		this.#state[offset.used] = used;
		this.#view.setUint32(offset.day, this.today());
		const flags = this.#flags;
		this.set(flag.locked, 0, isLocked);
		try {
			this.write();
		} catch (error) {
			this.#state.set(before);
			this.#flags = flags;
			throw error;
		}
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
		if (!this.isInRange(n, normal) || !this.isInRange(n, emergency)) return false;
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
		for (let n = 0; n < limiterCount; n++) if (this.has(flag.acted, n) && !this.hasServed(n, now_ms)) return true;
		return this.isLocked && !isRemote;
	}

	remotelyReconnected(): void {
		if ((this.#flags & (flag.locked | (3 * flag.acted))) === 0) return;
		this.#flags &= ~(flag.locked | (3 * (flag.acted | flag.overTold | flag.underTold)));
		this.#state[offset.used] = 0;
		this.#since_ms.fill(-1);
		this.save();
	}

	/** To be called at the end of each measuring interval. */
	intervalFinished(_metrology: MetrologyView, now_ms: number): void {
		const { sliding } = this.#parts;
		if (this.usedReconnections !== 0 || this.isLocked) this.lookAtDay();
		for (let n = 0; n < limiterCount; n++) {
			this.lookAtProfile(n);
			this.watch(n, now_ms);
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
		if (this.#flags !== 0) this.save();
	}

	localTimeChanged(): void {}

	/** Notes how long excess and penalty last already. */
	commit(): void {
		if (this.#since_ms.some((since_ms) => since_ms >= 0)) this.save();
	}

	private thresholdsChanged(n: number): void {
		const now_ms = this.#parts.monotonic.monotonic_ms();
		this.#since_ms[n] = -1;
		this.set(flag.overTold, n, false);
		if (this.has(flag.acted, n)) {
			this.#since_ms[limiterCount + n] = now_ms;
			this.save();
		}
		this.log(limiterEvent.changed);
	}

	private isInRange(n: number, threshold: number): boolean {
		const { model } = this.#parts;
		if (threshold === this.settings.noLimit(n)) return true;
		const { maximumCurrent_mA, nominalVoltage_V, phases } = model;
		const greatest = this.settings.isCurrent(n)
			? maximumCurrent_mA / this.perDigit()
			: (maximumCurrent_mA / 1000) * nominalVoltage_V * phases;
		return threshold <= greatest;
	}

	/** mA of one digit of a current. */
	private perDigit(): number {
		return 10 ** (3 + this.#parts.model.currentScaler);
	}

	private value(n: number): number {
		const { sliding, metrology, model } = this.#parts;
		const which = this.settings.monitored(n);
		if (which === monitored.averageImport) return sliding.power_W(1);
		if (which === monitored.averageAbsolute) return sliding.power_W(15);
		if (which === monitored.import) return Math.round(metrology.power_mW(1) / 1000);
		let current_mA = 0;
		for (let phase = 1; phase <= model.phases; phase++)
			if (which === monitored.currentSum || which === monitored.current + phase - 1)
				current_mA += metrology.current_mA(phase);
		return Math.round(current_mA / this.perDigit());
	}

	private lookAtProfile(n: number): void {
		const isActive = this.isEmergency(n);
		if (isActive === this.has(flag.active, n)) return;
		this.set(flag.active, n, isActive);
		this.log(isActive ? limiterEvent.emergencyStarted : limiterEvent.emergencyEnded);
		if (!isActive) this.#parts.host.emergencyEnded();
	}

	private watch(n: number, now_ms: number): void {
		const threshold = this.threshold(n);
		const hasActed = this.has(flag.acted, n);
		if (!hasActed && threshold === this.settings.noLimit(n)) {
			this.#since_ms[n] = -1;
			return;
		}
		const isOver = this.value(n) > threshold;
		if (hasActed) this.watchUnder(n, isOver, now_ms);
		else this.watchOver(n, isOver, now_ms);
	}

	private watchOver(n: number, isOver: boolean, now_ms: number): void {
		if (!isOver) {
			this.#since_ms[n] = -1;
			this.set(flag.overTold, n, false);
			return;
		}
		if (this.#since_ms[n]! < 0) this.#since_ms[n] = now_ms;
		const { settings } = this;
		if (now_ms - this.#since_ms[n]! < settings.minimumOver_s(n) * 1000) return;
		if (!this.has(flag.overTold, n)) this.log(limiterEvent.exceeded);
		this.set(flag.overTold, n, true);
		const outcome = this.execute(settings.limiterActions(n), 0, settings.limiterClient(n));
		if (outcome === actionOutcome.notNow) return; // the relay rests: tried again a second later
		if (outcome === actionOutcome.done && settings.monitored(n) <= monitored.averageAbsolute)
			this.#parts.sliding.restart();
		this.set(flag.overTold, n, false);
		this.set(flag.acted, n, true);
		this.set(flag.underTold, n, false);
		this.#since_ms[n] = -1;
		this.#since_ms[limiterCount + n] = now_ms;
		this.save();
	}

	private watchUnder(n: number, isOver: boolean, now_ms: number): void {
		const at = limiterCount + n;
		if (isOver) {
			// the interval in which the contacts opened still knows the load
			if (now_ms - this.#since_ms[at]! > interval_ms) this.#since_ms[at] = -1;
			return;
		}
		if (this.#since_ms[at]! < 0) {
			this.#since_ms[at] = now_ms - interval_ms;
			this.save();
		}
		if (!this.hasServed(n, now_ms) || this.isLocked) return;
		const { settings } = this;
		const actions = settings.limiterActions(n);
		const script = settings.script(actions, 1);
		const isReconnection = script !== 0 && this.#parts.host.reconnects(settings.table(actions, 1), script);
		if (!this.has(flag.underTold, n)) this.log(limiterEvent.ok);
		this.set(flag.underTold, n, true);
		if (isReconnection && this.usedReconnections >= this.maximumReconnections) {
			this.set(flag.locked, 0, true);
			this.#view.setUint32(offset.day, this.today());
			this.save();
			this.log(limiterEvent.lockedOut);
			return;
		}
		if (isReconnection && this.#parts.host.heldFor_s() > 0) return;
		if (this.execute(actions, 1, settings.limiterClient(n)) === actionOutcome.notNow) return;
		if (isReconnection) {
			this.#view.setUint32(offset.day, this.today());
			this.#state[offset.used]!++;
		}
		this.set(flag.acted, n, false);
		this.#since_ms[at] = -1;
		this.save();
	}

	/** The penalty is over. */
	private hasServed(n: number, now_ms: number): boolean {
		const since_ms = this.#since_ms[limiterCount + n]!;
		return since_ms >= 0 && now_ms - since_ms >= this.settings.minimumUnder_s(n) * 1000;
	}

	/** Compares with the average that has just been closed. */
	private supervise(n: number): void {
		const { sliding, model } = this.#parts;
		const { settings } = this;
		if (n >= model.phases) return;
		const isOver = Math.round(sliding.lastCurrent_mA(n + 1) / this.perDigit()) > settings.monitorThreshold(n);
		const isKnown = (this.#sides & (16 << n)) !== 0;
		const wasOver = (this.#sides & (1 << n)) !== 0;
		this.#sides = isOver ? this.#sides | (17 << n) : (this.#sides | (16 << n)) & ~(1 << n);
		if (!isKnown || isOver === wasOver) return;
		this.log((isOver ? limiterEvent.monitorExceeded : limiterEvent.monitorOk) + 2 * n);
		this.execute(settings.monitorActions(n), isOver ? 0 : 1, settings.monitorClient(n));
	}

	private execute(actions: number, which: number, client: number): number {
		const { settings } = this;
		return this.#parts.host.execute(settings.table(actions, which), settings.script(actions, which), client);
	}

	/** Midnight gives all reconnections back. */
	private lookAtDay(): void {
		if (this.today() === this.#view.getUint32(offset.day)) return;
		this.#view.setUint32(offset.day, this.today());
		this.#state[offset.used] = 0;
		this.set(flag.locked, 0, false);
		this.save();
	}

	private untilMidnight_s(): number {
		const { clock } = this.#parts;
		const now_s = clock.utc_s();
		return boundaryAfter(clock, now_s, secondsPerDay) - now_s;
	}

	private today(): number {
		const { clock } = this.#parts;
		return Math.floor(clock.local_s(clock.utc_s()) / secondsPerDay);
	}

	private has(which: number, n: number): boolean {
		return (this.#flags & (which << n)) !== 0;
	}

	private set(which: number, n: number, isSet: boolean): void {
		this.#flags = isSet ? this.#flags | (which << n) : this.#flags & ~(which << n);
	}

	private log(code: number): void {
		this.#parts.events.event(eventLog.disconnector, code);
	}

	private save(): void {
		try {
			this.write();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.host.memoryFailed();
		}
	}

	private write(): void {
		const { clock, monotonic } = this.#parts;
		const view = this.#view;
		this.#state[offset.version] = layoutVersion;
		this.#state[offset.flags] = (this.#flags & storedFlags) | (this.isLocked ? storedLock : 0);
		const now_s = clock.utc_s();
		const now_ms = monotonic.monotonic_ms();
		for (let n = 0; n < this.#since_ms.length; n++) {
			const since_ms = this.#since_ms[n]!;
			view.setUint32(offset.over + 4 * n, since_ms < 0 ? 0 : now_s - Math.round((now_ms - since_ms) / 1000));
		}
		this.#parts.journal.write(recordKey.limiterState, this.#state);
	}

	private restore(): void {
		const { clock, monotonic, journal } = this.#parts;
		const state = this.#state;
		if (journal.read(recordKey.limiterState, state) !== offset.end || state[offset.version] !== layoutVersion) {
			state.fill(0);
			state[offset.maximum] = defaultReconnections;
			return;
		}
		const flags = state[offset.flags]!;
		this.#flags = (flags & storedFlags) | ((flags & storedLock) !== 0 ? flag.locked : 0);
		const now_s = clock.utc_s();
		const now_ms = monotonic.monotonic_ms();
		for (let n = 0; n < this.#since_ms.length; n++) {
			const since_s = this.#view.getUint32(offset.over + 4 * n);
			if (since_s !== 0) this.#since_ms[n] = now_ms - Math.max(0, now_s - since_s) * 1000;
		}
	}
}

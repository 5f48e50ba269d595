// SPDX-License-Identifier: Apache-2.0

import { controlOutcome, keptOrderPeriod_ms, noOrder, type ReconnectionGuard } from "../control/control-outcome.js";
import {
	controlState,
	controlTrigger,
	findTransition,
	highestControlMode,
	isRemote,
	leadsInto,
	reconnects,
} from "../control/disconnect-transitions.js";
import { buttonPeriod_ms, LongPress, press } from "../control/long-press.js";
import { DeviceError } from "../core/device-error.js";
import { zeros } from "../core/numbers.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { eventLog } from "../events/event-sink.js";
import { housingSignal } from "../ports/housing.js";
import { firstRelayLine, relayCount } from "../ports/io-pins.js";
import type { IoParts } from "./io-parts.js";
import { afterPowerCut, orderOctet, relayFunction } from "./relay-order.js";
import { RelayRecord, relayFlag, relayOctet } from "./relay-record.js";

/** Codes of the disconnector log for relay 1 by `controlTrigger`, 0 for none; the next relays have the next codes. */
const eventOfTrigger: readonly number[] = Object.freeze([224, 227, 230, 233, 230, 233]);

/** Code of the disconnector log for a trigger of relay n (0-based). */
export function relayEvent(trigger: number, n: number): number {
	return eventOfTrigger[trigger]! + n;
}

const relayDoesNotFollow = 244;

/** Contacts have settled after so long; once they are tried again, and looked at later. */
const check_ms = 200;
const secondCheck_ms = 1000;
const attempts = 2;

/** Per relay: when it was moved last, when its contacts are looked at. */
const time = Object.freeze({ moved: 0, check: 1, count: 2 });

/**
 * The auxiliary relays. One of load control has the state machine of class 70; what the others show is asked of them by
 * `show`. All rest between two moves, and are looked at after each: one that does not follow is tried once more, and is an
 * event then.
 */
export class LoadRelays implements Task {
	deadline_ms = Infinity;
	guard: ReconnectionGuard | undefined;
	readonly #parts: IoParts;
	readonly #record: RelayRecord;
	readonly #times_ms = zeros(relayCount * time.count);
	readonly #button = new LongPress();
	/** Bit n: function control has taken relay n away. */
	#off = 0;

	constructor(parts: IoParts) {
		this.#parts = parts;
		this.#record = new RelayRecord(parts);
		for (let n = 0; n < relayCount; n++) {
			this.#times_ms[time.count * n + time.moved] = -Infinity;
			this.#times_ms[time.count * n + time.check] = Infinity;
			if (this.isFitted(n)) this.start(n);
		}
		parts.lines.refresh();
		this.schedule();
	}

	get priority(): number {
		return taskPriority.control;
	}

	/** @param n 0-based */
	isFitted(n: number): boolean {
		return this.#record.isFitted(n);
	}

	/** output_state: as the contacts say, or as it was told while they do not. */
	isClosed(n: number): boolean {
		return this.#parts.lines.isRelayClosed(n) ?? this.#parts.lines.isDriven(firstRelayLine + n);
	}

	/** One of `controlState`. */
	state(n: number): number {
		if (this.isControlled(n)) return this.#record.get(n, relayOctet.state);
		return this.isClosed(n) ? controlState.connected : controlState.disconnected;
	}

	mode(n: number): number {
		return this.#record.get(n, relayOctet.mode);
	}

	/** It is one of load control, which obeys commands. */
	isControlled(n: number): boolean {
		return this.#record.ordered(n, orderOctet.function) === relayFunction.loadControl;
	}

	/** As `SupplyControl.reconnectsByItself`. */
	reconnectsByItself(n: number): boolean {
		const { readyForReconnection } = controlState;
		return findTransition(this.mode(n), readyForReconnection, controlTrigger.localReconnect) !== undefined;
	}

	/**
	 * @param trigger one of `controlTrigger`
	 * @returns one of `controlOutcome`. @throws DeviceError, with nothing changed
	 */
	command(n: number, trigger: number): number {
		return isRemote(trigger) ? this.commandInstead(n, trigger) : this.obey(n, trigger);
	}

	/**
	 * The same by somebody who cannot give it again: a schedule, calendar or monitor. What cannot be done now is kept, over power
	 * failure too, and done when the relay may move; a later order or remote command takes its place.
	 */
	order(n: number, trigger: number): number {
		const outcome = this.commandInstead(n, trigger);
		if (outcome !== controlOutcome.notNow) return outcome;
		this.#record.change(n, () => this.#record.keep(n, trigger + 1));
		this.schedule();
		return controlOutcome.success;
	}

	/** A command in place of the order that is kept, if it is accepted. */
	private commandInstead(n: number, trigger: number): number {
		const kept = this.#record.kept(n);
		if (kept === noOrder) return this.obey(n, trigger);
		const state = this.#record.get(n, relayOctet.state);
		let isAccepted = false;
		this.#record.keep(n, noOrder);
		try {
			const outcome = this.obey(n, trigger);
			// what has changed the state has stored it
			if (outcome === controlOutcome.success && this.#record.get(n, relayOctet.state) === state) this.#record.save();
			isAccepted = outcome === controlOutcome.success;
			return outcome;
		} finally {
			if (!isAccepted) this.#record.keep(n, kept);
		}
	}

	/** The order that is kept, as soon as it can be done; one that the control mode does not know any more is dropped. */
	private carryOut(n: number): void {
		const kept = this.#record.kept(n);
		const isOff = this.isOff(n);
		if (kept === noOrder || (!this.isRested(n) && !isOff)) return;
		const trigger = kept - 1;
		if (!isOff && reconnects(trigger) && this.guard?.holdsReconnection() === true) return;
		try {
			if (!isOff && this.commandInstead(n, trigger) !== controlOutcome.refused) return;
			this.#record.change(n, () => this.#record.keep(n, noOrder));
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed(); // tried again a second later
		}
	}

	private obey(n: number, trigger: number): number {
		if (!this.isFitted(n) || !this.isControlled(n)) return controlOutcome.refused;
		if (!this.isRested(n)) return controlOutcome.notNow;
		const state = this.#record.get(n, relayOctet.state);
		const mode = this.mode(n);
		const transition = findTransition(mode, state, trigger);
		if (transition === undefined) {
			if (leadsInto(mode, state, trigger)) {
				this.release(n, trigger);
				return controlOutcome.success;
			}
			// where the meter does not reconnect, it leaves that to the button
			const isLeave = trigger === controlTrigger.localReconnect && state === controlState.readyForReconnection;
			return isLeave ? controlOutcome.success : controlOutcome.refused;
		}
		const { to } = transition;
		if (to === controlState.connected) {
			if (this.isHeldBack(n, isRemote(trigger))) return controlOutcome.notNow;
			this.close(n, relayEvent(trigger, n), isRemote(trigger));
		} else if (state === controlState.connected) {
			this.move(n, to, relayEvent(trigger, n), trigger === controlTrigger.localDisconnect);
		} else {
			this.#record.change(n, () => this.#record.put(n, relayOctet.state, to));
			if (to === controlState.disconnected) this.log(relayEvent(trigger, n));
			this.release(n, trigger);
		}
		this.schedule();
		return controlOutcome.success;
	}

	/** @returns as `command`. @throws DeviceError, with nothing changed */
	setMode(n: number, mode: number): number {
		if (mode > highestControlMode || !this.isControlled(n)) return controlOutcome.refused;
		const mustClose = mode === 0 && this.#record.get(n, relayOctet.state) !== controlState.connected;
		if (mustClose && (!this.isRested(n) || this.isHeldBack(n, true))) return controlOutcome.notNow;
		const before = this.mode(n);
		const kept = this.#record.kept(n);
		this.#record.put(n, relayOctet.mode, mode);
		try {
			if (mustClose) {
				this.#record.keep(n, noOrder);
				this.close(n, relayEvent(controlTrigger.remoteReconnect, n), true);
			} else this.#record.save();
		} catch (error) {
			this.#record.put(n, relayOctet.mode, before);
			this.#record.keep(n, kept);
			throw error;
		}
		this.schedule();
		return controlOutcome.success;
	}

	/** As `SupplyControl.setOff`. */
	setOff(n: number, isOff: boolean): void {
		if (isOff === this.isOff(n)) return;
		this.#off ^= 1 << n;
		this.#button.served();
		this.carryOut(n);
		this.schedule();
	}

	/** What the relays that are not of load control have to show; to be called every now and then. */
	show(): void {
		const { host } = this.#parts;
		for (let n = 0; n < relayCount; n++) {
			const wanted = this.#record.ordered(n, orderOctet.function);
			if (wanted === relayFunction.loadControl || !this.isFitted(n)) continue;
			let isOn = host.isLimitExceeded;
			if (wanted === relayFunction.tariff) isOn = host.energyRate !== 1;
			else if (wanted === relayFunction.alarm) isOn = host.isAlarmed;
			if (isOn === this.#parts.lines.isDriven(firstRelayLine + n) || !this.isRested(n)) continue;
			this.drive(n, isOn);
			this.schedule();
		}
	}

	run(now_ms: number): void {
		for (let n = 0; n < relayCount; n++)
			if (now_ms >= this.#times_ms[time.count * n + time.check]!) this.check(n, now_ms);
		for (let n = 0; n < relayCount; n++) this.carryOut(n);
		if (this.usesButton()) this.lookAtButton(now_ms);
		this.schedule();
	}

	/** A start: a relay of load control does what was ordered for it, the others are told a second later. */
	private start(n: number): void {
		if (!this.isControlled(n)) return;
		const order = this.#record.ordered(n, orderOctet.afterPowerCut);
		const state = this.#record.get(n, relayOctet.state);
		if (order === afterPowerCut.open && state === controlState.connected)
			this.#record.put(n, relayOctet.state, controlState.disconnected);
		// one that the meter has opened for a reason stays so
		const isFree = !this.#record.has(n, relayFlag.local);
		if (order === afterPowerCut.closed && isFree) this.#record.put(n, relayOctet.state, controlState.connected);
		this.drive(n, this.#record.get(n, relayOctet.state) === controlState.connected);
		this.#times_ms[time.count * n + time.moved] = -Infinity; // nothing of before the start is known
	}

	private close(n: number, event: number, isByClient: boolean): void {
		const wasLocal = this.#record.has(n, relayFlag.local);
		this.move(n, controlState.connected, event, false);
		if (isByClient && wasLocal) this.guard?.remotelyReconnected();
	}

	/** As `SupplyControl.release`, of what the meter has opened itself. */
	private release(n: number, trigger: number): void {
		const isOurs = trigger === controlTrigger.remoteReconnect && this.#record.has(n, relayFlag.local);
		if (isOurs) this.guard?.remotelyReleased();
	}

	/** Stores what is to be, then does it. */
	private move(n: number, to: number, event: number, isLocal: boolean): void {
		this.#record.change(n, () => {
			this.#record.put(n, relayOctet.before, this.#record.get(n, relayOctet.state));
			this.#record.put(n, relayOctet.state, to);
			this.#record.put(n, relayOctet.event, event);
			this.#record.set(n, relayFlag.local, isLocal);
		});
		this.drive(n, to === controlState.connected);
	}

	private drive(n: number, isOn: boolean): void {
		const now_ms = this.#parts.clock.monotonic_ms();
		this.#parts.lines.drive(firstRelayLine + n, isOn);
		this.#record.setAttempts(n, 1);
		this.#times_ms[time.count * n + time.moved] = now_ms;
		this.#times_ms[time.count * n + time.check] = now_ms + check_ms;
	}

	/** Whether the contacts have followed. */
	private check(n: number, now_ms: number): void {
		const at = time.count * n + time.check;
		const isOn = this.#parts.lines.isDriven(firstRelayLine + n);
		this.#times_ms[at] = Infinity;
		const event = this.#record.get(n, relayOctet.event);
		if (this.#parts.lines.isRelayClosed(n) === isOn) {
			if (event === 0 && !this.#record.has(n, relayFlag.failed)) return;
			this.#record.put(n, relayOctet.event, 0);
			this.#record.set(n, relayFlag.failed, false);
			this.#record.trySave();
			if (event !== 0) this.log(event);
			return;
		}
		const done = this.#record.attempts(n);
		if (done < attempts) {
			this.#record.setAttempts(n, done + 1);
			this.#parts.lines.refresh();
			this.#times_ms[at] = now_ms + secondCheck_ms;
			return;
		}
		// contacts that do not close leave the state as it was, those that do not open are out of what was asked for
		if (event !== 0 && isOn) {
			this.#record.put(n, relayOctet.state, this.#record.get(n, relayOctet.before));
			this.#parts.lines.drive(firstRelayLine + n, false);
		}
		const wasFailed = this.#record.has(n, relayFlag.failed);
		this.#record.put(n, relayOctet.event, 0);
		this.#record.set(n, relayFlag.failed, true);
		this.#record.trySave();
		if (!wasFailed || event !== 0) this.log(relayDoesNotFollow + n);
	}

	private lookAtButton(now_ms: number): void {
		const { housing } = this.#parts;
		const found = this.#button.look((housing.signals() & housingSignal.serviceButton) !== 0, now_ms);
		if (found === press.nothing) return;
		const trigger = found === press.held ? controlTrigger.manualReconnect : controlTrigger.manualDisconnect;
		for (let n = 0; n < relayCount; n++) {
			if (
				!this.isFitted(n) ||
				this.isOff(n) ||
				findTransition(this.mode(n), this.#record.get(n, relayOctet.state), trigger) === undefined
			)
				continue;
			// held on, it closes as soon as nothing forbids it any more; then this press is over
			if (this.tryCommand(n, trigger) !== controlOutcome.notNow) this.#button.served();
		}
	}

	private tryCommand(n: number, trigger: number): number {
		try {
			return this.command(n, trigger);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed();
			return controlOutcome.refused;
		}
	}

	private usesButton(): boolean {
		for (let n = 0; n < relayCount; n++) {
			if (!this.isFitted(n) || !this.isControlled(n) || this.isOff(n)) continue;
			const state = this.#record.get(n, relayOctet.state);
			const trigger =
				state === controlState.connected ? controlTrigger.manualDisconnect : controlTrigger.manualReconnect;
			if (findTransition(this.mode(n), state, trigger) !== undefined) return true;
		}
		return false;
	}

	private isOff(n: number): boolean {
		return ((this.#off >> n) & 1) !== 0;
	}

	private isRested(n: number): boolean {
		const now_ms = this.#parts.clock.monotonic_ms();
		if (this.#times_ms[time.count * n + time.check]! !== Infinity) return false;
		const isClosed = this.#parts.lines.isDriven(firstRelayLine + n);
		const rest_ms = this.#record.ordered(n, isClosed ? orderOctet.minimumOn : orderOctet.minimumOff) * 1000;
		return now_ms - this.#times_ms[time.count * n + time.moved]! >= rest_ms;
	}

	private isHeldBack(n: number, isByClient: boolean): boolean {
		return this.#record.has(n, relayFlag.local) && this.guard?.blocksReconnection(isByClient) === true;
	}

	private log(code: number): void {
		this.#parts.events.event(eventLog.disconnector, code);
	}

	private schedule(): void {
		let next_ms = this.usesButton() ? this.#parts.clock.monotonic_ms() + buttonPeriod_ms : Infinity;
		for (let n = 0; n < relayCount; n++) {
			next_ms = Math.min(next_ms, this.#times_ms[time.count * n + time.check]!);
			if (this.#record.kept(n) === noOrder) continue;
			next_ms = Math.min(next_ms, this.#parts.clock.monotonic_ms() + keptOrderPeriod_ms);
		}
		this.deadline_ms = next_ms;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { type EventSink, eventLog } from "../events/event-sink.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Clock } from "../ports/clock.js";
import { type Housing, housingSignal } from "../ports/housing.js";
import { coil, type SupplySwitch } from "../ports/supply-switch.js";
import type { RecordStore } from "../storage/record-store.js";
import { controlOutcome, type ReconnectionGuard } from "./control-outcome.js";
import {
	controlState,
	controlTrigger,
	findTransition,
	highestControlMode,
	leadsInto,
} from "./disconnect-transitions.js";
import { buttonPeriod_ms, LongPress, press } from "./long-press.js";
import { SwitchContacts } from "./switch-contacts.js";
import { pendingMove, ratedOperations, SwitchRecord, warningOperations } from "./switch-record.js";

export interface SupplyControlParts {
	readonly model: ModelDescriptor;
	readonly relay: SupplySwitch;
	readonly clock: Clock;
	readonly journal: RecordStore;
	readonly events: EventSink & { memoryFailed(): void };
	readonly metrology: MetrologyView;
	readonly housing: Housing;
}

/** Codes of the disconnector log, by `controlTrigger`. */
const eventOfTrigger: readonly number[] = Object.freeze([62, 63, 60, 61, 64, 69]);
export const switchEvent = Object.freeze({
	ready: 59,
	localDisconnection: 64,
	failure: 68,
	endurance: 243,
	fraud: 233,
});

/** Times of the reference relay, milliseconds. */
const pulse_ms = 100;
const firstCheck_ms = 200;
const secondCheck_ms = 1000;
const retry_ms = 1000;
const retries = 3;
const restBetweenOperations_ms = 10_000;
/** A contact is not opened above Imax; it waits for so long. */
const postponement_ms = 60_000;
const supervisionPeriod_ms = 1000;
/** Seconds of current above the starting current through contacts that say they are open. */
const leakLimit = 5;

const step = Object.freeze({ idle: 0, postponed: 1, pulse: 2, firstCheck: 3, secondCheck: 4, retry: 5 });

/**
 * The supply switch of the meter: state machine of class 70, the bistable relay below it, and the button.
 *
 * What is to be done is stored before the coil is energised and the result after the contacts were seen, so that a start
 * finds either of them. At a start, contacts that should be open are opened, once; contacts that should be closed are left
 * alone. Commands are done at once or refused, none is kept for later.
 */
export class SupplyControl implements Task {
	readonly priority: number = taskPriority.control;
	deadline_ms = 0;
	guard: ReconnectionGuard | undefined;
	readonly record: SwitchRecord;
	readonly #parts: SupplyControlParts;
	readonly #contacts: SwitchContacts;
	#step: number = step.idle;
	#stepAt_ms = 0;
	#attempts = 0;
	#lastOperation_ms = Number.NEGATIVE_INFINITY;
	readonly #button = new LongPress();
	#leak_s = 0;
	/** A disconnection for fraud waits for the relay. */
	#isFraudOwed = false;

	constructor(parts: SupplyControlParts) {
		this.#parts = parts;
		this.#contacts = new SwitchContacts(parts.relay, parts.model.phases);
		this.record = new SwitchRecord(parts.journal);
		if (this.record.isCounterCorrupt) this.log(switchEvent.endurance);
		this.recover();
	}

	/** output_state: any pole is closed. */
	get isConnected(): boolean {
		return this.sense() !== 0;
	}

	/** The switch is open, and there is voltage behind it; undefined while it moves, or its part does not answer. */
	get isLoadSideFed(): boolean | undefined {
		if (this.record.state === controlState.connected) return false;
		if (this.isBusy) return undefined;
		return this.#contacts.isLoadSideFed();
	}

	/** The coil that is energised now, one of `coil`. */
	get coil(): number {
		if (this.#step !== step.pulse) return coil.none;
		return this.record.move === pendingMove.open ? coil.open : coil.close;
	}

	/** One of `controlState`. */
	get state(): number {
		return this.record.state;
	}

	/** In this control mode a local reconnection closes the switch; in others it only frees the button. */
	get reconnectsByItself(): boolean {
		return (
			findTransition(this.record.mode, controlState.readyForReconnection, controlTrigger.localReconnect) !== undefined
		);
	}

	get isBusy(): boolean {
		return this.#step !== step.idle;
	}

	/** @param trigger one of `controlTrigger` @returns one of `controlOutcome`. @throws DeviceError, with nothing changed */
	command(trigger: number): number {
		const { state, mode } = this.record;
		const isRemote = trigger === controlTrigger.remoteDisconnect || trigger === controlTrigger.remoteReconnect;
		if (!this.isReady()) return controlOutcome.notNow;
		const transition = findTransition(mode, state, trigger);
		if (transition === undefined) {
			if (leadsInto(mode, state, trigger)) return controlOutcome.success;
			if (trigger !== controlTrigger.localReconnect || state !== controlState.readyForReconnection)
				return controlOutcome.refused;
			this.log(switchEvent.ready);
			return controlOutcome.success;
		}
		const { to } = transition;
		if (to === controlState.connected) {
			if (this.guard?.blocksReconnection(isRemote)) return controlOutcome.notNow;
			return this.close(to, eventOfTrigger[trigger]!, isRemote);
		}
		if (state === controlState.connected) this.begin(pendingMove.open, to, eventOfTrigger[trigger]!);
		else {
			this.record.change((record) => {
				record.state = to;
			});
			this.log(to === controlState.readyForReconnection ? switchEvent.ready : eventOfTrigger[trigger]!);
			this.schedule(this.now_ms());
		}
		return controlOutcome.success;
	}

	/**
	 * Fraud of a cause (bit of the mask 0-0:96.50.2) was found: disconnects, as soon as the relay has rested, so that only a
	 * client reconnects.
	 * @returns true when it does
	 */
	fraudDetected(cause: number): boolean {
		const { fraudMask, state } = this.record;
		if (((fraudMask >> (15 - cause)) & 1) === 0 || state === controlState.disconnected) return false;
		this.#isFraudOwed = true;
		this.deadline_ms = this.now_ms();
		return true;
	}

	/** @returns as `command`. @throws DeviceError, with nothing changed */
	setMode(mode: number): number {
		if (mode > highestControlMode) return controlOutcome.refused;
		const mustClose = mode === 0 && this.record.state !== controlState.connected;
		if (mustClose && (!this.isReady() || this.guard?.blocksReconnection(true))) return controlOutcome.notNow;
		if (mustClose && this.#contacts.loadVoltages() !== 0) return controlOutcome.refused;
		const before = this.record.mode;
		this.record.change((record) => {
			record.mode = mode;
		});
		if (!mustClose) {
			this.schedule(this.now_ms());
			return controlOutcome.success;
		}
		try {
			return this.close(controlState.connected, eventOfTrigger[controlTrigger.remoteReconnect]!, true);
		} catch (error) {
			this.record.mode = before;
			this.record.save();
			throw error;
		}
	}

	setFraudMask(mask: number): void {
		this.record.change((record) => {
			record.fraudMask = mask;
		});
	}

	/** A technician has used the button's leave: letting it go means nothing any more. */
	buttonServed(): void {
		this.#button.served();
	}

	/** The button may have been pressed or let go. */
	housingChanged(now_ms: number): void {
		if (this.#step === step.idle) this.deadline_ms = now_ms;
	}

	run(now_ms: number): void {
		if (this.#step !== step.idle && now_ms >= this.#stepAt_ms) this.advance(now_ms);
		if (this.#isFraudOwed && this.isReady()) this.disconnectForFraud();
		if (this.#step === step.idle) {
			this.lookAtButton(now_ms);
			if (this.record.state !== controlState.connected) this.supervise(now_ms);
		}
		this.schedule(now_ms);
	}

	private disconnectForFraud(): void {
		this.#isFraudOwed = false;
		const { record } = this;
		try {
			if (record.state === controlState.connected) {
				this.begin(pendingMove.open, controlState.disconnected, switchEvent.localDisconnection);
			} else if (record.state === controlState.readyForReconnection) {
				record.change((changed) => {
					changed.state = controlState.disconnected;
				});
				this.log(switchEvent.localDisconnection);
			} else return;
			this.#parts.events.event(eventLog.fraud, switchEvent.fraud);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#isFraudOwed = true; // tried again a second later
			this.#parts.events.memoryFailed();
		}
	}

	private isReady(): boolean {
		return this.#step === step.idle && this.now_ms() - this.#lastOperation_ms >= restBetweenOperations_ms;
	}

	private close(to: number, event: number, isRemote: boolean): number {
		if (this.#contacts.loadVoltages() !== 0 && this.sense() === 0) return controlOutcome.refused;
		this.begin(pendingMove.close, to, event);
		if (isRemote) this.guard?.remotelyReconnected();
		return controlOutcome.success;
	}

	/** Notes what is to be done, and does it unless the current forbids. */
	private begin(move: number, target: number, event: number): void {
		const now_ms = this.now_ms();
		this.record.change((record) => {
			record.setMove(move, target, event);
			record.operations++;
		});
		const { operations } = this.record;
		if (operations === warningOperations || operations === ratedOperations) this.log(switchEvent.endurance);
		this.#attempts = 0;
		this.#lastOperation_ms = now_ms;
		if (move === pendingMove.open && this.isOverloaded()) {
			this.#step = step.postponed;
			this.#stepAt_ms = now_ms;
		} else this.pulse(now_ms);
		this.schedule(now_ms);
	}

	private pulse(now_ms: number): void {
		this.#attempts++;
		this.#contacts.drive(this.record.move === pendingMove.open ? coil.open : coil.close);
		this.next(step.pulse, now_ms + pulse_ms);
	}

	/** The time of a step has come. */
	private advance(now_ms: number): void {
		switch (this.#step) {
			case step.postponed:
				if (!this.isOverloaded()) {
					this.#lastOperation_ms = now_ms;
					this.pulse(now_ms);
				} else if (now_ms - this.#lastOperation_ms >= postponement_ms) this.abandon();
				else this.next(step.postponed, now_ms + supervisionPeriod_ms);
				return;
			case step.pulse:
				this.#contacts.drive(coil.none);
				this.next(step.firstCheck, now_ms + firstCheck_ms);
				return;
			case step.firstCheck:
				if (this.hasMoved()) this.next(step.secondCheck, now_ms + secondCheck_ms - firstCheck_ms);
				else this.next(step.retry, now_ms + retry_ms);
				return;
			case step.secondCheck:
				if (this.hasMoved()) this.confirm();
				else this.next(step.retry, now_ms + retry_ms);
				return;
			default:
				if (this.#attempts <= retries) this.pulse(now_ms);
				else this.fail();
		}
	}

	private next(following: number, at_ms: number): void {
		this.#step = following;
		this.#stepAt_ms = at_ms;
	}

	private confirm(): void {
		const { record } = this;
		const { event } = record;
		record.state = record.target;
		record.hasFailed = false;
		this.end();
		this.log(event);
	}

	/** Contacts that will not open: the state is what was asked for, with a failure; those that will not close stay as they are. */
	private fail(): void {
		const { record } = this;
		if (record.move === pendingMove.open) record.state = record.target;
		record.hasFailed = true;
		this.end();
		this.log(switchEvent.failure);
	}

	/** Nothing was done: the current has been too high all the time. */
	private abandon(): void {
		this.end();
		this.log(switchEvent.failure);
	}

	private end(): void {
		this.record.setMove(pendingMove.none, 0, 0);
		this.#step = step.idle;
		this.#leak_s = 0;
		this.save();
	}

	/** A start: the contacts have kept their position, whatever was going on. */
	private recover(): void {
		const { record } = this;
		const { move } = record;
		const everyPole = this.#contacts.everyPole;
		const closed = this.sense();
		if (move === pendingMove.close) {
			if (closed === everyPole) this.confirm();
			else this.fail();
		} else if (move === pendingMove.open && closed === 0) this.confirm();
		else if (move === pendingMove.open || (record.state !== controlState.connected && closed !== 0)) {
			// no retries: a stored "disconnected" is enforced once
			if (move === pendingMove.none) record.setMove(pendingMove.open, record.state, switchEvent.localDisconnection);
			this.#attempts = retries;
			this.pulse(this.now_ms());
		} else if (record.state === controlState.connected && closed === 0) {
			record.state = controlState.readyForReconnection;
			record.hasFailed = true;
			this.end();
			this.log(switchEvent.failure);
		}
	}

	private lookAtButton(now_ms: number): void {
		const { state, mode } = this.record;
		const found = this.#button.look(this.isButtonHeld(), now_ms);
		if (found === press.released && state === controlState.connected) this.try(controlTrigger.manualDisconnect);
		if (found !== press.held || state === controlState.connected) return;
		if (findTransition(mode, state, controlTrigger.manualReconnect) === undefined) return;
		// held on, it closes as soon as nothing forbids it any more; then this press is over
		if (this.try(controlTrigger.manualReconnect) !== controlOutcome.notNow) this.#button.served();
	}

	private try(trigger: number): number {
		try {
			return this.command(trigger);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed();
			return controlOutcome.refused;
		}
	}

	/** Contacts that say they are open, and something flows. */
	private supervise(now_ms: number): void {
		if (now_ms < this.#stepAt_ms) return;
		this.#stepAt_ms = now_ms + supervisionPeriod_ms;
		const { metrology, model } = this.#parts;
		let isFlowing = false;
		for (let phase = 1; phase <= model.phases; phase++)
			if (metrology.current_mA(phase) > model.startingCurrent_mA) isFlowing = true;
		this.#leak_s = isFlowing ? this.#leak_s + 1 : 0;
		if (this.#leak_s <= leakLimit || this.record.hasFailed) return;
		this.record.hasFailed = true;
		this.save();
		this.log(switchEvent.failure);
	}

	private isOverloaded(): boolean {
		const { metrology, model } = this.#parts;
		for (let phase = 1; phase <= model.phases; phase++)
			if (metrology.current_mA(phase) > model.maximumCurrent_mA) return true;
		return false;
	}

	private hasMoved(): boolean {
		return this.sense() === (this.record.move === pendingMove.open ? 0 : this.#contacts.everyPole);
	}

	/** Poles that are closed. */
	private sense(): number {
		return this.#contacts.closed(this.record.state === controlState.connected);
	}

	private save(): void {
		try {
			this.record.save();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed();
		}
	}

	private log(code: number): void {
		this.#parts.events.event(eventLog.disconnector, code);
	}

	private now_ms(): number {
		return this.#parts.clock.monotonic_ms();
	}

	private schedule(now_ms: number): void {
		if (this.#step !== step.idle) this.deadline_ms = Math.max(this.#stepAt_ms, now_ms + 1);
		else if (this.looksAtButton()) this.deadline_ms = now_ms + buttonPeriod_ms;
		else if (this.record.state !== controlState.connected) this.deadline_ms = now_ms + supervisionPeriod_ms;
		else this.deadline_ms = Infinity;
		if (this.#isFraudOwed) this.deadline_ms = Math.min(this.deadline_ms, now_ms + supervisionPeriod_ms);
	}

	private isButtonHeld(): boolean {
		return (this.#parts.housing.signals() & housingSignal.serviceButton) !== 0;
	}

	/** The button means something now; one that is free need not be looked at where the housing tells. */
	private looksAtButton(): boolean {
		if (this.#parts.housing.tellsChanges === true && !this.isButtonHeld()) return false;
		const { state, mode } = this.record;
		const trigger = state === controlState.connected ? controlTrigger.manualDisconnect : controlTrigger.manualReconnect;
		return findTransition(mode, state, trigger) !== undefined;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { eventLog } from "../events/event-sink.js";
import { coil } from "../ports/supply-switch.js";
import { controlState } from "./disconnect-transitions.js";
import { isFlowing, isOverloaded, type SupplyControlParts } from "./supply-control-parts.js";
import { SwitchContacts } from "./switch-contacts.js";
import { pendingMove, ratedOperations, type SwitchRecord, warningOperations } from "./switch-record.js";

/** Codes of the disconnector log. */
export const switchEvent = Object.freeze({
	ready: 59,
	localDisconnection: 64,
	failure: 68,
	endurance: 243,
	fraud: 233,
});

const step = Object.freeze({ idle: 0, postponed: 1, pulse: 2, firstCheck: 3, secondCheck: 4, retry: 5 });

/** Times of the reference relay, milliseconds. */
const pulse_ms = 100;
const firstCheck_ms = 200;
const secondCheck_ms = 1000;
const retry_ms = 1000;
const retries = 3;
const restBetweenOperations_ms = 10_000;
/** A contact is not opened above Imax; it waits for so long. */
const postponement_ms = 60_000;
export const supervisionPeriod_ms = 1000;
/** Seconds of current above the starting current through contacts that say they are open. */
const leakLimit = 5;

/**
 * Moves the contacts of the bistable relay: a pulse, two looks at them, and some more pulses where they have not followed. A
 * break waits while too much flows. Contacts that say they are open are watched for a current.
 */
export class SwitchDrive {
	readonly contacts: SwitchContacts;
	readonly #parts: SupplyControlParts;
	readonly #record: SwitchRecord;
	#step: number = step.idle;
	#stepAt_ms = 0;
	#attempts = 0;
	#lastOperation_ms = Number.NEGATIVE_INFINITY;
	#leak_s = 0;

	constructor(parts: SupplyControlParts, record: SwitchRecord) {
		this.#parts = parts;
		this.#record = record;
		this.contacts = new SwitchContacts(parts.relay, parts.model.phases);
		if (record.isCounterCorrupt) {
			this.log(switchEvent.endurance);
			this.save();
		}
		this.recover();
	}

	get isBusy(): boolean {
		return this.#step !== step.idle;
	}

	/** The coil that is energised now, one of `coil`. */
	get coil(): number {
		if (this.#step !== step.pulse) return coil.none;
		return this.#record.move === pendingMove.open ? coil.open : coil.close;
	}

	/** Nothing is under way, and the relay has rested. */
	get isReady(): boolean {
		return !this.isBusy && this.now_ms() - this.#lastOperation_ms >= restBetweenOperations_ms;
	}

	/** When the next step is due; Infinity while nothing is under way. */
	get deadline_ms(): number {
		return this.isBusy ? this.#stepAt_ms : Infinity;
	}

	/** Does the step that is due. */
	run(now_ms: number): void {
		if (this.isBusy && now_ms >= this.#stepAt_ms) this.advance(now_ms);
	}

	/** Notes what is to be done, and does it unless the current forbids. @throws DeviceError, with nothing changed */
	begin(move: number, target: number, event: number): void {
		const now_ms = this.now_ms();
		this.#record.change((record) => {
			record.setMove(move, target, event);
			record.operations++;
		});
		const { operations } = this.#record;
		if (operations === warningOperations || operations === ratedOperations) this.log(switchEvent.endurance);
		this.#attempts = 0;
		this.#lastOperation_ms = now_ms;
		if (move === pendingMove.open && isOverloaded(this.#parts)) {
			this.#step = step.postponed;
			this.#stepAt_ms = now_ms;
		} else this.pulse(now_ms);
	}

	private pulse(now_ms: number): void {
		this.#attempts++;
		this.contacts.drive(this.#record.move === pendingMove.open ? coil.open : coil.close);
		this.next(step.pulse, now_ms + pulse_ms);
	}

	/** The time of a step has come. */
	private advance(now_ms: number): void {
		switch (this.#step) {
			case step.postponed:
				if (!isOverloaded(this.#parts)) {
					this.#lastOperation_ms = now_ms;
					this.pulse(now_ms);
				} else if (now_ms - this.#lastOperation_ms >= postponement_ms) this.abandon();
				else this.next(step.postponed, now_ms + supervisionPeriod_ms);
				return;
			case step.pulse:
				this.contacts.drive(coil.none);
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
		const record = this.#record;
		const { event } = record;
		record.state = record.target;
		record.hasFailed = false;
		this.end();
		this.log(event);
	}

	/** Contacts that will not open: the state is what was asked for, with a failure; those that will not close stay as they are. */
	private fail(): void {
		const record = this.#record;
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
		this.#record.setMove(pendingMove.none, 0, 0);
		this.#step = step.idle;
		this.#leak_s = 0;
		this.save();
	}

	/** A start: the contacts have kept their position, whatever was going on. */
	private recover(): void {
		const record = this.#record;
		const { move } = record;
		const everyPole = this.contacts.everyPole;
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

	/** Contacts that say they are open, and something flows. */
	supervise(now_ms: number): void {
		if (now_ms < this.#stepAt_ms) return;
		this.#stepAt_ms = now_ms + supervisionPeriod_ms;
		this.#leak_s = isFlowing(this.#parts) ? this.#leak_s + 1 : 0;
		if (this.#leak_s <= leakLimit || this.#record.hasFailed) return;
		this.#record.hasFailed = true;
		this.save();
		this.log(switchEvent.failure);
	}

	private hasMoved(): boolean {
		return this.sense() === (this.#record.move === pendingMove.open ? 0 : this.contacts.everyPole);
	}

	/** Poles that are closed. */
	sense(): number {
		return this.contacts.closed(this.#record.state === controlState.connected);
	}

	private save(): void {
		try {
			this.#record.save();
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
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { LocalClock } from "../core/local-periods.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { standardEvent } from "../events/event-codes.js";
import type { EventLogs } from "../events/event-logs.js";
import { eventLog } from "../events/event-sink.js";
import type { Averages } from "../metrology/demand/averages.js";
import type { Demand } from "../metrology/demand/demand.js";
import type { Clock } from "../ports/clock.js";
import { profileStatus } from "../profile/profile-row.js";
import type { Profiles } from "../profile/profiles.js";
import type { RecordStore } from "../storage/record-store.js";
import { BillingParameters } from "./billing-parameters.js";
import { BillingState, billedQuantities, never_s } from "./billing-state.js";

/** Scripts of 0-0:10.0.1. */
export const billingScript = Object.freeze({
	/** Ends the billing period: entry of billing profile 1, then maxima and extremes begin anew. */
	endOfPeriod: 1,
	/** Entry of billing profile 2. */
	fraud: 2,
	/** As the first, but maxima and extremes go on. */
	withoutReset: 3,
});

/** How the end of a period comes about. */
export interface BillingOccasion {
	/** By schedule: when it was due. */
	readonly nominal_s?: number | undefined;
	/** It was missed, and is made up for. */
	readonly isLate?: boolean | undefined;
	/** By command or by hand: the lock-out counts. */
	readonly isCommand?: boolean | undefined;
}

/** How it ended. */
export const billingResult = Object.freeze({ done: 0, lockedOut: 1, failed: 2 });

/** What billing closes, stores and resets. */
export interface BilledMeter {
	readonly profiles: Profiles;
	readonly demand: Pick<Demand, "nextPeriod" | "commit" | "maxima">;
	readonly averages: Pick<Averages, "extremes">;
	readonly metrology: { energy_units(c: number): number };
	readonly clock: LocalClock;
	readonly events: Pick<EventLogs, "event" | "memoryFailed">;
}

export interface BillingParts {
	/** Complete when `start` is called. */
	readonly meter: BilledMeter;
	/** Places of billing profiles 1 and 2 among the profiles. */
	readonly places: readonly [number, number];
	readonly monotonic: Clock;
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
}

/** What the medium refused is tried again after so long. */
const retry_ms = 60_000;

/**
 * Ends of billing periods, and entries of billing profile 2.
 *
 * Entry, reset of the maxima, counter and time stamps are one step: the record of the state names the number of the entry
 * before that is stored. Should power fail, the start does the rest where there is such an entry; where there is none nothing
 * has happened, and what the schedule asked for is done then, late. An entry that cannot be stored resets nothing; when the
 * schedule asked for it, it is tried again.
 *
 * Nothing is held in RAM but what is to be tried again, and the lock-out.
 */
export class Billing implements Task {
	readonly priority: number = taskPriority.schedule;
	deadline_ms = Infinity;
	readonly #parts: BillingParts;
	#started_s = 0;
	/** Monotonic time of the last end of a period. */
	#closedAt_ms = -Infinity;
	/** The entry is stored, the rest of its step is not. */
	#isHalfDone = false;
	/** Of that rest, the maxima are done. */
	#areMaximaDone = false;
	/** Script that the schedule asked for and that could not be done, 0 for none, and when it was due. */
	#owed = 0;
	#owed_s = 0;

	constructor(parts: BillingParts) {
		this.#parts = parts;
	}

	/** Takes up what a power failure has left; to be called once, when the profiles are there, which show values of billing. */
	start(): void {
		const { meter, monotonic } = this.#parts;
		const now_s = meter.clock.utc_s();
		this.#started_s = now_s;
		const state = this.state();
		const closed_s = state.closed_s(0);
		const isKnown = closed_s !== never_s && closed_s <= now_s;
		this.#closedAt_ms = isKnown ? monotonic.monotonic_ms() - (now_s - closed_s) * 1000 : -Infinity;
		this.resume(state);
	}

	/** As stored. */
	state(): BillingState {
		return new BillingState().load(this.#parts.journal);
	}

	get settings(): BillingParameters {
		return new BillingParameters(this.#parts.parameters);
	}

	/** Energy of the running billing period, 0.1 Wh. @param index in `billedQuantities` */
	energy_units(index: number): number {
		const units = this.#parts.meter.metrology.energy_units(billedQuantities[index]!) - this.state().energyAtLast(index);
		return units < 0 ? units + energyWrap : units;
	}

	/** Entries there are. @param profile 0 for billing profile 1, 1 for billing profile 2 */
	available(profile: number): number {
		const { meter, places } = this.#parts;
		return meter.profiles.log(places[profile]!).entriesInUse;
	}

	/** Seconds since the last end of a billing period; 0 before the first. */
	sinceLast_s(): number {
		const closed_s = this.state().closed_s(0);
		return closed_s === never_s ? 0 : Math.max(0, this.#parts.meter.clock.utc_s() - closed_s);
	}

	/** @param script one of `billingScript` @returns one of `billingResult` */
	execute(script: number, occasion: BillingOccasion): number {
		const state = this.state();
		const { nominal_s } = occasion;
		const profile = profileOf(script);
		// power failed after it was done and before the schedule had noted it
		if (nominal_s !== undefined && state.scheduled_s(profile) === nominal_s) {
			this.#owed = 0;
			return billingResult.done;
		}
		if (occasion.isCommand === true && profile === 0 && this.isLockedOut()) return billingResult.lockedOut;
		if (this.#isHalfDone && !this.finish(state)) return billingResult.failed;
		const now_s = this.#parts.meter.clock.utc_s();
		const isLate = occasion.isLate === true;
		const isScheduled = nominal_s !== undefined;
		const stamp_s = isLate || !isScheduled ? now_s : nominal_s;
		const marks = isLate ? this.marksOf(nominal_s ?? now_s) : 0;
		const isDone = this.perform(state, script, isScheduled, marks, nominal_s ?? now_s, stamp_s);
		return isDone ? billingResult.done : billingResult.failed;
	}

	/** The clock was wrong by more than a day: the schedule's ends of later than now come again. */
	turnedBack(now_s: number): void {
		const state = this.state();
		if (!state.forgetLater(now_s)) return;
		try {
			state.store(this.#parts.journal);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.meter.events.memoryFailed();
		}
	}

	/**
	 * Fraud was detected, and its event is stored: makes an entry of billing profile 2 if its cause is enabled and has had
	 * none within the hold time. Demand is untouched.
	 * @param cause bit of 0-0:96.50.1 @returns whether there is an entry
	 */
	fraud(cause: number): boolean {
		const settings = this.settings;
		if (!settings.hasCause(cause)) return false;
		const state = this.state();
		const now_s = this.#parts.meter.clock.utc_s();
		const last_s = state.fraud_s(cause);
		if (last_s !== never_s && last_s <= now_s && now_s - last_s < settings.hold_s) return false;
		if (this.#isHalfDone && !this.finish(state)) return false;
		state.setFraud(cause, now_s);
		if (this.perform(state, billingScript.fraud, false, 0, now_s, now_s)) return true;
		state.setFraud(cause, last_s);
		this.drop(state);
		return false;
	}

	run(now_ms: number): void {
		this.deadline_ms = Infinity;
		const state = this.state();
		if (this.#isHalfDone) this.finish(state);
		else if (this.#owed !== 0) this.execute(this.#owed, { nominal_s: this.#owed_s, isLate: true });
		if (this.deadline_ms <= now_ms) this.deadline_ms = now_ms + retry_ms;
	}

	/** At start: does the rest where there is an entry; else the schedule's is owed, and a command's was never answered. */
	private resume(state: BillingState): void {
		if (state.script === 0) return;
		const { meter, places } = this.#parts;
		let isStored = false;
		try {
			isStored = meter.profiles.log(places[profileOf(state.script)]!).nextNumber > state.row;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (isStored) this.finish(state);
		else if (state.isScheduled) this.owe(state.script, state.nominal_s, 0);
		else this.drop(state);
	}

	private owe(script: number, nominal_s: number, at_ms: number): void {
		this.#owed = script;
		this.#owed_s = nominal_s;
		this.deadline_ms = at_ms;
	}

	/** @returns whether it is done. What the schedule asked for, and the rest of what is half done, is tried again. */
	private perform(
		state: BillingState,
		script: number,
		isScheduled: boolean,
		marks: number,
		nominal_s: number,
		stamp_s: number,
	): boolean {
		const { meter, places, journal, monotonic } = this.#parts;
		const { demand, profiles, metrology } = meter;
		const place = places[profileOf(script)]!;
		let isStored = false;
		if (isScheduled) this.#owed = 0;
		try {
			if (script !== billingScript.fraud) {
				demand.nextPeriod();
				if (!demand.commit()) throw new DeviceError("flash", "refused");
			}
			for (let n = 0; n < billedQuantities.length; n++)
				state.setEnergy(n, metrology.energy_units(billedQuantities[n]!));
			state.begin(script, isScheduled, marks, profiles.log(place).nextNumber, nominal_s, stamp_s);
			state.store(journal);
			isStored = profiles.captureEvent(place, stamp_s, marks);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			meter.events.memoryFailed();
		}
		if (isStored) return this.finish(state);
		if (isScheduled) this.owe(script, nominal_s, monotonic.monotonic_ms() + retry_ms);
		else this.drop(state);
		return false;
	}

	/** The entry is stored: does the rest. @returns false when the medium refused; it is tried again */
	private finish(state: BillingState): boolean {
		const { meter, journal, monotonic } = this.#parts;
		const { demand, averages, events } = meter;
		const { script, isScheduled } = state;
		const isReset = script === billingScript.endOfPeriod;
		this.#isHalfDone = true;
		try {
			if (isReset && !this.#areMaximaDone) {
				demand.maxima.resetAll();
				this.#areMaximaDone = true;
				averages.extremes.resetAll();
			}
			state.finish(profileOf(script), isReset);
			state.store(journal);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.deadline_ms = monotonic.monotonic_ms() + retry_ms;
			return false;
		}
		this.#isHalfDone = false;
		this.#areMaximaDone = false;
		if (script === billingScript.fraud) return true;
		this.#closedAt_ms = monotonic.monotonic_ms();
		if (!isScheduled) events.event(eventLog.standard, standardEvent.billingEnded);
		if (!isScheduled && isReset) events.event(eventLog.standard, standardEvent.demandReset);
		return true;
	}

	/** A medium that refuses this as well keeps what the next start drops. */
	private drop(state: BillingState): void {
		state.drop();
		try {
			state.store(this.#parts.journal);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}

	private isLockedOut(): boolean {
		return this.#parts.monotonic.monotonic_ms() < this.#closedAt_ms + this.settings.lockOut_s * 1000;
	}

	/** Why an end is late: power was off, or the clock was set forward. */
	private marksOf(nominal_s: number): number {
		return nominal_s <= this.#started_s
			? profileStatus.powerDown
			: profileStatus.clockAdjusted | profileStatus.dataNotValid;
	}
}

/** Energies roll over at this count of 0.1 Wh (G13). */
const energyWrap = 42_949_672_960;

function profileOf(script: number): number {
	return script === billingScript.fraud ? 1 : 0;
}

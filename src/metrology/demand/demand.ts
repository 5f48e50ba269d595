// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../core/device-error.js";
import { boundaryAfter, boundaryUpTo, isBoundary, type LocalClock } from "../../core/local-periods.js";
import { zeros } from "../../core/numbers.js";
import { type Task, taskPriority } from "../../core/scheduler.js";
import type { RecordStore } from "../../storage/record-store.js";
import type { DemandGroup } from "./demand-group.js";
import { DemandMaxima } from "./demand-maxima.js";
import type { DemandParameters } from "./demand-parameters.js";
import { demandQuantities, summedIndex, summedQuantities } from "./demand-quantities.js";
import { DemandState, periodMark, restoredDemand } from "./demand-state.js";
import type { IntervalEnergies } from "./interval-energies.js";
import { noMoment, type Stamp } from "./stamp.js";

/** Told when a period has ended, after the last averages are in place. */
export interface PeriodListener {
	/**
	 * @param importActive_W mean A+ of the period alone
	 * @param importReactive_var mean R1 - R4 of it: the reactive power which goes with the import
	 * @param isComplete false when it was cut short
	 */
	periodClosed(importActive_W: number, importReactive_var: number, isComplete: boolean, stamp: Stamp): void;
}

export interface DemandParts {
	readonly energies: IntervalEnergies;
	readonly clock: LocalClock;
	readonly parameters: DemandParameters;
	readonly journal: RecordStore;
	readonly listener?: PeriodListener;
}

const commitPeriod_ms = 60_000;
/** Intervals end on their own grid: a period may have measured up to this much more or less than its length. */
const grid_ms = 2000;
/** Steps of the clock up to the largest time-shift limit are synchronisation, also over a restart. */
const longestSynchronisation_s = 60;
const largest = 0xffff_ffff;

/**
 * Block and sliding demand of averaging scheme 1 and its maxima.
 *
 * Demand is the energy of whole measuring intervals that ended in a period, divided by its length; periods begin at multiples
 * of the period from local midnight. Sums are integer codes, divided once, at the end.
 *
 * - Divisor: the measured time, where it covers the period but for the grid of the measuring intervals; so neither the grid
 *   nor the drift of the chip's crystal shows. Otherwise the length of the period: what was not measured counts as zero.
 * - Power cut: the period goes on when power returns in it, and counts. Otherwise it is closed, marked, with what it has, and
 *   so is the period in which power returned.
 * - Clock set (by more than the time-shift limit): the running period is closed, marked; the new one is marked too unless it
 *   begins on its boundary. Synchronisation makes a period longer or shorter, and its divisor with it.
 * - Daylight saving: boundaries stay regular where the change is a multiple of the period; a period of another length is
 *   marked.
 * - A period that was cut short never becomes a maximum, and the window of sliding demand begins anew with the next.
 */
export class Demand implements Task, DemandGroup {
	readonly priority: number = taskPriority.tariff;
	deadline_ms = 0;
	readonly maxima: DemandMaxima;
	/**
	 * Rate in force of each quantity, 1..8 in the order of `demandQuantities`. Whoever switches rates writes it, behind this task:
	 * a period that ends with the old rate belongs to it.
	 */
	readonly rates = new Uint8Array(demandQuantities.length).fill(1);
	/** Records which the medium refused; they are tried again. */
	failedCommits = 0;
	readonly #parts: DemandParts;
	readonly #clock: LocalClock;
	readonly #state: DemandState;
	/** Part of an interval that belongs to the next period. */
	readonly #rest = zeros(summedQuantities.length);
	#nextCommit_ms = commitPeriod_ms;
	#isPeriodUnsaved = false;
	#isRunningUnsaved = false;

	constructor(parts: DemandParts) {
		this.#parts = parts;
		this.#clock = parts.clock;
		this.maxima = new DemandMaxima(parts.journal);
		this.#state = new DemandState(parts.journal, parts.parameters.demandPeriods);
		this.restore();
	}

	get period_s(): number {
		return this.#parts.parameters.demandPeriod_s;
	}

	get periods(): number {
		return this.#parts.parameters.demandPeriods;
	}

	get captured(): Stamp {
		return this.#state.lastStamp;
	}

	started(into: Stamp): Stamp {
		return this.stampOf(this.#state.start_s, into);
	}

	/** Bits of `periodMark` of the open period so far. */
	get marks(): number {
		return this.#state.marks;
	}

	/** The same of the period which the last averages belong to. */
	get lastMarks(): number {
		return this.#state.lastMarks;
	}

	/** Energy of the open period divided by the length of the window, W, var or VA, rounded. @param quantity its index */
	currentAverage(quantity: number): number {
		return this.average(this.#state.sums[quantity]!, this.periods * this.period_s * 1000);
	}

	/** Average over the window that ended at `captured`, rounded. @param quantity index in `demandQuantities` */
	lastAverage(quantity: number): number {
		return this.#state.last[quantity]!;
	}

	setPeriod(period_s: number): boolean {
		return this.configure(period_s, this.periods);
	}

	setPeriods(periods: number): boolean {
		return this.configure(this.period_s, periods);
	}

	reset(): void {
		const now_s = this.closeDue();
		const state = this.#state;
		state.last.fill(0);
		state.lastMarks = periodMark.dataNotValid;
		this.stampOf(now_s, state.lastStamp);
		this.beginShort(now_s, periodMark.dataNotValid);
	}

	/** Does nothing in the second in which a period began: what calls it for one register after the other closes one period. */
	nextPeriod(): void {
		const now_s = this.closeDue();
		if (now_s === this.#state.start_s) return;
		this.close(now_s, false, periodMark.dataNotValid);
		this.beginShort(now_s, periodMark.dataNotValid);
	}

	/** To be called at the end of each measuring interval. */
	intervalFinished(_metrology: unknown, now_ms: number): void {
		const { energies } = this.#parts;
		const state = this.#state;
		const interval_ms = energies.interval_ms;
		if (this.#clock.utc_s() < state.end_s) {
			for (let n = 0; n < summedQuantities.length; n++) state.sums[n]! += energies.codes(summedQuantities[n]!);
			state.measured_ms += interval_ms;
		} else {
			// the scheduler is late: the part before the boundary belongs to the period that ended there
			const after_ms = Math.max(0, now_ms - this.#clock.monotonicAt_ms(state.end_s));
			const share = Math.max(0, interval_ms - after_ms) / interval_ms;
			for (let n = 0; n < summedQuantities.length; n++) {
				const codes = energies.codes(summedQuantities[n]!);
				const before = Math.floor(codes * share);
				state.sums[n]! += before;
				this.#rest[n] = codes - before;
			}
			state.measured_ms += Math.round(interval_ms * share);
			this.closeDue();
			for (let n = 0; n < summedQuantities.length; n++) state.sums[n]! += this.#rest[n]!;
			state.measured_ms += interval_ms - Math.round(interval_ms * share);
		}
		this.#isRunningUnsaved = true;
		// a period that is not yet stored has no running record: that would be one of the period before
		if (!this.#isPeriodUnsaved) state.noteRunning();
	}

	run(now_ms: number): void {
		this.closeDue();
		if (now_ms >= this.#nextCommit_ms) {
			this.#nextCommit_ms = now_ms + commitPeriod_ms;
			this.commit();
		}
		this.schedule(now_ms);
	}

	/** To be called after the clock has been moved. `isSetting`: by more than the time-shift limit. */
	clockChanged(old_s: number, new_s: number, isSetting: boolean): void {
		const state = this.#state;
		if (isSetting) {
			if (old_s >= state.end_s) this.close(state.end_s, state.isWhole, 0);
			else this.close(old_s, false, periodMark.clockAdjusted);
			if (isBoundary(this.#clock, new_s, this.period_s)) this.begin(new_s);
			else this.beginShort(new_s, periodMark.clockAdjusted);
		} else if (new_s >= state.end_s) {
			const boundary_s = state.end_s;
			state.length_ms -= Math.max(0, boundary_s - old_s) * 1000;
			this.close(boundary_s, state.isWhole, 0);
			this.begin(boundary_s);
			state.length_ms -= (new_s - Math.max(boundary_s, old_s)) * 1000;
			this.commit();
		} else {
			state.length_ms -= (new_s - old_s) * 1000;
			this.#isRunningUnsaved = true;
			this.commit();
		}
		this.schedule(-Infinity);
	}

	/** To be called after time zone or daylight saving rules have changed. */
	localTimeChanged(): void {
		const state = this.#state;
		const end_s = boundaryAfter(this.#clock, Math.max(this.#clock.utc_s(), state.start_s), this.period_s);
		if (end_s === state.end_s) return;
		state.length_ms += (end_s - state.end_s) * 1000;
		state.end_s = end_s;
		state.isWhole = false;
		state.marks |= periodMark.dataNotValid;
		this.#isRunningUnsaved = true;
		this.commit();
		this.schedule(-Infinity);
	}

	/**
	 * Makes everything durable now: early warning of supply failure, or end of a billing period.
	 * @returns false when the medium refused; the next commit tries again
	 */
	commit(): boolean {
		const state = this.#state;
		try {
			// a maximum before the period that gave it: the other way round a power cut would lose it
			this.maxima.save();
			if (this.#isPeriodUnsaved) state.savePeriod(this.period_s, this.#parts.energies.wattSecondsPerCode);
			this.#isPeriodUnsaved = false;
			if (this.#isRunningUnsaved) state.saveRunning();
			this.#isRunningUnsaved = false;
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.failedCommits++;
			return false;
		}
	}

	private configure(period_s: number, periods: number): boolean {
		const { parameters } = this.#parts;
		if (period_s === this.period_s && periods === this.periods) return true;
		const now_s = this.closeDue();
		const old_s = this.period_s;
		if (!parameters.setDemand(period_s, periods)) return false;
		this.close(now_s, false, periodMark.dataNotValid, old_s);
		this.beginShort(now_s, periodMark.dataNotValid);
		return true;
	}

	/**
	 * Begins or ends the test mode: periods of a minute, of which no maximum comes. The running period ends short.
	 */
	setTestMode(isOn: boolean): void {
		const { parameters } = this.#parts;
		if (isOn === parameters.isTestMode) return;
		const now_s = this.closeDue();
		this.close(now_s, false, periodMark.dataNotValid);
		parameters.setTestMode(isOn);
		this.beginShort(now_s, periodMark.dataNotValid);
	}

	/** Closes the period whose end has come. @returns the time now */
	private closeDue(): number {
		const state = this.#state;
		const now_s = this.#clock.utc_s();
		if (now_s < state.end_s) return now_s;
		const boundary_s = state.end_s;
		this.close(boundary_s, state.isWhole, 0);
		if (boundaryUpTo(this.#clock, now_s, this.period_s) > boundary_s) this.beginShort(now_s, periodMark.dataNotValid);
		else this.begin(boundary_s);
		return now_s;
	}

	/**
	 * Closes the open period.
	 * @param stamp_s its end @param isComplete whether it may become a maximum @param marks further bits
	 * @param period_s length that was agreed for it
	 */
	private close(stamp_s: number, isComplete: boolean, marks: number, period_s: number = this.period_s): void {
		const state = this.#state;
		const nominal_ms = period_s * 1000;
		const isCovered = Math.abs(state.measured_ms - state.length_ms) < grid_ms;
		const divisor_ms = !isComplete ? nominal_ms : isCovered ? state.measured_ms : state.length_ms;
		state.pushOpen(divisor_ms);
		const missing = state.periods - state.filled;
		const window_ms = state.windowLength_ms() + missing * nominal_ms;
		for (let n = 0; n < demandQuantities.length; n++) state.last[n] = this.average(state.windowSum(n), window_ms);
		this.stampOf(stamp_s, state.lastStamp);
		state.lastMarks = state.marks | marks | marksOfStatus(state.lastStamp.status);
		const isAgreed = isComplete && !this.#parts.parameters.isTestMode;
		if (isAgreed && missing === 0) this.offerMaxima();
		if (!isComplete) state.clearWindow(this.periods);
		this.#parts.listener?.periodClosed(
			this.power(state.sums[summedIndex.importActive]!, divisor_ms),
			this.power(state.sums[summedIndex.r1]! - state.sums[summedIndex.r4]!, divisor_ms),
			isAgreed,
			state.lastStamp,
		);
	}

	private offerMaxima(): void {
		const { last, lastStamp } = this.#state;
		for (let n = 0; n < demandQuantities.length; n++) {
			this.maxima.offer(n, 0, last[n]!, lastStamp);
			this.maxima.offer(n, this.rates[n]!, last[n]!, lastStamp);
		}
	}

	/** Begins a period at a boundary. */
	private begin(start_s: number): void {
		const state = this.#state;
		state.start_s = start_s;
		state.end_s = boundaryAfter(this.#clock, start_s, this.period_s);
		state.length_ms = (state.end_s - start_s) * 1000;
		state.isWhole = state.length_ms === this.period_s * 1000;
		state.marks = state.isWhole ? 0 : periodMark.dataNotValid;
		state.measured_ms = 0;
		state.sums.fill(0);
		if (!state.isWhole) state.clearWindow(this.periods);
		this.#isPeriodUnsaved = true;
		this.#isRunningUnsaved = !state.isWhole;
		this.commit();
		this.schedule(-Infinity);
	}

	/** Begins a period that is not to become a maximum, and with it a new window. */
	private beginShort(start_s: number, marks: number): void {
		const state = this.#state;
		state.clearWindow(this.periods);
		state.start_s = start_s;
		state.end_s = boundaryAfter(this.#clock, start_s, this.period_s);
		state.length_ms = (state.end_s - start_s) * 1000;
		state.isWhole = false;
		state.marks = marks;
		state.measured_ms = 0;
		state.sums.fill(0);
		this.#isPeriodUnsaved = true;
		this.#isRunningUnsaved = true;
		this.commit();
		this.schedule(-Infinity);
	}

	private restore(): void {
		const { parameters, energies } = this.#parts;
		const state = this.#state;
		const result = state.restore(parameters.demandPeriod_s, energies.wattSecondsPerCode);
		const now_s = this.#clock.utc_s();
		if (result !== restoredDemand.restored) {
			const isNew = result === restoredDemand.empty;
			this.beginShort(now_s, periodMark.dataNotValid | (isNew ? 0 : periodMark.powerDown));
			return;
		}
		state.marks |= periodMark.powerDown;
		const hasTime = (this.#clock.status(now_s) & 1) === 0;
		if (now_s >= state.end_s) {
			this.close(state.end_s, false, 0);
			this.beginShort(now_s, periodMark.powerDown);
		} else if (now_s < state.start_s - longestSynchronisation_s || !hasTime) {
			this.close(state.start_s, false, periodMark.dataNotValid);
			this.beginShort(now_s, periodMark.powerDown | periodMark.dataNotValid);
		} else {
			this.#isRunningUnsaved = true;
			this.commit();
			this.schedule(-Infinity);
		}
	}

	/** Never before `now_ms` is over, whatever clock and refusing medium say. */
	private schedule(now_ms: number): void {
		const end_ms = this.#clock.monotonicAt_ms(this.#state.end_s);
		this.deadline_ms = Math.max(Math.min(end_ms, this.#nextCommit_ms), now_ms + 1);
	}

	private power(codes: number, time_ms: number): number {
		return (codes * this.#parts.energies.wattSecondsPerCode * 1000) / time_ms;
	}

	private average(codes: number, time_ms: number): number {
		return Math.min(Math.round(this.power(codes, time_ms)), largest);
	}

	private stampOf(utc_s: number, into: Stamp): Stamp {
		into.utc_s = Math.min(utc_s, noMoment - 1);
		into.deviation_min = this.#clock.deviation_min(utc_s);
		into.status = this.#clock.status(utc_s);
		return into;
	}

	/** Index for `currentAverage`, `lastAverage` and the maxima. */
	static quantity(c: number): number {
		return demandQuantities.indexOf(c);
	}
}

/** Clock status octet to marks. */
function marksOfStatus(status: number): number {
	return (status & 0x01 ? periodMark.clockInvalid : 0) | (status & 0x80 ? periodMark.daylightSaving : 0);
}

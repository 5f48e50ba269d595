// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { ModelDescriptor } from "../models/model.js";
import { energyIndex, type FrontEndFault, type FrontEndReading } from "./front-end.js";
import type { BlockListener, HarmonicsView } from "./harmonics-view.js";

/** What can be wrong with the measuring system; bits of `SelfCheckView.errors`. */
export const selfCheckError = Object.freeze({
	/** The chip does not answer. */
	noAnswer: 1 << 0,
	/** Another chip answers. */
	wrongPart: 1 << 1,
	/** A register of the chip, or the checksum over its configuration, is not what was written. */
	configuration: 1 << 2,
	/** The chip restarted by itself. */
	reset: 1 << 3,
	/** The chip answers, but does not measure. */
	stalled: 1 << 4,
	/** Readings contradict each other or the ratings of the board. */
	implausible: 1 << 5,
	/** The calibration is lost. */
	calibration: 1 << 6,
	/** Power of the energy accumulators and power of the waveforms have differed for a minute or more. */
	powerMismatch: 1 << 7,
});

/** State of the measuring system, for the error object and the events. */
export interface SelfCheckView {
	/** Sum of `selfCheckError`; 0 while all is well. A bit stays long enough for every poll of a second to see it. */
	readonly errors: number;
	/** +1 with every change of `errors`. */
	readonly changes: number;
}

const errorOf: Readonly<Record<FrontEndFault, number>> = Object.freeze({
	"": 0,
	starting: 0,
	noAnswer: selfCheckError.noAnswer,
	wrongPart: selfCheckError.wrongPart,
	configuration: selfCheckError.configuration,
	reset: selfCheckError.reset,
	implausible: selfCheckError.implausible,
	stalled: selfCheckError.stalled,
	calibration: selfCheckError.calibration,
});
const fromFrontEnd =
	selfCheckError.noAnswer |
	selfCheckError.wrongPart |
	selfCheckError.configuration |
	selfCheckError.reset |
	selfCheckError.stalled |
	selfCheckError.calibration;

/** No interval for this long although the chip reports no fault. */
const startLimit_ms = 10_000;
/** Intervals without a fault until an error of the chip is over. */
const recovery_ms = 60_000;
/** Contradicting intervals, less twice the sound ones, until readings are implausible. */
const implausibleLimit = 10;
/** Blocks that differ, less those that agree, until the powers are said to differ: 20 of them come in a minute. */
const mismatchLimit = 20;
/** Of the apparent power. */
const contradiction = 0.02;
const mismatch = 0.02;
const steadiness = 0.01;

const phases = 3;
/** Intervals kept, and what is kept of each: its end, active and apparent power of the phases. */
const kept = 12;
const perInterval = 1 + 2 * phases;
/** A block and one poll. */
const captured_ms = 200;

/**
 * Watches the measuring system: what the front end reports, whether the readings of an interval fit together, and whether
 * the power of the energy accumulators is that of the waveforms. It only judges: no energy is corrected or made up.
 *
 * Every error needs time to come and time to go, so that a step of the load or a single bad reading is none.
 */
export class SelfCheck implements BlockListener, SelfCheckView {
	errors = 0;
	changes = 0;
	readonly #floor_mW: number;
	#lastFault: FrontEndFault = "";
	/** NaN until the first look. */
	#lastInterval_ms = Number.NaN;
	/** Since when intervals have come without a fault. */
	#soundSince_ms = 0;
	#contradictions = 0;
	#mismatches = 0;

	/** Ring of the last intervals. */
	readonly #intervals = new Float64Array(kept * perInterval);
	#count = 0;
	/** Block that waits for the interval behind its own. */
	readonly #block_mW = zeros(phases);
	#blockBegin_ms = 0;
	#isWaiting = false;

	constructor(model: ModelDescriptor) {
		// Half a per cent of the power at reference current.
		this.#floor_mW = (model.nominalVoltage_V * model.referenceCurrent_mA) / 200;
	}

	/** To be called with every look at the front end. */
	supervise(fault: FrontEndFault, now_ms: number): void {
		if (Number.isNaN(this.#lastInterval_ms)) this.#lastInterval_ms = now_ms;
		if (now_ms - this.#lastInterval_ms > startLimit_ms && (this.errors & fromFrontEnd) === 0) {
			this.raise(errorOf[fault] === 0 ? selfCheckError.stalled : errorOf[fault]);
			this.#soundSince_ms = now_ms;
		}
		if (fault === this.#lastFault && errorOf[fault] === 0) return;
		this.#lastFault = fault;
		if (errorOf[fault] === 0) return;
		this.raise(errorOf[fault]);
		if (errorOf[fault] === selfCheckError.implausible) this.#contradictions = implausibleLimit;
		this.#soundSince_ms = now_ms;
	}

	/** The reading of an interval was refused. */
	intervalRefused(now_ms: number): void {
		this.#soundSince_ms = now_ms;
		this.raise(selfCheckError.implausible);
		this.#contradictions = implausibleLimit;
	}

	/** @param perCode_mW power of one code of energy in the interval */
	intervalFinished(reading: FrontEndReading, perCode_mW: number, now_ms: number): void {
		this.#lastInterval_ms = now_ms;
		if ((this.errors & fromFrontEnd) !== 0 && now_ms - this.#soundSince_ms >= recovery_ms) this.clear(fromFrontEnd);
		this.keep(reading, perCode_mW, now_ms);
		const isContradiction = this.contradicts(reading, perCode_mW);
		this.#contradictions = bounded(this.#contradictions + (isContradiction ? 1 : -2), implausibleLimit);
		this.judge(selfCheckError.implausible, this.#contradictions, implausibleLimit);
		if (this.#isWaiting) this.compare();
	}

	blockFinished(harmonics: HarmonicsView, begin_ms: number): void {
		for (let phase = 0; phase < phases; phase++) this.#block_mW[phase] = harmonics.blockActivePower_mW(phase + 1);
		this.#blockBegin_ms = begin_ms;
		this.#isWaiting = true;
		this.compare();
	}

	/** Active power beyond the apparent, or apparent power beyond the product of voltage and current. */
	private contradicts(reading: FrontEndReading, perCode_mW: number): boolean {
		for (let phase = 0; phase < phases; phase++) {
			const active = Math.abs(reading.energy_codes[energyIndex.active + phase]!) * perCode_mW;
			const apparent = reading.energy_codes[energyIndex.apparent + phase]! * perCode_mW;
			const product = (reading.voltage_mV[phase]! * reading.current_mA[phase]!) / 1000;
			if (active > apparent * (1 + contradiction) + this.#floor_mW) return true;
			if (apparent > product * (1 + contradiction) + this.#floor_mW) return true;
		}
		return false;
	}

	private keep(reading: FrontEndReading, perCode_mW: number, now_ms: number): void {
		const at = (this.#count++ % kept) * perInterval;
		const into = this.#intervals;
		into[at] = now_ms;
		for (let phase = 0; phase < phases; phase++) {
			into[at + 1 + phase] = reading.energy_codes[energyIndex.active + phase]! * perCode_mW;
			into[at + 1 + phases + phase] = reading.energy_codes[energyIndex.apparent + phase]! * perCode_mW;
		}
	}

	/** Compares the block with its interval, if that one and both its neighbours are there and agree with each other. */
	private compare(): void {
		const intervals = this.#intervals;
		const oldest = Math.max(0, this.#count - kept);
		let n = oldest;
		while (n < this.#count && intervals[(n % kept) * perInterval]! < this.#blockBegin_ms + captured_ms) n++;
		if (n + 1 >= this.#count) return;
		this.#isWaiting = false;
		if (n === oldest) return;
		const before = ((n - 1) % kept) * perInterval + 1;
		const during = (n % kept) * perInterval + 1;
		const after = ((n + 1) % kept) * perInterval + 1;
		let isMismatch = false;
		for (let phase = 0; phase < phases; phase++) {
			const active = intervals[during + phase]!;
			const apparent = intervals[during + phases + phase]!;
			const allowed = steadiness * apparent + this.#floor_mW;
			if (Math.abs(intervals[before + phase]! - active) > allowed) return;
			if (Math.abs(intervals[after + phase]! - active) > allowed) return;
			if (Math.abs(this.#block_mW[phase]! - active) > mismatch * apparent + this.#floor_mW) isMismatch = true;
		}
		this.#mismatches = bounded(this.#mismatches + (isMismatch ? 1 : -1), mismatchLimit);
		this.judge(selfCheckError.powerMismatch, this.#mismatches, mismatchLimit);
	}

	/** An error comes when its counter is full and goes when it is empty. */
	private judge(error: number, counter: number, limit: number): void {
		if (counter === limit) this.raise(error);
		else if (counter === 0) this.clear(error);
	}

	private raise(error: number): void {
		if ((this.errors & error) === error) return;
		this.errors |= error;
		this.changes++;
	}

	private clear(error: number): void {
		if ((this.errors & error) === 0) return;
		this.errors &= ~error;
		this.changes++;
	}
}

function bounded(counter: number, limit: number): number {
	return Math.max(0, Math.min(limit, counter));
}

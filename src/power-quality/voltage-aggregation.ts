// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";

/** Basic intervals of 150 or 180 cycles. */
const basicPerThreeSeconds = 15;
/** Ten minutes of 10/12-cycle values that are called complete: 590 s. */
const completeTenMinutes = 2950;
export const tenMinutesPerTwoHours = 12;

/**
 * One step of aggregation: root mean square of what was added since the last end. Voltages in mV: their squares, 2^38 at
 * 500 V, stay exact over 3000 intervals.
 */
class Aggregate {
	/** Of the interval ended last, rounded; 0 when it was empty. Behind the phases are the sums of squares of the running one. */
	readonly voltage_mV: number[];
	isFlagged = false;
	/** Values in the interval ended last. */
	count = 0;
	readonly #phases: number;
	#running = 0;
	#isRunningFlagged = false;

	constructor(phases: number) {
		this.#phases = phases;
		this.voltage_mV = zeros(2 * phases);
	}

	/** Values of the running interval. */
	get running(): number {
		return this.#running;
	}

	add(voltage_mV: ArrayLike<number>, isFlagged: boolean): void {
		const sums = this.voltage_mV;
		const phases = this.#phases;
		for (let phase = 0; phase < phases; phase++) sums[phases + phase]! += voltage_mV[phase]! * voltage_mV[phase]!;
		this.#running++;
		if (isFlagged) this.#isRunningFlagged = true;
	}

	flag(): void {
		this.#isRunningFlagged = true;
	}

	end(): void {
		const count = this.#running;
		const values = this.voltage_mV;
		const phases = this.#phases;
		for (let phase = 0; phase < phases; phase++) {
			values[phase] = count === 0 ? 0 : Math.round(Math.sqrt(values[phases + phase]! / count));
		}
		values.fill(0, phases);
		this.count = count;
		this.isFlagged = this.#isRunningFlagged;
		this.#running = 0;
		this.#isRunningFlagged = false;
	}
}

/**
 * Voltages aggregated as IEC 61000-4-30 class S wants it: 10/12 cycles to 150/180 cycles, to ten minutes by the clock, to
 * two hours. An interval with a flagged part is flagged.
 */
export class VoltageAggregation {
	readonly threeSeconds: Aggregate;
	readonly tenMinutes: Aggregate;
	readonly twoHours: Aggregate;

	constructor(phases: number) {
		this.threeSeconds = new Aggregate(phases);
		this.tenMinutes = new Aggregate(phases);
		this.twoHours = new Aggregate(phases);
	}

	/** Takes a basic interval. @returns true when it ended a 150/180-cycle interval */
	add(voltage_mV: ArrayLike<number>, isFlagged: boolean): boolean {
		this.threeSeconds.add(voltage_mV, isFlagged);
		this.tenMinutes.add(voltage_mV, isFlagged);
		if (this.threeSeconds.running < basicPerThreeSeconds) return false;
		this.threeSeconds.end();
		return true;
	}

	/** The running ten minutes are not whole, whatever else is in them: the clock was moved, the meter has just started. */
	flagTenMinutes(): void {
		this.tenMinutes.flag();
	}

	/**
	 * A full ten minutes of the clock.
	 * @param isEven it is a full two hours as well
	 * @returns false when there was not a single value
	 */
	endTenMinutes(isEven: boolean): boolean {
		const { tenMinutes, twoHours } = this;
		if (tenMinutes.running < completeTenMinutes) tenMinutes.flag();
		tenMinutes.end();
		const isEmpty = tenMinutes.count === 0;
		if (!isEmpty) twoHours.add(tenMinutes.voltage_mV, tenMinutes.isFlagged);
		if (isEven) {
			if (twoHours.running < tenMinutesPerTwoHours) twoHours.flag();
			twoHours.end();
		}
		return !isEmpty;
	}
}

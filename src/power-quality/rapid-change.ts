// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";

const valuesKept = 5;
/** A change begins when a value leaves the mean of the five before by more than this share of Un, in permil. */
const startLimit_permil = 50;
/** It ends when five values in a row lie within this band. */
const steadyBand_permil = 25;

/**
 * Rapid voltage changes of each phase in 10/12-cycle values (EN 50160, resolution 200 ms, indicative): a step of more than
 * 5 % of the reference between two steady states that is neither dip nor swell.
 */
export class RapidVoltageChanges {
	/** Finished changes since the start, by phase. */
	readonly count: number[];
	readonly #phases: number;
	/** The last five values of each phase. */
	readonly #values_mV: number[];
	/** Values known, then bits: the phases that change, and those whose change is dropped. */
	#known = 0;
	#changing = 0;
	#dropped = 0;
	#place = 0;

	constructor(phases: number) {
		this.#phases = phases;
		this.count = zeros(phases);
		this.#values_mV = zeros(phases * valuesKept);
	}

	/** @param isFlagged a dip, swell or interruption is in this interval: a change that contains it is none */
	next(voltage_mV: ArrayLike<number>, reference_mV: number, isFlagged: boolean): void {
		for (let phase = 0; phase < this.#phases; phase++) this.nextOf(phase, voltage_mV[phase]!, reference_mV, isFlagged);
		this.#place = (this.#place + 1) % valuesKept;
		if (this.#known < valuesKept) this.#known++;
	}

	private nextOf(phase: number, voltage: number, reference_mV: number, isFlagged: boolean): void {
		const values = this.#values_mV;
		const first = phase * valuesKept;
		const bit = 1 << phase;
		if (this.#known === valuesKept && (this.#changing & bit) === 0) {
			let sum = 0;
			for (let n = 0; n < valuesKept; n++) sum += values[first + n]!;
			// |U - sum / 5| > 5 % of Un, without division
			if (Math.abs(voltage * valuesKept - sum) * 1000 > startLimit_permil * valuesKept * reference_mV) {
				this.#changing |= bit;
				this.#dropped &= ~bit;
			}
		}
		values[first + this.#place] = voltage;
		if ((this.#changing & bit) === 0) return;
		if (isFlagged) this.#dropped |= bit;
		let low = voltage;
		let high = voltage;
		for (let n = 0; n < valuesKept; n++) {
			const value = values[first + n]!;
			if (value < low) low = value;
			if (value > high) high = value;
		}
		if ((high - low) * 1000 > steadyBand_permil * reference_mV) return;
		this.#changing &= ~bit;
		if ((this.#dropped & bit) === 0) this.count[phase]!++;
	}
}

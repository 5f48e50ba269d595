// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";

/** Where a one-cycle voltage lies between the levels of IEC 61000-4-30, lowest first. */
export const voltageBand = Object.freeze({
	/** Below 5 % of the reference. */
	void: 0,
	/** 5 … 7 %: the hysteresis of the interruption. */
	faint: 1,
	/** 7 … 90 %. */
	low: 2,
	/** 90 … 92 %: the hysteresis of the dip. */
	recovering: 3,
	/** 92 … 108 %, both included. */
	normal: 4,
	/** 108 … 110 %, the upper one included: the hysteresis of the swell. */
	receding: 5,
	/** Above 110 %. */
	high: 6,
});

/** State of one phase. */
export const phaseState = Object.freeze({ normal: 0, dip: 1, interrupted: 2, swell: 3 });

const { normal, dip, interrupted, swell } = phaseState;

/** Next state by state, then band (IEC 61000-4-30 clauses 5.4 and 5.5, hysteresis 2 %). */
export const nextState: readonly (readonly number[])[] = deepFreeze([
	//           void       faint       low  recovering normal  receding high
	/* normal */ [interrupted, dip, dip, normal, normal, normal, swell],
	/* dip */ [interrupted, dip, dip, dip, normal, normal, swell],
	/* interrupted */ [interrupted, interrupted, dip, dip, normal, normal, swell],
	/* swell */ [interrupted, dip, dip, normal, normal, swell, swell],
]);

/** Levels in % of the reference; a band begins at each of the first four, and ends with each of the last two. */
const lowerLevels = Object.freeze([5, 7, 90, 92]);
const swellEnd = 108;
const swellStart = 110;

/** @param reference_mV declared voltage, 1 … 2^31 */
export function bandOf(voltage_mV: number, reference_mV: number): number {
	const share = voltage_mV * 100;
	if (share > reference_mV * swellStart) return voltageBand.high;
	if (share > reference_mV * swellEnd) return voltageBand.receding;
	for (let n = 0; n < lowerLevels.length; n++) if (share < reference_mV * lowerLevels[n]!) return n;
	return voltageBand.normal;
}

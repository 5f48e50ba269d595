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

/** Levels in % of the reference: the first four belong to the band above, the last two to the band below. */
const interruptedBelow = 5;
const returnedFrom = 7;
const dipBelow = 90;
const recoveredFrom = 92;
const swellEnd = 108;
const swellStart = 110;

const normalBand = voltageBand.normal;
const lowBand = voltageBand.low;

/** @param reference_mV declared voltage, 1 … 2^31 */
export function bandOf(voltage_mV: number, reference_mV: number): number {
	const share = voltage_mV * 100;
	if (share >= reference_mV * recoveredFrom) {
		if (share <= reference_mV * swellEnd) return normalBand;
		return share > reference_mV * swellStart ? voltageBand.high : voltageBand.receding;
	}
	if (share >= reference_mV * dipBelow) return voltageBand.recovering;
	if (share >= reference_mV * returnedFrom) return lowBand;
	return share < reference_mV * interruptedBelow ? voltageBand.void : voltageBand.faint;
}

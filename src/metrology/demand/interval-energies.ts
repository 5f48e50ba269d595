// SPDX-License-Identifier: Apache-2.0

/** What the metrology shows of its last interval to those who sum it up exactly. */
export interface IntervalEnergies {
	/** Energy of value group C (see `MetrologyView`), codes; 0 of an unknown one. Integer, below 2^44. */
	codes(c: number): number;
	/** Time which they stand for; more than 1000 after late polls. */
	readonly interval_ms: number;
	/** Time which voltages and currents of the interval stand for; some milliseconds more or less. */
	readonly rms_ms: number;
	/** Energy of one code in W·s, var·s, VA·s; in 10^s of them where registers count 10^s Wh. */
	readonly wattSecondsPerCode: number;
}

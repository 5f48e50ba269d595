// SPDX-License-Identifier: Apache-2.0
import { OnePole } from "../dsp/one-pole.js";
import { zeroCrossingLatency, zeroCrossingPole_Hz } from "./band.js";
import { nominalRate_Hz, zeroCrossingFloor } from "./settings.js";
import type { Tone } from "./steady-state.js";

const pole = OnePole.coefficient(zeroCrossingPole_Hz, nominalRate_Hz);
const iterations = 8;

/**
 * Where a waveform crosses zero behind the filter of the detector.
 *
 * The filter leaves harmonics behind that move the crossing: it is found on the whole waveform, starting from that of the
 * fundamental.
 *
 * @param turnsPerSample mains frequency by sample rate
 * @returns turns to be added to the mains angle so that rising crossings are at n − ¼; undefined where the detector sees none
 */
export function crossingOf(tones: readonly Tone[], turnsPerSample: number): number | undefined {
	const filtered: Tone[] = [];
	let start: number | undefined;
	for (const { order, re, im } of tones) {
		const omega = 2 * Math.PI * order * turnsPerSample;
		const gain = Math.SQRT2 * Math.hypot(re, im) * OnePole.gain(pole, omega);
		const phase = Math.atan2(im, re) - poleLag(omega) - omega * zeroCrossingLatency;
		filtered.push({ order, re: gain * Math.cos(phase), im: gain * Math.sin(phase) });
		if (order === 1 && gain > zeroCrossingFloor) start = phase;
	}
	if (start === undefined) return undefined;
	const angle = filtered.length === 1 ? undefined : refine(filtered, -start - Math.PI / 2);
	return (angle === undefined ? start : -angle - Math.PI / 2) / (2 * Math.PI);
}

/** Phase by which the filter is late. */
function poleLag(omega: number): number {
	const a = 1 - pole;
	return Math.atan2(a * Math.sin(omega), 1 - a * Math.cos(omega));
}

/** Newton's method on the waveform; undefined when it leaves the neighbourhood of `start`. */
function refine(tones: readonly Tone[], start: number): number | undefined {
	let angle = start;
	for (let n = 0; n < iterations; n++) {
		let value = 0;
		let slope = 0;
		for (const { order, re, im } of tones) {
			const c = Math.cos(order * angle);
			const s = Math.sin(order * angle);
			value += re * c - im * s;
			slope -= order * (re * s + im * c);
		}
		if (slope <= 0) return undefined;
		const step = value / slope;
		angle -= step;
		if (Math.abs(angle - start) > Math.PI / 4) return undefined;
		if (Math.abs(step) < 1e-9) break;
	}
	return angle;
}

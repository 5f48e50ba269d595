// SPDX-License-Identifier: Apache-2.0
import type { Harmonic } from "../../hosts/simulator/grid/loads.js";

/** A current that is no sinusoid, as shares of its fundamental. */
export interface WaveShape {
	readonly harmonics: readonly Harmonic[];
	/** RMS of the fundamental for a crest of 1 of the sinusoid the shape is cut from. */
	readonly fundamental: number;
	/** How far the fundamental lags the sinusoid the shape is cut from. */
	readonly lag_deg: number;
}

const greatestOrder = 40;
const points = 4096;
const negligible = 1e-4;

/**
 * Fourier series of a shape over `cycles` cycles of the mains; θ in turns, 0 at the positive crest of the voltage.
 * Orders are multiples of 1/cycles up to 40, those below a ten-thousandth of the fundamental left out.
 */
function analyse(cycles: number, shape: (turns: number) => number): WaveShape {
	const spectrum: { order: number; re: number; im: number }[] = [];
	for (let k = 0; k <= greatestOrder * cycles; k++) {
		let re = 0;
		let im = 0;
		for (let n = 0; n < points * cycles; n++) {
			const turns = (n + 0.5) / points;
			const value = shape(turns);
			const angle = 2 * Math.PI * (k / cycles) * turns;
			re += value * Math.cos(angle);
			im -= value * Math.sin(angle);
		}
		const scale = (k === 0 ? 1 : Math.SQRT2) / (points * cycles);
		spectrum.push({ order: k / cycles, re: re * scale, im: im * scale });
	}
	const first = spectrum[cycles]!;
	const fundamental = Math.hypot(first.re, first.im);
	const lag_rad = -Math.atan2(first.im, first.re);
	const harmonics: Harmonic[] = [];
	for (const { order, re, im } of spectrum) {
		const size = Math.hypot(re, im) / fundamental;
		if (order === 1 || size < negligible) continue;
		if (order === 0) harmonics.push({ order, fraction: re / fundamental });
		else harmonics.push({ order, fraction: size, phase_deg: (Math.atan2(im, re) * 180) / Math.PI });
	}
	return { harmonics, fundamental, lag_deg: (lag_rad * 180) / Math.PI };
}

const cosine = (turns: number) => Math.cos(2 * Math.PI * turns);
const isPositiveHalf = (turns: number) => cosine(turns) > 0;
/** Part of the half wave since its zero crossing, 0 … 1. */
const sinceCrossing = (turns: number) => ((turns + 0.25) % 0.5) / 0.5;

/** Half waves of one direction (direct current and even harmonics): annex on direct connected meters of EN 50470-3. */
export const halfWave = analyse(1, (turns) => (isPositiveHalf(turns) ? cosine(turns) : 0));
/** Phase-fired at 90°: current flows from the crest to the zero crossing of each half wave (odd harmonics). */
export const phaseFired = analyse(1, (turns) => (sinceCrossing(turns) >= 0.5 ? cosine(turns) : 0));
/** Two cycles on, two cycles off (sub-harmonics), switched at zero crossings. */
export const burst = analyse(4, (turns) => ((turns + 0.25) % 4 < 2 ? cosine(turns) : 0));
/** Fifth harmonic of the influence test: 10 % in the voltage and 40 % in the current, in phase at the zero crossing. */
export const fifthOfVoltage: readonly Harmonic[] = Object.freeze([{ order: 5, fraction: 0.1, phase_deg: 0 }]);
export const fifthOfCurrent: readonly Harmonic[] = Object.freeze([{ order: 5, fraction: 0.4, phase_deg: 0 }]);

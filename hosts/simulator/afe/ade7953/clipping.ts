// SPDX-License-Identifier: Apache-2.0
import type { Tone } from "./steady-state.js";

const points = 1024;

/**
 * The tones of a waveform after the converter clipped it at ±`limit`.
 *
 * Only whole orders repeat with the mains: a waveform with others is not clipped but scaled to the limit.
 *
 * @param turnsPerSample mains frequency by sample rate: orders from half the rate on are left out
 */
export function clipComponents(tones: readonly Tone[], limit: number, turnsPerSample: number): readonly Tone[] {
	let bound = 0;
	for (const { order, re, im } of tones) bound += (order === 0 ? 1 : Math.SQRT2) * Math.hypot(re, im);
	if (bound <= limit) return tones;
	if (tones.some((tone) => !Number.isInteger(tone.order))) {
		return tones.map(({ order, re, im }) => ({ order, re: (re * limit) / bound, im: (im * limit) / bound }));
	}
	const wave = new Float64Array(points);
	for (const { order, re, im } of tones) {
		const size = order === 0 ? 1 : Math.SQRT2;
		for (let n = 0; n < points; n++) {
			const angle = (2 * Math.PI * ((order * n) % points)) / points;
			wave[n]! += size * (re * Math.cos(angle) - im * Math.sin(angle));
		}
	}
	for (let n = 0; n < points; n++) wave[n] = Math.max(-limit, Math.min(limit, wave[n]!));
	const highest = Math.min(points / 4, Math.floor(0.5 / turnsPerSample));
	const clipped: Tone[] = [];
	for (let order = 0; order <= highest; order++) {
		let re = 0;
		let im = 0;
		for (let n = 0; n < points; n++) {
			const angle = (2 * Math.PI * ((order * n) % points)) / points;
			re += wave[n]! * Math.cos(angle);
			im -= wave[n]! * Math.sin(angle);
		}
		const size = (order === 0 ? 1 : Math.SQRT2) / points;
		clipped.push({ order, re: re * size, im: im * size });
	}
	return clipped;
}

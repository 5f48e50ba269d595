// SPDX-License-Identifier: Apache-2.0

/** Linear-phase FIR of odd length with few taps: the pass band of a front end. Delays by (taps − 1)/2 samples. */
export class FirBand {
	readonly #taps: Float64Array;
	readonly #history: Float64Array;

	/** @param taps symmetric, odd number */
	constructor(taps: readonly number[]) {
		this.#taps = Float64Array.from(taps);
		this.#history = new Float64Array(taps.length - 1);
	}

	reset(): void {
		this.#history.fill(0);
	}

	/** Filters `samples[0 … count-1]` in place. */
	process(samples: Float64Array, count: number): void {
		const taps = this.#taps;
		const history = this.#history;
		const kept = history.length;
		for (let n = 0; n < count; n++) {
			const x = samples[n]!;
			let y = taps[0]! * x;
			for (let k = 0; k < kept; k++) y += taps[k + 1]! * history[k]!;
			for (let k = kept - 1; k > 0; k--) history[k] = history[k - 1]!;
			history[0] = x;
			samples[n] = y;
		}
	}

	/** Real gain at `omega` (radians per sample), the delay left out. */
	static gain(taps: readonly number[], omega: number): number {
		const middle = (taps.length - 1) / 2;
		let gain = taps[middle]!;
		for (let k = 1; k <= middle; k++) gain += 2 * taps[middle + k]! * Math.cos(k * omega);
		return gain;
	}

	/** Factor by which the rms of white noise changes. */
	static noiseGain(taps: readonly number[]): number {
		return Math.hypot(...taps);
	}
}

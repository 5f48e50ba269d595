// SPDX-License-Identifier: Apache-2.0
import { kaiser } from "./kaiser.js";

/** Samples on each side of the wanted instant. */
export const sincReach = 16;
const beta = 8;

/**
 * Interpolation weights of a band-limited signal: 32 samples around an instant, Kaiser window, sum 1.
 *
 * @param fraction 0 ≤ fraction < 1: how far the instant lies behind sample 15 of the 32
 * @param into 32 weights
 */
export function sincWeights(fraction: number, into: Float64Array): void {
	let sum = 0;
	for (let k = 0; k < 2 * sincReach; k++) {
		const x = k - (sincReach - 1) - fraction;
		const sinc = Math.abs(x) < 1e-12 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
		sum += into[k] = sinc * kaiser(x / sincReach, beta);
	}
	for (let k = 0; k < 2 * sincReach; k++) into[k]! /= sum;
}

/** Delays by `FractionalDelay.base` samples plus −8 … 64, whole or not. */
export class FractionalDelay {
	/** Samples by which a path without delay of its own has to be delayed beside this one. */
	static readonly base = sincReach + 8;
	readonly #weights = new Float64Array(2 * sincReach);
	readonly #line: Float64Array;
	readonly #offset: number;

	/**
	 * @param delay_samples added to the base delay, −8 … 64
	 * @param longestBlock greatest `count` of `process`
	 */
	constructor(delay_samples: number, longestBlock: number) {
		if (!(delay_samples >= sincReach - FractionalDelay.base && delay_samples <= 64)) {
			throw new RangeError(`a delay of ${delay_samples} samples is outside -8 to 64`);
		}
		const whole = Math.ceil(delay_samples);
		sincWeights(whole - delay_samples, this.#weights);
		// Output n stands for instant n − base − delay; its window begins sincReach − 1 samples before.
		this.#offset = FractionalDelay.base + sincReach - 1 + whole;
		this.#line = new Float64Array(this.#offset + longestBlock);
	}

	reset(): void {
		this.#line.fill(0);
	}

	/** Filters in place. */
	process(samples: Float64Array, count: number): void {
		const line = this.#line;
		const kept = this.#offset;
		line.set(samples.subarray(0, count), kept);
		const weights = this.#weights;
		for (let n = 0; n < count; n++) {
			let y = 0;
			for (let k = 0; k < weights.length; k++) y += weights[k]! * line[n + k]!;
			samples[n] = y;
		}
		line.copyWithin(0, count, count + kept);
	}
}

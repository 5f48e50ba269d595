// SPDX-License-Identifier: Apache-2.0
import { kaiser } from "./kaiser.js";

/**
 * FIR that delays every tone by a quarter of its period: windowed 2/(πk) at odd k (type III: exactly 90°, only the gain
 * depends on frequency). The whole filter delays by `delay` samples on top.
 */
export class Hilbert {
	/** Samples by which other operands have to be delayed. */
	readonly delay: number;
	/** Taps at k = 1, 3, 5, …; those at −k have the other sign. */
	readonly #taps: Float64Array;
	#line: Float64Array;

	/**
	 * @param length number of taps, 4n − 1
	 * @param beta of the Kaiser window
	 * @param unityOmega radians per sample where the gain is made 1
	 */
	constructor(length: number, beta: number, unityOmega: number) {
		this.delay = (length - 1) / 2;
		this.#taps = new Float64Array((this.delay + 1) / 2);
		for (let n = 0; n < this.#taps.length; n++) {
			const k = 2 * n + 1;
			this.#taps[n] = (2 / (Math.PI * k)) * kaiser(k / (this.delay + 1), beta);
		}
		const scale = 1 / this.gain(unityOmega);
		for (let n = 0; n < this.#taps.length; n++) this.#taps[n]! *= scale;
		this.#line = new Float64Array(length - 1);
	}

	reset(): void {
		this.#line.fill(0);
	}

	/** Gain at `omega` (radians per sample). */
	gain(omega: number): number {
		// sin((2n+1)ω) by the recurrence s(n+1) = 2·cos(2ω)·s(n) − s(n−1)
		const twice = 2 * Math.cos(2 * omega);
		let before = -Math.sin(omega);
		let sine = Math.sin(omega);
		let sum = 0;
		for (let n = 0; n < this.#taps.length; n++) {
			sum += this.#taps[n]! * sine;
			const next = twice * sine - before;
			before = sine;
			sine = next;
		}
		return 2 * sum;
	}

	/** `turned[n]` = quarter period late, `straight[n]` = the same samples only delayed. Arrays must not overlap. */
	process(input: Float64Array, turned: Float64Array, straight: Float64Array, count: number): void {
		const kept = 2 * this.delay;
		if (this.#line.length < kept + count) {
			const longer = new Float64Array(kept + count);
			longer.set(this.#line.subarray(0, kept));
			this.#line = longer;
		}
		const line = this.#line;
		line.set(input.subarray(0, count), kept);
		const taps = this.#taps;
		for (let n = 0; n < count; n++) {
			const middle = n + this.delay;
			let low = middle - 1;
			let high = middle + 1;
			let y = 0;
			for (let k = 0; k < taps.length; k++) {
				y += taps[k]! * (line[low]! - line[high]!);
				low -= 2;
				high += 2;
			}
			turned[n] = y;
			straight[n] = line[middle]!;
		}
		line.copyWithin(0, count, count + kept);
	}
}

/** Delays by a whole number of samples. */
export class DelayLine {
	readonly #ring: Float64Array;
	#at = 0;

	/** @param delay samples, ≥ 1 */
	constructor(delay: number) {
		this.#ring = new Float64Array(delay);
	}

	reset(): void {
		this.#ring.fill(0);
	}

	/** `input` and `output` may be the same array. */
	process(input: Float64Array, output: Float64Array, count: number): void {
		const ring = this.#ring;
		let at = this.#at;
		for (let n = 0; n < count; n++) {
			const x = input[n]!;
			output[n] = ring[at]!;
			ring[at] = x;
			if (++at === ring.length) at = 0;
		}
		this.#at = at;
	}
}

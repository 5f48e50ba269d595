// SPDX-License-Identifier: Apache-2.0

/** Uniform 32-bit generator with 128 bits of state (sfc32 of PractRand); the same seed gives the same sequence everywhere. */
export class SeededRandom {
	#a = 0;
	#b: number;
	#c: number;
	#counter = 1;

	/** @param seed integer; only its lower 53 bits count */
	constructor(seed: number) {
		this.#b = seed | 0;
		this.#c = Math.floor(seed / 0x1_0000_0000) | 0;
		for (let n = 0; n < 12; n++) this.nextUint32();
	}

	/** 0 … 2^32 − 1. */
	nextUint32(): number {
		const sum = (this.#a + this.#b + this.#counter) | 0;
		this.#counter = (this.#counter + 1) | 0;
		this.#a = this.#b ^ (this.#b >>> 9);
		this.#b = (this.#c + (this.#c << 3)) | 0;
		this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
		return sum >>> 0;
	}

	/** 0 ≤ x < 1, multiples of 2^−32. */
	next(): number {
		return this.nextUint32() / 0x1_0000_0000;
	}
}

/** Normal deviates, mean 0 and variance 1 (Marsaglia's polar method). */
export class Gaussian {
	readonly #random: SeededRandom;
	#spare = 0;
	#hasSpare = false;

	constructor(seed: number) {
		this.#random = new SeededRandom(seed);
	}

	next(): number {
		if (this.#hasSpare) {
			this.#hasSpare = false;
			return this.#spare;
		}
		let x: number;
		let y: number;
		let s: number;
		do {
			x = 2 * this.#random.next() - 1;
			y = 2 * this.#random.next() - 1;
			s = x * x + y * y;
		} while (s >= 1 || s === 0);
		const scale = Math.sqrt((-2 * Math.log(s)) / s);
		this.#spare = y * scale;
		this.#hasSpare = true;
		return x * scale;
	}

	/** Adds white noise of rms `sigma` to `samples[0 … count-1]`. */
	addTo(samples: Float64Array, count: number, sigma: number): void {
		for (let n = 0; n < count; n++) samples[n]! += sigma * this.next();
	}
}

// SPDX-License-Identifier: Apache-2.0

/**
 * Repeatable chance: a Weyl sequence through a 32-bit mixing function (multiplications and shifts, each invertible).
 * The same seed and stream give the same throws; streams of one seed have nothing to do with each other.
 */
export class Dice {
	#state: number;

	constructor(seed: number, stream: number) {
		this.#state = mix(mix(seed >>> 0) ^ (stream >>> 0));
	}

	/** A number in [0, 1). */
	throw(): number {
		this.#state = (this.#state + 0x9e37_79b9) >>> 0; // 2^32 / golden ratio
		return mix(this.#state) / 0x1_0000_0000;
	}

	between(least: number, greatest: number): number {
		return least + (greatest - least) * this.throw();
	}

	happens(probability: number): boolean {
		return this.throw() < probability;
	}
}

function mix(word: number): number {
	let x = word >>> 0;
	x = Math.imul(x ^ (x >>> 16), 0x45d9_f3b5) >>> 0;
	x = Math.imul(x ^ (x >>> 15), 0x2c1b_3c6d) >>> 0;
	return (x ^ (x >>> 16)) >>> 0;
}

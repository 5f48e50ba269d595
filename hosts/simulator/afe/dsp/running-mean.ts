// SPDX-License-Identifier: Apache-2.0

/**
 * Mean of the last `length` samples, from the first sample on divided by `length`.
 *
 * The sum is rebuilt once per turn of the ring: rounding never outlives `length` samples, so a small signal after a
 * large one is not buried under its residue.
 */
export class RunningMean {
	readonly #ring: Float64Array;
	#at = 0;
	#sum = 0;
	#fresh = 0;

	constructor(length: number) {
		this.#ring = new Float64Array(length);
	}

	reset(): void {
		this.#ring.fill(0);
		this.#at = 0;
		this.#sum = 0;
		this.#fresh = 0;
	}

	next(x: number): number {
		const ring = this.#ring;
		const at = this.#at;
		this.#sum += x - ring[at]!;
		this.#fresh += x;
		ring[at] = x;
		if (at + 1 === ring.length) {
			this.#at = 0;
			this.#sum = this.#fresh;
			this.#fresh = 0;
		} else this.#at = at + 1;
		return this.#sum / ring.length;
	}

	/** `output[n]` = mean after `input[n]`; both may be the same array. */
	process(input: Float64Array, output: Float64Array, count: number): void {
		const ring = this.#ring;
		const length = ring.length;
		let at = this.#at;
		let sum = this.#sum;
		let fresh = this.#fresh;
		for (let n = 0; n < count; n++) {
			const x = input[n]!;
			sum += x - ring[at]!;
			fresh += x;
			ring[at] = x;
			if (++at === length) {
				at = 0;
				sum = fresh;
				fresh = 0;
			}
			output[n] = sum / length;
		}
		this.#at = at;
		this.#sum = sum;
		this.#fresh = fresh;
	}
}

/** Two running means of the same length in series: a triangular window. */
export class TriangularMean {
	readonly #first: RunningMean;
	readonly #second: RunningMean;

	constructor(length: number) {
		this.#first = new RunningMean(length);
		this.#second = new RunningMean(length);
	}

	reset(): void {
		this.#first.reset();
		this.#second.reset();
	}

	/** Filters in place. */
	process(samples: Float64Array, count: number): void {
		this.#first.process(samples, samples, count);
		this.#second.process(samples, samples, count);
	}
}

// SPDX-License-Identifier: Apache-2.0

const resolution = 60;

/**
 * Sums of some quantities over the last seconds, in at most 60 steps: a window of up to 60 s slides by whole intervals, a
 * longer one by a sixtieth of itself, with the oldest step weighted by what of it is still inside.
 */
export class SlidingWindow {
	#window_ms: number;
	#step_ms: number;
	readonly #columns: number;
	/** Per step: its sums; 24 bits of mantissa, half a watt in 8 MW. */
	readonly #sums: Float32Array;
	readonly #lengths_ms = new Float32Array(resolution + 1);
	/** The step that takes intervals, and how many behind it are closed. */
	#open = 0;
	#closed = 0;

	/** @param columns quantities @param window_ms length, at least 1000 */
	constructor(columns: number, window_ms: number) {
		this.#columns = columns;
		this.#sums = new Float32Array((resolution + 1) * columns);
		this.#window_ms = window_ms;
		this.#step_ms = window_ms / resolution;
	}

	get window_ms(): number {
		return this.#window_ms;
	}

	clear(window_ms: number = this.#window_ms): void {
		this.#window_ms = window_ms;
		this.#step_ms = window_ms / resolution;
		this.#sums.fill(0);
		this.#lengths_ms.fill(0);
		this.#open = 0;
		this.#closed = 0;
	}

	/** Adds to a quantity of the interval that `advance` will end. */
	add(column: number, value: number): void {
		this.#sums[this.#open * this.#columns + column]! += value;
	}

	/** Ends an interval, also one in which nothing was measured. */
	advance(interval_ms: number): void {
		this.#lengths_ms[this.#open]! += interval_ms;
		if (this.#lengths_ms[this.#open]! < this.#step_ms) return;
		this.#open = (this.#open + 1) % (resolution + 1);
		this.#closed = Math.min(this.#closed + 1, resolution);
		this.#lengths_ms[this.#open] = 0;
		for (let n = 0; n < this.#columns; n++) this.#sums[this.#open * this.#columns + n] = 0;
	}

	/** Sum of one quantity over the window; before its start nothing flowed. */
	sum(column: number): number {
		let rest_ms = this.#window_ms - this.#lengths_ms[this.#open]!;
		let sum = this.#sums[this.#open * this.#columns + column]!;
		let at = this.#open;
		for (let n = 0; n < this.#closed && rest_ms > 0; n++) {
			at = at === 0 ? resolution : at - 1;
			const length_ms = this.#lengths_ms[at]!;
			const value = this.#sums[at * this.#columns + column]!;
			sum += length_ms <= rest_ms ? value : (value * rest_ms) / length_ms;
			rest_ms -= length_ms;
		}
		return sum;
	}
}

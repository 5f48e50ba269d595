// SPDX-License-Identifier: Apache-2.0
import type { InputPin } from "../../../../src/ports/bus.js";

/** Told of each falling edge of CF1 or CF2, in the order of time per output. */
export type PulseListener = (output: 1 | 2, time_s: number) => void;

const greatestWidth_s = 0.08;

/**
 * One CF output: falls once per `divider` energy counts of either sign.
 *
 * Low for 80 ms, or for half of the period while that is below 160 ms.
 */
export class PulseOutput implements InputPin {
	/** Called before somebody looks: processes what has been put off. */
	onLook: (() => void) | undefined;
	/** Sign of the quantity at the last falling edge; REVP follows it. */
	wasNegative = false;
	listener: PulseListener | undefined;
	readonly #output: 1 | 2;
	#count = 0;
	#lastEdge_s = Number.NEGATIVE_INFINITY;
	#counts = 0;
	#period_s = Number.POSITIVE_INFINITY;
	#now_s = 0;

	constructor(output: 1 | 2, listener: PulseListener | undefined) {
		this.#output = output;
		this.listener = listener;
	}

	/** Falling edges since start. */
	get count(): number {
		this.onLook?.();
		return this.#count;
	}

	/** Time of the last falling edge, interpolated inside the step that made it; −Infinity before the first. */
	get lastEdge_s(): number {
		this.onLook?.();
		return this.#lastEdge_s;
	}

	/** 1 while idle. */
	read(): 0 | 1 {
		this.onLook?.();
		return this.#now_s - this.#lastEdge_s < Math.min(greatestWidth_s, this.#period_s / 2) ? 0 : 1;
	}

	/** Reset of the chip: the divider starts anew; edges already given remain counted. */
	reset(): void {
		this.#counts = 0;
		this.#period_s = Number.POSITIVE_INFINITY;
	}

	/** Passes from `from_s` to `to_s` with `counts` energy counts evenly spread. */
	advance(counts: number, from_s: number, to_s: number, divider: number): void {
		this.#now_s = to_s;
		if (counts === 0) return;
		const start = this.#counts;
		const sum = start + counts;
		if (sum < divider && sum > -divider) {
			this.#counts = sum;
			return;
		}
		const edges = Math.trunc(sum / divider);
		this.#counts = sum - edges * divider;
		this.#fall(Math.abs(edges), Math.sign(edges) * divider, start, counts, from_s, to_s);
	}

	/** How many more intervals of `counts` until the next edge. */
	intervalsLeft(counts: number, divider: number): number {
		if (counts === 0) return Number.POSITIVE_INFINITY;
		return Math.max(0, counts > 0 ? divider - this.#counts : divider + this.#counts) / Math.abs(counts);
	}

	#fall(edges: number, step: number, start: number, counts: number, from_s: number, to_s: number): void {
		// A divider just made smaller may lie behind what is collected: such edges fall at once.
		const at = (n: number) => from_s + Math.max(0, (n * step - start) / counts) * (to_s - from_s);
		const last_s = at(edges);
		this.#period_s = last_s - (edges > 1 ? at(edges - 1) : this.#lastEdge_s);
		this.#lastEdge_s = last_s;
		this.#count += edges;
		this.wasNegative = step < 0;
		if (this.listener === undefined) return;
		for (let n = 1; n <= edges; n++) this.listener(this.#output, at(n));
	}
}

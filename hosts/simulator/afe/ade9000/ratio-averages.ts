// SPDX-License-Identifier: Apache-2.0
import type { FundamentalExtractor } from "./fundamental.js";
import type { Results } from "./results.js";

const signals = 6;

/** Waveform gear: means over the interval of PF and THD; single values carry ripple of twice the line frequency. */
export class RatioAverages {
	readonly #codes = new Float64Array(18);
	readonly #squares = new Float64Array(signals);
	readonly #fundamentals = new Float64Array(signals);

	/** Adds the power codes of one sample. */
	addCodes(codes: Float64Array): void {
		for (let k = 0; k < codes.length; k++) this.#codes[k]! += codes[k]!;
	}

	/** Adds a block of mean squares and of fundamentals. */
	add(squares: readonly Float64Array[], fundamental: FundamentalExtractor, count: number): void {
		for (let c = 0; c < signals; c++) {
			const square = squares[c]!;
			const re = fundamental.re[c]!;
			const im = fundamental.im[c]!;
			let sum = 0;
			let fundamentalSum = 0;
			for (let n = 0; n < count; n++) {
				sum += square[n]!;
				fundamentalSum += re[n]! * re[n]! + im[n]! * im[n]!;
			}
			this.#squares[c]! += sum;
			this.#fundamentals[c]! += fundamentalSum;
		}
	}

	/** Writes PF and THD of the last `samples` samples and begins anew. */
	publish(results: Results, samples: number): void {
		for (const sums of [this.#squares, this.#fundamentals]) {
			for (let c = 0; c < signals; c++) sums[c] = Math.sqrt(sums[c]! / samples);
		}
		results.publishRatios(this.#codes, this.#squares, this.#fundamentals);
		for (const sums of [this.#codes, this.#squares, this.#fundamentals]) sums.fill(0);
	}
}

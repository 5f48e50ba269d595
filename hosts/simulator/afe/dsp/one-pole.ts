// SPDX-License-Identifier: Apache-2.0

/** First-order low-pass `y += (x − y)·k`. */
export class OnePole {
	readonly #k: number;
	#y = 0;

	/** @param k 0 < k ≤ 1 */
	constructor(k: number) {
		this.#k = k;
	}

	/** The `k` of a corner frequency (matched pole). */
	static coefficient(corner_Hz: number, rate_Hz: number): number {
		return 1 - Math.exp((-2 * Math.PI * corner_Hz) / rate_Hz);
	}

	/** Gain at `omega` (radians per sample). */
	static gain(k: number, omega: number): number {
		const a = 1 - k;
		return k / Math.sqrt(1 - 2 * a * Math.cos(omega) + a * a);
	}

	reset(): void {
		this.#y = 0;
	}

	next(x: number): number {
		return (this.#y += (x - this.#y) * this.#k);
	}

	/** Filters `input` into `output` (may be the same array). */
	process(input: Float64Array, output: Float64Array, count: number): void {
		const k = this.#k;
		let y = this.#y;
		for (let n = 0; n < count; n++) output[n] = y += (input[n]! - y) * k;
		this.#y = Math.abs(y) < 1e-30 ? 0 : y;
	}
}

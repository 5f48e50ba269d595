// SPDX-License-Identifier: Apache-2.0
import type { Response } from "./response.js";

/** First-order high-pass `y = a·(y₁ + x − x₁)`, a = exp(−2π·fc/fs). */
export class HighPass {
	#a: number;
	#x1 = 0;
	#y1 = 0;

	constructor(corner_Hz: number, rate_Hz: number) {
		this.#a = HighPass.coefficient(corner_Hz, rate_Hz);
	}

	static coefficient(corner_Hz: number, rate_Hz: number): number {
		return Math.exp((-2 * Math.PI * corner_Hz) / rate_Hz);
	}

	/** Gain far above the corner: the reciprocal makes the pass band exactly 1. */
	static passGain(a: number): number {
		return (2 * a) / (1 + a);
	}

	/** Changes the corner; the state is kept. */
	setCorner(corner_Hz: number, rate_Hz: number): void {
		this.#a = HighPass.coefficient(corner_Hz, rate_Hz);
	}

	reset(): void {
		this.#x1 = 0;
		this.#y1 = 0;
	}

	/** Filters `samples[0 … count-1]` in place. */
	process(samples: Float64Array, count: number): void {
		const a = this.#a;
		let x1 = this.#x1;
		let y1 = this.#y1;
		for (let n = 0; n < count; n++) {
			const x = samples[n]!;
			y1 = a * (y1 + x - x1);
			x1 = x;
			samples[n] = y1;
		}
		this.#x1 = x1;
		this.#y1 = Math.abs(y1) < 1e-30 ? 0 : y1; // denormal numbers are slow
	}

	/** Multiplies the gain at `omega` (radians per sample) into `into`. */
	static respond(a: number, omega: number, into: Response): void {
		const c = Math.cos(omega);
		const s = Math.sin(omega);
		into.multiplyQuotient(a * (1 - c), a * s, 1 - a * c, a * s);
	}
}

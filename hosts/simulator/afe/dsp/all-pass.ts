// SPDX-License-Identifier: Apache-2.0
import type { Response } from "./response.js";

/** First-order all-pass `(c + z⁻¹)/(1 + c·z⁻¹)`: about one sample of delay, a little less for c > 0. */
export class AllPass {
	#c: number;
	#x1 = 0;
	#y1 = 0;

	/** @param c −1 < c < 1 */
	constructor(c: number) {
		this.#c = c;
	}

	/** Changes the coefficient; the state is kept. */
	setCoefficient(c: number): void {
		this.#c = c;
	}

	reset(): void {
		this.#x1 = 0;
		this.#y1 = 0;
	}

	/** Filters in place. */
	process(samples: Float64Array, count: number): void {
		const c = this.#c;
		let x1 = this.#x1;
		let y1 = this.#y1;
		for (let n = 0; n < count; n++) {
			const x = samples[n]!;
			y1 = c * (x - y1) + x1;
			x1 = x;
			samples[n] = y1;
		}
		this.#x1 = x1;
		this.#y1 = Math.abs(y1) < 1e-30 ? 0 : y1;
	}

	/** Multiplies into `into` the gain at `omega` (radians per sample) relative to a path that is one sample late. */
	static respond(c: number, omega: number, into: Response): void {
		const cosine = Math.cos(omega);
		const sine = Math.sin(omega);
		into.multiplyQuotient(c + cosine, -sine, 1 + c * cosine, -c * sine);
		into.multiply(cosine, sine);
	}
}

// SPDX-License-Identifier: Apache-2.0

/**
 * Zero crossings of one signal, with linear interpolation between samples. Crossings count only while the signal's peak
 * of the last half cycle exceeds a threshold.
 */
export class ZeroCrossing {
	/** Instant (in samples) of the last crossing upwards and downwards; −Infinity before the first. */
	rising = Number.NEGATIVE_INFINITY;
	falling = Number.NEGATIVE_INFINITY;
	/** Samples from the last but one to the last crossing upwards; 0 while unknown. */
	period = 0;
	#last = 0;
	#peak = 0;

	reset(): void {
		this.rising = Number.NEGATIVE_INFINITY;
		this.falling = Number.NEGATIVE_INFINITY;
		this.period = 0;
		this.#last = 0;
		this.#peak = 0;
	}

	/**
	 * Takes sample `n`.
	 *
	 * @returns 1 after a crossing upwards, −1 downwards, 0 otherwise
	 */
	next(n: number, x: number, threshold: number): -1 | 0 | 1 {
		const last = this.#last;
		this.#last = x;
		const size = Math.abs(x);
		if (last < 0 === x < 0) {
			if (size > this.#peak) this.#peak = size;
			return 0;
		}
		const isValid = this.#peak > threshold;
		this.#peak = size;
		if (!isValid) return 0;
		const at = n - 1 + last / (last - x);
		if (x < 0) {
			this.falling = at;
			return -1;
		}
		this.period = at - this.rising;
		if (!Number.isFinite(this.period)) this.period = 0;
		this.rising = at;
		return 1;
	}

	/** Forgets the last crossing: the next period begins anew. */
	lose(): void {
		this.rising = Number.NEGATIVE_INFINITY;
		this.period = 0;
	}
}

// SPDX-License-Identifier: Apache-2.0

/** Readings of the same thing: their mean, and how far it can be trusted. */
export class Sample {
	count = 0;
	#sum = 0;
	#squares = 0;
	#first = 0;

	add(value: number): void {
		if (this.count === 0) this.#first = value;
		const distance = value - this.#first;
		this.count++;
		this.#sum += distance;
		this.#squares += distance * distance;
	}

	get mean(): number {
		return this.count === 0 ? 0 : this.#first + this.#sum / this.count;
	}

	/** Standard error of the mean; infinite with less than two readings. */
	get standardError(): number {
		const n = this.count;
		if (n < 2) return Infinity;
		return Math.sqrt(Math.max(0, this.#squares - (this.#sum * this.#sum) / n) / (n - 1) / n);
	}

	/** `wanted` minus the mean where that is more than noise explains (three standard errors), else 0. */
	correctionTo(wanted: number): number {
		const difference = wanted - this.mean;
		return Math.abs(difference) > 3 * this.standardError ? difference : 0;
	}
}

// SPDX-License-Identifier: Apache-2.0

/**
 * Counts of values by class, in octets that belong to somebody else (a record that is stored): bounded memory however many
 * values there are. Values below the first class and above the last count in those.
 */
export class Histogram {
	readonly #view: DataView;
	readonly #offset: number;
	readonly #first: number;
	readonly #width: number;
	readonly #classes: number;

	/** Octets that so many classes take. */
	static octets(classes: number): number {
		return classes * 2;
	}

	/**
	 * @param first lower edge of the first class, `width` its width, in the unit of the values
	 */
	constructor(view: DataView, offset: number, first: number, width: number, classes: number) {
		this.#view = view;
		this.#offset = offset;
		this.#first = first;
		this.#width = width;
		this.#classes = classes;
	}

	add(value: number): void {
		const place = Math.floor((value - this.#first) / this.#width);
		const at = this.#offset + 2 * Math.min(Math.max(place, 0), this.#classes - 1);
		const count = this.#view.getUint16(at);
		if (count < 0xffff) this.#view.setUint16(at, count + 1);
	}

	/** Values in class `n`. */
	count(n: number): number {
		return this.#view.getUint16(this.#offset + 2 * n);
	}

	/**
	 * The value at position ⌈q · n⌉ in ascending order, as the middle of its class; NaN without values.
	 * @param q_permil 1..1000
	 */
	quantile(q_permil: number): number {
		let total = 0;
		for (let n = 0; n < this.#classes; n++) total += this.count(n);
		if (total === 0) return Number.NaN;
		let left = Math.ceil((total * q_permil) / 1000);
		let n = 0;
		for (; n < this.#classes - 1; n++) {
			left -= this.count(n);
			if (left <= 0) break;
		}
		return this.#first + (n + 0.5) * this.#width;
	}
}

// SPDX-License-Identifier: Apache-2.0

/** Rows by absolute number, in the order in which they are given; fixed when it is made. */
export interface RowNumbers {
	readonly count: number;
	/** @param index 0 … count-1; fast when indexes are asked for in rising order, or in falling order */
	numberAt(index: number): number;
}

/** Rows whose numbers follow each other. */
export interface RowSequence {
	readonly first: number;
	readonly count: number;
	/** 1, or -1 for the newest first; 1 when left out. */
	readonly step?: number;
}

export function rowNumberAt(rows: RowNumbers | RowSequence, index: number): number {
	return "first" in rows ? rows.first + index * (rows.step ?? 1) : rows.numberAt(index);
}

/** Rows in a list. */
export class RowList implements RowNumbers {
	readonly #numbers: Uint32Array;

	/** @param numbers not changed any more */
	constructor(numbers: Uint32Array) {
		this.#numbers = numbers;
	}

	get count(): number {
		return this.#numbers.length;
	}

	numberAt(index: number): number {
		return this.#numbers[index]!;
	}
}

/** The same rows, the last one first. */
export class ReversedRows implements RowNumbers {
	readonly count: number;
	readonly #rows: RowNumbers;

	constructor(rows: RowNumbers) {
		this.#rows = rows;
		this.count = rows.count;
	}

	numberAt(index: number): number {
		return this.#rows.numberAt(this.count - 1 - index);
	}
}

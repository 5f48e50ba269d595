// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { ProfileRow } from "./profile-row.js";
import type { RowNumbers } from "./row-numbers.js";

/** Rows by absolute number, as the search needs them. */
export interface RowSource {
	readonly firstNumber: number;
	readonly nextNumber: number;
	/** False when there is no such row (any more), or it cannot be read. */
	readRow(number: number, into: ProfileRow): boolean;
}

/** Compare time stamps in UTC, or as the wall clock showed them. */
export type TimeBase = "utc" | "local";

/** So many rows are looked at where even distances would have them, before halving takes over. */
const guesses = 4;
/** More pieces than this (the clock was set back often) are not listed but looked through. */
const maximumPieces = 16;

/**
 * The rows whose time stamp lies in a range, in the order in which they were stored, frozen by absolute numbers.
 *
 * Between two steps back of time the stamps rise, and rows tell in which such run they are: each run takes two
 * searches and yields one piece of the result. A log in which time never went back is one run.
 */
export class RowRange implements RowNumbers {
	/** Number of rows. Those that the ring overwrites later are no longer readable, but keep their index. */
	readonly count: number;
	readonly #source: RowSource;
	readonly #row: ProfileRow;
	readonly #base: TimeBase;
	readonly #from_s: number;
	readonly #to_s: number;
	readonly #end: number;
	/** First number and length of each piece; unused when there were too many. */
	readonly #starts: number[];
	readonly #lengths: number[];
	#pieces = 0;
	/** While looking through: the row given last. */
	#lastIndex = -1;
	#lastNumber = -1;
	readonly #begin: number;

	/**
	 * @param row scratch, used during construction and `numberAt`
	 * @param from_s first time stamp, `-Infinity` for all; both ends included
	 * @param to_s last time stamp, `Infinity` for all
	 */
	constructor(source: RowSource, row: ProfileRow, from_s: number, to_s: number, base: TimeBase) {
		this.#source = source;
		this.#row = row;
		this.#base = base;
		this.#from_s = from_s;
		this.#to_s = to_s;
		this.#begin = source.firstNumber;
		this.#end = source.nextNumber;
		this.#starts = zeros(maximumPieces);
		this.#lengths = zeros(maximumPieces);
		this.count = from_s > to_s ? 0 : this.findPieces();
	}

	/** Absolute number of the row at `index`, 0 … count-1; -1 for one that was lost since. */
	numberAt(index: number): number {
		if (this.#pieces <= maximumPieces) {
			let rest = index;
			let piece = 0;
			while (rest >= this.#lengths[piece]!) rest -= this.#lengths[piece++]!;
			return this.#starts[piece]! + rest;
		}
		if (this.#lastIndex < 0) this.startFrom(index);
		for (; this.#lastIndex > index; this.#lastIndex--) this.#lastNumber = this.previous();
		while (this.#lastIndex < index) {
			this.#lastNumber++;
			// rows lost in the meantime have had an index, which nobody knows: the rest moves up, the end stays empty
			if (this.#lastNumber >= this.#end || this.isInRange(this.#lastNumber)) this.#lastIndex++;
		}
		return this.#lastNumber < this.#end ? this.#lastNumber : -1; // behind the end are rows that came later
	}

	/** Looking through begins at the nearer end. */
	private startFrom(index: number): void {
		const isNearEnd = index > this.count / 2;
		this.#lastIndex = isNearEnd ? this.count : -1;
		this.#lastNumber = isNearEnd ? this.#end : this.#begin - 1;
	}

	/** Number of the row of the range in front of the one given last; one that can not be there when there is none left. */
	private previous(): number {
		let number = this.#lastNumber - 1;
		while (number >= this.#begin && number < this.#end && !this.isInRange(number)) number--;
		return Math.max(number, this.#begin - 1);
	}

	private findPieces(): number {
		let sum = 0;
		for (let at = this.#begin; at < this.#end; ) {
			const readable = this.readableFrom(at, this.#end);
			if (readable === this.#end) break;
			const first_s = this.stamp_s();
			let last_s = NaN;
			let runEnd = this.#end;
			const { run } = this.#row;
			// mostly time has not gone back since, and the last row tells
			if (this.#source.readRow(this.#end - 1, this.#row) && this.#row.run === run) last_s = this.stamp_s();
			else runEnd = this.endOfRun(readable, run);
			const start = this.firstFrom(this.#from_s, readable, readable, first_s, runEnd, last_s);
			const end = this.firstFrom(this.#to_s + 1, start, readable, first_s, runEnd, last_s);
			if (end > start) {
				if (this.#pieces === maximumPieces) {
					this.#pieces++;
					return this.countAll();
				}
				this.#starts[this.#pieces] = start;
				this.#lengths[this.#pieces++] = end - start;
				sum += end - start;
			}
			at = runEnd;
		}
		return sum;
	}

	private countAll(): number {
		let sum = 0;
		for (let number = this.#begin; number < this.#end; number++) if (this.isInRange(number)) sum++;
		return sum;
	}

	private isInRange(number: number): boolean {
		if (!this.#source.readRow(number, this.#row)) return false;
		const stamp_s = this.stamp_s();
		return stamp_s >= this.#from_s && stamp_s <= this.#to_s;
	}

	private stamp_s(): number {
		return this.#base === "utc" ? this.#row.utc_s : this.#row.local_s;
	}

	/** First readable number from `at` on, its row loaded; `end` when there is none. */
	private readableFrom(at: number, end: number): number {
		let number = at;
		while (number < end && !this.#source.readRow(number, this.#row)) number++;
		return number;
	}

	/** Number behind a run. */
	private endOfRun(start: number, run: number): number {
		let low = start + 1;
		let high = this.#end;
		while (low < high) {
			const middle = Math.floor((low + high) / 2);
			const probe = this.readableFrom(middle, high);
			if (probe < high && this.#row.run === run) low = probe + 1;
			else high = middle;
		}
		return low;
	}

	/**
	 * First number of a run, `from` or later, whose stamp is `limit_s` or later; `end` when there is none.
	 *
	 * Rows mostly come at equal distances: where the stamps of both ends are known some places are guessed.
	 * @param first first number of the run, with the stamp `first_s`
	 * @param last_s stamp of the last row of the run, NaN when unknown
	 */
	private firstFrom(
		limit_s: number,
		from: number,
		first: number,
		first_s: number,
		end: number,
		last_s: number,
	): number {
		if (first_s >= limit_s) return from;
		if (last_s < limit_s) return end;
		let low = from;
		let high = end;
		let below = first;
		let below_s = first_s;
		let above = end - 1;
		let above_s = last_s;
		for (let left = Number.isNaN(last_s) ? 0 : guesses; low < high; left--) {
			let middle = Math.floor((low + high) / 2);
			if (left > 0) {
				const guess = below + Math.ceil(((limit_s - below_s) * (above - below)) / (above_s - below_s));
				middle = Math.max(low, Math.min(guess, high - 1));
			}
			const probe = this.readableFrom(middle, high);
			const stamp_s = probe < high ? this.stamp_s() : NaN;
			if (stamp_s < limit_s) {
				low = probe + 1;
				below = probe;
				below_s = stamp_s;
			} else {
				if (probe < high) {
					above = probe;
					above_s = stamp_s;
				}
				high = middle;
			}
		}
		return low;
	}
}

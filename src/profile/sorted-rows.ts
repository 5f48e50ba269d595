// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { RingLog } from "../storage/ring-log.js";
import type { ProfileRow } from "./profile-row.js";
import { RowList } from "./row-numbers.js";
import { sortMethod } from "./sort-method.js";

/** What is known of a row without reading it. */
export const sortedField = Object.freeze({
	/** Of the sort object, NaN where it is no number. */
	value: 0,
	/** Under which the row lies in the log now. */
	number: 1,
	/** Under which it was stored first: the order of capture. */
	serial: 2,
	utc_s: 3,
	local_s: 4,
});
const stride = 5;

/** A row moves to the front of its log when there are more rows behind it than so many times those that are kept. */
const moveBehind = 2;
/**
 * Rows that the log holds for each that is kept. Where all of them lie in one piece each new row moves one of them, so the last
 * is moved when there are three times as many behind it. The rest is for slots that a power failure spoils, and for what
 * somebody has begun to read: a row that was moved, or pushed out, stays readable while as many are captured as are kept.
 */
const spread = 5;

/** Rows that are sorted and kept at most: what is known of them stands in RAM, 40 octets each. */
export const maximumSortedRows = Object.freeze({ board: 128, desktop: 4096 });

/** Entries that a sorted profile can have on some sectors. */
export function sortedRowsThatFit(
	sectorSize: number,
	sectorCount: number,
	rowSize: number,
	size: keyof typeof maximumSortedRows,
): number {
	return Math.min(maximumSortedRows[size], Math.floor(RingLog.rowsThatFit(sectorSize, sectorCount, rowSize) / spread));
}

/**
 * The order of a profile of sort methods 3 to 6: its rows are those of its log that come first by the value of the sort object,
 * equal ones in the order of capture, those without a number last.
 *
 * Rows are appended to the log and never taken out of it: which of them are the first `capacity` follows from what lies there,
 * so nothing else is stored. A row that comes behind all of a full profile is not appended. One that the ring would reach soon
 * is appended again under its serial number, after which it counts at its new place.
 */
export class SortedRows {
	readonly capacity: number;
	readonly #method: number;
	/** `sortedField` of each row, in their order. */
	readonly #table: Float64Array;
	#count = 0;

	/** @param method 3 … 6 */
	constructor(method: number, capacity: number) {
		this.#method = method;
		this.capacity = capacity;
		this.#table = new Float64Array(capacity * stride);
	}

	get count(): number {
		return this.#count;
	}

	/** Whether a new row of that value would be among the rows. */
	takes(value: number): boolean {
		return this.#count < this.capacity || this.rank(value) < this.rankAt(this.#count - 1);
	}

	/**
	 * Finds the rows on the part.
	 * @param row scratch @param sortValue the sort object of the row in it @throws DeviceError, and the order is of no use
	 */
	load(log: RingLog, row: ProfileRow, sortValue: (row: ProfileRow) => number): void {
		this.#count = 0;
		const end = log.nextNumber;
		for (let number = log.firstNumber; number < end; number++) {
			if (!log.read(number, row.bytes)) continue;
			this.enter(sortValue(row), number, row.serial(log.rowSize), row);
		}
	}

	/**
	 * Stores the row in `row`, which is on the medium when this returns; `takes` has said that it belongs there. Then `row` is of no use.
	 * @throws DeviceError, with nothing changed
	 */
	store(log: RingLog, row: ProfileRow, value: number): void {
		const number = log.nextNumber;
		row.setSerial(log.rowSize, number);
		log.append(row.bytes.subarray(0, log.rowSize));
		this.enter(value, number, number, row);
		this.moveOldest(log, row);
	}

	/** Moves a row that lies far back in the log. A medium that refuses is tried again after the next row. */
	private moveOldest(log: RingLog, row: ProfileRow): void {
		const at = this.oldest();
		if (at < 0) return;
		const place = at * stride + sortedField.number;
		const number = this.#table[place]!;
		if (log.nextNumber - number <= moveBehind * this.capacity) return;
		try {
			if (log.read(number, row.bytes)) {
				log.append(row.bytes.subarray(0, log.rowSize));
				this.#table[place] = log.nextNumber - 1;
			} else this.remove(at);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}

	clear(): void {
		this.#count = 0;
	}

	/** Number of the row that was captured last; -1 when there is none. */
	get newestNumber(): number {
		let newest = -1;
		let number = -1;
		for (let at = 0; at < this.#count * stride; at += stride) {
			if (this.#table[at + sortedField.serial]! <= newest) continue;
			newest = this.#table[at + sortedField.serial]!;
			number = this.#table[at + sortedField.number]!;
		}
		return number;
	}

	/** Rows from place `first` on, 0 is the first of the order. */
	part(first: number, count: number): RowList {
		const numbers = new Uint32Array(Math.max(0, Math.min(count, this.#count - first)));
		for (let n = 0; n < numbers.length; n++) numbers[n] = this.#table[(first + n) * stride + sortedField.number]!;
		return new RowList(numbers);
	}

	/** Rows of which a field lies in a range, both ends included, in their order. */
	select(field: number, from: number, to: number): RowList {
		const numbers = new Uint32Array(this.#count);
		let count = 0;
		for (let at = 0; at < this.#count * stride; at += stride) {
			const value = this.#table[at + field]!;
			if (value >= from && value <= to) numbers[count++] = this.#table[at + sortedField.number]!;
		}
		return new RowList(numbers.subarray(0, count));
	}

	/** Those captured `from`-last to `to`-last, 1 is the newest, in their order. */
	newest(from: number, to: number): RowList {
		const serials = new Uint32Array(this.#count);
		for (let n = 0; n < serials.length; n++) serials[n] = this.#table[n * stride + sortedField.serial]!;
		serials.sort();
		const count = serials.length;
		if (from > count || to < from) return this.part(0, 0);
		return this.select(sortedField.serial, serials[Math.max(0, count - to)]!, serials[count - from]!);
	}

	/** Puts a row in its place. One that is there already, stored again since, has only moved. */
	private enter(value: number, number: number, serial: number, row: ProfileRow): void {
		const rank = this.rank(value);
		const place = this.placeOf(rank, serial);
		if (place >= this.capacity) return;
		const table = this.#table;
		const at = place * stride;
		if (place < this.#count && table[at + sortedField.serial] === serial) {
			table[at + sortedField.number] = number;
			return;
		}
		// the last one of a full profile is pushed out
		if (this.#count < this.capacity) this.#count++;
		table.copyWithin(at + stride, at, (this.#count - 1) * stride);
		table[at + sortedField.value] = value;
		table[at + sortedField.number] = number;
		table[at + sortedField.serial] = serial;
		table[at + sortedField.utc_s] = row.utc_s;
		table[at + sortedField.local_s] = row.local_s;
	}

	/** Of the row itself, or of the first one that comes behind it. */
	private placeOf(rank: number, serial: number): number {
		let low = 0;
		let high = this.#count;
		while (low < high) {
			const middle = (low + high) >> 1;
			const other = this.rankAt(middle);
			const isBefore = other < rank || (other === rank && this.#table[middle * stride + sortedField.serial]! < serial);
			if (isBefore) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	private rankAt(place: number): number {
		return this.rank(this.#table[place * stride + sortedField.value]!);
	}

	/** Less comes first. */
	private rank(value: number): number {
		if (Number.isNaN(value)) return Infinity;
		switch (this.#method) {
			case sortMethod.largest:
				return -value;
			case sortMethod.nearestToZero:
				return Math.abs(value);
			case sortMethod.farthestFromZero:
				return -Math.abs(value);
			default:
				return value;
		}
	}

	/** Place of the row that lies farthest back in the log. */
	private oldest(): number {
		let oldest = Infinity;
		let place = -1;
		for (let n = 0; n < this.#count; n++) {
			const number = this.#table[n * stride + sortedField.number]!;
			if (number >= oldest) continue;
			oldest = number;
			place = n;
		}
		return place;
	}

	/** A row that can not be read any more is none. */
	private remove(place: number): void {
		this.#table.copyWithin(place * stride, (place + 1) * stride, this.#count * stride);
		this.#count--;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { dateLength, isDatePattern, matchesDay } from "../clock/date-pattern.js";
import { DeviceError } from "../core/device-error.js";
import type { RecordStore } from "../storage/record-store.js";

export const maximumSpecialDays = 31;

const layoutVersion = 1;
/** Index (2 octets), date (5), day id. */
const entryLength = 2 + dateLength + 1;
const firstEntry = 2;

/** A special days table, loaded when it is needed: version 1 · number · entries by rising index. */
export class SpecialDays {
	readonly bytes = new Uint8Array(firstEntry + maximumSpecialDays * entryLength);

	load(store: RecordStore, key: number): this {
		let length = -1;
		try {
			length = store.read(key, this.bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (length < firstEntry || this.bytes[0] !== layoutVersion) this.clear();
		return this;
	}

	/** @throws DeviceError when the medium refuses */
	store(store: RecordStore, key: number): void {
		store.write(key, this.bytes, this.entryAt(this.count));
	}

	clear(): void {
		this.bytes[0] = layoutVersion;
		this.bytes[1] = 0;
	}

	get count(): number {
		return this.bytes[1]!;
	}

	entryAt(n: number): number {
		return firstEntry + n * entryLength;
	}

	/** Offset in `bytes` of the date of an entry. */
	dateAt(n: number): number {
		return this.entryAt(n) + 2;
	}

	index(n: number): number {
		return this.bytes[this.entryAt(n)]! * 256 + this.bytes[this.entryAt(n) + 1]!;
	}

	dayId(n: number): number {
		return this.bytes[this.entryAt(n) + 2 + dateLength]!;
	}

	/** Number of the entry with this index; -1 when there is none. */
	find(index: number): number {
		for (let n = 0; n < this.count; n++) if (this.index(n) === index) return n;
		return -1;
	}

	/**
	 * Puts an entry in its place, instead of one with the same index. @param at its date in `from`
	 * @returns false, unchanged, for a date that can never be, or when the table is full
	 */
	insert(index: number, from: Uint8Array, at: number, dayId: number): boolean {
		if (!isDatePattern(from, at)) return false;
		let n = this.find(index);
		if (n < 0) {
			if (this.count >= maximumSpecialDays) return false;
			n = 0;
			while (n < this.count && this.index(n) < index) n++;
			this.bytes.copyWithin(this.entryAt(n + 1), this.entryAt(n), this.entryAt(this.count));
			this.bytes[1]!++;
		}
		const entry = this.entryAt(n);
		this.bytes[entry] = index >> 8;
		this.bytes[entry + 1] = index;
		for (let octet = 0; octet < dateLength; octet++) this.bytes[entry + 2 + octet] = from[at + octet]!;
		this.bytes[entry + 2 + dateLength] = dayId;
		return true;
	}

	/** @returns false when there is none of this index */
	delete(index: number): boolean {
		const n = this.find(index);
		if (n < 0) return false;
		this.bytes.copyWithin(this.entryAt(n), this.entryAt(n + 1), this.entryAt(this.count));
		this.bytes[1]!--;
		return true;
	}

	/** Day id of the first entry by index that a day matches; -1 when it is none. */
	dayIdOf(day: number): number {
		for (let n = 0; n < this.count; n++) if (matchesDay(this.bytes, this.dateAt(n), day)) return this.dayId(n);
		return -1;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { RecordStore } from "../storage/record-store.js";

export const maximumDays = 24;
export const maximumActions = 48;
/** A switch point has room for script selectors up to this one. */
export const largestSelector = 127;

const layoutVersion = 1;
const actionLength = 3;
const firstDay = 2;
const longestTable = firstDay + maximumDays * (2 + maximumActions * actionLength);

/**
 * The day profiles of a set:
 *
 *   version 1 · number of days · per day: id, number of switch points, per point second of the day × 128 + script selector (3)
 *
 * 24 days of 48 points are 3506 octets: one record.
 */
export class DayTable {
	readonly bytes: Uint8Array;
	/** Octets in use. */
	length = firstDay;

	constructor(bytes = new Uint8Array(longestTable)) {
		this.bytes = bytes;
		this.bytes[0] = layoutVersion;
		this.bytes[1] = 0;
	}

	/** Without a sound record there is no day. */
	load(store: RecordStore, key: number): this {
		let length = -1;
		try {
			length = store.read(key, this.bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (length >= firstDay && this.bytes[0] === layoutVersion) this.length = length;
		else this.bytes[1] = 0;
		return this;
	}

	/** @throws DeviceError when the medium refuses */
	store(store: RecordStore, key: number): void {
		store.write(key, this.bytes, this.length);
	}

	get days(): number {
		return this.bytes[1]!;
	}

	/** Place of the first day. */
	get first(): number {
		return firstDay;
	}

	after(day: number): number {
		return day + 2 + this.actions(day) * actionLength;
	}

	id(day: number): number {
		return this.bytes[day]!;
	}

	actions(day: number): number {
		return this.bytes[day + 1]!;
	}

	/** Second of the day of switch point `n`. */
	time_s(day: number, n: number): number {
		const at = day + 2 + n * actionLength;
		return (this.bytes[at]! << 9) | (this.bytes[at + 1]! << 1) | (this.bytes[at + 2]! >> 7);
	}

	selector(day: number, n: number): number {
		return this.bytes[day + 2 + n * actionLength + 2]! & 0x7f;
	}

	/** Place of a day; -1 when there is none of that id. */
	find(id: number): number {
		let day = firstDay;
		for (let n = 0; n < this.days; n++, day = this.after(day)) if (this.id(day) === id) return day;
		return -1;
	}

	/** @returns its place; -1 when the id is there already, or there are as many days as there may be */
	add(id: number): number {
		if (this.days >= maximumDays || this.find(id) >= 0) return -1;
		const day = this.length;
		this.bytes[day] = id;
		this.bytes[day + 1] = 0;
		this.bytes[1]!++;
		this.length += 2;
		return day;
	}

	/** Appends a switch point to the day added last. @returns false for one too many, or not after the one before it */
	addAction(day: number, time_s: number, selector: number): boolean {
		const n = this.actions(day);
		if (n >= maximumActions || (n > 0 && this.time_s(day, n - 1) >= time_s)) return false;
		this.bytes[this.length] = time_s >> 9;
		this.bytes[this.length + 1] = time_s >> 1;
		this.bytes[this.length + 2] = ((time_s & 1) << 7) | selector;
		this.bytes[day + 1]!++;
		this.length += actionLength;
		return true;
	}

	/** Selector of the last switch point of a day up to a second; -1 when there is none. */
	selectorUpTo(day: number, time_s: number): number {
		for (let n = this.actions(day) - 1; n >= 0; n--) if (this.time_s(day, n) <= time_s) return this.selector(day, n);
		return -1;
	}

	/** Second of the first switch point after one; `Infinity` when there is none. */
	nextTime(day: number, time_s: number): number {
		for (let n = 0; n < this.actions(day); n++) if (this.time_s(day, n) > time_s) return this.time_s(day, n);
		return Infinity;
	}
}

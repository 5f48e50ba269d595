// SPDX-License-Identifier: Apache-2.0
import { dateLength, isDatePattern, isTimePattern, timeLength } from "../clock/date-pattern.js";
import { DeviceError } from "../core/device-error.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

export const maximumEntries = 16;
/** Bits of exec_specdays at most: one for each day_id from 0. */
export const maximumDayIds = 32;
/** Late is never too late. */
export const alwaysValid = 0xffff;

const layoutVersion = 1;
const any = 0xff;
const head = Object.freeze({ version: 0, client: 1, count: 2, length: 3 });
/** Octets of an entry; `weekdays` has Monday in bit 0, `days` day_id 0 in bit 0. */
const place = Object.freeze({
	index: 0,
	isEnabled: 2,
	table: 3,
	script: 9,
	time: 11,
	window: 15,
	weekdays: 17,
	dayCount: 18,
	days: 19,
	begin: 23,
	end: 28,
	length: 33,
});

/** One entry on its way from a client. */
export interface ScheduleEntry {
	readonly index: number;
	readonly isEnabled: boolean;
	readonly table: number;
	readonly script: number;
	/** 4 octets. */
	readonly time: Uint8Array;
	/** Minutes. */
	readonly window_min: number;
	readonly weekdays: number;
	readonly dayCount: number;
	readonly days: number;
	/** 5 octets each. */
	readonly begin: Uint8Array;
	readonly end: Uint8Array;
}

/** Entries of a schedule (class 10) by rising index, loaded when they are needed: one record, changed as a whole. */
export class EntryTable {
	readonly bytes = new Uint8Array(head.length + maximumEntries * place.length);
	readonly #view = new DataView(this.bytes.buffer);

	/** A damaged record counts as none. @param factoryClient a `clientIndex` */
	load(store: RecordStore, factoryClient: number): this {
		let length = -1;
		try {
			length = store.read(recordKey.scheduleEntries, this.bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (this.bytes[head.version] === layoutVersion && length === this.at(this.count)) return this;
		this.clear();
		this.client = factoryClient;
		return this;
	}

	/** @throws DeviceError when the medium refuses */
	store(store: RecordStore): void {
		store.write(recordKey.scheduleEntries, this.bytes, this.at(this.count));
	}

	clear(): void {
		this.bytes[head.version] = layoutVersion;
		this.bytes[head.count] = 0;
	}

	/** Whose rights the scripts have, a `clientIndex`. */
	get client(): number {
		return this.bytes[head.client]!;
	}

	set client(value: number) {
		this.bytes[head.client] = value;
	}

	get count(): number {
		return this.bytes[head.count]!;
	}

	index(n: number): number {
		return this.#view.getUint16(this.at(n) + place.index);
	}

	isEnabled(n: number): boolean {
		return this.bytes[this.at(n) + place.isEnabled] === 1;
	}

	enable(n: number, isEnabled: boolean): void {
		this.bytes[this.at(n) + place.isEnabled] = isEnabled ? 1 : 0;
	}

	table(n: number): number {
		const at = this.at(n) + place.table;
		return this.#view.getUint16(at) * 2 ** 32 + this.#view.getUint32(at + 2);
	}

	script(n: number): number {
		return this.#view.getUint16(this.at(n) + place.script);
	}

	/** Offset in `bytes` of the switch time. */
	timeAt(n: number): number {
		return this.at(n) + place.time;
	}

	window_min(n: number): number {
		return this.#view.getUint16(this.at(n) + place.window);
	}

	/** @param weekday 1 Monday … 7 Sunday */
	hasWeekday(n: number, weekday: number): boolean {
		return ((this.weekdays(n) >> (weekday - 1)) & 1) === 1;
	}

	weekdays(n: number): number {
		return this.bytes[this.at(n) + place.weekdays]!;
	}

	dayCount(n: number): number {
		return this.bytes[this.at(n) + place.dayCount]!;
	}

	days(n: number): number {
		return this.#view.getUint32(this.at(n) + place.days);
	}

	hasDayId(n: number, dayId: number): boolean {
		return dayId < this.dayCount(n) && ((this.days(n) >>> dayId) & 1) === 1;
	}

	beginAt(n: number): number {
		return this.at(n) + place.begin;
	}

	endAt(n: number): number {
		return this.at(n) + place.end;
	}

	/**
	 * Puts an entry in its place, instead of one with the same index.
	 * @returns false, unchanged, for index 0, a time or date that can never be, or when the table is full
	 */
	insert(entry: ScheduleEntry): boolean {
		const { index, time, begin, end } = entry;
		const isOfOneTime = isTimePattern(time, 0) && time[0] !== any && time[1] !== any && time[2] !== any;
		if (index === 0 || !isOfOneTime || !isBound(begin) || !isBound(end)) return false;
		let n = 0;
		while (n < this.count && this.index(n) < index) n++;
		if (n === this.count || this.index(n) !== index) {
			if (this.count >= maximumEntries) return false;
			this.bytes.copyWithin(this.at(n + 1), this.at(n), this.at(this.count));
			this.bytes[head.count]!++;
		}
		const at = this.at(n);
		const view = this.#view;
		view.setUint16(at + place.index, index);
		this.enable(n, entry.isEnabled);
		view.setUint16(at + place.table, Math.floor(entry.table / 2 ** 32));
		view.setUint32(at + place.table + 2, entry.table % 2 ** 32);
		view.setUint16(at + place.script, entry.script);
		view.setUint16(at + place.window, entry.window_min);
		this.bytes[at + place.weekdays] = entry.weekdays;
		this.bytes[at + place.dayCount] = entry.dayCount;
		view.setUint32(at + place.days, entry.days);
		this.bytes.set(time.subarray(0, timeLength), at + place.time);
		this.bytes.set(begin.subarray(0, dateLength), at + place.begin);
		this.bytes.set(end.subarray(0, dateLength), at + place.end);
		return true;
	}

	/** Takes out every entry of these indexes. @returns how many there were */
	delete(first: number, last: number): number {
		let left = 0;
		const before = this.count;
		for (let n = 0; n < before; n++) {
			if (this.index(n) >= first && this.index(n) <= last) continue;
			this.bytes.copyWithin(this.at(left), this.at(n), this.at(n + 1));
			left++;
		}
		this.bytes[head.count] = left;
		return before - left;
	}

	private at(n: number): number {
		return head.length + n * place.length;
	}
}

/** The first or the last day: one of a year, the same of every year, or none at all. */
function isBound(date: Uint8Array): boolean {
	if (!isDatePattern(date, 0)) return false;
	const month = date[2]!;
	const day = date[3]!;
	if (month === any) return day === any && date[0] === any && date[1] === any;
	return month <= 12 && day <= 31;
}

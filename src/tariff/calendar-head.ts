// SPDX-License-Identifier: Apache-2.0
import { secondsPerDay, yearOfDayNumber } from "../clock/calendar.js";
import { dateLength, dayInMonth, isDatePattern, isTimePattern } from "../clock/date-pattern.js";
import { DateTime, dateTimeLength } from "../clock/date-time.js";
import { DeviceError } from "../core/device-error.js";
import { areSame } from "../core/same-octets.js";
import type { RecordStore } from "../storage/record-store.js";

export const maximumSeasons = 8;
export const maximumWeeks = 8;
/** Octets of the longest name of calendar, season or week. */
export const longestName = 8;

/** Day profiles stand in one of three banks, or are those of the factory. */
export const banks = 3;
export const factoryBank = banks;

const any = 0xff;
const layoutVersion = 1;
/** Octets of a name with its length. */
export const nameLength = 1 + longestName;
const seasonLength = nameLength + dateTimeLength + nameLength;
const weekLength = nameLength + 7;
const firstSeason = nameLength + 1;
const weekCount = firstSeason + maximumSeasons * seasonLength;
const firstWeek = weekCount + 1;
const setLength = firstWeek + maximumWeeks * weekLength;

/**
 *   head: version 1 · who configured it (a clientIndex) · is an activation pending · time of the activation (12) · when the last
 *         was, UTC (4; 0 = never) · active set · passive set
 *   set:  bank of its day profiles · name · seasons: number, each name, start (12), name of the week · weeks: number, each
 *         name, day ids of Monday to Sunday; places that are not used are 0; a name is its length and 8 octets
 */
const offset = Object.freeze({ version: 0, client: 1, pending: 2, time: 3, activated: 15, sets: 19 });
const headLength = offset.sets + 2 * (1 + setLength);

/** Everything of an activity calendar but its day profiles, loaded when it is needed. */
export class CalendarHead {
	readonly bytes = new Uint8Array(headLength);
	readonly #view = new DataView(this.bytes.buffer);

	/** A damaged record counts as none. @param hasDefault with one season and one week, of day 1; otherwise empty */
	load(store: RecordStore, key: number, factoryClient: number, hasDefault: boolean): this {
		let length = -1;
		try {
			length = store.read(key, this.bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (length !== headLength || this.bytes[0] !== layoutVersion) this.fill(factoryClient, hasDefault);
		return this;
	}

	/** @throws DeviceError when the medium refuses */
	store(store: RecordStore, key: number): void {
		store.write(key, this.bytes);
	}

	get client(): number {
		return this.bytes[offset.client]!;
	}

	set client(value: number) {
		this.bytes[offset.client] = value;
	}

	get isPending(): boolean {
		return this.bytes[offset.pending] === 1;
	}

	set isPending(value: boolean) {
		this.bytes[offset.pending] = value ? 1 : 0;
	}

	/** Offset in `bytes` of the activation time. */
	get timeAt(): number {
		return offset.time;
	}

	get activated_s(): number {
		return this.#view.getUint32(offset.activated);
	}

	set activated_s(value: number) {
		this.#view.setUint32(offset.activated, value);
	}

	set(isPassive: boolean): CalendarSet {
		return new CalendarSet(this.bytes, offset.sets + (isPassive ? 1 + setLength : 0));
	}

	/** The passive set becomes the active one, and stays. */
	activate(): void {
		const active = offset.sets;
		this.bytes.copyWithin(active, active + 1 + setLength, active + 2 * (1 + setLength));
		this.isPending = false;
	}

	private fill(client: number, hasDefault: boolean): void {
		this.bytes.fill(0);
		this.bytes[0] = layoutVersion;
		this.client = client;
		new DateTime().encode(this.bytes, offset.time);
		for (const isPassive of [false, true]) {
			const set = this.set(isPassive);
			set.bank = factoryBank;
			if (!hasDefault) continue;
			const { bytes } = this;
			const name = Uint8Array.of(0x31);
			set.setName(set.name, name);
			const season = set.addSeason()!;
			set.setName(season, name);
			bytes.fill(any, season + nameLength, season + nameLength + dateTimeLength);
			bytes.set([1, 1], season + nameLength + 2);
			bytes.set([0, 0, 0, 0, 0x80, 0], season + nameLength + 5);
			set.setName(season + nameLength + dateTimeLength, name);
			const week = set.addWeek()!;
			set.setName(week, name);
			bytes.fill(1, week + nameLength, week + weekLength);
		}
	}
}

/** Active or passive set; places are offsets in the octets of its head. */
export class CalendarSet {
	readonly bytes: Uint8Array;
	readonly #at: number;

	constructor(bytes: Uint8Array, at: number) {
		this.bytes = bytes;
		this.#at = at;
	}

	get bank(): number {
		return this.bytes[this.#at]!;
	}

	set bank(value: number) {
		this.bytes[this.#at] = value;
	}

	/** Place of the name of the calendar. */
	get name(): number {
		return this.#at + 1;
	}

	get seasons(): number {
		return this.bytes[this.#at + 1 + nameLength]!;
	}

	get weeks(): number {
		return this.bytes[this.#at + 1 + weekCount]!;
	}

	season(n: number): number {
		return this.#at + 1 + firstSeason + n * seasonLength;
	}

	startOf(season: number): number {
		return season + nameLength;
	}

	weekOf(season: number): number {
		return season + nameLength + dateTimeLength;
	}

	week(n: number): number {
		return this.#at + 1 + firstWeek + n * weekLength;
	}

	/** Place of the day ids of a week. */
	daysOf(week: number): number {
		return week + nameLength;
	}

	/** @returns its place; undefined when there are as many as there may be */
	addSeason(): number | undefined {
		const n = this.seasons;
		if (n >= maximumSeasons) return undefined;
		this.bytes[this.#at + 1 + nameLength] = n + 1;
		return this.season(n);
	}

	addWeek(): number | undefined {
		const n = this.weeks;
		if (n >= maximumWeeks) return undefined;
		this.bytes[this.#at + 1 + weekCount] = n + 1;
		return this.week(n);
	}

	clearSeasons(): void {
		this.bytes.fill(0, this.#at + 1 + nameLength, this.#at + 1 + weekCount);
	}

	clearWeeks(): void {
		this.bytes.fill(0, this.#at + 1 + weekCount, this.#at + 1 + setLength);
	}

	/** @returns false when it is longer than `longestName` */
	setName(at: number, name: Uint8Array): boolean {
		if (name.length > longestName) return false;
		this.bytes.fill(0, at, at + nameLength);
		this.bytes[at] = name.length;
		this.bytes.set(name, at + 1);
		return true;
	}

	/** A view on a name. */
	nameAt(at: number): Uint8Array {
		return this.bytes.subarray(at + 1, at + 1 + this.bytes[at]!);
	}

	isSameName(a: number, b: number): boolean {
		return areSame(this.bytes, a, this.bytes, b, nameLength);
	}

	/** Names occur once, and starts can be. */
	areSeasonsSound(): boolean {
		for (let n = 0; n < this.seasons; n++) {
			if (!isSeasonStart(this.bytes, this.startOf(this.season(n)))) return false;
			for (let m = 0; m < n; m++) if (this.isSameName(this.season(n), this.season(m))) return false;
		}
		return true;
	}

	areWeeksSound(): boolean {
		for (let n = 0; n < this.weeks; n++)
			for (let m = 0; m < n; m++) if (this.isSameName(this.week(n), this.week(m))) return false;
		return true;
	}

	/** Place of the week of a season; -1 when there is none of that name. */
	findWeek(season: number): number {
		const name = this.weekOf(season);
		for (let n = 0; n < this.weeks; n++) if (this.isSameName(this.week(n), name)) return this.week(n);
		return -1;
	}

	/**
	 * Place of the season in force at a moment of local time: the one whose start is the latest that has passed; before the
	 * first of them that whose start is the latest of all. -1 when there is no season.
	 */
	seasonAt(local_s: number): number {
		let found = -1;
		let foundStart_s = 0;
		for (let n = 0; n < this.seasons; n++) {
			const season = this.season(n);
			const start_s = latestStart(this.bytes, this.startOf(season), local_s);
			const isBetter = start_s <= local_s === foundStart_s <= local_s ? start_s > foundStart_s : start_s <= local_s;
			if (found < 0 || isBetter) {
				found = season;
				foundStart_s = start_s;
			}
		}
		return found;
	}

	/** First start of a season after `local_s` and up to the end of its day; `Infinity` when there is none. */
	nextStart(local_s: number): number {
		const end_s = (Math.floor(local_s / secondsPerDay) + 1) * secondsPerDay - 1;
		let next_s = Infinity;
		for (let n = 0; n < this.seasons; n++) {
			const start_s = latestStart(this.bytes, this.startOf(this.season(n)), end_s);
			if (start_s > local_s && start_s <= end_s && start_s < next_s) next_s = start_s;
		}
		return next_s;
	}
}

/** Month and year may be open, the day may not; a time that is left open is 0. */
function isSeasonStart(bytes: Uint8Array, at: number): boolean {
	return isDatePattern(bytes, at) && bytes[at + 3] !== any && isTimePattern(bytes, at + dateLength);
}

function openAsZero(value: number): number {
	return value === any ? 0 : value;
}

/** Latest start up to `local_s`; of a year to come the start in it. */
function latestStart(bytes: Uint8Array, at: number, local_s: number): number {
	const fixedYear = (bytes[at]! << 8) | bytes[at + 1]!;
	const hasYear = fixedYear !== 0xffff;
	const month = bytes[at + 2]!;
	const time_s = openAsZero(bytes[at + 5]!) * 3600 + openAsZero(bytes[at + 6]!) * 60 + openAsZero(bytes[at + 7]!);
	const thisYear = yearOfDayNumber(Math.floor(local_s / secondsPerDay));
	const newest = hasYear ? fixedYear : thisYear;
	// 29 February is eight years apart at most
	const oldest = hasYear ? fixedYear : thisYear - 8;
	let earliest_s = Infinity;
	for (let year = newest; year >= oldest; year--) {
		for (let m = month === any ? 12 : month; m >= (month === any ? 1 : month); m--) {
			const day = dayInMonth(bytes, at, year, m);
			if (day < 0) continue;
			earliest_s = day * secondsPerDay + time_s;
			if (earliest_s <= local_s) return earliest_s;
		}
	}
	return earliest_s;
}

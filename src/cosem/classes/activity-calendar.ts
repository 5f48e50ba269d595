// SPDX-License-Identifier: Apache-2.0
import { timeLength } from "../../clock/date-pattern.js";
import { dateTimeLength, notSpecified } from "../../clock/date-time.js";
import type { CalendarHead, CalendarSet } from "../../tariff/calendar-head.js";
import { DayTable, largestSelector } from "../../tariff/day-table.js";
import {
	decodeArray,
	decodeInteger,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeOctetString,
	decodeStructure,
	decodeUnsigned,
	encodeArray,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { decodeDateTimeOctets } from "../codec/date-time.js";
import { decodePattern } from "../codec/pattern.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type AttributeDefinition, type Call, defineClass, type ElementSource } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";

export interface ActivityCalendarSpec {
	/** Number among the calendars. */
	readonly calendar: number;
	/** Logical name of the script table. */
	readonly table: number;
}

type Attribute = AttributeDefinition<ActivityCalendarSpec>;

const daysOfWeek = 7;

function setOf({ application }: Call, { calendar }: ActivityCalendarSpec, isPassive: boolean): CalendarSet {
	return application.calendars.head(calendar).set(isPassive);
}

function encodeName(w: Writer, set: CalendarSet, at: number): void {
	encodeOctetString(w, set.bytes, at + 1, at + 1 + set.bytes[at]!);
}

function encodeSeasons(w: Writer, set: CalendarSet): void {
	encodeArray(w, set.seasons);
	for (let n = 0; n < set.seasons; n++) {
		const season = set.season(n);
		encodeStructure(w, 3);
		encodeName(w, set, season);
		encodeOctetString(w, set.bytes, set.startOf(season), set.startOf(season) + dateTimeLength);
		encodeName(w, set, set.weekOf(season));
	}
}

function encodeWeeks(w: Writer, set: CalendarSet): void {
	encodeArray(w, set.weeks);
	for (let n = 0; n < set.weeks; n++) {
		const week = set.week(n);
		encodeStructure(w, 1 + daysOfWeek);
		encodeName(w, set, week);
		for (let day = 0; day < daysOfWeek; day++) encodeUnsigned(w, set.bytes[set.daysOf(week) + day]!);
	}
}

class DaySource implements ElementSource {
	readonly #table: DayTable;
	readonly #scripts: number;
	#index = 0;
	#day: number;

	constructor(call: Call, spec: ActivityCalendarSpec, isPassive: boolean) {
		const { bank } = setOf(call, spec, isPassive);
		this.#table = call.application.calendars.days(spec.calendar, bank);
		this.#scripts = spec.table;
		this.#day = this.#table.first;
	}

	get count(): number {
		return this.#table.days;
	}

	encodeElement(w: Writer, index: number): void {
		const table = this.#table;
		if (index < this.#index) {
			this.#index = 0;
			this.#day = table.first;
		}
		for (; this.#index < index; this.#index++) this.#day = table.after(this.#day);
		const day = this.#day;
		encodeStructure(w, 2);
		encodeUnsigned(w, table.id(day));
		encodeArray(w, table.actions(day));
		const start = new Uint8Array(timeLength);
		for (let n = 0; n < table.actions(day); n++) {
			const time_s = table.time_s(day, n);
			start[0] = Math.floor(time_s / 3600);
			start[1] = Math.floor(time_s / 60) % 60;
			start[2] = time_s % 60;
			encodeStructure(w, 3);
			encodeOctetString(w, start);
			encodeLogicalName(w, this.#scripts);
			encodeLongUnsigned(w, table.selector(day, n));
		}
	}
}

/** Adds seasons to an emptied set. @returns whether there is place for all of them */
function decodeSeasons(r: Reader, set: CalendarSet): boolean {
	set.clearSeasons();
	let fits = true;
	for (let n = decodeArray(r); n > 0; n--) {
		decodeStructure(r, 3);
		const name = decodeOctetString(r);
		const start = decodeDateTimeOctets(r);
		const week = decodeOctetString(r);
		const season = set.addSeason();
		if (season === undefined || !set.setName(season, name) || !set.setName(set.weekOf(season), week)) fits = false;
		else set.bytes.set(start, set.startOf(season));
	}
	return fits && set.areSeasonsSound();
}

function decodeWeeks(r: Reader, set: CalendarSet): boolean {
	set.clearWeeks();
	let fits = true;
	for (let n = decodeArray(r); n > 0; n--) {
		decodeStructure(r, 1 + daysOfWeek);
		const name = decodeOctetString(r);
		const week = set.addWeek();
		if (week === undefined || !set.setName(week, name)) fits = false;
		for (let day = 0; day < daysOfWeek; day++) {
			const id = decodeUnsigned(r);
			if (week !== undefined) set.bytes[set.daysOf(week) + day] = id;
		}
	}
	return fits && set.areWeeksSound();
}

/** Takes no more than there may be, no times out of order or range, no scripts that are not the client's to call. */
const setDays = inPieces(function* (r: Reader, call: Call, spec: ActivityCalendarSpec): Pieces {
	const { scripts } = call.application;
	const client = call.association.client.index;
	const table = new DayTable();
	const start = new Uint8Array(timeLength);
	/** Selectors that have been looked up, a bit each. */
	const known = new Uint8Array(largestSelector + 1);
	let isGood = true;
	for (let n = decodeArray(r); n > 0; n--) {
		decodeStructure(r, 2);
		const day = table.add(decodeUnsigned(r));
		if (day < 0) isGood = false;
		for (let m = decodeArray(r); m > 0; m--) {
			decodeStructure(r, 3);
			decodePattern(r, start, 0, timeLength);
			const scriptTable = decodeLogicalName(r);
			const selector = decodeLongUnsigned(r);
			// a time is whole: no wildcards
			const isTime = start[0]! < 24 && start[1]! < 60 && start[2]! < 60;
			if (!isGood || !isTime || scriptTable !== spec.table || selector > largestSelector) {
				isGood = false;
				continue;
			}
			if (known[selector] === 0) known[selector] = scripts.mayConfigure(scriptTable, selector, client) ? 1 : 2;
			const time_s = start[0]! * 3600 + start[1]! * 60 + start[2]!;
			if (known[selector] === 2 || !table.addAction(day, time_s, selector)) isGood = false;
			yield pause.whenSpent;
		}
		yield pause.whenSpent;
	}
	if (!isGood) return dataAccessResult.otherReason;
	yield pause.always;
	const { application } = call;
	const head = application.calendars.head(spec.calendar);
	head.client = client;
	application.calendars.programDays(spec.calendar, head, table);
	application.parameterChanged();
	return dataAccessResult.success;
});

/** Stores a head whose passive set a client has changed. */
function program(call: Call, spec: ActivityCalendarSpec, head: CalendarHead, isGood: boolean): number {
	if (!isGood) return dataAccessResult.otherReason;
	head.client = call.association.client.index;
	call.application.calendars.program(spec.calendar, head);
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/** Names, seasons or weeks of a set. */
function setAttribute(
	id: number,
	name: string,
	isPassive: boolean,
	encode: (w: Writer, set: CalendarSet) => void,
	decode: (r: Reader, set: CalendarSet) => boolean,
): Attribute {
	return {
		id,
		name: `${name}${isPassive ? "Passive" : "Active"}`,
		encode: (w, call, spec) => encode(w, setOf(call, spec, isPassive)),
		set(r, call, spec) {
			if (!isPassive) return dataAccessResult.readWriteDenied;
			const head = call.application.calendars.head(spec.calendar);
			return program(call, spec, head, decode(r, head.set(true)));
		},
	};
}

function nameAttribute(id: number, isPassive: boolean): Attribute {
	const encode = (w: Writer, set: CalendarSet) => encodeName(w, set, set.name);
	const decode = (r: Reader, set: CalendarSet) => set.setName(set.name, decodeOctetString(r));
	return setAttribute(id, "calendarName", isPassive, encode, decode);
}

function seasonAttribute(id: number, isPassive: boolean): Attribute {
	return setAttribute(id, "seasonProfile", isPassive, encodeSeasons, decodeSeasons);
}

function weekAttribute(id: number, isPassive: boolean): Attribute {
	return setAttribute(id, "weekProfileTable", isPassive, encodeWeeks, decodeWeeks);
}

function dayAttribute(id: number, isPassive: boolean): Attribute {
	return {
		id,
		name: isPassive ? "dayProfileTablePassive" : "dayProfileTableActive",
		elements: (call, spec) => new DaySource(call, spec, isPassive),
		set: (r, call, spec) => (isPassive ? setDays(r, call, spec) : dataAccessResult.readWriteDenied),
	};
}

/** Every octet 0 or "not specified", deviation and status aside: never. */
function isNever(bytes: Uint8Array): boolean {
	for (const open of [0, notSpecified.octet]) {
		let count = 0;
		while (count < 8 && bytes[count] === open) count++;
		if (count === 8) return true;
	}
	return false;
}

/** Activity calendar, class_id 20, version 0 (Blue Book 4.5.5). Only the passive set is written. */
export const activityCalendar = defineClass<ActivityCalendarSpec>({
	classId: 20,
	version: 0,
	attributes: [
		nameAttribute(2, false),
		seasonAttribute(3, false),
		weekAttribute(4, false),
		dayAttribute(5, false),
		nameAttribute(6, true),
		seasonAttribute(7, true),
		weekAttribute(8, true),
		dayAttribute(9, true),
		{
			id: 10,
			name: "activatePassiveCalendarTime",
			encode(w, { application }, spec) {
				const head = application.calendars.head(spec.calendar);
				encodeOctetString(w, head.bytes, head.timeAt, head.timeAt + dateTimeLength);
			},
			set(r, call, spec) {
				const { application } = call;
				const octets = decodeDateTimeOctets(r);
				const head = application.calendars.head(spec.calendar);
				head.bytes.set(octets, head.timeAt);
				const isOff = isNever(octets);
				head.isPending = !isOff;
				return program(call, spec, head, isOff || application.time.decode(octets, 0).isComplete());
			},
		},
	],
	methods: [
		{
			id: 1,
			name: "activatePassiveCalendar",
			invoke(r, _w, { application }, spec) {
				decodeInteger(r);
				if (!application.calendars.activate(spec.calendar)) return dataAccessResult.otherReason;
				application.parameterChanged();
				return dataAccessResult.success;
			},
		},
	],
});

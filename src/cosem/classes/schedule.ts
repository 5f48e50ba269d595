// SPDX-License-Identifier: Apache-2.0
import { dateLength, timeLength } from "../../clock/date-pattern.js";
import { type EntryTable, maximumDayIds, type ScheduleEntry } from "../../schedule/entry-table.js";
import {
	decodeArray,
	decodeBitStringLength,
	decodeBoolean,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeStructure,
	encodeBitString,
	encodeBoolean,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
} from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { decodePattern } from "../codec/pattern.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass, type ElementSource } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";

const fields = 10;
const daysOfWeek = 7;

/** A bit-string of any length up to `most`: bit n of the number is bit n of the string. */
function decodeMask(r: Reader, most: number): { mask: number; length: number } {
	const at = r.position;
	const length = decodeBitStringLength(r);
	if (length > most) throw new CodecError("type", at);
	let mask = 0;
	const from = r.skip((length + 7) >> 3);
	for (let n = 0; n < length; n++) if (((r.bytes[from + (n >> 3)]! >> (7 - (n & 7))) & 1) === 1) mask += 2 ** n;
	return { mask, length };
}

function encodeMask(w: Writer, mask: number, length: number): void {
	const octets = new Uint8Array((length + 7) >> 3);
	for (let n = 0; n < length; n++) if ((mask >>> n) & 1) octets[n >> 3]! |= 0x80 >> (n & 7);
	encodeBitString(w, octets, length);
}

function decodePart(r: Reader, length: 4 | 5): Uint8Array {
	const octets = new Uint8Array(length);
	decodePattern(r, octets, 0, length);
	return octets;
}

function decodeEntry(r: Reader): ScheduleEntry {
	decodeStructure(r, fields);
	const index = decodeLongUnsigned(r);
	const isEnabled = decodeBoolean(r);
	const table = decodeLogicalName(r);
	const script = decodeLongUnsigned(r);
	const time = decodePart(r, timeLength);
	const window_min = decodeLongUnsigned(r);
	const at = r.position;
	const week = decodeMask(r, daysOfWeek);
	if (week.length !== daysOfWeek) throw new CodecError("type", at);
	const special = decodeMask(r, maximumDayIds);
	const begin = decodePart(r, dateLength);
	const end = decodePart(r, dateLength);
	const masks = { weekdays: week.mask, dayCount: special.length, days: special.mask };
	return { index, isEnabled, table, script, time, window_min, ...masks, begin, end };
}

function encodeEntry(w: Writer, table: EntryTable, n: number): void {
	encodeStructure(w, fields);
	encodeLongUnsigned(w, table.index(n));
	encodeBoolean(w, table.isEnabled(n));
	encodeLogicalName(w, table.table(n));
	encodeLongUnsigned(w, table.script(n));
	encodeOctetString(w, table.bytes, table.timeAt(n), table.timeAt(n) + timeLength);
	encodeLongUnsigned(w, table.window_min(n));
	encodeMask(w, table.weekdays(n), daysOfWeek);
	encodeMask(w, table.days(n), table.dayCount(n));
	encodeOctetString(w, table.bytes, table.beginAt(n), table.beginAt(n) + dateLength);
	encodeOctetString(w, table.bytes, table.endAt(n), table.endAt(n) + dateLength);
}

/** Puts an entry into the table, if the client may have its script executed later (SEC-deputy). */
function insert(table: EntryTable, entry: ScheduleEntry, call: Call): boolean {
	const client = call.association.client.index;
	return call.application.scripts.mayConfigure(entry.table, entry.script, client) && table.insert(entry);
}

/** Stores a table that a client has changed. */
function keep(isAccepted: boolean, table: EntryTable, call: Call): number {
	if (!isAccepted) return dataAccessResult.otherReason;
	table.client = call.association.client.index;
	call.application.entrySchedule.configure(table);
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/** A script has no client whose rights could be noted. */
function isOfScript({ association }: Call): boolean {
	return (association as Call["association"] | undefined) === undefined;
}

class EntrySource implements ElementSource {
	readonly #table: EntryTable;

	constructor(table: EntryTable) {
		this.#table = table;
	}

	get count(): number {
		return this.#table.count;
	}

	encodeElement(w: Writer, index: number): void {
		encodeEntry(w, this.#table, index);
	}
}

/** Schedule, class_id 10, version 0 (Blue Book 4.5.3). */
export const schedule = defineClass<null>({
	classId: 10,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "entries",
			elements: (call) => new EntrySource(call.application.entrySchedule.load()),
			set: inPieces(function* (r: Reader, call: Call): Pieces {
				const table = call.application.entrySchedule.load();
				if (isOfScript(call)) return dataAccessResult.readWriteDenied;
				table.clear();
				let isAccepted = true;
				for (let n = decodeArray(r); n > 0; n--) {
					const before = table.count;
					// an index that is there already is refused
					if (!insert(table, decodeEntry(r), call) || table.count === before) isAccepted = false;
					yield pause.whenSpent;
				}
				r.expectEnd();
				yield pause.always;
				return keep(isAccepted, table, call);
			}),
		},
	],
	methods: [
		{
			id: 1,
			name: "enableDisable",
			invoke(r, _w, call) {
				decodeStructure(r, 4);
				const limits = [0, 1, 2, 3].map(() => decodeLongUnsigned(r));
				const [firstA, lastA, firstB, lastB] = limits as [number, number, number, number];
				if (isOfScript(call)) return dataAccessResult.readWriteDenied;
				const table = call.application.entrySchedule.load();
				for (let n = 0; n < table.count; n++) {
					const index = table.index(n);
					if (index >= firstA && index <= lastA) table.enable(n, false);
					if (index >= firstB && index <= lastB) table.enable(n, true);
				}
				return keep(firstA <= lastA && firstB <= lastB, table, call);
			},
		},
		{
			id: 2,
			name: "insert",
			invoke(r, _w, call) {
				const entry = decodeEntry(r);
				if (isOfScript(call)) return dataAccessResult.readWriteDenied;
				const table = call.application.entrySchedule.load();
				return keep(insert(table, entry, call), table, call);
			},
		},
		{
			id: 3,
			name: "delete",
			invoke(r, _w, call) {
				decodeStructure(r, 2);
				const first = decodeLongUnsigned(r);
				const last = decodeLongUnsigned(r);
				if (isOfScript(call)) return dataAccessResult.readWriteDenied;
				const table = call.application.entrySchedule.load();
				return keep(table.delete(first, last) > 0, table, call);
			},
		},
	],
});

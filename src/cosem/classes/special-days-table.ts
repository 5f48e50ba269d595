// SPDX-License-Identifier: Apache-2.0
import { dateLength } from "../../clock/date-pattern.js";
import type { SpecialDays } from "../../tariff/special-days.js";
import {
	decodeArray,
	decodeLongUnsigned,
	decodeStructure,
	decodeUnsigned,
	encodeArray,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { decodePattern } from "../codec/pattern.js";
import type { Reader } from "../codec/reader.js";
import { type Call, defineClass } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";

export interface SpecialDaysSpec {
	/** Number of its calendar. */
	readonly calendar: number;
}

/** Takes one entry out of a request. @param isNew an index that is there already is refused */
function insert(r: Reader, table: SpecialDays, isNew: boolean): boolean {
	const date = new Uint8Array(dateLength);
	decodeStructure(r, 3);
	const index = decodeLongUnsigned(r);
	decodePattern(r, date, 0, dateLength);
	const dayId = decodeUnsigned(r);
	return !(isNew && table.find(index) >= 0) && table.insert(index, date, 0, dayId);
}

function store(isAccepted: boolean, table: SpecialDays, { application }: Call, spec: SpecialDaysSpec): number {
	if (!isAccepted) return dataAccessResult.otherReason;
	application.calendars.storeSpecial(spec.calendar, table);
	application.parameterChanged();
	return dataAccessResult.success;
}

/** Special days table, class_id 11, version 0 (Blue Book 4.5.4). */
export const specialDaysTable = defineClass<SpecialDaysSpec>({
	classId: 11,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "entries",
			encode(w, { application }, spec) {
				const table = application.calendars.special(spec.calendar);
				encodeArray(w, table.count);
				for (let n = 0; n < table.count; n++) {
					const at = table.dateAt(n);
					encodeStructure(w, 3);
					encodeLongUnsigned(w, table.index(n));
					encodeOctetString(w, table.bytes, at, at + dateLength);
					encodeUnsigned(w, table.dayId(n));
				}
			},
			set: inPieces(function* (r: Reader, call: Call, spec: SpecialDaysSpec): Pieces {
				const table = call.application.calendars.special(spec.calendar);
				table.clear();
				let isAccepted = true;
				for (let n = decodeArray(r); n > 0; n--) {
					if (!insert(r, table, true)) isAccepted = false;
					yield pause.whenSpent;
				}
				yield pause.always;
				return store(isAccepted, table, call, spec);
			}),
		},
	],
	methods: [
		{
			id: 1,
			name: "insert",
			invoke(r, _w, call, spec) {
				const table = call.application.calendars.special(spec.calendar);
				return store(insert(r, table, false), table, call, spec);
			},
		},
		{
			id: 2,
			name: "delete",
			invoke(r, _w, call, spec) {
				const table = call.application.calendars.special(spec.calendar);
				return store(table.delete(decodeLongUnsigned(r)), table, call, spec);
			},
		},
	],
});

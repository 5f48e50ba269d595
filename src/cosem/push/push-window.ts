// SPDX-License-Identifier: Apache-2.0
import { DateTime, notSpecified } from "../../clock/date-time.js";
import { decodeArray, decodeStructure } from "../codec/axdr.js";
import { decodeDateTime } from "../codec/date-time.js";
import type { Reader } from "../codec/reader.js";

/** A field that is not specified is that of the present moment. */
function moment(pattern: DateTime, now: DateTime): number {
	const { octet, year } = notSpecified;
	const fields = [
		pattern.year === year ? now.year : pattern.year,
		pattern.month === octet ? now.month : pattern.month,
		pattern.day === octet ? now.day : pattern.day,
		pattern.hour === octet ? now.hour : pattern.hour,
		pattern.minute === octet ? now.minute : pattern.minute,
		pattern.second === octet ? now.second : pattern.second,
	];
	return fields.reduce((sum, field) => sum * 100 + field, 0);
}

/** Whether `now`, local time, is within one of the windows of a communication_window; always when there are none. */
export function isInWindow(r: Reader, now: DateTime): boolean {
	const count = decodeArray(r);
	const pattern = new DateTime();
	const present = moment(now, now);
	for (let n = 0; n < count; n++) {
		decodeStructure(r, 2);
		decodeDateTime(r, pattern);
		const isWeekday = pattern.weekday === notSpecified.octet || pattern.weekday === now.weekday;
		const start = moment(pattern, now);
		const end = moment(decodeDateTime(r, pattern), now);
		if (!isWeekday) continue;
		// a window that ends before it starts goes over midnight
		if (start <= end ? start <= present && present < end : present >= start || present < end) return true;
	}
	return count === 0;
}

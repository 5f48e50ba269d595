// SPDX-License-Identifier: Apache-2.0
import type { DateTime } from "../../clock/date-time.js";
import { CodecError } from "./codec-error.js";
import { dataTag } from "./data-tag.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

const length = 12;

/** octet-string(12), the form of every date-time attribute. */
export function encodeDateTime(w: Writer, time: DateTime): void {
	w.u8(dataTag.octetString);
	w.u8(length);
	w.u16(time.year);
	const at = w.claim(7);
	const { bytes } = w;
	bytes[at] = time.month;
	bytes[at + 1] = time.day;
	bytes[at + 2] = time.weekday;
	bytes[at + 3] = time.hour;
	bytes[at + 4] = time.minute;
	bytes[at + 5] = time.second;
	bytes[at + 6] = time.hundredths;
	w.i16(time.deviation_min);
	w.u8(time.status);
}

/** octet-string(12) or the date-time type (tag 25). */
export function decodeDateTime(r: Reader, into: DateTime): DateTime {
	const at = r.position;
	const tag = r.u8();
	if (tag === dataTag.octetString) {
		if (r.u8() !== length) throw new CodecError("type", at);
	} else if (tag !== dataTag.dateTime) {
		throw new CodecError("type", at);
	}
	return into.decode(r.bytes, r.skip(length));
}

// SPDX-License-Identifier: Apache-2.0
import type { DateTime } from "../../clock/date-time.js";
import { dataTag } from "./axdr.js";
import { CodecError } from "./codec-error.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

const length = 12;

/** octet-string(12), the form of every date-time attribute. */
export function encodeDateTime(w: Writer, time: DateTime): void {
	w.u8(dataTag.octetString);
	w.u8(length);
	w.u16(time.year);
	w.u8(time.month);
	w.u8(time.day);
	w.u8(time.weekday);
	w.u8(time.hour);
	w.u8(time.minute);
	w.u8(time.second);
	w.u8(time.hundredths);
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

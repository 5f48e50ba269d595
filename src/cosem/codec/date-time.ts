// SPDX-License-Identifier: Apache-2.0
import { type DateTime, dateTimeLength } from "../../clock/date-time.js";
import { CodecError } from "./codec-error.js";
import { dataTag } from "./data-tag.js";
import { decodeLength } from "./length.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** octet-string(12), the form of every date-time attribute. */
export function encodeDateTime(w: Writer, time: DateTime): void {
	w.u8(dataTag.octetString);
	w.u8(dateTimeLength);
	time.encode(w.bytes, w.claim(dateTimeLength));
}

/** octet-string(12) or the date-time type (tag 25). */
export function decodeDateTime(r: Reader, into: DateTime): DateTime {
	return into.decode(r.bytes, passDateTime(r));
}

/** The twelve octets alone, sent in either form; a view, valid during the request. */
export function decodeDateTimeOctets(r: Reader): Uint8Array {
	const at = passDateTime(r);
	return r.bytes.subarray(at, at + dateTimeLength);
}

/** Returns where the twelve octets begin. */
function passDateTime(r: Reader): number {
	const at = r.position;
	const tag = r.u8();
	const isDateTime = tag === dataTag.octetString ? decodeLength(r) === dateTimeLength : tag === dataTag.dateTime;
	if (!isDateTime) throw new CodecError("type", at);
	return r.skip(dateTimeLength);
}

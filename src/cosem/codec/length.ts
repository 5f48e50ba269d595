// SPDX-License-Identifier: Apache-2.0
import { CodecError } from "./codec-error.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** Length in the shortest form: one octet below 128, else 0x81..0x84 and the octets of the number. */
export function encodeLength(w: Writer, length: number): void {
	if (length < 0x80) {
		w.u8(length);
	} else if (length < 0x100) {
		w.u8(0x81);
		w.u8(length);
	} else if (length < 0x1_0000) {
		w.u8(0x82);
		w.u16(length);
	} else {
		w.u8(0x84);
		w.u32(length);
	}
}

/** Octets that `encodeLength` takes. */
export function sizeOfLength(length: number): number {
	return length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5;
}

/** Any definite form of up to four octets, also a longer one than needed. */
export function decodeLength(r: Reader): number {
	const at = r.position;
	const first = r.u8();
	if (first < 0x80) return first;
	if (first === 0x80 || first > 0x84) throw new CodecError("length", at);
	let length = 0;
	for (let n = first & 0x7f; n > 0; n--) length = length * 256 + r.u8();
	return length;
}

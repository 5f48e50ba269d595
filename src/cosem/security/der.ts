// SPDX-License-Identifier: Apache-2.0
import { CodecError } from "../codec/codec-error.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";

/** Tags of DER that certificates are made of (X.690); all fit one octet. */
export const derTag = Object.freeze({
	boolean: 0x01,
	integer: 0x02,
	bitString: 0x03,
	octetString: 0x04,
	null: 0x05,
	objectIdentifier: 0x06,
	utf8String: 0x0c,
	printableString: 0x13,
	utcTime: 0x17,
	generalizedTime: 0x18,
	sequence: 0x30,
	set: 0x31,
	/** `[n]`, constructed. */
	context: 0xa0,
});

/**
 * Reads tag and length of the next element, in the one form that DER allows: definite and as short as can be.
 * `element` becomes its content, `r` is moved behind it.
 *
 * @returns the tag
 */
export function derElement(r: Reader, element: Reader): number {
	const at = r.position;
	const tag = r.u8();
	let length = r.u8();
	if (length === 0x81) {
		length = r.u8();
		if (length < 0x80) throw new CodecError("length", at);
	} else if (length === 0x82) {
		length = r.u16();
		if (length < 0x100) throw new CodecError("length", at);
	} else if (length >= 0x80 || (tag & 0x1f) === 0x1f) {
		throw new CodecError("length", at);
	}
	const from = r.skip(length);
	element.reset(r.bytes, from, from + length);
	return tag;
}

/** As `derElement`; another tag than the expected one is CodecError("value"). */
export function derExpect(r: Reader, tag: number, element: Reader): void {
	const at = r.position;
	if (derElement(r, element) !== tag) throw new CodecError("value", at);
}

/** True when the content of `r` is exactly these octets. */
export function derEquals(r: Reader, octets: readonly number[]): boolean {
	if (r.remaining !== octets.length) return false;
	for (let n = 0; n < octets.length; n++) if (r.bytes[r.position + n] !== octets[n]) return false;
	return true;
}

/** Content of a positive INTEGER, right-aligned into `size` octets at `at` of `into`. */
export function derPositive(r: Reader, into: Uint8Array, at: number, size: number): void {
	const from = r.position;
	const first = r.u8();
	const isPadded = first === 0 && r.remaining > 0;
	if (first >= 0x80 || (isPadded && r.peek() < 0x80)) throw new CodecError("value", from);
	const start = isPadded ? from + 1 : from;
	const length = r.end - start;
	if (length > size) throw new CodecError("value", from);
	into.fill(0, at, at + size - length);
	into.set(r.bytes.subarray(start, r.end), at + size - length);
	r.position = r.end;
}

/** Starts an element; `derClose` with what it returns puts tag and length before the content. */
export function derOpen(w: Writer): number {
	return w.position;
}

/** Moves the content written since `from` up, and writes tag and shortest length in front of it. */
export function derClose(w: Writer, from: number, tag: number): void {
	const length = w.position - from;
	const head = length < 0x80 ? 2 : length < 0x100 ? 3 : 4;
	w.claim(head);
	w.bytes.copyWithin(from + head, from, from + length);
	const end = w.position;
	w.position = from;
	w.u8(tag);
	if (head === 3) w.u8(0x81);
	else if (head === 4) w.u8(0x82);
	if (head === 4) w.u16(length);
	else w.u8(length);
	w.position = end;
}

/** An element whose content is given. */
export function derWrite(w: Writer, tag: number, octets: ArrayLike<number>): void {
	const from = derOpen(w);
	for (let n = 0; n < octets.length; n++) w.u8(octets[n]!);
	derClose(w, from, tag);
}

/** INTEGER out of `octets` `from` … `to`, unsigned and big endian. */
export function derWritePositive(w: Writer, octets: Uint8Array, from: number, to: number): void {
	let at = from;
	while (at < to - 1 && octets[at] === 0) at++;
	const start = derOpen(w);
	if (octets[at]! >= 0x80) w.u8(0);
	w.octets(octets, at, to);
	derClose(w, start, derTag.integer);
}

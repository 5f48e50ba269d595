// SPDX-License-Identifier: Apache-2.0

import { CodecError } from "./codec-error.js";
import { decodeLength, encodeLength } from "./length.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** Universal tag of INTEGER. */
const integerTag = 0x02;

/** Prefix 2.16.756.5.8 of the object identifiers of DLMS UA, as coded in octets. */
const dlmsPrefix: readonly number[] = Object.freeze([0x60, 0x85, 0x74, 0x05, 0x08]);

/** Arcs after the prefix: application contexts and authentication mechanisms. */
export const objectIdentifierKind = Object.freeze({ applicationContext: 1, mechanism: 2 });

/**
 * Reads tag and length of the next BER element (definite lengths in any form; all tags of the ACSE fit one octet).
 * `element.position` … `element.end` become its content, and `r` is moved behind it.
 *
 * @returns the tag
 */
export function nextElement(r: Reader, element: Reader): number {
	const tag = r.u8();
	const length = decodeLength(r);
	const at = r.skip(length);
	element.reset(r.bytes, at, at + length);
	return tag;
}

/** Like `nextElement`, but another tag than the expected one is CodecError("value"). */
export function expectElement(r: Reader, tag: number, element: Reader): void {
	const at = r.position;
	if (nextElement(r, element) !== tag) throw new CodecError("value", at);
}

/** Integer of one octet inside the context tag or an own INTEGER tag (`02 01 nn`). */
export function readSmallInteger(r: Reader): number {
	if (r.remaining === 3 && r.peek() === integerTag) r.skip(2);
	if (r.remaining !== 1) throw new CodecError("length", r.position);
	return r.u8();
}

/** Starts an element whose length is not known yet; returns what `closeElement` needs. */
export function openElement(w: Writer, tag: number): number {
	w.u8(tag);
	return w.claim(1);
}

/** Fills in the length, with one octet below 128; longer contents are moved to make room. */
export function closeElement(w: Writer, at: number): void {
	const length = w.position - at - 1;
	if (length < 0x80) {
		w.bytes[at] = length;
		return;
	}
	const extra = length < 0x100 ? 1 : 2;
	w.claim(extra);
	w.bytes.copyWithin(at + 1 + extra, at + 1, at + 1 + length);
	const end = w.position;
	w.position = at;
	encodeLength(w, length);
	w.position = end;
}

/** OBJECT IDENTIFIER 2.16.756.5.8.kind.number in 7 octets of content. */
export function writeObjectIdentifier(w: Writer, kind: number, number: number): void {
	for (const octet of dlmsPrefix) w.u8(octet);
	w.u8(kind);
	w.u8(number);
}

/** The last arc of 2.16.756.5.8.kind.n; -1 for any other object identifier. */
export function readObjectIdentifier(r: Reader, kind: number): number {
	if (r.remaining !== dlmsPrefix.length + 2) return -1;
	for (const octet of dlmsPrefix) if (r.u8() !== octet) return -1;
	return r.u8() === kind ? r.u8() : -1;
}

/** An element that holds one INTEGER of one octet. */
export function writeSmallInteger(w: Writer, outerTag: number, value: number): void {
	const outer = openElement(w, outerTag);
	w.u8(integerTag);
	w.u8(1);
	w.u8(value);
	closeElement(w, outer);
}

/** An element that holds one element of octets. */
export function writeOctets(w: Writer, outerTag: number, innerTag: number, octets: Uint8Array): void {
	const outer = openElement(w, outerTag);
	const at = openElement(w, innerTag);
	w.octets(octets);
	closeElement(w, at);
	closeElement(w, outer);
}

/**
 * The reverse of `writeOctets`, behind the outer tag.
 * @param value scratch
 * @throws CodecError when there is another element, or one more
 */
export function readOctets(r: Reader, innerTag: number, value: Reader): Uint8Array {
	expectElement(r, innerTag, value);
	r.expectEnd();
	return value.octets(value.remaining);
}

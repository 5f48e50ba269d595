// SPDX-License-Identifier: Apache-2.0
import { CodecError } from "./codec-error.js";
import { dataTag } from "./data-tag.js";
import { decodeLength, encodeLength } from "./length.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** Most elements of one array or structure in received data, and deepest nesting (SEC-mem). */
export const maximumElements = 512;
export const maximumDepth = 8;

/** What is right, which nearly everything is, calls nothing. */
function expectTag(r: Reader, tag: number): void {
	const at = r.position;
	if (at < r.end && r.bytes[at] === tag) r.position = at + 1;
	else throw new CodecError(at < r.end ? "type" : "truncated", at);
}

/** Tag and length. */
function encodeHead(w: Writer, tag: number, length: number): void {
	if (length < 0x80) {
		w.tagged8(tag, length);
		return;
	}
	w.u8(tag);
	encodeLength(w, length);
}

export function encodeNull(w: Writer): void {
	w.u8(dataTag.nullData);
}

export function decodeNull(r: Reader): void {
	expectTag(r, dataTag.nullData);
}

export function encodeBoolean(w: Writer, value: boolean): void {
	w.tagged8(dataTag.boolean, value ? 1 : 0);
}

/** Any octet but 0 is true. */
export function decodeBoolean(r: Reader): boolean {
	expectTag(r, dataTag.boolean);
	return r.u8() !== 0;
}

/**
 * @param bytes bit 0 of the string is the most significant bit of the first octet
 * @param length number of bits; unused bits of the last octet go out as they are
 */
export function encodeBitString(w: Writer, bytes: Uint8Array, length: number): void {
	w.u8(dataTag.bitString);
	encodeLength(w, length);
	w.octets(bytes, 0, (length + 7) >>> 3);
}

/** A bit-string of up to 32 bits out of a number: bit 0 of the string is the most significant of the `length` bits. */
export function encodeBits(w: Writer, value: number, length: number): void {
	w.u8(dataTag.bitString);
	encodeLength(w, length);
	const aligned = (value * 2 ** (32 - length)) >>> 0;
	for (let n = 0; n < length; n += 8) w.u8((aligned >>> (24 - n)) & 255);
}

/** Passes the tag and the length; the (length + 7) / 8 octets follow at the reader's position. Returns bits. */
export function decodeBitStringLength(r: Reader): number {
	expectTag(r, dataTag.bitString);
	const length = decodeLength(r);
	if (Math.ceil(length / 8) > r.remaining) throw new CodecError("truncated", r.position);
	return length;
}

/**
 * The counterpart of `encodeBits`.
 * @param length bits the field must have
 */
export function decodeBits(r: Reader, length: number): number {
	const at = r.position;
	if (decodeBitStringLength(r) !== length) throw new CodecError("type", at);
	let value = 0;
	for (let n = 0; n < length; n += 8) value = value * 256 + r.u8();
	return Math.floor(value / 2 ** ((8 - (length & 7)) & 7));
}

export function encodeDoubleLong(w: Writer, value: number): void {
	w.u8(dataTag.doubleLong);
	w.i32(value);
}

export function decodeDoubleLong(r: Reader): number {
	expectTag(r, dataTag.doubleLong);
	return r.i32();
}

export function encodeDoubleLongUnsigned(w: Writer, value: number): void {
	w.tagged32(dataTag.doubleLongUnsigned, value);
}

export function decodeDoubleLongUnsigned(r: Reader): number {
	expectTag(r, dataTag.doubleLongUnsigned);
	return r.u32();
}

export function encodeOctetString(w: Writer, bytes: Uint8Array, from = 0, to: number = bytes.length): void {
	encodeHead(w, dataTag.octetString, to - from);
	w.octets(bytes, from, to);
}

/** A view on the received octets, valid during the request. */
export function decodeOctetString(r: Reader): Uint8Array {
	expectTag(r, dataTag.octetString);
	return r.octets(decodeLength(r));
}

/** @param bytes ASCII */
export function encodeVisibleString(w: Writer, bytes: Uint8Array, from = 0, to: number = bytes.length): void {
	encodeHead(w, dataTag.visibleString, to - from);
	w.octets(bytes, from, to);
}

/** A view on the received octets, valid during the request. */
export function decodeVisibleString(r: Reader): Uint8Array {
	expectTag(r, dataTag.visibleString);
	return r.octets(decodeLength(r));
}

/** @param bytes UTF-8 */
export function encodeUtf8String(w: Writer, bytes: Uint8Array, from = 0, to: number = bytes.length): void {
	encodeHead(w, dataTag.utf8String, to - from);
	w.octets(bytes, from, to);
}

/** A view on the received octets, valid during the request. */
export function decodeUtf8String(r: Reader): Uint8Array {
	expectTag(r, dataTag.utf8String);
	return r.octets(decodeLength(r));
}

export function encodeInteger(w: Writer, value: number): void {
	w.u8(dataTag.integer);
	w.i8(value);
}

export function decodeInteger(r: Reader): number {
	expectTag(r, dataTag.integer);
	return r.i8();
}

export function encodeLong(w: Writer, value: number): void {
	w.u8(dataTag.long);
	w.i16(value);
}

export function decodeLong(r: Reader): number {
	expectTag(r, dataTag.long);
	return r.i16();
}

export function encodeUnsigned(w: Writer, value: number): void {
	w.tagged8(dataTag.unsigned, value);
}

export function decodeUnsigned(r: Reader): number {
	const at = r.position;
	if (at + 1 < r.end && r.bytes[at] === dataTag.unsigned) {
		r.position = at + 2;
		return r.bytes[at + 1]!;
	}
	expectTag(r, dataTag.unsigned);
	return r.u8();
}

export function encodeLongUnsigned(w: Writer, value: number): void {
	w.tagged16(dataTag.longUnsigned, value);
}

export function decodeLongUnsigned(r: Reader): number {
	expectTag(r, dataTag.longUnsigned);
	return r.u16();
}

export function encodeLong64(w: Writer, value: number): void {
	w.u8(dataTag.long64);
	w.i64(value);
}

export function decodeLong64(r: Reader): number {
	expectTag(r, dataTag.long64);
	return r.i64();
}

export function encodeLong64Unsigned(w: Writer, value: number): void {
	w.u8(dataTag.long64Unsigned);
	w.u64(value);
}

export function decodeLong64Unsigned(r: Reader): number {
	expectTag(r, dataTag.long64Unsigned);
	return r.u64();
}

export function encodeEnum(w: Writer, value: number): void {
	w.tagged8(dataTag.enum, value);
}

export function decodeEnum(r: Reader): number {
	expectTag(r, dataTag.enum);
	return r.u8();
}

export function encodeFloat32(w: Writer, value: number): void {
	w.u8(dataTag.float32);
	w.f32(value);
}

export function decodeFloat32(r: Reader): number {
	expectTag(r, dataTag.float32);
	return r.f32();
}

export function encodeFloat64(w: Writer, value: number): void {
	w.u8(dataTag.float64);
	w.f64(value);
}

export function decodeFloat64(r: Reader): number {
	expectTag(r, dataTag.float64);
	return r.f64();
}

/** Opens an array of `count` elements, which the caller writes next. */
export function encodeArray(w: Writer, count: number): void {
	encodeHead(w, dataTag.array, count);
}

/**
 * Number of elements that follow.
 * @throws CodecError "limit" above 512, "truncated" when there cannot be that many
 */
export function decodeArray(r: Reader): number {
	expectTag(r, dataTag.array);
	return decodeCount(r);
}

export function encodeStructure(w: Writer, count: number): void {
	encodeHead(w, dataTag.structure, count);
}

/** @param count number of fields the structure must have, below 128; another number is CodecError("type") */
export function decodeStructure(r: Reader, count: number): void {
	const at = r.position;
	if (r.bytes[at] === dataTag.structure && r.bytes[at + 1] === count && at + 2 + count <= r.end) {
		r.position = at + 2;
		return;
	}
	expectTag(r, dataTag.structure);
	if (decodeCount(r) !== count) throw new CodecError("type", at);
}

/** Number of elements after the tag of an array or structure, checked against `maximumElements` and what is there. */
export function decodeCount(r: Reader): number {
	const at = r.position;
	const count = decodeLength(r);
	if (count > maximumElements) throw new CodecError("limit", at);
	if (count > r.remaining) throw new CodecError("truncated", at);
	return count;
}

/** Octet-string of six octets. */
export function encodeLogicalName(w: Writer, logicalName: number): void {
	w.tagged8(dataTag.octetString, 6);
	w.u48(logicalName);
}

export function decodeLogicalName(r: Reader): number {
	const at = r.position;
	if (r.bytes[at] === dataTag.octetString && r.bytes[at + 1] === 6 && at + 2 <= r.end) {
		r.position = at + 2;
		return r.u48();
	}
	if (r.u8() !== dataTag.octetString || decodeLength(r) !== 6) throw new CodecError("type", at);
	return r.u48();
}

/** The six octets alone, as in a cosem-attribute-descriptor. */
export function writeLogicalName(w: Writer, logicalName: number): void {
	w.u48(logicalName);
}

export function readLogicalName(r: Reader): number {
	return r.u48();
}

/** Octets of `encodeScalerUnit`. */
export const scalerUnitSize = 6;

/** structure { scaler integer, unit enum } */
export function encodeScalerUnit(w: Writer, scaler: number, unit: number): void {
	encodeStructure(w, 2);
	encodeInteger(w, scaler);
	encodeEnum(w, unit);
}

/** Returns scaler * 256 + unit. */
export function decodeScalerUnit(r: Reader): number {
	decodeStructure(r, 2);
	const scaler = decodeInteger(r);
	return scaler * 256 + decodeEnum(r);
}

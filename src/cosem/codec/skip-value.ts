// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import { decodeCount, maximumDepth } from "./axdr.js";
import { CodecError } from "./codec-error.js";
import { dataTag } from "./data-tag.js";
import { decodeLength } from "./length.js";
import type { Reader } from "./reader.js";
import { valueEnd } from "./value-end.js";

/** What a value looks like after its tag, where its size is not fixed. */
const shape = Object.freeze({ none: -1, string: -2, bits: -3, elements: -4, compact: -5 });

/** Lengths from here on have octets of their own. */
const longForm = 0x80;

/** By tag: size of the value after it, or one of `shape`. A table, since requests are full of tags. */
const sizes: readonly number[] = deepFreeze(tableOfSizes());

function tableOfSizes(): number[] {
	const table = new Array<number>(256).fill(shape.none);
	const { nullData, dontCare, boolean, bcd, integer, unsigned, deltaInteger, deltaUnsigned } = dataTag;
	const { long, longUnsigned, deltaLong, deltaLongUnsigned, doubleLong, doubleLongUnsigned } = dataTag;
	const { float32, float64, deltaDoubleLong, deltaDoubleLongUnsigned, long64, long64Unsigned } = dataTag;
	for (const tag of [nullData, dontCare]) table[tag] = 0;
	for (const tag of [boolean, bcd, integer, unsigned, dataTag.enum, deltaInteger, deltaUnsigned]) table[tag] = 1;
	for (const tag of [long, longUnsigned, deltaLong, deltaLongUnsigned]) table[tag] = 2;
	for (const tag of [doubleLong, doubleLongUnsigned, float32, dataTag.time]) table[tag] = 4;
	for (const tag of [deltaDoubleLong, deltaDoubleLongUnsigned]) table[tag] = 4;
	for (const tag of [long64, long64Unsigned, float64]) table[tag] = 8;
	table[dataTag.date] = 5;
	table[dataTag.dateTime] = 12;
	for (const tag of [dataTag.octetString, dataTag.visibleString, dataTag.utf8String]) table[tag] = shape.string;
	table[dataTag.bitString] = shape.bits;
	for (const tag of [dataTag.array, dataTag.structure]) table[tag] = shape.elements;
	table[dataTag.compactArray] = shape.compact;
	return table;
}

/**
 * Passes one value of any type.
 * @throws CodecError "value" on an unknown tag, "limit" beyond 8 levels or 512 elements, "truncated", "length"
 */
export function skipValue(r: Reader): void {
	const end = valueEnd(r.bytes, r.position, r.end);
	if (end >= 0) r.position = end;
	else skipNested(r, maximumDepth); // which also tells what is wrong
}

function skipNested(r: Reader, levels: number): void {
	const at = r.position;
	const size = sizes[r.u8()]!;
	if (size >= 0) {
		r.skip(size);
		return;
	}
	switch (size) {
		case shape.string:
			r.skip(decodeLength(r));
			return;
		case shape.elements:
			if (levels === 0) throw new CodecError("limit", at);
			skipElements(r, levels - 1);
			return;
		case shape.bits:
			r.skip(Math.ceil(decodeLength(r) / 8));
			return;
		case shape.compact:
			if (levels === 0) throw new CodecError("limit", at);
			skipTypeDescription(r, levels - 1);
			r.skip(decodeLength(r));
			return;
		default:
			throw new CodecError("value", at);
	}
}

/**
 * Elements of fixed size and short strings, which most are, in the loop itself: long lists pass here several times with each
 * request.
 */
function skipElements(r: Reader, levels: number): void {
	const { bytes, end } = r;
	let at = r.position;
	let left = at < end ? bytes[at]! : longForm;
	if (left < longForm && at + left < end) at++;
	else {
		left = decodeCount(r);
		at = r.position;
	}
	for (; left > 0; left--) {
		let size = at < end ? sizes[bytes[at]!]! : shape.none;
		if (size === shape.string && bytes[at + 1]! < longForm) size = 1 + bytes[at + 1]!;
		if (size >= 0 && at + size < end) {
			at += 1 + size;
			continue;
		}
		r.position = at;
		if (size === shape.elements && levels > 0) {
			r.position++;
			skipElements(r, levels - 1);
		} else skipNested(r, levels);
		at = r.position;
	}
	r.position = at;
}

/** Contents-description of a compact-array: tags without values; an array has its number of elements as long-unsigned. */
function skipTypeDescription(r: Reader, levels: number): void {
	const at = r.position;
	const tag = r.u8();
	if (tag === dataTag.array || tag === dataTag.structure) {
		if (levels === 0) throw new CodecError("limit", at);
		if (tag === dataTag.array) {
			r.u16();
			skipTypeDescription(r, levels - 1);
		} else {
			for (let n = decodeCount(r); n > 0; n--) skipTypeDescription(r, levels - 1);
		}
	} else if (sizes[tag]! < 0 && sizes[tag] !== shape.string && sizes[tag] !== shape.bits) {
		throw new CodecError("value", at);
	}
}

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import * as axdr from "../../../src/cosem/codec/axdr.js";
import { CodecError, type CodecErrorCode } from "../../../src/cosem/codec/codec-error.js";
import { decodeDateTimeOctets } from "../../../src/cosem/codec/date-time.js";
import { sizeOfLength } from "../../../src/cosem/codec/length.js";
import { Reader } from "../../../src/cosem/codec/reader.js";
import { skipValue } from "../../../src/cosem/codec/skip-value.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { parseLogicalName } from "../../../src/cosem/logical-name.js";
import { fromHex, hex, vectorCases } from "../support/hex.js";

interface Typed {
	readonly type: string;
	readonly value: unknown;
}

const octets = (typed: Typed): Uint8Array => fromHex(typed.value as string);
const number = (typed: Typed): number => typed.value as number;

/** Writes a value of the vectors; types that the meter only passes over are not in here. */
const encoders: Record<string, (w: Writer, typed: Typed) => void> = {
	null: (w) => axdr.encodeNull(w),
	boolean: (w, t) => axdr.encodeBoolean(w, number(t) !== 0),
	"bit-string": (w, t) => axdr.encodeBits(w, Number.parseInt(t.value as string, 2), (t.value as string).length),
	"double-long": (w, t) => axdr.encodeDoubleLong(w, number(t)),
	"double-long-unsigned": (w, t) => axdr.encodeDoubleLongUnsigned(w, number(t)),
	"octet-string": (w, t) => axdr.encodeOctetString(w, octets(t)),
	"visible-string": (w, t) => axdr.encodeVisibleString(w, octets(t)),
	"utf8-string": (w, t) => axdr.encodeUtf8String(w, octets(t)),
	integer: (w, t) => axdr.encodeInteger(w, number(t)),
	long: (w, t) => axdr.encodeLong(w, number(t)),
	unsigned: (w, t) => axdr.encodeUnsigned(w, number(t)),
	"long-unsigned": (w, t) => axdr.encodeLongUnsigned(w, number(t)),
	long64: (w, t) => axdr.encodeLong64(w, number(t)),
	"long64-unsigned": (w, t) => axdr.encodeLong64Unsigned(w, number(t)),
	enum: (w, t) => axdr.encodeEnum(w, number(t)),
	float32: (w, t) => axdr.encodeFloat32(w, number(t)),
	float64: (w, t) => axdr.encodeFloat64(w, number(t)),
	structure(w, t) {
		const fields = t.value as Typed[];
		axdr.encodeStructure(w, fields.length);
		for (const field of fields) encoders[field.type]!(w, field);
	},
	array(w, t) {
		const elements = t.value as Typed[];
		axdr.encodeArray(w, elements.length);
		for (const element of elements) encoders[element.type]!(w, element);
	},
};

const decoders: Record<string, (r: Reader, typed: Typed) => unknown> = {
	null: (r) => axdr.decodeNull(r) ?? null,
	boolean: (r) => Number(axdr.decodeBoolean(r)),
	"bit-string": (r, t) => axdr.decodeBits(r, (t.value as string).length).toString(2),
	"double-long": (r) => axdr.decodeDoubleLong(r),
	"double-long-unsigned": (r) => axdr.decodeDoubleLongUnsigned(r),
	"octet-string": (r) => hex(axdr.decodeOctetString(r)),
	"visible-string": (r) => hex(axdr.decodeVisibleString(r)),
	"utf8-string": (r) => hex(axdr.decodeUtf8String(r)),
	integer: (r) => axdr.decodeInteger(r),
	long: (r) => axdr.decodeLong(r),
	unsigned: (r) => axdr.decodeUnsigned(r),
	"long-unsigned": (r) => axdr.decodeLongUnsigned(r),
	long64: (r) => axdr.decodeLong64(r),
	"long64-unsigned": (r) => axdr.decodeLong64Unsigned(r),
	enum: (r) => axdr.decodeEnum(r),
	float32: (r) => axdr.decodeFloat32(r),
	float64: (r) => axdr.decodeFloat64(r),
	structure(r, t) {
		const fields = t.value as Typed[];
		axdr.decodeStructure(r, fields.length);
		return fields.map((field) => ({ type: field.type, value: decoders[field.type]!(r, field) }));
	},
	array(r, t) {
		const elements = t.value as Typed[];
		assert.equal(axdr.decodeArray(r), elements.length);
		return elements.map((element) => ({ type: element.type, value: decoders[element.type]!(r, element) }));
	},
};

function rejects(code: CodecErrorCode, run: () => unknown): void {
	assert.throws(run, (error: unknown) => error instanceof CodecError && error.code === code);
}

function encoded(write: (w: Writer) => void): Uint8Array {
	const w = new Writer(new Uint8Array(64).fill(0xa5));
	write(w);
	return w.bytes.slice(0, w.position);
}

describe("A-XDR", () => {
	for (const { id, what, hex: text, expect, value } of vectorCases("dlms-axdr")) {
		if (expect === "error") {
			it(`refuses ${id}, ${what}`, () => rejects("truncated", () => skipValue(new Reader(fromHex(text)))));
			continue;
		}
		const typed = value as Typed;
		it(`passes over ${id}, ${what}`, () => {
			const r = new Reader(fromHex(`${text}a5`));
			skipValue(r);
			assert.equal(r.remaining, 1);
		});
		const encode = encoders[typed.type];
		if (encode === undefined) continue;
		it(`writes ${id}, ${what}`, () => assert.equal(hex(encoded((w) => encode(w, typed))), text));
		it(`reads ${id}, ${what}`, () => {
			const r = new Reader(fromHex(text));
			assert.deepEqual(decoders[typed.type]!(r, typed), typed.value);
			assert.equal(r.remaining, 0);
		});
	}

	it("gives back what it wrote, for every integer type", () => {
		const pairs = [
			[axdr.encodeInteger, axdr.decodeInteger, -0x80, 0x7f],
			[axdr.encodeUnsigned, axdr.decodeUnsigned, 0, 0xff],
			[axdr.encodeEnum, axdr.decodeEnum, 0, 0xff],
			[axdr.encodeLong, axdr.decodeLong, -0x8000, 0x7fff],
			[axdr.encodeLongUnsigned, axdr.decodeLongUnsigned, 0, 0xffff],
			[axdr.encodeDoubleLong, axdr.decodeDoubleLong, -0x8000_0000, 0x7fff_ffff],
			[axdr.encodeDoubleLongUnsigned, axdr.decodeDoubleLongUnsigned, 0, 0xffff_ffff],
			[axdr.encodeLong64, axdr.decodeLong64, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
			[axdr.encodeLong64Unsigned, axdr.decodeLong64Unsigned, 0, Number.MAX_SAFE_INTEGER],
		] as const;
		for (const [encode, decode, min, max] of pairs) {
			fc.assert(
				fc.property(fc.maxSafeInteger(), (any) => {
					const value = any >= min && any <= max ? any : min + (Math.abs(any) % (max - min + 1));
					const bytes = encoded((w) => encode(w, value));
					assert.equal(decode(new Reader(bytes)), value);
					const skipped = new Reader(bytes);
					skipValue(skipped);
					assert.equal(skipped.remaining, 0);
				}),
			);
			for (const value of [min, max]) assert.equal(decode(new Reader(encoded((w) => encode(w, value)))), value);
			for (const value of [min - 1, max + 1, 0.5, Number.NaN])
				rejects("overflow", () => encoded((w) => encode(w, value)));
		}
	});

	it("writes 64-bit numbers as BigInt would", () => {
		fc.assert(
			fc.property(fc.maxSafeInteger(), (value) => {
				const expected = BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, "0");
				assert.equal(hex(encoded((w) => axdr.encodeLong64(w, value))), `14${expected}`);
			}),
		);
	});

	it("refuses 64-bit numbers that it cannot hold exactly", () => {
		rejects("value", () => axdr.decodeLong64Unsigned(new Reader(fromHex("150020000000000000"))));
		rejects("value", () => axdr.decodeLong64(new Reader(fromHex("148000000000000000"))));
	});

	it("gives back strings of every length form", () => {
		for (const length of [0, 1, 127, 128, 255, 256, 1000]) {
			const value = new Uint8Array(length).map((_, n) => n * 7);
			const w = new Writer(1100);
			axdr.encodeOctetString(w, value);
			assert.equal(w.position, 1 + sizeOfLength(length) + length);
			const r = new Reader(w.bytes, 0, w.position);
			assert.deepEqual(axdr.decodeOctetString(r), value);
			assert.equal(r.remaining, 0);
		}
	});

	it("gives back bits and logical names", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 32 }), fc.nat(0xffff_ffff), (length, any) => {
				const value = any % 2 ** length;
				const bytes = encoded((w) => axdr.encodeBits(w, value, length));
				assert.equal(bytes.length, 2 + Math.ceil(length / 8));
				assert.equal(axdr.decodeBits(new Reader(bytes), length), value);
			}),
		);
		const name = parseLogicalName("1-0:99.1.0.255");
		const bytes = encoded((w) => axdr.encodeLogicalName(w, name));
		assert.equal(hex(bytes), "09060100630100ff");
		assert.equal(axdr.decodeLogicalName(new Reader(bytes)), name);
		assert.equal(hex(encoded((w) => axdr.encodeScalerUnit(w, -3, 30))), "02020ffd161e");
		assert.equal(axdr.decodeScalerUnit(new Reader(fromHex("02020ffd161e"))), -3 * 256 + 30);
	});

	it("takes a date-time as octet-string and as date-time", () => {
		for (const head of ["090c", "19"]) {
			const text = "07e8021d040c1e00ff800000";
			assert.equal(hex(decodeDateTimeOctets(new Reader(fromHex(head + text)))), text);
		}
		rejects("type", () => decodeDateTimeOctets(new Reader(fromHex("0905010203040506"))));
	});

	it("says type, truncated, length, limit and value for what it refuses", () => {
		rejects("type", () => axdr.decodeLong(new Reader(fromHex("120001"))));
		rejects("truncated", () => axdr.decodeLong(new Reader(fromHex("1000"))));
		rejects("truncated", () => axdr.decodeOctetString(new Reader(fromHex("0984ffffffff00"))));
		rejects("length", () => axdr.decodeOctetString(new Reader(fromHex("098000"))));
		rejects("length", () => axdr.decodeOctetString(new Reader(fromHex("0985000000000100"))));
		rejects("value", () => skipValue(new Reader(fromHex("ee00"))));
		rejects("limit", () => skipValue(new Reader(fromHex(`01820201${"00".repeat(513)}`))));
		rejects("type", () => axdr.decodeStructure(new Reader(fromHex("020300000000")), 2));
	});

	it("takes no structure and no logical name from behind the octets that it was given", () => {
		const bytes = fromHex("0202110111020906010203040506");
		for (let end = 0; end <= 2 + 4; end++) {
			const isWhole = end >= 2 + 2; // as many octets behind the head as elements
			const read = () => axdr.decodeStructure(new Reader(bytes, 0, end), 2);
			if (isWhole) assert.doesNotThrow(read);
			else rejects("truncated", read);
		}
		for (let end = 6; end < bytes.length; end++)
			rejects("truncated", () => axdr.decodeLogicalName(new Reader(bytes, 6, end)));
		assert.equal(axdr.decodeLogicalName(new Reader(bytes, 6)), 0x010203040506);
		rejects("type", () => axdr.decodeStructure(new Reader(bytes), 3));
	});

	it("takes lengths longer than needed", () => {
		const r = new Reader(fromHex("028102110109810601020304050612"));
		axdr.decodeStructure(r, 2);
		axdr.decodeUnsigned(r);
		assert.equal(axdr.decodeLogicalName(r), 0x010203040506);

		assert.equal(hex(axdr.decodeOctetString(new Reader(fromHex("0984000000020102")))), "0102");
	});

	it("takes eight levels of nesting and refuses the ninth, also ten thousand (SEC-mem)", () => {
		const nested = (levels: number): Reader => new Reader(fromHex(`${"0101".repeat(levels)}00`));
		skipValue(nested(8));
		rejects("limit", () => skipValue(nested(9)));
		rejects("limit", () => skipValue(nested(10_000)));
		rejects("limit", () => skipValue(new Reader(fromHex(`13${"0201".repeat(9)}1100`))));
	});

	it("passes over any octets or refuses them, in bounded time", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				const r = new Reader(bytes);
				try {
					skipValue(r);
					assert.ok(r.position <= bytes.length);
				} catch (error) {
					assert.ok(error instanceof CodecError);
				}
			}),
			{ numRuns: 2000 },
		);
	});

	it("stays inside the part of the buffer that it was given", () => {
		const bytes = fromHex("1002");
		rejects("truncated", () => axdr.decodeLong(new Reader(fromHex("10020304"), 0, 2)));
		rejects("truncated", () => new Reader(bytes, 1, 1).u8());
		const w = new Writer(8);
		w.reset(3);
		rejects("overflow", () => w.u32(1));
		assert.equal(w.position, 0);
		assert.throws(() => w.octets(bytes, 1, 3), RangeError);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { crc16Ccitt, crc16X25, crc32 } from "../../src/core/crc.js";

const digits = Uint8Array.from("123456789", (digit) => digit.charCodeAt(0));

/** Bit by bit, most significant first. */
function ccittByBits(octets: Uint8Array): number {
	let crc = 0xffff;
	for (const octet of octets) {
		crc ^= octet << 8;
		for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
	}
	return crc;
}

/** Bit by bit, least significant first; `polynomial` reflected. */
function reflectedByBits(octets: Uint8Array, polynomial: number, initial: number): number {
	let crc = initial;
	for (const octet of octets) {
		crc ^= octet;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
	}
	return (crc ^ initial) >>> 0;
}

describe("core/crc", () => {
	it("has the check values of the catalogue", () => {
		assert.equal(crc16Ccitt(digits, 0, 9), 0x29b1);
		assert.equal(crc16X25(digits, 0, 9), 0x906e);
		assert.equal(crc32(digits, 0, 9), 0xcbf43926);
	});

	it("agrees with the definitions bit by bit, for any part of any octets, of even and odd length", () => {
		const part = fc.uint8Array({ maxLength: 40 }).chain((octets) =>
			fc.tuple(fc.constant(octets), fc.nat(octets.length), fc.nat(octets.length)).map(([bytes, a, b]) => ({
				bytes,
				from: Math.min(a, b),
				to: Math.max(a, b),
			})),
		);
		fc.assert(
			fc.property(part, ({ bytes, from, to }) => {
				const cut = bytes.subarray(from, to);
				assert.equal(crc16Ccitt(bytes, from, to), ccittByBits(cut));
				assert.equal(crc16X25(bytes, from, to), reflectedByBits(cut, 0x8408, 0xffff));
				assert.equal(crc32(bytes, from, to), reflectedByBits(cut, 0xedb88320, 0xffffffff));
			}),
		);
	});

	it("goes on over pieces of a CRC-32", () => {
		assert.equal(crc32(digits, 4, 9, crc32(digits, 0, 4)), crc32(digits, 0, 9));
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatLogicalName, parseLogicalName, valueGroupB, valueGroupE } from "../../src/cosem/logical-name.js";

describe("logical name", () => {
	it("packs six groups, A first", () => {
		assert.equal(parseLogicalName("1-0:1.8.0.255"), 0x0100_0108_00ff);
		assert.equal(parseLogicalName("0-0:1.0.0.255"), 0x0000_0100_00ff);
		assert.equal(parseLogicalName("255-255:255.255.255.255"), 2 ** 48 - 1);
	});

	it("gives back every name", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), ([a, b, c, d, e, f]) => {
				const text = `${a}-${b}:${c}.${d}.${e}.${f}`;
				const packed = parseLogicalName(text);
				assert.equal(packed, Number(`0x${Buffer.from([a!, b!, c!, d!, e!, f!]).toString("hex")}`));
				assert.equal(formatLogicalName(packed), text);
				assert.deepEqual([valueGroupB(packed), valueGroupE(packed)], [b, e]);
			}),
		);
	});

	it("refuses everything else", () => {
		for (const text of [
			"",
			"1-0:1.8.0",
			"1-0:1.8.0.256",
			"1:0-1.8.0.255",
			"1-0:1.8.0.255.",
			"1-0:1..0.255",
			" 1-0:1.8.0.255",
		]) {
			assert.throws(() => parseLogicalName(text), RangeError, text);
		}
	});
});

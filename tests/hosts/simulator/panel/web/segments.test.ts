// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { current, energy, fixed, power } from "../../../../../hosts/simulator/panel/web/format.js";
import { cellsOf } from "../../../../../hosts/simulator/panel/web/segments.js";

describe("glass of the panel", () => {
	it("F46: puts points and colons beside the digits, without a place of their own", () => {
		const cells = cellsOf("0012345.6", 8, "right");
		assert.equal(cells.length, 8);
		assert.deepEqual(
			cells.map(({ hasPoint }) => hasPoint),
			[false, false, false, false, false, false, true, false],
		);
		const time = cellsOf("23:59:58", 8, "right");
		assert.deepEqual(
			time.map(({ hasColon }) => hasColon),
			[false, false, false, true, false, true, false, false],
		);
		assert.equal(time[0]!.segments + time[1]!.segments, "");
	});

	it("lights the segments of every digit as the usual figures have them", () => {
		const counts = [..."0123456789"].map((digit) => cellsOf(digit, 1, "left")[0]!.segments.length);
		assert.deepEqual(counts, [6, 2, 5, 5, 4, 5, 6, 3, 7, 6]);
		const patterns = new Set([..."0123456789ABCDEF -"].map((digit) => cellsOf(digit, 1, "left")[0]!.segments));
		assert.equal(patterns.size, 18); // none looks like another
	});

	it("leaves dark what seven segments can not show, and keeps a lone point", () => {
		assert.equal(cellsOf("@", 1, "left")[0]!.segments, "");
		assert.deepEqual(cellsOf("", 2, "left").length, 2);
		assert.equal(cellsOf("1..2", 1, "left").length, 3);
	});

	it("writes quantities with a true minus, without a negative zero", () => {
		assert.equal(fixed(-12.34, 1), "\u221212.3");
		assert.equal(fixed(-0.04, 1), "0.0");
		assert.deepEqual(power(-10_000, "var"), { value: "\u221210.00", unit: "kvar" });
		assert.deepEqual(power(9999.4, "W"), { value: "9999", unit: "W" });
		assert.deepEqual(current(0.02), { value: "0.020", unit: "A" });
	});

	it("truncates energies and groups their digits", () => {
		assert.equal(energy(1_234_567.89996), "1\u2009234\u2009567.8999");
		assert.equal(energy(0.00019), "0.0001");
	});
});

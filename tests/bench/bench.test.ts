// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { table, timePerCall_s } from "../../bench/bench.js";

describe("bench", () => {
	it("prints one line for each figure, with its unit and what it is compared with", () => {
		const lines = table([
			{ area: "a", name: "long name", value: 12_345, unit: "slots", reference: "4928" },
			{ area: "b", name: "n", value: 1.23456, unit: "x", reference: "" },
		]).split("\n");
		assert.equal(lines.length, 3);
		assert.match(lines[1]!, /^a\s+long name\s+12,345\s+slots\s+4928$/);
		assert.match(lines[2]!, /^b\s+n\s+1\.23\s+x$/);
	});

	it("measures a positive time, and refuses work that computes nothing", () => {
		assert.ok(timePerCall_s(() => 1, 1) > 0);
		assert.throws(() => timePerCall_s(() => Number.NaN, 1), RangeError);
	});
});

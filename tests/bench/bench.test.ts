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

	it("says which value is to be at least how much, and which is not", () => {
		const figure = { area: "a", name: "n", unit: "x", reference: "echo", target: 0.6 };
		const lines = table([
			{ ...figure, value: 0.7 },
			{ ...figure, value: 0.5 },
		]).split("\n");
		assert.match(lines[1]!, /0\.700\s+x\s+>= 0\.600\s+echo$/);
		assert.match(lines[2]!, /0\.500\s+x\s+>= 0\.600 MISSED\s+echo$/);
	});

	it("measures a positive time, and refuses work that computes nothing", () => {
		assert.ok(timePerCall_s(() => 1, 1) > 0);
		assert.throws(() => timePerCall_s(() => Number.NaN, 1), RangeError);
	});
});

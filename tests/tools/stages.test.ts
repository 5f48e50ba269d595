// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {
	findChromium,
	mochaClosing,
	parseCounts,
	parseRequirements,
	type StageResult,
	summarize,
} from "../../tools/stages.js";

function stage(
	name: string,
	passed: number,
	failed: number,
	status: StageResult["status"] = "passed",
	note = "",
): StageResult {
	return { name, status, passed, failed, seconds: 1.25, note };
}

describe("tools/stages", () => {
	it("closes with the totals alone on the last line", () => {
		const text = summarize([stage("types", 1, 0), stage("mocha", 812, 2, "failed")], "  812 passing (9s)\n  2 failing");
		assert.match(text, /\n {2}812 passing \(9s\)\n {2}2 failing\n\n813 passed, 2 failed$/);
	});

	it("lists a stage that was not run, with the reason", () => {
		const text = summarize([stage("panel", 0, 0, "NOT RUN", "no Chromium found")], "");
		assert.match(text.split("\n")[0]!, /^panel {2}NOT RUN .*no Chromium found$/);
	});

	it("takes the last counts of an output, and none from other lines", () => {
		assert.deepEqual(parseCounts("3 passed, 1 failed\nx 9 passed, 9 failed\n10 passed, 0 failed\n"), {
			passed: 10,
			failed: 0,
		});
		assert.equal(parseCounts("nothing passed"), undefined);
	});

	it("repeats mocha's closing lines", () => {
		assert.equal(mochaClosing({ passes: 5, failures: 0, duration_ms: 1499 }), "  5 passing (1s)");
		assert.equal(mochaClosing({ passes: 5, failures: 2, duration_ms: 1501 }), "  5 passing (2s)\n  2 failing");
	});

	it("refuses a requirement it does not know, so that a slip weakens nothing", () => {
		assert.deepEqual([...parseRequirements("chromium,m32")], ["chromium", "m32"]);
		assert.deepEqual([...parseRequirements("")], []);
		assert.throws(() => parseRequirements("chrome"), RangeError);
	});

	it("takes the browser that CHROMIUM names only if it answers", () => {
		assert.equal(findChromium({ CHROMIUM: process.execPath }), process.execPath);
		assert.equal(findChromium({ CHROMIUM: "/nonexistent/chromium" }), undefined);
	});
});

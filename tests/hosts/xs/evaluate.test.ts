// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { judge, judgeParity, limitOf } from "../../../hosts/xs/evaluate.js";
import {
	associationShare,
	bootShare,
	meteringLimit_computrons,
	type Scenario,
	scenarios,
	turnLimit_computrons,
} from "../../../hosts/xs/gates.js";
import type { Creation, Outcome } from "../../../hosts/xs/machine.js";

const creation: Creation = { chunks: 78_848, slots: 4928, stack: 512, keys: { initial: 64, increment: 64 } };
const scenario: Scenario = {
	name: "x",
	preload: "nothing",
	gates: [{ figure: "boot.slots", atMost: { shareOf: "slots", share: 0.6 } }],
};

function outcome(changes: Partial<Outcome> = {}): Outcome {
	return {
		output: ["a"],
		checks: [],
		figures: new Map([["boot.slots", 2956]]),
		writable: [],
		failure: undefined,
		...changes,
	};
}

function failures(findings: readonly { passed: boolean; title: string }[]): string[] {
	return findings.filter(({ passed }) => !passed).map(({ title }) => title);
}

describe("hosts/xs/evaluate", () => {
	it("limits are shares of the board's memory, rounded down", () => {
		assert.equal(limitOf(scenario.gates[0]!, creation), 2956);
		assert.equal(limitOf({ figure: "x", atMost: { shareOf: "chunks", share: 0.75 } }, creation), 59_136);
		assert.equal(limitOf({ figure: "x", atMost: 40_000 }, creation), 40_000);
	});

	it("a figure at its limit passes, one above it fails", () => {
		assert.deepEqual(failures(judge(scenario, creation, outcome())), []);
		const above = outcome({ figures: new Map([["boot.slots", 2957]]) });
		assert.deepEqual(failures(judge(scenario, creation, above)), ["boot.slots <= 2956 (60 % of slots)"]);
	});

	it("a figure that was not reported, or is no number, fails", () => {
		assert.equal(failures(judge(scenario, creation, outcome({ figures: new Map() }))).length, 1);
		assert.equal(
			failures(judge(scenario, creation, outcome({ figures: new Map([["boot.slots", Number.NaN]]) }))).length,
			1,
		);
	});

	it("an exception or abort fails, unless just that abort is expected", () => {
		const aborted = outcome({ failure: "machine aborted (app): memory full\ndetails" });
		assert.deepEqual(failures(judge(scenario, creation, aborted)), ["runs to its end"]);
		assert.deepEqual(failures(judge({ ...scenario, expectedAbort: "memory full" }, creation, aborted)), []);
		assert.equal(failures(judge({ ...scenario, expectedAbort: "stack overflow" }, creation, aborted)).length, 1);
		assert.equal(failures(judge({ ...scenario, expectedAbort: "memory full" }, creation, outcome())).length, 1);
	});

	it("a check that does not hold fails under its own title, on the engine and under node", () => {
		const checked = outcome({ checks: [{ title: "F04 counts", holds: false }] });
		assert.deepEqual(failures(judge(scenario, creation, checked, checked)), ["F04 counts", "under node: F04 counts"]);
	});

	it("parity means the same lines, and at least one", () => {
		assert.equal(judgeParity(["a", "b"], ["a", "b"]).passed, true);
		assert.match(judgeParity(["a", "b"], ["a", "c"]).detail, /line 2/);
		assert.equal(judgeParity(["a"], ["a", "b"]).passed, false);
		assert.equal(judgeParity([], []).passed, false);
	});

	it("the budgets of the board stand: 60 % booted, 75 % in an association, 200,000 a second, 40,000 a turn", () => {
		assert.deepEqual(
			[bootShare, associationShare, meteringLimit_computrons, turnLimit_computrons],
			[0.6, 0.75, 200_000, 40_000],
		);
		assert.ok(
			Object.isFrozen(scenarios) && scenarios.every((row) => Object.isFrozen(row) && Object.isFrozen(row.gates)),
		);
	});
});

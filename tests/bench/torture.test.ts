// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { torture } from "../../bench/torture/torture.js";
import { models } from "../../src/models/model.js";

describe("torture of the memory", () => {
	for (const model of models.filter(({ name }) => name !== "ST402C")) {
		for (const hasFram of [false, true]) {
			it(`G5 G11: ${model.name} ${hasFram ? "with" : "without"} FRAM loses nothing over cuts in the middle of writes, also while it starts`, async () => {
				const result = await torture({ model, cuts: 25, seed: 3, hasFram, duration_s: 3600 });
				assert.deepEqual(result.findings, []);
				assert.ok(result.duringRecovery > 3 && result.rows > 100, JSON.stringify(result));
				assert.ok(result.acknowledgedSets > 50, JSON.stringify(result));
			}).timeout(60_000);
		}
	}
});

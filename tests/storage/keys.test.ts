// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { profileDefinitions } from "../../src/cosem/objects/profiles.js";
import { calendarDefinitions } from "../../src/cosem/objects/tariff.js";
import { recordKey } from "../../src/storage/keys.js";

const source = readFileSync(new URL("../../src/storage/keys.ts", import.meta.url), "utf8");

/** How many numbers a name takes, by its comment. */
function countOf(name: string): number {
	const line = source.split("\n").find((text) => text.startsWith(`\t${name}: `));
	assert.ok(line, name);
	const added = /\/\/ \+.*?0\.\.(\d+)/.exec(line);
	assert.ok(added !== null || !line.includes("// +"), `${name}: the comment does not tell how many`);
	return added === null ? 1 : Number(added[1]) + 1;
}

describe("keys of records", () => {
	it("G5: belong to one use each, ranges included", () => {
		const owner = new Map<number, string>();
		for (const [name, first] of Object.entries(recordKey)) {
			for (let key = first; key < first + countOf(name); key++) {
				assert.equal(owner.get(key), undefined, `${key} is of ${name}`);
				assert.ok(key <= 255, `${name}: ${key}`);
				owner.set(key, name);
			}
		}
	});

	it("are as many as there are profiles and calendars", () => {
		assert.equal(countOf("profiles"), profileDefinitions.length);
		assert.equal(countOf("calendars"), 4 * calendarDefinitions.length);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { idsIn, titlesOf } from "../../tools/requirements.js";

const page = readFileSync("docs/security.md", "utf8");
const listed = readFileSync("docs/requirements.json", "utf8").match(/SEC-[a-z]+/g)!;

interface Row {
	readonly id: string;
	readonly files: readonly string[];
	readonly remark: string;
}

const rows: readonly Row[] = page
	.split("\n")
	.filter((line) => line.startsWith("| SEC-"))
	.map((line) => {
		const [, id = "", , tests = "", remark = ""] = line.split("|").map((cell) => cell.trim());
		return { id, files: [...tests.matchAll(/`([^`]+)`/g)].map((match) => `tests/${match[1]}.test.ts`), remark };
	});

describe("docs/security.md", () => {
	it("has one row for each security requirement", () => {
		assert.deepEqual(rows.map((row) => row.id).sort(), [...new Set(listed)].sort());
	});

	it("names tests that carry the id in a title, or says why there is none", () => {
		for (const { id, files, remark } of rows) {
			assert.ok(files.length > 0 || remark.length > 0, `${id}: neither test nor reason`);
			for (const file of files) {
				assert.ok(existsSync(file), `${id}: ${file}`);
				const ids = titlesOf(file, readFileSync(file, "utf8")).flatMap(({ title }) => idsIn(title));
				assert.ok(ids.includes(id), `${id}: no title of ${file} names it`);
			}
		}
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkPrivateMethods, checkRepository } from "../../tools/engine-check.js";

describe("tools/engine-check", () => {
	it("src/ has no private method that each instance would carry", () => {
		assert.deepEqual(checkRepository(fileURLToPath(new URL("../../", import.meta.url))), []);
	});

	it("finds methods, accessors and static methods, each with its line", () => {
		const text = "class A {\n\t#a() {}\n\tget #b() { return 1; }\n\tset #c(v) {}\n\tstatic #d() {}\n\tasync #e() {}\n}";
		const lines = checkPrivateMethods("src/a.ts", text).map((problem) => /:(\d+) (#\w)/.exec(problem)?.slice(1));
		assert.deepEqual(lines, [
			["2", "#a"],
			["3", "#b"],
			["4", "#c"],
			["5", "#d"],
			["6", "#e"],
		]);
	});

	it("leaves private fields and methods private by type alone", () => {
		assert.deepEqual(
			checkPrivateMethods("src/a.ts", "class A { #n = 1; #f = () => 1; private m() { return this.#n; } }"),
			[],
		);
	});
});

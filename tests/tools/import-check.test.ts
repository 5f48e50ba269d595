// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkImports, checkRepository } from "../../tools/import-check.js";

describe("tools/import-check", () => {
	it("F147 the metrology part imports nothing of the application, and src/ nothing of a host", () => {
		assert.deepEqual(checkRepository(fileURLToPath(new URL("../../", import.meta.url))), []);
	});

	it("refuses the application, stores, hosts and packages in metrology", () => {
		for (const specifier of [
			"../cosem/server.js",
			"../clock/calendar.js",
			"../storage/record-log.js",
			"node:fs",
			"@noble/x",
		]) {
			const problems = checkImports("src/metrology/x.ts", `import { a } from "${specifier}";`);
			assert.equal(problems.length, 1, specifier);
		}
	});

	it("allows core, ports, models and the interface of the stores in metrology", () => {
		for (const specifier of [
			"../core/crc.js",
			"../ports/bus.js",
			"../models/model.js",
			"../storage/record-store.js",
			"./y.js",
		]) {
			assert.deepEqual(checkImports("src/metrology/x.ts", `import type { A } from "${specifier}";`), [], specifier);
		}
	});

	it("sees re-exports, imports for side effects and dynamic imports", () => {
		for (const text of ['export * from "../../hosts/x.js";', 'import "node:fs";', 'await import("node:fs");']) {
			assert.equal(checkImports("src/cosem/x.ts", text).length, 1, text);
		}
	});

	it("lets the application import the metrology", () => {
		assert.deepEqual(checkImports("src/cosem/x.ts", 'import { view } from "../metrology/view.js";'), []);
	});
});

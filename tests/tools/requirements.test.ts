// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { idsIn, titlesOf, traceRequirements } from "../../tools/requirements.js";

const known = JSON.parse(readFileSync(new URL("../../docs/requirements.json", import.meta.url), "utf8")) as Record<
	string,
	string
>;

describe("tools/requirements", () => {
	it("knows F01 to F171, G1 to G15, X01 to X10 and the security requirements, each with a title", () => {
		const ids = Object.keys(known);
		assert.equal(ids.filter((id) => id.startsWith("F")).length, 171);
		assert.equal(ids.filter((id) => id.startsWith("G")).length, 15);
		assert.equal(ids.filter((id) => id.startsWith("X")).length, 10);
		for (let n = 1; n <= 171; n++) assert.ok(`F${String(n).padStart(2, "0")}` in known, `F${n}`);
		assert.ok(ids.filter((id) => id.startsWith("SEC-")).every((id) => idsIn(id)[0] === id));
		assert.ok(Object.values(known).every((title) => title.length > 0 && title.length < 80));
	});

	it("joins the titles of suites and tests, also of templates and engine checks", () => {
		const text =
			'describe("a F04", () => { it.only("b", f); it(`c $' + '{x} G5`, f); });\ncheck("d", true); it(name, f);';
		assert.deepEqual(
			titlesOf("x.ts", text).map(({ title }) => title),
			["a F04 › b", "a F04 › c … G5", "d"],
		);
	});

	it("takes ids, and leaves look-alikes alone", () => {
		assert.deepEqual(idsIn("F04, G5 and SEC-replay; F04 again"), ["F04", "G5", "SEC-replay"]);
		assert.deepEqual(idsIn("CRC-16/X.25 of 0xF04 at 2G50, F4, SECRET-x"), []);
	});

	it("names ids that no list knows, and requirements without a test", () => {
		const titles = [{ path: "x.ts", title: "F04 works, F99999 does not exist" }];
		const { tests, unknown } = traceRequirements({ F04: "import", F05: "export" }, titles);
		assert.equal(tests.get("F04")?.length, 1);
		assert.equal(tests.get("F05")?.length, 0);
		assert.deepEqual(unknown, ["F99999 in x.ts: F04 works, F99999 does not exist"]);
	});
});

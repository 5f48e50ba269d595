// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { objectsPage, renderObjects } from "../../tools/objects.js";
import { notServed } from "../support/object-model.js";
import { modelNames, objectsOf } from "../support/specified-meter.js";

describe("docs/objects.md", () => {
	const page = readFileSync(objectsPage, "utf8");

	it("F163: is what the object tables say; `npm run objects` writes it", () => {
		const [wanted, found] = [renderObjects(), page].map((text) => text.split("\n"));
		// line by line, so that a difference is readable
		for (const [n, line] of wanted!.entries()) assert.equal(found![n], line, `line ${n + 1}: run \`npm run objects\``);
		assert.equal(found!.length, wanted!.length);
	});

	it("names every object that some model serves, each with a meaning", () => {
		const names = new Map(
			[...page.matchAll(/^\| (\d+-\d+:[\d.]+) \| \S+ \| ([^|]*) \|/gm)].map((match) => [match[1]!, match[2]!]),
		);
		for (const model of modelNames)
			for (const name of objectsOf(model).keys())
				if (!notServed.has(name)) assert.notEqual(names.get(name) ?? "", "", name);
	});
});

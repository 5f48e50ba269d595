// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { testKeys } from "../../hosts/simulator/test-keys.js";
import { clients } from "../../src/cosem/association/client.js";

describe("docs/connecting.md", () => {
	const page = readFileSync("docs/connecting.md", "utf8");
	const rows = new Map(
		[...page.matchAll(/^\| (.+) \|$/gm)].map((match) => {
			const [name, ...cells] = match[1]!.split("|").map((cell) => cell.trim());
			return [name!, cells];
		}),
	);

	for (const client of clients)
		it(`tells SAP, ports, security setup and invocation counter of the ${client.name} client as they are`, () => {
			const [sap, ports, , , setup, counter] = rows.get(client.name)!;
			assert.equal(Number(sap), client.sap);
			assert.deepEqual(ports!.split(", "), [...client.ports]);
			assert.equal(setup, client.setup === 0 ? "" : `0-0:43.0.${client.setup}`);
			assert.equal(counter, client.setup === 0 ? "" : `0-0:43.1.${client.setup - 1}`);
		});

	it("tells the published keys", () => {
		const { secret, password, ...keys } = testKeys;
		for (const key of Object.values(keys))
			assert.ok(page.includes(`\`${Buffer.from(key).toString("hex").toUpperCase()}\``));
		for (const text of [secret, password]) assert.ok(page.includes(`\`${Buffer.from(text).toString("latin1")}\``));
	});
});

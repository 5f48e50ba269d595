// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, ref } from "../support/client/data.js";
import type { InvocationCounter } from "../support/client/security.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { SimulatorProcess } from "../support/simulator-process.js";

const registers = ["1.8.0", "2.8.0", "3.8.0", "4.8.0", "9.8.0", "15.8.0", "21.8.0", "41.8.0", "61.8.0"];
const lives = 4;

describe("a simulator killed by SIGKILL", () => {
	let folder: string;
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "sx402-kill-"));
	});
	let meter: SimulatorProcess | undefined;
	after(async () => {
		await meter?.kill();
		rmSync(folder, { recursive: true, force: true });
	});

	it("G5 F103 SEC-ic shows nothing below what a client was told, no torn row, no counter twice, the clock going on", async () => {
		const counter: InvocationCounter = { next: 1 };
		const told = new Map<string, number>();
		let lastClock = "";
		let lastSend = 0;
		let rows = 0;
		for (let life = 0; life < lives; life++) {
			// a quarter of an hour in a third of a second: rows are written while it is read
			meter = await SimulatorProcess.start(["--no-panel", "--data", join(folder, "m"), "--speed", "3000"]);
			const client = await DlmsClient.connectTcp({
				host: "127.0.0.1",
				port: meter.ready.tcp,
				clientSap: clientSap.management,
				security: testSecurity({ counter }),
			});
			await client.associate();
			const read = async (name: string): Promise<number> => asNumber(await client.read(ref(3, `1-0:${name}.255`), 2));
			for (const name of registers) {
				const value = await read(name);
				assert.ok(value >= (told.get(name) ?? 0), `life ${life}: ${name} fell from ${told.get(name)} to ${value}`);
			}
			const clock = Buffer.from(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2))).toString("hex");
			assert.ok(clock >= lastClock, `the clock went back from ${lastClock} to ${clock}`);
			// accepted counters and those sent never run back
			const sent = asNumber(await client.read(ref(1, "0-0:43.1.5.255"), 2));
			assert.ok(sent > lastSend, `send counter ${sent} after ${lastSend}`);
			const profile = await client.readProfile("1-0:99.1.0.255");
			assert.ok(profile.rows.length >= rows, `${profile.rows.length} rows after ${rows}`);
			for (const row of profile.rows) {
				assert.equal(row.length, profile.columns.length);
				assert.equal(asOctets(row[0]!).length, 12);
				for (const column of row.slice(1)) assert.equal(typeof column.value, "number");
			}
			const imported = profile.rows.map((row) => asNumber(row[2]!));
			for (let n = 1; n < imported.length; n++)
				assert.ok(imported[n]! >= imported[n - 1]!, "a row below the one before");
			const end = Date.now() + 1500;
			while (Date.now() < end) for (const name of registers) told.set(name, await read(name));
			const last = await client.readProfile("1-0:99.1.0.255");
			rows = last.rows.length;
			lastSend = asNumber(await client.read(ref(1, "0-0:43.1.5.255"), 2));
			lastClock = Buffer.from(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2))).toString("hex");
			await meter.kill();
			meter = undefined;
			client.association.link.stream.close();
		}
		assert.ok(rows > 2 && told.get("15.8.0")! > 0, `${rows} rows, ${told.get("15.8.0")} Wh in both directions`);
	}).timeout(120_000);
});

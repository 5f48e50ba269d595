// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { FaultyFlash } from "../../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { flashLayout } from "../../../src/storage/layout.js";
import { MeterBench } from "../../events/meter-bench.js";
import type { DlmsClient } from "../../support/client/client.js";
import { asOctets, data, decodeLogicalName, elementsOf, ref } from "../../support/client/data.js";
import { result } from "../../support/client/services.js";

const monitor = ref(65, "0-0:16.2.0.255");
const deviceId2 = ref(1, "0-0:96.1.1.255");
const deviceId3 = ref(1, "0-0:96.1.2.255");
const add = 1;
const watch = (e: number) =>
	data.structure(data.longUnsigned(1), data.octetString(Uint8Array.of(0, 0, 96, 1, e, 255)), data.integer(2));

/** Text of a device identifier. */
async function textOf(client: DlmsClient, object: typeof deviceId2): Promise<string> {
	return Buffer.from(asOctets(await client.read(object, 2))).toString();
}

/** The rows of the log, "name text". */
async function logged(client: DlmsClient): Promise<string[]> {
	const { rows } = await client.readProfile("0-0:99.16.0.255");
	return rows.map((row) => {
		const [, name, , value] = elementsOf(row[1]!, 4);
		return `${decodeLogicalName(asOctets(name!))} ${Buffer.from(asOctets(value!)).toString()}`;
	});
}

describe("parameter monitor, while power fails", () => {
	const start = async (): Promise<{ flash: FaultyFlash; bench: MeterBench }> => {
		const flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), () => 0.5);
		const bench = new MeterBench({ flash });
		bench.run(2);
		await bench.with(async (client) => {
			for (const e of [1, 2]) assert.equal((await client.action(monitor, add, watch(e))).result, result.success);
		});
		return { flash, bench };
	};

	it("F146, G3: a change has one row wherever power failed in it, and what did not come into effect has none", async () => {
		const seen = { old: 0, new: 0 };
		let isThrough = false;
		for (let cut = 1; !isThrough; cut++) {
			const { flash, bench } = await start();
			const client = await bench.connect("management");
			flash.cutAfter(cut);
			let isAcknowledged = false;
			try {
				isAcknowledged = (await client.set(deviceId2, 2, data.octetString("new"))) === result.success;
			} catch {
				assert.ok(flash.isCut);
			}
			isThrough = !flash.isCut;
			flash.restore();
			const again = new MeterBench({ flash, before: bench });
			again.run(2);
			const rows = await again.with(async (opened) => {
				const text = await textOf(opened, deviceId2);
				assert.ok(text === "new" || (text === "" && !isAcknowledged), `cut ${cut}: ${text}`);
				seen[text === "" ? "old" : "new"]++;
				const found = await logged(opened);
				assert.deepEqual(found, text === "" ? [] : ["0-0:96.1.1.255 new"], `cut ${cut}`);
				return found;
			});
			const once = new MeterBench({ flash, before: again });
			await once.with(async (opened) => assert.deepEqual(await logged(opened), rows, `cut ${cut}, started again`));
		}
		assert.ok(seen.old > 1 && seen.new > 3, JSON.stringify(seen));
	});

	it("F146: a medium that refuses the row lets nothing be acknowledged, and the row is made up for", async () => {
		const { flash, bench } = await start();
		const { rowLogs } = bench.simulated.meter.application;
		const end = rowLogs.end;
		await bench.with(async (client) => {
			rowLogs.end = () => {
				flash.refuses = "program";
				end.call(rowLogs);
			};
			assert.notEqual(await client.set(deviceId2, 2, data.octetString("a")), result.success);
			flash.refuses = "nothing";
			rowLogs.end = end;
			assert.equal(await textOf(client, deviceId2), "a");
			assert.deepEqual(await logged(client), []);
			assert.equal(await client.set(deviceId3, 2, data.octetString("b")), result.success);
			assert.deepEqual(await logged(client), ["0-0:96.1.1.255 a", "0-0:96.1.2.255 b"]);
		});
	});

	it("F146: changes by one request have a row each, in their order", async () => {
		const { bench } = await start();
		await bench.with(async (client) => {
			const texts = ["1", "2", "1"];
			const answers = await client.setMany(
				texts.map(() => ({ ref: deviceId2, attribute: 2 })),
				texts.map((text) => data.octetString(text)),
			);
			assert.deepEqual(answers, [0, 0, 0]);
			assert.deepEqual(
				await logged(client),
				texts.map((text) => `0-0:96.1.1.255 ${text}`),
			);
		});
	});
});

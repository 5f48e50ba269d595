// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { ByteStream, openTcp } from "../support/client/duplex.js";
import { type DataSet, readOut } from "../support/client/optical.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import type { ModelName } from "../support/specified-meter.js";

const list = ref(7, "0-0:21.0.0.255");

function captureObject(classId: number, name: string, attribute = 2) {
	const [a, b, c, d, e] = name.split(/[-:.]/).map(Number);
	return data.structure(
		data.longUnsigned(classId),
		data.octetString(Uint8Array.of(a!, b!, c!, d!, e!, 255)),
		data.integer(attribute),
		data.longUnsigned(0),
	);
}

describe("data readout of the optical port (mode C)", () => {
	let meter: RunningMeter;
	const start = async (model: ModelName) => {
		meter = await RunningMeter.start(model, { speed: 0, clock_s: 850_000_000 });
		meter.simulator.pacer.step(3_600_000);
	};
	afterEach(() => meter.close());

	/** Reads out while meter time, and with it the reaction times of the port, is stepped along. */
	const readout = async (address = ""): Promise<readonly DataSet[]> => {
		const stream = new ByteStream(await openTcp({ port: meter.simulator.optical }));
		const stepping = setInterval(() => meter.simulator.pacer.step(1), 1);
		try {
			return await readOut(stream, address);
		} finally {
			clearInterval(stepping);
			await stream.close();
		}
	};
	const setOf = (sets: readonly DataSet[], address: string) => sets.find((set) => set.address === address);

	for (const model of ["SM402D", "ST402D", "ST402C"] as const) {
		it(`F52: ${model} gives the configured lines, with the values that DLMS gives`, async () => {
			await start(model);
			const sets = await readout();
			await meter.with("management", async (client) => {
				for (const name of ["1.8.0", "2.8.0", "3.8.0", "4.8.0"]) {
					const read = asNumber(await client.read(ref(3, `1-0:${name}.255`), 2));
					const set = setOf(sets, name);
					assert.match(set?.value ?? "", /^\d{6,}\.\d{3}$/, name);
					assert.equal(Math.round(Number(set!.value) * 1000), read, name);
					assert.equal(set!.unit, name < "3" ? "kWh" : "kvarh");
				}
				const maximum = setOf(sets, "1.6.0");
				assert.equal(
					Math.round(Number(maximum?.value) * 1000),
					asNumber(await client.read(ref(4, "1-0:1.6.0.255"), 2)),
				);
			});
			assert.ok(Number(setOf(sets, "1.8.0")!.value) > 0);
			const serial = Buffer.from(meter.simulator.simulated.meter.application.identity.serialNumber).toString();
			assert.equal(setOf(sets, "0-0:96.1.0")?.value, serial);
			assert.match(setOf(sets, "0-0:1.0.0")?.value ?? "", /^26\d{10}$/);
			assert.deepEqual(setOf(sets, "0-0:97.97.0")?.value, "0");
			assert.equal(sets.filter(({ address }) => address === "1.6.0").length, 1);
		});
	}

	it("F52 SEC-lock: gives nothing while the port is closed by its protection", async () => {
		await start("ST402D");
		const protection = ref(124, "0-0:44.2.0.255");
		for (const [mode, isOpen] of [
			[0, false],
			[1, true],
		] as const) {
			assert.equal(await meter.with("management", (client) => client.set(protection, 2, data.enum(mode))), 0);
			assert.equal((await readout()).length > 0, isOpen);
		}
	});

	it("F52: gives what a client puts on the list, over a cut of the supply, and refuses what is not there", async () => {
		await start("ST402D");
		await meter.with("management", async (client) => {
			const before = await client.read(list, 3);
			for (const refused of [
				captureObject(3, "1-0:99.99.99"), // no such object
				captureObject(3, "1-0:1.8.0", 9), // no such attribute
				captureObject(4, "1-0:1.8.0"), // another class
				captureObject(15, "0-0:40.0.1"), // not the meter's but the association's
			]) {
				assert.equal(await client.set(list, 3, data.array(refused)), result.otherReason);
			}
			assert.deepEqual(await client.read(list, 3), before);
			const wanted = data.array(
				captureObject(3, "1-0:32.7.0"),
				captureObject(3, "1-0:31.7.0"),
				captureObject(3, "1-0:14.7.0"),
				captureObject(3, "1-0:16.7.0"),
			);
			assert.equal(await client.set(list, 3, wanted), result.success);
			assert.deepEqual(await client.read(list, 3), wanted);
		});
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		meter.simulator.pacer.step(5000);
		const sets = await readout();
		assert.deepEqual(
			sets.map(({ address, unit }) => `${address} ${unit}`),
			["32.7.0 V", "31.7.0 A", "14.7.0 Hz", "16.7.0 kW"],
		);
		assert.ok(Math.abs(Number(sets[0]!.value) - 230) < 10, sets[0]!.value);
		assert.ok(Math.abs(Number(sets[2]!.value) - 50) < 0.1, sets[2]!.value);
	});

	it("G10: shows the list to staff and to the customer, not to the public client; lets the technician not write", async () => {
		await start("SM402D");
		await meter.with("public", async (client) => {
			assert.equal(
				(await client.readObjectList()).some(({ logicalName }) => logicalName === "0-0:21.0.0.255"),
				false,
			);
		});
		const asTechnician = async (client: DlmsClient) => {
			const row = await client.read(list, 2);
			assert.equal(row.type, "array");
			assert.equal(await client.set(list, 3, data.array()), result.readWriteDenied);
		};
		await meter.with("technician", asTechnician, "direct HDLC");
	});
});

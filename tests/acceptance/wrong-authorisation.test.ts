// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { AssociationRefusedError, ExceptionResponseError } from "../support/client/errors.js";
import { result } from "../support/client/services.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";

const fraudLog = ref(7, "0-0:99.98.1.255");
const securityLog = ref(7, "0-0:99.98.7.255");
const alarmRegister = ref(1, "0-0:97.98.0.255");
const wrongKey = new Uint8Array(16).fill(0x5a);

describe("wrong authorisation, from outside", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0 });
		meter.simulator.pacer.step(2000);
	});
	afterEach(() => meter.close());

	/** One association with a key that is not the meter's. */
	async function fail(client: keyof typeof clientSap, link: "tcp" | "optical"): Promise<AssociationRefusedError> {
		const options = { clientSap: clientSap[client], security: testSecurity({ unicastKey: wrongKey }) };
		const { tcp, optical } = meter.simulator;
		const opened =
			link === "tcp"
				? await DlmsClient.connectTcp({ ...options, port: tcp })
				: await DlmsClient.connectOptical({ ...options, port: optical, signOn: "direct" });
		try {
			await opened.associate();
		} catch (error) {
			assert.ok(error instanceof AssociationRefusedError, String(error));
			return error;
		} finally {
			await opened.close().catch(() => undefined);
		}
		return assert.fail("let in with a wrong key");
	}

	/** Codes of a log, and for log 7 who is to blame. */
	async function entries(log: typeof fraudLog): Promise<(readonly [number, string?])[]> {
		const rows = await meter.with("management", (client) => client.read(log, 2));
		return elementsOf(rows).map((row) => {
			const columns = elementsOf(row);
			const third = columns[2];
			return third === undefined
				? [asNumber(columns[1]!)]
				: [asNumber(columns[1]!), Buffer.from(asOctets(third)).toString("hex")];
		});
	}

	it("F126 F56 SEC-lock: three wrong keys leave one event with client and port, and set the alarm", async () => {
		for (let n = 0; n < 3; n++) assert.equal((await fail("technician", "optical")).response.result, 1);
		assert.deepEqual(await entries(fraudLog), [[46]]);
		assert.deepEqual(await entries(securityLog), [[46, "0203"]]);
		const alarm = await meter.with("management", async (client) => asNumber(await client.read(alarmRegister, 2)));
		assert.equal(alarm & (1 << 13), 1 << 13);
	});

	it("F56 SEC-lock: the client is locked on that port for a growing while; over TCP it works, and so do others", async () => {
		for (let n = 0; n < 3; n++) await fail("reader", "optical");
		assert.equal((await fail("reader", "optical")).response.result, 2, "refused for a while, whatever the key");
		await assert.rejects(meter.connect("reader", "direct HDLC"), AssociationRefusedError);
		await meter.with("reader", (client) => client.read(ref(8, "0-0:1.0.0.255"), 2));
		await meter.with("management", (client) => client.read(ref(8, "0-0:1.0.0.255"), 2), "direct HDLC");
		meter.simulator.pacer.step(1100);
		assert.equal((await fail("reader", "optical")).response.result, 1, "tried again after a second");
		meter.simulator.pacer.step(1100);
		assert.equal((await fail("reader", "optical")).response.result, 2, "now it takes two");
		meter.simulator.pacer.step(1000);
		await meter.with("reader", (client) => client.read(ref(8, "0-0:1.0.0.255"), 2), "direct HDLC");
	});

	it("F126: a burst that a power cut interrupts is the same burst: one event, and it lasts until a success", async () => {
		const { simulated, pacer } = meter.simulator;
		for (let n = 0; n < 4; n++) {
			await fail("technician", "optical");
			simulated.cutPower();
			simulated.restorePower();
			pacer.step(2000);
		}
		const { fraud } = simulated.meter.application;
		assert.equal(fraud.isAuthorisationFailing, true);
		pacer.step(10_000);
		await meter.with("technician", (client) => client.read(ref(8, "0-0:1.0.0.255"), 2), "direct HDLC");
		assert.equal(fraud.isAuthorisationFailing, false);
		assert.deepEqual(await entries(fraudLog), [[46]]);
	});

	it("F126: a success begins the count anew", async () => {
		for (let round = 0; round < 3; round++) {
			await fail("reader", "tcp");
			await fail("reader", "tcp");
			await meter.with("reader", (client) => client.read(ref(8, "0-0:1.0.0.255"), 2));
		}
		assert.deepEqual(await entries(fraudLog), []);
	});

	it("F44 F126: a clock that a reader wants to set or to adjust is denied and counted, whatever it reads well in between not", async () => {
		const clock = ref(8, "0-0:1.0.0.255");
		const time = data.octetString(Uint8Array.of(7, 234, 3, 10, 255, 12, 0, 0, 0, 255, 196, 0));
		await meter.with("reader", async (client) => {
			await assert.rejects(client.set(clock, 2, time), ExceptionResponseError, "it has no service to write");
			assert.equal((await client.action(clock, 1, data.integer(0))).result, result.readWriteDenied);
			assert.equal((await client.get(clock, 2)).result, result.success);
			for (let n = 0; n < 2; n++)
				assert.equal((await client.action(clock, 6, data.long(5))).result, result.readWriteDenied);
		});
		assert.deepEqual(await entries(fraudLog), [], "a request that is in order is a success");
		await meter.with("reader", async (client) => {
			for (let n = 0; n < 3; n++)
				assert.equal((await client.action(clock, 6, data.long(5))).result, result.readWriteDenied);
		});
		assert.deepEqual(await entries(fraudLog), [[46]]);
		assert.equal((await entries(securityLog)).find(([code]) => code === 46)![1]!.slice(0, 4), "0102");
		await meter.with("public", async (client) => {
			for (let n = 0; n < 10; n++) await assert.rejects(client.set(clock, 2, time), ExceptionResponseError);
		});
		await meter.with("public", (client) => client.read(clock, 2));
	});

	it("F126: failures spread over ports and clients count for the client, and in total", async () => {
		await fail("reader", "tcp");
		await fail("reader", "optical");
		await fail("management", "tcp");
		assert.deepEqual(await entries(securityLog), [[46, "0101"]], "the third of all");
		await fail("reader", "tcp");
		assert.deepEqual(await entries(securityLog), [
			[46, "0101"],
			[46, "0102"],
		]);
	});

	it("F126 F130: counted and timed until a client proves who it is; n is a parameter of 1 to 100; billing profile 2 where so told", async () => {
		const limit = ref(1, "0-0:96.50.12.255");
		const read = (classId: number, name: string) =>
			meter.with("reader", async (client) => asNumber(await client.read(ref(classId, `${name}.255`), 2)));
		await meter.with("management", async (client) => {
			assert.equal(asNumber(await client.read(limit, 2)), 3);
			for (const wrong of [0, 101]) assert.equal(await client.set(limit, 2, data.unsigned(wrong)), result.otherReason);
			assert.equal(await client.set(limit, 2, data.unsigned(5)), result.success);
			assert.equal(await client.set(ref(124, "0-0:44.2.0.255"), 3, data.longUnsigned(5)), result.success);
			const mask = data.bitString("0000100000000000");
			assert.equal(await client.set(ref(1, "0-0:96.50.1.255"), 2, mask), result.success);
		});
		for (let n = 0; n < 4; n++) await fail("technician", "optical");
		assert.equal(await read(1, "0-0:96.20.30"), 0);
		await fail("technician", "optical");
		meter.simulator.pacer.step(60_000);
		assert.equal(await read(1, "0-0:96.20.30"), 1);
		meter.simulator.pacer.step(60_000);
		assert.equal(await read(3, "0-0:96.20.32"), 60, "the reader has proved who it is");
		assert.equal(await read(3, "0-0:96.20.33"), 60);
		await meter.with("management", async (client) => {
			assert.equal(asNumber(await client.read(ref(7, "0-0:98.2.0.255"), 7)), 1);
		});
	});
});

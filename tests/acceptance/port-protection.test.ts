// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../support/client/axdr.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, decodeLogicalName, ref } from "../support/client/data.js";
import { NoAnswerError } from "../support/client/duplex.js";
import { AssociationRefusedError, ExceptionResponseError } from "../support/client/errors.js";
import { result } from "../support/client/services.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { type LinkName, RunningMeter } from "../support/running-meter.js";

const optical = ref(124, "0-0:44.2.0.255");
const rs485 = ref(124, "0-0:44.2.1.255");
const tcp = ref(124, "0-0:44.2.3.255");
const fraudLog = ref(7, "0-0:99.98.1.255");
const clock = ref(8, "0-0:1.0.0.255");
const wrongKey = new Uint8Array(16).fill(0x5a);
const status = { unlocked: 0, temporarilyLocked: 1, locked: 2 };
const mode = { locked: 0, lockedOnFailedAttempts: 1, unlocked: 2 };

describe("communication port protection", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0 });
		meter.simulator.pacer.step(2000);
	});
	afterEach(() => meter.close());

	/** One association with a wrong key; the result of its AARE: 1 when the key was tried, 2 when nobody is heard. */
	async function fail(client: "reader" | "technician", link: LinkName): Promise<number> {
		const options = { clientSap: clientSap[client], security: testSecurity({ unicastKey: wrongKey }) };
		const ports = meter.simulator;
		const opened =
			link === "wrapper"
				? await DlmsClient.connectTcp({ ...options, port: ports.tcp })
				: await DlmsClient.connectOptical(
						link === "RS485"
							? { ...options, port: ports.rs485!, signOn: "direct", device: meter.deviceAddress, addressSize: 4 }
							: { ...options, port: ports.optical, signOn: "direct" },
					);
		try {
			await opened.associate();
			return assert.fail("let in with a wrong key");
		} catch (error) {
			assert.ok(error instanceof AssociationRefusedError, String(error));
			return error.response.result;
		} finally {
			await opened.close().catch(() => undefined);
		}
	}

	const read = (object: typeof tcp, attribute: number, link?: LinkName): Promise<number> =>
		meter.with("management", async (client) => asNumber(await client.read(object, attribute)), link);
	const set = (object: typeof tcp, attribute: number, value: Data, link?: LinkName): Promise<number> =>
		meter.with("management", (client) => client.set(object, attribute, value), link);
	const reset = (object: typeof tcp): Promise<number> =>
		meter.with("management", async (client) => (await client.action(object, 1, data.integer(0))).result);

	it("F56 SEC-lock: has the defaults, refers to the port, and takes no value that is out of range", async () => {
		for (const [object, reference] of [
			[optical, "0-0:20.0.0.255"],
			[rs485, "0-1:22.0.0.255"],
			[tcp, "0-0:25.0.0.255"],
		] as const) {
			const values: number[] = [];
			for (const attribute of [2, 3, 4, 5, 6, 8, 9, 10]) values.push(await read(object, attribute));
			assert.deepEqual(values, [1, 3, 1, 2, 300, 0, 0, 0]);
			const name = await meter.with("reader", (client) => client.read(object, 7));
			assert.equal(decodeLogicalName(asOctets(name)), reference);
			for (const [attribute, value] of [
				[2, data.enum(3)],
				[3, data.longUnsigned(0)],
				[3, data.longUnsigned(101)],
				[4, data.doubleLongUnsigned(0)],
				[5, data.unsigned(0)],
				[6, data.doubleLongUnsigned(86_401)],
			] as const)
				assert.equal(await set(object, attribute, value), result.otherReason);
			assert.equal(await set(object, 5, data.longUnsigned(2)), result.typeUnmatched);
			assert.equal(await set(object, 8, data.enum(0)), result.readWriteDenied);
			assert.equal(await read(object, 3), 3);
		}
	});

	it("F56 SEC-lock: allowed attempts, first delay, growth and longest delay are those of the port", async () => {
		assert.equal(await set(optical, 3, data.longUnsigned(2)), result.success);
		assert.equal(await set(optical, 4, data.doubleLongUnsigned(10)), result.success);
		assert.equal(await set(optical, 5, data.unsigned(3)), result.success);
		assert.equal(await set(optical, 6, data.doubleLongUnsigned(40)), result.success);
		assert.equal(await fail("reader", "direct HDLC"), 1);
		for (const delay_s of [10, 30, 40, 40]) {
			assert.equal(await fail("reader", "direct HDLC"), 1, "tried");
			meter.simulator.pacer.step((delay_s - 1) * 1000);
			assert.equal(await fail("reader", "direct HDLC"), 2, `within ${delay_s} s`);
			assert.equal(await read(optical, 8), status.temporarilyLocked);
			meter.simulator.pacer.step(1000);
			assert.equal(await read(optical, 8), status.unlocked);
		}
		assert.equal(await read(optical, 9), 5);
		for (let n = 0; n < 2; n++) assert.equal(await fail("reader", "RS485"), 1);
		assert.equal(await read(rs485, 8), status.unlocked, "another port allows three");
	});

	it("F56 SEC-lock: reset lets the client try again at once, and leaves the total", async () => {
		for (let n = 0; n < 3; n++) await fail("technician", "RS485");
		for (let n = 0; n < 2; n++) await fail("reader", "RS485");
		assert.equal(await fail("technician", "RS485"), 2);
		assert.deepEqual([await read(rs485, 8), await read(rs485, 9), await read(rs485, 10)], [1, 5, 5]);
		assert.equal(await reset(rs485), result.success);
		assert.deepEqual([await read(rs485, 8), await read(rs485, 9), await read(rs485, 10)], [0, 0, 5]);
		await meter.with("technician", (client) => client.read(clock, 2), "RS485");
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		meter.simulator.pacer.step(2000);
		assert.equal(await read(rs485, 10), 5);
		const denied = await meter.with(
			"reader",
			async (client) => (await client.action(rs485, 1, data.integer(0))).result,
		);
		assert.equal(denied, result.readWriteDenied);
	});

	it("SEC-lock: who cuts the supply after each try gains nothing; a delay that ran begins anew, for that client on that port", async () => {
		const { simulated, pacer } = meter.simulator;
		const cut = (): void => {
			simulated.cutPower();
			simulated.restorePower();
			pacer.step(2000);
		};
		const results: number[] = [];
		for (let n = 0; n < 9; n++) {
			results.push(await fail("reader", "direct HDLC"));
			cut();
		}
		// three, then after 1 s and 2 s; the 4 s are never over
		assert.deepEqual(results, [1, 1, 1, 1, 1, 2, 2, 2, 2]);
		assert.deepEqual([await read(optical, 8), await read(optical, 9)], [status.temporarilyLocked, 5]);
		await meter.with("management", (client) => client.read(clock, 2), "direct HDLC");
		await meter.with("reader", (client) => client.read(clock, 2));
		pacer.step(2000);
		await meter.with("reader", (client) => client.read(clock, 2), "direct HDLC");
		cut();
		assert.equal(await read(optical, 8), status.unlocked);
		for (let n = 0; n < 2; n++) await fail("technician", "RS485");
		assert.equal(await reset(rs485), result.success);
		cut();
		for (let n = 0; n < 2; n++) assert.equal(await fail("technician", "RS485"), 1);
		await meter.with("technician", (client) => client.read(clock, 2), "RS485");
	});

	it("a port in mode unlocked delays nobody, and F126 reports all the same", async () => {
		assert.equal(await set(tcp, 2, data.enum(mode.unlocked)), result.success);
		for (let n = 0; n < 8; n++) assert.equal(await fail("reader", "wrapper"), 1);
		await meter.with("reader", (client) => client.read(clock, 2));
		const rows = await meter.with("management", (client) => client.readProfile("0-0:99.98.1.255"));
		assert.deepEqual(
			rows.rows.map((row) => asNumber(row[1]!)),
			[46],
		);
		assert.equal(await read(tcp, 10), 8);
	});

	it("a port in mode locked hears nobody, ends what was open, and reads nothing out, until it is opened from elsewhere", async () => {
		const technician = await meter.connect("technician", "direct HDLC");
		await technician.read(clock, 2);
		assert.equal(await set(optical, 2, data.enum(mode.locked)), result.success);
		await assert.rejects(technician.read(clock, 2), ExceptionResponseError);
		await technician.association.link.close();
		for (const client of ["public", "management"] as const) {
			await assert.rejects(meter.connect(client, "direct HDLC"), (error: unknown) => {
				assert.ok(error instanceof AssociationRefusedError);
				assert.deepEqual([error.response.result, error.response.diagnostic], [2, 1]);
				return true;
			});
		}
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		meter.simulator.pacer.step(2000);
		assert.equal(await read(optical, 8), status.locked);
		assert.equal(await reset(optical), result.success);
		await assert.rejects(meter.connect("public", "direct HDLC"), AssociationRefusedError);
		assert.equal(await set(optical, 2, data.enum(mode.lockedOnFailedAttempts)), result.success);
		await meter.with("technician", (client) => client.read(clock, 2), "direct HDLC");
		const rows = await meter.with("management", (client) => client.read(fraudLog, 2));
		assert.ok(JSON.stringify(rows).includes("54") && JSON.stringify(rows).includes("55"));
	});

	it("nobody closes the port that he speaks over: there is always one to open the others from", async () => {
		assert.equal(await set(tcp, 2, data.enum(mode.locked)), result.otherReason);
		assert.equal(await set(tcp, 2, data.enum(mode.locked), "direct HDLC"), result.success);
		await assert.rejects(meter.connect("management"), (error: unknown) => {
			assert.ok(error instanceof AssociationRefusedError || error instanceof NoAnswerError);
			return true;
		});
		assert.equal(await set(rs485, 2, data.enum(mode.locked), "direct HDLC"), result.success);
		assert.equal(await set(optical, 2, data.enum(mode.locked), "direct HDLC"), result.otherReason);
		assert.equal(await set(tcp, 2, data.enum(mode.lockedOnFailedAttempts), "direct HDLC"), result.success);
		await meter.with("management", (client) => client.read(clock, 2));
	});
});

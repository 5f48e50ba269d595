// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { NoAnswerError } from "../support/client/duplex.js";
import type { HdlcLink } from "../support/client/hdlc.js";
import { result } from "../support/client/services.js";
import { clientSap } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";

const localPort = ref(19, "0-0:20.0.0.255");
const electricalHdlc = ref(23, "0-1:22.0.0.255");
const hdlc = ref(23, "0-0:22.0.0.255");

describe("RS485 port", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402C");
	});
	after(() => meter.close());

	it("F54 F81 F85: shows each client what TCP shows it, and lets it write the same", async () => {
		for (const client of ["public", "management", "reader"] as const) {
			const list = await meter.with(client, (opened) => opened.readObjectList());
			assert.deepEqual(await meter.with(client, (opened) => opened.readObjectList(), "RS485"), list, client);
		}
		await meter.with(
			"management",
			async (client) => {
				assert.equal(await client.set(electricalHdlc, 8, data.longUnsigned(60)), result.success);
				assert.equal(asNumber(await client.read(electricalHdlc, 8)), 60);
			},
			"RS485",
		);
	});

	it("F84: has 9600 Bd and HDLC, and takes nothing else", async () => {
		const electricalPort = ref(19, "0-0:20.0.1.255");
		await meter.with(
			"technician",
			async (client) => {
				assert.equal(asNumber(await client.read(electricalPort, 2)), 1);
				assert.equal(asNumber(await client.read(electricalPort, 3)), 5);
				assert.equal(asNumber(await client.read(electricalHdlc, 2)), 5);
				assert.equal(await client.set(electricalPort, 2, data.enum(0)), result.readWriteDenied);
				assert.equal(await client.set(electricalPort, 3, data.enum(4)), result.otherReason);
				assert.equal(await client.set(electricalHdlc, 2, data.enum(9)), result.otherReason);
				assert.equal(await client.set(electricalPort, 5, data.enum(0)), result.success);
				assert.equal(asNumber(await client.read(electricalPort, 5)), 0);
			},
			"RS485",
		);
	});

	it("F81: is silent in role 0 until another port gives it back its role, also over a restart; takes no role it has not got", async () => {
		const role = ref(1, "0-0:96.54.0.255");
		const write = (value: number, link?: "RS485"): Promise<number> =>
			meter.with("technician", (client) => client.set(role, 2, data.enum(value)), link ?? "direct HDLC");
		for (const wrong of [2, 3, 4]) assert.equal(await write(wrong), result.otherReason);
		assert.equal(await write(0, "RS485"), result.otherReason, "not over the port itself");
		const busy = await meter.connect("management", "RS485");
		assert.equal(await write(0), result.success);
		await assert.rejects(busy.sendRaw(Uint8Array.of(0xc0, 1)));
		await busy.association.link.stream.close();
		const open = (): Promise<DlmsClient> =>
			DlmsClient.connectOptical({
				clientSap: clientSap.public,
				security: undefined,
				port: meter.simulator.rs485!,
				signOn: "direct",
				device: meter.deviceAddress,
				addressSize: 4,
				timeout_ms: 200,
			});
		await assert.rejects(open(), NoAnswerError);
		meter.simulator.simulated.cutPower();
		meter.simulator.simulated.restorePower();
		await assert.rejects(open(), NoAnswerError);
		assert.equal(await write(1), result.success);
		await (await open()).close();
		assert.equal(await meter.with("reader", async (client) => asNumber(await client.read(role, 2))), 1);
	});

	it("F82: is deaf to other addresses, and answers a new one after the client has gone", async () => {
		const address = meter.deviceAddress;
		const open = (device: number): Promise<DlmsClient> =>
			DlmsClient.connectOptical({
				clientSap: clientSap.public,
				security: undefined,
				port: meter.simulator.rs485!,
				signOn: "direct",
				device,
				addressSize: 4,
				timeout_ms: 300,
			});
		await assert.rejects(open(address + 1), NoAnswerError);
		await meter.with("management", async (client) => {
			assert.equal(await client.set(electricalHdlc, 9, data.longUnsigned(2345)), result.success);
		});
		await (await open(2345)).close();
		await assert.rejects(open(address), NoAnswerError);
	});
});

describe("setup of the optical port", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D");
	});
	afterEach(() => meter.close());

	/** Opens the optical port with the widest proposal and gives what the meter agreed to. */
	const agreed = async () => {
		const client = await DlmsClient.connectOptical({
			clientSap: clientSap.public,
			security: undefined,
			port: meter.simulator.optical,
			signOn: "direct",
			parameters: { informationTransmit: 2030, informationReceive: 2030, windowTransmit: 7, windowReceive: 7 },
		});
		const { parameters } = client.association.link as HdlcLink;
		await client.associate();
		assert.equal((await client.readObjectList()).length > 0, true, "and long answers come through");
		await client.close();
		return parameters;
	};

	it("F53: offers the windows and lengths that a client has raised, up to 7 frames of 2030 octets", async () => {
		assert.deepEqual(await agreed(), {
			informationTransmit: 128,
			informationReceive: 128,
			windowTransmit: 1,
			windowReceive: 1,
		});
		await meter.with(
			"technician",
			async (client) => {
				assert.equal(await client.set(hdlc, 3, data.unsigned(7)), result.success);
				assert.equal(await client.set(hdlc, 4, data.unsigned(7)), result.success);
				assert.equal(await client.set(hdlc, 5, data.longUnsigned(2030)), result.success);
				assert.equal(await client.set(hdlc, 6, data.longUnsigned(2030)), result.success);
				assert.equal(await client.set(hdlc, 6, data.longUnsigned(2031)), result.otherReason);
				assert.equal(await client.set(hdlc, 6, data.unsigned(128)), result.typeUnmatched);
				assert.equal(asNumber(await client.read(hdlc, 6)), 2030);
			},
			"direct HDLC",
		);
		assert.deepEqual(await agreed(), {
			informationTransmit: 2030,
			informationReceive: 2030,
			windowTransmit: 7,
			windowReceive: 7,
		});
	});

	it("F53: is kept over a cut of the supply, and the port obeys it afterwards", async () => {
		await meter.with("management", async (client) => {
			assert.equal(await client.set(hdlc, 5, data.longUnsigned(512)), result.success);
			assert.equal(await client.set(localPort, 6, data.octetString("PORT 7")), result.success);
		});
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		assert.equal((await agreed()).informationReceive, 512);
		const client = await DlmsClient.connectOptical({
			clientSap: clientSap.public,
			security: undefined,
			port: meter.simulator.optical,
			signOn: "modeE",
			signOnAddress: "PORT 7",
		});
		assert.notEqual(client.identification, undefined);
		await client.close();
	});

	it("F56, SEC-log: keeps passwords to itself, and lets the technician not touch mode and passwords", async () => {
		await meter.with("management", async (client) => {
			for (const id of [7, 8, 9]) {
				assert.equal(await client.set(localPort, id, data.octetString("geheim")), result.success);
				assert.equal(asOctets(await client.read(localPort, id)).length, 0);
			}
			assert.equal(await client.set(localPort, 2, data.enum(3)), result.otherReason);
		});
		await meter.with(
			"technician",
			async (client) => {
				assert.equal(await client.set(localPort, 4, data.enum(6)), result.success);
				assert.equal(await client.set(localPort, 2, data.enum(1)), result.readWriteDenied);
				assert.equal(await client.set(localPort, 7, data.octetString("x")), result.readWriteDenied);
			},
			"mode E",
		);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { unseal } from "../support/client/security.js";
import { result } from "../support/client/services.js";
import { testKeys } from "../support/client/test-client.js";
import { takeWrapper } from "../support/client/wrapper.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const alarmPush = ref(40, "0-4:25.9.0.255");
const register1 = ref(1, "0-0:97.98.0.255");
const begin_s = since2000_s(Date.UTC(2026, 2, 10, 10));
/** Data notification: tag, long invoke id, length of the time, time; then structure of elements. */
const timeAt = 6;

describe("fraud, shown and reported", () => {
	let meter: RunningMeter;
	let headEnd: Server | undefined;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0, clock_s: begin_s });
		step(10);
	});
	afterEach(async () => {
		await meter.close();
		headEnd?.close();
		headEnd = undefined;
	});

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const housing = () => meter.simulator.simulated.housing;
	const hasIcon = () => meter.simulator.simulated.picture.symbols === 1;

	it("F124 F125 F133 SEC-tamper: the icon is on within two seconds, stays over closing and power cut until management clears it, logged", async () => {
		assert.ok(!hasIcon());
		housing().set({ meterCoverOpen: true });
		step(2);
		assert.ok(hasIcon());
		await meter.with("management", async (client) => {
			assert.equal(await client.set(register1, 2, data.doubleLongUnsigned(0)), result.success);
		});
		step(2);
		assert.ok(hasIcon(), "it goes on");
		housing().set({ meterCoverOpen: false });
		step(5);
		assert.ok(hasIcon());
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 60_000);
		simulated.restorePower();
		step(3);
		assert.ok(hasIcon());
		await meter.with(
			"technician",
			async (client) => {
				assert.equal(await client.set(register1, 2, data.doubleLongUnsigned(0)), result.readWriteDenied);
			},
			"direct HDLC",
		);
		step(2);
		assert.ok(hasIcon());
		await meter.with("management", async (client) => {
			assert.equal(await client.set(register1, 2, data.doubleLongUnsigned(0)), result.success);
			const { rows } = await client.readProfile("0-0:99.98.0.255");
			assert.equal(asNumber(rows.at(-1)![1]!), 11);
		});
		step(2);
		assert.ok(!hasIcon());
	});

	/** A head end on a port of its own, or on one that it had before. */
	async function listen(port = 0): Promise<Server> {
		headEnd = createServer().listen(port, "127.0.0.1");
		await once(headEnd, "listening");
		return headEnd;
	}

	async function configure(port: number): Promise<void> {
		const destination = data.structure(data.enum(0), data.octetString(`127.0.0.1:${port}`), data.enum(0));
		await meter.with("management", async (client) => {
			assert.equal(await client.set(alarmPush, 3, destination), result.success);
			assert.equal(await client.set(alarmPush, 6, data.unsigned(5)), result.success);
			const delay = data.structure(data.longUnsigned(60), data.longUnsigned(100), data.longUnsigned(60));
			assert.equal(await client.set(alarmPush, 7, delay), result.success);
			// what has risen before is not to be told
			await client.set(ref(1, "0-0:97.98.20.255"), 2, data.doubleLongUnsigned(0));
		});
		step(2);
	}

	/** Time of the next message, seconds since 2000, and whether it names the alarm of a fraud. */
	async function message(socket: Socket): Promise<{ readonly at_s: number; readonly isFraud: boolean }> {
		let pending = Buffer.alloc(0);
		for (;;) {
			const taken = takeWrapper(pending);
			if (taken !== undefined) {
				const { apdu } = taken.message;
				const systemTitle = apdu.subarray(2, 10);
				const from = apdu[10] === 0x81 ? 12 : 11;
				const { plain } = unseal(apdu.subarray(from), {
					systemTitle,
					encryptionKey: testKeys.unicastKey,
					authenticationKey: testKeys.authenticationKey,
				});
				const v = new DataView(plain.buffer, plain.byteOffset + timeAt);
				const deviation_min = v.getInt16(9);
				const local_ms = Date.UTC(
					v.getUint16(0),
					v.getUint8(2) - 1,
					v.getUint8(3),
					v.getUint8(5),
					v.getUint8(6),
					v.getUint8(7),
				);
				const at_s = since2000_s(local_ms) + deviation_min * 60;
				return { at_s, isFraud: Buffer.from(plain).includes(Buffer.from("0600002000", "hex")) };
			}
			const [chunk] = (await once(socket, "data")) as [Buffer];
			pending = Buffer.concat([pending, chunk]);
		}
	}

	it("F133 F114: a message leaves within ten seconds of the event while the network is up", async () => {
		const server = await listen();
		await configure((server.address() as AddressInfo).port);
		const connection = once(server, "connection") as Promise<[Socket]>;
		const opened_s = begin_s + meter.simulator.simulated.monotonic_ms() / 1000;
		housing().set({ terminalCoverOpen: true });
		step(10);
		const [socket] = await connection;
		const { at_s, isFraud } = await message(socket);
		assert.ok(isFraud);
		assert.ok(at_s >= opened_s && at_s <= opened_s + 2, `${at_s - opened_s} s`);
		socket.destroy();
	});

	it("F133: while the network is down nothing is lost: one message when it is back, with the time of the event", async () => {
		const first = await listen();
		const { port } = first.address() as AddressInfo;
		await configure(port);
		first.close();
		await once(first, "close");
		const opened_s = begin_s + meter.simulator.simulated.monotonic_ms() / 1000;
		housing().set({ terminalCoverOpen: true });
		for (let n = 0; n < 3; n++) {
			step(30);
			await new Promise((resolve) => setImmediate(resolve));
		}
		const server = await listen(port);
		let connections = 0;
		server.on("connection", () => connections++);
		const connection = once(server, "connection") as Promise<[Socket]>;
		for (let n = 0; n < 20 && connections === 0; n++) {
			step(30);
			// the refusal of an attempt comes from the machine, in its own time
			await Promise.race([connection, new Promise((resolve) => setImmediate(resolve))]);
		}
		const [socket] = await connection;
		const { at_s, isFraud } = await message(socket);
		assert.ok(isFraud);
		assert.ok(at_s >= opened_s && at_s <= opened_s + 2, `${at_s - opened_s} s`);
		step(300);
		await new Promise((resolve) => setImmediate(resolve));
		assert.equal(connections, 1, "once");
		socket.destroy();
	});

	it("F131 G10: what concerns the switch is not offered behind current transformers", async () => {
		await meter.close();
		meter = await RunningMeter.start("ST402C", { speed: 0 });
		await meter.with("management", async (client) => {
			assert.equal((await client.get(ref(1, "0-0:96.50.2.255"), 2)).result, result.objectUndefined);
			const listed = await client.readObjectList();
			assert.ok(listed.every(({ logicalName }) => logicalName !== "0-0:96.50.2.255"));
			assert.equal(asOctets(await client.read(ref(1, "0-0:42.0.0.255"), 2)).length, 16);
			assert.equal(elementsOf(await client.read(ref(7, "0-0:99.98.1.255"), 2)).length, 0);
		});
	});
});

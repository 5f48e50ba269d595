// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Data } from "../support/client/axdr.js";
import { fromHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, decodeLogicalName, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { clientSap } from "../support/client/test-client.js";
import { encodeWrapper } from "../support/client/wrapper.js";
import { RunningMeter } from "../support/running-meter.js";

const tcpUdp = ref(41, "0-0:25.0.0.255");
const ipv4 = ref(42, "0-0:25.1.0.255");
const installation = ref(1, "0-0:96.55.1.255");
/** 10.1.2.3, 239.1.2.3, 255.255.255.0 */
const [host, group, mask] = [0x0a01_0203, 0xef01_0203, 0xffff_ff00];

describe("the IP link", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0 });
	});
	afterEach(() => meter.close());

	const set = (object: typeof tcpUdp, attribute: number, value: Data): Promise<number> =>
		meter.with("management", (client) => client.set(object, attribute, value), "direct HDLC");
	const read = (object: typeof tcpUdp, attribute: number) =>
		meter.with("management", (client) => client.read(object, attribute), "direct HDLC");

	function restart(): void {
		meter.simulator.simulated.cutPower();
		meter.simulator.simulated.restorePower();
		meter.simulator.pacer.step(2000);
	}

	/** A connection that the meter answers on; undefined when it closes it instead. */
	async function open(): Promise<Socket | undefined> {
		const socket = connect({ port: meter.simulator.tcp, host: "127.0.0.1" });
		socket.on("error", () => undefined);
		const closed = once(socket, "close").then(() => undefined);
		await once(socket, "connect");
		socket.write(
			encodeWrapper(clientSap.public, 1, fromHex("601da109060760857405080101be10040e01000000065f1f0400001214ffff")),
		);
		return Promise.race([closed, once(socket, "data").then(() => socket)]);
	}

	it("F77, SEC-conn: as many connections as 0-0:25.0.0 says, also after a restart", async () => {
		assert.deepEqual(await read(tcpUdp, 5), { type: "unsigned", value: 64 });
		assert.equal(await set(tcpUdp, 5, data.unsigned(2)), result.success);
		for (const again of [false, true]) {
			if (again) restart();
			const sockets = [await open(), await open()];
			assert.ok(sockets.every((socket) => socket !== undefined));
			assert.equal(await open(), undefined, "a third one");
			for (const socket of sockets) socket!.destroy();
		}
		assert.equal(asNumber(await read(tcpUdp, 5)), 2);
	});

	describe("on another port", () => {
		/** Whether a public association opens on a port of this machine. */
		async function answersOn(port: number): Promise<boolean> {
			const client = await DlmsClient.connectTcp({ clientSap: clientSap.public, port }).catch(() => undefined);
			if (client === undefined) return false;
			await client.associate();
			await client.close();
			return true;
		}
		/** Until the meter is reached there, real time. */
		async function waitFor(port: number): Promise<void> {
			for (let turn = 0; turn < 200 && !(await answersOn(port)); turn++)
				await new Promise((later) => setImmediate(later));
			assert.ok(await answersOn(port), `port ${port}`);
		}
		async function freePort(): Promise<number> {
			const server = createServer().listen(0, "127.0.0.1");
			await once(server, "listening");
			const { port } = server.address() as AddressInfo;
			await new Promise((closed) => server.close(closed));
			return port;
		}

		it("F77: is reached there once the change is acknowledged, also after a restart; what was connected stays so", async () => {
			const before = meter.simulator.tcp;
			const port = await freePort();
			const client = await meter.connect("management");
			assert.equal(await client.set(tcpUdp, 2, data.longUnsigned(port)), result.success);
			await waitFor(port);
			assert.equal(await answersOn(before), false, "nobody is let in at the old one");
			assert.equal(asNumber(await client.read(tcpUdp, 2)), port);
			await client.close();
			restart();
			assert.ok(await answersOn(port));
			assert.equal(await set(tcpUdp, 2, data.longUnsigned(4059)), result.success);
			await waitFor(before);
			assert.equal(await answersOn(port), false);
		});

		it("F77: stays where it was when the port is taken by somebody else", async () => {
			const other = createServer().listen(0, "127.0.0.1");
			await once(other, "listening");
			const { port } = other.address() as AddressInfo;
			try {
				assert.equal(await set(tcpUdp, 2, data.longUnsigned(port)), result.success);
				await waitFor(meter.simulator.tcp);
			} finally {
				other.close();
			}
		});
	});

	it("SEC-conn: an idle connection ends after inactivity_time_out", async () => {
		assert.equal(await set(tcpUdp, 6, data.longUnsigned(45)), result.success);
		const socket = await open();
		meter.simulator.pacer.step(44_000);
		assert.ok(!socket!.destroyed);
		const closed = once(socket!, "close");
		meter.simulator.pacer.step(2000);
		await closed;
	});

	it("refuses what is out of range, and keeps what it had", async () => {
		for (const [attribute, value] of [
			[2, data.longUnsigned(0)],
			[4, data.longUnsigned(39)],
			[4, data.longUnsigned(1400)],
			[5, data.unsigned(0)],
			[5, data.unsigned(65)],
			[6, data.longUnsigned(0)],
			[6, data.longUnsigned(29)],
			[6, data.longUnsigned(601)],
		] as const)
			assert.equal(await set(tcpUdp, attribute, value), result.otherReason, `attribute ${attribute}: ${value.value}`);
		const values = await Promise.all([2, 4, 5, 6].map(() => 0));
		for (const [n, attribute] of [2, 4, 5, 6].entries()) values[n] = asNumber(await read(tcpUdp, attribute));
		assert.deepEqual(values, [4059, 576, 64, 120]);
		assert.equal(decodeLogicalName(asOctets(await read(tcpUdp, 3))), ipv4.logicalName);
	});

	it("keeps the IPv4 setup over a restart, and takes no address that none can have", async () => {
		assert.equal(asNumber(await read(ipv4, 3)), 0x7f00_0001, "the address of the link until one is set");
		for (const [attribute, value] of [
			[3, group],
			[6, 0xff00_ff00],
			[7, 0xffff_ffff],
			[9, group],
		] as const)
			assert.equal(await set(ipv4, attribute, data.doubleLongUnsigned(value)), result.otherReason);
		const option = (length: number) =>
			data.array(data.structure(data.unsigned(0x94), data.unsigned(length), data.octetString("ab")));
		assert.equal(await set(ipv4, 5, option(3)), result.otherReason);
		assert.equal(await set(ipv4, 5, option(4)), result.success);
		assert.equal(await set(ipv4, 3, data.doubleLongUnsigned(host)), result.success);
		assert.equal(await set(ipv4, 6, data.doubleLongUnsigned(mask)), result.success);
		assert.equal(await set(ipv4, 8, data.boolean(true)), result.success);
		restart();
		assert.equal(asNumber(await read(ipv4, 3)), host);
		assert.equal(asNumber(await read(ipv4, 6)), mask);
		assert.deepEqual(await read(ipv4, 8), data.boolean(true));
		assert.deepEqual(await read(ipv4, 5), option(4));
	});

	it("adds, counts and deletes multicast addresses, each once", async () => {
		await meter.with("management", async (client) => {
			const call = async (method: number, address: number) =>
				(await client.action(ipv4, method, data.doubleLongUnsigned(address))).result;
			assert.equal(await call(1, group), result.success);
			assert.equal(await call(1, group), result.success);
			assert.equal(await call(1, host), result.otherReason);
			for (let n = 1; n < 8; n++) assert.equal(await call(1, group + n), result.success);
			assert.equal(await call(1, group + 8), result.otherReason, "a ninth");
			assert.equal(await call(2, group + 3), result.success);
			assert.equal(await call(2, group + 3), result.otherReason);
			const count = await client.action(ipv4, 3, data.integer(0));
			assert.deepEqual(count.data, data.longUnsigned(7));
			assert.equal(elementsOf(await client.read(ipv4, 4)).length, 7);
			const twice = data.array(data.doubleLongUnsigned(group), data.doubleLongUnsigned(group));
			assert.equal(await client.set(ipv4, 4, twice), result.otherReason);
		});
	});

	it("F79: installed is who has had a management association, or whom management says so", async () => {
		const readByTechnician = () => meter.with("technician", (client) => client.read(installation, 2), "direct HDLC");
		assert.deepEqual(await readByTechnician(), data.enum(0));
		await meter.with("management", async () => undefined);
		assert.deepEqual(await readByTechnician(), data.enum(1));
		assert.equal(await set(installation, 2, data.enum(2)), result.otherReason);
		assert.equal(await meter.with("management", (client) => client.set(installation, 2, data.enum(0))), result.success);
		restart();
		assert.deepEqual(await readByTechnician(), data.enum(0));
	});
});

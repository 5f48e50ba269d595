// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Capture } from "../../../../hosts/simulator/capture/capture.js";
import { startSimulator } from "../../../../hosts/simulator/start.js";
import { StartError } from "../../../../hosts/simulator/start-error.js";
import { unixEpochOffset_s } from "../../../../src/clock/calendar.js";
import { DlmsClient } from "../../../support/client/client.js";
import { data, ref } from "../../../support/client/data.js";
import { clientSap, testSecurity } from "../../../support/client/test-client.js";
import { type CapturedPacket, readPcapng } from "./pcapng-reader.js";

/** RFC 1071 over octets that contain their own checksum: 0. */
function internetChecksum(octets: Buffer): number {
	let sum = 0;
	for (let n = 0; n < octets.length; n++) sum += octets[n]! << (n % 2 === 0 ? 8 : 0);
	while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
	return ~sum & 0xffff;
}

/** TCP payloads of an IPv4 conversation in one direction, put together by their sequence numbers. */
function streamOf(packets: readonly CapturedPacket[], isInbound: boolean): Buffer {
	const chosen = packets.filter((packet) => packet.isInbound === isInbound && packet.interfaceName === "ip");
	let next = 1;
	const parts: Buffer[] = [];
	for (const { bytes } of chosen) {
		const payload = bytes.subarray(40);
		if (payload.length === 0) continue;
		assert.equal(bytes.readUInt32BE(24), next, "sequence number");
		next += payload.length;
		parts.push(payload);
	}
	return Buffer.concat(parts);
}

describe("capture of the traffic", () => {
	let folder: string;
	let path: string;
	const log: string[] = [];

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "sx402-capture-"));
		path = join(folder, "traffic.pcapng");
		log.splice(0);
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	const capture = (time_us = 1_800_000_000_123_456) =>
		new Capture(path, "test", () => time_us, { write: (_level, _part, message) => void log.push(message) });

	it("SEC-cap holds every octet of a session over TCP, cipher text as such and no key", async () => {
		const clock_s = 850_000_000;
		const meter = await startSimulator({ tcp: 0, optical: 0, speed: 0, clock_s, capture: path });
		const options = { host: "127.0.0.1", port: meter.tcp, clientSap: clientSap.management };
		const client = await DlmsClient.connectTcp({ ...options, security: testSecurity({ first: 5 }) });
		await client.associate();
		await client.read(ref(3, "1-0:1.8.0.255"), 2);
		await client.close();
		await meter.close();

		const packets = readPcapng(path);
		for (const { bytes, linkType, time_us } of packets) {
			assert.equal(linkType, 101);
			assert.equal(time_us, (clock_s + unixEpochOffset_s) * 1_000_000);
			assert.equal(internetChecksum(bytes.subarray(0, 20)), 0);
			const pseudo = Buffer.concat([bytes.subarray(12, 20), Buffer.of(0, 6, 0, bytes.length - 20)]);
			assert.equal(internetChecksum(Buffer.concat([pseudo, bytes.subarray(20)])), 0);
			assert.ok([bytes.readUInt16BE(20), bytes.readUInt16BE(22)].includes(meter.tcp));
		}
		for (const isInbound of [true, false]) {
			const stream = streamOf(packets, isInbound);
			let wrappers = 0;
			for (let at = 0; at < stream.length; wrappers++) {
				assert.equal(stream.readUInt16BE(at), 1, "wrapper version");
				at += 8 + stream.readUInt16BE(at + 6);
				assert.ok(at <= stream.length);
			}
			assert.equal(wrappers, 4); // association, pass 3 and 4, value, release
			assert.equal(stream[8], isInbound ? 0x60 : 0x61);
		}
		const file = readFileSync(path);
		const key = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
		assert.equal(file.indexOf(key), -1);
	});

	it("tells who opened a connection and who ended it, and holds what the meter sends by itself over TCP and UDP", async () => {
		const headEnd = createServer().listen(0, "127.0.0.1");
		const hearer = createSocket("udp4").bind(0, "127.0.0.1");
		await Promise.all([once(headEnd, "listening"), once(hearer, "listening")]);
		const ports = [(headEnd.address() as AddressInfo).port, hearer.address().port];
		const meter = await startSimulator({ tcp: 0, optical: 0, speed: 0, capture: path });
		const connected = once(headEnd, "connection") as Promise<[Socket]>;
		const heard = once(hearer, "message") as Promise<[Buffer]>;
		const options = { host: "127.0.0.1", port: meter.tcp, clientSap: clientSap.management };
		const client = await DlmsClient.connectTcp({ ...options, security: testSecurity() });
		await client.associate();
		for (const [transport, port] of ports.entries()) {
			const push = ref(40, `0-${1 + transport}:25.9.0.255`);
			const destination = data.octetString(`127.0.0.1:${port}`);
			assert.equal(await client.set(push, 3, data.structure(data.enum(transport), destination, data.enum(0))), 0);
			assert.equal((await client.action(push, 1, data.integer(0))).result, 0);
		}
		meter.pacer.step(1000);
		const [socket] = await connected;
		const [datagram] = await heard;
		await client.close();
		// the end of the client's connection comes to the meter as an event of its own
		const ends = () => readPcapng(path).filter(({ bytes }) => bytes[9] === 6 && (bytes[33]! & 1) !== 0).length;
		for (let turn = 0; turn < 10_000 && ends() < 2; turn++) await setImmediate();
		await meter.close();
		await once(socket.resume(), "end");
		for (const one of [headEnd, hearer]) one.close();

		const packets = readPcapng(path);
		const flagged = (flag: number) =>
			packets
				.filter(({ bytes }) => bytes[9] === 6 && (bytes[33]! & 0x3f) === flag)
				.map(
					({ isInbound, bytes }) =>
						`${isInbound ? "to" : "from"} the meter, ${bytes.readUInt16BE(isInbound ? 20 : 22)}`,
				);
		assert.deepEqual(
			flagged(0x02).map((text) => text.replace(/\d+/, (port) => String(ports.indexOf(Number(port))))),
			["to the meter, -1", "from the meter, 0"],
		);
		assert.match(flagged(0x11)[0]!, /^to/, "the client went");
		assert.match(flagged(0x11)[2]!, /^from/, "the meter ended");
		const [sent] = packets.filter(({ bytes }) => bytes[9] === 17);
		assert.ok(sent !== undefined && !sent.isInbound);
		assert.equal(sent.bytes.readUInt16BE(22), ports[1]);
		assert.deepEqual(sent.bytes.subarray(28), datagram);
	});

	it("holds frames of the optical port one a packet, with their direction", async () => {
		const meter = await startSimulator({ tcp: 0, optical: 0, speed: 0, capture: path });
		const options = { host: "127.0.0.1", port: meter.optical, clientSap: clientSap.public, signOn: "direct" as const };
		const client = await DlmsClient.connectOptical(options);
		await client.associate();
		await client.read(ref(1, "0-0:42.0.0.255"), 2);
		await client.close();
		await meter.close();

		const packets = readPcapng(path);
		assert.ok(packets.length >= 8);
		for (const [n, { bytes, linkType, interfaceName, isInbound }] of packets.entries()) {
			assert.equal(linkType, 147);
			assert.equal(interfaceName, "optical");
			assert.equal(isInbound, n % 2 === 0);
			assert.equal(bytes[0], 0x7e);
			assert.equal(bytes.length, 2 + (bytes.readUInt16BE(1) & 0x7ff));
		}
	});

	it("puts frames together that come in pieces, and parts them from text and from each other", () => {
		const written = capture();
		const tap = written.connection("optical", { address: "::1", port: 1 }, { address: "::1", port: 2 });
		const frame = Buffer.from("7ea0070321935f917e", "hex");
		for (const octet of Buffer.from("/?!\r\n")) tap.received(Buffer.of(octet));
		for (const octet of frame) tap.received(Buffer.of(octet));
		tap.received(Buffer.concat([frame, frame.subarray(1), Buffer.from("7ea007", "hex")]));
		tap.sent(Buffer.from("/SXF5\\2\r\n"));
		tap.closed();
		written.close();
		const seen = readPcapng(path).map(({ bytes, isInbound }) => `${isInbound ? "<" : ">"}${bytes.toString("hex")}`);
		const whole = `<${frame.toString("hex")}`;
		const text = [..."/?!\r\n"].map((character) => `<${Buffer.from(character).toString("hex")}`);
		assert.deepEqual(seen, [
			...text,
			whole,
			whole,
			whole,
			"<7ea007",
			`>${Buffer.from("/SXF5\\2\r\n").toString("hex")}`,
		]);
	});

	it("records IPv6 and UDP", () => {
		const written = capture();
		const peer = { address: "::ffff:127.0.0.1", port: 40_000 };
		const meter = { address: "fe80::1:2%eth0", port: 4059 };
		written.datagram(peer, meter, true, Buffer.from("0001006600010000", "hex"));
		written.close();
		const [packet] = readPcapng(path);
		assert.ok(packet?.isInbound);
		const { bytes } = packet;
		assert.equal(bytes[0]! >> 4, 6);
		assert.equal(bytes[6], 17);
		assert.equal(bytes.subarray(8, 24).toString("hex"), "00000000000000000000ffff7f000001");
		assert.equal(bytes.subarray(24, 40).toString("hex"), "fe800000000000000000000000010002");
		const pseudo = Buffer.concat([bytes.subarray(8, 40), Buffer.of(0, 0, 0, 16, 0, 0, 0, 17)]);
		assert.equal(internetChecksum(Buffer.concat([pseudo, bytes.subarray(40)])), 0);
	});

	it("ends with one line in the log when a packet cannot be written, and the meter goes on", () => {
		const failing = capture(-1);
		const tap = failing.connection("tcp", { address: "127.0.0.1", port: 1 }, { address: "127.0.0.1", port: 2 });
		tap.received(Buffer.of(1));
		tap.closed();
		failing.close();
		assert.equal(log.length, 1);
		assert.match(log[0]!, /^stopped: /);
		assert.deepEqual(readPcapng(path), []);
	});

	it("cannot be made in a folder that does not exist, which is said in one line", async () => {
		await assert.rejects(
			startSimulator({ tcp: 0, optical: 0, speed: 0, capture: join(folder, "no", "file") }),
			(error: unknown) => error instanceof StartError && error.message.startsWith("--capture: "),
		);
	});
});

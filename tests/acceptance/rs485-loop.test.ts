// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type LoopStation, type RunningLoop, startLoop } from "../../hosts/simulator/loop/start-loop.js";
import { concat } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, ref } from "../support/client/data.js";
import {
	encodeClientAddress,
	encodeFrame,
	encodeServerAddress,
	type Frame,
	takeFrame,
} from "../support/client/hdlc-frame.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { groupShift } from "../support/group-message.js";
import { runSimulator } from "../support/simulator-process.js";

const nothing: Uint8Array = new Uint8Array(0);
const [snrm, ua, ui] = [0x93, 0x73, 0x13];
const llc = Uint8Array.of(0xe6, 0xe6, 0x00);
const name = ref(1, "0-0:42.0.0.255");
const lastCounter = ref(1, "0-0:43.1.2.255");
const clock = ref(8, "0-0:1.0.0.255");

describe("31 meters on a pair of RS485, as a user starts them", () => {
	const told: string[] = [];
	let running: RunningLoop;

	before(async () => {
		// the pair is faster than a real one, so that the tests are
		const quick = { port: 0, baud: 1_000_000, speed: 0 };
		running = await startLoop(quick, { write: (_level, _part, message) => void told.push(message) });
	});
	after(() => running.close());

	const isoName = ({ simulator }: LoopStation) => Buffer.from(simulator.logicalDeviceName, "latin1");

	function open(device: number, client: "public" | "reader"): Promise<DlmsClient> {
		const isPublic = client === "public";
		return DlmsClient.connectOptical({
			clientSap: clientSap[client],
			security: isPublic ? undefined : testSecurity(),
			port: running.port,
			signOn: "direct",
			device,
			addressSize: 4,
		});
	}

	function frameFor(destination: Uint8Array, control: number, client: number, information = nothing): Uint8Array {
		return encodeFrame({
			destination,
			source: encodeClientAddress(client),
			control,
			information,
			isSegmented: false,
		});
	}

	/** What is heard within a fifth of a second after the octets are sent. */
	async function say(octets: Uint8Array): Promise<{ frames: Frame[]; rest: Uint8Array }> {
		const socket = connect({ host: "127.0.0.1", port: running.port, noDelay: true });
		let pending: Uint8Array = nothing;
		socket.on("data", (chunk) => {
			pending = concat(pending, chunk);
		});
		socket.write(octets);
		await wait(200);
		socket.destroy();
		await once(socket, "close");
		const frames: Frame[] = [];
		for (let taken = takeFrame(pending); taken !== undefined; taken = takeFrame(pending)) {
			frames.push(taken.message);
			pending = pending.subarray(taken.used);
		}
		return { frames, rest: pending };
	}

	it("F82 F83: a master reads each by its own address, the names differ, nobody talks at once", async () => {
		assert.equal(new Set(running.stations.map(({ address }) => address)).size, 31);
		for (const station of running.stations) {
			const client = await open(station.address, "public");
			await client.associate();
			assert.deepEqual(Buffer.from(asOctets(await client.read(name, 2))), isoName(station));
			await client.close();
		}
		assert.deepEqual(running.loop.collisions, []);
	});

	it("F82 F83: the reader's ciphered association is with one of them alone", async () => {
		const [first, second] = running.stations as [LoopStation, LoopStation];
		const client = await open(second.address, "reader");
		await client.associate();
		assert.deepEqual(Buffer.from(asOctets(await client.read(name, 2))), isoName(second));
		await client.close();
		const counters: number[] = [];
		for (const { address } of [first, second]) {
			const anyone = await open(address, "public");
			await anyone.associate();
			counters.push(asNumber(await anyone.read(lastCounter, 2)));
			await anyone.close();
		}
		assert.ok(counters[0] === 0 && counters[1]! > 0, `${counters}`);
		assert.deepEqual(running.loop.collisions, []);
	});

	it("F83: none answers another address, a calling address, a broadcast or one octet; the own one is answered behind them", async () => {
		const [{ address }] = running.stations as [LoopStation];
		const own = encodeServerAddress(1, address, 4);
		const taken = new Set(running.stations.map((station) => station.address));
		const free = [...Array(64).keys()].map((n) => 1000 + n).find((candidate) => !taken.has(candidate))!;
		const others = [
			encodeServerAddress(1, free, 4),
			encodeServerAddress(1, 0, 4),
			encodeServerAddress(1, 0x3ffe, 4),
			encodeServerAddress(1, 0x3fff, 4),
			encodeServerAddress(0x3fff, 0x3fff, 4),
			encodeServerAddress(2, address, 4),
			encodeServerAddress(address, 1, 4),
			encodeServerAddress(1, address & 0x7f, 2),
			encodeServerAddress(1, 0x7e, 2),
			encodeServerAddress(1, 0x7f, 2),
			encodeServerAddress(1, 0, 1),
			encodeServerAddress(0x7f, 0, 1),
		];
		const { frames } = await say(concat(...others.map((other) => frameFor(other, snrm, 16)), frameFor(own, snrm, 16)));
		assert.deepEqual(
			frames.map(({ control, source }) => [control, Buffer.from(source).toString("hex")]),
			[[ua, Buffer.from(own).toString("hex")]],
		);
		assert.deepEqual(running.loop.collisions, []);
	});

	it("F82 SEC-bcast: one UI frame sets the clocks of all, and is answered by none", async () => {
		const seconds = async ({ simulator }: LoopStation) => {
			const client = await DlmsClient.connectTcp({ clientSap: clientSap.public, port: simulator.tcp });
			await client.associate();
			const bytes = asOctets(await client.read(clock, 2));
			await client.close();
			return bytes[5]! * 3600 + bytes[6]! * 60 + bytes[7]!;
		};
		const before: number[] = [];
		for (const station of running.stations) before.push(await seconds(station));
		const information = concat(llc, groupShift(100, 1));
		const all = encodeServerAddress(1, 0x3fff, 4);
		assert.deepEqual(await say(frameFor(all, ui, clientSap.preEstablished, information)), {
			frames: [],
			rest: nothing,
		});
		for (const [n, station] of running.stations.entries())
			assert.equal(((await seconds(station)) - before[n]! + 86_400) % 86_400, 100, `${station.address}`);
		assert.deepEqual(running.loop.collisions, []);
	});

	it("F83: a master that asks two at once hears neither, and is told; then each answers again", async () => {
		const [one, other] = running.stations as [LoopStation, LoopStation];
		const ask = ({ address }: LoopStation) => frameFor(encodeServerAddress(1, address, 4), snrm, 16);
		const { frames } = await say(concat(ask(one), ask(other)));
		assert.deepEqual(frames, []);
		assert.deepEqual(told.slice(-1), [`collision of station ${one.address} and station ${other.address}`]);
		for (const station of [one, other]) assert.deepEqual((await say(ask(station))).frames.length, 1);
	});

	it("says in one line what cannot be", async () => {
		await assert.rejects(startLoop({ meters: 32, port: 0 }), { name: "StartError" });
		await assert.rejects(startLoop({ meters: 1, port: running.port, speed: 0 }), { name: "StartError" });
		const ended = await runSimulator(["--meters", "40"], "hosts/simulator/loop/main.ts");
		assert.deepEqual([ended.code, ended.stdout, ended.stderr], [2, "", "loop: 40 is no number from 1 to 31\n"]);
	}).timeout(10_000);
});

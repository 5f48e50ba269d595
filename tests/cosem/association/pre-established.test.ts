// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Rs485Loop } from "../../../hosts/simulator/links/rs485-loop.js";
import type { PortKind } from "../../../src/cosem/apdu-handler.js";
import { HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { frame, ui } from "../hdlc/hdlc-frames.js";
import { type FakeMeter, fakeMeter, serverTitle, testKeys } from "../support/fake-application.js";
import { fromHex, hex } from "../support/hex.js";
import { TestClient } from "../support/test-client.js";

const setTime = "c1010100080000010000ff0300100078";
const shift = "c3010100080000010000ff0601100005";
const setStored = "c101010001000060010 1ff02000901aa".replace(" ", "");

describe("pre-established client 102", () => {
	let meter: FakeMeter;

	beforeEach(() => {
		meter = fakeMeter();
	});

	function sender(key: "broadcast" | "unicast", port: PortKind = "tcp", serverSap = 0xffff): TestClient {
		const client = new TestClient(meter.server, 102, port);
		client.serverSap = serverSap;
		client.form = "general";
		if (key === "broadcast") {
			client.encryptionKey = testKeys.globalBroadcastEncryptionKey;
			client.control = 0x70;
		}
		return client;
	}

	for (const port of ["tcp", "udp", "rs485", "optical"] as const) {
		it(`is served on ${port} without an association, by the broadcast key and by its own, and never answered`, () => {
			const group = sender("broadcast", port);
			assert.equal(group.send(group.protect(shift)), "");
			const own = sender("unicast", port, 1);
			assert.equal(own.send(own.protect(shift)), "");
			assert.deepEqual(meter.bench.shifts, [5, 5]);
		});
	}

	it("is served unconfirmed and confirmed alike, and hears nothing of either", () => {
		const group = sender("broadcast", "tcp", 1);
		assert.equal(group.send(group.protect(shift.replace("c30101", "c30141"))), "");
		assert.deepEqual(meter.bench.shifts, [5]);
		assert.equal(meter.application.security.setup(2).nextSendCounter, 1);
	});

	it("SEC-bcast: with the broadcast key nothing but group services, though its rights would allow it", () => {
		const group = sender("broadcast");
		group.send(group.protect(setTime)); // time zone: the client's right, but no service of a group
		assert.equal(meter.bench.timeZone, 60);
		const own = sender("unicast");
		own.send(own.protect(setTime));
		assert.equal(meter.bench.timeZone, 120);
	});

	it("has no right that its access tables do not give, under either key", () => {
		for (const client of [sender("broadcast"), sender("unicast")]) {
			assert.equal(client.send(client.protect(setStored)), "");
			assert.equal(client.send(client.protect("c001c100080000010000ff0400")), "");
		}
		assert.equal(meter.bench.sets, 0);
	});

	it("SEC-pol: takes nothing plain, nothing authenticated only, nothing with a false tag or key", () => {
		const group = sender("broadcast");
		assert.equal(group.send(shift), "");
		group.control = 0x50;
		assert.equal(group.send(group.protect(shift)), "");
		group.control = 0x70;
		const bent = group.protect(shift);
		bent[bent.length - 1]! ^= 1;
		assert.equal(group.send(bent), "");
		group.encryptionKey = testKeys.globalUnicastEncryptionKey; // the bit says broadcast
		assert.equal(group.send(group.protect(shift)), "");
		assert.deepEqual(meter.bench.shifts, []);
	});

	it("SEC-replay: takes no counter twice, and counts for each key on its own, also after a restart", () => {
		const group = sender("broadcast");
		group.counter = 40;
		const apdu = group.protect(shift);
		group.send(apdu.slice());
		group.send(apdu.slice());
		assert.deepEqual(meter.bench.shifts, [5]);
		assert.equal(meter.application.security.invocationCounter(1), 40);
		const own = sender("unicast");
		own.send(own.protect(shift));
		assert.deepEqual(meter.bench.shifts, [5, 5]);
		meter = fakeMeter({ store: meter.store });
		const again = sender("broadcast");
		again.send(apdu.slice());
		assert.deepEqual(meter.bench.shifts, []);
		again.counter = 41;
		again.send(again.protect(shift));
		assert.deepEqual(meter.bench.shifts, [5]);
	});

	it("SEC-title: takes no title of its own", () => {
		const group = sender("broadcast");
		group.title = serverTitle;
		group.send(group.protect(shift));
		assert.deepEqual(meter.bench.shifts, []);
	});

	it("takes service-specific ciphering under the title it has heard last", () => {
		const group = sender("broadcast");
		group.form = "global";
		group.send(group.protect(shift));
		assert.deepEqual(meter.bench.shifts, []);
		group.form = "general";
		group.send(group.protect(shift));
		group.form = "global";
		group.send(group.protect(shift));
		assert.deepEqual(meter.bench.shifts, [5, 5]);
	});

	it("can neither be opened nor released nor aborted", () => {
		const group = sender("broadcast", "tcp", 1);
		assert.equal(group.send(group.aarq({ mechanism: null, value: null })), "");
		assert.equal(group.send("6200"), "");
		meter.server.abort(group.link);
		group.send(group.protect(shift));
		for (let n = 0; n < 20; n++) group.send("d300");
		group.send(group.protect(shift));
		assert.deepEqual(meter.bench.shifts, [5, 5]);
	});

	it("shows in its association object that it is always associated", () => {
		const one = new TestClient(meter.server, 1).connect();
		assert.equal(one.get(15, "0000280003ff", 8), "c401c1001602");
	});

	it("is the only one heard over datagrams, or by all stations", () => {
		for (const [sap, port, serverSap] of [
			[16, "udp", 1],
			[16, "tcp", 0xffff],
			[1, "udp", 1],
		] as const) {
			const other = new TestClient(meter.server, sap, port);
			other.serverSap = serverSap;
			assert.equal(other.send(other.aarq()), "");
			assert.equal(other.send("c001c100080000010000ff0400"), "");
		}
	});

	it("has no answer whatever it sends", () => {
		const group = sender("broadcast", "tcp", 1);
		for (const apdu of [
			"00",
			"c0",
			"e0810001000000",
			"d9",
			"ff",
			"60",
			"62",
			"dbff",
			"c9ff",
			hex(group.protect("d9")),
		]) {
			assert.equal(group.send(apdu), "", apdu);
		}
	});

	it("F82: one UI frame to all stations reaches the 31 meters of an RS485 loop, and none talks", () => {
		const loop = new Rs485Loop({ baud: 9600, turnaround_ms: 5 });
		let answers = 0;
		loop.onMasterData = () => answers++;
		const meters = Array.from({ length: 31 }, (_, n) => {
			const one = fakeMeter();
			const options = { maximumApdu: 1024, maximumInformation: 128, connections: 1 };
			const info = { port: "rs485" as const, name: `rs485-${n}` };
			loop.attach(`meter ${n}`, (sink) => new HdlcSession(sink, one.server, info, defaultHdlcSetup(n), options));
			return one;
		});
		const apdu = hex(sender("broadcast").protect(shift));
		loop.send(fromHex(frame("0002feff", "cd", ui, `e6e600${apdu}`)));
		for (let now_ms = 0; now_ms <= 1000; now_ms += 50) loop.advance(now_ms);
		for (const one of meters) assert.deepEqual(one.bench.shifts, [5]);
		assert.equal(answers, 0);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type FakeMeter, fakeMeter } from "./support/fake-application.js";
import { fromHex, hex, vectorCases } from "./support/hex.js";
import { TestClient, u16 } from "./support/test-client.js";

const apdu = new Map(vectorCases("dlms-apdu").map((vector) => [vector.id, vector.hex]));
const clock = "0000010000ff";
const profile = "0100630100ff";
const echo = "0000606300ff";

describe("server", () => {
	let meter: FakeMeter;
	const client = (sap: number): TestClient => new TestClient(meter.server, sap);

	beforeEach(() => {
		meter = fakeMeter();
	});

	it("answers the requests of the examples", () => {
		const management = client(1).connect();
		assert.equal(management.ask(apdu.get("get-1")!), "c401c100090c07e8021d040c1e00ff800000");
		assert.equal(management.ask(apdu.get("set-1")!), apdu.get("set-2"));
		assert.equal(management.ask(apdu.get("act-1")!), apdu.get("act-2"));
		assert.deepEqual(meter.bench.shifts, [0]);
		assert.equal(management.ask(apdu.get("get-7")!), "c403c102010400090c07e8021d040c1e00ff800000");
		const rows = management.ask(apdu.get("get-9")!);
		assert.ok(rows.startsWith("c401c10001050202060000000009040000000002020600000001090501"), rows);
		assert.equal(client(16).connect().ask(apdu.get("set-1")!), apdu.get("exc-1")!.replace("d80101", "d80102"));
	});

	it("answers every service before an association and after release with 1/1, without touching an object (SEC-open)", () => {
		for (const port of ["tcp", "optical", "rs485"] as const) {
			for (const sap of [1, 2, 16, 77]) {
				const one = new TestClient(meter.server, sap, port);
				for (const id of ["get-1", "set-1", "act-1", "get-5", "rlrq-1"])
					assert.equal(one.send(apdu.get(id)!), "d80101");
				assert.equal(one.send(one.protect(apdu.get("set-1")!)), "d80101");
			}
		}
		assert.equal(meter.bench.sets, 0);
		assert.equal(meter.bench.shifts.length, 0);
	});

	it("answers unknown tags with 2/2, in and outside an association", () => {
		const one = client(16);
		const known = new Set([
			0x60, 0x62, 0xc0, 0xc1, 0xc3, 0xc8, 0xc9, 0xcb, 0xd0, 0xd1, 0xd3, 0xd9, 0xdb, 0xdc, 0xdd, 0xdf, 0xe0,
		]);
		for (const isConnected of [false, true]) {
			if (isConnected) one.connect();
			for (let tag = 0; tag < 256; tag++) {
				if (known.has(tag)) continue;
				assert.equal(one.send(`${tag.toString(16).padStart(2, "0")}0102030405`), "d80202", tag.toString(16));
			}
		}
		const management = client(1).connect();
		management.form = "general";
		for (const tag of ["c2", "01", "ff"]) assert.equal(management.ask(`${tag}0102`), "d80202");
	});

	it("answers services that were not negotiated with 1/2", () => {
		const one = client(16).connect(); // get, selective access, multiple references, block transfer with get
		assert.equal(one.ask(apdu.get("set-1")!), "d80102");
		assert.equal(one.ask(apdu.get("act-1")!), "d80102");
		const small = client(16);
		small.conformance = "000010";
		small.connect();
		assert.equal(small.ask(apdu.get("get-7")!), "d80102");
		assert.equal(small.ask(apdu.get("get-5")!), "d80102");
		assert.equal(small.get(8, clock, 4), "c401c1001100");
		assert.equal(small.ask(apdu.get("get-9")!), "c401c1010d"); // selection without selective access
		assert.equal(small.get(8, clock, 0), "c401c1010b"); // attribute 0 without its bit
		const reader = client(2);
		reader.conformance = "001010";
		reader.connect(); // pass 3 needs no bit
		reader.form = "general";
		assert.equal(reader.get(8, clock, 4), "d80102");
		reader.form = "global";
		assert.equal(reader.get(8, clock, 4), "c401c1001100");
	});

	it("answers what cannot be parsed with 1/3", () => {
		const one = client(16).connect();
		for (const text of [
			"c0",
			"c001",
			"c001c1",
			"c001c10008000001000 0".replace(" ", ""),
			"c001c100080000010000ff02",
			"c001c100080000010000ff0202",
			"c001c100080000010000ff020000",
			"c001c100080000010000ff020101",
			"c001c100080000010000ff020101ee",
			"c004c100000001",
			"c003c100",
			"c003c10200080000010000ff0200",
			"c002c1000001",
		]) {
			assert.equal(one.ask(text), "d80103", text);
		}
		const management = client(1).connect();
		for (const text of [
			"c101c100080000010000ff0300",
			"c101c100080000010000ff03001000",
			"c101c100080000010000ff030010003c00",
			"c101c100080000010000ff030009ff",
			`c101c100080000010000ff0300${"0101".repeat(9)}00`,
			"c106c1",
			"c107c1",
			"c301c100080000010000ff06",
			"c301c100080000010000ff0602",
			"c301c100080000010000ff0601",
			"c104c10100080000010000ff030002 10003c 10003c".replaceAll(" ", ""),
		]) {
			assert.equal(management.ask(text), "d80103", text);
		}
		assert.equal(management.ask("c307c1"), "d80103");
		assert.equal(meter.bench.sets, 0);
	});

	it("answers an APDU above server-max-receive-pdu-size with 1/4 (SEC-mem)", () => {
		meter = fakeMeter({ limits: { receivePduSize: 256 } });
		const one = client(16);
		assert.equal(one.send(new Uint8Array(257).fill(0x60)), "d80104");
		one.connect();
		assert.equal(one.send(new Uint8Array(257).fill(0xc0)), "d80104");
		assert.equal(one.send(new Uint8Array(256).fill(0xc0)), "d80103");
	});

	it("gives each refused item its own code, in the fixed order (SEC-order)", () => {
		const one = client(16).connect();
		assert.equal(one.get(1, "0000600101ff", 2), "c401c10104"); // not in this client's list
		assert.equal(one.get(1, "0000600201ff", 2), "c401c10104"); // not in the meter: the same
		assert.equal(one.get(9, "0000600101ff", 99), "c401c10104");
		assert.equal(one.get(3, clock, 2), "c401c10109"); // another class
		assert.equal(one.get(8, clock, 9), "c401c1010b"); // no such attribute
		assert.equal(one.get(8, clock, -1), "c401c1010b");
		assert.equal(one.get(15, "0000280000ff", 9), "c401c10103"); // no right
		assert.equal(one.get(15, "0000280000ff", 7), "c401c10103");
		const management = client(1).connect();
		assert.equal(management.ask("c101c100080000010000ff0200 10003c".replace(" ", "")), "c501c103"); // right, but no set
		assert.equal(management.ask("c101c100080000010000ff0400 10003c".replace(" ", "")), "c501c103"); // no right
		assert.equal(management.ask("c101c100080000010000ff0900 10003c".replace(" ", "")), "c501c10b");
		assert.equal(management.ask("c101c100080000010000ff0000 10003c".replace(" ", "")), "c501c10b");
		assert.equal(management.ask("c101c100080000010000ff0100 10003c".replace(" ", "")), "c501c103");
		assert.equal(management.ask("c101c100080000010000ff0300 12003c".replace(" ", "")), "c501c10c"); // type
		assert.equal(management.ask("c101c100080000010000ff0300 107fff".replace(" ", "")), "c501c1fa"); // value
		assert.equal(management.ask("c101c100080000010000ff03010100 10003c".replace(" ", "")), "c501c10d"); // selection
		assert.equal(management.ask("c301c100080000010000ff0300"), "c701c10b00"); // no such method
		assert.equal(management.ask("c301c10008000001000 1ff0600".replace(" ", "")), "c701c10400");
		assert.equal(management.ask("c301c1000f0000280000ff0300"), "c701c10300"); // no right
		assert.equal(management.ask("c301c100080000010000ff0601120000"), "c701c10c00"); // type
		assert.equal(management.ask("c301c100080000010000ff0600"), "c701c10c00"); // no parameter
		assert.equal(management.get(7, profile, 2).slice(0, 8), "c401c100");
		assert.equal(management.ask(`c001c10007${profile}020103 00`.replace(" ", "")), "c401c1010d"); // selector
		assert.equal(management.ask(`c001c10007${profile}02010211 00`.replace(" ", "")), "c401c1010c"); // its parameter
		assert.equal(management.ask(`c001c10008${clock}02010200`), "c401c1010d");
		assert.equal(meter.bench.sets, 0);
	});

	it("reads attribute 0 as the structure of what the client can read", () => {
		const management = client(1).connect();
		assert.equal(
			management.get(8, clock, 0),
			`c401c100020409 06${clock}090c07e8021d040c1e00ff80000010003c1100`.replace(" ", ""),
		);
		meter.bench.rows = 1;
		assert.equal(
			management.get(7, profile, 0),
			`c401c10002030906${profile}010102020600000000090400000000060000 0384`.replace(" ", ""),
		);
		const own = management.get(15, "0000280000ff", 0);
		assert.ok(own.startsWith("c402c100") || own.startsWith("c401c100020a"), own.slice(0, 20)); // all but the secret
	});

	it("answers a fault of the meter with hardware-fault, and a bug with other-reason, and goes on", () => {
		const management = client(1).connect();
		meter.bench.failing = "device";
		assert.equal(management.get(9999, echo, 2), "c401c10101");
		assert.equal(management.ask(`c101c1270f${echo}02001101`), "c501c101");
		meter.bench.failing = "bug";
		assert.equal(management.get(9999, echo, 2), "c401c101fa");
		assert.equal(management.ask(`c101c1270f${echo}02001101`), "c501c1fa");
		assert.deepEqual(
			new Set(meter.messages),
			new Set(["0-0:96.99.0.255: flash refused", "0-0:96.99.0.255: broken invariant"]),
		);
		meter.bench.failing = "nothing";
		assert.equal(management.get(9999, echo, 2), "c401c1001101");
	});

	it("makes energies durable before a GET response leaves (G5)", () => {
		const one = client(16).connect();
		one.get(8, clock, 3);
		assert.equal(meter.bench.beforeResponses, 1);
		one.get(8, clock, 9);
		one.ask(apdu.get("set-1")!);
		assert.equal(meter.bench.beforeResponses, 1);
		meter.bench.energyRefuses = true;
		assert.equal(one.get(8, clock, 3), "c401c10101");
		assert.equal(one.ask(apdu.get("get-7")!), "c403c10201040101");
	});

	it("echoes invoke-id and priority", () => {
		const one = client(16).connect();
		for (const invokeId of ["40", "4f", "c0", "cf", "71"]) {
			assert.equal(one.ask(`c001${invokeId}0008${clock}0300`), `c401${invokeId}0010003c`);
			assert.equal(one.ask(`c001${invokeId}0008${clock}0900`), `c401${invokeId}010b`);
		}
	});

	it("gives unconfirmed requests no response of any kind, not even on error", () => {
		const management = client(1).connect();
		assert.equal(management.ask(`c001810008${clock}0300`), "");
		assert.equal(management.ask(`c101810008${clock}0300100010`), "");
		assert.equal(meter.bench.timeZone, 16);
		assert.equal(management.ask(`c301810008${clock}0601100005`), "");
		assert.deepEqual(meter.bench.shifts, [5]);
		for (const text of [
			`c101810008${clock}0300`,
			"c10181",
			`c101810008${clock}0900100010`,
			`c301810008${clock}06`,
			"c10981",
			"c30981",
		]) {
			assert.equal(management.ask(text), "", text);
		}
		const one = client(16).connect();
		assert.equal(one.ask(`c101810008${clock}0300100010`), ""); // not even negotiated
	});

	it("refuses to answer longer than the buffer it is given", () => {
		const one = client(16);
		one.connect();
		one.responseSize = 20;
		meter.bench.rows = 50;
		assert.match(one.get(7, profile, 2), /^c402c1000000000100/);
		one.responseSize = 2;
		assert.equal(one.get(8, clock, 3), "");
	});

	it("keeps the object list of each client to what it may know (SEC-rights)", () => {
		const list = client(16).connect().get(15, "0000280000ff", 2);
		assert.ok(list.startsWith("c401c100010c"));
		assert.ok(!list.includes("0906 0000600101ff".replace(" ", "")));
		assert.ok(list.includes(`0204120008110009 06${clock}02020104`.replace(" ", "")));
		// profile: selector 2 of the buffer is published, its methods are there without right
		assert.ok(
			list.includes(
				`09 06${profile}0202010302030f01160100 02030f02160101010f02 02030f04160100 010202020f01160002020f021600`.replaceAll(
					" ",
					"",
				),
			),
		);
	});

	it("lists for management what another client sees", () => {
		const management = client(1).connect();
		const own = management.get(15, "0000280002ff", 2);
		assert.equal(own, client(16).connect().get(15, "0000280000ff", 2));
	});

	it("takes APDUs of any length up to its limit inside a larger buffer", () => {
		const management = client(1).connect();
		for (const length of [0, 1, 100, 127, 128, 255, 256, 500]) {
			const value = "77".repeat(length);
			const size = length < 128 ? length.toString(16).padStart(2, "0") : `82${u16(length)}`;
			assert.equal(management.ask(`c101c100010000600101ff020009${size}${value}`), "c501c100");
			assert.equal(hex(meter.bench.stored), value);
			assert.ok(management.get(1, "0000600101ff", 2).endsWith(value));
		}
		assert.equal(fromHex("").length, 0);
	});
});

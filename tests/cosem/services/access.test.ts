// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type FakeMeter, fakeMeter } from "../support/fake-application.js";
import { vectorCases } from "../support/hex.js";
import { TestClient } from "../support/test-client.js";

const clock = "00080000010000ff";
const stored = "00010000600101ff";
const echo = "270f0000606300ff";
const time = "090c07e8021d040c1e00ff800000";

/** ACCESS-request with confirmed service class: items `[specification, data]`. */
function request(items: readonly (readonly [string, string])[], flags = 0x40): string {
	const count = items.length.toString(16).padStart(2, "0");
	const head = `d9${flags.toString(16).padStart(2, "0")}00000700`;
	return `${head}${count}${items.map(([spec]) => spec).join("")}${count}${items.map(([, data]) => data).join("")}`;
}

describe("ACCESS service", () => {
	let meter: FakeMeter;
	let client: TestClient;

	/** The same client, which can take `pdu` octets and no general block transfer. */
	const withoutBlocks = (pdu: number): TestClient => {
		const short = new TestClient(meter.server, 1);
		short.form = "general";
		short.counter = client.counter;
		short.conformance = "407eff";
		short.pdu = pdu;
		return short.connect();
	};

	beforeEach(() => {
		meter = fakeMeter();
		client = new TestClient(meter.server, 1);
		client.form = "general";
		client.connect();
	});

	it("F163: serves the published GET and SET in one request, in their order", () => {
		const vector = vectorCases("dlms-apdu").find(({ id }) => id === "acc-1")!;
		assert.equal(client.ask(vector.hex), `da40000001000002${time}00020100${"0200"}`);
		assert.equal(meter.bench.timeZone, 60);
		assert.equal(meter.bench.sets, 1);
	});

	it("lets a GET see the SET before it, and takes actions with their return values", () => {
		const answer = client.ask(
			request([
				[`02${stored}02`, "09020102"],
				[`01${stored}02`, "00"],
				[`03${echo}01`, "090142"],
			]),
		);
		assert.equal(answer, "da400000070000030009020102090142" + "03020001000300");
	});

	it("answers an item without right or object by its own code, and goes on", () => {
		const answer = client.ask(
			request([
				["0100010000600199ff02", "00"],
				[`02${clock}04`, "1100"],
				[`01${clock}04`, "00"],
				[`03${clock}01`, "00"],
			]),
		);
		assert.equal(answer, "da400000070000040000110000" + "0401040203010003" + "0b");
	});

	it("serves nothing behind the first failure when told to break: other-reason", () => {
		const answer = client.ask(
			request(
				[
					[`02${stored}02`, "0901aa"],
					["0100010000600199ff02", "00"],
					[`02${stored}02`, "0901bb"],
				],
				0x60,
			),
		);
		assert.equal(answer, "da6000000700000300000003020001" + "0402fa");
		assert.equal(meter.bench.stored[0], 0xaa);
	});

	it("repeats the specification in a self-descriptive answer", () => {
		const answer = client.ask(request([[`01${clock}04`, "00"]], 0x50));
		assert.equal(answer, `da50000007000101${`01${clock}04`}011100010100`);
	});

	it("takes selectors: entries 2 to 3 of a profile, and refuses one for SET", () => {
		const entries = "0204060000000206000000031200011200 00".replace(" ", "");
		const answer = client.ask(
			request([
				[`0400070100630100ff0202${entries}`, "00"],
				[`05${stored}020100`, "0901ff"],
			]),
		);
		const rows = "01020202" + "06000000010905" + "0101010101" + "0202" + "06000000020906" + "020202020202";
		assert.equal(answer, `da40000007000002${rows}00020100020d`);
	});

	it("does an unconfirmed request without a word, errors included", () => {
		assert.equal(client.ask(request([[`02${stored}02`, "0901cc"]], 0)), "");
		assert.equal(meter.bench.stored[0], 0xcc);
		assert.equal(client.ask(request([["0100010000600199ff02", "00"]], 0)), "");
	});

	it("refuses what cannot be parsed before anything is served: 1/3", () => {
		const whole = request([[`02${stored}02`, "0901dd"]]);
		for (const bad of [
			whole.slice(0, -2),
			`${whole}00`,
			whole.replace("0102", "0106"),
			whole.replace("ff020109", "ff020209"),
		]) {
			assert.equal(client.ask(bad), "d80103", bad);
		}
		assert.equal(meter.bench.sets, 0);
	});

	it("is not there for a client without it in its conformance: 1/2 (technician)", () => {
		const technician = new TestClient(meter.server, 3, "optical");
		technician.form = "general";
		technician.connect();
		assert.equal(technician.ask(request([[`01${clock}04`, "00"]])), "d80102");
	});

	it("tells what was done where what was read has no room and no block transfer was agreed", () => {
		const short = withoutBlocks(200);
		const answer = short.ask(
			request([
				[`02${stored}02`, "0901ee"],
				[`01${echo}03`, "00"],
			]),
		);
		assert.equal(answer, "da4000000700000200000202000" + "1fa");
		assert.equal(meter.bench.stored[0], 0xee);
	});

	it("gives the array of a method, or other-reason where it has no room", () => {
		const rows = [`0300070100630100ff02`, "0f00"] as const;
		meter.bench.rows = 1;
		assert.equal(client.ask(request([rows])), `da4000000700000101010202060000000009040000000001${"0300"}`);
		const short = withoutBlocks(200);
		meter.bench.rows = 40;
		assert.equal(short.ask(request([[`02${stored}02`, "0901ee"], rows])), "da400000070000020000020200" + "03fa");
	});

	it("tells of each item by itself where the memory fails in one array", () => {
		meter.bench.rows = 3;
		meter.bench.readableRows = 1;
		const items = [
			["0100070100630100ff02", "00"],
			[`02${stored}02`, "0901ab"],
			[`01${clock}04`, "00"],
			["0300070100630100ff02", "0f00"],
			[`01${clock}09`, "00"],
		] as const;
		assert.equal(
			client.ask(request(items)),
			"da40000007000005 00 00 1100 00 00 05 0101 0200 0100 0301 010b".replaceAll(" ", ""),
		);
		// nothing of what is read counts when the registers cannot be stored; what was written does
		meter.bench.energyRefuses = true;
		meter.bench.readableRows = Infinity;
		assert.equal(
			client.ask(request(items)),
			"da40000007000005 00 00 00 00 00 05 0101 0200 0101 0301 010b".replaceAll(" ", ""),
		);
	});

	it("G3: does nothing where not even the results have room: 1/4", () => {
		const short = withoutBlocks(80);
		const items = Array.from({ length: 16 }, () => [`02${stored}02`, "0901ee"] as const);
		assert.equal(short.ask(request(items)), "d80104");
		assert.equal(meter.bench.sets, 0);
	});
});

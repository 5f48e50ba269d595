// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { encodeRow, type FakeMeter, fakeMeter } from "../support/fake-application.js";
import { fromHex, hex } from "../support/hex.js";
import { byte, type Form, TestClient, tlv, u16, u32 } from "../support/test-client.js";

const profile = "0100630100ff";
const clock = "0000010000ff";
const stored = "0000600101ff";
const echo = "0000606300ff";
const u8hex = (text: string, at: number): number => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);

/** What the profile's buffer is on the wire, from the same rows written into one large buffer. */
function bufferOf(rows: number, modulus: number): string {
	const w = new Writer(100_000);
	w.u8(1);
	if (rows < 128) w.u8(rows);
	else {
		w.u8(0x82);
		w.u16(rows);
	}
	for (let n = 0; n < rows; n++) encodeRow(w, n, modulus);
	return hex(w.bytes.subarray(0, w.position));
}

const next = (block: number): string => `c002c1${hex(u32(block))}`;

interface Transfer {
	readonly data: string;
	readonly blocks: number;
	/** Longest APDU on the link, octets. */
	readonly longest: number;
}

/** Follows a GET through all its blocks; checks numbers and flags. */
function fetchAll(client: TestClient, request: string, onBlock?: (block: number) => void): Transfer {
	let longest = 0;
	const ask = (plain: string): string => {
		if (client.sap === 16) {
			const answer = client.send(plain);
			longest = Math.max(longest, answer.length / 2);
			return answer;
		}
		const answer = client.send(client.protect(plain));
		longest = Math.max(longest, answer.length / 2);
		return client.unprotect(answer).plain;
	};
	let answer = ask(request);
	if (!answer.startsWith("c402")) return { data: answer, blocks: 0, longest };
	let data = "";
	for (let block = 1; ; block++) {
		assert.equal(answer.slice(0, 6), "c402c1");
		assert.equal(answer.slice(8, 18), `${hex(u32(block))}00`);
		let at = 9;
		let length = u8hex(answer, at++);
		if (length > 127) {
			const size = length & 0x7f;
			length = Number.parseInt(answer.slice(2 * at, 2 * (at + size)), 16);
			at += size;
		}
		assert.equal(answer.length / 2 - at, length);
		assert.ok(length > 0, "an empty block");
		data += answer.slice(2 * at);
		onBlock?.(block);
		if (u8hex(answer, 3) === 1) return { data, blocks: block, longest };
		answer = ask(next(block));
	}
}

describe("block transfer", () => {
	let meter: FakeMeter;

	beforeEach(() => {
		meter = fakeMeter();
	});

	function connect(sap: number, pdu: number, form: Form = "global"): TestClient {
		const client = new TestClient(meter.server, sap);
		client.pdu = pdu;
		client.form = form;
		if (form.toLowerCase().includes("dedicated")) client.dedicatedKey = new Uint8Array(16).fill(0x44);
		return client.connect();
	}

	it("gives the same profile with every PDU size from 12 octets on, never above it", () => {
		meter.bench.rows = 40;
		const expected = bufferOf(40, 7);
		const total = expected.length / 2;
		for (let pdu = 12; pdu < total + 20; pdu += pdu < 300 ? 1 : 37) {
			const client = connect(16, pdu);
			const { data, blocks, longest } = fetchAll(client, `c001c10007${profile}0200`);
			assert.ok(longest <= pdu, `${longest} > ${pdu}`);
			if (total + 4 <= pdu) assert.equal(data, `c401c100${expected}`);
			else {
				assert.equal(data, expected, String(pdu));
				// 9 octets of head and 1 to 3 of length in each block, none of them wasted
				let raw = pdu - 10;
				while (raw + (raw < 128 ? 1 : raw < 256 ? 2 : 3) > pdu - 9) raw--;
				assert.equal(blocks, Math.ceil(total / raw), String(pdu));
			}
			meter.server.close(client.link);
		}
	});

	it("uses one APDU up to its last octet", () => {
		meter.bench.rows = 4;
		const total = bufferOf(4, 7).length / 2;
		assert.equal(fetchAll(connect(16, total + 4), `c001c10007${profile}0200`).blocks, 0);
		assert.equal(fetchAll(connect(16, total + 3), `c001c10007${profile}0200`).blocks, 2);
	});

	it("does the same under every form of ciphering", () => {
		meter.bench.rows = 40;
		const expected = bufferOf(40, 7);
		let counter = 1;
		for (const form of ["global", "dedicated", "general", "generalDedicated"] as const) {
			for (const pdu of [64, 65, 100, 127, 128, 129, 130, 200, 255, 256, 257, 258, 259, 300, 500]) {
				const client = new TestClient(meter.server, 1);
				client.pdu = pdu;
				client.form = form;
				client.counter = counter;
				if (form.toLowerCase().includes("dedicated")) client.dedicatedKey = new Uint8Array(16).fill(0x44);
				client.connect();
				const { data, longest } = fetchAll(client, `c001c10007${profile}0200`);
				assert.equal(data, expected, `${form} ${pdu}`);
				assert.ok(longest <= pdu && longest >= pdu - 2, `${form}: ${longest} of ${pdu}`);
				counter = client.counter;
				meter.server.close(client.link);
			}
		}
	});

	it("freezes content at the first block", () => {
		meter.bench.rows = 30;
		meter.bench.rowModulus = 5;
		const expected = bufferOf(30, 5);
		const { data } = fetchAll(connect(16, 50), `c001c10007${profile}0200`, () => {
			meter.bench.rows++;
			meter.bench.rowModulus = 6;
		});
		assert.equal(data, expected);
		const client = new TestClient(meter.server, 1);
		client.pdu = 60;
		client.connect();
		meter.bench.stored = new Uint8Array(200).fill(1);
		const value = fetchAll(client, `c001c10001${stored}0200`, () => meter.bench.stored.fill(2));
		assert.equal(value.data, `0981c8${"01".repeat(200)}`);
	});

	it("streams three thousand rows without holding them", () => {
		meter.bench.rows = 3000;
		assert.equal(fetchAll(connect(16, 1024), `c001c10007${profile}0200`).data, bufferOf(3000, 7));
	});

	it("gives a value larger than the scratch, up to the limit", () => {
		const client = connect(1, 500);
		assert.equal(fetchAll(client, `c001c1270f${echo}0300`).data, `09820bb8${"5a".repeat(3000)}`);
		meter = fakeMeter({ limits: { longTransfer: 2048 } });
		const small = connect(1, 500);
		assert.equal(small.get(9999, echo, 3), "c401c101fa");
		assert.equal(small.get(8, clock, 3), "c401c10010003c");
	});

	it("gives a long list in blocks, errors and long arrays in their places", () => {
		meter.bench.rows = 20;
		const client = connect(1, 100);
		const items = [
			`0008${clock}0300`,
			`0007${profile}0200`,
			`0008${clock}0900`,
			`0007${profile}0201 02020406 00000002 06 00000003 120001 120000`.replaceAll(" ", ""),
			`0001${stored}0200`,
		];
		const { data } = fetchAll(client, `c003c105${items.join("")}`);
		const two = new Writer(100);
		two.u8(1);
		two.u8(2);
		encodeRow(two, 1, 7);
		encodeRow(two, 2, 7);
		const rows = hex(two.bytes.subarray(0, two.position));
		assert.equal(data, `050010003c00${bufferOf(20, 7)}010b00${rows}00090831 31313131313131`.replaceAll(" ", ""));
	});

	it("gives 16 or 64 items of a list and refuses more with 1/3 (SEC-mem)", () => {
		const item = `0008${clock}0400`;
		for (const limit of [16, 64]) {
			meter = fakeMeter({ limits: { listItems: limit } });
			const client = connect(16, 0);
			assert.equal(
				client.ask(`c003c1${byte(limit)}${item.repeat(limit)}`),
				`c403c1${byte(limit)}${"001100".repeat(limit)}`,
			);
			assert.equal(client.ask(`c003c1${byte(limit + 1)}${item.repeat(limit + 1)}`), "d80103");
		}
	});

	it("F163: gives a block again when its request is repeated, and goes on from there", () => {
		meter.bench.rows = 60;
		const client = new TestClient(meter.server, 1);
		client.pdu = 100;
		client.connect();
		const whole = fetchAll(client, `c001c10007${profile}0200`);
		let repetitions = 0;
		const again = fetchAll(client, `c001c10007${profile}0200`, (block) => {
			if (block < 2 || block === whole.blocks) return;
			const first = client.ask(next(block - 1));
			assert.equal(client.ask(next(block - 1)), first);
			assert.equal(first.slice(8, 16), hex(u32(block)));
			repetitions++;
		});
		assert.equal(again.data, bufferOf(60, 7));
		assert.equal(again.blocks, whole.blocks);
		assert.ok(repetitions > 5);
		client.ask(`c001c10007${profile}0200`);
		client.ask(next(1));
		client.ask(next(2));
		assert.equal(client.ask(next(1)), "c402c101000000010113", "two blocks back is too far");
	});

	it("answers next without a transfer with 16, a wrong block number with 19, and aborts", () => {
		meter.bench.rows = 30;
		const client = connect(16, 50);
		assert.equal(client.ask(next(1)), "c402c101000000010110");
		for (const wrong of [0, 2, 0xffffffff]) {
			assert.match(client.ask(`c001c10007${profile}0200`), /^c402c10000000001/);
			assert.equal(client.ask(next(wrong)), `c402c101${hex(u32(wrong))}0113`);
			assert.equal(client.ask(next(1)), "c402c101000000010110");
		}
	});

	it("ends a transfer with the next request, a release, and after 120 s", () => {
		meter.bench.rows = 30;
		const client = connect(16, 50);
		const begin = (): void => void assert.match(client.ask(`c001c10007${profile}0200`), /^c402c10000000001/);
		begin();
		assert.equal(client.get(8, clock, 3), "c401c10010003c");
		assert.match(client.ask(next(1)), /0110$/);
		begin();
		meter.bench.now_ms += 119_999;
		assert.match(client.ask(next(1)), /^c402c10000000002/);
		assert.equal(meter.server.nextDeadline_ms, meter.bench.now_ms + 120_000);
		meter.bench.now_ms += 120_000;
		meter.server.advance(meter.bench.now_ms);
		assert.equal(meter.server.nextDeadline_ms, Infinity);
		assert.match(client.ask(next(2)), /0110$/);
		begin();
		client.send("6203800100");
		client.connect();
		assert.match(client.ask(next(1)), /0110$/);
	});

	it("serves transfers of several clients in turn", () => {
		meter.bench.rows = 25;
		const expected = bufferOf(25, 7);
		const clients = [connect(16, 30), connect(16, 47), connect(16, 100)];
		const parts = clients.map(() => "");
		const answers = clients.map((client) => client.ask(`c001c10007${profile}0200`));
		for (let block = 1; answers.some((answer) => answer !== ""); block++) {
			clients.forEach((client, n) => {
				const answer = answers[n]!;
				if (answer === "") return;
				parts[n] += answer.slice(20);
				answers[n] = u8hex(answer, 3) === 1 ? "" : client.ask(next(block));
			});
		}
		assert.deepEqual(parts, [expected, expected, expected]);
	});

	it("ends a GET whose energies cannot be made durable with hardware-fault", () => {
		meter.bench.rows = 30;
		const client = connect(16, 50);
		client.ask(`c001c10007${profile}0200`);
		meter.bench.energyRefuses = true;
		assert.equal(client.ask(next(1)), "c402c101000000020101");
		assert.match(client.ask(next(2)), /0110$/);
	});

	it("tells of each item of a list by itself where the memory fails in one array", () => {
		meter.bench.rows = 9;
		meter.bench.readableRows = 4;
		const client = connect(16, 500);
		const list = `c003c1040007${profile}020000080000010000ff03000007${profile}020000080000010000ff0900`;
		assert.equal(client.ask(list), "c403c104010100100 03c0101010b".replaceAll(" ", ""));
		meter.bench.readableRows = Infinity;
		assert.equal(client.ask(list), `c403c10400${bufferOf(9, 7)}0010003c00${bufferOf(9, 7)}010b`);
	});

	it("answers other-reason to each item that has no room when the client cannot take blocks", () => {
		const client = new TestClient(meter.server, 16);
		client.conformance = "000210";
		client.pdu = 50;
		client.connect();
		meter.bench.rows = 30;
		const list = `c003c1020007${profile}020000080000010000ff0900`;
		assert.equal(client.ask(list), "c403c10201fa010b");
	});

	it("answers other-reason when the client cannot take blocks", () => {
		const client = new TestClient(meter.server, 16);
		client.conformance = "000010";
		client.pdu = 50;
		client.connect();
		meter.bench.rows = 30;
		assert.equal(client.get(7, profile, 2), "c401c101fa");
	});
});

describe("long SET", () => {
	let meter: FakeMeter;
	let client: TestClient;

	beforeEach(() => {
		meter = fakeMeter();
		client = new TestClient(meter.server, 1).connect();
	});

	const value = `098200c8${"6b".repeat(200)}`;
	const descriptor = `0001${stored}0200`;
	const block = (isLast: boolean, number: number, raw: string): string =>
		`${isLast ? "01" : "00"}${hex(u32(number))}${byte(raw.length / 2)}${raw}`;

	it("applies the value when the last block is there, and not before", () => {
		for (const size of [1, 7, 50, 127]) {
			meter.bench.stored = new Uint8Array(0);
			const parts: string[] = [];
			for (let at = 0; at < value.length; at += 2 * size) parts.push(value.slice(at, at + 2 * size));
			parts.forEach((raw, n) => {
				const isLast = n === parts.length - 1;
				const head = n === 0 ? `c102c1${descriptor}` : "c103c1";
				const answer = client.ask(head + block(isLast, n + 1, raw));
				assert.equal(answer, isLast ? `c503c100${hex(u32(n + 1))}` : `c502c1${hex(u32(n + 1))}`);
				if (!isLast) assert.equal(meter.bench.stored.length, 0);
			});
			assert.equal(hex(meter.bench.stored), "6b".repeat(200));
		}
	});

	it("takes a single block", () => {
		assert.equal(client.ask(`c102c1${descriptor}${block(true, 1, "09020506")}`), "c503c10000000001");
		assert.equal(hex(meter.bench.stored), "0506");
	});

	it("applies a list in blocks", () => {
		const list = `020001${stored}02000008${clock}0300`;
		const data = "02 0903010203 100011".replaceAll(" ", "");
		assert.equal(client.ask(`c105c1${list}${block(false, 1, data.slice(0, 8))}`), "c502c100000001");
		assert.equal(client.ask(`c103c1${block(true, 2, data.slice(8))}`), "c504c102000000000002");
		assert.equal(hex(meter.bench.stored), "010203");
		assert.equal(meter.bench.timeZone, 17);
	});

	it("applies a list in one APDU, each item with its own result", () => {
		const list = `030001${stored}02000008${clock}09000008${clock}0300`;
		assert.equal(client.ask(`c104c1${list}03 0901aa 1100 100012`.replaceAll(" ", "")), "c505c103000b00");
		assert.equal(hex(meter.bench.stored), "aa");
		assert.equal(meter.bench.timeZone, 18);
		assert.equal(client.ask(`c104c1${list}02 0901bb 1100`.replaceAll(" ", "")), "d80103");
		assert.equal(hex(meter.bench.stored), "aa");
	});

	it("refuses a wrong block number with 19, a block out of the blue with 18, too much with 17", () => {
		assert.equal(client.ask(`c103c1${block(false, 1, "00")}`), "c503c11200000001");
		client.ask(`c102c1${descriptor}${block(false, 1, "0902")}`);
		assert.equal(client.ask(`c103c1${block(true, 3, "0506")}`), "c503c11300000003");
		assert.equal(client.ask(`c103c1${block(true, 2, "0506")}`), "c503c11200000002");
		assert.equal(client.ask(`c102c1${descriptor}${block(false, 2, "0902")}`), "c503c11300000002");
		meter = fakeMeter({ limits: { longTransfer: 64 } });
		client = new TestClient(meter.server, 1).connect();
		assert.equal(client.ask(`c102c1${descriptor}${block(false, 1, "00".repeat(50))}`), "c502c100000001");
		assert.equal(client.ask(`c103c1${block(false, 2, "00".repeat(20))}`), "c503c11100000002");
		assert.equal(client.ask(`c103c1${block(false, 3, "00")}`), "c503c11200000003");
		assert.equal(client.ask(`c102c1${descriptor}${block(false, 1, "00".repeat(70))}`), "c503c11100000001");
	});

	it("is dropped by another request and after 120 s", () => {
		client.ask(`c102c1${descriptor}${block(false, 1, "0902")}`);
		client.get(8, clock, 3);
		assert.equal(client.ask(`c103c1${block(true, 2, "0506")}`), "c503c11200000002");
		client.ask(`c102c1${descriptor}${block(false, 1, "0902")}`);
		meter.bench.now_ms += 120_000;
		assert.equal(client.ask(`c103c1${block(true, 2, "0506")}`), "c503c11200000002");
	});

	it("answers 1/3 to a value that is incomplete after the last block, and applies nothing", () => {
		client.ask(`c102c1${descriptor}${block(false, 1, "0905")}`);
		assert.equal(client.ask(`c103c1${block(true, 2, "0506")}`), "d80103");
		assert.equal(meter.bench.sets, 0);
		assert.equal(client.ask(`c103c1${block(true, 3, "050607")}`), "c503c11200000003");
	});

	it("does not apply a list whose results would not fit the client", () => {
		client = new TestClient(meter.server, 1);
		client.counter = 100;
		client.pdu = 45;
		client.connect();
		const count = 30;
		const answer = client.ask(
			`c104c1${byte(count)}${`0008${clock}0300`.repeat(count)}${byte(count)}${"100011".repeat(count)}`,
		);
		assert.equal(answer, "d80104");
		assert.equal(meter.bench.sets, 0);
	});
});

describe("ACTION in blocks", () => {
	let meter: FakeMeter;

	beforeEach(() => {
		meter = fakeMeter();
	});

	const method = `270f${echo}01`;
	const block = (isLast: boolean, number: number, raw: string): string =>
		`${isLast ? "01" : "00"}${hex(u32(number))}${byte(raw.length / 2)}${raw}`;

	it("takes the parameter and gives the return value in blocks", () => {
		const text = "7c".repeat(300);
		const parameter = `0982${u16(300)}${text}`;
		for (const pdu of [50, 77, 128, 1000]) {
			const client = new TestClient(meter.server, 1);
			client.counter = pdu * 100;
			client.pdu = pdu;
			client.connect();
			const parts = [0, 1, 2].map((n) => parameter.slice(n * 240, (n + 1) * 240));
			parts.push(parameter.slice(720));
			assert.equal(client.ask(`c304c1${method}${block(false, 1, parts[0]!)}`), "c704c100000001");
			assert.equal(client.ask(`c306c1${block(false, 2, parts[1]!)}`), "c704c100000002");
			let answer = client.ask(`c306c1${block(true, 3, parts[2]! + parts[3]!)}`);
			if (pdu === 1000) {
				assert.equal(answer, `c701c1000100${parameter}`);
				continue;
			}
			let data = "";
			for (let n = 1; ; n++) {
				assert.equal(answer.slice(0, 6), "c702c1");
				assert.equal(answer.slice(8, 16), hex(u32(n)));
				assert.equal(u8hex(answer, 8), answer.length / 2 - 9);
				data += answer.slice(18);
				if (u8hex(answer, 3) === 1) break;
				answer = client.ask(`c302c1${hex(u32(n))}`);
			}
			assert.equal(data, `000100${parameter}`);
		}
	});

	it("serves a list in one APDU and in blocks", () => {
		const client = new TestClient(meter.server, 1).connect();
		const list = `030008${clock}06${method}0008${clock}09`;
		const values = "03 100007 090142 00".replaceAll(" ", "");
		const expected = "03 0000 000100090142 0b00".replaceAll(" ", "");
		assert.equal(client.ask(`c303c1${list}${values}`), `c703c1${expected}`);
		assert.equal(client.ask(`c305c1${list}${block(false, 1, values.slice(0, 6))}`), "c704c100000001");
		assert.equal(client.ask(`c306c1${block(true, 2, values.slice(6))}`), `c703c1${expected}`);
		assert.deepEqual(meter.bench.shifts, [7, 7]);
	});

	/** Follows the answer to an ACTION through its blocks. */
	function follow(client: TestClient, request: string, onBlock?: (block: number) => void): { data: string; n: number } {
		let answer = client.ask(request);
		let data = "";
		for (let n = 1; ; n++) {
			assert.equal(answer.slice(0, 6), "c702c1");
			assert.equal(answer.slice(8, 16), hex(u32(n)));
			const head = u8hex(answer, 8) > 127 ? 20 : 18;
			data += answer.slice(head);
			onBlock?.(n);
			if (u8hex(answer, 3) === 1) return { data, n };
			answer = client.ask(`c302c1${hex(u32(n))}`);
		}
	}
	const rowsMethod = `0007${profile}02`;

	it("F163: gives a long array that a method returns element by element, as it was at the first block", () => {
		meter.bench.rows = 4;
		const client = new TestClient(meter.server, 1);
		client.pdu = 100;
		client.connect();
		assert.equal(client.ask(`c301c1${rowsMethod}010f01`), "c701c1fa00");
		assert.equal(client.ask(`c301c1${rowsMethod}01110000`.slice(0, -2)), "c701c10c00");
		meter.bench.rows = 40;
		const expected = bufferOf(40, 7);
		const { data, n } = follow(client, `c301c1${rowsMethod}010f00`, () => meter.bench.rows++);
		assert.equal(data, `000100${expected}`);
		assert.ok(n > 5);
		meter.bench.rows = 3;
		assert.equal(client.ask(`c301c1${rowsMethod}010f00`), `c701c1000100${bufferOf(3, 7)}`);
	});

	it("F163: gives a block of an array again when its request is repeated, and one two back no more", () => {
		meter.bench.rows = 40;
		const client = new TestClient(meter.server, 1);
		client.pdu = 100;
		client.connect();
		let repetitions = 0;
		const { data } = follow(client, `c301c1${rowsMethod}010f00`, (n) => {
			if (n < 2 || n > 6) return;
			const again = client.ask(`c302c1${hex(u32(n - 1))}`);
			assert.equal(again.slice(8, 16), hex(u32(n)));
			assert.equal(client.ask(`c302c1${hex(u32(n - 1))}`), again);
			repetitions++;
		});
		assert.equal(data, `000100${bufferOf(40, 7)}`);
		assert.equal(repetitions, 5);
		client.ask(`c301c1${rowsMethod}010f00`);
		client.ask("c302c100000001");
		client.ask("c302c100000002");
		assert.equal(client.ask("c302c100000001"), "c701c11300");
		assert.equal(client.ask("c302c100000001"), "c701c11000");
	});

	it("gives arrays and other results of a list in their places", () => {
		meter.bench.rows = 20;
		const client = new TestClient(meter.server, 1);
		client.pdu = 100;
		client.connect();
		const { data } = follow(
			client,
			`c303c103${rowsMethod}${method}${rowsMethod}03 0f00 090142 0f00`.replaceAll(" ", ""),
		);
		assert.equal(data, `03000100${bufferOf(20, 7)}000100090142000100${bufferOf(20, 7)}`);
	});

	it("makes durable what an array tells, and says hardware-fault where it cannot be read to its end", () => {
		const client = new TestClient(meter.server, 1);
		client.pdu = 100;
		client.connect();
		client.ask(`c301c1${method}01090142`);
		assert.equal(meter.bench.beforeResponses, 0);
		client.ask(`c301c1${rowsMethod}010f00`);
		assert.equal(meter.bench.beforeResponses, 1);
		meter.bench.readableRows = 2;
		assert.equal(client.ask(`c301c1${rowsMethod}010f00`), "c701c10100");
		meter.bench.rows = 40;
		meter.bench.readableRows = 20;
		assert.match(client.ask(`c301c1${rowsMethod}010f00`), /^c702c10000000001/);
		let answer = "";
		for (let n = 1; n < 10 && !answer.startsWith("c701"); n++) answer = client.ask(`c302c1${hex(u32(n))}`);
		assert.equal(answer, "c701c10100");
		assert.equal(client.ask("c302c100000009"), "c701c11000");
		meter.bench.readableRows = Infinity;
		meter.bench.rows = 5;
		meter.bench.energyRefuses = true;
		assert.equal(client.ask(`c301c1${rowsMethod}010f00`), "c701c10100");
		assert.equal(client.ask(`c301c1${method}01090142`), "c701c1000100090142");
	});

	it("G3: tells of each item of a list by itself where the memory fails in one array", () => {
		const client = new TestClient(meter.server, 1).connect();
		meter.bench.rows = 5;
		meter.bench.readableRows = 3;
		const list = `04${rowsMethod}${method}${rowsMethod}0008${clock}06`;
		const values = "04 0f00 090142 0f01 100007".replaceAll(" ", "");
		const expected = "04 0100 000100090142 fa00 0000".replaceAll(" ", "");
		assert.equal(client.ask(`c303c1${list}${values}`), `c703c1${expected}`);
		assert.deepEqual(meter.bench.shifts, [7]);
		// the registers can not be stored: arrays do not count, what was done does
		meter.bench.readableRows = Infinity;
		meter.bench.energyRefuses = true;
		assert.equal(client.ask(`c303c1${list}${values}`), `c703c1${expected}`);
		meter.bench.energyRefuses = false;
		assert.equal(client.ask(`c303c1${list}${values}`), `c703c104000100${bufferOf(5, 7)}${expected.slice(6)}`);
	});

	it("G3: tells what a method has done to a client that can not be given what it returns", () => {
		const client = new TestClient(meter.server, 1);
		client.conformance = "000219"; // GET, SET, ACTION, multiple references; no blocks
		client.pdu = 60;
		client.connect();
		const long = tlv("09", "42".repeat(60));
		assert.equal(client.ask(`c301c1${method}01${long}`), "c701c1000101fa");
		meter.bench.rows = 40;
		assert.equal(client.ask(`c301c1${rowsMethod}010f00`), "c701c1fa00");
		assert.equal(
			client.ask(`c303c103${method}${rowsMethod}0008${clock}0603${long}0f00100007`),
			"c703c103000101fafa000000",
		);
		assert.deepEqual(meter.bench.shifts, [7]);
		// no room for the results: nothing is done
		const shift = `0008${clock}06`;
		assert.equal(client.ask(`c303c110${shift.repeat(16)}10${"100001".repeat(16)}`), "d80104");
		assert.deepEqual(meter.bench.shifts, [7]);
	});

	it("refuses wrong numbers and blocks out of the blue", () => {
		const client = new TestClient(meter.server, 1).connect();
		assert.equal(client.ask(`c306c1${block(false, 1, "00")}`), "c701c11000");
		assert.equal(client.ask("c302c100000001"), "c701c11000");
		client.ask(`c304c1${method}${block(false, 1, "0902")}`);
		assert.equal(client.ask(`c306c1${block(true, 3, "0102")}`), "c701c11300");
		client.ask(`c102c10001${stored}0200${block(false, 1, "0902")}`);
		assert.equal(client.ask(`c306c1${block(true, 2, "0102")}`), "c701c11000"); // a SET is under way, not an ACTION
		meter = fakeMeter({ limits: { longTransfer: 64 } });
		const small = new TestClient(meter.server, 1).connect();
		small.ask(`c304c1${method}${block(false, 1, "00".repeat(50))}`);
		assert.equal(small.ask(`c306c1${block(false, 2, "00".repeat(50))}`), "c701c10f00");
		assert.equal(fromHex("00").length, 1);
	});
});

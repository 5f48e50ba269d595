// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { encodeRow, type FakeMeter, fakeMeter } from "../support/fake-application.js";
import { fromHex, hex, vectorCases } from "../support/hex.js";
import { TestClient, tlv, u16 } from "../support/test-client.js";

interface Block {
	readonly isLast: boolean;
	readonly isStreaming: boolean;
	readonly window: number;
	readonly number: number;
	readonly acknowledged: number;
	readonly data: string;
}

function block(control: number, number: number, acknowledged: number, data: string): string {
	return `e0${control.toString(16).padStart(2, "0")}${u16(number)}${u16(acknowledged)}${tlv("", data)}`;
}

function parse(apdu: string): Block {
	assert.equal(apdu.slice(0, 2), "e0", apdu);
	const bytes = fromHex(apdu);
	const v = new DataView(bytes.buffer, bytes.byteOffset);
	let at = 6;
	let length = bytes[at++]!;
	if (length > 127) {
		const size = length & 0x7f;
		length = Number.parseInt(apdu.slice(2 * at, 2 * (at + size)), 16);
		at += size;
	}
	assert.equal(bytes.length - at, length);
	const control = bytes[1]!;
	return {
		isLast: (control & 0x80) !== 0,
		isStreaming: (control & 0x40) !== 0,
		window: control & 0x3f,
		number: v.getUint16(2),
		acknowledged: v.getUint16(4),
		data: hex(bytes.subarray(at)),
	};
}

describe("general block transfer", () => {
	let meter: FakeMeter;
	const getClock = "c001c100080000010000ff0400";
	const getLong = "c001c1270f0000606300ff0300";
	const long = `c401c10009820bb8${"5a".repeat(3000)}`;

	beforeEach(() => {
		meter = fakeMeter();
	});

	function connect(pdu = 512, sap = 1): TestClient {
		const client = new TestClient(meter.server, sap);
		client.form = "general";
		client.pdu = pdu;
		return client.connect();
	}

	/** The answer to `apdu` and all that follows it without another word of the client. */
	function exchange(client: TestClient, apdu: string): Block[] {
		const first = client.send(apdu);
		if (first === "") return [];
		assert.ok(first.length / 2 <= client.pdu);
		const blocks = [parse(first)];
		const response = new Writer(new Uint8Array(client.responseSize));
		while (meter.server.handleMore(client.link, client.sap, client.serverSap, response)) {
			assert.ok(response.position <= client.pdu);
			blocks.push(parse(hex(response.bytes.subarray(0, response.position))));
		}
		return blocks;
	}

	/** Takes a whole answer with this window; `lose` says which blocks do not get through, each once. */
	function fetchAll(client: TestClient, request: string, window: number, lose: readonly number[] = []): string {
		const lost = new Set(lose);
		let own = 1;
		let received = 0;
		let data = "";
		let blocks = exchange(client, block(0x80 | window, own, 0, hex(client.protect(request))));
		for (let turn = 0; turn < 500; turn++) {
			assert.ok(blocks.length > 0 && blocks.length <= window, `${blocks.length} blocks at once`);
			for (const [n, one] of blocks.entries()) {
				assert.equal(one.isStreaming, n < blocks.length - 1 && !one.isLast);
				if (lost.delete(one.number) || one.number !== received + 1) continue;
				received = one.number;
				data += one.data;
				if (one.isLast) {
					assert.deepEqual(exchange(client, block(0x80 | window, ++own, received, "")), []);
					return client.unprotect(data).plain;
				}
			}
			blocks = exchange(client, block(window, ++own, received, ""));
		}
		throw new Error("no end");
	}

	it("reads the published block", () => {
		const vector = vectorCases("dlms-apdu").find(({ id }) => id === "gbt-1") as unknown as Record<string, unknown>;
		const { isLast, isStreaming, window, number, acknowledged } = parse(vector.hex as string);
		assert.deepEqual(
			[isLast, isStreaming, window, number, acknowledged],
			[vector.last, vector.streaming, vector.window, vector.block, vector.ack],
		);
	});

	it("F163: answers in one block what came in one", () => {
		const client = connect();
		const [answer, ...more] = exchange(client, block(0x81, 1, 0, hex(client.protect(getClock))));
		assert.deepEqual(more, []);
		assert.equal(answer!.isLast, true);
		assert.equal(answer!.number, 1);
		assert.equal(answer!.acknowledged, 1);
		assert.equal(client.unprotect(answer!.data).plain, "c401c1001100");
	});

	for (const window of [1, 3, 63]) {
		it(`gives a long answer, protected as one, in windows of ${window}`, () => {
			assert.equal(fetchAll(connect(), getLong, window), long);
		});

		it(`goes on behind the gap when blocks of a window of ${window} are lost`, () => {
			assert.equal(fetchAll(connect(200), getLong, window, [1, 4, 7, 8, 16]), long);
		});
	}

	it("F163: acknowledges each block of the client, also those that only acknowledge", () => {
		const client = connect(200);
		let blocks = exchange(client, block(0x83, 1, 0, hex(client.protect(getLong))));
		for (let own = 1; !blocks.at(-1)!.isLast; own++) {
			for (const one of blocks) assert.equal(one.acknowledged, own);
			blocks = exchange(client, block(0x83, own + 1, blocks.at(-1)!.number, ""));
		}
		// a client that has sent no block yet counts from 1 as well
		const [first] = exchange(client, hex(client.protect("d9400000090001" + "01270f0000606300ff03" + "0100")));
		assert.deepEqual([first!.number, first!.acknowledged], [1, 0]);
		const [second] = exchange(client, block(0x81, 1, 1, ""));
		assert.deepEqual([second!.number, second!.acknowledged], [2, 1]);
	});

	it("F163: gives a long array that a method returns, protected as one", () => {
		meter.bench.rows = 60;
		const w = new Writer(2000);
		w.u8(1);
		w.u8(60);
		for (let n = 0; n < 60; n++) encodeRow(w, n, 7);
		const rows = hex(w.bytes.subarray(0, w.position));
		assert.equal(fetchAll(connect(200), "c301c100070100630100ff02010f00", 5, [2]), `c701c1000100${rows}`);
	});

	it("works in a service-specific and in a plain association alike", () => {
		const client = new TestClient(meter.server, 1);
		client.pdu = 300;
		client.connect();
		assert.equal(fetchAll(client, getLong, 5), long);
	});

	it("takes a long request, acknowledges each window, and keeps nothing beyond a gap", () => {
		const client = connect();
		const value = "42".repeat(400);
		const apdu = hex(client.protect(`c101c100010000600101ff0200${tlv("09", value)}`));
		const pieces = apdu.match(/.{1,200}/g)!;
		assert.equal(pieces.length, 5);
		const send = (n: number, control: number): Block[] => exchange(client, block(control, n, 0, pieces[n - 1]!));
		assert.deepEqual(send(1, 0x43), []);
		// block 2 is lost
		const [gap] = send(3, 0x03);
		assert.deepEqual([gap!.acknowledged, gap!.number, gap!.data, gap!.isLast], [1, 1, "", false]);
		assert.deepEqual(send(2, 0x43), []);
		assert.deepEqual(send(3, 0x43), []);
		const [full] = send(4, 0x03);
		assert.deepEqual([full!.acknowledged, full!.number], [4, 2]);
		assert.equal(meter.bench.sets, 0);
		const [answer] = send(5, 0x83);
		assert.deepEqual([answer!.acknowledged, answer!.number, answer!.isLast], [5, 3, true]);
		assert.equal(client.unprotect(answer!.data).plain, "c501c100");
		assert.equal(hex(meter.bench.stored), value);
	});

	it("gives lost acknowledgements their number again, and a lost answer to the last block of a request, which is done once", () => {
		const client = connect(200);
		const apdu = hex(client.protect("c301c100080000010000ff0601100001"));
		const [first, second] = [apdu.slice(0, 60), apdu.slice(60)];
		for (let n = 0; n < 3; n++) {
			const [answer] = exchange(client, block(0x01, 1, 0, first));
			assert.deepEqual([answer!.number, answer!.acknowledged, answer!.data], [1, 1, ""]);
		}
		for (let n = 0; n < 3; n++) {
			const [answer] = exchange(client, block(0x81, 2, 1, second));
			assert.deepEqual([answer!.number, answer!.acknowledged, answer!.isLast], [2, 2, true]);
			if (n === 2) assert.equal(client.unprotect(answer!.data).plain, "c701c10000");
		}
		assert.deepEqual(meter.bench.shifts, [1]);
		assert.deepEqual(exchange(client, block(0x81, 3, 2, "")), []);
	});

	it("F163: comes through whichever blocks of both sides are lost, and does the request once", () => {
		fc.assert(
			fc.property(
				fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
				fc.integer({ min: 0, max: 40 }),
				fc.integer({ min: 1, max: 20 }),
				fc.integer({ min: 5, max: 40 }),
				fc.integer({ min: 60, max: 400 }),
				(chances, loss, window, size, pdu) => {
					meter = fakeMeter();
					const client = connect(pdu);
					const isLost = (): boolean => chances.next().value! < loss;
					const text = `0982012c${"7c".repeat(300)}`;
					const apdu = hex(client.protect(`c301c1270f0000606300ff0101${text}`));
					const pieces = apdu.match(new RegExp(`.{1,${2 * size}}`, "g"))!;
					/** Blocks of the meter that came in sequence, and ours that it has. */
					let heard = 0;
					let taken = 0;
					let credit = 1;
					let own = pieces.length;
					let data = "";
					let isOver = false;
					const hear = (blocks: readonly Block[]): void => {
						for (const one of blocks) {
							if (isLost() || one.number !== heard + 1) continue;
							heard++;
							taken = Math.max(taken, Math.min(one.acknowledged, pieces.length));
							credit = one.window;
							data += one.data;
							isOver ||= one.isLast;
						}
					};
					const send = (apdu: string): void => {
						if (!isLost()) hear(exchange(client, apdu));
					};
					for (let turn = 0; turn < 5000 && !isOver; turn++) {
						if (data !== "") {
							send(block(window, ++own, heard, ""));
							continue;
						}
						const from = Math.min(taken, pieces.length - 1);
						const to = Math.min(from + credit, pieces.length);
						for (let n = from; n < to; n++) {
							const control = (n === pieces.length - 1 ? 0x80 : 0) | (n < to - 1 ? 0x40 : 0) | window;
							send(block(control, n + 1, heard, pieces[n]!));
						}
					}
					assert.ok(isOver);
					assert.equal(client.unprotect(data).plain, `c701c1000100${text}`);
					assert.equal(new Set(client.serverCounters).size, client.serverCounters.length);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("takes a repeated first block once, and another one as the beginning of another request", () => {
		const client = connect();
		const given = hex(client.protect(`c101c100010000600101ff0200${tlv("09", "43".repeat(100))}`));
		assert.equal(exchange(client, block(0x01, 1, 0, given.slice(0, 100)))[0]!.acknowledged, 1);
		assert.equal(exchange(client, block(0x01, 1, 0, given.slice(0, 100)))[0]!.acknowledged, 1);
		const [answer] = exchange(client, block(0x81, 1, 0, hex(client.protect(getClock))));
		assert.equal(client.unprotect(answer!.data).plain, "c401c1001100");
		assert.equal(meter.bench.sets, 0);
	});

	it("ends a transfer on the client's abort, on a false acknowledgement, and after 120 s", () => {
		const client = connect(100);
		const begin = (): void => {
			assert.equal(exchange(client, block(0x81, 1, 0, hex(client.protect(getLong))))[0]!.number, 1);
		};
		begin();
		assert.equal(client.send(block(0x80, 0, 0, "")), "");
		begin();
		assert.equal(client.send(block(0x01, 2, 9, "")), "e0900000000200");
		begin();
		meter.bench.now_ms += 120_001;
		meter.server.advance(meter.bench.now_ms);
		// what acknowledges nothing that is known begins nothing either
		assert.equal(parse(client.send(block(0x01, 2, 1, ""))).data, "");
		assert.equal(client.get(8, "0000010000ff", 4), "c401c1001100");
	});

	it("aborts a request that is too long for the meter, and serves the next one (SEC-mem)", () => {
		meter = fakeMeter({ limits: { longTransfer: 1000 } });
		const client = connect();
		for (let n = 1; n <= 2; n++) exchange(client, block(0x01, n, 0, "00".repeat(400)));
		assert.equal(client.send(block(0x01, 3, 0, "00".repeat(400))), "e0900000000200");
		assert.equal(client.get(8, "0000010000ff", 4), "c401c1001100");
	});

	it("answers an APDU it does not know inside blocks with 2/2, and a broken block with 1/3", () => {
		const client = connect();
		assert.equal(client.send(block(0x81, 1, 0, "0f00")), "d80202");
		assert.equal(client.send(block(0x81, 1, 0, "e001")), "d80202");
		assert.equal(client.send("e0810001000005c0"), "d80103");
		assert.equal(client.get(8, "0000010000ff", 4), "c401c1001100");
	});

	it("is not there for a client that has not agreed on it: 1/2; nor before an association: 1/1", () => {
		const client = new TestClient(meter.server, 16);
		assert.equal(client.send(block(0x81, 1, 0, getClock)), "d80101");
		client.connect();
		assert.equal(client.send(block(0x81, 1, 0, getClock)), "d80102");
	});

	it("gives the long answer to an ACCESS request in blocks, though the request came in none", () => {
		const client = connect(200);
		const request = "d9400000090001" + "01270f0000606300ff03" + "0100";
		let blocks = exchange(client, hex(client.protect(request)));
		let data = "";
		for (let own = 1; ; own++) {
			for (const one of blocks) data += one.data;
			if (blocks.at(-1)!.isLast) break;
			blocks = exchange(client, block(0x04, own, blocks.at(-1)!.number, ""));
		}
		assert.equal(client.unprotect(data).plain, `da40000009000001${long.slice(8)}010100`);
	});

	it("gives what is longer than the meter protects as one in blocks of its service, each in general blocks", () => {
		meter = fakeMeter({ limits: { generalPduSize: 1600 } });
		const client = connect(200);
		const first = fetchAll(client, getLong, 8);
		assert.equal(first.slice(0, 18), "c402c1000000000100");
		const second = fetchAll(client, "c002c100000001", 8);
		assert.equal(second.slice(0, 18), "c402c1010000000200");
		const raw = (plain: string): string => plain.slice(24);
		assert.equal(raw(first) + raw(second), long.slice(8));
	});

	it("goes on with the blocks of the service where the last general block is not acknowledged, and counts anew", () => {
		meter = fakeMeter({ limits: { generalPduSize: 1600 } });
		const client = connect(200);
		/** The whole answer; nothing is said to its last block. */
		const take = (request: string): string => {
			let blocks = exchange(client, block(0x83, 1, 0, hex(client.protect(request))));
			let data = "";
			for (let own = 2; ; own++) {
				for (const one of blocks) data += one.data;
				if (blocks.at(-1)!.isLast) return client.unprotect(data).plain;
				blocks = exchange(client, block(0x03, own, blocks.at(-1)!.number, ""));
			}
		};
		const first = take(getLong);
		const second = take("c002c100000001");
		assert.equal(first.slice(24) + second.slice(24), long.slice(8));
		assert.equal(take("c002c100000002"), "c402c101000000020110");
	});

	it("takes blocks of a long SET, each in general blocks", () => {
		const client = connect(300);
		const send = (plain: string): string => {
			const [answer] = exchange(client, block(0x81, 1, 0, hex(client.protect(plain))));
			return client.unprotect(answer!.data).plain;
		};
		assert.equal(send("c102c100010000600101ff0200" + "0000000001" + "0409044142"), "c502c100000001");
		assert.equal(send("c103c1" + "0100000002" + "024344"), "c503c10000000002");
		assert.equal(hex(meter.bench.stored), "41424344");
	});

	it("numbers the answer to a second long request from its own acknowledgements, the same request too", () => {
		const management = new TestClient(meter.server, 1);
		management.pdu = 200;
		management.connect();
		for (let turn = 0; turn < 3; turn++) {
			const apdu = hex(management.protect(`c101c100010000600101ff0200${tlv("09", "42".repeat(200))}`));
			const pieces = apdu.match(/.{1,200}/g)!;
			pieces.forEach((piece, n) => {
				const isLast = n === pieces.length - 1;
				const [answer] = exchange(management, block(isLast ? 0x81 : 0x01, n + 1, n, piece));
				assert.deepEqual([answer!.number, answer!.acknowledged, answer!.isLast], [n + 1, n + 1, isLast]);
			});
			const end = pieces.length;
			assert.deepEqual(exchange(management, block(0x81, end + 1, end, "")), []);
		}
		assert.equal(meter.bench.sets, 3);
	});

	it("does a request once, however often its answer is acknowledged", () => {
		const client = connect();
		const apdu = hex(client.protect("c301c100080000010000ff0601100001"));
		assert.equal(exchange(client, block(0x81, 1, 0, apdu)).length, 1);
		assert.deepEqual(exchange(client, block(0x81, 2, 1, "")), []);
		for (let n = 3; n < 6; n++) {
			const [answer] = exchange(client, block(0x81, n, 1, ""));
			assert.deepEqual([answer!.data, answer!.isLast], ["", false]);
		}
		assert.deepEqual(meter.bench.shifts, [1]);
	});

	it("gives a long answer in general blocks to a client that has agreed on no other", () => {
		const client = new TestClient(meter.server, 1);
		client.form = "general";
		client.pdu = 200;
		client.conformance = "600011"; // general protection, general block transfer, GET, ACTION
		client.connect();
		const take = (request: string): string => {
			let blocks = exchange(client, hex(client.protect(request)));
			let data = "";
			for (let own = 1; ; own++) {
				for (const one of blocks) data += one.data;
				if (blocks.at(-1)!.isLast) return client.unprotect(data).plain;
				blocks = exchange(client, block(0x04, own, blocks.at(-1)!.number, ""));
			}
		};
		assert.equal(take(getLong), long);
		meter.bench.rows = 40;
		assert.match(take("c301c100070100630100ff02010f00"), /^c701c10001000128/);
		assert.equal(client.get(8, "0000010000ff", 4), "c401c1001100");
	});

	it("serves the last block of a request even where it says that more follow", () => {
		const client = connect();
		const [answer] = exchange(client, block(0xc1, 1, 0, hex(client.protect(getClock))));
		assert.equal(client.unprotect(answer!.data).plain, "c401c1001100");
	});
});

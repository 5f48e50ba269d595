// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { decodeWrapperHeader, encodeWrapperHeader } from "../../../src/cosem/wrapper/wrapper-header.js";
import { WrapperSession } from "../../../src/cosem/wrapper/wrapper-session.js";
import { fromHex, toHex } from "../../support/client/bytes.js";
import {
	askLong,
	FakeApduHandler,
	longAnswer,
	RecordingSink,
	randomOctets,
	seededRandom,
} from "../../support/fake-apdu-handler.js";

interface WrapperCase {
	id: string;
	frame: string;
	version: number;
	source_wport: number;
	destination_wport: number;
	apdu: string;
}

const { cases } = JSON.parse(readFileSync(new URL("../../vectors/dlms-wrapper.json", import.meta.url), "utf8")) as {
	cases: WrapperCase[];
};

function unit(clientSap: number, serverSap: number, apdu: string, version = 1): string {
	const u16 = (value: number) => value.toString(16).padStart(4, "0");
	return u16(version) + u16(clientSap) + u16(serverSap) + u16(apdu.length / 2) + apdu;
}

function setUp(maximumApdu = 100, now_ms = 0) {
	const handler = new FakeApduHandler();
	const sink = new RecordingSink();
	const setup = { simultaneousConnections: 2, inactivityTimeout_s: 120 };
	const info = { port: "tcp", name: "test" } as const;
	const session = new WrapperSession(sink, handler, info, setup, { maximumApdu }, now_ms);
	return { handler, sink, setup, session };
}

describe("TCP wrapper session", () => {
	for (const vector of cases) {
		it(`reads and writes the header of vector ${vector.id}`, () => {
			const header = { version: 0, sourceWPort: 0, destinationWPort: 0, length: 0 };
			decodeWrapperHeader(fromHex(vector.frame), 0, header);
			assert.deepEqual(header, {
				version: vector.version,
				sourceWPort: vector.source_wport,
				destinationWPort: vector.destination_wport,
				length: vector.apdu.length / 2,
			});
			const bytes = new Uint8Array(10).fill(0xa5);
			encodeWrapperHeader(header, bytes, 1);
			assert.equal(toHex(bytes), `a5${vector.frame.slice(0, 16)}a5`);
		});
	}

	it("answers the AARQ of the published example with its AARE, ports exchanged", () => {
		const { handler, sink, session } = setUp();
		handler.prescribed.set(cases[0]!.apdu, cases[1]!.apdu);
		session.receive(fromHex(cases[0]!.frame), 0);
		assert.deepEqual(sink.sent, [cases[1]!.frame]);
		assert.deepEqual(handler.requests, [{ link: 0, clientSap: 16, serverSap: 1, hex: cases[0]!.apdu }]);
	});

	it("puts units together from any cut of the stream and answers pipelined requests in order (F77)", () => {
		fc.assert(
			fc.property(
				fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
				fc.array(fc.nat(200), { maxLength: 8 }),
				(apdus, cuts) => {
					for (const apdu of apdus) apdu[0] = 0xc0; // echoed
					const { handler, sink, session } = setUp();
					const stream = fromHex(apdus.map((apdu, n) => unit(16 + n, 1, toHex(apdu))).join(""));
					const borders = [0, ...cuts.map((c) => c % stream.length).sort((a, b) => a - b), stream.length];
					for (let n = 1; n < borders.length; n++) session.receive(stream.slice(borders[n - 1], borders[n]), n);
					assert.deepEqual(
						handler.requests.map((r) => r.hex),
						apdus.map(toHex),
					);
					assert.deepEqual(
						sink.sent,
						apdus.map((apdu, n) => unit(1, 16 + n, toHex(apdu))),
					);
					assert.equal(sink.disconnects, 0);
				},
			),
			{ seed: 1 },
		);
	});

	it("carries the longest APDU both ways and refuses one octet more (SEC-mem)", () => {
		const { sink, session } = setUp(300);
		const request = `${askLong.toString(16)}012c${"00".repeat(297)}`;
		session.receive(fromHex(unit(16, 1, request)), 0);
		assert.deepEqual(sink.take(), [unit(1, 16, toHex(longAnswer(300, fromHex(request))))]);
		session.receive(fromHex(unit(16, 1, "00".repeat(301)).slice(0, 16)), 0);
		assert.equal(sink.disconnects, 1, "the header alone is enough");
	});

	for (const [what, bytes] of [
		["a wrong version", unit(16, 1, "c001", 2)],
		["length 0", unit(16, 1, "")],
		["a length above the limit", "000100100001ffff"],
	] as const) {
		it(`closes the connection on ${what}, takes nothing more and tells the server (F77, G8)`, () => {
			const { handler, sink, session } = setUp();
			session.receive(fromHex(bytes + unit(16, 1, "c001")), 0);
			assert.equal(sink.disconnects, 1);
			assert.deepEqual(handler.requests, []);
			assert.deepEqual(handler.aborts, [undefined]);
			assert.equal(handler.openLinks, 0);
			session.receive(fromHex(unit(16, 1, "c001")), 1);
			session.close();
			assert.equal(handler.openLinks, 0);
			assert.equal(session.nextDeadline_ms, Infinity);
		});
	}

	it("closes after 10 s of silence inside a unit, not before (SEC-conn)", () => {
		const { sink, session } = setUp(100, 1000);
		session.receive(fromHex("0001001000010002c0"), 5000);
		assert.equal(session.nextDeadline_ms, 15_000);
		session.advance(14_999);
		assert.equal(sink.disconnects, 0);
		session.advance(15_000);
		assert.equal(sink.disconnects, 1);
	});

	it("closes after 120 s without a complete unit, however many octets drip in (SEC-conn)", () => {
		const { sink, session } = setUp(1000, 0);
		const drip = fromHex(unit(16, 1, "00".repeat(900)));
		session.receive(fromHex(unit(16, 1, "c0")), 3000);
		for (let n = 0; n < 12; n++) session.receive(drip.slice(n, n + 1), 9000 * (n + 1));
		assert.equal(sink.disconnects, 0);
		assert.equal(session.nextDeadline_ms, 118_000, "10 s after the last octet");
		session.receive(drip.slice(12, 13), 117_000);
		assert.equal(session.nextDeadline_ms, 123_000);
		session.advance(123_000);
		assert.equal(sink.disconnects, 1);
	});

	it("obeys a change of the inactivity time-out at once; 0 means never", () => {
		const { setup, session } = setUp();
		setup.inactivityTimeout_s = 30;
		assert.equal(session.nextDeadline_ms, 30_000);
		setup.inactivityTimeout_s = 0;
		assert.equal(session.nextDeadline_ms, Infinity);
	});

	it("answers nothing when the server has nothing to say, nor to all stations", () => {
		const { handler, sink, session } = setUp();
		session.receive(fromHex(unit(102, 0xffff, "c1")), 0);
		handler.isSilent = true;
		session.receive(fromHex(unit(16, 1, "c1")), 0);
		assert.deepEqual(sink.sent, []);
		assert.deepEqual(
			handler.requests.map((r) => r.serverSap),
			[0xffff, 1],
		);
	});

	it("closes at once when the server has no room for a link", () => {
		const handler = new FakeApduHandler();
		handler.maximumLinks = 0;
		const sink = new RecordingSink();
		const setup = { simultaneousConnections: 2, inactivityTimeout_s: 120 };
		const session = new WrapperSession(sink, handler, { port: "tcp", name: "t" }, setup, { maximumApdu: 9 }, 0);
		assert.equal(sink.disconnects, 1);
		session.receive(fromHex(unit(16, 1, "c0")), 0);
		assert.deepEqual(handler.requests, []);
	});

	it("ends the link with the connection (SEC-bind)", () => {
		const { handler, session } = setUp();
		session.receive(fromHex(unit(16, 1, "c0")), 0);
		session.close();
		session.close();
		assert.deepEqual(handler.aborts, [undefined]);
		assert.equal(handler.openLinks, 0);
	});

	it("survives random and mutated octets, and serves the next connection (G8)", () => {
		const random = seededRandom(77);
		const good = fromHex(cases[0]!.frame);
		for (let run = 0; run < 2000; run++) {
			const { sink, session } = setUp();
			const hostile = run % 2 === 0 ? randomOctets(random, 60, [0, 1, 16]) : good.slice();
			if (run % 2 === 1) hostile[Math.floor(random() * good.length)]! ^= 1 << Math.floor(random() * 8);
			let at = 0;
			while (at < hostile.length) {
				const end = at + 1 + Math.floor(random() * 20);
				session.receive(hostile.slice(at, end), at);
				at = end;
			}
			const isOpen = sink.disconnects === 0;
			assert.equal(session.nextDeadline_ms === Infinity, !isOpen);
			session.advance(200_000);
			assert.equal(sink.disconnects, 1, "silence ends every connection");
		}
		const { sink, session } = setUp();
		session.receive(good, 0);
		assert.equal(sink.sent.length, 1);
	});

	it("F163: sends every APDU of an answer that has several, each as a unit of its own", () => {
		const { handler, sink, session } = setUp();
		handler.following = ["0102", "03"];
		session.receive(fromHex(unit(1, 1, "aa") + unit(16, 1, "bb")), 0);
		assert.deepEqual(sink.take(), [
			unit(1, 1, "aa"),
			unit(1, 1, "0102"),
			unit(1, 1, "03"),
			unit(1, 16, "bb"),
			unit(1, 16, "0102"),
			unit(1, 16, "03"),
		]);
	});
});

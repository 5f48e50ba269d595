// SPDX-License-Identifier: Apache-2.0
/// <reference path="../../../hosts/esp32/types/moddable.d.ts" />
import assert from "node:assert/strict";
import "./sdk/install.js";
import type { LinkSession } from "../../../src/ports/link.js";
import FakeSerial from "./sdk/serial.js";
import Time from "./sdk/time.js";

const { SerialLink, withEvenParity } = await import("../../../hosts/esp32/adapters/serial-link.js");
const { MonotonicClock } = await import("../../../hosts/esp32/adapters/monotonic-clock.js");

class FakeSession implements LinkSession {
	readonly received: number[] = [];
	readonly nextDeadline_ms = Number.POSITIVE_INFINITY;
	receive(bytes: Uint8Array): void {
		this.received.push(...bytes);
	}
	advance(): void {}
	close(): void {}
}

function open(format: "7E1" | "8N1", baud = 300, isHalfDuplex = false) {
	Time.ticks = 0;
	FakeSerial.opened.length = 0;
	const clock = new MonotonicClock();
	const session = new FakeSession();
	const link = new SerialLink({
		port: 2,
		receive: 16,
		transmit: 17,
		baud,
		format,
		queueSize: 256,
		isHalfDuplex,
		turnaround_ms: isHalfDuplex ? 5 : 0,
		clock,
		onActivity: () => {},
	});
	link.attach(session);
	return { clock, session, link, uart: () => FakeSerial.opened.at(-1)! };
}

describe("hosts/esp32/adapters/serial-link", () => {
	it("F51 sends `/?!` CR LF with even parity in bit 7 as AF 3F 21 8D 0A", () => {
		const { link, uart } = open("7E1");
		link.send(Uint8Array.from("/?!\r\n", (character) => character.charCodeAt(0)));
		uart().drain();
		assert.equal(Buffer.from(uart().sent).toString("hex"), "af3f218d0a");
	});

	it("makes parity even for every character", () => {
		for (let character = 0; character < 128; character++) {
			const ones = withEvenParity(character).toString(2).replaceAll("0", "").length;
			assert.equal(ones % 2, 0);
			assert.equal(withEvenParity(character) & 0x7f, character);
		}
	});

	it("strips parity, and drops and counts characters in which it is wrong", () => {
		const { link, session, uart } = open("7E1");
		uart().receive(0xaf, 0x3f, 0x2f, 0x21);
		assert.deepEqual(session.received, [0x2f, 0x3f, 0x21]);
		assert.equal(link.lost, 1);
	});

	it("passes all eight bits in 8N1", () => {
		const { link, session, uart } = open("8N1", 9600);
		uart().receive(0x7e, 0xa0, 0xff);
		assert.deepEqual(session.received, [0x7e, 0xa0, 0xff]);
		link.send(Uint8Array.of(0x7e, 0xff));
		uart().drain();
		assert.deepEqual(uart().sent, [0x7e, 0xff]);
	});

	it("never gives the UART more than it has room for, and loses nothing that fits the queue", () => {
		const { link, uart } = open("8N1", 9600);
		const octets = Uint8Array.from({ length: 250 }, (_, n) => n);
		link.send(octets.subarray(0, 100));
		link.send(octets.subarray(100));
		for (let n = 0; n < 3; n++) uart().drain();
		assert.deepEqual(uart().sent, [...octets]);
		assert.equal(link.lost, 0);
		link.send(new Uint8Array(300)); // more than the queue holds: what does not fit is lost and counted
		assert.equal(link.lost, 300 - 256);
	});

	it("F53 changes the rate only after the last stop bit of what was sent before", () => {
		const { link, clock, uart } = open("7E1", 300);
		const first = uart();
		first.drain();
		link.send(new Uint8Array(6).fill(0x30)); // 6 characters of 10 bits at 300 Bd: 200 ms
		link.setFormat(9600, "8N1");
		assert.equal(link.nextDeadline_ms, 200);
		Time.ticks = 199;
		link.advance(clock.update());
		assert.equal(first.isClosed, false);
		Time.ticks = 200;
		link.advance(clock.update());
		assert.equal(first.isClosed, true);
		assert.equal(uart().baud, 9600);
		assert.equal(link.nextDeadline_ms, Number.POSITIVE_INFINITY);
		link.send(Uint8Array.of(0xff));
		uart().drain();
		assert.deepEqual(uart().sent, [0xff]);
	});

	describe("on a half-duplex line", () => {
		/** 12 octets at 9600 Bd: the line is silent after 13 ms. */
		const frame = [0x7e, 0xa0, 0x0a, 0x03, 0x03, 0x73, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7e];
		const silent_ms = 13;

		function sending() {
			const all = open("8N1", 9600, true);
			all.uart().drain();
			all.link.send(Uint8Array.from(frame));
			return { ...all, at: (now_ms: number) => (Time.ticks = now_ms) };
		}

		it("F83: keeps back what comes as it was sent, in any pieces, while it is sent or shortly after", () => {
			for (const [pieces, times] of [
				[[12], [silent_ms + 15]],
				[
					[5, 4, 3],
					[6, 10, silent_ms + 12],
				],
				[
					[1, 11],
					[2, silent_ms + 1],
				],
			] as const) {
				const { session, uart, at } = sending();
				let from = 0;
				for (const [n, size] of pieces.entries()) {
					at(times[n]!);
					uart().receive(...frame.slice(from, (from += size)));
				}
				assert.deepEqual(session.received, []);
				uart().receive(0x7e, 0xa0); // the other side
				assert.deepEqual(session.received, [0x7e, 0xa0]);
			}
		});

		it("F83: takes an answer that comes in one piece with the end of the echo", () => {
			const { session, uart, at } = sending();
			at(silent_ms + 12);
			uart().receive(...frame, 0x7e, 0xa0, 0x07);
			assert.deepEqual(session.received, [0x7e, 0xa0, 0x07]);
		});

		it("F83: takes the whole answer of a fast client where there is no echo, though it begins like one", () => {
			const { session, uart, at } = sending();
			at(silent_ms + 10);
			uart().receive(0x7e, 0xa0, 0x0a, 0x03, 0x03, 0x11, 0x7e);
			assert.deepEqual(session.received, [0x7e, 0xa0, 0x0a, 0x03, 0x03, 0x11, 0x7e]);
		});

		it("F83: takes what is later than any echo, even if it is the same", () => {
			const { session, uart, at } = sending();
			at(silent_ms + 40);
			uart().receive(...frame);
			assert.deepEqual(session.received, frame);
			const again = sending();
			at(1000);
			again.clock.update();
			again.link.send(Uint8Array.from(frame));
			at(1000 + silent_ms + 12);
			again.uart().receive(...frame);
			assert.deepEqual(again.session.received, [], "the echo of the second, not of the first");
		});

		it("F83: drops another talker while it sends itself, and hears him again when it is silent", () => {
			const { session, uart, at } = sending();
			at(8);
			uart().receive(0x7e, 0xa0, 0x55, 0xaa);
			at(silent_ms);
			assert.deepEqual(session.received, []);
			uart().receive(0x7e);
			assert.deepEqual(session.received, [0x7e]);
		});

		it("F83: makes no pause for its echo between two pieces of its own", () => {
			const { session, uart, link, at } = sending();
			at(5);
			uart().receive(...frame.slice(0, 3));
			link.send(Uint8Array.of(0x55));
			assert.equal(uart().sent.at(-1), 0x55);
			assert.deepEqual(session.received, []);
		});
	});
});

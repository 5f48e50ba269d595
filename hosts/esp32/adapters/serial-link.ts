// SPDX-License-Identifier: Apache-2.0
import Serial from "embedded:io/serial";
import type { LinkSession, LinkSink } from "../../../src/ports/link.js";
import type { MonotonicClock } from "./monotonic-clock.js";

/** Octets that the UART holds each way. */
const hardwareBuffer = 128;
/** Start, eight data, stop bit; seven data bits and parity make the same ten. */
const bitsPerCharacter = 10;
/** The UART tells of octets when so many characters' time has passed without one, and the event takes its time as well. */
const latestCharacters = 12;
const latestEvent_ms = 5;

export interface SerialLinkOptions {
	readonly port: number;
	readonly receive: number;
	readonly transmit: number;
	readonly baud: number;
	readonly format: "7E1" | "8N1";
	/** Octets that may wait to be sent. */
	readonly queueSize: number;
	/** Least silence between the last octet received and the first one sent; none unless given. */
	readonly turnaround_ms?: number;
	/** One side talks at a time: what is heard meanwhile is an echo or spoilt. */
	readonly isHalfDuplex?: boolean;
	readonly clock: MonotonicClock;
	/** Called after octets came in or the line changed: a deadline may have moved. */
	readonly onActivity: () => void;
}

/** Puts even parity into bit 7: the UART knows only eight bits without parity. */
export function withEvenParity(character: number): number {
	let parity = character & 0x7f;
	parity ^= parity >> 4;
	parity ^= parity >> 2;
	parity ^= parity >> 1;
	return (character & 0x7f) | ((parity & 1) << 7);
}

/**
 * A UART as a link. The SDK's driver has no buffer of its own, no parity and no signal that the last bit has left, so
 * this class queues, makes parity, and computes from the rate when the line falls silent.
 *
 * A half-duplex line may bring back what was sent: an optical head reflects, a transceiver may listen to itself. Octets are an
 * echo while they are those that were sent, in their order, and not later than the UART tells of them (F83).
 */
export class SerialLink implements LinkSink {
	readonly #options: SerialLinkOptions;
	readonly #received = new Uint8Array(hardwareBuffer);
	readonly #queue: Uint8Array;
	#first = 0;
	#count = 0;
	#serial: Serial;
	#baud: number;
	#format: "7E1" | "8N1";
	#session: LinkSession | undefined;
	/** Free octets of the hardware buffer, as last told. */
	#free = 0;
	/** Octets behind `#first`, sent last, that may still come back. */
	#echo = 0;
	/** When the last octet given to the UART will have left. */
	#silent_ms = 0;
	/** Nothing is sent before: the other side has to let go of the line. */
	#quietUntil_ms = 0;
	#nextBaud = 0;
	#nextFormat: "7E1" | "8N1" = "8N1";
	/** Octets that were lost because the queue was full, or came with wrong parity. */
	lost = 0;

	constructor(options: SerialLinkOptions) {
		this.#options = options;
		this.#queue = new Uint8Array(options.queueSize);
		this.#baud = options.baud;
		this.#format = options.format;
		this.#serial = this.#open();
	}

	/** Session that gets what comes in; the link is its sink. */
	attach(session: LinkSession): void {
		this.#session = session;
	}

	/** When `advance` wants to be called: to begin an answer, or to change over to another rate. */
	get nextDeadline_ms(): number {
		if (this.#count > 0 && this.#free > 0) return this.#quietUntil_ms;
		return this.#nextBaud !== 0 && this.#count === 0 ? this.#silent_ms : Number.POSITIVE_INFINITY;
	}

	/** Begins an answer that had to wait; changes over once everything sent before has left the line. */
	advance(now_ms: number): void {
		this.#fill();
		if (this.#nextBaud === 0 || this.#count > 0 || now_ms < this.#silent_ms) return;
		this.#baud = this.#nextBaud;
		this.#format = this.#nextFormat;
		this.#nextBaud = 0;
		this.#echo = 0;
		this.#serial.close();
		this.#serial = this.#open();
	}

	send(bytes: Uint8Array): void {
		const { length } = this.#queue;
		for (let n = 0; n < bytes.length; n++) {
			if (this.#count === length) {
				this.lost += bytes.length - n;
				break;
			}
			const octet = bytes[n]!;
			if (this.#count + this.#echo === length) this.#echo = 0; // nothing has come back for long
			this.#queue[(this.#first + this.#count++) % length] = this.#format === "7E1" ? withEvenParity(octet) : octet;
		}
		this.#fill();
	}

	/** A wire cannot be disconnected. */
	disconnect(): void {}

	setFormat(baud: number, format: "7E1" | "8N1"): void {
		this.#nextBaud = baud;
		this.#nextFormat = format;
		this.#options.onActivity();
	}

	#open(): Serial {
		const { port, receive, transmit } = this.#options;
		this.#free = 0;
		return new Serial({
			port,
			receive,
			transmit,
			baud: this.#baud,
			format: "buffer",
			onReadable: () => this.#take(),
			onWritable: (free) => {
				this.#options.clock.update();
				this.#free = free;
				this.#fill();
			},
		});
	}

	#take(): void {
		const received = this.#received;
		const now_ms = this.#options.clock.update();
		for (;;) {
			const count = this.#serial.read(received);
			if (count === undefined || count === 0) break;
			const heard = this.#options.isHalfDuplex === true ? this.#hear(received.subarray(0, count), now_ms) : count;
			if (heard === 0) continue;
			this.#quietUntil_ms = now_ms + (this.#options.turnaround_ms ?? 0);
			const kept = this.#format === "7E1" ? this.#stripParity(heard) : heard;
			if (kept > 0) this.#session?.receive(received.subarray(0, kept), now_ms);
		}
		this.#options.onActivity();
	}

	/** Takes the echo off what was received; returns how many octets of the other side are left, at the begin. */
	#hear(received: Uint8Array, now_ms: number): number {
		const { length } = this.#queue;
		this.#forgetEcho(now_ms);
		let n = 0;
		while (n < received.length && n < this.#echo) {
			if (received[n] !== this.#queue[(this.#first - this.#echo + n + length) % length]) break;
			n++;
		}
		const isEcho = n === received.length || n === this.#echo;
		this.#echo = isEcho ? this.#echo - n : 0;
		// two talked at once: the other side will ask again
		if (now_ms < this.#silent_ms) return 0;
		if (isEcho) received.copyWithin(0, n);
		return isEcho ? received.length - n : received.length;
	}

	/** What has not come back by now will not. */
	#forgetEcho(now_ms: number): void {
		const latest_ms = Math.ceil((latestCharacters * bitsPerCharacter * 1000) / this.#baud) + latestEvent_ms;
		if (now_ms > this.#silent_ms + latest_ms) this.#echo = 0;
	}

	/** Drops characters with wrong parity; returns how many are left. */
	#stripParity(count: number): number {
		const received = this.#received;
		let kept = 0;
		for (let n = 0; n < count; n++) {
			const octet = received[n]!;
			if (withEvenParity(octet) === octet) received[kept++] = octet & 0x7f;
			else this.lost++;
		}
		return kept;
	}

	/** Gives the UART as much as it has room for, one run of the ring at a time. */
	#fill(): void {
		if (this.#options.clock.monotonic_ms() < this.#quietUntil_ms) return;
		while (this.#count > 0 && this.#free > 0) {
			const end = Math.min(this.#first + Math.min(this.#count, this.#free), this.#queue.length);
			const size = end - this.#first;
			this.#forgetEcho(this.#options.clock.monotonic_ms());
			this.#serial.write(this.#queue.subarray(this.#first, end));
			this.#first = end % this.#queue.length;
			this.#count -= size;
			this.#free -= size;
			this.#echo += size;
			const begin_ms = Math.max(this.#silent_ms, this.#options.clock.monotonic_ms());
			this.#silent_ms = begin_ms + Math.ceil((size * bitsPerCharacter * 1000) / this.#baud);
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { LinkSession, LinkSink } from "../../ports/link.js";
import { type ApduHandler, allStationsSap, type LateAnswer, type LinkInfo } from "../apdu-handler.js";
import { Writer } from "../codec/writer.js";
import type { TcpUdpSetup } from "./tcp-udp-setup.js";
import {
	announcedLength,
	announcedVersion,
	decodeWrapperHeader,
	encodeWrapperHeader,
	type WrapperHeader,
	wrapperHeaderSize,
	wrapperVersion,
} from "./wrapper-header.js";

export interface WrapperOptions {
	/** Longest APDU taken or given, 1 … 65535 octets. A longer one announced by the header closes the connection. */
	readonly maximumApdu: number;
	/** Longest pause between two octets of one unit; 10 s unless given. */
	readonly frameTimeout_ms?: number;
}

/**
 * COSEM over one TCP connection (IEC 62056-47): puts the units together from any cut of the stream, answers them one
 * after the other in the order they came, and closes the connection on what can only be a broken or hostile peer.
 *
 * Both buffers are made here and never grow. What the octets of a header say is read there when it is wanted: sessions
 * are many. When the server has no room for the link, the connection is closed at
 * once, from within the constructor.
 */
export class WrapperSession implements LinkSession, LateAnswer {
	/** Handle given by the server; -1 when the link is closed. */
	link: number;
	/** Units answered or taken so far. A connection with none has shown nothing that makes it worth keeping. */
	unitCount = 0;
	readonly #sink: LinkSink;
	readonly #handler: ApduHandler;
	readonly #setup: TcpUdpSetup;
	readonly #frameTimeout_ms: number;
	readonly #rx: Uint8Array;
	/** Behind the header in its buffer. */
	readonly #response: Writer;
	/** The unit in `#rx` is still being worked on. */
	#isWaiting = false;
	#received = 0;
	#lastOctet_ms: number;
	#lastUnit_ms: number;

	constructor(
		sink: LinkSink,
		handler: ApduHandler,
		info: LinkInfo,
		setup: TcpUdpSetup,
		options: WrapperOptions,
		now_ms: number,
	) {
		if (!(options.maximumApdu >= 1 && options.maximumApdu <= 0xffff)) throw new RangeError("maximumApdu 1..65535");
		this.#sink = sink;
		this.#handler = handler;
		this.#setup = setup;
		this.#frameTimeout_ms = options.frameTimeout_ms ?? 10_000;
		const size = wrapperHeaderSize + options.maximumApdu;
		this.#rx = new Uint8Array(size);
		this.#response = new Writer(new Uint8Array(new ArrayBuffer(size), wrapperHeaderSize));
		this.#lastOctet_ms = now_ms;
		this.#lastUnit_ms = now_ms;
		this.link = handler.open(info);
		if (this.link < 0) sink.disconnect();
	}

	receive(bytes: Uint8Array, now_ms: number): void {
		this.advance(now_ms);
		let from = 0;
		while (from < bytes.length && this.link >= 0) {
			if (this.#isWaiting) this.finish();
			const wanted = wrapperHeaderSize + (this.#received < wrapperHeaderSize ? 0 : announcedLength(this.#rx));
			const to = Math.min(bytes.length, from + wanted - this.#received);
			this.#rx.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#received);
			this.#received += to - from;
			from = to;
			this.#lastOctet_ms = now_ms;
			if (this.#received < wanted) return;
			if (wanted === wrapperHeaderSize) this.takeHeader();
			else this.takeUnit(now_ms);
		}
	}

	advance(now_ms: number): void {
		if (this.link >= 0 && now_ms >= this.nextDeadline_ms) this.disconnect();
	}

	get nextDeadline_ms(): number {
		if (this.link < 0) return Infinity;
		const timeout_s = this.#setup.inactivityTimeout_s;
		const idleEnd_ms = timeout_s > 0 ? this.#lastUnit_ms + timeout_s * 1000 : Infinity;
		return this.#received > 0 ? Math.min(idleEnd_ms, this.#lastOctet_ms + this.#frameTimeout_ms) : idleEnd_ms;
	}

	/** The connection is gone: so are the associations on it. */
	close(): void {
		if (this.link < 0) return;
		const link = this.link;
		this.link = -1;
		this.#received = 0;
		this.#isWaiting = false;
		this.#handler.abort(link);
		this.#handler.close(link);
	}

	private takeHeader(): void {
		const length = announcedLength(this.#rx);
		if (announcedVersion(this.#rx) !== wrapperVersion || length === 0) this.disconnect();
		else if (wrapperHeaderSize + length > this.#rx.length) this.disconnect();
	}

	/** The answer of the unit in `#rx` takes longer. */
	begins(): void {
		this.#isWaiting = true;
	}

	ends(hasAnswer: boolean): void {
		this.#isWaiting = false;
		if (hasAnswer) this.answer(this.header());
	}

	private finish(): void {
		this.#handler.finish!(this.link);
		this.#isWaiting = false;
	}

	/** Of the unit in `#rx`. */
	private header(): WrapperHeader {
		const header = { version: 0, sourceWPort: 0, destinationWPort: 0, length: 0 };
		decodeWrapperHeader(this.#rx, 0, header);
		return header;
	}

	private takeUnit(now_ms: number): void {
		const header = this.header();
		const to = this.#received;
		this.#received = 0;
		this.#lastUnit_ms = now_ms;
		this.unitCount++;
		const hasAnswer = this.#handler.handle(
			this.link,
			header.sourceWPort,
			header.destinationWPort,
			this.#rx,
			wrapperHeaderSize,
			to,
			this.#response,
			this,
		);
		if (hasAnswer) this.answer(header);
	}

	/** Sends what is in `#response`, and what follows. @param header of the request */
	private answer(header: WrapperHeader): void {
		const { sourceWPort, destinationWPort } = header;
		const response = this.#response;
		if (response.position === 0 || destinationWPort === allStationsSap || this.link < 0) return;
		header.sourceWPort = destinationWPort;
		header.destinationWPort = sourceWPort;
		do {
			header.length = response.position;
			const unit = new Uint8Array(response.bytes.buffer, 0, wrapperHeaderSize + header.length);
			encodeWrapperHeader(header, unit, 0);
			this.#sink.send(unit);
		} while (this.#handler.handleMore?.(this.link, sourceWPort, destinationWPort, response) === true);
	}

	private disconnect(): void {
		this.close();
		this.#sink.disconnect();
	}
}

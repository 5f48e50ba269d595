// SPDX-License-Identifier: Apache-2.0
import type { LinkSession, LinkSink } from "../../ports/link.js";
import { type ApduHandler, allStationsSap, type LinkInfo } from "../apdu-handler.js";
import { Writer } from "../codec/writer.js";
import type { TcpUdpSetup } from "./tcp-udp-setup.js";
import {
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
 * Both buffers are made here and never grow. When the server has no room for the link, the connection is closed at
 * once, from within the constructor.
 */
export class WrapperSession implements LinkSession {
	/** Handle given by the server; -1 when the link is closed. */
	link: number;
	/** Units answered or taken so far. A connection with none has shown nothing that makes it worth keeping. */
	unitCount = 0;
	readonly #sink: LinkSink;
	readonly #handler: ApduHandler;
	readonly #setup: TcpUdpSetup;
	readonly #maximumApdu: number;
	readonly #frameTimeout_ms: number;
	readonly #rx: Uint8Array;
	readonly #tx: Uint8Array;
	readonly #response: Writer;
	readonly #header: WrapperHeader = { version: 0, sourceWPort: 0, destinationWPort: 0, length: 0 };
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
		this.#maximumApdu = options.maximumApdu;
		this.#frameTimeout_ms = options.frameTimeout_ms ?? 10_000;
		this.#rx = new Uint8Array(wrapperHeaderSize + options.maximumApdu);
		this.#tx = new Uint8Array(wrapperHeaderSize + options.maximumApdu);
		this.#response = new Writer(this.#tx.subarray(wrapperHeaderSize));
		this.#lastOctet_ms = now_ms;
		this.#lastUnit_ms = now_ms;
		this.link = handler.open(info);
		if (this.link < 0) sink.disconnect();
	}

	receive(bytes: Uint8Array, now_ms: number): void {
		this.advance(now_ms);
		let from = 0;
		while (from < bytes.length && this.link >= 0) {
			const wanted = this.#received < wrapperHeaderSize ? wrapperHeaderSize : wrapperHeaderSize + this.#header.length;
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
		this.#handler.abort(link);
		this.#handler.close(link);
	}

	private takeHeader(): void {
		decodeWrapperHeader(this.#rx, 0, this.#header);
		const { version, length } = this.#header;
		if (version !== wrapperVersion || length === 0 || length > this.#maximumApdu) this.disconnect();
	}

	private takeUnit(now_ms: number): void {
		const header = this.#header;
		const { sourceWPort, destinationWPort } = header;
		const to = this.#received;
		this.#received = 0;
		this.#lastUnit_ms = now_ms;
		this.unitCount++;
		const hasAnswer = this.#handler.handle(
			this.link,
			sourceWPort,
			destinationWPort,
			this.#rx,
			wrapperHeaderSize,
			to,
			this.#response,
		);
		if (!hasAnswer || this.#response.position === 0 || destinationWPort === allStationsSap || this.link < 0) return;
		header.version = wrapperVersion;
		header.sourceWPort = destinationWPort;
		header.destinationWPort = sourceWPort;
		do {
			header.length = this.#response.position;
			encodeWrapperHeader(header, this.#tx, 0);
			this.#sink.send(this.#tx.subarray(0, wrapperHeaderSize + header.length));
		} while (this.#handler.handleMore?.(this.link, sourceWPort, destinationWPort, this.#response) === true);
	}

	private disconnect(): void {
		this.close();
		this.#sink.disconnect();
	}
}

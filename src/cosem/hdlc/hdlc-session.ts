// SPDX-License-Identifier: Apache-2.0
import type { LinkSession, LinkSink } from "../../ports/link.js";
import { type ApduHandler, allStationsSap, type LinkInfo } from "../apdu-handler.js";
import { Writer } from "../codec/writer.js";
import { FrameSearch } from "./frame-search.js";
import { HdlcConnection, llcSize } from "./hdlc-connection.js";
import { control, pollFinal } from "./hdlc-control.js";
import {
	encodeHdlcFrame,
	type HdlcAddress,
	type HdlcFrame,
	maximumFrameLength,
	maximumFrameOverhead,
	newHdlcFrame,
} from "./hdlc-frame.js";
import {
	decodeHdlcParameters,
	encodeHdlcParameters,
	type HdlcParameters,
	maximumInformation,
	maximumWindow,
	minimumInformation,
	negotiate,
	parameterFieldSize,
	setDefaultParameters,
} from "./hdlc-parameters.js";
import type { HdlcSetup } from "./hdlc-setup.js";

export interface HdlcOptions {
	/** Longest APDU either way, octets. */
	readonly maximumApdu: number;
	/** Longest information field the buffers hold, 32 … 2030; a larger value of the setup object counts as this. */
	readonly maximumInformation: number;
	/** Clients that may be connected at the same time; each has buffers for one APDU each way. */
	readonly connections: number;
	/**
	 * The inter-octet time-out is at least this, ms. 0 on a wire; long where octets come in packets whose spacing says
	 * nothing about the line (TCP).
	 */
	readonly minimumInterOctetTimeout_ms?: number;
	/** Inactivity time-out where the setup has none (0); without it there is none then. */
	readonly fallbackInactivity_s?: number;
	/** Called when the last client has disconnected or fallen silent. */
	readonly onDisconnected?: () => void;
}

const noStation = 0;

/**
 * The server's end of an HDLC line (IEC 62056-46, three-layer connection oriented): finds frames, checks who is meant,
 * connects and disconnects clients, and hands numbered frames to their connection.
 *
 * Frames for others and broken ones are not answered, nor is any broadcast. Unknown clients are connected, because it is
 * the AARE that refuses them; where there is no place left, the first of them has to give way. On the optical port, a
 * point-to-point line, the one-octet address and the calling address are ours too.
 */
export class HdlcSession implements LinkSession {
	readonly #sink: LinkSink;
	readonly #handler: ApduHandler;
	readonly #info: LinkInfo;
	readonly #setup: HdlcSetup;
	readonly #options: HdlcOptions;
	readonly #search: FrameSearch;
	readonly #connections: HdlcConnection[] = [];
	readonly #tx: Uint8Array;
	/** Takes what a server writes in answer to a UI frame, which is not sent. It shares `#tx`. */
	readonly #scratch: Writer;
	readonly #parameterField = new Uint8Array(parameterFieldSize);
	readonly #own: HdlcParameters = { maximumTransmit: 0, maximumReceive: 0, windowTransmit: 0, windowReceive: 0 };
	readonly #peer: HdlcParameters = { maximumTransmit: 0, maximumReceive: 0, windowTransmit: 0, windowReceive: 0 };
	readonly #answer: HdlcFrame = newHdlcFrame();
	#link = -1;
	#isClosed = false;
	#deviceAddress: number;
	#lastOctet_ms = 0;
	#now_ms = 0;

	constructor(sink: LinkSink, handler: ApduHandler, info: LinkInfo, setup: HdlcSetup, options: HdlcOptions) {
		const size = options.maximumInformation;
		if (!(size >= minimumInformation && size <= maximumInformation))
			throw new RangeError("maximumInformation 32..2030");
		this.#sink = sink;
		this.#handler = handler;
		this.#info = info;
		this.#setup = setup;
		this.#options = options;
		this.#search = new FrameSearch(Math.min(maximumFrameLength, size + maximumFrameOverhead), this);
		for (let n = 0; n < options.connections; n++) {
			this.#connections.push(new HdlcConnection(handler, this, options.maximumApdu));
		}
		this.#tx = new Uint8Array(size + maximumFrameOverhead + 2);
		this.#scratch = new Writer(this.#tx);
		this.#deviceAddress = setup.deviceAddress;
		this.#link = handler.open(info);
	}

	/** Frames that were damaged, too long, or without a good LLC header. */
	get droppedCount(): number {
		let count = this.#search.droppedCount;
		for (let n = 0; n < this.#connections.length; n++) count += this.#connections[n]!.droppedCount;
		return count;
	}

	/** True while at least one client is connected. */
	get isConnected(): boolean {
		for (let n = 0; n < this.#connections.length; n++) if (!this.#connections[n]!.isFree) return true;
		return false;
	}

	/** True when `octet` would begin or continue a frame. */
	isFrameOctet(octet: number): boolean {
		return this.#search.isFrameOctet(octet);
	}

	receive(bytes: Uint8Array, now_ms: number): void {
		this.receivePart(bytes, 0, bytes.length, now_ms);
	}

	/** `receive` for the octets `from … to-1`. */
	receivePart(bytes: Uint8Array, from: number, to: number, now_ms: number): void {
		if (this.#isClosed) return;
		this.advance(now_ms);
		this.#lastOctet_ms = now_ms;
		this.#search.take(bytes, from, to);
	}

	advance(now_ms: number): void {
		if (this.#isClosed) return;
		this.#now_ms = now_ms;
		if (now_ms > this.partialEnd_ms()) this.#search.giveUp();
		const timeout_ms = this.inactivityTimeout_ms();
		if (timeout_ms <= 0) return;
		for (let n = 0; n < this.#connections.length; n++) {
			const connection = this.#connections[n]!;
			if (!connection.isFree && now_ms >= connection.lastFrame_ms + timeout_ms) this.disconnect(connection);
		}
	}

	get nextDeadline_ms(): number {
		if (this.#isClosed) return Infinity;
		let next = this.partialEnd_ms() + 1; // a pause as long as the limit is still allowed
		const timeout_ms = this.inactivityTimeout_ms();
		if (timeout_ms <= 0) return next;
		for (let n = 0; n < this.#connections.length; n++) {
			const connection = this.#connections[n]!;
			if (!connection.isFree) next = Math.min(next, connection.lastFrame_ms + timeout_ms);
		}
		return next;
	}

	/** Disconnects every client without a word and forgets what was received; the session goes on. */
	reset(): void {
		this.#search.clear();
		for (let n = 0; n < this.#connections.length; n++) {
			const connection = this.#connections[n]!;
			if (connection.isFree) continue;
			const { clientSap } = connection;
			connection.close();
			this.#handler.abort(this.#link, clientSap);
		}
	}

	close(): void {
		if (this.#isClosed) return;
		this.reset();
		this.#isClosed = true;
		if (this.#link < 0) return;
		this.#handler.abort(this.#link);
		this.#handler.close(this.#link);
		this.#link = -1;
	}

	frameReceived(bytes: Uint8Array, frame: HdlcFrame): void {
		const serverSap = this.addressedSap(frame);
		if (serverSap === noStation) return;
		const clientSap = frame.source.upper;
		if (
			frame.control === control.unnumberedInformation ||
			frame.control === (control.unnumberedInformation | pollFinal)
		) {
			this.takeUnnumberedInformation(bytes, frame, clientSap, serverSap);
			return;
		}
		if (serverSap === allStationsSap || !this.#handler.isHeard(this.#link, clientSap, serverSap)) return;
		this.#handler.finish?.(this.#link); // whoever is asked next waits for the answer before
		this.addressAnswer(frame);
		const connection = this.find(clientSap, serverSap);
		if (connection !== undefined) connection.lastFrame_ms = this.#now_ms;
		if (frame.control === (control.setNormalResponseMode | pollFinal)) {
			this.connect(connection, bytes, frame, clientSap, serverSap);
		} else if (frame.control === (control.disconnect | pollFinal)) this.takeDisconnect(connection);
		else if (connection !== undefined) connection.receive(this.#link, bytes, frame);
		else if (frame.control & pollFinal) this.sendUnnumbered(control.disconnectedMode);
	}

	longFramePassed(frame: HdlcFrame): void {
		const serverSap = this.addressedSap(frame);
		if (serverSap === noStation || serverSap === allStationsSap) return;
		const connection = this.find(frame.source.upper, serverSap);
		if (connection === undefined) return;
		connection.lastFrame_ms = this.#now_ms;
		this.#handler.finish?.(this.#link);
		this.addressAnswer(frame);
		connection.refuseLong(frame.control);
	}

	sendFrame(controlOctet: number, isSegmented: boolean, bytes: Uint8Array, from: number, to: number): void {
		const answer = this.#answer;
		answer.control = controlOctet;
		answer.isSegmented = isSegmented;
		const size = encodeHdlcFrame(answer, bytes, from, to, this.#tx);
		this.#sink.send(this.#tx.subarray(0, size));
	}

	/** SAP meant by the destination, `noStation` when the frame is not for us or its source cannot be a client. */
	private addressedSap(frame: HdlcFrame): number {
		const { destination, source } = frame;
		if (
			source.size !== 1 ||
			source.upper === noStation ||
			source.upper === 0x7f ||
			frame.destination.upper === noStation
		) {
			return noStation;
		}
		if (this.#link < 0) this.#link = this.#handler.open(this.#info); // there was no room so far
		if (this.#link < 0) return noStation;
		const allStations = destination.size === 4 ? 0x3fff : 0x7f;
		const isForAll = destination.upper === allStations;
		if (destination.size === 1) {
			if (isForAll) return allStationsSap;
			return this.#info.port === "optical" ? destination.upper : noStation;
		}
		if (destination.lower === allStations) return allStationsSap;
		if (!this.isOwnAddress(destination)) return noStation;
		return isForAll ? allStationsSap : destination.upper;
	}

	private isOwnAddress(destination: HdlcAddress): boolean {
		if (this.#deviceAddress !== this.#setup.deviceAddress && !this.isConnected) {
			this.#deviceAddress = this.#setup.deviceAddress;
		}
		if (destination.lower === this.#deviceAddress) return true;
		return this.#info.port === "optical" && destination.lower === (destination.size === 4 ? 0x3ffe : 0x7e);
	}

	/** Answers bear the address by which we were called. */
	private addressAnswer(frame: HdlcFrame): void {
		copyAddress(frame.source, this.#answer.destination);
		copyAddress(frame.destination, this.#answer.source);
	}

	private find(clientSap: number, serverSap: number): HdlcConnection | undefined {
		for (let n = 0; n < this.#connections.length; n++) {
			const connection = this.#connections[n]!;
			if (connection.clientSap === clientSap && connection.serverSap === serverSap) return connection;
		}
		return undefined;
	}

	private connect(
		present: HdlcConnection | undefined,
		bytes: Uint8Array,
		frame: HdlcFrame,
		clientSap: number,
		serverSap: number,
	): void {
		if (present !== undefined) {
			present.close();
			this.#handler.abort(this.#link, clientSap);
		}
		const connection = present ?? this.findFree(clientSap, serverSap);
		if (connection === undefined) {
			this.sendUnnumbered(control.disconnectedMode);
			return;
		}
		connection.open(clientSap, serverSap);
		connection.lastFrame_ms = this.#now_ms;
		decodeHdlcParameters(bytes, frame.informationFrom, frame.informationTo, this.#peer);
		this.readOwnParameters();
		negotiate(this.#own, this.#peer, connection.parameters);
		const size = encodeHdlcParameters(connection.parameters, this.#parameterField, 0);
		this.sendFrame(control.unnumberedAcknowledge | pollFinal, false, this.#parameterField, 0, size);
	}

	/** A free place, or one that an unknown client has to leave to a known one. */
	private findFree(clientSap: number, serverSap: number): HdlcConnection | undefined {
		let unknown: HdlcConnection | undefined;
		for (let n = 0; n < this.#connections.length; n++) {
			const connection = this.#connections[n]!;
			if (connection.isFree) return connection;
			if (!this.#handler.isKnown(this.#link, connection.clientSap, connection.serverSap)) unknown ??= connection;
		}
		if (unknown === undefined || !this.#handler.isKnown(this.#link, clientSap, serverSap)) return undefined;
		this.#handler.abort(this.#link, unknown.clientSap);
		unknown.close();
		return unknown;
	}

	private readOwnParameters(): void {
		const own = this.#own;
		const setup = this.#setup;
		const limit = this.#options.maximumInformation;
		setDefaultParameters(own);
		own.maximumTransmit = within(setup.maxInfoFieldLengthTransmit, minimumInformation, limit);
		own.maximumReceive = within(setup.maxInfoFieldLengthReceive, minimumInformation, limit);
		own.windowTransmit = within(setup.windowSizeTransmit, 1, maximumWindow);
		own.windowReceive = within(setup.windowSizeReceive, 1, maximumWindow);
	}

	private takeDisconnect(connection: HdlcConnection | undefined): void {
		this.sendUnnumbered(connection === undefined ? control.disconnectedMode : control.unnumberedAcknowledge);
		if (connection !== undefined) this.disconnect(connection);
		else if (!this.isConnected) this.#options.onDisconnected?.();
	}

	private disconnect(connection: HdlcConnection): void {
		const { clientSap } = connection;
		connection.close();
		this.#handler.abort(this.#link, clientSap);
		if (!this.isConnected) this.#options.onDisconnected?.();
	}

	/**
	 * Connectionless data. The server decides what it takes; nothing is answered. Who needs an association needs a connection
	 * as well: an association that no disconnection ends would be open to whoever comes next (SEC-bind).
	 */
	private takeUnnumberedInformation(bytes: Uint8Array, frame: HdlcFrame, clientSap: number, serverSap: number): void {
		const needsConnection = this.#handler.isHeard(this.#link, clientSap, serverSap);
		if (needsConnection && this.find(clientSap, serverSap) === undefined) return;
		const from = frame.informationFrom;
		const to = frame.informationTo;
		if (frame.isSegmented || to - from <= llcSize) return;
		if (bytes[from] !== 0xe6 || bytes[from + 1] !== 0xe6 || bytes[from + 2] !== 0) return;
		this.#handler.handle(this.#link, clientSap, serverSap, bytes, from + llcSize, to, this.#scratch);
	}

	private sendUnnumbered(code: number): void {
		this.sendFrame(code | pollFinal, false, this.#tx, 0, 0);
	}

	private inactivityTimeout_ms(): number {
		const { inactivityTimeout_s } = this.#setup;
		return 1000 * (inactivityTimeout_s > 0 ? inactivityTimeout_s : (this.#options.fallbackInactivity_s ?? 0));
	}

	private partialEnd_ms(): number {
		const setup_ms = this.#setup.interOctetTimeout_ms;
		if (setup_ms <= 0 || !this.#search.isPartial) return Infinity;
		return this.#lastOctet_ms + Math.max(setup_ms, this.#options.minimumInterOctetTimeout_ms ?? 0);
	}
}

function within(value: number, minimum: number, maximum: number): number {
	return Math.max(minimum, Math.min(value, maximum));
}

function copyAddress(from: HdlcAddress, to: HdlcAddress): void {
	to.size = from.size;
	to.upper = from.upper;
	to.lower = from.lower;
}

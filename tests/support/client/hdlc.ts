// SPDX-License-Identifier: Apache-2.0
import { concat, DecodeError, toHex } from "./bytes.js";
import { type ByteStream, NoAnswerError } from "./duplex.js";
import {
	type AddressSize,
	control,
	decodeParameters,
	defaultParameters,
	encodeClientAddress,
	encodeFrame,
	encodeParameters,
	encodeServerAddress,
	type Frame,
	type LinkParameters,
	pollFinal,
	takeFrame,
} from "./hdlc-frame.js";
import type { ApduLink } from "./wrapper.js";

/** The peer does not follow the data link layer's rules. */
export class HdlcError extends Error {
	override readonly name = "HdlcError";
}

export interface HdlcAddress {
	readonly clientSap: number;
	/** Upper address, the logical device. */
	readonly serverSap: number;
	/** Lower address, the physical device. */
	readonly device?: number | undefined;
	/** 1 unless given; 4 with a device address. */
	readonly addressSize?: AddressSize | undefined;
}

export interface HdlcLinkOptions {
	/** Proposed in SNRM; without it SNRM is sent without parameters. */
	readonly parameters?: LinkParameters | undefined;
	/** How often an answer that did not come is asked for again. */
	readonly retries?: number | undefined;
}

interface Segment {
	readonly information: Uint8Array;
	readonly isSegmented: boolean;
}

const llcCommand = Uint8Array.of(0xe6, 0xe6, 0x00);
const llcResponse = Uint8Array.of(0xe6, 0xe7, 0x00);
const nothing = new Uint8Array(0);
const supervisory = Object.freeze({ receiveReady: 0x01, receiveNotReady: 0x05 });

/** The primary station of an HDLC line (IEC 62056-46), one connection: windows and segments in both directions. */
export class HdlcLink implements ApduLink {
	readonly stream: ByteStream;
	readonly #source: Uint8Array;
	readonly #destination: Uint8Array;
	readonly #options: HdlcLinkOptions;
	/** Agreed, seen from the client. */
	parameters: LinkParameters = defaultParameters;
	#sendSequence = 0;
	#receiveSequence = 0;
	/** Frames of the request that the meter has not acknowledged; the first has number `#sendSequence`. */
	#outstanding: readonly Segment[] = [];
	/** Segments of the answer received so far. */
	#segments: Uint8Array[] = [];
	#answers: Uint8Array[] = [];
	/** The meter has been polled and has not yet sent the last of what it says to that. */
	#isPolled = false;
	/** Every frame, for tests that look at the line. */
	trace: (direction: "sent" | "received", frame: Frame) => void = () => undefined;

	constructor(stream: ByteStream, address: HdlcAddress, options: HdlcLinkOptions = {}) {
		const { clientSap, serverSap, device } = address;
		this.stream = stream;
		this.#source = encodeClientAddress(clientSap);
		const size = address.addressSize ?? (device === undefined ? 1 : 4);
		this.#destination = encodeServerAddress(serverSap, device ?? 0, size);
		this.#options = options;
	}

	/** SNRM, UA. */
	async open(): Promise<void> {
		const { parameters } = this.#options;
		const proposal = parameters === undefined ? nothing : encodeParameters(parameters);
		const frame = await this.#command(control.snrm, proposal);
		if (frame.control !== (control.ua | pollFinal)) throw unexpected(frame);
		const agreed = decodeParameters(frame.information);
		this.parameters = {
			informationTransmit: Math.min(agreed.informationReceive, parameters?.informationTransmit ?? 128),
			informationReceive: agreed.informationTransmit,
			windowTransmit: Math.min(agreed.windowReceive, parameters?.windowTransmit ?? 1),
			windowReceive: agreed.windowTransmit,
		};
		this.#sendSequence = 0;
		this.#receiveSequence = 0;
		this.#outstanding = [];
		this.#segments = [];
		this.#answers = [];
		this.#isPolled = false;
	}

	/** DISC, UA or DM; the line itself stays open. */
	async disconnect(): Promise<void> {
		let frame = await this.#command(control.disc, nothing);
		// what the meter said to the last poll, and nobody has heard
		while (isInformation(frame) || isSupervisory(frame)) frame = await this.receiveFrame();
		const isDone = frame.control === (control.ua | pollFinal) || frame.control === (control.dm | pollFinal);
		if (!isDone) throw unexpected(frame);
	}

	async close(): Promise<void> {
		if (!this.stream.isClosed) await this.disconnect().finally(() => this.stream.close());
	}

	/** Sends an APDU in as many I frames as it needs; returns when the last one is on the line. */
	async send(apdu: Uint8Array): Promise<void> {
		await this.#settle();
		const whole = concat(llcCommand, apdu);
		const { informationTransmit, windowTransmit } = this.parameters;
		const outstanding: Segment[] = [];
		for (let at = 0; at < whole.length; at += informationTransmit) {
			const end = at + informationTransmit;
			outstanding.push({ information: whole.slice(at, end), isSegmented: end < whole.length });
		}
		this.#outstanding = outstanding;
		this.#sendWindow();
		while (this.#outstanding.length > windowTransmit) {
			const frame = await this.#nextFrame();
			if (!isSupervisory(frame)) throw unexpected(frame);
			this.#acknowledge(frame);
			this.#sendWindow();
		}
	}

	/** Hears what the meter says to the last poll. */
	async #settle(): Promise<void> {
		while (this.#isPolled) {
			const frame = await this.#nextFrame();
			if (isInformation(frame)) await this.#takeInformation(frame);
			else if (isSupervisory(frame)) this.#acknowledge(frame);
			else throw unexpected(frame);
		}
	}

	/** As many of the outstanding frames as the window allows; the last of them polls. */
	#sendWindow(): void {
		const window = this.#outstanding.slice(0, this.parameters.windowTransmit);
		window.forEach(({ information, isSegmented }, n) => {
			const polls = n === window.length - 1 ? pollFinal : 0;
			const sequence = (this.#sendSequence + n) & 7;
			this.sendFrame({ control: (this.#receiveSequence << 5) | polls | (sequence << 1), isSegmented, information });
		});
	}

	/** Forgets the frames that have arrived, by N(R) of the meter. */
	#acknowledge(frame: Frame): void {
		const arrived = ((frame.control >>> 5) - this.#sendSequence) & 7;
		const sent = Math.min(this.#outstanding.length, this.parameters.windowTransmit);
		if (arrived > sent) throw new HdlcError(`${arrived} of ${sent} frames acknowledged`);
		this.#sendSequence = (this.#sendSequence + arrived) & 7;
		this.#outstanding = this.#outstanding.slice(arrived);
	}

	/** The next frame; when none comes, asks with RR as often as is allowed. */
	async #nextFrame(timeout_ms?: number): Promise<Frame> {
		for (let tries = this.#options.retries ?? 0; ; tries--) {
			try {
				return await this.receiveFrame(timeout_ms);
			} catch (error) {
				if (tries <= 0 || !(error instanceof NoAnswerError)) throw error;
				this.#sendReceiveReady();
			}
		}
	}

	/** The next APDU of the meter, in I frames or in one UI frame. */
	async receive(timeout_ms?: number): Promise<Uint8Array> {
		for (let polls = 0; this.#answers.length === 0; ) {
			if (!this.#isPolled && this.#outstanding.length === 0) this.#sendReceiveReady();
			const frame = await this.#nextFrame(timeout_ms);
			if ((frame.control & ~pollFinal) === control.ui) return withoutLlc(frame.information);
			if (isInformation(frame)) await this.#takeInformation(frame);
			else if (!isSupervisory(frame)) throw unexpected(frame);
			else {
				this.#acknowledge(frame);
				if (this.#outstanding.length > 0) this.#sendWindow();
				else if (polls++ > 0) throw new HdlcError("the meter has no answer");
				else this.#sendReceiveReady();
			}
		}
		return this.#answers.shift()!;
	}

	/** One I frame and, when it is not the last of an answer, those that follow. */
	async #takeInformation(first: Frame): Promise<void> {
		for (let frame = first; ; frame = await this.#nextFrame()) {
			if (!isInformation(frame)) throw unexpected(frame);
			this.#acknowledge(frame);
			const sequence = (frame.control >>> 1) & 7;
			if (sequence === this.#receiveSequence) {
				this.#receiveSequence = (this.#receiveSequence + 1) & 7;
				this.#segments.push(frame.information);
				if (!frame.isSegmented) {
					this.#answers.push(withoutLlc(concat(...this.#segments)));
					this.#segments = [];
				}
			}
			if ((frame.control & pollFinal) === 0) continue;
			if (this.#segments.length === 0) return;
			this.#sendReceiveReady();
		}
	}

	#sendReceiveReady(): void {
		this.sendFrame({
			control: (this.#receiveSequence << 5) | pollFinal | supervisory.receiveReady,
			isSegmented: false,
			information: nothing,
		});
	}

	async #command(command: number, information: Uint8Array): Promise<Frame> {
		for (let tries = this.#options.retries ?? 0; ; tries--) {
			this.sendFrame({ control: command | pollFinal, isSegmented: false, information });
			try {
				return await this.receiveFrame();
			} catch (error) {
				if (tries <= 0 || !(error instanceof NoAnswerError)) throw error;
			}
		}
	}

	/** A frame as given, with the addresses of this connection. */
	sendFrame(frame: Omit<Frame, "destination" | "source">): void {
		const whole: Frame = { ...frame, destination: this.#destination, source: this.#source };
		this.trace("sent", whole);
		if ((frame.control & pollFinal) !== 0) this.#isPolled = true;
		this.stream.write(encodeFrame(whole));
	}

	async receiveFrame(timeout_ms?: number): Promise<Frame> {
		const frame = await this.stream.take(takeFrame, timeout_ms);
		const isOurs = toHex(frame.destination) === toHex(this.#source) && toHex(frame.source) === toHex(this.#destination);
		if (!isOurs) throw new HdlcError(`frame from ${toHex(frame.source)} to ${toHex(frame.destination)}`);
		this.trace("received", frame);
		if ((frame.control & pollFinal) !== 0) this.#isPolled = false;
		return frame;
	}
}

function isInformation(frame: Frame): boolean {
	return (frame.control & 1) === 0;
}

function isSupervisory(frame: Frame): boolean {
	const kind = frame.control & 0x0f;
	return kind === supervisory.receiveReady || kind === supervisory.receiveNotReady;
}

function unexpected(frame: Frame): HdlcError {
	return new HdlcError(`control ${frame.control.toString(16)} ${toHex(frame.information)}`);
}

function withoutLlc(information: Uint8Array): Uint8Array {
	if (!llcResponse.every((octet, at) => information[at] === octet)) throw new DecodeError("LLC of the answer", 0);
	return information.slice(llcResponse.length);
}

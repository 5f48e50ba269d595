// SPDX-License-Identifier: Apache-2.0
import { decodeLength, encodeLength, sizeOfLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { LongRequest } from "./long-request.js";

export const generalBlockTransferTag = 0xe0;

const blockControl = Object.freeze({ lastBlock: 0x80, streaming: 0x40, window: 0x3f });

/** Tag, block-control, two numbers. */
const headLength = 6;

/** What is to be done after a block of the client. */
export const transferStep = Object.freeze({
	/** Nothing to say: more blocks of the window follow. */
	wait: 0,
	/** `writeBlock`, and again while there `isMore`. */
	send: 1,
	/** The request is complete in `request`. */
	serve: 2,
	/** `writeAcknowledgement`. */
	acknowledge: 3,
	/** The transfer cannot go on: `writeAbort`, and forget it. */
	abort: 4,
	/** Nothing to say: the transfer is over. */
	end: 5,
});

/**
 * One APDU each way in blocks of its own (Green Book 9.3.13): request and response as they are on the link, protected or
 * not, cut into pieces. The receiver of blocks says how many may come at once, and acknowledges the last one that came
 * in sequence; the sender goes on behind that. A block beyond a gap is not kept.
 *
 * Both sides number their blocks from 1, acknowledgements without data among them, and acknowledge these too.
 */
export class GeneralBlockTransfer {
	/** The request as far as it has come. */
	readonly request: LongRequest;
	/** Blocks that this side takes at once, 1..63. */
	readonly #ownWindow: number;
	#isComplete = false;
	/** Number of the client's last block that came in sequence, acknowledgements among them. */
	#heard = 0;
	/** Blocks that the client takes at once. */
	#clientWindow = 1;
	/** Blocks sent before the first of the response: acknowledgements. */
	#base = 0;
	#response: Uint8Array | undefined;
	#blockSize = 1;
	#lastBlock = 0;
	/** Blocks of the response sent, and those of them that have come through. */
	#sent = 0;
	/** More that may be sent before the client speaks. */
	#credit = 0;

	/** @param maximum longest request, octets */
	constructor(maximum: number, ownWindow: number) {
		this.request = new LongRequest(generalBlockTransferTag, false, maximum);
		this.#ownWindow = ownWindow;
	}

	/** The response is on its way. */
	get isSending(): boolean {
		return this.#response !== undefined;
	}

	/** The client takes another block before it speaks. */
	get isMore(): boolean {
		return this.#credit > 0 && this.#sent < this.#lastBlock;
	}

	/** A block of the request once more, as its answer was lost: only a first block begins another request. */
	isRepetition(number: number): boolean {
		return number > 1 && number <= this.request.block;
	}

	/**
	 * Takes a block of the client.
	 * @param r behind the tag
	 * @returns one of `transferStep`
	 * @throws CodecError when it is malformed
	 */
	take(r: Reader): number {
		const control = r.u8();
		const number = r.u16();
		const acknowledged = r.u16();
		const length = decodeLength(r);
		const from = r.skip(length);
		r.expectEnd();
		const window = control & blockControl.window;
		const isLast = (control & blockControl.lastBlock) !== 0;
		this.#clientWindow = window === 0 ? 1 : window;
		if (isLast && number === 0) return transferStep.end;
		if (this.isSending) {
			this.#heard = Math.max(this.#heard, number);
			if (length === 0) return this.acknowledge(acknowledged - this.#base);
			// a request that is repeated has heard nothing of its answer, which goes out from its beginning
			if ((control & blockControl.streaming) !== 0) return transferStep.wait;
			this.#base = Math.min(this.#base, acknowledged);
			return this.acknowledge(0);
		}
		const { request } = this;
		if (number === 1 && request.block > 0 && !this.isRepeated(r.bytes, from, length)) {
			request.clear();
			this.#base = this.#heard = 0;
		}
		// a block that is repeated: the acknowledgement has not come through, and goes out once more
		if (number <= request.block && acknowledged < this.#base) this.#base = acknowledged;
		if (number === request.block + 1 && !this.#isComplete) {
			if (!request.append(r.bytes, from, from + length)) return transferStep.abort;
			request.block = this.#heard = number;
			this.#isComplete = isLast;
		}
		if (this.#isComplete) return transferStep.serve;
		return (control & blockControl.streaming) !== 0 ? transferStep.wait : transferStep.acknowledge;
	}

	/**
	 * Begins to send `response`, which becomes this object's.
	 * @param size longest APDU that the client takes, octets, at least 12
	 */
	answer(response: Uint8Array, size: number): void {
		const room = size - headLength;
		this.#blockSize = room - sizeOfLength(room);
		this.#response = response;
		this.#lastBlock = Math.ceil(response.length / this.#blockSize);
		this.#sent = 0;
		this.#credit = this.#clientWindow;
	}

	/** Writes the next block of the response. */
	writeBlock(w: Writer): void {
		const response = this.#response!;
		const from = this.#sent * this.#blockSize;
		const to = Math.min(from + this.#blockSize, response.length);
		this.#sent++;
		this.#credit--;
		const isLast = this.#sent === this.#lastBlock;
		const mode = isLast ? blockControl.lastBlock : this.#credit > 0 ? blockControl.streaming : 0;
		this.writeHead(w, mode, this.#base + this.#sent);
		encodeLength(w, to - from);
		w.octets(response, from, to);
	}

	/** Tells what has come of the request, and that more may come. */
	writeAcknowledgement(w: Writer): void {
		this.#base++;
		this.writeHead(w, 0, this.#base);
		w.u8(0);
	}

	writeAbort(w: Writer): void {
		this.writeHead(w, blockControl.lastBlock, 0);
		w.u8(0);
	}

	private writeHead(w: Writer, mode: number, number: number): void {
		w.u8(generalBlockTransferTag);
		w.u8(mode | this.#ownWindow);
		w.u16(number);
		w.u16(this.#heard);
	}

	/** A first block came once more, its acknowledgement lost; with other content it begins another request. */
	private isRepeated(bytes: Uint8Array, from: number, length: number): boolean {
		if (length > this.request.length) return false;
		for (let n = 0; n < length; n++) if (bytes[from + n] !== this.request.bytes[n]) return false;
		return true;
	}

	/** The client has `count` blocks of the response. */
	private acknowledge(count: number): number {
		if (count < 0 || count > this.#sent) return transferStep.abort;
		if (count === this.#lastBlock) return transferStep.end;
		this.#sent = count;
		this.#credit = this.#clientWindow;
		return transferStep.send;
	}
}

// SPDX-License-Identifier: Apache-2.0
import {
	decodeHdlcHeader,
	flag,
	type HdlcFrame,
	isFrameIntact,
	isIncomplete,
	isNoFrame,
	newHdlcFrame,
} from "./hdlc-frame.js";

export interface FrameReceiver {
	/** An intact frame; `frame` and the buffer are valid during the call. */
	frameReceived(bytes: Uint8Array, frame: HdlcFrame): void;
	/** A frame with a good header that is longer than the buffer has passed; its information field was not kept. */
	longFramePassed(frame: HdlcFrame): void;
}

/**
 * Finds frames in a stream that may begin anywhere and hold noise.
 *
 * Frames of format type 3 have no octet stuffing: a flag may be data. So a flag is only believed when the format,
 * the addresses and the HCS after it fit, and the search goes on at the next flag when the octet after the announced
 * length is none. A frame that is in place but damaged is dropped as a whole: its content is never searched.
 */
export class FrameSearch {
	/** Frames and would-be frames that were dropped. */
	droppedCount = 0;
	readonly #receiver: FrameReceiver;
	readonly #buffer: Uint8Array;
	readonly #frame: HdlcFrame = newHdlcFrame();
	#count = 0;
	/** Nothing can be told before the buffer holds so many octets. */
	#needed = 1;
	/** Octets to come of a frame that does not fit, its closing flag included. */
	#skip = 0;

	/** @param maximumLength octets between the flags of the longest frame to be kept */
	constructor(maximumLength: number, receiver: FrameReceiver) {
		this.#buffer = new Uint8Array(maximumLength + 2);
		this.#receiver = receiver;
	}

	/** True in the middle of what may be a frame. */
	get isPartial(): boolean {
		return this.#count > 1 || this.#skip > 0;
	}

	/** True when `octet` would begin or continue a frame; one that begins with a segment is not believed. */
	isFrameOctet(octet: number): boolean {
		return octet === flag || this.isPartial || (this.#count === 1 && (octet & 0xf8) === 0xa0);
	}

	take(bytes: Uint8Array, from: number, to: number): void {
		let at = from;
		while (at < to) {
			if (this.#skip > 0) {
				at = this.pass(bytes, at, to);
				continue;
			}
			if (this.#count === 0) {
				at = bytes.indexOf(flag, at);
				if (at < 0 || at >= to) return;
			}
			const end = Math.min(to, at + this.#buffer.length - this.#count);
			this.#buffer.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), this.#count);
			this.#count += end - at;
			at = end;
			if (this.#count >= this.#needed) this.search(false);
		}
	}

	/** No more will come: what is kept is no frame, but may hide one. */
	giveUp(): void {
		this.#skip = 0;
		this.search(true);
		this.clear();
	}

	/** Forgets everything; may be called from within the receiver. */
	clear(): void {
		this.#count = 0;
		this.#needed = 1;
		this.#skip = 0;
	}

	private search(isFinal: boolean): void {
		const buffer = this.#buffer;
		let start = 0;
		for (;;) {
			while (start < this.#count && buffer[start] !== flag) start++;
			if (start >= this.#count) {
				this.clear();
				return;
			}
			if (start + 1 < this.#count && buffer[start + 1] === flag) {
				start++;
				continue;
			}
			const length = decodeHdlcHeader(buffer, start + 1, this.#count, this.#frame);
			const end = start + 1 + length;
			if (length === isNoFrame) {
				this.droppedCount++;
				start++;
			} else if (length === isIncomplete || (end >= this.#count && length + 2 <= buffer.length)) {
				if (!isFinal) {
					this.#needed = (length === isIncomplete ? this.#count : end) + 1 - start;
					break;
				}
				this.droppedCount++;
				start++;
			} else if (length + 2 > buffer.length) {
				const skip = length + 2 - (this.#count - start);
				this.clear();
				if (!isFinal) this.#skip = skip;
				return;
			} else if (buffer[end] !== flag) {
				this.droppedCount++;
				start++;
			} else {
				start = end;
				if (isFrameIntact(buffer, end - length, length)) {
					this.#receiver.frameReceived(buffer, this.#frame);
					if (this.#count === 0) return;
				} else this.droppedCount++;
			}
		}
		buffer.copyWithin(0, start, this.#count);
		this.#count -= start;
	}

	private pass(bytes: Uint8Array, from: number, to: number): number {
		const at = Math.min(to, from + this.#skip);
		this.#skip -= at - from;
		if (this.#skip === 0) {
			this.droppedCount++;
			if (bytes[at - 1] === flag) {
				this.#buffer[0] = flag;
				this.#count = 1;
				this.#needed = 2;
				this.#receiver.longFramePassed(this.#frame);
			}
		}
		return at;
	}
}

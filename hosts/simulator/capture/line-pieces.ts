// SPDX-License-Identifier: Apache-2.0

const flag = 0x7e;
/** Frame format field: type 3 in the upper four bits, length of what stands between the flags in the lower eleven. */
const formatType = 0xa0;
const longestFrame = 2 + 0x7ff;

/**
 * Cuts what goes one way over a serial line into packets: an HDLC frame with its flags is one packet, however it came;
 * anything else is a packet as it came.
 */
export class LinePieces {
	readonly #emit: (piece: Uint8Array) => void;
	readonly #frame = Buffer.alloc(longestFrame);
	#length = 0;
	#isBehindFrame = false;

	constructor(emit: (piece: Uint8Array) => void) {
		this.#emit = emit;
	}

	take(bytes: Uint8Array): void {
		let at = 0;
		while (at < bytes.length) {
			const octet = bytes[at]!;
			if (this.#length === 0 && this.#isBehindFrame && (octet & 0xf0) === formatType) this.#put(flag); // one flag for two
			if (this.#length === 0 && octet !== flag) {
				this.#isBehindFrame = false;
				const next = bytes.indexOf(flag, at);
				const end = next < 0 ? bytes.length : next;
				this.#emit(bytes.subarray(at, end));
				at = end;
			} else {
				this.#put(octet);
				at++;
			}
		}
	}

	/** The line was turned or closed: half a frame is all that comes. */
	flush(): void {
		if (this.#length === 0) return;
		const length = this.#length;
		this.#length = 0;
		this.#emit(this.#frame.subarray(0, length));
	}

	#put(octet: number): void {
		if (this.#length === 1 && octet === flag) return; // flags between frames
		this.#frame[this.#length++] = octet;
		if (this.#length === 2 && (octet & 0xf0) !== formatType) this.flush();
		else if (this.#length >= 3 && this.#length === 2 + (this.#frame.readUInt16BE(1) & 0x7ff)) {
			this.#isBehindFrame = true;
			this.flush();
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import { CodecError } from "./codec-error.js";

const twoTo32 = 0x1_0000_0000;
const noView: DataView = new DataView(noOctets.buffer);

/**
 * Reads big endian fields from the octets `from` to `to` (exclusive) of a buffer that stays the caller's.
 *
 * Running past the end throws CodecError("truncated").
 */
export class Reader {
	bytes = noOctets;
	position = 0;
	end = 0;
	#view = noView;

	/** Without `bytes` there is nothing to read before the first `reset`. */
	constructor(bytes: Uint8Array = noOctets, from = 0, to: number = bytes.length) {
		this.reset(bytes, from, to);
	}

	/** Turns to other octets; a view is made only when the buffer is another one. */
	reset(bytes: Uint8Array, from = 0, to: number = bytes.length): void {
		if (from < 0 || to > bytes.length || from > to) throw new RangeError(`octets ${from}..${to} of ${bytes.length}`);
		if (bytes !== this.bytes) {
			this.bytes = bytes;
			this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		}
		this.position = from;
		this.end = to;
	}

	get remaining(): number {
		return this.end - this.position;
	}

	/** The next octet without passing it. */
	peek(): number {
		if (this.position >= this.end) throw new CodecError("truncated", this.position);
		return this.bytes[this.position]!;
	}

	/** Without `skip`, as nothing is called so often; nor have the next ones it. */
	u8(): number {
		const at = this.position;
		if (at >= this.end) throw new CodecError("truncated", at);
		this.position = at + 1;
		return this.bytes[at]!;
	}

	u16(): number {
		const at = this.position;
		const next = at + 2;
		if (next > this.end) throw new CodecError("truncated", at);
		this.position = next;
		return this.#view.getUint16(at);
	}

	u32(): number {
		const at = this.position;
		const next = at + 4;
		if (next > this.end) throw new CodecError("truncated", at);
		this.position = next;
		return this.#view.getUint32(at);
	}

	/** Six octets, as of a logical name. */
	u48(): number {
		const at = this.position;
		const next = at + 6;
		if (next > this.end) throw new CodecError("truncated", at);
		this.position = next;
		return this.#view.getUint16(at) * twoTo32 + this.#view.getUint32(at + 2);
	}

	i8(): number {
		return (this.u8() << 24) >> 24;
	}

	i16(): number {
		return this.#view.getInt16(this.skip(2));
	}

	i32(): number {
		return this.#view.getInt32(this.skip(4));
	}

	/** @throws CodecError("value") above 2^53 - 1 */
	u64(): number {
		const at = this.skip(8);
		const value = this.#view.getUint32(at) * twoTo32 + this.#view.getUint32(at + 4);
		if (value > Number.MAX_SAFE_INTEGER) throw new CodecError("value", at);
		return value;
	}

	/** @throws CodecError("value") outside ±(2^53 - 1) */
	i64(): number {
		const at = this.skip(8);
		const value = this.#view.getInt32(at) * twoTo32 + this.#view.getUint32(at + 4);
		if (!Number.isSafeInteger(value)) throw new CodecError("value", at);
		return value;
	}

	f32(): number {
		return this.#view.getFloat32(this.skip(4));
	}

	f64(): number {
		return this.#view.getFloat64(this.skip(8));
	}

	/** A view on the next `count` octets, valid as long as the buffer is. */
	octets(count: number): Uint8Array {
		const at = this.skip(count);
		return this.bytes.subarray(at, at + count);
	}

	/** Passes `count` octets and returns the offset of the first. */
	skip(count: number): number {
		const at = this.position;
		if (count > this.end - at) throw new CodecError("truncated", at);
		this.position = at + count;
		return at;
	}

	/** @throws CodecError("length") when octets are left */
	expectEnd(): void {
		if (this.position !== this.end) throw new CodecError("length", this.position);
	}
}

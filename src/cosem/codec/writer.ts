// SPDX-License-Identifier: Apache-2.0
import { CodecError } from "./codec-error.js";

const twoTo32 = 0x1_0000_0000;

/**
 * Writes big endian fields one after the other into a fixed buffer.
 *
 * A field that is out of range or does not fit throws CodecError("overflow") and writes nothing.
 */
export class Writer {
	readonly bytes: Uint8Array;
	/** Number of octets written so far; may be set back to drop the tail. */
	position = 0;
	/** Writing stops here; not above `bytes.length`. */
	limit: number;
	readonly #view: DataView;

	/** @param capacity size of a new buffer, or the buffer to write into (it stays the caller's) */
	constructor(capacity: number | Uint8Array) {
		this.bytes = typeof capacity === "number" ? new Uint8Array(capacity) : capacity;
		this.limit = this.bytes.length;
		this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
	}

	/** Starts again, with the whole buffer or its first `limit` octets. */
	reset(limit: number = this.bytes.length): void {
		this.position = 0;
		this.limit = Math.min(limit, this.bytes.length);
	}

	get remaining(): number {
		return this.limit - this.position;
	}

	// what an integer operator changes is out of range, not an integer, or NaN

	u8(value: number): void {
		const at = this.position;
		if ((value & 0xff) !== value || at >= this.limit) throw new CodecError("overflow", at);
		this.bytes[at] = value;
		this.position = at + 1;
	}

	/** A tag, which is in range, and the octet behind it. */
	tagged8(tag: number, value: number): void {
		const at = this.position;
		if ((value & 0xff) !== value || at + 2 > this.limit) throw new CodecError("overflow", at);
		this.bytes[at] = tag;
		this.bytes[at + 1] = value;
		this.position = at + 2;
	}

	/** As `tagged8`, two octets behind the tag. */
	tagged16(tag: number, value: number): void {
		const at = this.position;
		if ((value & 0xffff) !== value || at + 3 > this.limit) throw new CodecError("overflow", at);
		this.bytes[at] = tag;
		this.#view.setUint16(at + 1, value);
		this.position = at + 3;
	}

	/** As `tagged8`, four octets behind the tag. */
	tagged32(tag: number, value: number): void {
		const at = this.position;
		if (value >>> 0 !== value || at + 5 > this.limit) throw new CodecError("overflow", at);
		this.bytes[at] = tag;
		this.#view.setUint32(at + 1, value);
		this.position = at + 5;
	}

	u16(value: number): void {
		if ((value & 0xffff) !== value) throw new CodecError("overflow", this.position);
		this.#view.setUint16(this.claim(2), value);
	}

	u32(value: number): void {
		if (value >>> 0 !== value) throw new CodecError("overflow", this.position);
		this.#view.setUint32(this.claim(4), value);
	}

	i8(value: number): void {
		const at = this.position;
		if ((value << 24) >> 24 !== value || at >= this.limit) throw new CodecError("overflow", at);
		this.bytes[at] = value;
		this.position = at + 1;
	}

	i16(value: number): void {
		if ((value << 16) >> 16 !== value) throw new CodecError("overflow", this.position);
		this.#view.setInt16(this.claim(2), value);
	}

	i32(value: number): void {
		if ((value | 0) !== value) throw new CodecError("overflow", this.position);
		this.#view.setInt32(this.claim(4), value);
	}

	u48(value: number): void {
		const high = Math.floor(value / twoTo32);
		if ((high & 0xffff) !== high || !Number.isInteger(value)) throw new CodecError("overflow", this.position);
		const at = this.claim(6);
		this.#view.setUint16(at, high);
		this.#view.setUint32(at + 2, value - high * twoTo32);
	}

	/** Integers up to 2^53 - 1, which is what the meter counts with. */
	u64(value: number): void {
		if (value < 0 || !Number.isSafeInteger(value)) throw new CodecError("overflow", this.position);
		const at = this.claim(8);
		const high = Math.floor(value / twoTo32);
		this.#view.setUint32(at, high);
		this.#view.setUint32(at + 4, value - high * twoTo32);
	}

	i64(value: number): void {
		if (!Number.isSafeInteger(value)) throw new CodecError("overflow", this.position);
		const at = this.claim(8);
		const high = Math.floor(value / twoTo32);
		this.#view.setInt32(at, high);
		this.#view.setUint32(at + 4, value - high * twoTo32);
	}

	f32(value: number): void {
		const at = this.claim(4);
		this.#view.setFloat32(at, value);
	}

	f64(value: number): void {
		const at = this.claim(8);
		this.#view.setFloat64(at, value);
	}

	octets(bytes: Uint8Array, from = 0, to: number = bytes.length): void {
		if (from < 0 || to > bytes.length || from > to) throw new RangeError(`octets ${from}..${to} of ${bytes.length}`);
		const at = this.claim(to - from);
		if (from === 0 && to === bytes.length) this.bytes.set(bytes, at);
		else this.bytes.set(bytes.subarray(from, to), at);
	}

	/** Leaves room for `count` octets that the caller fills in `bytes`; returns their offset. */
	claim(count: number): number {
		const at = this.position;
		if (count > this.limit - at) throw new CodecError("overflow", at);
		this.position = at + count;
		return at;
	}
}

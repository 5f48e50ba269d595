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

	u8(value: number): void {
		const at = this.#take(1, value, 0, 0xff);
		this.bytes[at] = value;
	}

	u16(value: number): void {
		const at = this.#take(2, value, 0, 0xffff);
		this.#view.setUint16(at, value);
	}

	u32(value: number): void {
		const at = this.#take(4, value, 0, 0xffff_ffff);
		this.#view.setUint32(at, value);
	}

	i8(value: number): void {
		const at = this.#take(1, value, -0x80, 0x7f);
		this.#view.setInt8(at, value);
	}

	i16(value: number): void {
		const at = this.#take(2, value, -0x8000, 0x7fff);
		this.#view.setInt16(at, value);
	}

	i32(value: number): void {
		const at = this.#take(4, value, -0x8000_0000, 0x7fff_ffff);
		this.#view.setInt32(at, value);
	}

	/** Integers up to 2^53 - 1, which is what the meter counts with. */
	u64(value: number): void {
		const at = this.#take(8, value, 0, Number.MAX_SAFE_INTEGER);
		const high = Math.floor(value / twoTo32);
		this.#view.setUint32(at, high);
		this.#view.setUint32(at + 4, value - high * twoTo32);
	}

	i64(value: number): void {
		const at = this.#take(8, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
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

	#take(count: number, value: number, minimum: number, maximum: number): number {
		// one comparison refuses NaN as well
		if (!(value >= minimum && value <= maximum) || value !== Math.floor(value)) {
			throw new CodecError("overflow", this.position);
		}
		return this.claim(count);
	}
}

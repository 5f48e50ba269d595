// SPDX-License-Identifier: Apache-2.0

// On the board this stands in the place of src/core/crc.ts, which says what each gives. The functions are in crc.c and
// throw RangeError unless 0 <= from <= to <= bytes.length.

declare function native(name: string): (...items: unknown[]) => unknown;

export function crc16X25(this: unknown, bytes: Uint8Array, from: number, to: number): number {
	return native("sx402_crc16X25").call(this, bytes, from, to) as number;
}

export function crc16Ccitt(this: unknown, bytes: Uint8Array, from: number, to: number): number {
	return native("sx402_crc16Ccitt").call(this, bytes, from, to) as number;
}

export function crc32(this: unknown, bytes: Uint8Array, from: number, to: number, seed?: number): number {
	return native("sx402_crc32").call(this, bytes, from, to, seed) as number;
}

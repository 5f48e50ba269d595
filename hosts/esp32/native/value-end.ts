// SPDX-License-Identifier: Apache-2.0

// On the board this stands in the place of src/cosem/codec/value-end.ts, which says what it gives. The function is in
// value-end.c and throws RangeError for octets outside the buffer.

declare function native(name: string): (...items: unknown[]) => unknown;

export function valueEnd(this: unknown, bytes: Uint8Array, from: number, to: number): number {
	return native("sx402_valueEnd").call(this, bytes, from, to) as number;
}

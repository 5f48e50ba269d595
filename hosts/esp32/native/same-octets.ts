// SPDX-License-Identifier: Apache-2.0

// On the board this stands in the place of src/core/same-octets.ts, which says what it gives. The function is in
// same-octets.c and throws RangeError for octets outside the buffers.

declare function native(name: string): (...items: unknown[]) => unknown;

export function areSame(
	this: unknown,
	a: Uint8Array,
	aFrom: number,
	b: Uint8Array,
	bFrom: number,
	count: number,
): boolean {
	return native("sx402_areSame").call(this, a, aFrom, b, bFrom, count) as boolean;
}

// SPDX-License-Identifier: Apache-2.0

/**
 * An array of `length` zeros, for a few numbers that are kept. On the board it takes two slots and 16 octets for each
 * element, a `Float64Array` seven slots and 8 octets; its elements are read faster, too.
 */
export function zeros(length: number): number[] {
	return new Array<number>(length).fill(0);
}

/** Copies all elements of one array into another that has as many. */
export function copyNumbers(from: ArrayLike<number>, into: number[]): void {
	for (let n = 0; n < from.length; n++) into[n] = from[n]!;
}

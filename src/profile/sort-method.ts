// SPDX-License-Identifier: Apache-2.0

/** Attribute 5 of a profile (Blue Book 4.3.6). */
export const sortMethod = Object.freeze({
	firstInFirstOut: 1,
	/** The newest row first; the oldest is overwritten. */
	lastInFirstOut: 2,
	/** By the value of the sort object; in a full profile the last of the order goes. */
	largest: 3,
	smallest: 4,
	nearestToZero: 5,
	farthestFromZero: 6,
});

/** Rows are sorted by a value. */
export function isSorted(method: number): boolean {
	return method > sortMethod.lastInFirstOut;
}

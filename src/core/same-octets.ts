// SPDX-License-Identifier: Apache-2.0

/**
 * Whether `count` octets of `a` from `aFrom` on are those of `b` from `bFrom` on. Not for secrets: it ends at the first
 * difference.
 */
export function areSame(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, count: number): boolean {
	for (let n = 0; n < count; n++) if (a[aFrom + n] !== b[bFrom + n]) return false;
	return true;
}

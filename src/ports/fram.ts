// SPDX-License-Identifier: Apache-2.0

/**
 * Ferroelectric memory, an optional part: octets are written without erasing, without wear and at once, one after the other.
 * Power may fail between any two of them; the one on its way may then be anything.
 *
 * Both throw `DeviceError("fram", …)` when the part refuses. A part that is not there need not: it reads anything.
 */
export interface Fram {
	/** Octets of the part. */
	readonly size: number;
	read(address: number, into: Uint8Array): void;
	/** Writes the first `length` octets of `bytes`, all of them unless given. */
	write(address: number, bytes: Uint8Array, length?: number): void;
}

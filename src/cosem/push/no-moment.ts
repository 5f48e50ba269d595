// SPDX-License-Identifier: Apache-2.0

/** The 12 octets of a date-time of which nothing is specified. */
export function noMomentOctets(): Uint8Array {
	const octets = new Uint8Array(12).fill(0xff);
	octets[9] = 0x80; // deviation not specified
	octets[10] = 0;
	return octets;
}

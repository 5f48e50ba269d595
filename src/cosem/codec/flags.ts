// SPDX-License-Identifier: Apache-2.0
import { encodeBitString } from "./axdr.js";
import type { Writer } from "./writer.js";

/** A bit-string of `length` bits: flag n is bit n, those that are left out are 0. */
export function encodeFlags(w: Writer, flags: readonly (boolean | undefined)[], length: number): void {
	const octets = new Uint8Array((length + 7) >> 3);
	for (let n = 0; n < flags.length; n++) if (flags[n] === true) octets[n >> 3]! |= 0x80 >> (n & 7);
	encodeBitString(w, octets, length);
}

// SPDX-License-Identifier: Apache-2.0
import type { SeededRandom } from "../dsp/gaussian.js";
import type { SignalFaults } from "./settings.js";

/** Faults that can be put on the model, at construction or later. */
export interface Faults extends SignalFaults {
	/** The chip does not drive its output: each octet reads as this level of the line. */
	readonly noResponse?: 0x00 | 0xff;
	/** Probability that a bit on the bus is flipped, each direction; there is no checksum on this interface. */
	readonly bitErrorRate?: number;
	/**
	 * While COMM_LOCK is not engaged, the interface may take other traffic on a shared bus for its own: the first transfer
	 * after 100 ms of silence is lost.
	 */
	readonly isInterfaceUnstable?: boolean;
}

/** Flips bits of `frame` at random. */
export function flipBits(frame: Uint8Array, rate: number, random: SeededRandom): void {
	for (let n = 0; n < frame.length; n++) {
		for (let bit = 0; bit < 8; bit++) if (random.next() < rate) frame[n]! ^= 1 << bit;
	}
}

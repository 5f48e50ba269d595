// SPDX-License-Identifier: Apache-2.0
import type { SeededRandom } from "../dsp/gaussian.js";

/** Faults that can be put on the model, at construction or later; those left out are absent. */
export interface Ade9000Faults {
	/** MISO stays at this level. */
	readonly deadMiso?: 0 | 1;
	/** Probability that a bit from the chip arrives inverted. */
	readonly bitErrorRate?: number;
	/** MISO is sampled one bit late, as with a clock that is too fast for the wiring. */
	readonly isMisoLate?: boolean;
	/** Added to the error of the crystal. */
	readonly crystalOffset_ppm?: number;
	/**
	 * Level (−1 … 1 of full scale) at which the converter of a channel is stuck, VA VB VC IA IB IC IN; holes are sound.
	 */
	readonly stuck?: readonly (number | undefined)[];
	/** Read with reset of energy registers clears HI but not LO (erratum of the data sheet). */
	readonly hasReadResetErratum?: boolean;
	/** The first 32-bit word of a waveform burst loses its top octet (seen on real parts). */
	readonly hasFirstWordFault?: boolean;
}

/** Changes what the master sees on MISO. */
export function disturb(frame: Uint8Array, faults: Ade9000Faults, random: SeededRandom): void {
	if (faults.isMisoLate === true) {
		let carry = 0x80; // the line was pulled up before
		for (let n = 0; n < frame.length; n++) {
			const octet = frame[n]!;
			frame[n] = carry | (octet >> 1);
			carry = (octet & 1) << 7;
		}
	}
	const rate = faults.bitErrorRate ?? 0;
	if (rate > 0) {
		for (let n = 0; n < frame.length; n++) {
			for (let bit = 0; bit < 8; bit++) if (random.next() < rate) frame[n]! ^= 1 << bit;
		}
	}
	if (faults.deadMiso !== undefined) frame.fill(faults.deadMiso === 0 ? 0x00 : 0xff);
}

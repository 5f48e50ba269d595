// SPDX-License-Identifier: Apache-2.0

/**
 * Delivers the waveform samples of an ADE7953, which come too fast for script: 6992.1875 sets of IA, IB and V per second,
 * read from 0x316, 0x317 and 0x318 after each pulse of the data-ready output (pin ZX_I).
 *
 * The host keeps what it samples between `start` and `stop` in a ring of its own, at least 1024 sets (146 ms), and the content
 * after `stop`. Reading the chip
 * must not come between a register read of the driver and the two reads that confirm it: on a shared bus the host samples
 * between `start` and `stop` only, and the driver's three frames are one turn.
 */
export interface WaveformSource {
	/** Empties the ring and begins to sample. */
	start(): void;
	/** Ends sampling; what was sampled stays to be read. */
	stop(): void;
	/**
	 * Moves the oldest sets out of the ring: `into[3n]` IA, `[3n + 1]` IB, `[3n + 2]` V, each the 24 bit code divided by 256,
	 * rounded, -32768..32767.
	 * @param sets at most so many
	 * @returns the number of sets, 0 when there are none; -1 when sets were lost since `start`
	 */
	read(into: Int16Array, sets: number): number;
}

// SPDX-License-Identifier: Apache-2.0
import type { Droop } from "./block-result.js";
import type { WaveformBlock } from "./waveform-block.js";

/** What `BlockSource.begin` and `BlockSource.advance` answer. */
export const captureState = Object.freeze({
	/** Call `advance` again at `nextDeadline_ms`. */
	running: 0,
	/** The block is full. */
	finished: 1,
	/** The block is lost: the chip was started again, did not answer, or samples are missing. */
	failed: 2,
	/** The mains frequency is beyond what can be resampled. */
	frequency: 3,
	/** Only from `begin`: nothing is captured, the mains are what they were at the last block, whose values stand. */
	unchanged: 4,
});

/** A front end that can deliver four cycles of 128 points. One capture at a time; nothing blocks or throws. */
export interface BlockSource {
	readonly phases: number;
	/** 40 or 20: what the band of the chip allows. */
	readonly highestOrder: number;
	/** RMS at the terminals of one RMS code of the points. */
	readonly voltagePerCode_mV: number;
	readonly currentPerCode_mA: number;
	/** Monotonic milliseconds of the next step while the capture waits; a half cycle that is ready may wait longer. */
	readonly nextDeadline_ms: number;
	/** Points were taken as if the mains had this frequency. */
	readonly assumedFrequency_mHz: number;
	/** Starts a capture. */
	begin(now_ms: number): number;
	/** Takes the next step: at most one half cycle goes into `block`. */
	advance(now_ms: number, block: WaveformBlock): number;
	/** By how much the chip's power registers are corrected behind the waveforms; phase from 0. */
	powerFactor(phase: number): number;
	/** Left out where the band is taken as flat. */
	readonly droop?: Droop;
}

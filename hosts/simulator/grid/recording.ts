// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { requireRoom } from "./block.js";
import { type Comtrade, parseComtrade } from "./comtrade.js";
import { regularLoop } from "./regular-loop.js";
import { LoopResampler, slowLoop } from "./resampler.js";
import { channel, type PhasorState, type Terminals } from "./terminals.js";

export interface RecordingOptions {
	/** Multiplies all currents, for a recording that exceeds the range of the model; 1 when left out. */
	readonly currentScale?: number;
	/** 1 puts u1 and i1 on a single-phase meter, whose neutral conductor carries i1; 3 when left out. */
	readonly phases?: 1 | 3;
	/** The name in messages. */
	readonly name?: string;
}

/** Below this the band of the front ends is not filled; accepted with a warning. */
const leastRate_Hz = 2500;

/**
 * A COMTRADE recording on the terminals, looped without a gap.
 *
 * The last sample is followed by the first, also inside the interpolation: a file that does not hold whole cycles
 * has a phase jump at its seam, and that is part of the signal. Phases that were not recorded are 0; the neutral that
 * was not recorded is the sum of the phase currents.
 */
export class Recording implements Terminals {
	readonly isRecording = true;
	readonly name: string;
	/** Of the recorded samples, after bringing several rates to one. */
	readonly rate_Hz: number;
	readonly duration_s: number;
	readonly lineFrequency_Hz: number;
	readonly warnings: readonly string[];
	readonly #peaks: readonly number[];
	readonly #resampler: LoopResampler;

	/** @throws ComtradeError when the rates cannot be brought to one; RangeError when the scale is not finite */
	constructor(recording: Comtrade, options: RecordingOptions = {}) {
		const currentScale = options.currentScale ?? 1;
		if (!Number.isFinite(currentScale)) throw new RangeError(`currentScale must be finite, not ${currentScale}`);
		this.name = options.name ?? recording.configuration.station;
		const loop = regularLoop(recording, this.name);
		const channels = terminalsOf(loop.channels, loop.count, options.phases ?? 3, currentScale);
		this.rate_Hz = loop.rate_Hz;
		this.duration_s = loop.count / loop.rate_Hz;
		this.lineFrequency_Hz = recording.configuration.lineFrequency_Hz;
		this.warnings = warningsOf(loop.rate_Hz, loop.channels);
		this.#peaks = channels.map((samples) => samples?.reduce((peak, x) => Math.max(peak, Math.abs(x)), 0) ?? 0);
		const slow = slowLoop(channels, loop.count, loop.rate_Hz);
		this.#resampler = new LoopResampler(slow.sequences, slow.count, slow.rate_Hz);
	}

	/** Reads both files from memory. @throws ComtradeError */
	static fromBytes(cfg: Uint8Array, dat: Uint8Array, options: RecordingOptions = {}): Recording {
		return new Recording(parseComtrade(cfg, dat), options);
	}

	/**
	 * Reads `name.cfg` and the `name.dat` beside it.
	 *
	 * @throws ComtradeError, or the file system's own error when one of the files cannot be read
	 */
	static fromFile(cfgPath: string, options: RecordingOptions = {}): Recording {
		const stem = cfgPath.replace(/\.cfg$/i, "");
		const datPath = stem + (cfgPath.endsWith(".CFG") ? ".DAT" : ".dat");
		const names = { cfg: basename(cfgPath), dat: basename(datPath) };
		const recording = parseComtrade(readFileSync(cfgPath), readFileSync(datPath), names);
		return new Recording(recording, { name: basename(stem), ...options });
	}

	/** The largest magnitude of a channel, to compare with the range of a model. */
	peak(channelIndex: number): number {
		return this.#peaks[channelIndex] ?? 0;
	}

	phasors(): PhasorState {
		throw new Error(`${this.name} is a recording and has no phasors: run the front-end model in waveform gear`);
	}

	/** Reads the loop at any rate; it begins at time 0. @throws RangeError as `Grid.sample` */
	sample(start_s: number, rate_Hz: number, count: number, into: readonly Float64Array[]): void {
		requireRoom(rate_Hz, count, into);
		this.#resampler.read(start_s, rate_Hz, count, into);
	}
}

function terminalsOf(
	recorded: readonly (Float64Array | undefined)[],
	count: number,
	phases: 1 | 3,
	currentScale: number,
): (Float64Array | undefined)[] {
	const channels = [...recorded];
	if (phases === 1) {
		for (const absent of [channel.u2, channel.u3, channel.i2, channel.i3]) channels[absent] = undefined;
		channels[channel.neutral] = undefined;
	}
	for (let c: number = channel.i1; c <= channel.neutral; c++) channels[c] = channels[c]?.map((i) => i * currentScale);
	if (channels[channel.neutral] === undefined) {
		const sum = new Float64Array(count);
		for (const c of [channel.i1, channel.i2, channel.i3]) {
			const samples = channels[c];
			if (samples !== undefined) for (let n = 0; n < count; n++) sum[n]! += samples[n]!;
		}
		channels[channel.neutral] = sum;
	}
	return channels;
}

function warningsOf(rate_Hz: number, recorded: readonly (Float64Array | undefined)[]): string[] {
	const warnings: string[] = [];
	if (rate_Hz < leastRate_Hz) {
		warnings.push(`the rate of ${rate_Hz} Hz is below ${leastRate_Hz} Hz: harmonics are missing`);
	}
	const missing = Object.entries(channel)
		.filter(([name, c]) => name !== "neutral" && recorded[c] === undefined)
		.map(([name]) => name);
	if (missing.length > 0) warnings.push(`not recorded, taken as 0: ${missing.join(" ")}`);
	return warnings;
}

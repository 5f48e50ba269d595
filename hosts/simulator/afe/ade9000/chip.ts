// SPDX-License-Identifier: Apache-2.0
import type { Terminals } from "../../grid/terminals.js";
import type { Gaussian } from "../dsp/gaussian.js";
import type { AnalogInput } from "./analog-input.js";
import type { ChainSettings } from "./chain-settings.js";
import type { PowerAccumulation } from "./power-accumulation.js";
import type { QualityEvents } from "./quality-events.js";
import type { RegisterFile } from "./register-file.js";
import type { Means, Results } from "./results.js";
import type { RmsWindows } from "./rms-windows.js";
import type { SampleClock } from "./sample-clock.js";
import type { ResampledBlock, WaveformBuffer } from "./waveform-buffer.js";

/** The parts that both gears work on. */
export interface ChipParts {
	readonly terminals: Terminals;
	readonly input: AnalogInput;
	readonly clock: SampleClock;
	readonly registers: RegisterFile;
	readonly settings: ChainSettings;
	readonly means: Means;
	readonly results: Results;
	readonly windows: RmsWindows;
	readonly power: PowerAccumulation;
	readonly quality: QualityEvents;
	readonly buffer: WaveformBuffer;
	/** Undefined when the chip is simulated without noise. */
	readonly noise: Gaussian | undefined;
	/** Current region of each phase (MTREGION). */
	readonly regions: Uint8Array;
}

/** One gear: moves the signal side of the chip forward. Positions count samples since RUN. */
export interface Engine {
	/** Begins at `position` with empty filters. */
	start(position: number): void;
	/** Takes all samples up to and with `position`. The configuration does not change inside a call. */
	advance(position: number): void;
	/** The settings have been loaded anew. */
	reconfigured(): void;
	/** Windows and angles hold the present state and nothing of the past. */
	readonly isStill: boolean;
	/** Windows of 10/12 cycles that have ended at `position`; asked of a still engine. */
	windowsAt(position: number): number;
	/** Brings waveform registers (PCF, LPF, SINC) and peaks up to date. */
	refresh(): void;
	/** Samples of one line cycle, coerced, as the resampler uses them. */
	readonly samplesPerCycle: number;
	/** Sign of a voltage (0 … 2) or of their combination (3) as the ZX output shows it. */
	isPositive(source: number): boolean;
	/**
	 * 512 sets of 7 resampled codes, IA VA IB VB IC VC IN; see `WaveformBuffer`. At least the words `from` … `to-1` of each
	 * set are to be made.
	 */
	fillResampled(start: number, samplesPerCycle: number, into: ResampledBlock, from: number, to: number): void;
	/** Code of a fixed-rate sample; `position` in samples of 8 kSPS, quarters for the sinc output. */
	fixedSample(position: number, channel: number, source: FixedSource): number;
}

/** WF_SRC. */
export type FixedSource = "sinc" | "lpf" | "pcf";

// SPDX-License-Identifier: Apache-2.0
import type { Terminals } from "../../grid/terminals.js";
import type { Gaussian } from "../dsp/gaussian.js";
import type { EnergyStage } from "./energy-stage.js";
import type { NoLoad } from "./no-load.js";
import type { RegisterFile } from "./register-file.js";
import type { Input, Settings } from "./settings.js";
import type { Supervision } from "./supervision.js";

/** What a gear works on. */
export interface GearContext {
	readonly terminals: Terminals;
	readonly file: RegisterFile;
	readonly energy: EnergyStage;
	readonly supervision: Supervision;
	readonly noLoad: NoLoad;
	readonly random: Gaussian;
	/** A waveform sample is complete; called in waveform gear only, with all registers showing it. */
	onSample(time_s: number): void;
}

/** The signal processing in one of two ways: from phasors in closed form, or sample by sample. */
export interface Gear {
	/** Clears all filters; signal processing goes on from `now_s`. */
	reset(now_s: number, settings: Settings): void;
	/** Registers, tolerances or faults changed; holds from the present on. */
	configure(settings: Settings): void;
	/** Moves time on to `to_s`; what nobody sees may be put off until `settle`, but for pulses, which fall in time. */
	run(to_s: number): void;
	/** Processes everything up to where `run` has moved time. */
	settle(): void;
	/** A register was written: the next pulse may fall at another time. */
	written(): void;
	/** Every register but those of energies, and every flag that is not latched already, stays as it is until something moves. */
	readonly isStill: boolean;
	/** Mean square behind the RMS window, squared waveform codes. */
	meanSquare(input: Input): number;
	/** Power codes of channel A (0) or B (1), not rounded. */
	watt(channel: 0 | 1): number;
	var(channel: 0 | 1): number;
	/** The same without ripple, for the power factor. */
	steadyWatt(channel: 0 | 1): number;
	steadyVar(channel: 0 | 1): number;
	/** Present waveform code, not rounded. */
	sample(input: Input): number;
	/** Level of the zero-crossing output: 1 between a rising and a falling crossing. */
	crossingLevel(input: Input): 0 | 1;
	/** PERIOD and ANGLE_x; they hold while there are no crossings. */
	readonly period: number;
	angle(channel: 0 | 1): number;
}

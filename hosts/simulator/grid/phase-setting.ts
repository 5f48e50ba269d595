// SPDX-License-Identifier: Apache-2.0
import {
	greatestCurrent_A,
	type Harmonic,
	type Load,
	type ReactiveSense,
	requireHarmonics,
	requireRange,
} from "./loads.js";

/** L1, L2, L3. */
export type Phase = 1 | 2 | 3;
export type Conductor = Phase | "neutral";

/** What one phase is set to: the fields of a test bench with phantom load. Fields left out keep their value. */
export interface PhaseSetting {
	readonly voltage_V?: number;
	/** Added to the phase's place in the order: 0, −120°, +120°. */
	readonly voltageAngle_deg?: number;
	readonly voltageHarmonics?: readonly Harmonic[];
	readonly current_A?: number;
	/** Signed as the active power: negative exports. With `reactive` it gives `angle_deg`. */
	readonly powerFactor?: number;
	/** Inductive (default) is Q > 0, capacitive Q < 0. */
	readonly reactive?: ReactiveSense;
	/** How far the current lags the voltage; wins over `powerFactor`. */
	readonly angle_deg?: number;
	readonly currentHarmonics?: readonly Harmonic[];
}

/** A phase as it stands now. */
export interface PhaseStatus {
	readonly voltage_V: number;
	readonly voltageAngle_deg: number;
	readonly voltageHarmonics: readonly Harmonic[];
	readonly current_A: number;
	readonly angle_deg: number;
	readonly currentHarmonics: readonly Harmonic[];
	readonly contactClosed: boolean;
	readonly reversed: boolean;
	readonly bypass: number;
	readonly loads: ReadonlyMap<string, Load>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** The same, to be changed by the grid alone. */
export interface PhaseRecord extends Mutable<Omit<PhaseStatus, "loads">> {
	readonly loads: Map<string, Load>;
}

export const greatestVoltage_V = 1000;

export function requireFrequency(frequency_Hz: number): void {
	requireRange("frequency_Hz", frequency_Hz, 10, 200);
}

export function requireSetting(setting: PhaseSetting): void {
	requireRange("voltage_V", setting.voltage_V ?? 0, 0, greatestVoltage_V);
	requireRange("voltageAngle_deg", setting.voltageAngle_deg ?? 0, -360, 360);
	requireHarmonics("voltageHarmonics", setting.voltageHarmonics ?? []);
	requireRange("current_A", setting.current_A ?? 0, 0, greatestCurrent_A);
	requireRange("powerFactor", setting.powerFactor ?? 1, -1, 1);
	const { reactive } = setting;
	if (reactive !== undefined && reactive !== "inductive" && reactive !== "capacitive") {
		throw new RangeError(`reactive must be inductive or capacitive, not ${String(reactive)}`);
	}
	requireRange("angle_deg", setting.angle_deg ?? 0, -360, 360);
	requireHarmonics("currentHarmonics", setting.currentHarmonics ?? []);
}

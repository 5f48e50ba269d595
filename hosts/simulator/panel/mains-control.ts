// SPDX-License-Identifier: Apache-2.0
import { Grid } from "../grid/grid.js";
import type { Household } from "../grid/household.js";
import { type Phase, type PhaseSetting, requireFrequency, requireSetting } from "../grid/phase-setting.js";
import type { Recording } from "../grid/recording.js";
import { channel } from "../grid/terminals.js";
import { ConflictError } from "./instrument.js";
import type { MainsSetting } from "./request-schemas.js";
import type { Mains, MainsPhase } from "./state-schema.js";

interface PresentLoad {
	readonly current_A: number;
	/** How far the current lags the voltage, −180 … 180. */
	readonly angle_deg: number;
}

/**
 * What a user may do to the terminals of a meter: a test bench with phantom load, or a household that can be taken over
 * phase by phase. A recording can not be changed.
 */
export class MainsControl {
	readonly #terminals: Grid | Recording;
	readonly #household: Household | undefined;

	constructor(terminals: Grid | Recording, household?: Household) {
		this.#terminals = terminals;
		this.#household = household;
	}

	state(): Mains {
		const terminals = this.#terminals;
		if (!(terminals instanceof Grid)) {
			return {
				source: "recording",
				recording: terminals.name,
				hasHousehold: false,
				frequency_Hz: terminals.lineFrequency_Hz,
				phaseOrder: "123",
				neutralConnected: true,
				phases: [],
			};
		}
		return {
			source: "grid",
			recording: null,
			hasHousehold: this.#household !== undefined,
			frequency_Hz: terminals.frequency_Hz,
			phaseOrder: terminals.phaseOrder,
			neutralConnected: terminals.neutralConnected,
			phases: Array.from({ length: terminals.phases }, (_, p) => this.#phase(terminals, (p + 1) as Phase)),
		};
	}

	/** @throws RangeError, ConflictError; nothing has changed then */
	set(setting: MainsSetting): void {
		const grid = this.#grid();
		const { frequency_Hz, phaseOrder, neutralConnected } = setting;
		if (frequency_Hz !== undefined) requireFrequency(frequency_Hz);
		grid.change(() => {
			if (phaseOrder !== undefined) grid.setPhaseOrder(phaseOrder);
			if (frequency_Hz !== undefined) grid.setFrequency_Hz(frequency_Hz);
			if (neutralConnected !== undefined) grid.setNeutralConnected(neutralConnected);
		});
	}

	/**
	 * Sets a phase. A field of the load ends the household's part in it; fields of the load that are left out then begin
	 * with the fundamental that flows at this moment.
	 *
	 * @throws RangeError, ConflictError; nothing has changed then
	 */
	setPhase(phase: Phase, setting: PhaseSetting): void {
		const grid = this.#grid();
		requireSetting(setting);
		const present = this.#presentLoad(grid, phase);
		grid.change(() => {
			if (isOfLoad(setting) && this.#isHousehold(phase)) {
				this.#household!.setActive(phase, false);
				grid.setPhase(phase, present);
			}
			grid.setPhase(phase, setting);
			const { reactive, powerFactor, angle_deg } = setting;
			if (reactive === undefined || powerFactor !== undefined || angle_deg !== undefined) return;
			grid.setPhase(phase, { angle_deg: Math.abs(present.angle_deg) * (reactive === "inductive" ? 1 : -1) });
		});
	}

	/** Gives one phase or all back to the household, in place of the load set; or takes its appliances off. */
	setHousehold(isEnabled: boolean, phase?: Phase): void {
		const grid = this.#grid();
		const household = this.#household;
		if (household === undefined) throw new ConflictError("this simulator was started without a household");
		const phases = phase === undefined ? ([1, 2, 3] as const).slice(0, grid.phases) : [phase];
		if (phase !== undefined) grid.status(phase); // a RangeError before anything is changed
		grid.change(() => {
			for (const p of phases) {
				if (isEnabled) grid.setPhase(p, { current_A: 0, currentHarmonics: [] });
				household.setActive(p, isEnabled);
			}
		});
	}

	#grid(): Grid {
		if (this.#terminals instanceof Grid) return this.#terminals;
		throw new ConflictError(
			`the terminals are connected to the recording ${this.#terminals.name}, which can not be changed`,
		);
	}

	#isHousehold(phase: Phase): boolean {
		return this.#household?.isActive(phase) ?? false;
	}

	#phase(grid: Grid, phase: Phase): MainsPhase {
		const status = grid.status(phase);
		const { current_A, angle_deg } = this.#presentLoad(grid, phase);
		return {
			voltage_V: status.voltage_V,
			voltageAngle_deg: status.voltageAngle_deg,
			voltageHarmonics: status.voltageHarmonics,
			current_A,
			powerFactor: Math.cos((angle_deg * Math.PI) / 180),
			reactive: angle_deg < 0 ? "capacitive" : "inductive",
			angle_deg,
			currentHarmonics: status.currentHarmonics,
			isHousehold: this.#isHousehold(phase),
			appliances: [...status.loads.keys()],
		};
	}

	/** The set point, or what the household draws: then the fundamental at the terminals. */
	#presentLoad(grid: Grid, phase: Phase): PresentLoad {
		const status = grid.status(phase);
		if (!this.#isHousehold(phase)) return { current_A: status.current_A, angle_deg: fold_deg(status.angle_deg) };
		const { channels } = grid.phasors();
		const voltage = channels[channel.u1 + phase - 1]![0]!;
		const current = channels[channel.i1 + phase - 1]![0]!;
		if (current.rms === 0) return { current_A: 0, angle_deg: 0 };
		return { current_A: current.rms, angle_deg: fold_deg(((voltage.phase_rad - current.phase_rad) * 180) / Math.PI) };
	}
}

function isOfLoad(setting: PhaseSetting): boolean {
	const { current_A, powerFactor, reactive, angle_deg, currentHarmonics } = setting;
	return [current_A, powerFactor, reactive, angle_deg, currentHarmonics].some((field) => field !== undefined);
}

/** The same angle in −180 … 180. */
function fold_deg(angle_deg: number): number {
	return angle_deg - 360 * Math.round(angle_deg / 360);
}

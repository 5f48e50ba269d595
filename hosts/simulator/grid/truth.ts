// SPDX-License-Identifier: Apache-2.0
import type { Grid } from "./grid.js";
import type { Phase } from "./phase-setting.js";
import { type Component, channel, type PhasorState, type TerminalListener } from "./terminals.js";

/** What an ideal instrument reads at the terminals of one phase. */
export interface PhaseTruth {
	readonly voltage_V: number;
	readonly current_A: number;
	/** All orders and direct current together; import > 0. */
	readonly activePower_W: number;
	/** Of the fundamental; inductive > 0. */
	readonly reactivePower_var: number;
	/** Product of the root mean squares. */
	readonly apparentPower_VA: number;
}

/** The true values of a phase, from the definitions: P = Σ U·I·cos φ over the orders, Q = U₁·I₁·sin φ₁, S = U·I. */
export function truthOf(state: PhasorState, phase: Phase): PhaseTruth {
	const voltages = state.channels[channel.u1 + phase - 1] ?? [];
	const currents = state.channels[channel.i1 + phase - 1] ?? [];
	let activePower_W = 0;
	let reactivePower_var = 0;
	for (const u of voltages) {
		for (const i of currents) {
			if (i.order !== u.order) continue;
			const angle_rad = u.order === 0 ? 0 : u.phase_rad - i.phase_rad;
			activePower_W += u.rms * i.rms * Math.cos(angle_rad);
			if (u.order === 1) reactivePower_var += u.rms * i.rms * Math.sin(angle_rad);
		}
	}
	const voltage_V = rootMeanSquare(voltages);
	const current_A = rootMeanSquare(currents);
	return { voltage_V, current_A, activePower_W, reactivePower_var, apparentPower_VA: voltage_V * current_A };
}

/** Root mean square of a channel: its orders are orthogonal. */
export function rootMeanSquare(components: readonly Component[]): number {
	let sum = 0;
	for (const { rms } of components) sum += rms * rms;
	return Math.sqrt(sum);
}

/** Energies since the start of the reference, Wh and varh; every one rises only. */
export interface ReferenceEnergy {
	activeImport_Wh: number;
	activeExport_Wh: number;
	reactiveImport_varh: number;
	reactiveExport_varh: number;
	apparent_VAh: number;
}

function noEnergy(): ReferenceEnergy {
	return { activeImport_Wh: 0, activeExport_Wh: 0, reactiveImport_varh: 0, reactiveExport_varh: 0, apparent_VAh: 0 };
}

/**
 * The reference standard beside the meter under test: integrates the true powers of a grid, exactly, as they are
 * constant between changes. The total goes by the sign of the sum of the phases (vector), the phases each by their own.
 */
export class ReferenceMeter implements TerminalListener {
	readonly total = noEnergy();
	readonly phases: readonly ReferenceEnergy[];
	readonly #grid: Grid;
	#time_s: number;
	#state: PhasorState | undefined;
	#powers: readonly PhaseTruth[] = [];

	/** Starts at the grid's present and listens to it from there. */
	constructor(grid: Grid) {
		this.#grid = grid;
		this.#time_s = grid.now_s;
		this.phases = Array.from({ length: grid.phases }, noEnergy);
		grid.addListener(this);
	}

	/** Integrates up to `time_s`; call it before reading. */
	advanceTo(time_s: number): void {
		const duration_h = (time_s - this.#time_s) / 3600;
		if (!(duration_h > 0)) return;
		this.#time_s = time_s;
		const state = this.#grid.phasors();
		if (state !== this.#state) {
			this.#state = state;
			this.#powers = this.phases.map((_, p) => truthOf(state, (p + 1) as Phase));
		}
		let p_W = 0;
		let q_var = 0;
		let s_VA = 0;
		for (const [n, power] of this.#powers.entries()) {
			accumulate(this.phases[n]!, power.activePower_W, power.reactivePower_var, power.apparentPower_VA, duration_h);
			p_W += power.activePower_W;
			q_var += power.reactivePower_var;
			s_VA += power.apparentPower_VA;
		}
		accumulate(this.total, p_W, q_var, s_VA, duration_h);
	}

	/** Stops listening. */
	close(): void {
		this.#grid.removeListener(this);
	}
}

function accumulate(energy: ReferenceEnergy, p_W: number, q_var: number, s_VA: number, duration_h: number): void {
	if (p_W > 0) energy.activeImport_Wh += p_W * duration_h;
	else energy.activeExport_Wh -= p_W * duration_h;
	if (q_var > 0) energy.reactiveImport_varh += q_var * duration_h;
	else energy.reactiveExport_varh -= q_var * duration_h;
	energy.apparent_VAh += s_VA * duration_h;
}

// SPDX-License-Identifier: Apache-2.0
import { requireRoom } from "./block.js";
import { add, argument, type Complex, modulus, polar, scale, zero } from "./complex.js";
import { angleOf_deg, greatestCurrent_A, type Load, requireLoad, requireRange } from "./loads.js";
import { type NetworkPhase, type Solution, solveNetwork } from "./network.js";
import {
	type Conductor,
	greatestVoltage_V,
	type Phase,
	type PhaseRecord,
	type PhaseSetting,
	type PhaseStatus,
	requireFrequency,
	requireSetting,
} from "./phase-setting.js";
import { Synthesis } from "./synthesis.js";
import {
	type Component,
	channel,
	channelCount,
	type PhasorState,
	type TerminalListener,
	type Terminals,
} from "./terminals.js";

export interface GridOptions {
	readonly phases: Phase;
	readonly frequency_Hz: number;
	readonly voltage_V: number;
	/** Draws the angle of the mains at time 0; without a seed L1 begins at its positive crest. */
	readonly seed?: number;
}

interface Epoch {
	readonly from_s: number;
	/** Mains angle at `from_s`, turns. */
	readonly cycles: number;
	readonly state: PhasorState;
	/** Made when somebody samples: virtual time in phasor gear never does. */
	synthesis: Synthesis | undefined;
}

/** So many past states can still be sampled; models are told of each change, so they need only the last one. */
const epochsKept = 64;
/** Turns after which the mains angle is folded: a whole number of periods for orders down to 1/1000. */
const fold_cycles = 1000;

/**
 * Mains and loads of one to three phases as the meter's terminals see them.
 *
 * The present is moved by `advanceTo`; every setter acts at the present. Before the first change of an instant the
 * listeners are told to finish the past; `phasors()` gives a new object after it. Voltages are those between line and
 * neutral terminal, currents flow into the installation: P > 0 imports, Q > 0 is inductive.
 */
export class Grid implements Terminals {
	readonly isRecording = false;
	readonly phases: Phase;
	readonly nominalVoltage_V: number;
	readonly #records: PhaseRecord[] = [];
	readonly #listeners: TerminalListener[] = [];
	readonly #epochs: Epoch[] = [];
	#frequency_Hz: number;
	#now_s = 0;
	#changed_s = 0;
	#isDirty = true;
	#isTelling = false;
	#batch = 0;
	#state: PhasorState | undefined;
	#phaseOrder: "123" | "132" = "123";
	#neutralConnected = true;
	#neutralBypass = 0;
	#leakage: Complex = zero;
	#sourceResistance_ohm = 0;
	#sourceInductance_H = 0;
	readonly #startCycles: number;

	/** @throws RangeError when an option is out of range */
	constructor(options: GridOptions) {
		if (options.phases !== 1 && options.phases !== 2 && options.phases !== 3) {
			throw new RangeError(`phases must be 1, 2 or 3, not ${String(options.phases)}`);
		}
		requireFrequency(options.frequency_Hz);
		requireRange("voltage_V", options.voltage_V, 1, greatestVoltage_V);
		this.phases = options.phases;
		this.nominalVoltage_V = options.voltage_V;
		this.#frequency_Hz = options.frequency_Hz;
		// Weyl sequence of the golden ratio: evenly spread for consecutive seeds.
		const turns = (options.seed ?? 0) * 0.6180339887498949;
		this.#startCycles = turns - Math.floor(turns);
		for (let p = 0; p < options.phases; p++) {
			this.#records.push({
				voltage_V: options.voltage_V,
				voltageAngle_deg: 0,
				voltageHarmonics: [],
				current_A: 0,
				angle_deg: 0,
				currentHarmonics: [],
				contactClosed: true,
				reversed: false,
				bypass: 0,
				loads: new Map(),
			});
		}
	}

	/** The present, seconds since the start of the simulation. */
	get now_s(): number {
		return this.#now_s;
	}

	get frequency_Hz(): number {
		return this.#frequency_Hz;
	}

	get neutralConnected(): boolean {
		return this.#neutralConnected;
	}

	get phaseOrder(): "123" | "132" {
		return this.#phaseOrder;
	}

	addListener(listener: TerminalListener): void {
		if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
	}

	removeListener(listener: TerminalListener): void {
		const at = this.#listeners.indexOf(listener);
		if (at >= 0) this.#listeners.splice(at, 1);
	}

	/** Moves the present; a time in the past changes nothing. */
	advanceTo(time_s: number): void {
		if (time_s > this.#now_s) this.#now_s = time_s;
	}

	/** Makes several changes one: listeners are told once. */
	change(changes: () => void): void {
		this.#begin();
		this.#batch++;
		try {
			changes();
		} finally {
			this.#batch--;
		}
	}

	/** @throws RangeError naming the field; nothing has changed then */
	setPhase(phase: Phase, setting: PhaseSetting): void {
		const record = this.#record(phase);
		requireSetting(setting);
		this.#begin();
		if (setting.voltage_V !== undefined) record.voltage_V = setting.voltage_V;
		if (setting.voltageAngle_deg !== undefined) record.voltageAngle_deg = setting.voltageAngle_deg;
		if (setting.voltageHarmonics !== undefined) record.voltageHarmonics = [...setting.voltageHarmonics];
		if (setting.current_A !== undefined) record.current_A = setting.current_A;
		if (setting.currentHarmonics !== undefined) record.currentHarmonics = [...setting.currentHarmonics];
		if (setting.powerFactor !== undefined) {
			record.angle_deg = angleOf_deg(setting.powerFactor, setting.reactive ?? "inductive");
		}
		if (setting.angle_deg !== undefined) record.angle_deg = setting.angle_deg;
	}

	/** @throws RangeError outside 10 … 200 Hz */
	setFrequency_Hz(frequency_Hz: number): void {
		requireFrequency(frequency_Hz);
		this.#begin();
		this.#frequency_Hz = frequency_Hz;
	}

	/**
	 * Puts a load on a phase, in place of the one of the same name; `undefined` takes it away.
	 *
	 * @throws RangeError naming the field; nothing has changed then
	 */
	setLoad(phase: Phase, name: string, load: Load | undefined): void {
		const { loads } = this.#record(phase);
		if (load !== undefined) requireLoad(load);
		else if (!loads.has(name)) return;
		this.#begin();
		if (load === undefined) loads.delete(name);
		else loads.set(name, load);
	}

	/** "132" exchanges L2 and L3 of the supply. */
	setPhaseOrder(order: "123" | "132"): void {
		if (order !== "123" && order !== "132")
			throw new RangeError(`phase order must be 123 or 132, not ${String(order)}`);
		this.#begin();
		this.#phaseOrder = order;
	}

	/**
	 * Cuts or restores the neutral on the supply side.
	 *
	 * With more than one phase the star point of the loads floats then. With one phase the meter loses its voltage, while the
	 * load goes on through earth and nothing flows through the neutral.
	 */
	setNeutralConnected(connected: boolean): void {
		this.#begin();
		this.#neutralConnected = connected;
	}

	/** The impedance between the ideal mains and the terminals, the same for each phase. */
	setSourceImpedance(resistance_ohm: number, inductance_H: number): void {
		requireRange("resistance_ohm", resistance_ohm, 0, 1000);
		requireRange("inductance_H", inductance_H, 0, 10);
		this.#begin();
		this.#sourceResistance_ohm = resistance_ohm;
		this.#sourceInductance_H = inductance_H;
	}

	/** A current that the neutral conductor carries beside the sum of the phases; the angle counts from the mains angle. */
	setLeakage(current_A: number, angle_deg = 0): void {
		requireRange("current_A", current_A, 0, greatestCurrent_A);
		requireRange("angle_deg", angle_deg, -360, 360);
		this.#begin();
		this.#leakage = polar(current_A, (angle_deg * Math.PI) / 180);
	}

	/** Leads a share (0 … 1) of a conductor's current past the meter. */
	setBypass(conductor: Conductor, share: number): void {
		requireRange("share", share, 0, 1);
		const record = conductor === "neutral" ? undefined : this.#record(conductor);
		this.#begin();
		if (record === undefined) this.#neutralBypass = share;
		else record.bypass = share;
	}

	/** Connects the current circuit of a phase the wrong way round. */
	setReversed(phase: Phase, reversed: boolean): void {
		const record = this.#record(phase);
		this.#begin();
		record.reversed = reversed;
	}

	/** The pole of the meter's switching module: while it is open, nothing flows through the phase. */
	setContactClosed(phase: Phase, closed: boolean): void {
		const record = this.#record(phase);
		if (record.contactClosed === closed) return;
		this.#begin();
		record.contactClosed = closed;
	}

	/** A live view of what the phase is set to. */
	status(phase: Phase): PhaseStatus {
		return this.#record(phase);
	}

	phasors(): PhasorState {
		if (this.#isDirty || this.#state === undefined) this.#settle();
		return this.#state!;
	}

	/** Mains angle at `time_s` in turns, folded. */
	cyclesAt(time_s: number): number {
		this.phasors();
		return cyclesOf(this.#epochs[this.#epochAt(time_s)]!, time_s);
	}

	/** @throws RangeError when the rate is not positive, the count negative or an array too short */
	sample(start_s: number, rate_Hz: number, count: number, into: readonly Float64Array[]): void {
		requireRoom(rate_Hz, count, into);
		this.phasors();
		let at = this.#epochAt(start_s);
		for (let from = 0; from < count; at++) {
			const epoch = this.#epochs[at]!;
			const next = this.#epochs[at + 1];
			const to = next === undefined ? count : Math.min(count, Math.ceil((next.from_s - start_s) * rate_Hz));
			if (to <= from) continue;
			epoch.synthesis ??= new Synthesis(epoch.state);
			epoch.synthesis.fill(cyclesOf(epoch, start_s + from / rate_Hz), rate_Hz, from, to, into);
			from = to;
		}
	}

	#record(phase: Phase): PhaseRecord {
		const record = this.#records[phase - 1];
		if (record === undefined) throw new RangeError(`this grid has phases 1 to ${this.phases}, not ${String(phase)}`);
		return record;
	}

	/** Tells the listeners to finish the past, then marks the present state as stale. */
	#begin(): void {
		if (this.#isDirty && this.#changed_s !== this.#now_s) this.#settle();
		if (!this.#isDirty && this.#batch === 0 && !this.#isTelling) {
			this.#isTelling = true;
			try {
				for (const listener of this.#listeners) listener.advanceTo(this.#now_s);
			} finally {
				this.#isTelling = false;
			}
		}
		this.#isDirty = true;
		this.#changed_s = this.#now_s;
	}

	#settle(): void {
		const from_s = this.#changed_s;
		const last = this.#epochs.at(-1);
		const cycles = last === undefined ? this.#startCycles : cyclesOf(last, from_s) % fold_cycles;
		const state = this.#solve();
		if (last?.from_s === from_s) this.#epochs.pop();
		else if (this.#epochs.length === epochsKept) this.#epochs.shift();
		this.#epochs.push({ from_s, cycles, state, synthesis: undefined });
		this.#state = state;
		this.#isDirty = false;
	}

	/** Index of the state that held at `time_s`; the oldest one kept stands for all before it. */
	#epochAt(time_s: number): number {
		let at = this.#epochs.length - 1;
		while (at > 0 && this.#epochs[at]!.from_s > time_s) at--;
		return at;
	}

	#solve(): PhasorState {
		const lostReturn = this.phases === 1 && !this.#neutralConnected;
		const solutions = solveNetwork({
			frequency_Hz: this.#frequency_Hz,
			nominalVoltage_V: this.nominalVoltage_V,
			phases: this.#records.map((record, p) => this.#networkPhase(record, p)),
			sourceResistance_ohm: this.#sourceResistance_ohm,
			sourceInductance_H: this.#sourceInductance_H,
			neutralConnected: this.#neutralConnected || lostReturn,
		});
		const channels: Component[][] = [];
		for (let c = 0; c < channelCount; c++) channels.push([]);
		for (const solution of solutions) this.#place(solution, channels, lostReturn);
		return { frequency_Hz: this.#frequency_Hz, channels };
	}

	#networkPhase(record: PhaseRecord, p: number): NetworkPhase {
		const place_deg = (this.#phaseOrder === "123" ? [0, -120, 120] : [0, 120, -120])[p]!;
		const loads: Load[] = [];
		if (record.contactClosed) {
			if (record.current_A > 0) {
				const { current_A, angle_deg, currentHarmonics: harmonics } = record;
				loads.push({ kind: "current", current_A, angle_deg, harmonics });
			}
			loads.push(...record.loads.values());
		}
		return {
			voltage_V: record.voltage_V,
			angle_rad: ((place_deg + record.voltageAngle_deg) * Math.PI) / 180,
			harmonics: record.voltageHarmonics,
			loads,
		};
	}

	#place(solution: Solution, channels: Component[][], lostReturn: boolean): void {
		const { order } = solution;
		let neutral = order === 1 ? this.#leakage : zero;
		for (let p = 0; p < 3; p++) {
			const record = this.#records[p];
			const current = solution.currents[p] ?? zero;
			neutral = add(neutral, current);
			const sensed = record === undefined ? 0 : (record.reversed ? -1 : 1) * (1 - record.bypass);
			pushComponent(channels[channel.u1 + p]!, order, lostReturn ? zero : (solution.voltages[p] ?? zero));
			pushComponent(channels[channel.i1 + p]!, order, scale(current, sensed));
		}
		const throughNeutral = this.#neutralConnected ? 1 - this.#neutralBypass : 0;
		pushComponent(channels[channel.neutral]!, order, scale(neutral, throughNeutral));
	}
}

/** The fundamental is always there, so that it stays the first; other orders only where they are not zero. */
function pushComponent(components: Component[], order: number, phasor: Complex): void {
	if (order === 0) {
		if (phasor.re !== 0) components.push({ order, rms: phasor.re, phase_rad: 0 });
		return;
	}
	const rms = modulus(phasor);
	if (order === 1 || rms > 0) components.push({ order, rms, phase_rad: argument(phasor) });
}

function cyclesOf(epoch: Epoch, time_s: number): number {
	return epoch.cycles + (time_s - epoch.from_s) * epoch.state.frequency_Hz;
}

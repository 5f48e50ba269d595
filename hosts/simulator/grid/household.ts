// SPDX-License-Identifier: Apache-2.0
import type { Grid } from "./grid.js";
import { type House, type HouseholdEvent, planDay, secondsPerDay } from "./household-day.js";
import { type Load, requireRange } from "./loads.js";
import type { Phase } from "./phase-setting.js";

export interface HouseholdOptions {
	/** Local time of day at the start of the simulation, seconds; midnight when left out. */
	readonly startOfDay_s?: number;
	/** Date of the start, days since 1 January 2000, for the sun; an equinox when left out. */
	readonly startDay?: number;
	/** Greatest power of a photovoltaic system on the last phase, W; none when left out. */
	readonly photovoltaic_W?: number;
	/** Multiplies all powers: 1/40 behind 200/5 A transformers; 1 when left out. */
	readonly scale?: number;
}

/** 20 March 2000. */
const equinox = 79;

interface Appliance {
	readonly phase: Phase;
	/** Undefined: off. */
	readonly load: Load | undefined;
}

/**
 * The people behind the meter: they switch loads of a grid, minutes apart, the same way for the same seed and time.
 *
 * The host calls `advanceTo` no later than `nextChange_s`; the grid's present moves with each event. Loads carry names
 * of their own ("kettle"), so set points and other loads of the grid stay as they are.
 */
export class Household {
	readonly #grid: Grid;
	readonly #house: House;
	readonly #startOfDay_s: number;
	/** Every appliance that has been switched so far, with what it is now. */
	readonly #appliances = new Map<string, Appliance>();
	readonly #inactive = new Set<Phase>();
	#day: number;
	#events: readonly HouseholdEvent[];
	#next = 0;
	/** Time of the event that is next. */
	#nextChange_s = 0;
	#isStopped = false;

	/**
	 * Switches on what runs at the grid's present.
	 *
	 * @throws RangeError when an option is out of range
	 */
	constructor(grid: Grid, seed: number, options: HouseholdOptions = {}) {
		const { startOfDay_s = 0, startDay = equinox, photovoltaic_W = 0, scale = 1 } = options;
		requireRange("startOfDay_s", startOfDay_s, 0, secondsPerDay - 1);
		requireRange("startDay", startDay, 0, 36_525);
		requireRange("photovoltaic_W", photovoltaic_W, 0, 1e6);
		requireRange("scale", scale, 1e-6, 1000);
		this.#grid = grid;
		this.#startOfDay_s = startOfDay_s;
		const { phases, nominalVoltage_V: voltage_V, frequency_Hz } = grid;
		this.#day = Math.floor((grid.now_s + startOfDay_s) / secondsPerDay);
		const firstDay = startDay - this.#day;
		this.#house = { seed, phases, voltage_V, frequency_Hz, firstDay, photovoltaic_W, scale };
		this.#events = planDay(this.#house, this.#day);
		this.#nextChange_s = this.#timeOf(this.#events[0]!);
		this.#settle();
	}

	/** When the household will change something next, seconds of simulation; Infinity once it is stopped. */
	get nextChange_s(): number {
		return this.#nextChange_s;
	}

	/** Does everything due up to and at `time_s`, each event at its own time. */
	advanceTo(time_s: number): void {
		while (this.nextChange_s <= time_s) {
			this.#grid.advanceTo(this.nextChange_s);
			this.#grid.change(() => this.#doAllOf(this.nextChange_s));
		}
	}

	/** Takes the household's loads off the grid for good, at the grid's present. */
	stop(): void {
		if (this.#isStopped) return;
		this.#isStopped = true;
		this.#nextChange_s = Number.POSITIVE_INFINITY;
		this.#grid.change(() => {
			for (const [name, { phase }] of this.#appliances) this.#grid.setLoad(phase, name, undefined);
		});
	}

	/** False while somebody else has the loads of this phase, or the household is stopped. */
	isActive(phase: Phase): boolean {
		return !this.#isStopped && !this.#inactive.has(phase);
	}

	/**
	 * Takes the household's loads off one phase, or puts on those that run there by now, at the grid's present.
	 * Its day goes on meanwhile.
	 */
	setActive(phase: Phase, isActive: boolean): void {
		if (this.#isStopped || isActive === this.isActive(phase)) return;
		if (isActive) this.#inactive.delete(phase);
		else this.#inactive.add(phase);
		this.#grid.change(() => {
			for (const [name, appliance] of this.#appliances) {
				if (appliance.phase === phase) this.#grid.setLoad(phase, name, isActive ? appliance.load : undefined);
			}
		});
	}

	/** Brings the grid to the state of the day so far, as one change. */
	#settle(): void {
		this.#grid.change(() => {
			while (this.nextChange_s <= this.#grid.now_s) this.#do();
		});
	}

	#doAllOf(time_s: number): void {
		while (this.nextChange_s === time_s) this.#do();
	}

	#do(): void {
		const { phase, name, load } = this.#events[this.#next]!;
		if (!this.#inactive.has(phase)) this.#grid.setLoad(phase, name, load);
		this.#appliances.set(name, { phase, load });
		this.#next++;
		if (this.#next === this.#events.length) {
			this.#day++;
			this.#events = planDay(this.#house, this.#day);
			this.#next = 0;
		}
		this.#nextChange_s = this.#timeOf(this.#events[this.#next]!);
	}

	#timeOf(event: HouseholdEvent): number {
		return this.#day * secondsPerDay + event.at_s - this.#startOfDay_s;
	}
}

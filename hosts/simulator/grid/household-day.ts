// SPDX-License-Identifier: Apache-2.0
import { Dice } from "./dice.js";
import { type Harmonic, impedanceLoad, type Load } from "./loads.js";
import type { Phase } from "./phase-setting.js";
import { Sun } from "./sun.js";

/** One switch turned in the house. */
export interface HouseholdEvent {
	/** Seconds of the local day, 0 … 86 399. */
	readonly at_s: number;
	readonly phase: Phase;
	readonly name: string;
	/** Undefined: off. */
	readonly load: Load | undefined;
}

export interface House {
	readonly seed: number;
	readonly phases: Phase;
	readonly voltage_V: number;
	readonly frequency_Hz: number;
	/** Day 0, in days since 1 January 2000: where the sun stands. */
	readonly firstDay: number;
	/** Greatest power of the photovoltaic system, W; 0 for none. */
	readonly photovoltaic_W: number;
	/** All powers are multiplied by this: below 1 behind current transformers. */
	readonly scale: number;
}

export const secondsPerDay = 86_400;
const minute = 60;
const hour = 3600;

/** Rectifiers with a capacitor behind them, softened by what else hangs on the phase. */
const electronicHarmonics: readonly Harmonic[] = Object.freeze([
	{ order: 3, fraction: 0.32, phase_deg: 170 },
	{ order: 5, fraction: 0.18, phase_deg: -15 },
	{ order: 7, fraction: 0.09, phase_deg: 160 },
	{ order: 9, fraction: 0.04, phase_deg: -30 },
]);
const inverterHarmonics: readonly Harmonic[] = Object.freeze([
	{ order: 3, fraction: 0.01, phase_deg: 0 },
	{ order: 5, fraction: 0.015, phase_deg: 40 },
]);

/**
 * What happens in the house on one day, in order of time: a function of the house and the day's number alone.
 *
 * Every appliance is off at midnight except base load and refrigerator, which are set anew then, so that days can be
 * made in any order. Days 5 and 6 of each seven are the weekend.
 */
export function planDay(house: House, day: number): HouseholdEvent[] {
	const plan = new DayPlan(house, day);
	plan.standby();
	plan.refrigerator();
	plan.boiler();
	plan.lighting();
	plan.entertainment();
	plan.kettle();
	plan.cooker();
	plan.washing();
	plan.dishes();
	if (house.photovoltaic_W > 0) plan.photovoltaics();
	return plan.finish();
}

class DayPlan {
	readonly #house: House;
	readonly #day: number;
	readonly #isWeekend: boolean;
	readonly #events: HouseholdEvent[] = [];
	#stream = 0;

	constructor(house: House, day: number) {
		this.#house = house;
		this.#day = day;
		this.#isWeekend = day % 7 >= 5;
	}

	finish(): HouseholdEvent[] {
		return this.#events.sort((a, b) => a.at_s - b.at_s);
	}

	standby(): void {
		const dice = this.#dice();
		for (let at_s = 0; at_s < secondsPerDay; at_s += dice.between(20, 60) * minute) {
			this.#set(at_s, 1, "standby", this.#electronics(dice.between(60, 110), -25));
		}
	}

	refrigerator(): void {
		const dice = this.#dice();
		let at_s = dice.between(0, 30) * minute;
		this.#set(0, 1, "refrigerator", undefined);
		while (at_s < secondsPerDay) {
			const end_s = at_s + dice.between(10, 16) * minute;
			this.#span(at_s, end_s, 1, "refrigerator", this.#motor(95, 0.72));
			at_s = end_s + dice.between(20, 35) * minute;
		}
	}

	boiler(): void {
		const dice = this.#dice();
		const from_s = dice.between(1, 2) * hour;
		this.#span(from_s, from_s + dice.between(50, 100) * minute, 3, "boiler", this.#resistor(2000));
	}

	lighting(): void {
		const dice = this.#dice();
		const morning_s = (this.#isWeekend ? 8 : 6.2) * hour + dice.between(0, 30) * minute;
		this.#span(morning_s, morning_s + dice.between(45, 80) * minute, 2, "lamps", this.#electronics(70, -30));
		const night_s = 22 * hour + dice.between(10, 75) * minute;
		for (let at_s = 17.3 * hour + dice.between(0, 40) * minute; at_s < night_s; at_s += dice.between(25, 60) * minute) {
			this.#set(at_s, 2, "lamps", this.#electronics(dice.between(80, 220), -60));
		}
		this.#set(night_s, 2, "lamps", undefined);
	}

	entertainment(): void {
		const dice = this.#dice();
		const from_s = (this.#isWeekend ? 15 : 18.3) * hour + dice.between(0, 45) * minute;
		const to_s = 22.4 * hour + dice.between(0, 50) * minute;
		this.#span(from_s, to_s, 2, "television", this.#electronics(dice.between(110, 220), -20));
	}

	kettle(): void {
		const dice = this.#dice();
		for (const [from_h, to_h, probability] of [
			[6.4, 8, 0.95],
			[12, 13.9, 0.5],
			[15.5, 17, 0.6],
			[20, 21.8, 0.7],
		] as const) {
			const at_s = dice.between(from_h, to_h) * hour;
			const boiling_s = dice.between(110, 210);
			if (dice.happens(probability)) this.#span(at_s, at_s + boiling_s, 1, "kettle", this.#resistor(2000));
		}
	}

	cooker(): void {
		const dice = this.#dice();
		if (dice.happens(this.#isWeekend ? 0.85 : 0.35)) this.#meal(dice, 11.6 * hour + dice.between(0, 40) * minute);
		if (dice.happens(0.9)) this.#meal(dice, 17.9 * hour + dice.between(0, 50) * minute);
	}

	/** Two rings on two phases: full power first, then the thermostats. */
	#meal(dice: Dice, from_s: number): void {
		for (const [ring, phase, power_W] of [
			["ring 1", 2, 1800],
			["ring 2", 3, 1200],
		] as const) {
			const end_s = from_s + dice.between(25, 45) * minute;
			let at_s = from_s + dice.between(0, 6) * minute;
			let on_s = dice.between(5, 8) * minute;
			while (at_s < end_s) {
				this.#span(at_s, at_s + on_s, phase, ring, this.#resistor(power_W));
				at_s += on_s + dice.between(80, 170);
				on_s = dice.between(60, 120);
			}
		}
	}

	washing(): void {
		const dice = this.#dice();
		if (!dice.happens(this.#isWeekend ? 0.8 : 0.45)) return;
		let at_s = dice.between(9, 20.5) * hour;
		const name = "washing machine";
		const heated_s = at_s + dice.between(12, 20) * minute;
		this.#set(at_s, 3, name, this.#resistor(2000));
		const end_s = heated_s + dice.between(50, 75) * minute;
		for (at_s = heated_s; at_s < end_s - 10 * minute; at_s += dice.between(4, 8) * minute) {
			this.#set(at_s, 3, name, this.#motor(dice.between(120, 300), 0.62));
		}
		this.#span(end_s - 8 * minute, end_s, 3, name, this.#motor(450, 0.7));
	}

	dishes(): void {
		const dice = this.#dice();
		if (!dice.happens(0.6)) return;
		const from_s = dice.between(19.6, 21.2) * hour;
		const name = "dishwasher";
		this.#set(from_s, 3, name, this.#resistor(1900));
		this.#set(from_s + 16 * minute, 3, name, this.#motor(85, 0.8));
		this.#set(from_s + 42 * minute, 3, name, this.#resistor(1900));
		this.#set(from_s + 54 * minute, 3, name, this.#motor(60, 0.8));
		this.#set(from_s + 75 * minute, 3, name, undefined);
	}

	/** From sunrise to sunset of the date, behind wandering clouds, on the last phase. */
	photovoltaics(): void {
		const dice = this.#dice();
		const { photovoltaic_W, scale, firstDay } = this.#house;
		const sun = new Sun(firstDay + this.#day);
		let sky = dice.between(0.3, 1);
		for (let at_s = sun.rise_s + 5 * minute; at_s < sun.set_s; at_s += 5 * minute) {
			sky = Math.min(1, Math.max(0.15, sky + dice.between(-0.15, 0.16)));
			const activePower_W = -photovoltaic_W * scale * sky * sun.share(at_s);
			this.#set(at_s, 3, "photovoltaics", { kind: "power", activePower_W, harmonics: inverterHarmonics });
		}
		this.#set(sun.set_s, 3, "photovoltaics", undefined);
	}

	/** Each appliance throws its own dice: a change to one leaves the days of the others as they were. */
	#dice(): Dice {
		return new Dice(this.#house.seed, this.#day * 64 + this.#stream++);
	}

	#resistor(power_W: number): Load {
		const { scale, voltage_V, frequency_Hz } = this.#house;
		return impedanceLoad(power_W * scale, 1, "inductive", voltage_V, frequency_Hz);
	}

	#motor(power_W: number, powerFactor: number): Load {
		const { scale, voltage_V, frequency_Hz } = this.#house;
		return impedanceLoad(power_W * scale, powerFactor, "inductive", voltage_V, frequency_Hz);
	}

	#electronics(power_W: number, reactive_var: number): Load {
		const { scale } = this.#house;
		return {
			kind: "power",
			activePower_W: power_W * scale,
			reactivePower_var: reactive_var * scale,
			harmonics: electronicHarmonics,
		};
	}

	#span(from_s: number, to_s: number, phase: Phase, name: string, load: Load): void {
		this.#set(from_s, phase, name, load);
		this.#set(to_s, phase, name, undefined);
	}

	/** Whole seconds; what would happen after midnight is left to the next day. */
	#set(at_s: number, phase: Phase, name: string, load: Load | undefined): void {
		if (at_s >= secondsPerDay) return;
		const wired = (((phase - 1) % this.#house.phases) + 1) as Phase;
		this.#events.push({ at_s: Math.floor(at_s), phase: wired, name, load });
	}
}

// SPDX-License-Identifier: Apache-2.0
import { Metrology } from "../../src/metrology/metrology.js";
import { numberOfRates, ratedQuantities } from "../../src/metrology/rate-registers.js";
import type { MetrologyView } from "../../src/metrology/view.js";

/** Value group C of the energies that are watched: totals, quadrants, apparent, both of the first phase. */
const watched = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 21, 22];
/** Without FRAM energy may be behind by the load of a minute, and of the second that was running. */
const longestLoss_ms = 62_000;
const kept = 80;
/** Energies are told to clients in whole units of a digit: ten of 0.1 Wh. */
const unitsPerDigit = 10;
/** 108 kW for a second, in 0.1 Wh: more than any of these meters measures. */
const unitsPerSecond = 300;

/** Knows what the registers held at each second before a cut, and holds the meter against it afterwards. */
export class RegisterWatch {
	readonly #hasFram: boolean;
	readonly #times_ms = new Float64Array(kept);
	readonly #units = new Float64Array(kept * watched.length);
	#seconds = 0;
	/** Digits told to a client, in the order of `watched`. */
	readonly #told = new Float64Array(watched.length);

	constructor(hasFram: boolean) {
		this.#hasFram = hasFram;
	}

	/** Takes down every second of a meter that has just started. */
	follow(metrology: MetrologyView): void {
		if (!(metrology instanceof Metrology)) throw new TypeError("a meter with another metrology");
		this.#seconds = 0;
		metrology.addListener({
			intervalFinished: (view, now_ms) => {
				const at = this.#seconds++ % kept;
				this.#times_ms[at] = now_ms;
				for (let n = 0; n < watched.length; n++) this.#units[at * watched.length + n] = view.energy_units(watched[n]!);
			},
		});
	}

	/** A client got an answer with this energy. */
	told(c: number, digits: number): void {
		const n = watched.indexOf(c);
		this.#told[n] = Math.max(this.#told[n]!, digits);
	}

	/**
	 * Compares a meter that has started again with what was there before.
	 * @param run_s how long it has been running @param find is told what is wrong
	 */
	check(metrology: MetrologyView, run_s: number, find: (what: string) => void): void {
		const last = this.#seconds - 1;
		const durable = this.#durable();
		for (let n = 0; n < watched.length; n++) {
			const c = watched[n]!;
			const units = metrology.energy_units(c);
			const before = this.#units[(last % kept) * watched.length + n]!;
			if (last >= 0 && units > before + (run_s + 1) * unitsPerSecond)
				find(`energy ${c} rose from ${before} to ${units}`);
			if (durable >= 0) {
				const least = this.#units[(durable % kept) * watched.length + n]!;
				if (units < least)
					find(`energy ${c} fell back to ${units}, it was ${least} ${last - durable} s before the cut`);
			}
			const digits = Math.floor(units / unitsPerDigit);
			if (digits < this.#told[n]!) find(`energy ${c} shows ${digits} after ${this.#told[n]} was told`);
		}
		for (const c of ratedQuantities) {
			let sum = 0;
			for (let rate = 1; rate <= numberOfRates; rate++) sum += metrology.rate_units(c, rate);
			if (sum !== metrology.energy_units(c))
				find(`rates of ${c} add up to ${sum}, not to ${metrology.energy_units(c)}`);
		}
	}

	/** Second whose energies must have survived, -1 when there is none: with FRAM the last one that was finished. */
	#durable(): number {
		const last = this.#seconds - 1;
		if (this.#hasFram) return last;
		const last_ms = this.#times_ms[last % kept]!;
		for (let second = last; second >= 0 && second > last - kept; second--)
			if (last_ms - this.#times_ms[second % kept]! >= longestLoss_ms) return second;
		return -1;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { digits, type EnergyRegisters, unitsWrap } from "./energy-registers.js";

/** Quantities with rates, value group C: A+, A-, |A|, R+, R-, R1..R4, S+, S-. */
export const ratedQuantities: readonly number[] = Object.freeze([1, 2, 15, 3, 4, 5, 6, 7, 8, 9, 10]);
/** Rates 1..8 of each quantity. */
export const numberOfRates = 8;

const quantities = ratedQuantities.length;
const version = 1;
const countLength = 5;
const firstCount = 1 + quantities;
const recordLength = firstCount + quantities * (numberOfRates + 1) * countLength;
const high = 0x1_0000_0000;

/**
 * What of the total registers belongs to each rate, in units; the remainder is kept in the total alone. The rate in force
 * has what the others have not, so the rates of a quantity add up to its total exactly, at every instant.
 *
 * A change of rates puts what has been registered so far into place. Between two changes nothing is to be done, and the
 * durable copy of the totals is enough:
 *
 *   record: version 1 · rate in force of each quantity · per quantity: count of each rate (5 each) · per quantity: its total at
 *           the change (5)
 *
 * It is written after the totals: a power cut in between leaves to the old rate what was its own.
 */
export class RateRegisters {
	/** Rate in force of each quantity, 1..8, in the order of `ratedQuantities`. */
	readonly active = new Uint8Array(quantities).fill(1);
	readonly #registers: EnergyRegisters;
	readonly #store: RecordStore;
	/** Per quantity the count of each rate, then of each quantity the total at the last change. */
	readonly #counts: Float64Array = new Float64Array(quantities * (numberOfRates + 1));

	constructor(registers: EnergyRegisters, store: RecordStore) {
		this.#registers = registers;
		this.#store = store;
	}

	/** To be called when the totals are restored. Without a sound record all energy is that of rate 1. */
	restore(): void {
		const record = new Uint8Array(recordLength);
		let length = -1;
		try {
			length = this.#store.read(recordKey.energyRates, record);
		} catch {
			// damaged: as good as none
		}
		this.#counts.fill(0);
		this.active.fill(1);
		if (length === recordLength && record[0] === version) this.decode(record);
	}

	/** Units of a rate, 0 … `unitsWrap`-1. @param c value group C @param rate 1..8 */
	units(c: number, rate: number): number {
		const quantity = ratedQuantities.indexOf(c);
		if (quantity < 0) return 0;
		const count = this.#counts[quantity * numberOfRates + rate - 1]!;
		return this.active[quantity] === rate ? (count + this.since(quantity)) % unitsWrap : count;
	}

	/** Whether a rate in force shows more than it did with the totals of `then`. */
	hasDigitRisen(then: number[]): boolean {
		for (let quantity = 0; quantity < quantities; quantity++) {
			const c = ratedQuantities[quantity]!;
			const risen = this.#registers.units(c) - this.#registers.units(c, then);
			if (risen === 0) continue;
			const now = this.units(c, this.active[quantity]!);
			if (digits(now) !== digits(now - risen + unitsWrap)) return true;
		}
		return false;
	}

	isActive(rates: Uint8Array): boolean {
		for (let quantity = 0; quantity < quantities; quantity++)
			if (rates[quantity] !== this.active[quantity]) return false;
		return true;
	}

	/** From here on energy belongs to `rates`, 1..8 each. */
	change(rates: Uint8Array): void {
		for (let quantity = 0; quantity < quantities; quantity++) {
			const at = quantity * numberOfRates + this.active[quantity]! - 1;
			this.#counts[at] = (this.#counts[at]! + this.since(quantity)) % unitsWrap;
			this.#counts[quantities * numberOfRates + quantity] = this.#registers.units(ratedQuantities[quantity]!);
			this.active[quantity] = rates[quantity]!;
		}
	}

	/** To be called when the totals of the change are durable. @throws DeviceError */
	save(): void {
		const record = new Uint8Array(recordLength);
		const view = new DataView(record.buffer);
		record[0] = version;
		record.set(this.active, 1);
		for (let n = 0, at = firstCount; n < this.#counts.length; n++, at += countLength) {
			const upper = Math.floor(this.#counts[n]! / high);
			view.setUint8(at, upper);
			view.setUint32(at + 1, this.#counts[n]! - upper * high);
		}
		this.#store.write(recordKey.energyRates, record);
	}

	/** Units registered since the last change. */
	private since(quantity: number): number {
		const then = this.#counts[quantities * numberOfRates + quantity]!;
		const now = this.#registers.units(ratedQuantities[quantity]!);
		return now >= then ? now - then : now - then + unitsWrap;
	}

	private decode(record: Uint8Array): void {
		const view = new DataView(record.buffer);
		for (let n = 0, at = firstCount; n < this.#counts.length; n++, at += countLength)
			this.#counts[n] = view.getUint8(at) * high + view.getUint32(at + 1);
		let isSound = true;
		for (let quantity = 0; quantity < quantities; quantity++) {
			const rate = record[1 + quantity]!;
			if (rate < 1 || rate > numberOfRates) isSound = false;
			this.active[quantity] = rate;
			// totals that were lost are lost for the rates too
			if (this.since(quantity) >= unitsWrap / 2) isSound = false;
		}
		if (isSound) return;
		this.#counts.fill(0);
		this.active.fill(1);
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { unitsWrap } from "../metrology/energy-registers.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** Value groups C of the energies that are counted per recording interval, 1-0:C.29.0. */
export const recordedQuantities: readonly number[] = Object.freeze([1, 2, 5, 6, 7, 8]);

/** What is counted. */
export interface CountedEnergies {
	/** As `MetrologyView`. */
	energy_units(c: number): number;
}

const layoutVersion = 1;
const numberAt = 1;
const energiesAt = 5;
const unitsSize = 5;
const length = energiesAt + unitsSize * recordedQuantities.length;

/**
 * Energies at the begin of the recording interval, that of load profile 1, in two records that take turns, read when needed.
 *
 *   record: version 1 · number of the entry that ends the interval (4) · energies of `recordedQuantities` (5 each)
 *
 * What the next interval begins with is stored before the entry that ends the running one, beside what that began with. Which
 * of the two counts is told by the number that the next entry has: so entry and record need no common write.
 */
export class RecordingInterval {
	readonly #journal: RecordStore;
	readonly #energies: CountedEnergies;
	/** Of the running interval, once it is read: one entry may ask for all the energies. */
	#running: DataView | undefined;

	constructor(journal: RecordStore, energies: CountedEnergies) {
		this.#journal = journal;
		this.#energies = energies;
	}

	/** Energy since the begin of the interval, 0.1 Wh; 0 where that is not known. @param next number of the next entry */
	units(c: number, next: number): number {
		const record = this.load(next);
		if (record === undefined) return 0;
		const at = energiesAt + unitsSize * recordedQuantities.indexOf(c);
		const begin = record.getUint8(at) * 2 ** 32 + record.getUint32(at + 1);
		const units = this.#energies.energy_units(c) - begin;
		const grown = units < 0 ? units + unitsWrap : units;
		return grown < unitsWrap / 2 ? grown : 0; // registers that were lost stand below their begin
	}

	/** What the next entry is going to be is known: where no record is of its interval, that begins now. @throws DeviceError */
	found(next: number): void {
		if (this.load(next) === undefined) this.begin(next);
	}

	/**
	 * The entry of this number is about to be stored. @param isExtra the interval goes on behind it
	 * @throws DeviceError when the medium refuses
	 */
	ends(number: number, isExtra: boolean): void {
		const running = isExtra ? this.load(number) : undefined;
		this.#running = undefined;
		if (running === undefined) this.begin(number + 1);
		else {
			running.setUint32(numberAt, number + 1);
			this.#journal.write(keyOf(number + 1), new Uint8Array(running.buffer));
		}
	}

	/** The record of the interval which an entry ends; undefined without one that can be used. */
	private load(number: number): DataView | undefined {
		if (this.#running?.getUint32(numberAt) === number) return this.#running;
		const bytes = new Uint8Array(length);
		try {
			if (this.#journal.read(keyOf(number), bytes) !== length || bytes[0] !== layoutVersion) return undefined;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return undefined;
		}
		const record = new DataView(bytes.buffer);
		if (record.getUint32(numberAt) !== number) return undefined;
		this.#running = record;
		return record;
	}

	/** The interval that the entry of this number ends begins with what the registers have now. */
	private begin(number: number): void {
		this.#running = undefined;
		const bytes = new Uint8Array(length);
		const record = new DataView(bytes.buffer);
		bytes[0] = layoutVersion;
		record.setUint32(numberAt, number);
		for (let n = 0, at = energiesAt; n < recordedQuantities.length; n++, at += unitsSize) {
			const units = this.#energies.energy_units(recordedQuantities[n]!);
			const high = Math.floor(units / 2 ** 32);
			bytes[at] = high;
			record.setUint32(at + 1, units - high * 2 ** 32);
		}
		this.#journal.write(keyOf(number), bytes);
	}
}

function keyOf(number: number): number {
	return recordKey.recordingInterval + (number & 1);
}

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
const numberSize = 4;
const unitsSize = 6;
const bankSize = numberSize + unitsSize * recordedQuantities.length;
const length = 1 + 2 * bankSize;

/**
 * Energies at the begin of the recording interval, that of load profile 1: one record, read when it is needed.
 *
 *   record: version 1 · twice: number of the entry that ends the interval (4), energies of `recordedQuantities` (6 each)
 *
 * What the next interval begins with is stored before the entry that ends the running one, beside what that began with. Which
 * of the two counts is told by the number that the next entry has: so entry and record need no common write.
 */
export class RecordingInterval {
	readonly #journal: RecordStore;
	readonly #energies: CountedEnergies;

	constructor(journal: RecordStore, energies: CountedEnergies) {
		this.#journal = journal;
		this.#energies = energies;
	}

	/** Energy since the begin of the interval, 0.1 Wh; 0 where that is not known. @param next number of the next entry */
	units(c: number, next: number): number {
		const record = this.load();
		const at = bankOf(record, next);
		if (at < 0) return 0;
		const place = at + numberSize + unitsSize * recordedQuantities.indexOf(c);
		const begin = record.getUint16(place) * 2 ** 32 + record.getUint32(place + 2);
		const units = this.#energies.energy_units(c) - begin;
		const grown = units < 0 ? units + unitsWrap : units;
		return grown < unitsWrap / 2 ? grown : 0; // registers that were lost stand below their begin
	}

	/** What the next entry is going to be is known: where no record is of its interval, that begins now. */
	found(next: number): void {
		const record = this.load();
		if (bankOf(record, next) >= 0) return;
		this.put(record, 1, next);
		this.store(record);
	}

	/**
	 * The entry of this number is about to be stored. @param isExtra the interval goes on behind it
	 * @throws DeviceError when the medium refuses
	 */
	ends(number: number, isExtra: boolean): void {
		const record = this.load();
		const running = bankOf(record, number);
		const other = running === 1 ? 1 + bankSize : 1;
		if (isExtra && running >= 0) {
			for (let n = numberSize; n < bankSize; n++) record.setUint8(other + n, record.getUint8(running + n));
			record.setUint32(other, number + 1);
		} else this.put(record, other, number + 1);
		this.store(record);
	}

	/** A damaged record is none. */
	private load(): DataView {
		const bytes = new Uint8Array(length);
		let found = -1;
		try {
			found = this.#journal.read(recordKey.recordingInterval, bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (found !== length || bytes[0] !== layoutVersion) bytes.fill(0xff);
		return new DataView(bytes.buffer);
	}

	private put(record: DataView, at: number, number: number): void {
		record.setUint32(at, number);
		for (let n = 0; n < recordedQuantities.length; n++) {
			const units = this.#energies.energy_units(recordedQuantities[n]!);
			const place = at + numberSize + unitsSize * n;
			record.setUint16(place, Math.floor(units / 2 ** 32));
			record.setUint32(place + 2, units % 2 ** 32);
		}
	}

	private store(record: DataView): void {
		record.setUint8(0, layoutVersion);
		this.#journal.write(recordKey.recordingInterval, new Uint8Array(record.buffer));
	}
}

/** Offset of the energies that the interval began with which this entry ends; -1 for none. */
function bankOf(record: DataView, number: number): number {
	if (record.getUint32(1) === number) return 1;
	return record.getUint32(1 + bankSize) === number ? 1 + bankSize : -1;
}

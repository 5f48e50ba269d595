// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import { decodeStamp, encodeStamp, noMoment, type Stamp, stampLength } from "./stamp.js";

/** Values with a time stamp which the averages leave behind; add the phase, 0..2, to the first three. */
export const extremeIndex = Object.freeze({
	minimumVoltage_mV: 0,
	maximumVoltage_mV: 3,
	maximumCurrent_mA: 6,
	minimumPowerFactor_permil: 9,
	lastPowerFactor_permil: 10,
	minimumFrequency_mHz: 11,
	maximumFrequency_mHz: 12,
});

const count = 13;
const version = 1;
const entryLength = 4 + stampLength;
const recordLength = 1 + count * entryLength;

/**
 * Least and greatest averages since the last reset, with the end of the interval they were reached in.
 *
 *   record: version 1 · per value: value (4), stamp (7)
 */
export class Extremes {
	isDirty = false;
	readonly #store: RecordStore;
	readonly #record = new Uint8Array(recordLength);
	readonly #view = new DataView(this.#record.buffer);

	constructor(store: RecordStore) {
		this.#store = store;
		let length = -1;
		try {
			length = store.read(recordKey.extremes, this.#record);
		} catch {
			// begins anew
		}
		if (length === recordLength && this.#record[0] === version) return;
		this.#record.fill(0);
		this.#record[0] = version;
		for (let index = 0; index < count; index++) this.clear(index);
	}

	/** 0 while there is none. @param index one of `extremeIndex` */
	value(index: number): number {
		return this.#view.getUint32(1 + index * entryLength);
	}

	stamp(index: number, into: Stamp): Stamp {
		return decodeStamp(this.#view, 1 + index * entryLength + 4, into);
	}

	takeLeast(index: number, value: number, stamp: Stamp): void {
		if (!this.isThere(index) || value < this.value(index)) this.put(index, value, stamp);
	}

	takeGreatest(index: number, value: number, stamp: Stamp): void {
		if (!this.isThere(index) || value > this.value(index)) this.put(index, value, stamp);
	}

	put(index: number, value: number, stamp: Stamp): void {
		const at = 1 + index * entryLength;
		this.#view.setUint32(at, value);
		encodeStamp(this.#view, at + 4, stamp);
		this.isDirty = true;
	}

	/** @throws DeviceError; it is reset all the same, and saved later */
	reset(index: number): void {
		this.clear(index);
		this.isDirty = true;
		this.save();
	}

	/** As one step. @throws DeviceError as `reset` */
	resetAll(): void {
		for (let index = 0; index < count; index++) this.clear(index);
		this.isDirty = true;
		this.save();
	}

	/** @throws DeviceError; the state stays, to be saved later */
	save(): void {
		if (!this.isDirty) return;
		this.#store.write(recordKey.extremes, this.#record);
		this.isDirty = false;
	}

	private isThere(index: number): boolean {
		return this.#view.getUint32(1 + index * entryLength + 4) !== noMoment;
	}

	private clear(index: number): void {
		const at = 1 + index * entryLength;
		this.#record.fill(0, at, at + entryLength);
		this.#view.setUint32(at + 4, noMoment);
	}
}

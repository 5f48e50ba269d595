// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import { cumulativeQuantities, demandQuantities, rateCount } from "./demand-quantities.js";
import { decodeStamp, encodeStamp, noMoment, type Stamp, stampLength } from "./stamp.js";

const version = 1;
const valueLength = 4;
const entryLength = valueLength + stampLength;
const firstCumulative = 1 + demandQuantities.length * rateCount * entryLength;
const recordLength = firstCumulative + cumulativeQuantities * rateCount * valueLength;
const wrap = 0x1_0000_0000;

/**
 * Maximum demands since the last reset with their time stamps, and cumulative maxima. A maximum belongs to a quantity
 * (index in `demandQuantities`) and a rate, 0 for the total.
 *
 *   record: version 1 · per quantity, per rate: value in W (4), stamp (7) · cumulative values (4 each)
 *
 * The record is the state, so that a reset of all of them is one write: all or nothing over a power cut.
 */
export class DemandMaxima {
	/** There is something that the medium does not have yet. */
	isDirty = false;
	readonly #store: RecordStore;
	readonly #record = new Uint8Array(recordLength);
	readonly #view = new DataView(this.#record.buffer);

	constructor(store: RecordStore) {
		this.#store = store;
		const length = readSafely(store, this.#record);
		if (length === recordLength && this.#record[0] === version) return;
		this.#record.fill(0);
		this.#record[0] = version;
		for (let quantity = 0; quantity < demandQuantities.length; quantity++) {
			for (let rate = 0; rate < rateCount; rate++) this.clear(quantity, rate);
		}
	}

	value(quantity: number, rate: number): number {
		return this.#view.getUint32(entryAt(quantity, rate));
	}

	/** End of the period of the maximum; `noMoment` after a reset. */
	stamp(quantity: number, rate: number, into: Stamp): Stamp {
		return decodeStamp(this.#view, entryAt(quantity, rate) + valueLength, into);
	}

	/** Sum of the maxima at their resets, modulo 2^32. */
	cumulative(quantity: number, rate: number): number {
		return this.#view.getUint32(cumulativeAt(quantity, rate));
	}

	/** A period has ended with `value`: of equal ones the first stays. */
	offer(quantity: number, rate: number, value: number, stamp: Stamp): void {
		if (value <= this.value(quantity, rate)) return;
		const at = entryAt(quantity, rate);
		this.#view.setUint32(at, value);
		encodeStamp(this.#view, at + valueLength, stamp);
		this.isDirty = true;
	}

	/** Adds one maximum to its cumulative value and begins anew. @throws DeviceError, unchanged */
	reset(quantity: number, rate: number): void {
		const before = this.#record.slice();
		this.accumulate(quantity, rate);
		this.saveOr(before);
	}

	/** The same with all of them, as one step: end of a billing period. @throws DeviceError, unchanged */
	resetAll(): void {
		const before = this.#record.slice();
		for (let quantity = 0; quantity < demandQuantities.length; quantity++) {
			for (let rate = 0; rate < rateCount; rate++) this.accumulate(quantity, rate);
		}
		this.saveOr(before);
	}

	/** @throws DeviceError; the state stays, to be saved later */
	save(): void {
		if (!this.isDirty) return;
		this.#store.write(recordKey.demandMaxima, this.#record);
		this.isDirty = false;
	}

	private accumulate(quantity: number, rate: number): void {
		if (quantity < cumulativeQuantities) {
			const at = cumulativeAt(quantity, rate);
			this.#view.setUint32(at, (this.#view.getUint32(at) + this.value(quantity, rate)) % wrap);
		}
		this.clear(quantity, rate);
		this.isDirty = true;
	}

	private clear(quantity: number, rate: number): void {
		const at = entryAt(quantity, rate);
		this.#record.fill(0, at, at + entryLength);
		this.#view.setUint32(at + valueLength, noMoment);
	}

	private saveOr(before: Uint8Array): void {
		let isSaved = false;
		try {
			this.save();
			isSaved = true;
		} finally {
			if (!isSaved) this.#record.set(before);
		}
	}
}

function entryAt(quantity: number, rate: number): number {
	return 1 + (quantity * rateCount + rate) * entryLength;
}

function cumulativeAt(quantity: number, rate: number): number {
	return firstCumulative + (quantity * rateCount + rate) * valueLength;
}

/** A record that cannot be read is as good as none: the meter starts without it. */
function readSafely(store: RecordStore, into: Uint8Array): number {
	try {
		return store.read(recordKey.demandMaxima, into);
	} catch {
		return -1;
	}
}

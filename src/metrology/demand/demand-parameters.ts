// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";

/** Periods of the demand registers, seconds. */
export const demandPeriods_s: readonly number[] = Object.freeze([300, 600, 900, 1800, 3600]);
export const maximumPeriods = 15;
/** Longest period of the sliding averages, seconds. */
const longestAverage_s = 3600;

const version = 1;
const length = 7;

/**
 * Period and number of periods of both groups of demand registers: averaging scheme 1 (demand) and 3 (sliding averages).
 * A setter stores before it takes effect, and returns false, unchanged, for a value outside its range.
 *
 *   record: version 1 · demand: period (2), periods (1) · averages: period (2), periods (1)
 */
export class DemandParameters {
	demandPeriod_s = 900;
	demandPeriods = 1;
	averagePeriod_s = 60;
	averagePeriods = 1;
	readonly #store: RecordStore;
	readonly #record = new Uint8Array(length);

	constructor(store: RecordStore) {
		this.#store = store;
		if (store.read(recordKey.demandParameters, this.#record) === length && this.#record[0] === version) this.decode();
	}

	/** @throws DeviceError, unchanged */
	setDemand(period_s: number, periods: number): boolean {
		if (!demandPeriods_s.includes(period_s) || !isCount(periods)) return false;
		this.write(period_s, periods, this.averagePeriod_s, this.averagePeriods);
		return true;
	}

	/** @throws DeviceError, unchanged */
	setAverage(period_s: number, periods: number): boolean {
		if (!Number.isInteger(period_s) || period_s < 1 || period_s > longestAverage_s || !isCount(periods)) return false;
		this.write(this.demandPeriod_s, this.demandPeriods, period_s, periods);
		return true;
	}

	private write(demand_s: number, demands: number, average_s: number, averages: number): void {
		const view = new DataView(this.#record.buffer);
		view.setUint8(0, version);
		view.setUint16(1, demand_s);
		view.setUint8(3, demands);
		view.setUint16(4, average_s);
		view.setUint8(6, averages);
		this.#store.write(recordKey.demandParameters, this.#record);
		this.decode();
	}

	private decode(): void {
		const view = new DataView(this.#record.buffer);
		this.demandPeriod_s = view.getUint16(1);
		this.demandPeriods = view.getUint8(3);
		this.averagePeriod_s = view.getUint16(4);
		this.averagePeriods = view.getUint8(6);
	}
}

function isCount(periods: number): boolean {
	return Number.isInteger(periods) && periods >= 1 && periods <= maximumPeriods;
}

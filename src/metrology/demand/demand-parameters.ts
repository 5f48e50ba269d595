// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";

/** Periods of the demand registers, seconds. */
export const demandPeriods_s: readonly number[] = Object.freeze([300, 600, 900, 1800, 3600]);
export const maximumPeriods = 15;
/** Longest period of the sliding averages, seconds. */
const longestAverage_s = 3600;

/** Demand period of the test mode, which is block demand. */
const testPeriod_s = 60;

const version = 1;
const length = 7;

/**
 * Period and number of periods of both groups of demand registers: averaging scheme 1 (demand) and 3 (sliding averages).
 * A setter stores before it takes effect, and returns false, unchanged, for a value outside its range.
 *
 *   record: version 1 · demand: period (2), periods (1) · averages: period (2), periods (1)
 */
export class DemandParameters {
	/** In force: those of the test mode while that lasts. */
	demandPeriod_s = 900;
	demandPeriods = 1;
	averagePeriod_s = 60;
	averagePeriods = 1;
	/** Demand is not what it is agreed to be, and no maximum comes of it. */
	isTestMode = false;
	readonly #store: RecordStore;
	readonly #record = new Uint8Array(length);

	constructor(store: RecordStore) {
		this.#store = store;
		const isSound = store.read(recordKey.demandParameters, this.#record) === length && this.#record[0] === version;
		if (isSound) this.decode();
		else this.encode(this.demandPeriod_s, this.demandPeriods, this.averagePeriod_s, this.averagePeriods);
	}

	/** @throws DeviceError, unchanged */
	setDemand(period_s: number, periods: number): boolean {
		if (this.isTestMode || !demandPeriods_s.includes(period_s) || !isCount(periods)) return false;
		this.write(period_s, periods, this.averagePeriod_s, this.averagePeriods);
		return true;
	}

	/** @throws DeviceError, unchanged */
	setAverage(period_s: number, periods: number): boolean {
		if (!Number.isInteger(period_s) || period_s < 1 || period_s > longestAverage_s || !isCount(periods)) return false;
		const view = new DataView(this.#record.buffer);
		this.write(view.getUint16(1), view.getUint8(3), period_s, periods);
		return true;
	}

	/** Demand periods of a minute, or those that are agreed. Nothing is stored: a loss of supply ends the test mode. */
	setTestMode(isOn: boolean): void {
		this.isTestMode = isOn;
		this.decode();
	}

	private write(demand_s: number, demands: number, average_s: number, averages: number): void {
		const before = this.#record.slice();
		this.encode(demand_s, demands, average_s, averages);
		try {
			this.#store.write(recordKey.demandParameters, this.#record);
		} catch (error) {
			this.#record.set(before);
			throw error;
		}
		this.decode();
	}

	private encode(demand_s: number, demands: number, average_s: number, averages: number): void {
		const view = new DataView(this.#record.buffer);
		view.setUint8(0, version);
		view.setUint16(1, demand_s);
		view.setUint8(3, demands);
		view.setUint16(4, average_s);
		view.setUint8(6, averages);
	}

	private decode(): void {
		const view = new DataView(this.#record.buffer);
		this.demandPeriod_s = this.isTestMode ? testPeriod_s : view.getUint16(1);
		this.demandPeriods = this.isTestMode ? 1 : view.getUint8(3);
		this.averagePeriod_s = view.getUint16(4);
		this.averagePeriods = view.getUint8(6);
	}
}

function isCount(periods: number): boolean {
	return Number.isInteger(periods) && periods >= 1 && periods <= maximumPeriods;
}

// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { type SlowVoltageSettings, slowKind } from "./slow-voltage.js";

/** Place of a parameter; `threshold`, `raise` and `clear` plus one of `slowKind`. */
export const parameter = Object.freeze({
	/** Declared voltage, 0.1 V. */
	reference: 0,
	/** 0.1 V. */
	threshold: 1,
	/** Seconds until an event begins. */
	raise: 4,
	/** Seconds until it ends. */
	clear: 7,
	/** u2 that is called asymmetry, permil. */
	asymmetry: 10,
	/** Share of ten-minute values that may lie outside in a week, permil. */
	weeklyLimit: 11,
	/** Longest short power failure, seconds. */
	longOutage: 12,
	/** THD that is over its limit, 0.01 %, and for how many seconds: voltage, then current. */
	thdLimit: 13,
	thdTime: 15,
});

const count = 17;
const countOfVersion1 = 13;
const layoutVersion = 2;
const length = 1 + 2 * count;
/** 100 %. */
const greatestThd_permyriad = 10_000;
/** The declared voltage is a low voltage the board can stand. */
const lowestReference_dV = 500;
const highestReference_dV = 5000;

/** What a client may set about power quality; every value is a long-unsigned. */
export class PowerQualityParameters implements SlowVoltageSettings {
	readonly #store: RecordStore;
	readonly #values = zeros(count);

	constructor(store: RecordStore, nominalVoltage_V: number) {
		this.#store = store;
		const values = this.#values;
		values[parameter.reference] = nominalVoltage_V * 10;
		values[parameter.threshold + slowKind.sag] = nominalVoltage_V * 9;
		values[parameter.threshold + slowKind.swell] = nominalVoltage_V * 11;
		values[parameter.threshold + slowKind.cut] = nominalVoltage_V * 5;
		values.fill(60, parameter.raise, parameter.clear);
		values.fill(10, parameter.clear, parameter.asymmetry);
		values[parameter.asymmetry] = 20;
		values[parameter.weeklyLimit] = 50;
		values[parameter.longOutage] = 180;
		values[parameter.thdLimit] = 800;
		values[parameter.thdLimit + 1] = 2000;
		values.fill(600, parameter.thdTime, count);
		this.restore();
	}

	value(index: number): number {
		return this.#values[index]!;
	}

	/** @returns false, with nothing changed, for a value that makes no sense beside the others */
	set(index: number, value: number): boolean {
		const before = this.#values[index]!;
		this.#values[index] = value;
		if (value > 0xffff || !this.isSound()) {
			this.#values[index] = before;
			return false;
		}
		try {
			this.write();
		} catch (error) {
			this.#values[index] = before;
			throw error;
		}
		return true;
	}

	get reference_mV(): number {
		return this.#values[parameter.reference]! * 100;
	}

	threshold_dV(kind: number): number {
		return this.#values[parameter.threshold + kind]!;
	}

	raise_s(kind: number): number {
		return this.#values[parameter.raise + kind]!;
	}

	clear_s(kind: number): number {
		return this.#values[parameter.clear + kind]!;
	}

	private isSound(): boolean {
		const reference = this.#values[parameter.reference]!;
		const cut = this.threshold_dV(slowKind.cut);
		const sag = this.threshold_dV(slowKind.sag);
		const swell = this.threshold_dV(slowKind.swell);
		return (
			reference >= lowestReference_dV &&
			reference <= highestReference_dV &&
			cut > 0 &&
			cut <= sag &&
			sag < swell &&
			this.#values[parameter.asymmetry]! <= 1000 &&
			this.#values[parameter.weeklyLimit]! <= 1000 &&
			this.#values[parameter.longOutage]! > 0 &&
			this.isThdSound(0) &&
			this.isThdSound(1)
		);
	}

	private isThdSound(kind: number): boolean {
		const limit = this.#values[parameter.thdLimit + kind]!;
		return limit > 0 && limit <= greatestThd_permyriad && this.#values[parameter.thdTime + kind]! > 0;
	}

	private write(): void {
		const record = new Uint8Array(length);
		const view = new DataView(record.buffer);
		record[0] = layoutVersion;
		for (let n = 0; n < count; n++) view.setUint16(1 + 2 * n, this.#values[n]!);
		this.#store.write(recordKey.powerQualityParameters, record);
	}

	private restore(): void {
		const record = new Uint8Array(length);
		const found = this.#store.read(recordKey.powerQualityParameters, record);
		const stored = record[0] === 1 ? countOfVersion1 : count;
		if (found !== 1 + 2 * stored || record[0]! < 1 || record[0]! > layoutVersion) return;
		const view = new DataView(record.buffer);
		for (let n = 0; n < stored; n++) this.#values[n] = view.getUint16(1 + 2 * n);
	}
}

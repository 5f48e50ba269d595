// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { get16, put16 } from "../core/octets.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** Kinds with a debounce time of their own, in the order of 0-0:96.50.11. */
export const debouncedKinds = 7;
const factoryDebounce_ms: readonly number[] = Object.freeze([500, 500, 5000, 3000, 10_000, 10_000, 10_000]);
const factoryFieldLevel = 128;
const factoryFailures = 3;
const mostFailures = 100;

const layoutVersion = 2;
const level = 1 + 2 * debouncedKinds;
/** Not in version 1. */
const failures = level + 1;
const length = failures + 1;

/** What clients set of the detection of fraud; one record: version 2 · debounce times (2 each) · level of the field · n of F126. */
export class FraudParameters {
	readonly #store: RecordStore;
	readonly #bytes = new Uint8Array(length);

	constructor(store: RecordStore) {
		this.#store = store;
		const bytes = this.#bytes;
		let found = -1;
		try {
			found = store.read(recordKey.fraudParameters, bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (found === length && bytes[0] === layoutVersion) return;
		if (found !== failures || bytes[0] !== 1) {
			for (let n = 0; n < debouncedKinds; n++) put16(bytes, 1 + 2 * n, factoryDebounce_ms[n]!);
			bytes[level] = factoryFieldLevel;
		}
		bytes[0] = layoutVersion;
		bytes[failures] = factoryFailures;
	}

	/** Debounce time of a kind, ms; order of 0-0:96.50.11. */
	debounce_ms(kind: number): number {
		return get16(this.#bytes, 1 + 2 * kind);
	}

	/** Level of 0..255 from which a field counts. */
	get fieldLevel(): number {
		return this.#bytes[level]!;
	}

	/** Failures of authentication in a row that are an event, 1..100 (F126). */
	get failuresBeforeLock(): number {
		return this.#bytes[failures]!;
	}

	/** @param times of each kind, ms. @throws DeviceError, with nothing changed */
	setDebounce(times: Uint16Array): void {
		this.change((record) => {
			for (let n = 0; n < debouncedKinds; n++) put16(record, 1 + 2 * n, times[n]!);
		});
	}

	/** @returns false for a level that cannot be reached or is always there. @throws DeviceError, with nothing changed */
	setFieldLevel(wanted: number): boolean {
		return this.setOctet(level, wanted, 255);
	}

	/** @returns false, unchanged, for a number out of range. @throws DeviceError, unchanged */
	setFailuresBeforeLock(wanted: number): boolean {
		return this.setOctet(failures, wanted, mostFailures);
	}

	private setOctet(at: number, wanted: number, most: number): boolean {
		if (wanted < 1 || wanted > most) return false;
		this.change((record) => {
			record[at] = wanted;
		});
		return true;
	}

	private change(edit: (record: Uint8Array) => void): void {
		const record = this.#bytes.slice();
		edit(record);
		this.#store.write(recordKey.fraudParameters, record);
		this.#bytes.set(record);
	}
}

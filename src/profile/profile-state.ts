// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { RecordStore } from "../storage/record-store.js";
import { profileStatus } from "./profile-row.js";

const layoutVersion = 1;
const offset = Object.freeze({ version: 0, bits: 1, number: 2, size: 6 });

/**
 * Status bits latched over the running interval, kept over a power failure.
 *
 * The record names the number of the entry that will carry the bits: once that entry exists the record is out of date by
 * itself, so bits and entry need no common write.
 */
export class ProfileState {
	readonly #store: RecordStore;
	readonly #key: number;
	readonly #record = new Uint8Array(offset.size);
	readonly #view = new DataView(this.#record.buffer);
	#bits = 0;

	constructor(store: RecordStore, key: number) {
		this.#store = store;
		this.#key = key;
	}

	/** Bits of `profileStatus`. */
	get bits(): number {
		return this.#bits;
	}

	latch(bits: number): void {
		this.#bits |= bits;
	}

	clear(): void {
		this.#bits = 0;
	}

	/** @param owed bits that the newest entry, an extra one, left to the next */
	restore(nextNumber: number, owed: number): void {
		this.#bits = owed;
		try {
			if (this.#store.read(this.#key, this.#record) !== offset.size) return;
		} catch (error) {
			if (!(error instanceof DeviceError) && !(error instanceof RangeError)) throw error;
			return; // damaged: power failure is latched anyway
		}
		if (this.#record[offset.version] === layoutVersion && this.#view.getUint32(offset.number) === nextNumber)
			this.#bits |= this.#record[offset.bits]!;
	}

	/** Makes the bits durable. A medium that refuses costs a mark after a power failure, not the operation. */
	save(nextNumber: number): void {
		if ((this.#bits & ~profileStatus.powerDown) === 0) return; // power failure is latched at every start
		this.#record[offset.version] = layoutVersion;
		this.#record[offset.bits] = this.#bits;
		this.#view.setUint32(offset.number, nextNumber);
		try {
			this.#store.write(this.#key, this.#record);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

const layoutVersion = 1;
const offset = Object.freeze({ version: 0, lockOut: 1, mask: 5, hold: 7, end: 9 });
const longestLockOut_s = 86_400;
/** Bits 0..12 of the causes of fraud, the first the most significant; the others are reserved. */
const knownCauses = 0xfff8;

/**
 * What clients set of billing; read from its record when it is needed.
 *
 *   record: version 1 · lock-out (4) · causes of fraud that make an entry (2) · hold time (2)
 */
export class BillingParameters {
	readonly #store: RecordStore;
	readonly #bytes = new Uint8Array(offset.end);
	readonly #view = new DataView(this.#bytes.buffer);

	constructor(store: RecordStore) {
		this.#store = store;
		let length = -1;
		try {
			length = store.read(recordKey.billingParameters, this.#bytes);
		} catch (error) {
			if (!(error instanceof DeviceError) && !(error instanceof RangeError)) throw error;
		}
		if (length === offset.end && this.#bytes[0] === layoutVersion) return;
		this.#bytes[0] = layoutVersion;
		this.#view.setUint32(offset.lockOut, 60);
		this.#view.setUint16(offset.mask, 0xf000); // terminal cover, meter cover, magnetic field, electromagnetic field
		this.#view.setUint16(offset.hold, 900);
	}

	/** After the end of a period no other one by hand or command for so long. */
	get lockOut_s(): number {
		return this.#view.getUint32(offset.lockOut);
	}

	/** Causes of fraud that make an entry of billing profile 2, a bit-string of 16 as a number: cause 0 is its highest bit. */
	get mask(): number {
		return this.#view.getUint16(offset.mask);
	}

	/** @param cause 0..15 */
	hasCause(cause: number): boolean {
		return ((this.mask >> (15 - cause)) & 1) === 1;
	}

	/** No two entries of one cause within so long. */
	get hold_s(): number {
		return this.#view.getUint16(offset.hold);
	}

	/** @returns false, unchanged, for more than a day. @throws DeviceError, unchanged */
	setLockOut(lockOut_s: number): boolean {
		if (lockOut_s > longestLockOut_s) return false;
		this.#view.setUint32(offset.lockOut, lockOut_s);
		this.save();
		return true;
	}

	/** @returns false, unchanged, for a bit without meaning. @throws DeviceError, unchanged */
	setMask(mask: number): boolean {
		if ((mask & ~knownCauses) !== 0) return false;
		this.#view.setUint16(offset.mask, mask);
		this.save();
		return true;
	}

	/** @throws DeviceError, unchanged */
	setHold(hold_s: number): void {
		this.#view.setUint16(offset.hold, hold_s);
		this.save();
	}

	private save(): void {
		this.#store.write(recordKey.billingParameters, this.#bytes);
	}
}

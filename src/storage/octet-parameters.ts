// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "./keys.js";
import type { RecordStore } from "./record-store.js";

const layoutVersion = 1;

/** Short octet strings that clients write: device and metering point identifiers. Nothing is held in RAM. */
export class OctetParameters {
	/** Longest string of the object model. */
	static readonly maximumLength = 48;
	readonly #store: RecordStore;
	readonly #record = new Uint8Array(1 + OctetParameters.maximumLength);

	constructor(store: RecordStore) {
		this.#store = store;
	}

	/** Copies string `index` into `into` (48 octets) and returns its length; 0 when it was never written. */
	read(index: number, into: Uint8Array): number {
		const length = this.#store.read(recordKey.dataObjects + index, this.#record);
		if (length < 1 || this.#record[0] !== layoutVersion) return 0;
		for (let n = 1; n < length; n++) into[n - 1] = this.#record[n]!;
		return length - 1;
	}

	/** @returns false when the string is longer than 48 octets */
	write(index: number, bytes: Uint8Array): boolean {
		if (bytes.length > OctetParameters.maximumLength) return false;
		this.#record[0] = layoutVersion;
		this.#record.set(bytes, 1);
		this.#store.write(recordKey.dataObjects + index, this.#record, bytes.length + 1);
		return true;
	}
}

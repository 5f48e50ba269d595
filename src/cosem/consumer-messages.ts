// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** Octets (F161). */
export const longestConsumerMessage = 1024;

const layoutVersion = 1;

/** Texts of the utility for the customer: 0 for the consumer port, 1 for the display. Nothing is held in RAM. */
export class ConsumerMessages {
	readonly #store: RecordStore;

	constructor(store: RecordStore) {
		this.#store = store;
	}

	/** Empty until one was written. @throws DeviceError */
	read(n: number): Uint8Array {
		const record = new Uint8Array(1 + longestConsumerMessage);
		const length = this.#store.read(recordKey.consumerMessages + n, record);
		return length < 1 || record[0] !== layoutVersion ? record.subarray(0, 0) : record.subarray(1, length);
	}

	/** @returns whether it is another one than before. @throws DeviceError, unchanged */
	write(n: number, text: Uint8Array): boolean {
		const before = this.read(n);
		if (before.length === text.length && before.every((octet, at) => octet === text[at])) return false;
		const record = new Uint8Array(1 + text.length);
		record[0] = layoutVersion;
		record.set(text, 1);
		this.#store.write(recordKey.consumerMessages + n, record);
		return true;
	}
}

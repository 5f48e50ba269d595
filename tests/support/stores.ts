// SPDX-License-Identifier: Apache-2.0
import type { RecordStore } from "../../src/storage/record-store.js";

/** A record store in memory, for tests of what stands above it. */
export class MemoryStore implements RecordStore {
	readonly records = new Map<number, Uint8Array>();

	read(key: number, into: Uint8Array): number {
		const record = this.records.get(key);
		if (record === undefined) return -1;
		if (into.length < record.length) throw new RangeError("record is longer than the buffer");
		into.set(record);
		return record.length;
	}

	write(key: number, bytes: Uint8Array, length = bytes.length): void {
		this.records.set(key, bytes.slice(0, length));
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../src/core/device-error.js";
import type { RecordStore } from "../../src/storage/record-store.js";

/** Records in memory. Power can be cut at a write: the write then happens or not, and everything after it throws. */
export class FakeRecordStore implements RecordStore {
	readonly records = new Map<number, Uint8Array>();
	writes = 0;
	/** Counts down with each write; at 0 power is gone. */
	writesUntilCut = Infinity;
	/** Whether the write at the moment of the cut still reached the medium. */
	cutAfterWrite = false;
	refuses = false;

	read(key: number, into: Uint8Array): number {
		const record = this.records.get(key);
		if (record === undefined) return -1;
		if (record.length > into.length) throw new RangeError("buffer");
		into.set(record);
		return record.length;
	}

	write(key: number, bytes: Uint8Array, length = bytes.length): void {
		if (this.refuses) throw new DeviceError("flash", "refused");
		const isCut = --this.writesUntilCut <= 0;
		if (!isCut || this.cutAfterWrite) {
			this.records.set(key, bytes.slice(0, length));
			this.writes++;
		}
		if (isCut) throw new PowerCut();
	}
}

export class PowerCut extends Error {
	override readonly name = "PowerCut";
}

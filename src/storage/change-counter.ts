// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "./keys.js";
import type { RecordStore } from "./record-store.js";

const layoutVersion = 1;

/** Counts successful configuration changes and keeps the time of the last one (0-0:96.2.0, 0-0:96.2.1). */
export class ChangeCounter {
	/** Long-unsigned, wraps. */
	count = 0;
	/** UTC seconds since 2000; undefined before the first change. */
	last_s: number | undefined;
	readonly #store: RecordStore;
	readonly #record = new Uint8Array(7);

	constructor(store: RecordStore) {
		this.#store = store;
		if (store.read(recordKey.changeCounters, this.#record) === 7 && this.#record[0] === layoutVersion) {
			const view = new DataView(this.#record.buffer);
			this.count = view.getUint16(1);
			this.last_s = view.getUint32(3);
		}
	}

	increment(now_s: number): void {
		const count = (this.count + 1) & 0xffff;
		const view = new DataView(this.#record.buffer);
		this.#record[0] = layoutVersion;
		view.setUint16(1, count);
		view.setUint32(3, now_s);
		this.#store.write(recordKey.changeCounters, this.#record);
		this.count = count;
		this.last_s = now_s;
	}
}

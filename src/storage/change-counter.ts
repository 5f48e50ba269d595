// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "./keys.js";
import type { RecordStore } from "./record-store.js";

/** Layout: version · count (2) · time (4) of all changes, from version 2 on the same of protected ones. */
const version = 2;
const lengthOfVersion1 = 7;
const length = 13;
const protectedAt = 6;

/**
 * Counts successful configuration changes and keeps the time of the last one (0-0:96.2.0, 0-0:96.2.1); the same of the
 * protected ones among them, metrological or of security (0-0:96.2.10, 0-0:96.2.11).
 */
export class ChangeCounter {
	readonly #store: RecordStore;
	readonly #record = new DataView(new ArrayBuffer(length));

	constructor(store: RecordStore) {
		this.#store = store;
		const bytes = new Uint8Array(this.#record.buffer);
		const found = store.read(recordKey.changeCounters, bytes);
		const isSound = (found === lengthOfVersion1 && bytes[0] === 1) || (found === length && bytes[0] === version);
		if (!isSound) bytes.fill(0);
		else if (found === lengthOfVersion1) bytes.fill(0, lengthOfVersion1);
	}

	/** Long-unsigned, wraps. */
	get count(): number {
		return this.#record.getUint16(1);
	}

	/** UTC seconds since 2000; undefined before the first change. */
	get last_s(): number | undefined {
		const last_s = this.#record.getUint32(3);
		return last_s === 0 ? undefined : last_s;
	}

	get protectedCount(): number {
		return this.#record.getUint16(1 + protectedAt);
	}

	get lastProtected_s(): number | undefined {
		const last_s = this.#record.getUint32(3 + protectedAt);
		return last_s === 0 ? undefined : last_s;
	}

	/** @throws DeviceError when the medium refuses; nothing is counted then */
	increment(now_s: number, isProtected = false): void {
		const bytes = new Uint8Array(this.#record.buffer);
		const next = bytes.slice();
		const view = new DataView(next.buffer);
		view.setUint8(0, version);
		for (let at = 0; at <= (isProtected ? protectedAt : 0); at += protectedAt) {
			view.setUint16(1 + at, (view.getUint16(1 + at) + 1) & 0xffff);
			view.setUint32(3 + at, now_s);
		}
		this.#store.write(recordKey.changeCounters, next);
		bytes.set(next);
	}
}

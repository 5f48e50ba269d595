// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { RingLog } from "../storage/ring-log.js";
import { profileStatus } from "./profile-row.js";

/** Fields of a profile; `ring` is followed by the state of its log. */
export const stateField = Object.freeze({
	/** Time stamp of the next entry; `Infinity` when there is none planned. */
	next_s: 0,
	period_s: 1,
	/** Status bits latched over the running interval. */
	bits: 2,
	/** Stamp and run of the newest entry; stamps are -1 when there is none. */
	last_s: 3,
	lastLocal_s: 4,
	run: 5,
	ring: 6,
});

const stateSize = stateField.ring + RingLog.stateSize;
const layoutVersion = 1;
/** Of the record: version, then for each profile its bits and the number of the entry that will carry them. */
const entrySize = 5;
/** Of releases with one load profile: version, bits, number. */
const singleSize = 6;

/**
 * What a set of profiles holds in RAM of each of them, in one array, and the record of status bits latched over the running
 * intervals, which keeps them over a power failure.
 *
 * The record names the number of the entry that will carry the bits: once that entry exists the record is out of date by
 * itself, so bits and entry need no common write.
 */
export class ProfileStates {
	readonly values: Float64Array;
	readonly #count: number;
	readonly #journal: RecordStore;

	constructor(count: number, journal: RecordStore) {
		this.#count = count;
		this.#journal = journal;
		this.values = new Float64Array(count * stateSize).fill(Number.NaN);
		for (let index = 0; index < count; index++) {
			this.set(index, stateField.next_s, Infinity);
			this.set(index, stateField.bits, 0);
		}
	}

	/** @param field one of `stateField` */
	get(index: number, field: number): number {
		return this.values[index * stateSize + field]!;
	}

	set(index: number, field: number, value: number): void {
		this.values[index * stateSize + field] = value;
	}

	latch(index: number, bits: number): void {
		this.set(index, stateField.bits, this.get(index, stateField.bits) | bits);
	}

	/** Offset in `values` of the state of a log. */
	ringAt(index: number): number {
		return index * stateSize + stateField.ring;
	}

	/**
	 * Latches what was latched before the power failure, where that was stored after the newest entry and so with what it still owes.
	 * The logs have been found, their states stand in `values`.
	 */
	restore(): void {
		const record = new Uint8Array(1 + this.#count * entrySize);
		const v = new DataView(record.buffer);
		let count = Math.floor(this.read(recordKey.profileStates, record) / entrySize);
		if (count < 1) {
			if (this.read(recordKey.profileState, record) !== singleSize) return;
			count = 1;
		}
		for (let index = 0; index < count; index++) {
			const at = 1 + index * entrySize;
			const isCurrent = v.getUint32(at + 1) === RingLog.nextNumberOf(this.values, this.ringAt(index));
			if (isCurrent) this.set(index, stateField.bits, record[at]!);
		}
	}

	/**
	 * Makes the bits durable. A medium that refuses costs a mark after a power failure, not the operation.
	 * @param isSpent bits that may have been stored no longer count
	 */
	save(isSpent = false): void {
		const record = new Uint8Array(1 + this.#count * entrySize);
		const v = new DataView(record.buffer);
		let all = 0;
		record[0] = layoutVersion;
		for (let index = 0; index < this.#count; index++) {
			const bits = this.get(index, stateField.bits);
			const next = RingLog.nextNumberOf(this.values, this.ringAt(index));
			all |= bits;
			record[1 + index * entrySize] = bits;
			if (!Number.isNaN(next)) v.setUint32(2 + index * entrySize, next);
		}
		if (!isSpent && (all & ~profileStatus.powerDown) === 0) return; // power failure is latched at every start
		try {
			this.#journal.write(recordKey.profileStates, record);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}

	/** A damaged record is none: power failure is latched anyway. A longer one is of a release with more profiles. */
	private read(key: number, into: Uint8Array): number {
		try {
			const length = this.#journal.read(key, into);
			return into[0] === layoutVersion ? length : -1;
		} catch (error) {
			if (error instanceof DeviceError || error instanceof RangeError) return -1;
			throw error;
		}
	}
}

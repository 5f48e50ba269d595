// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

const layoutVersion = 1;
/** Of a time that never was. */
export const never_s = 0xffff_ffff;
/** Value groups C of the energies that are counted per billing period, 1-0:C.9.0. */
export const billedQuantities: readonly number[] = Object.freeze([1, 2, 3, 4, 15]);
/** Causes of fraud that a bit-string of 16 bits can name. */
export const fraudCauses = 16;

const offset = Object.freeze({
	version: 0,
	script: 1,
	isScheduled: 2,
	marks: 3,
	row: 4,
	nominal: 8,
	stamp: 12,
	/** Per profile: periods closed, when the last one was, when the last one of the schedule was due. */
	counter: 16,
	closed: 20,
	scheduled: 28,
	reset: 36,
	/** Per cause of fraud: its last entry. */
	fraud: 40,
	/** Energies at the end that is under way, and at the last one. */
	energies: 40 + 4 * fraudCauses,
	since: 40 + 4 * fraudCauses + 6 * billedQuantities.length,
	end: 40 + 4 * fraudCauses + 12 * billedQuantities.length,
});

/**
 * What the end of billing periods leaves behind, and the one which is under way: one record, read when it is needed.
 *
 *   record: version 1 · under way: script (1), by schedule (1), status of the row (1), number of its row (4), due (4), time
 *   of the row (4) · counters (2 × 2) · closed (2 × 4) · due by schedule (2 × 4) · maxima reset (4) · per cause of fraud:
 *   last entry (4) · energies of `billedQuantities` at the end under way, then at the last end (6 each)
 *
 * Times are seconds since 2000 UTC, `never_s` for none. `profile` is 0 for billing profile 1, 1 for billing profile 2.
 */
export class BillingState {
	readonly #bytes = new Uint8Array(offset.end);
	readonly #view = new DataView(this.#bytes.buffer);

	/** A damaged record is none: counters begin anew. */
	load(journal: RecordStore): this {
		let length = -1;
		try {
			length = journal.read(recordKey.billingState, this.#bytes);
		} catch (error) {
			if (!(error instanceof DeviceError) && !(error instanceof RangeError)) throw error;
		}
		if (length === offset.end && this.#bytes[0] === layoutVersion) return this;
		this.#bytes.fill(0xff);
		this.#bytes.fill(0, 0, offset.closed);
		this.#bytes.fill(0, offset.energies);
		this.#bytes[0] = layoutVersion;
		return this;
	}

	/** @throws DeviceError when the medium refuses */
	store(journal: RecordStore): void {
		journal.write(recordKey.billingState, this.#bytes);
	}

	/** Script of the end of a period that is under way, 0 for none. */
	get script(): number {
		return this.#bytes[offset.script]!;
	}

	/** Begins: from here on, once there is a row of this number, the end of the period is done whatever happens. */
	begin(script: number, isScheduled: boolean, marks: number, row: number, nominal_s: number, stamp_s: number): void {
		this.#bytes[offset.script] = script;
		this.#bytes[offset.isScheduled] = isScheduled ? 1 : 0;
		this.#bytes[offset.marks] = marks;
		this.#view.setUint32(offset.row, row);
		this.#view.setUint32(offset.nominal, nominal_s);
		this.#view.setUint32(offset.stamp, stamp_s);
	}

	/** Energy at the end that begins, 0.1 Wh. @param index in `billedQuantities` */
	setEnergy(index: number, units: number): void {
		const at = offset.energies + 6 * index;
		this.#view.setUint16(at, Math.floor(units / 0x1_0000_0000));
		this.#view.setUint32(at + 2, units % 0x1_0000_0000);
	}

	/** The same at the last end of a period. */
	energyAtLast(index: number): number {
		const at = offset.since + 6 * index;
		return this.#view.getUint16(at) * 0x1_0000_0000 + this.#view.getUint32(at + 2);
	}

	/** It did not come about. */
	drop(): void {
		this.#bytes[offset.script] = 0;
	}

	get isScheduled(): boolean {
		return this.#bytes[offset.isScheduled] === 1;
	}

	get marks(): number {
		return this.#bytes[offset.marks]!;
	}

	get row(): number {
		return this.#view.getUint32(offset.row);
	}

	get nominal_s(): number {
		return this.#view.getUint32(offset.nominal);
	}

	get stamp_s(): number {
		return this.#view.getUint32(offset.stamp);
	}

	/** It is done. @param isReset maxima were reset */
	finish(profile: number, isReset: boolean): void {
		const v = this.#view;
		v.setUint16(offset.counter + 2 * profile, (this.counter(profile) + 1) & 0xffff);
		v.setUint32(offset.closed + 4 * profile, this.nominal_s);
		if (this.isScheduled) v.setUint32(offset.scheduled + 4 * profile, this.nominal_s);
		if (isReset) {
			v.setUint32(offset.reset, this.stamp_s);
			this.#bytes.copyWithin(offset.since, offset.energies, offset.since);
		}
		this.drop();
	}

	counter(profile: number): number {
		return this.#view.getUint16(offset.counter + 2 * profile);
	}

	closed_s(profile: number): number {
		return this.#view.getUint32(offset.closed + 4 * profile);
	}

	scheduled_s(profile: number): number {
		return this.#view.getUint32(offset.scheduled + 4 * profile);
	}

	/** Nothing that the schedule asked for at a time after `utc_s` is done. @returns whether there was any */
	forgetLater(utc_s: number): boolean {
		let isAny = false;
		for (let profile = 0; profile < 2; profile++) {
			const at_s = this.scheduled_s(profile);
			if (at_s === never_s || at_s <= utc_s) continue;
			this.#view.setUint32(offset.scheduled + 4 * profile, never_s);
			isAny = true;
		}
		return isAny;
	}

	get reset_s(): number {
		return this.#view.getUint32(offset.reset);
	}

	fraud_s(cause: number): number {
		return this.#view.getUint32(offset.fraud + 4 * cause);
	}

	setFraud(cause: number, utc_s: number): void {
		this.#view.setUint32(offset.fraud + 4 * cause, utc_s);
	}
}

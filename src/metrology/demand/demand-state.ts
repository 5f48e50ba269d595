// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../../core/numbers.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import { demandQuantities, summedQuantities } from "./demand-quantities.js";
import { createStamp, decodeStamp, encodeStamp, stampLength } from "./stamp.js";

/** Bits with which a period is marked; the numbers are those of the status of profile entries. */
export const periodMark = Object.freeze({
	clockInvalid: 1 << 1,
	dataNotValid: 1 << 2,
	daylightSaving: 1 << 3,
	clockAdjusted: 1 << 5,
	powerDown: 1 << 7,
});

const version = 1;
const sumLength = 7;
const subPeriodLength = 4 + demandQuantities.length * sumLength;
const periodHeader = 1 + 4 + 2 + 1 + 8 + 4 + 4 + 1 + stampLength + 1 + demandQuantities.length * 4;
const runningLength = 1 + 4 + 1 + 1 + 4 + 4 + 4 + summedQuantities.length * sumLength;
const high = 0x1_0000_0000;

/** Octets of the period record with a window of that many sub-periods. */
function periodLength(periods: number): number {
	return periodHeader + periods * subPeriodLength;
}

/**
 * State of the demand registers but for the maxima: the open period, the closed ones of the window, the last averages.
 *
 *   period:  version 1 · sequence (4) · period in s (2) · periods of the window (1) · W·s of a code (8, double)
 *            · start and end of the open period (4 each) · marks of the last (1) · its stamp (7) · closed periods in the window
 *            (1) · last averages (4 each) · per place of the window: length in ms (4), sums (7 each)
 *   running: version 1 · sequence (4) · marks (1) · is whole (1) · end (4) · length in ms (4) · measured ms (4) · sums (7 each)
 *
 * The period record is written when a period closes; the running one in between, and counts only with the same sequence.
 */
export class DemandState {
	/** The open period: UTC of its start and of its end. */
	start_s = 0;
	end_s = 0;
	/** True time from start to end; differs from the difference of the two when the clock was synchronised. */
	length_ms = 0;
	/** Time of it that was measured. */
	measured_ms = 0;
	/** It began on a boundary and nothing has cut it short. */
	isWhole = false;
	/** Bits of `periodMark`. */
	marks = 0;
	/** Codes of the open period, in the order of `summedQuantities`. */
	readonly sums = zeros(summedQuantities.length);
	/** Newest of the closed periods in the window is at index `filled` - 1. */
	filled = 0;
	window_codes: number[];
	window_ms: number[];
	/** Last averages, in W, var, VA. */
	readonly last = zeros(demandQuantities.length);
	readonly lastStamp = createStamp();
	lastMarks = 0;
	readonly #store: RecordStore;
	#record: Uint8Array;
	#view: DataView;
	#sequence = 0;
	#periods: number;

	constructor(store: RecordStore, periods: number) {
		this.#store = store;
		this.#periods = periods;
		this.#record = new Uint8Array(Math.max(periodLength(periods), runningLength));
		this.#view = new DataView(this.#record.buffer);
		this.window_codes = zeros(periods * demandQuantities.length);
		this.window_ms = zeros(periods);
	}

	get periods(): number {
		return this.#periods;
	}

	/** Forgets the closed periods; the window is of `periods` from now on. */
	clearWindow(periods: number): void {
		this.filled = 0;
		if (periods === this.#periods) return;
		this.#periods = periods;
		this.#record = new Uint8Array(Math.max(periodLength(periods), runningLength));
		this.#view = new DataView(this.#record.buffer);
		this.window_codes = zeros(periods * demandQuantities.length);
		this.window_ms = zeros(periods);
	}

	/** Puts the open period behind the closed ones; the oldest falls out of a full window. @param length_ms its divisor */
	pushOpen(length_ms: number): void {
		const count = demandQuantities.length;
		if (this.filled === this.#periods) {
			this.window_codes.copyWithin(0, count);
			this.window_ms.copyWithin(0, 1);
			this.filled--;
		}
		for (let n = 0; n < count; n++) this.window_codes[this.filled * count + n] = this.sums[n]!;
		this.window_ms[this.filled] = length_ms;
		this.filled++;
	}

	/** Codes of one quantity in the closed periods of the window. */
	windowSum(quantity: number): number {
		let sum = 0;
		for (let n = 0; n < this.filled; n++) sum += this.window_codes[n * demandQuantities.length + quantity]!;
		return sum;
	}

	/** Length of the closed periods of the window. */
	windowLength_ms(): number {
		let sum = 0;
		for (let n = 0; n < this.filled; n++) sum += this.window_ms[n]!;
		return sum;
	}

	/** Writes the period record: a period has been closed and the next one begun. @throws DeviceError */
	savePeriod(period_s: number, wattSecondsPerCode: number): void {
		const view = this.#view;
		this.#sequence = (this.#sequence + 1) % high;
		view.setUint8(0, version);
		view.setUint32(1, this.#sequence);
		view.setUint16(5, period_s);
		view.setUint8(7, this.#periods);
		view.setFloat64(8, wattSecondsPerCode);
		view.setUint32(16, this.start_s);
		view.setUint32(20, this.end_s);
		view.setUint8(24, this.lastMarks);
		encodeStamp(view, 25, this.lastStamp);
		view.setUint8(32, this.filled);
		let at = 33;
		for (let n = 0; n < this.last.length; n++, at += 4) view.setUint32(at, this.last[n]!);
		for (let n = 0; n < this.#periods; n++) {
			const isUsed = n < this.filled;
			view.setUint32(at, isUsed ? this.window_ms[n]! : 0);
			at += 4;
			for (let quantity = 0; quantity < demandQuantities.length; quantity++, at += sumLength)
				putSum(view, at, isUsed ? this.window_codes[n * demandQuantities.length + quantity]! : 0);
		}
		this.#store.write(recordKey.demandPeriod, this.#record, at);
	}

	/** Writes the running record. @throws DeviceError */
	saveRunning(): void {
		this.#store.write(recordKey.demandRunning, this.#record, this.encodeRunning());
	}

	/** Keeps the running record where that may be done each second. */
	noteRunning(): void {
		const store = this.#store;
		if (store.note !== undefined) store.note(recordKey.demandRunning, this.#record, this.encodeRunning());
	}

	/** @returns the length of the running record */
	private encodeRunning(): number {
		const view = this.#view;
		view.setUint8(0, version);
		view.setUint32(1, this.#sequence);
		view.setUint8(5, this.marks);
		view.setUint8(6, this.isWhole ? 1 : 0);
		view.setUint32(7, this.end_s);
		view.setUint32(11, this.length_ms);
		view.setUint32(15, this.measured_ms);
		let at = 19;
		for (let n = 0; n < this.sums.length; n++, at += sumLength) putSum(view, at, this.sums[n]!);
		return at;
	}

	/**
	 * Reads both records back.
	 * @returns `restored`; `foreign` when the last averages are there but period, window or unit have changed since, so that
	 *   nothing can be added to the sums; `empty` when there is no sound record
	 */
	restore(period_s: number, wattSecondsPerCode: number): RestoredDemand {
		const view = this.readPeriod();
		if (view === undefined) return restoredDemand.empty;
		this.#sequence = view.getUint32(1);
		this.start_s = view.getUint32(16);
		this.end_s = view.getUint32(20);
		this.lastMarks = view.getUint8(24);
		decodeStamp(view, 25, this.lastStamp);
		let at = 33;
		for (let n = 0; n < this.last.length; n++, at += 4) this.last[n] = view.getUint32(at);
		const isSame = view.getUint16(5) === period_s && view.getUint8(7) === this.#periods;
		if (!isSame || view.getFloat64(8) !== wattSecondsPerCode) return restoredDemand.foreign;
		this.filled = Math.min(view.getUint8(32), this.#periods);
		for (let n = 0; n < this.#periods; n++) {
			this.window_ms[n] = view.getUint32(at);
			at += 4;
			for (let quantity = 0; quantity < demandQuantities.length; quantity++, at += sumLength)
				this.window_codes[n * demandQuantities.length + quantity] = getSum(view, at);
		}
		this.length_ms = (this.end_s - this.start_s) * 1000;
		this.isWhole = this.length_ms === period_s * 1000;
		this.restoreRunning();
		return restoredDemand.restored;
	}

	/** The window may have had another size when the record was written. */
	private readPeriod(): DataView | undefined {
		const record = new Uint8Array(periodLength(15));
		let length = -1;
		try {
			length = this.#store.read(recordKey.demandPeriod, record);
		} catch {
			return undefined;
		}
		if (length < periodHeader || record[0] !== version || length !== periodLength(record[7]!)) return undefined;
		return new DataView(record.buffer);
	}

	private restoreRunning(): void {
		const view = this.#view;
		let length = -1;
		try {
			length = this.#store.read(recordKey.demandRunning, this.#record);
		} catch {
			return; // the period goes on with what flows from now on
		}
		if (length !== runningLength || view.getUint8(0) !== version || view.getUint32(1) !== this.#sequence) return;
		this.marks = view.getUint8(5);
		this.isWhole = view.getUint8(6) === 1;
		this.end_s = view.getUint32(7);
		this.length_ms = view.getUint32(11);
		this.measured_ms = view.getUint32(15);
		for (let n = 0, at = 19; n < this.sums.length; n++, at += sumLength) this.sums[n] = getSum(view, at);
	}
}

/** Results of `DemandState.restore`. */
export const restoredDemand = Object.freeze({ empty: 0, foreign: 1, restored: 2 });
export type RestoredDemand = (typeof restoredDemand)[keyof typeof restoredDemand];

/** 7 octets: below 2^53, also for three phases at full scale over an hour (2^50.7). */
function putSum(view: DataView, at: number, value: number): void {
	const upper = Math.floor(value / high);
	view.setUint8(at, upper >>> 16);
	view.setUint16(at + 1, upper & 0xffff);
	view.setUint32(at + 3, value - upper * high);
}

function getSum(view: DataView, at: number): number {
	return (view.getUint8(at) * 0x1_0000 + view.getUint16(at + 1)) * high + view.getUint32(at + 3);
}

// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { DateTime } from "./date-time.js";
import { isUsablePattern } from "./daylight-saving.js";

const layoutVersion = 1;
const recordLength = 31;
/** Version, window (2), method (2). */
const synchronisationLength = 5;
/** Methods are the numbers of those of class 8, and 0 for none. */
const lastMethod = 6;

/**
 * Configuration of the clock: class 8 attributes 3 and 5 to 8, and the time-shift limit 1-0:0.9.11. A setter stores
 * before it takes effect, and returns false for a value outside its range.
 */
export class ClockParameters {
	/** Minutes from local standard time to UTC: CET -60. Range -720..720. */
	timeZone_min = -60;
	readonly dstBegin = new DateTime();
	readonly dstEnd = new DateTime();
	/** Minutes by which summer time is ahead. Range -120..120. */
	dstDeviation_min = 60;
	dstEnabled = true;
	/** Largest step that still counts as synchronisation, 1..60 s. */
	timeShiftLimit_s = 9;
	readonly #store: RecordStore;
	readonly #changed: () => void;
	readonly #record = new Uint8Array(recordLength);
	readonly #candidate = new DateTime();

	constructor(store: RecordStore, changed: () => void) {
		this.#store = store;
		this.#changed = changed;
		// last Sunday of March 02:00 and of October 03:00, local time (European Union)
		this.fillDefault(this.dstBegin, 3, 2);
		this.fillDefault(this.dstEnd, 10, 3);
		if (store.read(recordKey.clockParameters, this.#record) === recordLength && this.#record[0] === layoutVersion)
			this.decode();
	}

	setTimeZone_min(value: number): boolean {
		if (Math.abs(value) > 720) return false;
		return this.write(value, this.dstDeviation_min, this.dstEnabled, this.timeShiftLimit_s);
	}

	setDstDeviation_min(value: number): boolean {
		if (Math.abs(value) > 120) return false;
		return this.write(this.timeZone_min, value, this.dstEnabled, this.timeShiftLimit_s);
	}

	setDstEnabled(value: boolean): boolean {
		return this.write(this.timeZone_min, this.dstDeviation_min, value, this.timeShiftLimit_s);
	}

	setTimeShiftLimit_s(value: number): boolean {
		if (value < 1 || value > 60) return false;
		return this.write(this.timeZone_min, this.dstDeviation_min, this.dstEnabled, value);
	}

	/** @param which begin or end of daylight saving; 12 octets of `bytes` from `at` */
	setDst(which: "begin" | "end", bytes: Uint8Array, at: number): boolean {
		if (!isUsablePattern(this.#candidate.decode(bytes, at))) return false;
		const target = which === "begin" ? this.dstBegin : this.dstEnd;
		if (isSameMoment(this.#candidate, which === "begin" ? this.dstEnd : this.dstBegin)) return false;
		this.encode(this.timeZone_min, this.dstDeviation_min, this.dstEnabled, this.timeShiftLimit_s);
		this.#candidate.encode(this.#record, which === "begin" ? 7 : 19);
		this.#store.write(recordKey.clockParameters, this.#record);
		target.decode(bytes, at);
		this.#changed();
		return true;
	}

	/** How a head end synchronises: 0 its window, seconds, 1 its method. For head ends to agree on; the meter takes any way. */
	synchronisation(which: number): number {
		return this.readSynchronisation().getUint16(1 + 2 * which);
	}

	setSynchronisation(which: number, value: number): boolean {
		if (which === 1 && value > lastMethod) return false;
		const record = this.readSynchronisation();
		record.setUint8(0, layoutVersion);
		record.setUint16(1 + 2 * which, value);
		this.#store.write(recordKey.clockSynchronisation, new Uint8Array(record.buffer));
		return true;
	}

	private readSynchronisation(): DataView {
		const octets = new Uint8Array(synchronisationLength);
		const length = this.#store.read(recordKey.clockSynchronisation, octets);
		if (length !== synchronisationLength || octets[0] !== layoutVersion) octets.fill(0);
		return new DataView(octets.buffer);
	}

	private write(
		timeZone_min: number,
		dstDeviation_min: number,
		dstEnabled: boolean,
		timeShiftLimit_s: number,
	): boolean {
		this.encode(timeZone_min, dstDeviation_min, dstEnabled, timeShiftLimit_s);
		this.#store.write(recordKey.clockParameters, this.#record);
		this.decode();
		this.#changed();
		return true;
	}

	private encode(timeZone_min: number, dstDeviation_min: number, dstEnabled: boolean, timeShiftLimit_s: number): void {
		const record = this.#record;
		record[0] = layoutVersion;
		record[1] = timeZone_min >> 8;
		record[2] = timeZone_min;
		record[3] = dstDeviation_min >> 8;
		record[4] = dstDeviation_min;
		record[5] = dstEnabled ? 1 : 0;
		record[6] = timeShiftLimit_s;
		this.dstBegin.encode(record, 7);
		this.dstEnd.encode(record, 19);
	}

	private decode(): void {
		const record = this.#record;
		this.timeZone_min = ((record[1]! << 24) >> 16) | record[2]!;
		this.dstDeviation_min = ((record[3]! << 24) >> 16) | record[4]!;
		this.dstEnabled = record[5] === 1;
		this.timeShiftLimit_s = record[6]!;
		this.dstBegin.decode(record, 7);
		this.dstEnd.decode(record, 19);
	}

	private fillDefault(target: DateTime, month: number, hour: number): void {
		target.month = month;
		target.day = 0xfe;
		target.weekday = 7;
		target.hour = hour;
		target.minute = 0;
		target.second = 0;
		target.status = 0xff;
	}
}

/** Daylight saving that begins when it ends is none. */
function isSameMoment(a: DateTime, b: DateTime): boolean {
	const isSameDay = a.year === b.year && a.month === b.month && a.day === b.day && a.weekday === b.weekday;
	return isSameDay && a.hour === b.hour && a.minute === b.minute && a.second === b.second;
}

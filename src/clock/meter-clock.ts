// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { Clock, RealTimeClock } from "../ports/clock.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { secondsPerDay, yearOfDayNumber } from "./calendar.js";
import { ClockParameters } from "./clock-parameters.js";
import { clockStatus, type DateTime } from "./date-time.js";
import { occurrenceInYear } from "./daylight-saving.js";

/** Told after the clock has been moved. A consumer of calendar time must state its behaviour for it. */
export interface ClockListener {
	/** `isSetting`: the step was above the time-shift limit, not a mere synchronisation. */
	clockChanged(old_s: number, new_s: number, isSetting: boolean): void;
	/** Time zone or daylight saving rules have changed; the moment is the same, its local time is another. */
	localTimeChanged(): void;
	/** The time was lost while the meter works; it runs on, and is not valid until it is set. */
	timeLost?(): void;
}

/** How a request to move the clock ended. */
export type ClockChange = "ignored" | "synchronised" | "set";

const layoutVersion = 1;
/** The part counts seconds, so the clock may be this far from what it reads. */
const reading_s = 1;
/** The clock is led towards the part by so much at a time: beyond any quartz, below any interval that counts. */
const correction_ms = 20;
/** A part that is so far away from one look to the next counts no time. */
const longestDrift_s = 5;
/** A step that is none. */
const ignored_s = 1;
/** By so much clients with limited rights may move the clock in a day. */
const dailyShift_s = 900;
/** Version, day of the clock, seconds taken. */
const shiftRecordLength = 7;
/** Version, time. */
const changeRecordLength = 5;

/**
 * The meter's calendar clock: UTC kept from the RTC part and the monotonic clock, local time by zone and daylight saving.
 * All times are integer seconds since 2000-01-01T00:00:00, UTC (`utc_s`) or local (`local_s`).
 */
export class MeterClock {
	readonly parameters: ClockParameters;
	/** What was noted last before this start: when the meter was last alive; undefined at the first start. */
	readonly lastAlive_s: number | undefined;
	/** Whether the clock was valid then. */
	readonly wasValid: boolean;
	readonly #clock: Clock;
	readonly #rtc: RealTimeClock;
	readonly #journal: RecordStore;
	readonly #listeners: ClockListener[] = [];
	readonly #record = new Uint8Array(6);
	/** UTC at monotonic zero, milliseconds. */
	#offset_ms = 0;
	#isValid = false;
	#isPartLost = false;
	/** Daylight saving of one calendar year, in UTC; recomputed when the year or a parameter changes. */
	#dstYear = -1;
	#dstBegin_s = 0;
	#dstEnd_s = 0;
	#preset_s = 0;
	#presetFrom_s = Infinity;
	#presetTo_s = 0;

	constructor(clock: Clock, rtc: RealTimeClock, journal: RecordStore, parameters: RecordStore) {
		this.#clock = clock;
		this.#rtc = rtc;
		this.#journal = journal;
		this.parameters = new ClockParameters(parameters, () => {
			this.#dstYear = -1;
			for (let n = 0; n < this.#listeners.length; n++) this.#listeners[n]!.localTimeChanged();
		});
		this.lastAlive_s = this.readNoted();
		this.wasValid = this.lastAlive_s === undefined || this.#record[5] === 1;
		const now_s = rtc.utc_s();
		this.#isValid = now_s !== undefined;
		this.#isPartLost = now_s === undefined;
		this.#offset_ms = (now_s ?? this.lastAlive_s ?? 0) * 1000 - clock.monotonic_ms();
	}

	addListener(listener: ClockListener): void {
		this.#listeners.push(listener);
	}

	get isValid(): boolean {
		return this.#isValid;
	}

	/** Voltage of the cell that keeps the part going; undefined where nothing measures it. */
	cell_mV(): number | undefined {
		return this.#rtc.cell_mV?.();
	}

	utc_s(): number {
		return Math.floor((this.#offset_ms + this.#clock.monotonic_ms()) / 1000);
	}

	/** Monotonic time at which the clock reads `utc_s`, if it is not moved before. */
	monotonicAt_ms(utc_s: number): number {
		return utc_s * 1000 - this.#offset_ms;
	}

	/** Minutes from local time to UTC at that moment: CET -60, CEST -120. */
	deviation_min(utc_s: number): number {
		return this.parameters.timeZone_min - (this.isDaylightSaving(utc_s) ? this.parameters.dstDeviation_min : 0);
	}

	local_s(utc_s: number): number {
		return utc_s - this.deviation_min(utc_s) * 60;
	}

	/** Status octet of a time stamp of that moment (class 8 attribute 4). */
	status(utc_s: number): number {
		return (this.#isValid ? 0 : clockStatus.invalid) | (this.isDaylightSaving(utc_s) ? clockStatus.daylightSaving : 0);
	}

	/** Fills `into` with local date and time, deviation and status. */
	stamp(utc_s: number, into: DateTime): DateTime {
		const deviation_min = this.deviation_min(utc_s);
		return into.setLocal_s(utc_s - deviation_min * 60, deviation_min, this.status(utc_s));
	}

	isDaylightSaving(utc_s: number): boolean {
		const p = this.parameters;
		if (!p.dstEnabled) return false;
		const standard_s = utc_s - p.timeZone_min * 60;
		const year = yearOfDayNumber(Math.floor(standard_s / secondsPerDay));
		if (year !== this.#dstYear) this.computeDaylightSaving(year);
		const begin_s = this.#dstBegin_s;
		const end_s = this.#dstEnd_s;
		if (begin_s === Infinity || end_s === Infinity) return false;
		// the southern hemisphere begins in spring of one year and ends in autumn of the next
		return begin_s < end_s ? utc_s >= begin_s && utc_s < end_s : utc_s >= begin_s || utc_s < end_s;
	}

	/**
	 * UTC of a complete date-time. With a deviation it is exact; without, it is local time of the meter under the rule of
	 * that date, and in the repeated hour bit 7 of the status tells summer from standard time.
	 */
	toUtc_s(time: DateTime): number {
		const local_s = time.local_s();
		if (time.isDeviationSpecified) return local_s + time.deviation_min * 60;
		const p = this.parameters;
		const standard_s = local_s + p.timeZone_min * 60;
		const summer_s = standard_s - p.dstDeviation_min * 60;
		const canBeStandard = !this.isDaylightSaving(standard_s);
		const canBeSummer = this.isDaylightSaving(summer_s);
		if (canBeStandard && canBeSummer) {
			const saysSummer = time.status !== clockStatus.notSpecified && (time.status & clockStatus.daylightSaving) !== 0;
			return saysSummer ? summer_s : standard_s;
		}
		return canBeSummer ? summer_s : standard_s;
	}

	/**
	 * Moves the clock to `utc_s`: steps of at most 1 s are ignored, up to the time-shift limit they synchronise, above it
	 * they set. An invalid clock is always set, and is valid afterwards.
	 *
	 * @param isExact a second counts, too: who asks for a step means it, who gives the time has been on the way
	 */
	moveTo(utc_s: number, isExact = false): ClockChange {
		const old_s = this.utc_s();
		const step_s = Math.abs(utc_s - old_s);
		if (this.#isValid && step_s <= (isExact ? 0 : ignored_s)) return "ignored";
		const isSetting = !this.#isValid || step_s > this.parameters.timeShiftLimit_s;
		this.setPart(utc_s);
		this.#offset_ms = utc_s * 1000 - this.#clock.monotonic_ms();
		this.#isValid = true;
		this.commit();
		this.noteChange(utc_s);
		for (let n = 0; n < this.#listeners.length; n++) this.#listeners[n]!.clockChanged(old_s, utc_s, isSetting);
		return isSetting ? "set" : "synchronised";
	}

	/** Prepares `applyPreset` (class 8 method 5): the time to set, and the interval in which it may be applied. */
	preset(time_s: number, validFrom_s: number, validTo_s: number): void {
		this.#preset_s = time_s;
		this.#presetFrom_s = validFrom_s;
		this.#presetTo_s = validTo_s;
	}

	/**
	 * Takes a shift out of what clients with limited rights may move the clock by in one day, all of them and both ways in sum
	 * (SEC-time). A clock without valid time may be set anywhere. The day is that of the clock, and never an earlier one again:
	 * moving over midnight and back gives nothing new. A day further ahead is one of a clock that was wrong.
	 * @param isExact as of `moveTo`
	 * @returns false when it is too much; nothing has changed then. @throws DeviceError when the shift cannot be noted
	 */
	takeShift(utc_s: number, isExact = false): boolean {
		const now_s = this.utc_s();
		const shift_s = Math.abs(utc_s - now_s);
		if (!this.#isValid || shift_s <= (isExact ? 0 : ignored_s)) return true;
		const record = new Uint8Array(shiftRecordLength);
		const view = new DataView(record.buffer);
		const isThere =
			this.#journal.read(recordKey.clockShifts, record) === shiftRecordLength && record[0] === layoutVersion;
		const today = Math.floor(now_s / secondsPerDay);
		const ahead = isThere ? view.getUint32(1) - today : -1;
		const isSameDay = ahead === 0 || ahead === 1;
		const taken_s = (isSameDay ? view.getUint16(5) : 0) + shift_s;
		if (taken_s > dailyShift_s) return false;
		record[0] = layoutVersion;
		if (!isSameDay) view.setUint32(1, today);
		view.setUint16(5, taken_s);
		this.#journal.write(recordKey.clockShifts, record);
		return true;
	}

	/**
	 * Class 8 method 4. False when nothing was prepared, or now is outside its interval or not known; a preset is used once.
	 */
	applyPreset(): boolean {
		const now_s = this.utc_s();
		if (!this.#isValid || now_s < this.#presetFrom_s || now_s > this.#presetTo_s) return false;
		this.#presetFrom_s = Infinity;
		this.moveTo(this.#preset_s);
		return true;
	}

	/**
	 * Leads the clock after the part, whose quartz is the better one; to be called about once a minute. A part that no longer has the
	 * time, or does not answer, makes it invalid; one that answers again sets it.
	 */
	follow(): void {
		const rtc_s = this.#rtc.utc_s();
		const wasLost = this.#isPartLost;
		this.#isPartLost = rtc_s === undefined;
		if (rtc_s === undefined) {
			// a clock that was set without its part runs on the tick of the processor
			if (this.#isValid && !wasLost) this.lose();
			return;
		}
		if (!this.#isValid) {
			this.moveTo(rtc_s);
			return;
		}
		const now_ms = this.#offset_ms + this.#clock.monotonic_ms();
		const ahead_s = Math.floor(now_ms / 1000) - rtc_s;
		if (Math.abs(ahead_s) <= reading_s) return;
		if (Math.abs(ahead_s) > longestDrift_s) this.setPart(Math.floor(now_ms / 1000));
		// back within the second: none is there twice
		else if (ahead_s > 0) this.#offset_ms -= Math.min(correction_ms, now_ms % 1000);
		else this.#offset_ms += correction_ms;
	}

	private lose(): void {
		this.#isValid = false;
		this.commit();
		for (let n = 0; n < this.#listeners.length; n++) this.#listeners[n]!.timeLost?.();
	}

	/** A part that refuses is found by `follow`; the clock runs on without it. */
	private setPart(utc_s: number): void {
		try {
			this.#rtc.set(utc_s);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}

	/** When the clock was synchronised or set last, UTC; undefined before the first time. */
	lastChange_s(): number | undefined {
		const record = new Uint8Array(changeRecordLength);
		const length = this.#journal.read(recordKey.clockChange, record);
		if (length !== changeRecordLength || record[0] !== layoutVersion) return undefined;
		return new DataView(record.buffer).getUint32(1);
	}

	private noteChange(utc_s: number): void {
		const record = new Uint8Array(changeRecordLength);
		record[0] = layoutVersion;
		new DataView(record.buffer).setUint32(1, utc_s);
		this.#journal.write(recordKey.clockChange, record);
	}

	/** Remembers the present time, for a start without RTC. @throws DeviceError */
	commit(): void {
		this.#journal.write(recordKey.clockState, this.encodeState());
	}

	/** The same where it may be done each second. */
	note(): void {
		const journal = this.#journal;
		if (journal.note !== undefined) journal.note(recordKey.clockState, this.encodeState());
	}

	private encodeState(): Uint8Array {
		this.#record[0] = layoutVersion;
		new DataView(this.#record.buffer).setUint32(1, this.utc_s());
		this.#record[5] = this.#isValid ? 1 : 0;
		return this.#record;
	}

	private readNoted(): number | undefined {
		if (this.#journal.read(recordKey.clockState, this.#record) < 6 || this.#record[0] !== layoutVersion)
			return undefined;
		return new DataView(this.#record.buffer).getUint32(1);
	}

	private computeDaylightSaving(year: number): void {
		const p = this.parameters;
		this.#dstYear = year;
		const begin = occurrenceInYear(p.dstBegin, year);
		const end = occurrenceInYear(p.dstEnd, year);
		// begin is given in standard time, end in summer time
		this.#dstBegin_s = begin === undefined ? Infinity : begin + p.timeZone_min * 60;
		this.#dstEnd_s = end === undefined ? Infinity : end + (p.timeZone_min - p.dstDeviation_min) * 60;
	}
}

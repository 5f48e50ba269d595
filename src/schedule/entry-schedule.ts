// SPDX-License-Identifier: Apache-2.0
import { civilFromDayNumber, secondsPerDay, weekday } from "../clock/calendar.js";
import { timeLength } from "../clock/date-pattern.js";
import type { ClockListener } from "../clock/meter-clock.js";
import { DeviceError } from "../core/device-error.js";
import type { LocalClock } from "../core/local-periods.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { tariffCalendar } from "../tariff/calendars.js";
import type { SpecialDays } from "../tariff/special-days.js";
import { alwaysValid, EntryTable, maximumEntries } from "./entry-table.js";
import { entryLength, firstOccurrence, lastOccurrence } from "./occurrence.js";
import type { ScheduleHost } from "./schedules.js";
import { punctual_s } from "./schedules.js";

/** What the schedule needs of the meter around it. */
export interface EntryScheduleMeter {
	/** Runs the scripts of schedules. */
	readonly scheduleHost: ScheduleHost;
	readonly calendars: { special(n: number): SpecialDays };
}

export interface EntryScheduleParts {
	readonly clock: LocalClock;
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
	readonly meter: EntryScheduleMeter;
}

/** Entries are looked for so far ahead, then again. */
const horizon_s = secondsPerDay;
/** What was missed is looked for so far back, in pieces that hold one jump of local time at most. */
const longestAbsence_s = 400 * secondsPerDay;
const stretch_s = 20 * secondsPerDay;
/** Set back by more, the clock was wrong: what has run since runs again. */
const longestRepeat_s = secondsPerDay;
const secondsPerMinute = 60;
const invalidBit = 1;

const layoutVersion = 1;
const stateLength = 5;

/**
 * The schedule 0-0:12.0.0 (class 10): each enabled entry runs its script at its switch time on the weekdays it names, on special
 * days of the tariff on those whose day_id it names instead, between its first and last day.
 *
 * What was missed, because there was no supply or the clock was set forward, runs once, with its latest occurrence, while its
 * validity window lasts. Clock set back: what has run is not repeated unless the clock was wrong by more than a day. Nothing
 * runs and nothing is made up for while the time is lost. An execution is noted after it is done. Nothing of the entries is in
 * RAM.
 */
export class EntrySchedule implements Task, ClockListener {
	readonly priority: number = taskPriority.schedule;
	deadline_ms = 0;
	readonly #parts: EntryScheduleParts;
	/** Up to when everything has run; -1 before the first run. */
	#done_s = -1;
	#next_s = 0;

	constructor(parts: EntryScheduleParts) {
		this.#parts = parts;
	}

	/** A copy of the entries, to read, or to change and hand to `configure`. */
	load(): EntryTable {
		return new EntryTable().load(this.#parts.parameters, this.#parts.meter.scheduleHost.factoryClient);
	}

	/** What was due before is not made up for. @throws DeviceError, unchanged */
	configure(table: EntryTable): void {
		table.store(this.#parts.parameters);
		this.note(this.#parts.clock.utc_s());
		this.deadline_ms = 0;
		this.#next_s = 0;
	}

	run(now_ms: number): void {
		const { clock } = this.#parts;
		const now_s = clock.utc_s();
		this.deadline_ms = Infinity;
		if ((clock.status(now_s) & invalidBit) !== 0) {
			this.timeLost();
			return;
		}
		if (this.#done_s < 0) this.#done_s = this.restored(now_s);
		if (now_s >= this.#next_s) {
			const table = this.load();
			if (table.count === 0) return;
			this.runDue(table, now_s);
			this.plan(this.load(), now_s);
		}
		this.deadline_ms = Math.max(clock.monotonicAt_ms(this.#next_s), now_ms + 1);
	}

	clockChanged(old_s: number, new_s: number): void {
		const isWrong = old_s - new_s > longestRepeat_s;
		if (this.#done_s > (isWrong ? new_s : new_s + longestRepeat_s)) this.note(new_s);
		this.again();
	}

	localTimeChanged(): void {
		this.again();
	}

	/** Nothing runs until the clock is set, and nothing is made up for then. */
	timeLost(): void {
		this.#done_s = Infinity;
		this.deadline_ms = Infinity;
	}

	private again(): void {
		this.#next_s = 0;
		this.deadline_ms = 0;
	}

	/** Runs what is due, in the order in which it was due, then of the indexes. */
	private runDue(table: EntryTable, now_s: number): void {
		const host = this.#parts.meter.scheduleHost;
		const due_s = new Float64Array(maximumEntries).fill(-1);
		for (let n = 0; n < table.count; n++) if (table.isEnabled(n)) due_s[n] = this.latest(table, n, now_s);
		let hasRun = false;
		for (;;) {
			let next = -1;
			for (let n = 0; n < table.count; n++) if (due_s[n]! >= 0 && (next < 0 || due_s[n]! < due_s[next]!)) next = n;
			if (next < 0) break;
			const at_s = due_s[next]!;
			due_s[next] = -1;
			const late_s = now_s - at_s;
			const window_min = table.window_min(next);
			const isLate = late_s > punctual_s;
			if (isLate && window_min !== alwaysValid && late_s > window_min * secondsPerMinute) continue;
			host.execute(table.table(next), table.script(next), table.client, at_s, isLate);
			hasRun = true;
		}
		if (hasRun) this.note(now_s);
		else this.#done_s = Math.max(this.#done_s, now_s);
	}

	/** Latest occurrence after what is done; -1 when there is none. */
	private latest(table: EntryTable, n: number, now_s: number): number {
		const earliest_s = Math.max(this.#done_s + 1, now_s - longestAbsence_s);
		const entry = anyDay(table, n);
		for (let to_s = now_s; to_s >= earliest_s; ) {
			const from_s = Math.max(earliest_s, to_s - stretch_s);
			const at_s = lastOccurrence(this.#parts.clock, entry, 0, from_s, to_s, true);
			if (at_s >= 0 && this.isOn(table, n, at_s)) return at_s;
			to_s = (at_s >= 0 ? at_s : from_s) - 1;
		}
		return -1;
	}

	private plan(table: EntryTable, now_s: number): void {
		this.#next_s = now_s + horizon_s;
		for (let n = 0; n < table.count; n++) {
			if (!table.isEnabled(n)) continue;
			const entry = anyDay(table, n);
			let from_s = Math.max(now_s, this.#done_s) + 1;
			while (from_s < this.#next_s) {
				const at_s = firstOccurrence(this.#parts.clock, entry, 0, from_s, this.#next_s, true);
				if (at_s < 0) break;
				if (this.isOn(table, n, at_s)) this.#next_s = at_s;
				from_s = at_s + 1;
			}
		}
	}

	/** Whether the entry means the day of this moment. */
	private isOn(table: EntryTable, n: number, at_s: number): boolean {
		const day = Math.floor(this.#parts.clock.local_s(at_s) / secondsPerDay);
		if (!isBetween(table, n, day)) return false;
		const dayId = this.#parts.meter.calendars.special(tariffCalendar).dayIdOf(day);
		return dayId < 0 ? table.hasWeekday(n, weekday(day)) : table.hasDayId(n, dayId);
	}

	/** What is noted; a meter that never noted anything has nothing to make up for. */
	private restored(now_s: number): number {
		const record = new DataView(new ArrayBuffer(stateLength));
		try {
			const length = this.#parts.journal.read(recordKey.scheduleDone, new Uint8Array(record.buffer));
			if (length === stateLength && record.getUint8(0) === layoutVersion) return record.getUint32(1);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		return now_s;
	}

	private note(done_s: number): void {
		this.#done_s = done_s;
		const record = new DataView(new ArrayBuffer(stateLength));
		record.setUint8(0, layoutVersion);
		record.setUint32(1, done_s);
		try {
			this.#parts.journal.write(recordKey.scheduleDone, new Uint8Array(record.buffer));
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.meter.scheduleHost.memoryFailed();
		}
	}
}

/** Its switch time on every day, as `occurrence` takes it. */
function anyDay(table: EntryTable, n: number): Uint8Array {
	const entry = new Uint8Array(entryLength).fill(0xff);
	const at = table.timeAt(n);
	for (let octet = 0; octet < timeLength; octet++) entry[octet] = table.bytes[at + octet]!;
	return entry;
}

/** Months and days as one number, with the year in front unless it is any. */
function isBetween(table: EntryTable, n: number, day: number): boolean {
	const date = { year: 0, month: 0, day: 0 };
	civilFromDayNumber(day, date);
	const ofYear = date.month * 32 + date.day;
	const whole = date.year * 512 + ofYear;
	const begin = boundAt(table.bytes, table.beginAt(n));
	const end = boundAt(table.bytes, table.endAt(n));
	const isFrom = begin < 0 || (begin < 512 ? ofYear : whole) >= begin;
	const isTo = end < 0 || (end < 512 ? ofYear : whole) <= end;
	// the same of every year, over the turn of the year
	if (begin >= 0 && begin < 512 && end >= 0 && end < 512 && begin > end) return isFrom || isTo;
	return isFrom && isTo;
}

/** -1 for none; below 512 for a day of every year. */
function boundAt(bytes: Uint8Array, at: number): number {
	if (bytes[at + 2] === 0xff) return -1;
	const year = bytes[at]! * 256 + bytes[at + 1]!;
	const ofYear = bytes[at + 2]! * 32 + bytes[at + 3]!;
	return year === 0xffff ? ofYear : year * 512 + ofYear;
}

// SPDX-License-Identifier: Apache-2.0
import { secondsPerDay } from "../clock/calendar.js";
import { matchesDay, timeFrom, timeLength, timeUpTo } from "../clock/date-pattern.js";
import { jumpBetween, type LocalClock } from "../core/local-periods.js";

/**
 * Moments at which an execution time is due: `entry` is time (4 octets) and date (5) of local time, with wildcards.
 *
 * An entry that names its hour happens once a day: in the first pass of an hour that is repeated, and at the jump when its
 * hour is left out. One for every hour follows the clock. All moments are seconds UTC; local time is taken to jump at most
 * once between the ends that are given.
 */
export const entryLength = 9;

const any = 0xff;
const longestDaylightSaving_s = 7200;

/** First moment in `from_s`..`to_s`; -1 when there is none. */
export function firstOccurrence(
	clock: LocalClock,
	entry: Uint8Array,
	at: number,
	from_s: number,
	to_s: number,
	skippedCounts: boolean,
): number {
	if (from_s > to_s) return -1;
	const jump_s = jumpIn(clock, from_s, to_s);
	if (jump_s < 0) return firstInStretch(clock, entry, at, from_s, to_s);
	const before_s = firstInStretch(clock, entry, at, from_s, jump_s - 1);
	if (before_s >= 0) return before_s;
	if (skippedCounts && isSkipped(clock, entry, at, jump_s)) return jump_s;
	return firstInStretch(clock, entry, at, jump_s, to_s);
}

/** Last moment in `from_s`..`to_s`; -1 when there is none. */
export function lastOccurrence(
	clock: LocalClock,
	entry: Uint8Array,
	at: number,
	from_s: number,
	to_s: number,
	skippedCounts: boolean,
): number {
	if (from_s > to_s) return -1;
	const jump_s = jumpIn(clock, from_s, to_s);
	if (jump_s < 0) return lastInStretch(clock, entry, at, from_s, to_s);
	const after_s = lastInStretch(clock, entry, at, jump_s, to_s);
	if (after_s >= 0) return after_s;
	if (skippedCounts && isSkipped(clock, entry, at, jump_s)) return jump_s;
	return lastInStretch(clock, entry, at, from_s, jump_s - 1);
}

/** First second with another deviation than the one before it; -1 when there is none. It may be `from_s` itself. */
function jumpIn(clock: LocalClock, from_s: number, to_s: number): number {
	const before_s = from_s - 1;
	return clock.deviation_min(before_s) === clock.deviation_min(to_s) ? -1 : jumpBetween(clock, before_s, to_s);
}

/** Whether an entry with an hour falls into the local time which the jump leaves out. */
function isSkipped(clock: LocalClock, entry: Uint8Array, at: number, jump_s: number): boolean {
	if (entry[at] === any) return false;
	const from_s = clock.local_s(jump_s - 1) + 1;
	return firstLocal(entry, at, from_s, clock.local_s(jump_s) - 1) >= 0;
}

/** From here on local time is what it never was before: behind the second pass of a repeated hour, if `utc_s` is in it. */
function newFrom_s(clock: LocalClock, utc_s: number): number {
	const before_s = utc_s - longestDaylightSaving_s;
	const back_min = clock.deviation_min(utc_s) - clock.deviation_min(before_s);
	if (back_min <= 0) return utc_s;
	return Math.max(utc_s, jumpBetween(clock, before_s, utc_s) + back_min * 60);
}

function firstInStretch(clock: LocalClock, entry: Uint8Array, at: number, from_s: number, to_s: number): number {
	const start_s = entry[at] === any ? from_s : newFrom_s(clock, from_s);
	if (start_s > to_s) return -1;
	const ahead_s = clock.local_s(start_s) - start_s;
	const found = firstLocal(entry, at, start_s + ahead_s, to_s + ahead_s);
	return found < 0 ? -1 : found - ahead_s;
}

function lastInStretch(clock: LocalClock, entry: Uint8Array, at: number, from_s: number, to_s: number): number {
	const start_s = entry[at] === any ? from_s : newFrom_s(clock, from_s);
	if (start_s > to_s) return -1;
	const ahead_s = clock.local_s(start_s) - start_s;
	const found = lastLocal(entry, at, start_s + ahead_s, to_s + ahead_s);
	return found < 0 ? -1 : found - ahead_s;
}

/** In seconds of one local time that does not jump. */
function firstLocal(entry: Uint8Array, at: number, from_s: number, to_s: number): number {
	let day = Math.floor(from_s / secondsPerDay);
	let time_s = from_s - day * secondsPerDay;
	for (; day * secondsPerDay <= to_s; day++, time_s = 0) {
		const found_s = timeFrom(entry, at, time_s);
		if (found_s < 0 || !matchesDay(entry, at + timeLength, day)) continue;
		const moment_s = day * secondsPerDay + found_s;
		return moment_s <= to_s ? moment_s : -1;
	}
	return -1;
}

function lastLocal(entry: Uint8Array, at: number, from_s: number, to_s: number): number {
	let day = Math.floor(to_s / secondsPerDay);
	let time_s = to_s - day * secondsPerDay;
	for (; (day + 1) * secondsPerDay > from_s; day--, time_s = secondsPerDay - 1) {
		const found_s = timeUpTo(entry, at, time_s);
		if (found_s < 0 || !matchesDay(entry, at + timeLength, day)) continue;
		const moment_s = day * secondsPerDay + found_s;
		return moment_s >= from_s ? moment_s : -1;
	}
	return -1;
}

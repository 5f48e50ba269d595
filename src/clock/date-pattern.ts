// SPDX-License-Identifier: Apache-2.0
import { type CivilDate, civilFromDayNumber, dayNumber, daysInMonth, secondsPerDay, weekday } from "./calendar.js";
import { notSpecified } from "./date-time.js";

/**
 * Dates (5 octets) and times (4 octets) with wildcards, as schedules, special days and seasons have them (Blue Book
 * 4.1.6.1). They stay the octets they came as.
 *
 * A wildcard matches everything. Of day and weekday given together, a number d means the first such weekday on or after d,
 * "last" and "second last" the last and second last such weekday of the month. The marks for begin and end of daylight saving
 * in place of a month are refused.
 */
export const dateLength = 5 as const;
export const timeLength = 4 as const;

const any = notSpecified.octet;
/** Days of the month counted from its end (Blue Book 4.1.6.1). */
export const lastDay = 0xfe;
export const secondLastDay = 0xfd;
const leapYear = 2024;

function yearOf(bytes: Uint8Array, at: number): number {
	return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Whether there can ever be such a date. */
export function isDatePattern(bytes: Uint8Array, at: number): boolean {
	const year = yearOf(bytes, at);
	const month = bytes[at + 2]!;
	const day = bytes[at + 3]!;
	const wanted = bytes[at + 4]!;
	if (year !== notSpecified.year && (year < 2000 || year > 2099)) return false;
	if (month !== any && (month < 1 || month > 12)) return false;
	if (wanted !== any && (wanted < 1 || wanted > 7)) return false;
	if (day === any || day === lastDay || day === secondLastDay) return true;
	const longest = month === any ? 31 : daysInMonth(year === notSpecified.year ? leapYear : year, month);
	return day >= 1 && day <= longest;
}

/** Whether year, month or day is left open, or counted from the end of the month. */
export function hasDateWildcard(bytes: Uint8Array, at: number): boolean {
	return yearOf(bytes, at) === notSpecified.year || bytes[at + 2]! > 12 || bytes[at + 3]! > 31;
}

/** @param day number of the day since 2000-01-01 */
export function matchesDay(bytes: Uint8Array, at: number, day: number): boolean {
	const wanted = bytes[at + 4]!;
	if (wanted !== any && weekday(day) !== wanted) return false;
	const year = yearOf(bytes, at);
	const month = bytes[at + 2]!;
	const dayOfMonth = bytes[at + 3]!;
	if (year === notSpecified.year && month === any && dayOfMonth === any) return true;
	const date: CivilDate = { year: 0, month: 0, day: 0 };
	if (dayOfMonth <= 31 && wanted !== any) {
		// the named day is this one or one of the six before it
		for (let back = 0; back < 7; back++) {
			civilFromDayNumber(day - back, date);
			if (date.day === dayOfMonth) return isIn(date, year, month);
		}
		return false;
	}
	civilFromDayNumber(day, date);
	if (!isIn(date, year, month)) return false;
	if (dayOfMonth === any) return true;
	if (dayOfMonth <= 31) return date.day === dayOfMonth;
	const toEnd = daysInMonth(date.year, date.month) - date.day;
	const step = wanted === any ? 1 : 7;
	const distance = dayOfMonth === lastDay ? 0 : step;
	return toEnd >= distance && toEnd < distance + step;
}

function isIn(date: CivilDate, year: number, month: number): boolean {
	return (year === notSpecified.year || date.year === year) && (month === any || date.month === month);
}

/** Hour, minute, second, each in range or a wildcard; hundredths are not looked at beyond their range. */
export function isTimePattern(bytes: Uint8Array, at: number): boolean {
	const hundredths = bytes[at + 3]!;
	return (
		isBelow(bytes[at]!, 24) &&
		isBelow(bytes[at + 1]!, 60) &&
		isBelow(bytes[at + 2]!, 60) &&
		(hundredths < 100 || hundredths === any)
	);
}

function isBelow(value: number, limit: number): boolean {
	return value < limit || value === any;
}

/** First second of the day, not before `from_s`, which matches; -1 when there is none. */
export function timeFrom(bytes: Uint8Array, at: number, from_s: number): number {
	const hour = bytes[at]!;
	const minute = bytes[at + 1]!;
	const second = bytes[at + 2]!;
	let h = Math.floor(from_s / 3600);
	let m = Math.floor(from_s / 60) % 60;
	let s = from_s % 60;
	if (second === any || second >= s) s = second === any ? s : second;
	else {
		s = second;
		m++;
	}
	if (minute !== any && minute !== m) {
		if (minute < m) h++;
		m = minute;
		s = second === any ? 0 : second;
	} else if (m === 60) {
		m = minute === any ? 0 : minute;
		h++;
	}
	if (hour !== any && hour !== h) {
		if (hour < h) return -1;
		return hour * 3600 + (minute === any ? 0 : minute) * 60 + (second === any ? 0 : second);
	}
	return h > 23 ? -1 : h * 3600 + m * 60 + s;
}

/** Last second of the day, not after `to_s`, which matches; -1 when there is none. */
export function timeUpTo(bytes: Uint8Array, at: number, to_s: number): number {
	// seen from the end of the day, the last is the first
	const mirrored = new Uint8Array(timeLength);
	mirrored[0] = bytes[at] === any ? any : 23 - bytes[at]!;
	mirrored[1] = bytes[at + 1] === any ? any : 59 - bytes[at + 1]!;
	mirrored[2] = bytes[at + 2] === any ? any : 59 - bytes[at + 2]!;
	const found = timeFrom(mirrored, 0, secondsPerDay - 1 - to_s);
	return found < 0 ? -1 : secondsPerDay - 1 - found;
}

/** Day number of the day which a date with month (or wildcard) and day names in a month; -1 when there is none. */
export function dayInMonth(bytes: Uint8Array, at: number, year: number, month: number): number {
	const wanted = bytes[at + 4]!;
	const dayOfMonth = bytes[at + 3]!;
	const first = dayNumber(year, month, 1);
	const length = daysInMonth(year, month);
	if (dayOfMonth > 31) {
		const last = first + length - 1;
		if (wanted === any) return dayOfMonth === lastDay ? last : last - 1;
		const lastWanted = last - ((weekday(last) - wanted + 7) % 7);
		return dayOfMonth === lastDay ? lastWanted : lastWanted - 7;
	}
	if (dayOfMonth > length) return -1;
	const day = first + dayOfMonth - 1;
	return wanted === any ? day : day + ((wanted - weekday(day) + 7) % 7);
}

// SPDX-License-Identifier: Apache-2.0
import { dayNumber, daysInMonth, secondsPerDay, weekday } from "./calendar.js";
import { lastDay, secondLastDay } from "./date-pattern.js";
import { type DateTime, notSpecified } from "./date-time.js";

/**
 * Local seconds of the occurrence of a date-time pattern in `year` (class 8 attributes 5 and 6, wildcards allowed).
 *
 * Day and weekday both given: a number d means the first such weekday on or after d; "last" and "second last" mean the
 * last and second last such weekday of the month.
 * @returns undefined when the pattern does not occur in that year or names no month, day or hour
 */
export function occurrenceInYear(pattern: DateTime, year: number): number | undefined {
	if (pattern.year !== notSpecified.year && pattern.year !== year) return undefined;
	const day = dayOfPattern(pattern, year);
	if (day === undefined || pattern.hour > 23) return undefined;
	const minute = pattern.minute === notSpecified.octet ? 0 : pattern.minute;
	const second = pattern.second === notSpecified.octet ? 0 : pattern.second;
	return day * secondsPerDay + pattern.hour * 3600 + minute * 60 + second;
}

function dayOfPattern(pattern: DateTime, year: number): number | undefined {
	const month = pattern.month;
	if (month < 1 || month > 12) return undefined;
	const first = dayNumber(year, month, 1);
	const length = daysInMonth(year, month);
	const wanted = pattern.weekday;
	if (pattern.day === lastDay || pattern.day === secondLastDay) {
		let day = first + length - 1;
		if (wanted !== notSpecified.octet) {
			while (weekday(day) !== wanted) day--;
			return pattern.day === lastDay ? day : day - 7;
		}
		return pattern.day === lastDay ? day : day - 1;
	}
	const start = pattern.day === notSpecified.octet && wanted !== notSpecified.octet ? 1 : pattern.day;
	if (start < 1 || start > length) return undefined;
	let day = first + start - 1;
	if (wanted !== notSpecified.octet) while (weekday(day) !== wanted) day++;
	return day;
}

/** True when a pattern can be used for attributes 5 and 6: it occurs in a leap year or in a common one. */
export function isUsablePattern(pattern: DateTime): boolean {
	if (pattern.weekday !== notSpecified.octet && (pattern.weekday < 1 || pattern.weekday > 7)) return false;
	if (pattern.minute > 59 && pattern.minute !== notSpecified.octet) return false;
	if (pattern.second > 59 && pattern.second !== notSpecified.octet) return false;
	const year = pattern.year === notSpecified.year ? 2024 : pattern.year;
	return year >= 2000 && year <= 2135 && occurrenceInYear(pattern, year) !== undefined && pattern.hasValidDeviation();
}

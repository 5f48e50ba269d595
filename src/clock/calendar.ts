// SPDX-License-Identifier: Apache-2.0

/**
 * Proleptic Gregorian calendar in integers. Days count from 2000-01-01 (day 0, a Saturday), seconds from its midnight;
 * whether they are UTC or local is the caller's affair. Valid for the years 1 … 65 534.
 */
export const secondsPerDay = 86_400;

/** 2000-01-01T00:00:00Z in seconds of the UNIX epoch. */
export const unixEpochOffset_s = 946_684_800;

const daysBefore = new Uint16Array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]);
const lengths = new Uint8Array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** Day number of 2100-01-01: up to there every fourth year is a leap year, which is worth a shorter way on the board. */
const day2100 = 36_525;

/** Days from 2000-01-01 to the first day of a year that is `years`, 0..100, later. */
function daysOfYears(years: number): number {
	return (1461 * years + 3) >> 2;
}

export function isLeapYear(year: number): boolean {
	return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** @param month 1..12 */
export function daysInMonth(year: number, month: number): number {
	return month === 2 && isLeapYear(year) ? 29 : lengths[month - 1]!;
}

/** Day number of a date that exists. */
export function dayNumber(year: number, month: number, day: number): number {
	if (year >= 2000 && year < 2100) {
		const inYear = daysBefore[month - 1]! + day - 1;
		return daysOfYears(year - 2000) + inYear + (month > 2 && (year & 3) === 0 ? 1 : 0);
	}
	const y = year - 1;
	const leapDaysTo2000 = 484; // 1999/4 - 1999/100 + 1999/400
	const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - leapDaysTo2000;
	const leapDay = month > 2 && isLeapYear(year) ? 1 : 0;
	return (year - 2000) * 365 + leapDays + daysBefore[month - 1]! + leapDay + day - 1;
}

/** 1 Monday … 7 Sunday. */
export function weekday(dayNumber: number): number {
	return ((((dayNumber + 5) % 7) + 7) % 7) + 1;
}

/** Year, month 1..12 and day 1..31. */
export interface CivilDate {
	year: number;
	month: number;
	day: number;
}

/** Fills the date of a day number into `into`, so that nothing is allocated. */
export function civilFromDayNumber(number: number, into: CivilDate): void {
	const year = yearOfDayNumber(number);
	const inYear = number - dayNumber(year, 1, 1);
	const leapDay = inYear > 58 && isLeapYear(year) ? 1 : 0;
	into.year = year;
	// on 29 February the leap day is none yet
	if (leapDay === 1 && inYear === 59) {
		into.month = 2;
		into.day = 29;
		return;
	}
	const common = inYear - leapDay;
	let month = common >> 5; // this month or the one before
	if (month < 11 && common >= daysBefore[month + 1]!) month++;
	into.month = month + 1;
	into.day = common - daysBefore[month]! + 1;
}

/** Year of a day number. */
export function yearOfDayNumber(number: number): number {
	if (number >= 0 && number < day2100) return 2000 + (((4 * number) / 1461) | 0);
	let year = 2000 + Math.floor(number / 365.2425);
	while (dayNumber(year, 1, 1) > number) year--;
	while (dayNumber(year + 1, 1, 1) <= number) year++;
	return year;
}

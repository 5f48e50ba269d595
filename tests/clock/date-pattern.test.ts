// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import {
	hasDateWildcard,
	isDatePattern,
	isTimePattern,
	matchesDay,
	timeFrom,
	timeUpTo,
} from "../../src/clock/date-pattern.js";
import { epoch_ms } from "../support/since-2000.js";

const day_ms = 86_400_000;

/** Date pattern: year, month, day of month, weekday; 255 and 0xffff are wildcards. */
function date(year: number, month: number, day: number, weekday: number): Uint8Array {
	return Uint8Array.of(year >> 8, year & 255, month, day, weekday);
}

/** The platform's calendar with the rules of the page, written down once more. */
function matches(pattern: Uint8Array, number: number): boolean {
	const year = pattern[0]! * 256 + pattern[1]!;
	const [, , month, day, weekday] = pattern;
	const of = (n: number): Date => new Date(epoch_ms + n * day_ms);
	const isIn = (d: Date): boolean =>
		(year === 0xffff || d.getUTCFullYear() === year) && (month === 255 || d.getUTCMonth() + 1 === month);
	const weekdayOf = (d: Date): number => d.getUTCDay() || 7;
	const now = of(number);
	if (weekday !== 255 && weekdayOf(now) !== weekday) return false;
	if (day === 255) return isIn(now);
	if (day! >= 0xfd) {
		const candidates: number[] = [];
		const last = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
		for (let d = last; d >= 1; d--) {
			const then = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), d));
			if (weekday === 255 || weekdayOf(then) === weekday) candidates.push(d);
		}
		return isIn(now) && now.getUTCDate() === candidates[day === 0xfe ? 0 : 1];
	}
	if (weekday === 255) return isIn(now) && now.getUTCDate() === day;
	for (let back = 0; back < 7; back++) {
		const anchor = of(number - back);
		if (anchor.getUTCDate() === day && isIn(anchor)) return true;
	}
	return false;
}

const octetOr = (arbitrary: fc.Arbitrary<number>, wildcard: number) =>
	fc.oneof({ weight: 2, arbitrary }, { weight: 1, arbitrary: fc.constant(wildcard) });

describe("clock/date-pattern", () => {
	it("matches the days that the platform's calendar does", () => {
		const pattern = fc
			.tuple(
				octetOr(fc.integer({ min: 2024, max: 2026 }), 0xffff),
				octetOr(fc.integer({ min: 1, max: 12 }), 255),
				fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constantFrom(0xfd, 0xfe, 255)),
				octetOr(fc.integer({ min: 1, max: 7 }), 255),
			)
			.map((fields) => date(...fields));
		fc.assert(
			fc.property(pattern, fc.integer({ min: 8766, max: 9900 }), (bytes, from) => {
				for (let day = from; day < from + 40; day++)
					assert.equal(matchesDay(bytes, 0, day), matches(bytes, day), `${day}`);
			}),
			{ numRuns: 400 },
		);
	});

	it("finds the first and the last second of a day that match", () => {
		const pattern = fc
			.tuple(
				octetOr(fc.integer({ min: 0, max: 23 }), 255),
				octetOr(fc.integer({ min: 0, max: 59 }), 255),
				octetOr(fc.integer({ min: 0, max: 59 }), 255),
			)
			.map((fields) => Uint8Array.of(...fields, 0));
		fc.assert(
			fc.property(pattern, fc.integer({ min: 0, max: 86_399 }), (bytes, moment) => {
				const isMatch = (s: number): boolean =>
					[Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].every((v, n) => bytes[n] === 255 || bytes[n] === v);
				let first = moment;
				while (first < 86_400 && !isMatch(first)) first++;
				let last = moment;
				while (last >= 0 && !isMatch(last)) last--;
				assert.equal(timeFrom(bytes, 0, moment), first === 86_400 ? -1 : first);
				assert.equal(timeUpTo(bytes, 0, moment), last);
			}),
			{ numRuns: 150 },
		);
	});

	it("refuses dates and times that can never be", () => {
		for (const bad of [
			date(2026, 2, 30, 255),
			date(0xffff, 2, 30, 255),
			date(2026, 2, 29, 255),
			date(0xffff, 4, 31, 255),
			date(2100, 1, 1, 255),
			date(1999, 1, 1, 255),
			date(0xffff, 13, 1, 255),
			date(0xffff, 0xfd, 1, 255),
			date(0xffff, 0, 1, 255),
			date(0xffff, 1, 0, 255),
			date(0xffff, 1, 0xfc, 255),
			date(0xffff, 1, 1, 0),
			date(0xffff, 1, 1, 8),
		])
			assert.equal(isDatePattern(bad, 0), false, Buffer.from(bad).toString("hex"));
		for (const good of [
			date(0xffff, 2, 29, 255),
			date(2028, 2, 29, 255),
			date(0xffff, 255, 31, 7),
			date(2026, 4, 0xfe, 5),
		])
			assert.equal(isDatePattern(good, 0), true, Buffer.from(good).toString("hex"));
		assert.equal(isTimePattern(Uint8Array.of(24, 0, 0, 0), 0), false);
		assert.equal(isTimePattern(Uint8Array.of(0, 60, 0, 0), 0), false);
		assert.equal(isTimePattern(Uint8Array.of(0, 0, 60, 0), 0), false);
		assert.equal(isTimePattern(Uint8Array.of(0, 0, 0, 100), 0), false);
		assert.equal(isTimePattern(Uint8Array.of(255, 255, 255, 255), 0), true);
	});

	it("knows a wildcard in a date, of which the weekday is none", () => {
		assert.equal(hasDateWildcard(date(2026, 5, 31, 255), 0), false);
		for (const wild of [
			date(0xffff, 5, 31, 255),
			date(2026, 255, 31, 255),
			date(2026, 5, 0xfe, 255),
			date(2026, 5, 255, 1),
		])
			assert.equal(hasDateWildcard(wild, 0), true);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {
	civilFromDayNumber,
	dayNumber,
	isLeapYear,
	unixEpochOffset_s,
	weekday,
	yearOfDayNumber,
} from "../../src/clock/calendar.js";

const day_ms = 86_400_000;

describe("calendar", () => {
	it("agrees with another calendar on each day from 1896 to 2404", () => {
		const into = { year: 0, month: 0, day: 0 };
		const first = Math.round((Date.UTC(1896, 0, 1) - unixEpochOffset_s * 1000) / day_ms);
		const last = Math.round((Date.UTC(2404, 11, 31) - unixEpochOffset_s * 1000) / day_ms);
		for (let number = first; number <= last; number++) {
			const date = new Date(number * day_ms + unixEpochOffset_s * 1000);
			const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
			civilFromDayNumber(number, into);
			if (into.year !== expected.year || into.month !== expected.month || into.day !== expected.day)
				assert.deepEqual(into, expected, `day ${number}`);
			assert.equal(yearOfDayNumber(number), expected.year);
			assert.equal(dayNumber(expected.year, expected.month, expected.day), number);
			assert.equal(weekday(number), date.getUTCDay() === 0 ? 7 : date.getUTCDay());
		}
	});

	it("has the leap days of the centuries", () => {
		assert.deepEqual([1900, 2000, 2024, 2025, 2100, 2400].map(isLeapYear), [false, true, true, false, false, true]);
		assert.equal(dayNumber(2100, 3, 1) - dayNumber(2100, 2, 28), 1);
		assert.equal(dayNumber(2000, 3, 1) - dayNumber(2000, 2, 28), 2);
	});
});

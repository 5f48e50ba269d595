// SPDX-License-Identifier: Apache-2.0
import { type CivilDate, civilFromDayNumber, dayNumber, daysInMonth, secondsPerDay, weekday } from "./calendar.js";

/** Marks of the COSEM date-time, Blue Book 4.1.6.1. */
export const notSpecified = Object.freeze({
	year: 0xffff,
	octet: 0xff,
	/** The deviation is a signed 16-bit number. */
	deviation_min: -0x8000,
});

/** Clock status bits. */
export const clockStatus = Object.freeze({
	invalid: 1,
	doubtful: 2,
	differentBase: 4,
	invalidStatus: 8,
	daylightSaving: 0x80,
	notSpecified: 0xff,
});

/** Octets of a COSEM date-time. */
export const dateTimeLength = 12;

/**
 * The 12 octets of a COSEM date-time as fields. Mutable and meant to be reused.
 * `deviation_min` counts from local time to UTC: UTC = local time + deviation (CET -60, CEST -120).
 */
export class DateTime implements CivilDate {
	year: number = notSpecified.year;
	month: number = notSpecified.octet;
	day: number = notSpecified.octet;
	weekday: number = notSpecified.octet;
	hour: number = notSpecified.octet;
	minute: number = notSpecified.octet;
	second: number = notSpecified.octet;
	hundredths: number = notSpecified.octet;
	deviation_min: number = notSpecified.deviation_min;
	status: number = notSpecified.octet;

	decode(bytes: Uint8Array, at: number): this {
		this.year = (bytes[at]! << 8) | bytes[at + 1]!;
		this.month = bytes[at + 2]!;
		this.day = bytes[at + 3]!;
		this.weekday = bytes[at + 4]!;
		this.hour = bytes[at + 5]!;
		this.minute = bytes[at + 6]!;
		this.second = bytes[at + 7]!;
		this.hundredths = bytes[at + 8]!;
		this.deviation_min = ((bytes[at + 9]! << 24) >> 16) | bytes[at + 10]!;
		this.status = bytes[at + 11]!;
		return this;
	}

	encode(into: Uint8Array, at: number): void {
		into[at] = this.year >> 8;
		into[at + 1] = this.year;
		into[at + 2] = this.month;
		into[at + 3] = this.day;
		into[at + 4] = this.weekday;
		into[at + 5] = this.hour;
		into[at + 6] = this.minute;
		into[at + 7] = this.second;
		into[at + 8] = this.hundredths;
		into[at + 9] = this.deviation_min >> 8;
		into[at + 10] = this.deviation_min;
		into[at + 11] = this.status;
	}

	/** Fills date and time from local seconds since 2000-01-01T00:00:00 local time. */
	setLocal_s(local_s: number, deviation_min: number, status: number): this {
		const day = Math.floor(local_s / secondsPerDay);
		const rest = local_s - day * secondsPerDay;
		civilFromDayNumber(day, this);
		this.weekday = weekday(day);
		this.hour = Math.floor(rest / 3600);
		this.minute = Math.floor(rest / 60) % 60;
		this.second = rest % 60;
		this.hundredths = 0;
		this.deviation_min = deviation_min;
		this.status = status;
		return this;
	}

	/** True when date and time to the second are given and exist in the calendar; a given weekday must fit. */
	isComplete(): boolean {
		if (this.year === notSpecified.year || this.year < 2000 || this.year > 2135) return false;
		if (this.month < 1 || this.month > 12 || this.day < 1 || this.day > daysInMonth(this.year, this.month))
			return false;
		if (this.hour > 23 || this.minute > 59 || this.second > 59) return false;
		if (this.hundredths > 99 && this.hundredths !== notSpecified.octet) return false;
		if (this.weekday !== notSpecified.octet && this.weekday !== weekday(dayNumber(this.year, this.month, this.day)))
			return false;
		return this.hasValidDeviation();
	}

	hasValidDeviation(): boolean {
		return this.deviation_min === notSpecified.deviation_min || Math.abs(this.deviation_min) <= 720 + 120;
	}

	get isDeviationSpecified(): boolean {
		return this.deviation_min !== notSpecified.deviation_min;
	}

	/** Local seconds of a complete date-time. */
	local_s(): number {
		return (
			dayNumber(this.year, this.month, this.day) * secondsPerDay + this.hour * 3600 + this.minute * 60 + this.second
		);
	}
}

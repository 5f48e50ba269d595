// SPDX-License-Identifier: Apache-2.0
import type SMBus from "embedded:io/smbus";
import { civilFromDayNumber, dayNumber, daysInMonth, secondsPerDay, weekday } from "../../../src/clock/calendar.js";
import { DeviceError } from "../../../src/core/device-error.js";
import type { RealTimeClock } from "../../../src/ports/clock.js";
import { type BusAddress, openSmbus } from "./smbus.js";

/** Registers (DS3231 data sheet, "Timekeeping Registers"). */
const register = Object.freeze({ seconds: 0x00, control: 0x0e, status: 0x0f });
/** Status: set when the oscillator has stopped, whatever the reason; the time is then worth nothing. */
const oscillatorStopped = 0x80;
/** Hours: set in 12-hour mode, which is never written here. */
const twelveHourMode = 0x40;
/** Control: the oscillator runs on the battery too, a square wave of 1 Hz instead of interrupts. */
const oneHertz = 0;
/** Month: toggles when the years overflow. */
const century = 0x80;

const timeSize = 7;

function fromBcd(octet: number): number {
	return (octet >> 4) * 10 + (octet & 15);
}

function toBcd(value: number): number {
	return (Math.floor(value / 10) << 4) | (value % 10);
}

/**
 * DS3231: temperature-compensated clock with battery input, kept in UTC. All seven time registers are read in one
 * burst, which the part buffers, so that they belong to one moment. Years 2000 … 2099. Its pin SQW gives 1 Hz.
 */
export class Ds3231 implements RealTimeClock {
	readonly #bus: SMBus;
	readonly #time = new Uint8Array(timeSize);
	readonly #date = { year: 0, month: 0, day: 0 };

	constructor(options: BusAddress) {
		this.#bus = openSmbus(options);
		try {
			this.#bus.writeUint8(register.control, oneHertz);
		} catch {
			// a part that does not answer has no time either, which is told
		}
	}

	utc_s(): number | undefined {
		const time = this.#time;
		try {
			if ((this.#bus.readUint8(register.status) & oscillatorStopped) !== 0) return undefined;
			this.#bus.readBuffer(register.seconds, time);
		} catch {
			return undefined; // a part that does not answer has no time
		}
		if ((time[2]! & twelveHourMode) !== 0) return undefined;
		const seconds = fromBcd(time[0]!);
		const minutes = fromBcd(time[1]!);
		const hours = fromBcd(time[2]!);
		const day = fromBcd(time[4]!);
		const month = fromBcd(time[5]! & ~century);
		const year = 2000 + fromBcd(time[6]!);
		if (seconds > 59 || minutes > 59 || hours > 23 || month < 1 || month > 12) return undefined;
		if (day < 1 || day > daysInMonth(year, month)) return undefined;
		return dayNumber(year, month, day) * secondsPerDay + hours * 3600 + minutes * 60 + seconds;
	}

	/** @throws DeviceError("clock", …) when the part does not answer or the time is outside 2000 … 2099 */
	set(utc_s: number): void {
		const time = this.#time;
		const date = this.#date;
		const number = Math.floor(utc_s / secondsPerDay);
		const rest = utc_s - number * secondsPerDay;
		civilFromDayNumber(number, date);
		if (date.year < 2000 || date.year > 2099) throw new DeviceError("clock", "range");
		time[0] = toBcd(rest % 60);
		time[1] = toBcd(Math.floor(rest / 60) % 60);
		time[2] = toBcd(Math.floor(rest / 3600));
		time[3] = weekday(number);
		time[4] = toBcd(date.day);
		time[5] = toBcd(date.month);
		time[6] = toBcd(date.year - 2000);
		try {
			this.#bus.writeBuffer(register.seconds, time);
			this.#bus.writeUint8(register.control, oneHertz);
			this.#bus.writeUint8(register.status, 0); // forgets that the oscillator stood still
		} catch {
			throw new DeviceError("clock", "noAnswer");
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { SimulatedRtc } from "../../hosts/simulator/rtc.js";
import { civilFromDayNumber, dayNumber, unixEpochOffset_s, weekday } from "../../src/clock/calendar.js";
import { DateTime } from "../../src/clock/date-time.js";
import { MeterClock } from "../../src/clock/meter-clock.js";
import { MemoryStore } from "../support/stores.js";

class FakeTime {
	now_ms = 0;
	rtc_s: number | undefined;
	constructor(rtc_s: number | undefined) {
		this.rtc_s = rtc_s;
	}
	monotonic_ms(): number {
		return this.now_ms;
	}
	utc_s(): number | undefined {
		return this.rtc_s;
	}
	set(utc_s: number): void {
		this.rtc_s = utc_s;
	}
}

/** Seconds since 2000 of a UNIX time in ISO form. */
function seconds(iso: string): number {
	return Date.parse(iso) / 1000 - unixEpochOffset_s;
}

function clockAt(iso: string | undefined, store = new MemoryStore()): { clock: MeterClock; time: FakeTime } {
	const time = new FakeTime(iso === undefined ? undefined : seconds(iso));
	return { clock: new MeterClock(time, time, store, store), time };
}

/** Wall clock of a zone at that moment by the ICU data of the runtime: an independent opinion. */
const wallClocks = new Map<string, Intl.DateTimeFormat>();

function wallClock(zone: string, utc_s: number): string {
	let format = wallClocks.get(zone);
	if (format === undefined) {
		format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
		wallClocks.set(zone, format);
	}
	return format.format(new Date((utc_s + unixEpochOffset_s) * 1000));
}

function text(t: DateTime): string {
	const two = (n: number): string => String(n).padStart(2, "0");
	return `${t.year}-${two(t.month)}-${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
}

describe("clock/calendar", () => {
	it("agrees with the platform's calendar on every day of 136 years", () => {
		const date = { year: 0, month: 0, day: 0 };
		for (let n = 0; n < 49_673; n++) {
			const truth = new Date((unixEpochOffset_s + n * 86_400) * 1000);
			civilFromDayNumber(n, date);
			assert.equal(date.year, truth.getUTCFullYear());
			assert.equal(date.month, truth.getUTCMonth() + 1);
			assert.equal(date.day, truth.getUTCDate());
			assert.equal(dayNumber(date.year, date.month, date.day), n);
			assert.equal(weekday(n), truth.getUTCDay() === 0 ? 7 : truth.getUTCDay());
		}
	});
});

describe("clock/date-time", () => {
	const cases = JSON.parse(readFileSync(new URL("../vectors/dlms-datetime.json", import.meta.url), "utf8")).cases;

	for (const vector of cases.filter((c: { fields?: object }) => c.fields !== undefined)) {
		it(`G6 ${vector.id}: ${vector.what}`, () => {
			const bytes = Uint8Array.from(Buffer.from(vector.hex, "hex"));
			const time = new DateTime().decode(bytes, 0);
			for (const [name, value] of Object.entries(vector.fields as Record<string, number | null>)) {
				const field = name === "deviation" ? "deviation_min" : (name as keyof DateTime);
				const given = time[field];
				if (value === null) assert.ok(given === 0xff || given === 0xffff || given === -0x8000, `${name} ${given}`);
				else assert.equal(given, value, name);
			}
			const back = new Uint8Array(12).fill(0xa5);
			time.encode(back, 0);
			assert.equal(Buffer.from(back).toString("hex"), vector.hex);
			if (vector.utc === undefined) return;
			const filled = time.second === 0xff ? Object.assign(new DateTime().decode(bytes, 0), { second: 0 }) : time;
			assert.equal(clockAt("2024-01-01T00:00:00Z").clock.toUtc_s(filled), seconds(vector.utc));
		});
	}

	it("refuses dates that do not exist", () => {
		const good = new DateTime().setLocal_s(seconds("2024-02-29T12:00:00Z"), -60, 0);
		assert.equal(good.isComplete(), true);
		for (const change of [{ year: 2023 }, { month: 13 }, { day: 30 }, { hour: 24 }, { minute: 60 }, { second: 60 }]) {
			const bad: DateTime = Object.assign(new DateTime(), good, { weekday: 0xff }, change);
			assert.equal(bad.isComplete(), false, JSON.stringify(change));
		}
		const wrongDay: DateTime = Object.assign(new DateTime(), good, { weekday: 1 });
		assert.equal(wrongDay.isComplete(), false);
	});
});

describe("clock/meter-clock", () => {
	it("F42 F41 follows European summer time at every hour from 2024 to 2027 as the time zone database does", () => {
		const { clock } = clockAt("2024-01-01T00:00:00Z");
		const stamp = new DateTime();
		for (let t = seconds("2024-01-01T00:00:00Z"); t < seconds("2028-01-01T00:00:00Z"); t += 1800)
			assert.equal(text(clock.stamp(t, stamp)), wallClock("Europe/Prague", t));
	});

	it("F42 follows daylight saving of the southern hemisphere", () => {
		const { clock } = clockAt("2024-01-01T00:00:00Z");
		const p = clock.parameters;
		assert.ok(p.setTimeZone_min(-600));
		// Sydney: first Sunday of October 02:00 to first Sunday of April 03:00
		const bytes = new Uint8Array(12).fill(0xff);
		const pattern = new DateTime();
		Object.assign(pattern, { month: 10, day: 1, weekday: 7, hour: 2, minute: 0, second: 0 }).encode(bytes, 0);
		assert.ok(p.setDst("begin", bytes, 0));
		Object.assign(pattern, { month: 4, hour: 3 }).encode(bytes, 0);
		assert.ok(p.setDst("end", bytes, 0));
		const stamp = new DateTime();
		for (let t = seconds("2024-01-01T00:00:00Z"); t < seconds("2026-01-01T00:00:00Z"); t += 1800)
			assert.equal(text(clock.stamp(t, stamp)), wallClock("Australia/Sydney", t));
	});

	it("G6 converts local time back to UTC, both passes of the repeated hour told apart by status bit 7", () => {
		const { clock } = clockAt("2024-01-01T00:00:00Z");
		const stamp = new DateTime();
		fc.assert(
			fc.property(fc.integer({ min: seconds("2024-01-01T00:00:00Z"), max: seconds("2030-01-01T00:00:00Z") }), (t) => {
				clock.stamp(t, stamp);
				assert.equal(clock.toUtc_s(stamp), t);
				stamp.deviation_min = -0x8000;
				assert.equal(clock.toUtc_s(stamp), t);
			}),
		);
		const summer = seconds("2024-10-27T00:30:00Z");
		for (const t of [summer, summer + 3600]) {
			clock.stamp(t, stamp);
			assert.equal(text(stamp), "2024-10-27 02:30:00");
			stamp.deviation_min = -0x8000;
			assert.equal(clock.toUtc_s(stamp), t);
		}
	});

	it("F44 ignores 1 s, synchronises up to the limit, sets above it, and tells its listeners", () => {
		const { clock, time } = clockAt("2026-03-01T10:00:00Z");
		const seen: [number, number, boolean][] = [];
		clock.addListener({ clockChanged: (a, b, c) => seen.push([a, b, c]), localTimeChanged: () => undefined });
		const t = clock.utc_s();
		assert.equal(clock.moveTo(t + 1), "ignored");
		assert.equal(clock.moveTo(t + 9), "synchronised");
		assert.equal(clock.moveTo(t + 9 - 10), "set");
		assert.deepEqual(seen, [
			[t, t + 9, false],
			[t + 9, t - 1, true],
		]);
		assert.equal(time.rtc_s, t - 1);
		time.now_ms += 90_500;
		assert.equal(clock.utc_s(), t - 1 + 90);
	});

	for (const processor_ppm of [-150, 150])
		it(`F41 is within 15 s after 30 days of work beside a processor that is ${processor_ppm} ppm off, and never goes back`, () => {
			const begin_s = seconds("2026-02-10T12:00:00Z");
			let world_ms = 0;
			const part = new SimulatedRtc({ monotonic_ms: () => world_ms }, begin_s);
			part.change({ temperature_degC: 23 });
			const processor = { monotonic_ms: () => Math.floor(world_ms * (1 + processor_ppm / 1e6)) };
			const store = new MemoryStore();
			const clock = new MeterClock(processor, part, store, store);
			let before_s = begin_s;
			for (let minute = 1; minute <= 30 * 1440; minute++) {
				world_ms = minute * 60_000;
				clock.follow();
				const now_s = clock.utc_s();
				assert.ok(now_s > before_s && Math.abs(now_s - before_s - 60) <= 2);
				before_s = now_s;
			}
			const error_s = before_s - begin_s - 30 * 86_400;
			assert.ok(Math.abs(error_s) <= 15, `${error_s} s`);
		});

	it("F45 starts invalid when the RTC lost its time, goes on from the last known time, and is valid once set", () => {
		const store = new MemoryStore();
		const first = clockAt("2026-03-01T10:00:00Z", store);
		first.clock.commit();
		const second = clockAt(undefined, store);
		assert.equal(second.clock.isValid, false);
		assert.equal(second.clock.status(second.clock.utc_s()) & 1, 1);
		assert.equal(second.clock.utc_s(), seconds("2026-03-01T10:00:00Z"));
		assert.equal(second.clock.moveTo(seconds("2026-03-01T10:00:00Z")), "set");
		assert.equal(second.clock.isValid, true);
	});

	it("G5 keeps its parameters over a restart and refuses values out of range", () => {
		const store = new MemoryStore();
		const p = clockAt("2026-03-01T10:00:00Z", store).clock.parameters;
		assert.ok(p.setTimeZone_min(0) && p.setDstEnabled(false) && p.setTimeShiftLimit_s(1));
		assert.ok(!p.setTimeZone_min(721) && !p.setDstDeviation_min(-121) && !p.setTimeShiftLimit_s(0));
		const wrong = new Uint8Array(12).fill(0xff);
		assert.ok(!p.setDst("begin", wrong, 0));
		const again = clockAt("2026-03-01T10:00:00Z", store).clock.parameters;
		assert.deepEqual([again.timeZone_min, again.dstEnabled, again.timeShiftLimit_s], [0, false, 1]);
	});
});

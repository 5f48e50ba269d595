// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { MeterClock } from "../../src/clock/meter-clock.js";
import { Scheduler } from "../../src/core/scheduler.js";
import { banks, CalendarHead, longestName, maximumSeasons, maximumWeeks } from "../../src/tariff/calendar-head.js";
import { type CalendarDefinition, type CalendarHost, Calendars } from "../../src/tariff/calendars.js";
import { DayTable, maximumActions, maximumDays } from "../../src/tariff/day-table.js";
import { maximumSpecialDays, SpecialDays } from "../../src/tariff/special-days.js";
import { CuttingStore } from "../cosem/support/cutting-store.js";
import { runTasks } from "../support/run-tasks.js";
import { epoch_ms, since2000_s as utc } from "../support/since-2000.js";
import { MemoryStore } from "../support/stores.js";
import { BruteForce, type PlainCalendar } from "./brute-force.js";

const definition: CalendarDefinition = {
	logicalName: 0,
	table: 0,
	log: 0,
	activated: 9,
	programmed: 19,
	hasDefault: true,
};
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "ascii"));

/** Calendars on a clock that is moved by hand. */
class CalendarBench implements CalendarHost {
	readonly factoryClient = 1;
	readonly store = new CuttingStore();
	readonly clockStore = new MemoryStore();
	readonly events: string[] = [];
	/** Script in force, and how often scripts were run. */
	script = 0;
	runs = 0;
	now_ms = 0;
	clock!: MeterClock;
	calendars!: Calendars;
	#scheduler!: Scheduler;

	constructor(start: string) {
		this.start(utc(start));
	}

	start(utc_s: number | undefined): void {
		this.now_ms = 0;
		const rtc = { utc_s: () => utc_s, set: () => undefined };
		this.clock = new MeterClock({ monotonic_ms: () => this.now_ms }, rtc, this.clockStore, this.clockStore);
		this.calendars = new Calendars([definition], this.clock, this.store, this);
		this.clock.addListener(this.calendars);
		this.#scheduler = new Scheduler();
		this.#scheduler.add(this.calendars);
		this.#scheduler.advance(0);
	}

	has(): boolean {
		return true;
	}

	turn(): void {}

	calendarSelects(_n: number, selector: number): void {
		this.script = selector;
		this.runs++;
	}

	calendarEvent(_definition: CalendarDefinition, isActivated: boolean): void {
		this.events.push(isActivated ? "activated" : "programmed");
	}

	calendarRefused(): void {
		this.events.push("refused");
	}

	runTo(utc_s: number): void {
		runTasks(this.#scheduler, this.clock.monotonicAt_ms(utc_s), this);
	}

	/** @param time date-time at which the passive set becomes the active one */
	activateAt(time: readonly number[]): void {
		const head = this.calendars.head(0);
		head.bytes.set(time, head.timeAt);
		head.isPending = true;
		this.calendars.program(0, head);
	}

	/** Writes a calendar into the passive set. */
	program(calendar: PlainCalendar): void {
		const head = this.calendars.head(0);
		const set = head.set(true);
		set.clearSeasons();
		set.clearWeeks();
		for (const { name, year, month, day, hour, minute, week } of calendar.seasons) {
			const season = set.addSeason()!;
			assert.ok(set.setName(season, ascii(name)) && set.setName(set.weekOf(season), ascii(week)));
			const y = year === 0 ? 0xffff : year;
			set.bytes.set(
				[y >> 8, y & 255, month === 0 ? 255 : month, day, 255, hour, minute, 0, 0, 128, 0, 0],
				set.startOf(season),
			);
		}
		for (const [name, ids] of calendar.weeks) {
			const week = set.addWeek()!;
			assert.ok(set.setName(week, ascii(name)));
			set.bytes.set(ids, set.daysOf(week));
		}
		assert.ok(set.areSeasonsSound() && set.areWeeksSound());
		const table = new DayTable();
		for (const [id, points] of calendar.days) {
			const day = table.add(id);
			for (const [minute, script] of points) assert.ok(table.addAction(day, minute * 60, script));
		}
		const special = new SpecialDays();
		special.clear();
		for (const [n, { year, month, day, id }] of calendar.special.entries()) {
			const y = year === 0 ? 0xffff : year;
			const date = Uint8Array.of(y >> 8, y & 255, month === 0 ? 255 : month, day, 255);
			assert.ok(special.insert(10 + n, date, 0, id));
		}
		this.calendars.storeSpecial(0, special);
		this.calendars.programDays(0, head, table);
	}
}

/** Sizes up to the limits, or at them. */
function calendarOf(isLargest: boolean): fc.Arbitrary<PlainCalendar> {
	const count = (maximum: number) => fc.integer({ min: isLargest ? maximum : 1, max: maximum });
	const counts = fc.tuple(count(maximumSeasons), count(maximumWeeks), count(maximumDays), count(maximumSpecialDays));
	return counts.chain(([seasons, weeks, days, specials]) => {
		const dayId = fc.integer({ min: 0, max: days - 1 }).map((n) => 3 * n + 1);
		const points = fc
			.tuple(
				fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), {
					minLength: isLargest ? maximumActions : 0,
					maxLength: maximumActions,
				}),
				fc.array(fc.integer({ min: 1, max: 8 }), { minLength: maximumActions, maxLength: maximumActions }),
			)
			.map(([minutes, scripts]) => minutes.sort((a, b) => a - b).map((m, n) => [m, scripts[n]!] as const));
		const date = fc.record({ month: fc.integer({ min: 0, max: 12 }), day: fc.integer({ min: 1, max: 28 }) });
		return fc.record({
			seasons: fc
				.uniqueArray(
					fc.record({
						month: fc.integer({ min: 1, max: 12 }),
						day: fc.integer({ min: 1, max: 28 }),
						hour: fc.integer({ min: 0, max: 23 }),
						minute: fc.constantFrom(0, 30),
						week: fc.integer({ min: 0, max: weeks - 1 }),
					}),
					{ minLength: seasons, maxLength: seasons, selector: ({ month, day }) => month * 32 + day },
				)
				.map((all) => all.map((season, n) => ({ ...season, year: 0, name: `season${n}`, week: `week${season.week}` }))),
			weeks: fc
				.array(fc.array(dayId, { minLength: 7, maxLength: 7 }), { minLength: weeks, maxLength: weeks })
				.map((all) => new Map(all.map((ids, n) => [`week${n}`, ids]))),
			days: fc
				.array(points, { minLength: days, maxLength: days })
				.map((all) => new Map(all.map((p, n) => [3 * n + 1, p]))),
			special: fc.array(
				fc
					.record({ year: fc.constantFrom(0, 2024, 2026), date, id: dayId })
					.map(({ year, date: d, id }) => ({ year, ...d, id })),
				{ minLength: specials, maxLength: specials },
			),
		});
	});
}

/** Follows a calendar and looks at each minute of some years: exactly one tariff, and the right one. */
function compare(calendar: PlainCalendar, from: string, to: string): number {
	const bench = new CalendarBench(from);
	bench.program(calendar);
	assert.equal(bench.calendars.activate(0), true);
	const truth = new BruteForce(calendar, 2022, 2027);
	const cached = new Map<number, number>();
	let minutes = 0;
	for (let utc_s = utc(from) + 60; utc_s <= utc(to); utc_s += 60, minutes++) {
		bench.runTo(utc_s);
		const local_s = bench.clock.local_s(utc_s);
		let wanted = cached.get(local_s);
		if (wanted === undefined) {
			wanted = truth.script(epoch_ms + local_s * 1000);
			cached.set(local_s, wanted);
		}
		if (bench.script !== wanted && wanted !== 0)
			assert.equal(bench.script, wanted, new Date(epoch_ms + local_s * 1000).toISOString());
	}
	return minutes;
}

const [largest] = fc.sample(calendarOf(true), { numRuns: 1, seed: 20_241 });

describe("tariff/calendars against brute force", () => {
	it("F33 F34 F35 F36 F37: each minute of a leap year, with a calendar at all limits", () => {
		assert.equal(largest!.seasons.length * largest!.weeks.size, 64);
		assert.equal(largest!.days.size, 24);
		assert.ok([...largest!.days.values()].every((points) => points.length === 48));
		assert.equal(largest!.special.length, 31);
		assert.equal(compare(largest!, "2023-12-31T22:59:00Z", "2024-12-31T23:00:00Z"), 366 * 1440 + 1);
	}).timeout(60_000);

	it("F42: each minute of two years with daylight saving", () => {
		assert.equal(compare(largest!, "2024-12-31T22:59:00Z", "2026-12-31T23:00:00Z"), 730 * 1440 + 1);
	}).timeout(60_000);

	it("F33 F35: any calendar, over some weeks around the change of year and of daylight saving", () => {
		const start = fc.constantFrom("2024-03-20", "2025-10-18", "2025-12-20", "2024-02-20");
		fc.assert(
			fc.property(calendarOf(false), start, (calendar, from) => {
				const end = new Date(Date.parse(`${from}T00:00Z`) + 15 * 86_400_000).toISOString();
				compare(calendar, `${from}T00:00Z`, end);
			}),
			{ numRuns: 12 },
		);
	}).timeout(60_000);
});

const simple: PlainCalendar = {
	seasons: [{ name: "s", year: 0, month: 1, day: 1, hour: 0, minute: 0, week: "w" }],
	weeks: new Map([["w", [1, 1, 1, 1, 1, 2, 2]]]),
	days: new Map([
		[
			1,
			[
				[360, 1],
				[1320, 2],
			],
		],
		[2, [[480, 3]]],
	]),
	special: [],
};

describe("tariff/calendars", () => {
	it("switches in the second of the switch point, however close two of them are", () => {
		const bench = new CalendarBench("2026-01-15T10:00:00Z");
		const days = new DayTable();
		const day = days.add(1);
		for (const [time_s, script] of [
			[0, 1],
			[46_800, 2],
			[46_801, 3],
			[46_803, 4],
		] as const)
			days.addAction(day, time_s, script);
		bench.calendars.programDays(0, bench.calendars.head(0), days);
		assert.equal(bench.calendars.activate(0), true);
		const seen: number[] = [];
		for (let s = -2; s < 6; s++) {
			bench.runTo(utc("2026-01-15T12:00:00Z") + s);
			seen.push(bench.script);
		}
		assert.deepEqual(seen, [1, 1, 2, 3, 3, 4, 4, 4]);
	});

	it("F38: activates at its time and not before, tells it, and keeps the passive set", () => {
		const bench = new CalendarBench("2026-01-15T10:00:00Z");
		bench.program(simple);
		bench.activateAt([0x07, 0xea, 1, 15, 255, 13, 0, 0, 0, 128, 0, 255]);
		bench.runTo(utc("2026-01-15T11:59:59Z"));
		assert.equal(bench.calendars.head(0).set(false).seasons, 1);
		assert.deepEqual(bench.events, ["programmed", "programmed"]);
		assert.equal(bench.script, 1);
		bench.runTo(utc("2026-01-15T12:00:00Z"));
		assert.deepEqual(bench.events, ["programmed", "programmed", "activated"]);
		const after = bench.calendars.head(0);
		assert.equal(after.set(false).bank, after.set(true).bank);
		assert.equal(after.activated_s, utc("2026-01-15T12:00:00Z"));
		bench.runTo(utc("2026-01-17T10:00:00Z"));
		assert.equal(bench.script, 3);
		assert.equal(bench.events.length, 3, "once");
	});

	it("F38: activates after power has returned what became due without it", () => {
		const bench = new CalendarBench("2026-01-15T10:00:00Z");
		bench.program(simple);
		bench.activateAt([0x07, 0xea, 1, 15, 255, 13, 0, 0, 0, 128, 0, 255]);
		bench.runTo(utc("2026-01-15T10:30:00Z"));
		bench.start(utc("2026-01-16T22:00:00Z"));
		assert.equal(bench.events.at(-1), "activated");
		assert.equal(bench.script, 2);
	});

	it("F33 F34 F38: does not activate what contradicts itself; the active set stays, one event tells", () => {
		const bad: PlainCalendar[] = [
			{ ...simple, seasons: [{ ...simple.seasons[0]!, week: "x" }] },
			{ ...simple, seasons: [] },
			{ ...simple, weeks: new Map([["w", [1, 1, 1, 1, 1, 2, 9]]]) },
		];
		for (const calendar of bad) {
			const bench = new CalendarBench("2026-01-15T10:00:00Z");
			bench.program(calendar);
			const before = Buffer.from(bench.calendars.head(0).bytes).toString("hex");
			assert.equal(bench.calendars.activate(0), false);
			assert.equal(Buffer.from(bench.calendars.head(0).bytes).toString("hex"), before);
			assert.deepEqual(bench.events, ["programmed", "refused"]);
			const head = bench.calendars.head(0);
			head.bytes.set([0x07, 0xea, 1, 15, 255, 12, 0, 0, 0, 128, 0, 255], head.timeAt);
			head.isPending = true;
			bench.calendars.program(0, head);
			bench.runTo(utc("2026-01-15T13:00:00Z"));
			assert.deepEqual(bench.events, ["programmed", "refused", "programmed", "refused"]);
			assert.equal(bench.script, 1);
		}
	});

	it("F36: a special day without a day profile is none, and one event a day tells", () => {
		const bench = new CalendarBench("2026-01-15T10:00:00Z");
		bench.program({
			...simple,
			special: [
				{ year: 0, month: 1, day: 17, id: 77 },
				{ year: 0, month: 1, day: 18, id: 1 },
			],
		});
		bench.calendars.activate(0);
		bench.runTo(utc("2026-01-17T10:00:00Z"));
		assert.equal(bench.script, 3);
		assert.equal(bench.events.filter((event) => event === "refused").length, 1);
		bench.runTo(utc("2026-01-18T10:00:00Z"));
		assert.equal(bench.script, 1);
	});

	it("G3: a power cut at any write of a new day table leaves the old or the new one", () => {
		for (let cutAt = 1; cutAt <= 3; cutAt++) {
			for (const isAfter of [false, true]) {
				const bench = new CalendarBench("2026-01-15T10:00:00Z");
				bench.program(simple);
				const days = new DayTable();
				days.addAction(days.add(5), 60, 5);
				bench.store.cutAt = bench.store.writes + cutAt;
				bench.store.isCutAfterWrite = isAfter;
				try {
					bench.calendars.programDays(0, bench.calendars.head(0), days);
				} catch {
					// the supply
				}
				bench.store.cutAt = Infinity;
				bench.start(utc("2026-01-15T10:00:05Z"));
				const { bank } = bench.calendars.head(0).set(true);
				assert.ok(bank < banks);
				const found = bench.calendars.days(0, bank);
				const isNew = found.days === 1 && found.find(5) >= 0;
				const isOld = found.days === 2 && found.actions(found.find(1)) === 2;
				assert.ok(isNew || isOld);
				if (cutAt > 2) assert.ok(isNew);
			}
		}
	});

	it("runs the script in force once at power-up, after setting and after activation, not after synchronisation", () => {
		const bench = new CalendarBench("2026-01-15T10:00:00Z");
		assert.equal(bench.runs, 1);
		bench.clock.moveTo(utc("2026-01-15T10:00:05Z"));
		bench.runTo(utc("2026-01-15T10:01:00Z"));
		assert.equal(bench.runs, 1);
		bench.clock.moveTo(utc("2026-01-15T11:00:00Z"));
		bench.runTo(utc("2026-01-15T11:01:00Z"));
		assert.equal(bench.runs, 2);
		bench.calendars.activate(0);
		bench.runTo(utc("2026-01-15T11:02:00Z"));
		assert.equal(bench.runs, 3);
	});

	it("F45: runs nothing while the time is lost", () => {
		const bench = new CalendarBench("2026-01-15T10:00:00Z");
		bench.script = 0;
		bench.start(undefined);
		assert.equal(bench.script, 0);
		assert.equal(bench.calendars.selector(0), 0);
		bench.clock.moveTo(utc("2026-01-15T11:00:00Z"));
		bench.runTo(utc("2026-01-15T11:00:01Z"));
		assert.equal(bench.script, 1);
	});

	it("takes names up to their limit, and a damaged record for none", () => {
		const head = new CalendarHead().load(new MemoryStore(), 1, 1, true);
		const set = head.set(true);
		assert.equal(set.setName(set.name, ascii("x".repeat(longestName))), true);
		assert.equal(set.setName(set.name, ascii("x".repeat(longestName + 1))), false);
		assert.equal(set.seasonAt(0), set.season(0));
		const store = new MemoryStore();
		store.write(1, Uint8Array.of(1, 2, 3));
		assert.equal(new CalendarHead().load(store, 1, 1, false).set(false).seasons, 0);
	});
});

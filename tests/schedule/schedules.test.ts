// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { PowerCut } from "../cosem/support/cutting-store.js";
import { ScheduleBench, time } from "./bench.js";

const hour_s = 3600;
const day_s = 86_400;

describe("schedule/schedules", () => {
	it("runs once at each matching second, and those due together in the order of the table", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.dropped, [time(-1, 0, 0)]);
		bench.set(bench.latest, [time(12, 0, 0), time(12, 0, 1)]);
		bench.set(bench.always, [time(12, 0, 0)]);
		bench.run(2 * hour_s);
		assert.deepEqual(bench.take(), [
			"7 2026-01-15T11:00:00",
			"1 2026-01-15T11:00:00",
			"3 2026-01-15T11:00:00",
			"1 2026-01-15T11:00:01",
			"3 2026-01-15T12:00:00",
		]);
	});

	it("finds an occurrence years ahead, and goes on month after month", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.always, [time(0, 0, 0, -1, -1, 1)]);
		bench.set(bench.latest, [time(6, 30, 0, 2028, 2, 29)], 4);
		bench.runTo("2028-03-15T00:00:00Z");
		const runs = bench.take();
		assert.equal(runs.length, 27);
		assert.ok(runs.includes("1 2028-02-29T05:30:00"));
		assert.equal(runs[0], "7 2026-01-31T23:00:00");
		assert.equal(runs[6], "7 2026-07-31T22:00:00");
	});

	it("makes up for the latest missed while the supply was off, in the order in which they were due", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.dropped, [time(-1, 0, 0)]);
		bench.set(bench.latest, [time(6, 0, 0), time(18, 0, 0)]);
		bench.set(bench.always, [time(0, 0, 0)]);
		bench.run(60);
		bench.cut(3 * day_s);
		assert.deepEqual(bench.take(), ["7 2026-01-17T23:00:00 late", "1 2026-01-18T05:00:00 late"]);
		bench.run(hour_s);
		assert.deepEqual(bench.take(), ["3 2026-01-18T11:00:00"]);
		bench.cut(60);
		assert.deepEqual(bench.take(), [], "and only once");
	});

	it("makes up for what was missed a year ago", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.always, [time(0, 0, 0, -1, 2, 1)]);
		bench.run(60);
		bench.cut(340 * day_s);
		assert.deepEqual(bench.take(), ["7 2026-01-31T23:00:00 late"]);
	});

	it("does not run anew what has run before a cut, wherever the cut falls", () => {
		for (let cutAt = 1; cutAt < 6; cutAt++) {
			const bench = new ScheduleBench("2026-01-15T10:00:00Z");
			bench.set(bench.always, [time(12, 0, 0)]);
			bench.run(60);
			bench.store.cutAt = bench.store.writes + cutAt;
			bench.store.isCutAfterWrite = true;
			try {
				bench.run(2 * hour_s);
				bench.store.cutAt = Infinity;
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
				bench.store.cutAt = Infinity;
				bench.rtc_s = bench.clock.utc_s() + 1;
				bench.start();
			}
			assert.deepEqual(bench.take(), ["7 2026-01-15T11:00:00"]);
		}
	});

	it("after the clock was set forward makes up for the latest, and drops what is not to be repeated", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.dropped, [time(-1, 30, 0)]);
		bench.set(bench.latest, [time(-1, 15, 0)]);
		bench.set(bench.always, [time(-1, 45, 0)]);
		bench.run(1);
		bench.setClock("2026-01-15T12:20:00Z");
		assert.deepEqual(bench.take(), ["7 2026-01-15T11:45:00 late", "1 2026-01-15T12:15:00 late"]);
		bench.run(15 * 60);
		assert.deepEqual(bench.take(), ["3 2026-01-15T12:30:00"]);
	});

	it("leaves nothing out when the clock is synchronised over an occurrence", () => {
		const bench = new ScheduleBench("2026-01-15T10:59:55Z");
		bench.set(bench.dropped, [time(12, 0, 0)]);
		bench.setClock("2026-01-15T11:00:03Z");
		assert.deepEqual(bench.take(), ["3 2026-01-15T11:00:00", "at 2026-01-15T11:00:03"]);
	});

	it("does not repeat what has run when the clock is set back, unless by more than a day", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.always, [time(12, 0, 0)]);
		bench.set(bench.dropped, [time(12, 0, 0)]);
		bench.run(1.5 * hour_s);
		assert.equal(bench.take().length, 2);
		bench.setClock("2026-01-15T10:30:00Z");
		assert.equal(bench.turns, 0);
		bench.run(day_s - hour_s);
		assert.deepEqual(bench.take(), []);
		bench.run(2 * hour_s);
		assert.deepEqual(bench.take(), ["7 2026-01-16T11:00:00", "3 2026-01-16T11:00:00"]);
		bench.setClock("2026-01-15T10:30:00Z");
		assert.equal(bench.turns, 1);
		bench.run(hour_s);
		assert.deepEqual(bench.take(), ["7 2026-01-15T11:00:00", "3 2026-01-15T11:00:00"]);
	});

	it("runs what was set up by a clock that was ahead", () => {
		const bench = new ScheduleBench("2026-01-15T11:30:00Z");
		bench.set(bench.latest, [time(12, 0, 0)]);
		bench.setClock("2026-01-15T10:30:00Z");
		bench.run(hour_s);
		assert.deepEqual(bench.take(), ["1 2026-01-15T11:00:00"]);
	});

	it("F45: runs nothing while the time is lost, and afterwards only the end of billing, once", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.always, [time(0, 0, 0)]);
		bench.set(bench.latest, [time(0, 0, 0)]);
		bench.set(bench.dropped, [time(-1, -1, 0)]);
		bench.run(30);
		bench.cut(3 * day_s, true);
		bench.run(2 * day_s);
		assert.deepEqual(bench.take(), []);
		bench.setClock("2026-01-20T10:00:30Z");
		assert.deepEqual(bench.take(), ["7 2026-01-19T23:00:00 late"]);
		bench.run(60);
		assert.deepEqual(bench.take(), ["3 2026-01-20T10:01:00"]);
	});

	it("F45: a meter that never had the time has missed nothing", () => {
		const bench = new ScheduleBench(undefined);
		bench.set(bench.always, [time(0, 0, 0)]);
		bench.run(day_s);
		bench.setClock("2026-01-20T10:00:30Z");
		assert.deepEqual(bench.take(), []);
		bench.run(day_s);
		assert.deepEqual(bench.take(), ["7 2026-01-20T23:00:00"]);
	});

	it("F45: found that its clock was ahead for years, goes on all the same", () => {
		const bench = new ScheduleBench("2036-01-15T10:00:00Z");
		bench.set(bench.always, [time(12, 0, 0)]);
		bench.run(day_s);
		bench.take();
		bench.cut(60, true);
		bench.setClock("2026-01-20T10:00:00Z");
		bench.run(2 * hour_s);
		assert.deepEqual(bench.take(), ["7 2026-01-20T11:00:00"]);
	});

	it("runs at the jump what names the missing hour, once in the doubled hour, and every hour as it comes", () => {
		const bench = new ScheduleBench("2026-03-29T00:00:00Z");
		bench.set(bench.always, [time(2, 30, 0)]);
		bench.set(bench.dropped, [time(2, 30, 0)]);
		bench.set(bench.latest, [time(-1, 30, 0)]);
		bench.run(2 * hour_s);
		assert.deepEqual(bench.take(), ["1 2026-03-29T00:30:00", "7 2026-03-29T01:00:00", "1 2026-03-29T01:30:00"]);
		bench.runTo("2026-10-24T23:59:00Z");
		bench.take();
		bench.run(2 * hour_s);
		assert.deepEqual(bench.take(), [
			"7 2026-10-25T00:30:00",
			"1 2026-10-25T00:30:00",
			"3 2026-10-25T00:30:00",
			"1 2026-10-25T01:30:00",
		]);
	});

	it("keeps what was configured, and refuses types and times that do not fit", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		const good: [number, number[][]][] = [
			[1, [time(0, 0, 0, -1, -1, 1)]],
			[1, []],
			[2, [time(6, 0, 0, 2026, 5, 1), time(6, 0, 0, 2026, 6, 1)]],
			[3, [time(6, 0, 0, -1, 5, 1), time(6, 0, 0, -1, 6, 0xfe)]],
			[4, [time(6, 0, 0, 2026, 5, 1), time(7, 0, 0, 2026, 6, 1)]],
			[5, Array.from({ length: 32 }, (_, n) => time(-1, n, -1, -1, -1, n % 28))].map((v, n) =>
				n === 1 ? (v as number[][]).map((_, m) => time(-1, m, -1, -1, -1, (m % 28) + 1)) : v,
			) as [number, number[][]],
		];
		for (const [type, times] of good) assert.equal(bench.set(bench.latest, times, type), true, `type ${type}`);
		const bad: [number, number[][]][] = [
			[0, []],
			[6, []],
			[1, [time(0, 0, 0), time(1, 0, 0)]],
			[2, [time(6, 0, 0, 2026, 5, 1), time(7, 0, 0, 2026, 6, 1)]],
			[2, [time(6, 0, 0, -1, 5, 1)]],
			[3, [time(6, 0, 0, -1, 5, 1), time(6, 1, 0, -1, 6, 1)]],
			[4, [time(6, 0, 0, 2026, 5, 0xfe)]],
			[5, [time(24, 0, 0)]],
			[5, [time(6, 0, 0, -1, 2, 30)]],
		];
		for (const [type, times] of bad) assert.equal(bench.set(bench.latest, times, type), false, `type ${type}`);
		bench.cut(1);
		assert.equal(bench.schedules.load(bench.latest).count, 32);
		assert.equal(bench.schedules.load(bench.dropped).script, 3);
	});

	it("goes on when its state can not be stored, and tells", () => {
		const bench = new ScheduleBench("2026-01-15T10:00:00Z");
		bench.set(bench.always, [time(12, 0, 0)]);
		bench.store.refuses = true;
		bench.run(2 * hour_s);
		assert.deepEqual(bench.take(), ["7 2026-01-15T11:00:00"]);
		assert.ok(bench.failures > 0);
	});
});

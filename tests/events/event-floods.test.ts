// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { eventLogTable } from "../../src/events/event-log-table.js";
import { eventLog } from "../../src/events/event-sink.js";
import { endurance } from "../../src/storage/layout.js";
import { EventBench } from "./bench.js";

const { standard, fraud, security, session, communication, powerQuality } = eventLog;

describe("floods of events", () => {
	it("F108 SEC-log keep the first, the last and a count, and the alarm", () => {
		const bench = new EventBench();
		const { burst } = eventLogTable[fraud]!;
		const begin_s = bench.clock.utc_s();
		for (let n = 0; n < 5000; n++) {
			bench.logs.event(fraud, 50, { port: 1, clientSap: n % 200 });
			bench.run(0.01);
		}
		const last_s = bench.clock.utc_s() - (bench.clock.monotonic % 1000 === 0 ? 1 : 0);
		bench.run(3600);
		const entries = bench.entries(fraud);
		assert.ok(entries.length >= burst + 1 && entries.length <= burst + 2, `${entries.length}`);
		assert.equal(entries[0]!.utc_s, begin_s);
		assert.equal(entries.at(-1)!.utc_s, last_s);
		assert.equal(bench.logs.store.count(fraud), 5000);
		assert.equal(bench.logs.store.count(security), 5000);
		assert.equal(bench.entries(security).at(-1)!.third, `090201${(4999 % 200).toString(16)}`);
		assert.equal(bench.logs.alarms.register(1), 1 << 13);
		bench.restart();
		assert.equal(bench.logs.store.count(fraud), 5000, "the count is in the last entry");
		assert.equal(bench.logs.lost, 0);
	});

	it("SEC-wear write at the pace of the log as long as a flood lasts, whatever kinds it mixes", () => {
		const bench = new EventBench();
		const begin = bench.part.statistics.programs;
		const days = 2;
		for (let minute = 0; minute < days * 1440; minute++) {
			for (const [log, code] of [
				[session, 26],
				[session, 27],
				[session, 28],
				[session, 29],
				[security, 242],
				[security, 243],
				[security, 250],
				[fraud, 46],
				[fraud, 49],
				[fraud, 50],
				[communication, 158],
				[powerQuality, 76],
				[standard, 47],
			] as const)
				for (let n = 0; n < 3; n++) bench.logs.event(log, code);
			bench.run(60);
		}
		const rows = (bench.part.statistics.programs - begin) / 3 / days;
		// a log gives back an entry a minute, after its first burst
		const perLog = 1440 + 250;
		assert.ok(rows < 8 * perLog, `${rows} entries a day in 8 logs`);
		for (const log of [standard, fraud, session, security, communication, powerQuality]) {
			const { firstSector, sectorCount } = bench.partitions[log]!;
			const erases = Math.max(...bench.part.eraseCounts.subarray(firstSector, firstSector + sectorCount));
			const inLife = ((erases + 1) / days) * endurance.daysPerYear * endurance.years;
			assert.ok(inLife < endurance.eraseCycles, `log ${log}: ${inLife} erasures in ${endurance.years} years`);
		}
	});

	it("do not hide an event of another kind, and the entries stay in order", () => {
		const bench = new EventBench();
		for (let n = 0; n < 2000; n++) {
			bench.logs.event(fraud, 50);
			if (n % 500 === 250) bench.logs.event(fraud, 42 + (n > 1000 ? 1 : 0));
			bench.run(1);
		}
		const entries = bench.entries(fraud);
		assert.deepEqual(
			entries.filter(({ code }) => code !== 50).map(({ code }) => code),
			[42, 42, 43, 43],
		);
		for (let n = 1; n < entries.length; n++) assert.ok(entries[n]!.utc_s >= entries[n - 1]!.utc_s);
	});

	it("G4 leave an entry for each of 200 parameters that are changed one after the other", () => {
		const bench = new EventBench();
		for (let n = 0; n < 200; n++) bench.logs.event(standard, 47);
		assert.equal(bench.entries(standard).length, 200);
	});

	it("are over when their kind has been quiet: the next burst is stored in full", () => {
		const bench = new EventBench();
		const { burst, refill_s } = eventLogTable[fraud]!;
		for (let round = 0; round < 2; round++) {
			for (let n = 0; n < burst; n++) bench.logs.event(fraud, 54);
			assert.equal(bench.entries(fraud).length, burst * (round + 1));
			bench.run(burst * refill_s);
		}
	});

	it("store what was held back when the supply is about to fail", () => {
		const bench = new EventBench();
		const { burst } = eventLogTable[fraud]!;
		for (let n = 0; n < burst + 10; n++) bench.logs.event(fraud, 54);
		bench.run(1);
		bench.logs.event(fraud, 54);
		assert.equal(bench.entries(fraud).length, burst);
		const last_s = bench.clock.utc_s();
		bench.logs.commit();
		bench.restart();
		assert.equal(bench.entries(fraud).length, burst + 1);
		assert.equal(bench.entries(fraud).at(-1)!.utc_s, last_s);
	});

	it("of more kinds than there is memory for lose nothing but repetitions", () => {
		const bench = new EventBench();
		const codes = [40, 41, 42, 43, 44, 45, 46, 49, 50, 53, 54, 55, 91, 230, 231, 232, 233, 234, 235, 236, 237, 244];
		const others = [76, 77, 78, 79, 80, 81, 82, 83, 84, 85];
		for (let n = 0; n < 100; n++) {
			for (const code of codes) bench.logs.event(fraud, code);
			for (const code of others) bench.logs.event(powerQuality, code);
		}
		bench.run(86_400);
		assert.deepEqual(new Set(bench.codes(fraud)), new Set(codes));
		assert.deepEqual(new Set(bench.codes(powerQuality)), new Set(others));
		assert.equal(bench.logs.store.count(fraud), 2200);
		assert.equal(bench.logs.lost, 0);
	});
});

describe("a medium that refuses", () => {
	it("costs no event: each kind's latest is stored when the medium is back, in order, with its own time", () => {
		const bench = new EventBench();
		bench.logs.event(standard, 9);
		bench.flash.refuses = "everything";
		const times: number[] = [];
		for (const code of [19, 56, 97]) {
			bench.run(10);
			times.push(bench.clock.utc_s());
			bench.logs.event(standard, code);
		}
		assert.equal(bench.logs.failures > 0, true);
		bench.run(200);
		bench.flash.refuses = "nothing";
		bench.run(120);
		assert.deepEqual(bench.codes(standard), [9, 19, 56, 97]);
		assert.deepEqual(
			bench
				.entries(standard)
				.slice(1)
				.map(({ utc_s }) => utc_s),
			times,
		);
		assert.equal(bench.logs.lost, 0);
	});

	it("is reported once, by event 14 and its alarm, until a client clears the error", () => {
		const bench = new EventBench();
		for (let n = 0; n < 3; n++) bench.logs.memoryFailed();
		assert.deepEqual(bench.codes(standard), [14]);
		assert.equal(bench.logs.alarms.error, 1 << 10);
		assert.equal(bench.logs.clearError(0), true);
		bench.logs.memoryFailed();
		assert.deepEqual(bench.codes(standard), [14, 10, 14]);
	});
});

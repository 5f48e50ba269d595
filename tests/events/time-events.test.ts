// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MeterClock } from "../../src/clock/meter-clock.js";
import { Scheduler } from "../../src/core/scheduler.js";
import { EventBuffer } from "../../src/events/event-buffer.js";
import { EventLogs } from "../../src/events/event-logs.js";
import { eventLog } from "../../src/events/event-sink.js";
import { SelfCheck } from "../../src/events/self-check.js";
import { TimeEvents } from "../../src/events/time-events.js";
import { selfCheckError } from "../../src/metrology/self-check.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { since2000_s as utc } from "../support/since-2000.js";
import { MemoryStore } from "../support/stores.js";
import { EventBench } from "./bench.js";

const { standard } = eventLog;

/** Clock, event logs and what joins them; the clock part goes on while power is off, or loses its time. */
class TimeBench {
	readonly bench = new EventBench("2000-01-01T00:00Z");
	readonly journal = new MemoryStore();
	readonly parameters = new MemoryStore();
	rtc_s: number | undefined;
	clock!: MeterClock;
	logs!: EventLogs;
	events!: TimeEvents;
	monotonic = 0;
	#scheduler = new Scheduler();

	constructor(start: string | undefined) {
		this.rtc_s = start === undefined ? undefined : utc(start);
		this.start();
	}

	monotonic_ms(): number {
		return this.monotonic;
	}

	start(): void {
		this.monotonic = 0;
		const rtc = { utc_s: () => this.rtc_s, set: (utc_s: number) => void (this.rtc_s = utc_s) };
		this.clock = new MeterClock(this, rtc, this.journal, this.parameters);
		this.logs = new EventLogs({
			flash: this.bench.flash,
			partitions: this.bench.partitions,
			journal: this.journal,
			parameters: this.parameters,
			clock: this.clock,
			monotonic: this,
			options: this.bench.options,
		});
		this.events = new TimeEvents(this.clock, this.logs);
		this.events.started();
		this.clock.addListener(this.events);
		this.clock.commit();
		this.#scheduler = new Scheduler();
		this.#scheduler.add(this.events);
		this.#scheduler.add(this.logs);
	}

	run(seconds: number): void {
		const end_ms = this.monotonic + seconds * 1000;
		for (;;) {
			this.monotonic = Math.min(this.#scheduler.nextDeadline_ms(), end_ms);
			this.#scheduler.advance(this.monotonic);
			if (this.monotonic >= end_ms) break;
		}
		if (this.rtc_s !== undefined) this.rtc_s = this.clock.utc_s();
	}

	/** Power is off for some seconds. */
	powerOff(seconds: number, keepsTime = true): void {
		this.rtc_s = keepsTime && this.rtc_s !== undefined ? this.rtc_s + seconds : undefined;
		this.start();
	}

	/** `code @ local time deviation/status` of every entry. */
	entries(): string[] {
		const buffer = new EventBuffer(this.logs, standard);
		const row = new ProfileRow();
		const found: string[] = [];
		for (let number = buffer.firstNumber; number < buffer.nextNumber; number++) {
			assert.ok(buffer.readRow(number, row));
			const at = row.columnsAt + 2;
			const v = new DataView(row.bytes.buffer, at);
			const two = (n: number) => String(row.bytes[at + n]!).padStart(2, "0");
			const date = `${v.getUint16(0)}-${two(2)}-${two(3)} ${two(5)}:${two(6)}:${two(7)}`;
			found.push(`${row.bytes[row.columnsAt + 15]} ${date} ${v.getInt16(9)}/${v.getUint8(11).toString(16)}`);
		}
		return found;
	}
}

describe("events of time", () => {
	it("F107 power up at the first start, then power down when the meter was last alive, and power up", () => {
		const bench = new TimeBench("2024-06-01T10:00Z");
		bench.run(100);
		bench.clock.commit();
		bench.run(30);
		bench.powerOff(3600);
		assert.deepEqual(bench.entries(), [
			"2 2024-06-01 12:00:00 -120/80",
			"1 2024-06-01 12:01:40 -120/80",
			"2 2024-06-01 13:02:10 -120/80",
		]);
		assert.equal(bench.logs.alarms.register(2), 3, "power failure and power resume");
	});

	it("F107 the old and the new time of a clock that is set, and nothing when it is only synchronised", () => {
		const bench = new TimeBench("2024-06-01T10:00Z");
		bench.clock.moveTo(utc("2024-06-01T10:00:09Z"));
		assert.equal(bench.entries().length, 1);
		bench.clock.moveTo(utc("2024-06-01T10:00:19Z"));
		bench.clock.moveTo(utc("2024-01-01T00:00Z"));
		assert.deepEqual(bench.entries().slice(1), [
			"4 2024-06-01 12:00:09 -120/80",
			"5 2024-06-01 12:00:19 -120/80",
			"4 2024-06-01 12:00:19 -120/80",
			"5 2024-01-01 01:00:00 -60/0",
		]);
	});

	it("F107 each switch-over of daylight saving once, at its second", () => {
		const bench = new TimeBench("2024-03-30T12:00Z");
		bench.run(400 * 86_400);
		assert.deepEqual(bench.entries().slice(1), [
			"3 2024-03-31 03:00:00 -120/80",
			"3 2024-10-27 02:00:00 -60/0",
			"3 2025-03-30 03:00:00 -120/80",
		]);
	});

	it("F107 a switch-over that a synchronisation steps over, that a power cut hides, or that a rule brings", () => {
		const bench = new TimeBench("2024-03-31T00:59:55Z");
		bench.clock.moveTo(utc("2024-03-31T01:00:02Z"));
		bench.run(3600);
		bench.powerOff(240 * 86_400);
		bench.run(10);
		bench.clock.parameters.setDstEnabled(false);
		assert.deepEqual(
			bench.entries().map((entry) => entry.split(" ")[0]),
			["2", "3", "1", "2", "3"],
		);
		const summer = new TimeBench("2024-06-01T10:00Z");
		summer.clock.parameters.setDstEnabled(false);
		summer.run(5);
		summer.clock.parameters.setDstEnabled(true);
		assert.deepEqual(summer.entries().slice(1), ["3 2024-06-01 11:00:00 -60/0", "3 2024-06-01 12:00:05 -120/80"]);
	});

	it("F107 F114 a clock without time, its alarm and error until it is set; entries tell that they are doubtful", () => {
		const bench = new TimeBench("2024-06-01T10:00Z");
		bench.run(60);
		bench.clock.commit();
		bench.powerOff(1e6, false);
		bench.run(5);
		assert.deepEqual(bench.entries().slice(1), [
			"1 2024-06-01 12:01:00 -120/80",
			"2 2024-06-01 12:01:00 -120/81",
			"6 2024-06-01 12:01:00 -120/81",
		]);
		assert.deepEqual([bench.logs.alarms.register(1), bench.logs.alarms.error], [1, 1]);
		bench.clock.moveTo(utc("2024-06-13T00:00Z"));
		assert.deepEqual(bench.entries().slice(4), ["4 2024-06-01 12:01:05 -120/81", "5 2024-06-13 02:00:00 -120/80"]);
		assert.deepEqual([bench.logs.alarms.register(1), bench.logs.alarms.error], [0, 0]);
		assert.equal(bench.logs.alarms.descriptor(1), 1);
	});
});

describe("self-check", () => {
	const noMemory = { makeRoom: () => undefined };

	it("F107 F114 reports a front end that stays faulty for 10 s, once, and takes the error back when it delivers", () => {
		const bench = new EventBench();
		const metrology = { fault: "starting", failedCommits: 0, selfCheck: { errors: 0 } };
		const check = new SelfCheck(metrology, bench.logs, noMemory);
		const run = (seconds: number) => {
			for (let n = 0; n < seconds; n += 5) {
				bench.run(5);
				check.run(bench.clock.monotonic);
			}
		};
		run(5);
		metrology.fault = "";
		run(60);
		metrology.fault = "reset";
		run(5);
		metrology.fault = "";
		run(60);
		assert.deepEqual(bench.codes(standard), []);
		metrology.fault = "noAnswer";
		run(3600);
		assert.deepEqual(bench.codes(standard), [16]);
		assert.equal(bench.logs.alarms.error, 1 << 11);
		assert.equal(bench.logs.alarms.hasCriticalError, true);
		metrology.fault = "";
		run(5);
		assert.equal(bench.logs.alarms.error, 0);
		assert.equal(bench.logs.alarms.register(1), 1 << 11);
		metrology.fault = "stalled";
		run(60);
		assert.deepEqual(bench.codes(standard), [16, 16]);
		metrology.fault = "";
		run(5);
		// what the metrology has judged over a time needs no more of it
		for (const error of [selfCheckError.implausible, selfCheckError.powerMismatch]) {
			metrology.selfCheck.errors = error;
			run(5);
			assert.equal(bench.logs.alarms.error, 1 << 11);
			metrology.selfCheck.errors = selfCheckError.noAnswer;
			run(5);
			assert.equal(bench.logs.alarms.error, 0);
		}
		assert.equal(bench.codes(standard).length, 4);
	});

	it("F107 reports records that the medium refused", () => {
		const bench = new EventBench();
		const metrology = { fault: "", failedCommits: 0, selfCheck: { errors: 0 } };
		const check = new SelfCheck(metrology, bench.logs, noMemory);
		check.run(5000);
		assert.deepEqual(bench.codes(standard), []);
		metrology.failedCommits = 7;
		check.run(10_000);
		check.run(15_000);
		assert.deepEqual(bench.codes(standard), [14]);
	});
});

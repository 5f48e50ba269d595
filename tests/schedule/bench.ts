// SPDX-License-Identifier: Apache-2.0
import { MeterClock } from "../../src/clock/meter-clock.js";
import { Scheduler } from "../../src/core/scheduler.js";
import { missedOccurrence, type ScheduleDefinition } from "../../src/schedule/schedule-record.js";
import { type ScheduleHost, Schedules } from "../../src/schedule/schedules.js";
import { CuttingStore } from "../cosem/support/cutting-store.js";
import { runTasks } from "../support/run-tasks.js";
import { epoch_ms, since2000_s as utc } from "../support/since-2000.js";
import { MemoryStore } from "../support/stores.js";

export function iso(utc_s: number): string {
	return new Date(epoch_ms + utc_s * 1000).toISOString().slice(0, 19);
}

/** Execution time: hour, minute, second, then year, month, day, weekday; -1 is a wildcard. */
export function time(...fields: readonly number[]): number[] {
	const [hour, minute, second, year, month, day, weekday] = Array.from({ length: 7 }, (_, n) => fields[n] ?? -1);
	const octet = (value: number | undefined): number => value! & 255;
	return [
		octet(hour),
		octet(minute),
		octet(second),
		0,
		(year! >> 8) & 255,
		octet(year),
		octet(month),
		octet(day),
		octet(weekday),
	];
}

function definition(slot: number, missed: number, script: number): ScheduleDefinition {
	return { logicalName: slot, slot, missed, table: 100, script, type: 5, times: [] };
}

/** Schedules of each kind, on a clock that tests move, with a supply that can fail. */
export class ScheduleBench implements ScheduleHost {
	readonly factoryClient = 1;
	readonly dropped = definition(3, missedOccurrence.dropped, 3);
	readonly latest = definition(1, missedOccurrence.latest, 1);
	readonly always = definition(0, missedOccurrence.latestAlways, 7);
	readonly definitions = [this.always, this.latest, this.dropped];
	readonly store = new CuttingStore();
	readonly parameters = new MemoryStore();
	/** "script at nominal", with "late" or what time it was then. */
	readonly runs: string[] = [];
	failures = 0;
	/** Times that the clock was found to have been wrong. */
	turns = 0;
	clock!: MeterClock;
	schedules!: Schedules;
	now_ms = 0;
	rtc_s: number | undefined;
	#scheduler!: Scheduler;

	constructor(start: string | undefined) {
		this.rtc_s = start === undefined ? undefined : utc(start);
		this.start();
	}

	start(): void {
		const rtc = { utc_s: () => this.rtc_s, set: (utc_s: number) => void (this.rtc_s = utc_s) };
		this.now_ms = 0;
		this.clock = new MeterClock({ monotonic_ms: () => this.now_ms }, rtc, this.store, this.parameters);
		this.schedules = new Schedules({
			definitions: this.definitions,
			clock: this.clock,
			journal: this.store,
			parameters: this.parameters,
			host: this,
		});
		this.clock.addListener(this.schedules);
		this.#scheduler = new Scheduler();
		this.#scheduler.add(this.schedules);
		this.#scheduler.advance(0);
	}

	has(): boolean {
		return true;
	}

	holds(): boolean {
		return false;
	}

	execute(_table: number, script: number, client: number, nominal_s: number, isLate: boolean): void {
		const now = iso(this.clock.utc_s());
		this.runs.push(`${script} ${iso(nominal_s)}${isLate ? " late" : ""}${client === 1 ? "" : ` by ${client}`}`);
		if (!isLate && now !== iso(nominal_s)) this.runs.push(`at ${now}`);
	}

	turnedBack(): void {
		this.turns++;
	}

	memoryFailed(): void {
		this.failures++;
	}

	/** Takes the runs so far. */
	take(): string[] {
		return this.runs.splice(0);
	}

	set(of: ScheduleDefinition, times: readonly number[][], type = 5): boolean {
		const record = this.schedules.load(of);
		record.type = type;
		record.count = times.length;
		for (const [n, entry] of times.entries()) record.bytes.set(entry, record.timeAt(n));
		return this.schedules.configure(of, record);
	}

	run(seconds: number): void {
		runTasks(this.#scheduler, this.now_ms + seconds * 1000, this);
	}

	runTo(instant: string): void {
		this.run(utc(instant) - this.clock.utc_s());
	}

	setClock(instant: string): void {
		this.clock.moveTo(utc(instant));
		this.#scheduler.advance(this.now_ms);
	}

	/** Without supply for so long; `losesTime`: the backup did not last. */
	cut(seconds: number, losesTime = false): void {
		this.clock.commit();
		this.rtc_s = losesTime ? undefined : this.clock.utc_s() + seconds;
		this.start();
	}
}

// SPDX-License-Identifier: Apache-2.0

import type { ClockListener } from "../clock/meter-clock.js";
import { DeviceError } from "../core/device-error.js";
import type { LocalClock } from "../core/local-periods.js";
import { zeros } from "../core/numbers.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { firstOccurrence, lastOccurrence } from "./occurrence.js";
import { missedOccurrence, type ScheduleDefinition, ScheduleRecord, scheduleSlots } from "./schedule-record.js";

/** What schedules need of the meter around them. */
export interface ScheduleHost {
	/** A `clientIndex`: whose rights a schedule has that nobody has changed. */
	readonly factoryClient: number;
	/** Whether this meter has the schedule. */
	has(definition: ScheduleDefinition): boolean;
	/** What this script does, where it was missed, has to wait; asked again a second later. */
	holds(table: number, script: number): boolean;
	/**
	 * Runs a script.
	 * @param client whose rights it has @param nominal_s when it was due @param isLate it was missed, and is made up for
	 */
	execute(table: number, script: number, client: number, nominal_s: number, isLate: boolean): void;
	/** The clock was wrong: what has run for later than `now_s` runs again. */
	turnedBack(now_s: number): void;
	/** The state of the schedules could not be stored. */
	memoryFailed(): void;
}

export interface SchedulesParts {
	readonly definitions: readonly ScheduleDefinition[];
	readonly clock: LocalClock;
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
	readonly host: ScheduleHost;
}

/** Occurrences are looked for so far ahead; then they are looked for again. */
const horizon_s = 20 * 86_400;
/** Missed ones are looked for so far back. */
const longestAbsence_s = 400 * 86_400;
/** What is late by no more runs as usual: the meter was busy, or the clock was synchronised. */
export const punctual_s = 60;
/** Set back by more, the clock was wrong: what has run since runs again. */
const longestRepeat_s = 86_400;
const stored_s = 60;
/** What has to wait is looked at so often. */
const look_ms = 1000;
const never = 0xffff_ffff;

const layoutVersion = 1;
/** Per slot: when its newest occurrence was due, or when it was set up; 0 while the meter never had the time. */
const offset = Object.freeze({ version: 0, executed: 1, done: 3, end: 3 + 4 * scheduleSlots });

/**
 * The single action schedules of a meter: each runs its script once at every occurrence of its execution times.
 *
 * - Several that are due in the same second run in the order of the table.
 * - Power failure, and the clock set forward: `missedOccurrence` says what is made up for, in the order in which it was
 *   due. A mere synchronisation leaves nothing out.
 * - Clock set back: what has run is not repeated, unless the clock was set by more than a day.
 * - Daylight saving: see occurrence.ts.
 * - While the time is lost nothing runs, and nothing of that time is made up for but the end of a billing period, once.
 * - An execution is noted after it is done: should power fail in between, what is made up for runs once more, with the
 *   same nominal time.
 */
export class Schedules implements Task, ClockListener {
	readonly priority: number = taskPriority.schedule;
	deadline_ms = 0;
	readonly #parts: SchedulesParts;
	readonly #clock: LocalClock;
	readonly #state = new Uint8Array(offset.end);
	readonly #view = new DataView(this.#state.buffer);
	/** Next occurrence of each slot, `never` when there is none within the horizon. */
	readonly #next_s = new Uint32Array(scheduleSlots).fill(never);
	#replan_s = 0;
	/** What is planned is not what is wanted any more. */
	#isPlanOwed = false;
	#savedAt_s = 0;
	#isStarted = false;
	#hadTime = false;
	/** Kind of `missedOccurrence` from which on the next run makes up for what was missed; -1 for none. */
	#catchingUp = -1;
	/** Of what was missed something has to wait. */
	#isHeld = false;

	constructor(parts: SchedulesParts) {
		this.#parts = parts;
		this.#clock = parts.clock;
	}

	/** A copy of the configuration, to read, or to change and hand to `configure`. */
	load(definition: ScheduleDefinition): ScheduleRecord {
		return new ScheduleRecord().load(this.#parts.parameters, definition, this.#parts.host.factoryClient);
	}

	/** @returns false, unchanged, when type and times contradict each other. @throws DeviceError, unchanged */
	configure(definition: ScheduleDefinition, record: ScheduleRecord): boolean {
		if (!record.isConsistent()) return false;
		const { slot } = definition;
		record.store(this.#parts.parameters, slot);
		if (!this.#isStarted) this.start();
		const now_s = this.#clock.utc_s();
		this.note(slot, now_s, false);
		this.save();
		this.planLater();
		return true;
	}

	run(now_ms: number): void {
		if (!this.#isStarted) this.start();
		const now_s = this.#clock.utc_s();
		if (this.#hadTime) {
			if (this.#isPlanOwed) this.planAll(now_s);
			if (this.#catchingUp >= 0) this.catchUp(now_s);
			this.runDue(now_s);
			if (now_s >= this.#replan_s) this.planAll(now_s);
		}
		this.schedule(now_ms);
	}

	clockChanged(old_s: number, new_s: number, isSetting: boolean): void {
		if (!this.#isStarted) this.start();
		if (this.#isPlanOwed && this.#hadTime) this.planAll(old_s);
		if (!this.#hadTime) {
			this.#hadTime = true;
			this.#catchingUp = missedOccurrence.latestAlways;
		} else if (isSetting && new_s > old_s && this.#catchingUp < 0) {
			this.#catchingUp = missedOccurrence.latest;
		}
		this.turnBack(new_s, isSetting && old_s - new_s > longestRepeat_s);
		// forward over an occurrence by a mere synchronisation: it stands and is due
		if (this.#catchingUp < 0 && new_s < old_s) {
			this.save();
			this.planAll(new_s);
		}
		this.schedule(-Infinity);
	}

	localTimeChanged(): void {
		if (this.#isStarted) this.planLater();
	}

	/** Nothing runs until the clock is set. */
	timeLost(): void {
		if (!this.#isStarted) this.start();
		this.#hadTime = false;
		this.#catchingUp = -1;
	}

	/** At start: state back, and what was missed while the supply was off. */
	private start(): void {
		this.#isStarted = true;
		const now_s = this.#clock.utc_s();
		this.restore();
		this.#hadTime = (this.#clock.status(now_s) & 1) === 0;
		if (this.#hadTime) this.#catchingUp = missedOccurrence.latest;
	}

	private restore(): void {
		let length = -1;
		try {
			length = this.#parts.journal.read(recordKey.scheduleState, this.#state);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (length === offset.end && this.#state[0] === layoutVersion) return;
		this.#state.fill(0);
		this.#state[0] = layoutVersion;
	}

	/** Makes up for what was due up to `now_s` and was missed. */
	private catchUp(now_s: number): void {
		const { definitions, host } = this.#parts;
		const atLeast = this.#catchingUp;
		let isHeld = false;
		this.#catchingUp = -1;
		const due = zeros(scheduleSlots).fill(-1);
		for (let n = 0; n < definitions.length; n++) {
			const definition = definitions[n]!;
			const { slot } = definition;
			if (!host.has(definition)) continue;
			const done_s = this.#view.getUint32(offset.done + 4 * slot);
			if (definition.missed >= atLeast && done_s > 0 && done_s < now_s)
				due[slot] = this.latest(definition, done_s + 1, now_s);
			// what is due in this very second is not missed
			if (due[slot]! < 0) this.note(slot, Math.max(done_s, now_s - 1), this.hasRun(slot));
		}
		for (;;) {
			let next: ScheduleDefinition | undefined;
			for (let n = 0; n < definitions.length; n++) {
				const definition = definitions[n]!;
				const at_s = due[definition.slot]!;
				if (at_s >= 0 && (next === undefined || at_s < due[next.slot]!)) next = definition;
			}
			if (next === undefined) break;
			if (this.isHeld(next)) isHeld = true;
			else this.execute(next, due[next.slot]!, due[next.slot]! < now_s);
			due[next.slot] = -1;
		}
		this.save();
		this.planAll(now_s);
		this.#isHeld = isHeld;
		if (isHeld) this.#catchingUp = atLeast;
	}

	private isHeld(definition: ScheduleDefinition): boolean {
		const { table, script } = this.load(definition);
		return this.#parts.host.holds(table, script);
	}

	/** The clock shows `now_s`: what is noted of a later time is forgotten, unless it keeps something from running twice. */
	private turnBack(now_s: number, isSetByMore: boolean): void {
		let isAnew = isSetByMore;
		for (let slot = 0; slot < scheduleSlots; slot++) {
			const done_s = this.#view.getUint32(offset.done + 4 * slot);
			if (done_s <= now_s) continue;
			const isWrong = isSetByMore || done_s - now_s > longestRepeat_s;
			if (isWrong) isAnew = true;
			if (isWrong || !this.hasRun(slot)) this.note(slot, now_s - 1, false);
		}
		if (isAnew) this.#parts.host.turnedBack(now_s);
	}

	private runDue(now_s: number): void {
		const { definitions } = this.#parts;
		for (;;) {
			let next: ScheduleDefinition | undefined;
			for (let n = 0; n < definitions.length; n++) {
				const definition = definitions[n]!;
				const at_s = this.#next_s[definition.slot]!;
				if (at_s <= now_s && (next === undefined || at_s < this.#next_s[next.slot]!)) next = definition;
			}
			if (next === undefined) return;
			const at_s = this.#next_s[next.slot]!;
			if (now_s - at_s <= punctual_s) this.execute(next, at_s, false);
			else if (next.missed !== missedOccurrence.dropped) this.execute(next, this.latest(next, at_s, now_s), true);
			else this.note(next.slot, now_s, this.hasRun(next.slot));
			this.plan(next, now_s);
			if (next.missed === missedOccurrence.latestAlways || now_s - this.#savedAt_s >= stored_s) this.save();
		}
	}

	private execute(definition: ScheduleDefinition, nominal_s: number, isLate: boolean): void {
		const record = this.load(definition);
		this.note(definition.slot, nominal_s, true);
		this.#parts.host.execute(record.table, record.script, record.client, nominal_s, isLate);
	}

	/** Latest occurrence in `from_s`..`to_s`; -1 when there is none. */
	private latest(definition: ScheduleDefinition, from_s: number, to_s: number): number {
		const record = this.load(definition);
		const earliest_s = Math.max(from_s, to_s - longestAbsence_s);
		for (let end_s = to_s; end_s >= earliest_s; end_s -= horizon_s) {
			const start_s = Math.max(earliest_s, end_s - horizon_s + 1);
			let latest_s = -1;
			for (let n = 0; n < record.count; n++) {
				const at_s = lastOccurrence(this.#clock, record.bytes, record.timeAt(n), start_s, end_s, true);
				latest_s = Math.max(latest_s, at_s);
			}
			if (latest_s >= 0) return latest_s;
		}
		return -1;
	}

	/** As `planAll`, in the next turn: it takes as long as the request that asks for it. */
	private planLater(): void {
		this.#isPlanOwed = true;
		this.#replan_s = 0;
		this.schedule(-Infinity);
	}

	private planAll(now_s: number): void {
		const { definitions, host } = this.#parts;
		this.#replan_s = now_s + horizon_s;
		this.#isPlanOwed = false;
		for (let n = 0; n < definitions.length; n++) {
			if (host.has(definitions[n]!)) this.plan(definitions[n]!, now_s);
			else this.#next_s[definitions[n]!.slot] = never;
		}
	}

	private plan(definition: ScheduleDefinition, now_s: number): void {
		const { slot, missed } = definition;
		const record = this.load(definition);
		const from_s = Math.max(this.#view.getUint32(offset.done + 4 * slot) + 1, now_s);
		const skippedCounts = missed !== missedOccurrence.dropped;
		// up to the next planning of all, and beyond it for what this one may add
		let next_s = never;
		for (let n = 0; n < record.count; n++) {
			const to_s = Math.min(now_s + 2 * horizon_s, next_s);
			const at_s = firstOccurrence(this.#clock, record.bytes, record.timeAt(n), from_s, to_s, skippedCounts);
			if (at_s >= 0) next_s = at_s;
		}
		this.#next_s[slot] = record.script === 0 ? never : next_s;
	}

	private hasRun(slot: number): boolean {
		return ((this.#view.getUint16(offset.executed) >> slot) & 1) === 1;
	}

	private note(slot: number, done_s: number, hasRun: boolean): void {
		const bits = this.#view.getUint16(offset.executed);
		this.#view.setUint16(offset.executed, hasRun ? bits | (1 << slot) : bits & ~(1 << slot));
		this.#view.setUint32(offset.done + 4 * slot, done_s);
	}

	private save(): void {
		this.#savedAt_s = this.#clock.utc_s();
		try {
			this.#parts.journal.write(recordKey.scheduleState, this.#state);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.host.memoryFailed();
		}
	}

	private schedule(now_ms: number): void {
		if (!this.#hadTime) {
			this.deadline_ms = Infinity;
			return;
		}
		let next_s = this.#replan_s;
		for (let slot = 0; slot < scheduleSlots; slot++) next_s = Math.min(next_s, this.#next_s[slot]!);
		const next_ms = this.#catchingUp >= 0 ? now_ms + (this.#isHeld ? look_ms : 0) : this.#clock.monotonicAt_ms(next_s);
		this.deadline_ms = Math.max(next_ms, now_ms + 1);
	}
}

// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { condition, standardEvent } from "../events/event-codes.js";
import type { EventLogs } from "../events/event-logs.js";
import { eventLog } from "../events/event-sink.js";
import { FramJournal } from "../storage/fram-journal.js";
import type { RecordStore } from "../storage/record-store.js";
import { type BackupCell, cellVoltage } from "./backup-cell.js";
import type { MeterClock } from "./meter-clock.js";

/** How often the time is noted: for a start without RTC, and to tell afterwards when a supply failed. */
const clockCommitPeriod_ms = 60_000;
/** The same on FRAM. */
const notePeriod_ms = 1000;

/** Leads the clock after its part and notes the time now and then; looks after the cell of the part, and the FRAM if there is one. */
export class ClockKeeper implements Task {
	readonly priority = taskPriority.storage;
	deadline_ms = 0;
	readonly #clock: MeterClock;
	readonly #events: EventLogs;
	readonly #journal: RecordStore;
	readonly #cells: { backupCell(): BackupCell };
	#hasBegun = false;
	#nextCommit_ms = 0;

	constructor(clock: MeterClock, events: EventLogs, journal: RecordStore, cells: { backupCell(): BackupCell }) {
		this.#clock = clock;
		this.#events = events;
		this.#journal = journal;
		this.#cells = cells;
	}

	run(now_ms: number): void {
		const journal = this.#journal;
		this.deadline_ms = now_ms + (journal.note === undefined ? clockCommitPeriod_ms : notePeriod_ms);
		try {
			if (!this.#hasBegun) {
				FramJournal.begin(journal, this.#events);
				this.#cells.backupCell().noteOutage();
			}
			this.#hasBegun = true;
			FramJournal.watch(journal, this.#events);
			if (now_ms < this.#nextCommit_ms) this.#clock.note();
			else {
				this.#clock.follow();
				this.watchCell();
				this.#clock.commit();
			}
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#events.memoryFailed();
		}
		if (now_ms >= this.#nextCommit_ms) this.#nextCommit_ms = now_ms + clockCommitPeriod_ms;
	}

	private watchCell(): void {
		const cell = this.#cells.backupCell();
		const { voltage_mV } = cell;
		if (voltage_mV !== undefined)
			this.report(condition.batteryLow, standardEvent.batteryLow, voltage_mV < cellVoltage.low_mV);
		const isEmpty = voltage_mV !== undefined && voltage_mV < cellVoltage.empty_mV;
		this.report(condition.batteryEmpty, standardEvent.replaceBattery, isEmpty || cell.isChangeDue);
	}

	private report(which: number, event: number, isPresent: boolean): void {
		const events = this.#events;
		if (isPresent === events.alarms.isActive(which)) return;
		if (isPresent) events.event(eventLog.standard, event);
		else events.conditionEnded(which);
	}
}

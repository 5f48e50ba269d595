// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { condition, standardEvent } from "../events/event-codes.js";
import type { EventLogs } from "../events/event-logs.js";
import { eventLog } from "../events/event-sink.js";
import type { RealTimeClock } from "../ports/clock.js";
import { FramJournal } from "../storage/fram-journal.js";
import type { RecordStore } from "../storage/record-store.js";
import type { MeterClock } from "./meter-clock.js";

/** How often the time is noted: for a start without RTC, and to tell afterwards when a supply failed. */
const clockCommitPeriod_ms = 60_000;
/** The same on FRAM. */
const notePeriod_ms = 1000;

/** Voltages of a lithium cell of 3 V: of one that will not last, and of one that no clock part runs from, mV. */
const cell = Object.freeze({ low_mV: 2600, empty_mV: 2300 });

/** Leads the clock after its part and notes the time now and then; looks after the cell of the part, and the FRAM if there is one. */
export class ClockKeeper implements Task {
	readonly priority = taskPriority.storage;
	deadline_ms = 0;
	readonly #clock: MeterClock;
	readonly #events: EventLogs;
	readonly #journal: RecordStore;
	readonly #rtc: RealTimeClock;
	#hasBegun = false;
	#nextCommit_ms = 0;

	constructor(clock: MeterClock, events: EventLogs, journal: RecordStore, rtc: RealTimeClock) {
		this.#clock = clock;
		this.#events = events;
		this.#journal = journal;
		this.#rtc = rtc;
	}

	run(now_ms: number): void {
		const journal = this.#journal;
		this.deadline_ms = now_ms + (journal.note === undefined ? clockCommitPeriod_ms : notePeriod_ms);
		try {
			if (!this.#hasBegun) FramJournal.begin(journal, this.#events);
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
		const voltage_mV = this.#rtc.cell_mV?.();
		if (voltage_mV === undefined) return;
		this.report(condition.batteryLow, standardEvent.batteryLow, voltage_mV < cell.low_mV);
		this.report(condition.batteryEmpty, standardEvent.replaceBattery, voltage_mV < cell.empty_mV);
	}

	private report(which: number, event: number, isPresent: boolean): void {
		const events = this.#events;
		if (isPresent === events.alarms.isActive(which)) return;
		if (isPresent) events.event(eventLog.standard, event);
		else events.conditionEnded(which);
	}
}

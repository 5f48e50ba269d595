// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { EventLogs } from "../events/event-logs.js";
import { FramJournal } from "../storage/fram-journal.js";
import type { RecordStore } from "../storage/record-store.js";
import type { MeterClock } from "./meter-clock.js";

/** How often the time is noted: for a start without RTC, and to tell afterwards when a supply failed. */
const clockCommitPeriod_ms = 60_000;
/** The same on FRAM. */
const notePeriod_ms = 1000;

/** Notes the time now and then, and looks after the FRAM if there is one. */
export class ClockKeeper implements Task {
	readonly priority = taskPriority.storage;
	deadline_ms = 0;
	readonly #clock: MeterClock;
	readonly #events: EventLogs;
	readonly #journal: RecordStore;
	#hasBegun = false;
	#nextCommit_ms = 0;

	constructor(clock: MeterClock, events: EventLogs, journal: RecordStore) {
		this.#clock = clock;
		this.#events = events;
		this.#journal = journal;
	}

	run(now_ms: number): void {
		const journal = this.#journal;
		this.deadline_ms = now_ms + (journal.note === undefined ? clockCommitPeriod_ms : notePeriod_ms);
		try {
			if (!this.#hasBegun) FramJournal.begin(journal, this.#events);
			this.#hasBegun = true;
			FramJournal.watch(journal, this.#events);
			if (now_ms < this.#nextCommit_ms) this.#clock.note();
			else this.#clock.commit();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#events.memoryFailed();
		}
		if (now_ms >= this.#nextCommit_ms) this.#nextCommit_ms = now_ms + clockCommitPeriod_ms;
	}
}

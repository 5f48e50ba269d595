// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { EventLogs } from "../events/event-logs.js";
import type { MeterClock } from "./meter-clock.js";

/** How often the time is noted: for a start without RTC, and to tell afterwards when a supply failed. */
const clockCommitPeriod_ms = 60_000;

/** Notes the time now and then. */
export class ClockKeeper implements Task {
	readonly priority = taskPriority.storage;
	deadline_ms = 0;
	readonly #clock: MeterClock;
	readonly #events: EventLogs;

	constructor(clock: MeterClock, events: EventLogs) {
		this.#clock = clock;
		this.#events = events;
	}

	run(now_ms: number): void {
		try {
			this.#clock.commit();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#events.memoryFailed();
		}
		this.deadline_ms = now_ms + clockCommitPeriod_ms;
	}
}

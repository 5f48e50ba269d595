// SPDX-License-Identifier: Apache-2.0
import { type Task, taskPriority } from "../core/scheduler.js";
import { type Housing, housingSignal } from "../ports/housing.js";
import { standardEvent } from "./event-codes.js";
import { type EventSink, eventLog } from "./event-sink.js";

/** Nobody holds a button for so long: it is stuck. */
const stuck_ms = 60_000;
const period_ms = 1000;

/** The housing with a service button that counts as free while it is stuck, which is told once (F50). */
export class ButtonWatch implements Housing, Task {
	readonly priority: number = taskPriority.control;
	deadline_ms = 0;
	readonly #housing: Housing;
	readonly #events: EventSink;
	/** When it was first seen held; -1 while it is free. */
	#since_ms = -1;
	#isStuck = false;

	constructor(housing: Housing, events: EventSink) {
		this.#housing = housing;
		this.#events = events;
	}

	get tellsChanges(): boolean {
		return this.#housing.tellsChanges === true;
	}

	housingChanged(now_ms: number): void {
		this.deadline_ms = now_ms;
	}

	signals(): number {
		const signals = this.#housing.signals();
		return this.#isStuck ? signals & ~housingSignal.serviceButton : signals;
	}

	fieldStrength(): number {
		return this.#housing.fieldStrength();
	}

	run(now_ms: number): void {
		this.deadline_ms = now_ms + period_ms;
		if ((this.#housing.signals() & housingSignal.serviceButton) === 0) {
			this.#since_ms = -1;
			this.#isStuck = false;
			if (this.tellsChanges) this.deadline_ms = Infinity;
			return;
		}
		if (this.#since_ms < 0) this.#since_ms = now_ms;
		if (this.#isStuck || now_ms - this.#since_ms <= stuck_ms) return;
		this.#isStuck = true;
		this.#events.event(eventLog.standard, standardEvent.buttonStuck);
	}
}

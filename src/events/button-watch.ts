// SPDX-License-Identifier: Apache-2.0
import { type Task, taskPriority } from "../core/scheduler.js";
import { type Housing, housingSignal } from "../ports/housing.js";
import { standardEvent } from "./event-codes.js";
import { type EventSink, eventLog } from "./event-sink.js";

/** Nobody holds a button for so long: it is stuck. */
const stuck_ms = 60_000;
const period_ms = 1000;

/** What the buttons tell of, and what the reset button asks for. */
export interface ButtonHost {
	readonly events: EventSink;
	/** End of a billing period by hand (F30). */
	resetDemand(): void;
}

/** Nobody has looked at the reset button yet; it is free. */
const resetButton = Object.freeze({ unknown: -2, free: -1 });

/**
 * The housing with a service button that counts as free while it is stuck, which is told once (F50), and with the button that
 * resets the maxima of demand, once with each press. One that is held when the meter starts has not been pressed.
 */
export class ButtonWatch implements Housing, Task {
	readonly priority: number = taskPriority.control;
	deadline_ms = 0;
	readonly #housing: Housing;
	readonly #host: ButtonHost;
	/** When it was first seen held; -1 while it is free. */
	#since_ms = -1;
	#isStuck = false;
	/** Since when the reset button is held, or one of `resetButton`; Infinity where it has been told to be stuck. */
	#reset_ms: number = resetButton.unknown;

	constructor(housing: Housing, host: ButtonHost) {
		this.#housing = housing;
		this.#host = host;
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
		const signals = this.#housing.signals();
		const isReset = (signals & housingSignal.resetButton) !== 0;
		if (isReset) this.lookAtReset(now_ms);
		else this.#reset_ms = resetButton.free;
		if ((signals & housingSignal.serviceButton) === 0) {
			this.#since_ms = -1;
			this.#isStuck = false;
			if (this.tellsChanges && !isReset) this.deadline_ms = Infinity;
			return;
		}
		if (this.#since_ms < 0) this.#since_ms = now_ms;
		if (this.#isStuck || now_ms - this.#since_ms <= stuck_ms) return;
		this.#isStuck = true;
		this.tellStuck();
	}

	/** It is held. */
	private lookAtReset(now_ms: number): void {
		const since_ms = this.#reset_ms;
		if (since_ms < 0) this.#reset_ms = now_ms;
		if (since_ms === resetButton.free) this.#host.resetDemand();
		if (since_ms < 0 || now_ms - since_ms <= stuck_ms) return;
		this.#reset_ms = Infinity;
		this.tellStuck();
	}

	private tellStuck(): void {
		this.#host.events.event(eventLog.standard, standardEvent.buttonStuck);
	}
}

// SPDX-License-Identifier: Apache-2.0
import { type Task, taskPriority } from "../core/scheduler.js";
import { selfCheckError } from "../metrology/self-check.js";
import { condition, standardEvent } from "./event-codes.js";
import type { EventLogs } from "./event-logs.js";
import { eventLog } from "./event-sink.js";

/** What is watched of the measurement part. */
export interface WatchedMetrology {
	/** Why the front end delivers no values; "" while it does. */
	readonly fault: string;
	/** What the measuring system has found out about itself; a sum of `selfCheckError`. */
	readonly selfCheck: { readonly errors: number };
	/** Records of the registers that the medium refused. */
	readonly failedCommits: number;
}

/** Memory that has to be erased before it is written. */
export interface IdleMemory {
	/** Erases ahead, so that the next records only program. Never throws. */
	makeRoom(): void;
}

/** Between two looks at the room, and at the parts. */
const roomPeriod_ms = 1000;
const period_ms = 5000;
/** A fault that is over sooner was repaired by starting the chip again. */
const lasting_ms = 10_000;
/** Faults that last until somebody does something. Of the others a start of the chip may be the cure, in a second or two. */
const lastingErrors = selfCheckError.implausible | selfCheckError.calibration | selfCheckError.powerMismatch;
/** Each of these has cost energy, or says that what is counted is doubtful: told at once, even if it is over already. */
const loggedErrors = lastingErrors | selfCheckError.reset | selfCheckError.configuration;

/**
 * Watches the parts that have nobody to report to, the front end and the non-volatile memory, and keeps room in the latter: a
 * sector is erased while nobody waits for it.
 */
export class SelfCheck implements Task {
	readonly priority: number = taskPriority.storage;
	deadline_ms = roomPeriod_ms;
	#nextWatch_ms = period_ms;
	readonly #metrology: WatchedMetrology;
	readonly #events: EventLogs;
	readonly #memory: IdleMemory;
	/** Since when the front end has been faulty without a break; -1 = it is not. */
	#faultySince_ms = -1;
	/** Errors that have been told and have not gone since. */
	#told = 0;
	#failures = 0;

	constructor(metrology: WatchedMetrology, events: EventLogs, memory: IdleMemory) {
		this.#metrology = metrology;
		this.#events = events;
		this.#memory = memory;
	}

	run(now_ms: number): void {
		this.#memory.makeRoom();
		this.deadline_ms = now_ms + roomPeriod_ms;
		if (now_ms < this.#nextWatch_ms) return;
		this.#nextWatch_ms = now_ms + period_ms;
		this.watchFrontEnd(now_ms);
		const failures = this.#metrology.failedCommits + this.#events.failures + this.#events.alarms.failures;
		if (failures > this.#failures) this.#events.memoryFailed();
		this.#failures = failures;
	}

	private watchFrontEnd(now_ms: number): void {
		const { fault, selfCheck } = this.#metrology;
		const { alarms } = this.#events;
		const errors = selfCheck.errors & loggedErrors;
		const isNew = (errors & ~this.#told) !== 0;
		this.#told = errors;
		// a start that lasts is a fault too
		if (fault === "") this.#faultySince_ms = -1;
		else if (this.#faultySince_ms < 0) this.#faultySince_ms = now_ms;
		const isLasting = this.#faultySince_ms >= 0 && now_ms - this.#faultySince_ms >= lasting_ms;
		const isReported = alarms.isActive(condition.measurementFault);
		if (isNew || (isLasting && !isReported)) this.#events.event(eventLog.standard, standardEvent.measurementError);
		else if (isReported && fault === "" && (errors & lastingErrors) === 0)
			this.#events.conditionEnded(condition.measurementFault);
	}
}

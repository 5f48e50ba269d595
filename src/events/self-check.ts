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

const period_ms = 5000;
/** A fault that is over sooner was repaired by starting the chip again. */
const lasting_ms = 10_000;
/** What has been judged over a time already. Faults of the chip are judged here: the next start may mend them. */
const judgedErrors = selfCheckError.implausible | selfCheckError.calibration | selfCheckError.powerMismatch;

/** Watches the parts that have nobody to report to: the front end and the non-volatile memory. */
export class SelfCheck implements Task {
	readonly priority: number = taskPriority.storage;
	deadline_ms = period_ms;
	readonly #metrology: WatchedMetrology;
	readonly #events: EventLogs;
	/** Since when the front end has been faulty without a break; -1 = it is not. */
	#faultySince_ms = -1;
	#failures = 0;

	constructor(metrology: WatchedMetrology, events: EventLogs) {
		this.#metrology = metrology;
		this.#events = events;
	}

	run(now_ms: number): void {
		this.watchFrontEnd(now_ms);
		const failures = this.#metrology.failedCommits + this.#events.failures + this.#events.alarms.failures;
		if (failures > this.#failures) this.#events.memoryFailed();
		this.#failures = failures;
		this.deadline_ms = now_ms + period_ms;
	}

	private watchFrontEnd(now_ms: number): void {
		const { fault, selfCheck } = this.#metrology;
		const isReported = this.#events.alarms.isActive(condition.measurementFault);
		const isJudged = (selfCheck.errors & judgedErrors) !== 0;
		if (fault === "" && !isJudged) {
			this.#faultySince_ms = -1;
			if (isReported) this.#events.conditionEnded(condition.measurementFault);
			return;
		}
		// a start that lasts is a fault too
		if (this.#faultySince_ms < 0) this.#faultySince_ms = now_ms;
		if (!isReported && (isJudged || now_ms - this.#faultySince_ms >= lasting_ms))
			this.#events.event(eventLog.standard, standardEvent.measurementError);
	}
}

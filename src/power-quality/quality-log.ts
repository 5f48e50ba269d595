// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { rowLog } from "../profile/row-log-table.js";
import type { RowLogs } from "../profile/row-logs.js";
import type { FastEvents } from "./fast-events.js";
import { voltageEventKind } from "./voltage-events.js";

/** Takes what power quality has to keep of finished events. */
export interface QualityLog {
	/**
	 * A dip, swell or interruption is over; `last` holds it.
	 * @param kind one of `voltageEventKind` @param start_s UTC seconds since 2000
	 */
	fastEvent(kind: number, start_s: number, last: FastEvents): void;
	/** Any phase was without voltage for longer than the threshold. @param end_s UTC seconds since 2000 */
	longOutage(end_s: number, duration_s: number): void;
}

/** Who is told that something could not be stored. */
export interface MemoryWatch {
	memoryFailed(): void;
}

/** Rows of fast events that may come in a row, and the time that gives one back: a flickering supply wears nothing out. */
const burst = 600;
const refill_ms = 30_000;

function logOf(kind: number): number {
	if (kind === voltageEventKind.interruption) return rowLog.interruptions;
	return kind === voltageEventKind.swell ? rowLog.swells : rowLog.dips;
}

/**
 * Brings finished events into the logs 1-0:99.10.{1,2,3} and 1-0:99.97.0. Fast events beyond 600 in a row, then one in
 * half a minute, are in the counters of their classes alone.
 */
export class StoredQualityLog implements QualityLog {
	readonly #logs: RowLogs;
	readonly #memory: MemoryWatch;
	/** Monotonic time at which the whole burst is there again. */
	#fullAt_ms = 0;

	/** @param memory told when the medium refused a row; counters have the event all the same */
	constructor(logs: RowLogs, memory: MemoryWatch) {
		this.#logs = logs;
		this.#memory = memory;
	}

	fastEvent(kind: number, start_s: number, last: FastEvents): void {
		const logs = this.#logs;
		const now_ms = logs.now_ms;
		if (this.#fullAt_ms - now_ms > (burst - 1) * refill_ms) return;
		this.#fullAt_ms = Math.max(this.#fullAt_ms, now_ms) + refill_ms;
		try {
			logs.begin(logOf(kind), start_s);
			logs.doubleLongUnsigned(last.duration_ms);
			logs.longUnsigned(last.extreme_dV);
			logs.unsigned(last.flags);
			logs.end();
		} catch (error) {
			this.failure(error);
		}
	}

	longOutage(end_s: number, duration_s: number): void {
		const logs = this.#logs;
		try {
			logs.begin(rowLog.longOutages, end_s);
			logs.doubleLongUnsigned(duration_s);
			logs.end();
		} catch (error) {
			this.failure(error);
		}
	}

	private failure(error: unknown): void {
		if (!(error instanceof DeviceError)) throw error;
		this.#memory.memoryFailed();
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "../profile/capture-column.js";
import type { ProfileRow } from "../profile/profile-row.js";
import type { RowBuffer } from "../profile/row-buffer.js";
import { eventLogTable } from "./event-log-table.js";
import type { EventLogs } from "./event-logs.js";

/** One event log as a profile. Holds nothing: made for a request, dropped after it. */
export class EventBuffer implements RowBuffer {
	readonly capturePeriod_s: number = 0;
	readonly #logs: EventLogs;
	readonly #log: number;

	/** @param log index in `eventLogTable` */
	constructor(logs: EventLogs, log: number) {
		this.#logs = logs;
		this.#log = log;
	}

	get columns(): readonly CaptureColumn[] {
		return eventLogTable[this.#log]!.columns;
	}

	get columnCount(): number {
		return this.columns.length;
	}

	column(index: number): CaptureColumn {
		return this.columns[index]!;
	}

	get profileEntries(): number {
		return this.#logs.open(this.#log).capacity;
	}

	get entriesInUse(): number {
		return this.#logs.open(this.#log).entriesInUse;
	}

	get firstNumber(): number {
		return this.#logs.open(this.#log).firstNumber;
	}

	get nextNumber(): number {
		return this.#logs.open(this.#log).nextNumber;
	}

	readRow(number: number, into: ProfileRow): boolean {
		return this.#logs.readRow(this.#log, number, into);
	}

	reset(): void {
		this.#logs.clear(this.#log);
	}
}

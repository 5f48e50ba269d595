// SPDX-License-Identifier: Apache-2.0
import { DateTime } from "../clock/date-time.js";
import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { StampClock } from "../events/event-store.js";
import type { Clock } from "../ports/clock.js";
import type { Flash } from "../ports/flash.js";
import { type Partition, rowLogAreas } from "../storage/layout.js";
import type { LogBuffers } from "../storage/log-buffers.js";
import { RingLog } from "../storage/ring-log.js";
import type { CaptureColumn } from "./capture-column.js";
import type { ProfileRow } from "./profile-row.js";
import type { RowBuffer } from "./row-buffer.js";
import { clockColumnSize, rowLogTable } from "./row-log-table.js";

/** A log stays open for so long after it was used; then its memory is given back. */
const linger_ms = 1000;
/** Meaning of the stored rows. */
const generation = 1;
const tag = Object.freeze({ doubleLongUnsigned: 6, octetString: 9, unsigned: 17, longUnsigned: 18 });
const none = -1;

export interface RowLogsParts {
	readonly flash: Flash;
	/** Sectors of each log, in the order of `rowLogTable`. */
	readonly partitions: readonly Partition[];
	readonly buffers: LogBuffers;
	readonly clock: StampClock;
	readonly monotonic: Clock;
	/** Scratch for the row that is being written. */
	readonly row: ProfileRow;
}

/**
 * Logs of encoded rows, `rowLogTable`. One is open at a time, and none at rest: nothing of a log is in RAM.
 *
 * A row is written in steps: `begin`, the columns behind the clock, `end`; it is on the medium when that returns.
 */
export class RowLogs implements Task {
	deadline_ms = Infinity;
	readonly #flash: Flash;
	readonly #partitions: readonly Partition[];
	readonly #buffers: LogBuffers;
	readonly #clock: StampClock;
	readonly #monotonic: Clock;
	readonly #row: ProfileRow;
	#log = none;
	#ring: RingLog | undefined;
	/** Octets of the row being written. */
	#at = 0;

	constructor(parts: RowLogsParts) {
		this.#flash = parts.flash;
		this.#partitions = parts.partitions;
		this.#buffers = parts.buffers;
		this.#clock = parts.clock;
		this.#monotonic = parts.monotonic;
		this.#row = parts.row;
	}

	get priority(): number {
		return taskPriority.storage;
	}

	/** Monotonic time. */
	get now_ms(): number {
		return this.#monotonic.monotonic_ms();
	}

	/** The rows of a log; valid until another log is asked for, or the next `run`. @throws DeviceError */
	ring(log: number): RingLog {
		this.deadline_ms = this.#monotonic.monotonic_ms() + linger_ms;
		if (this.#log === log) return this.#ring!;
		const { firstSector, sectorCount } = this.#partitions[log]!;
		const { rowSize, entries } = rowLogAreas[log]!;
		const shape = { rowSize, capacity: entries, generation };
		this.#log = none;
		this.#ring = new RingLog(this.#flash, firstSector, sectorCount, shape, this.#buffers);
		this.#log = log;
		return this.#ring;
	}

	/** Fills `into` with a row; false when there is none of that number (any more), or it was damaged. */
	readRow(log: number, number: number, into: ProfileRow): boolean {
		return this.ring(log).read(number, into.bytes);
	}

	/** Begins a row of a log, with its clock column. @throws DeviceError when the medium refuses */
	begin(log: number, utc_s: number): void {
		const clock = this.#clock;
		const ring = this.ring(log);
		const row = this.#row;
		const deviation_min = clock.deviation_min(utc_s);
		const local_s = utc_s - deviation_min * 60;
		const status = clock.status(utc_s);
		let run = 0;
		if (this.readRow(log, ring.nextNumber - 1, row)) {
			run = (row.run + (utc_s < row.utc_s || local_s < row.local_s ? 1 : 0)) & 0xffff;
		}
		row.bytes.fill(0, 0, ring.rowSize);
		row.setStamp(utc_s, deviation_min, run, status, 0);
		const at = row.columnsAt;
		row.bytes[at] = tag.octetString;
		row.bytes[at + 1] = clockColumnSize - 2;
		new DateTime().setLocal_s(local_s, deviation_min, status).encode(row.bytes, at + 2);
		this.#at = at + clockColumnSize;
	}

	doubleLongUnsigned(value: number): void {
		this.octet(tag.doubleLongUnsigned);
		this.octet(value >>> 24);
		this.octet(value >>> 16);
		this.octet(value >>> 8);
		this.octet(value);
	}

	longUnsigned(value: number): void {
		this.octet(tag.longUnsigned);
		this.octet(value >>> 8);
		this.octet(value);
	}

	unsigned(value: number): void {
		this.octet(tag.unsigned);
		this.octet(value);
	}

	/** Values that are encoded already. */
	octets(from: Uint8Array, length: number): void {
		for (let n = 0; n < length; n++) this.octet(from[n]!);
	}

	octet(value: number): void {
		this.#row.bytes[this.#at++] = value;
	}

	/** Stores the row. @throws DeviceError when the medium refuses; the log is then as before */
	end(): void {
		const row = this.#row;
		const ring = this.ring(this.#log);
		row.setLength(this.#at - row.columnsAt, false, 0);
		ring.append(row.bytes.subarray(0, ring.rowSize));
	}

	/** Erases ahead, so that the next row only programs, and gives back the memory of the open log. */
	run(): void {
		try {
			this.#ring?.makeRoom();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // the next row tries again, and tells
		}
		this.#log = none;
		this.#ring = undefined;
		this.deadline_ms = Infinity;
	}
}

/** One log as a profile. Holds nothing: made for a request, dropped after it. */
export class RowLogBuffer implements RowBuffer {
	readonly capturePeriod_s: number = 0;
	readonly #logs: RowLogs;
	readonly #log: number;
	readonly #cleared: ((log: number) => void) | undefined;

	/** @param log index in `rowLogTable` @param cleared told when a client has cleared it */
	constructor(logs: RowLogs, log: number, cleared?: (log: number) => void) {
		this.#logs = logs;
		this.#log = log;
		this.#cleared = cleared;
	}

	get columns(): readonly CaptureColumn[] {
		return rowLogTable[this.#log]!.columns;
	}

	get columnCount(): number {
		return this.columns.length;
	}

	column(index: number): CaptureColumn {
		return this.columns[index]!;
	}

	get profileEntries(): number {
		const { capacity, entriesInUse } = this.#logs.ring(this.#log);
		return Math.max(capacity - rowLogTable[this.#log]!.reserve, entriesInUse);
	}

	get entriesInUse(): number {
		return this.#logs.ring(this.#log).entriesInUse;
	}

	get firstNumber(): number {
		return this.#logs.ring(this.#log).firstNumber;
	}

	get nextNumber(): number {
		return this.#logs.ring(this.#log).nextNumber;
	}

	readRow(number: number, into: ProfileRow): boolean {
		return this.#logs.readRow(this.#log, number, into);
	}

	reset(): void {
		this.#logs.ring(this.#log).clear();
		this.#cleared?.(this.#log);
	}
}

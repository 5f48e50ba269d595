// SPDX-License-Identifier: Apache-2.0

import { DateTime } from "../clock/date-time.js";
import type { Flash } from "../ports/flash.js";
import type { ProfileRow } from "../profile/profile-row.js";
import { eventLogEntries, eventRowSize, type Partition } from "../storage/layout.js";
import type { LogBuffers } from "../storage/log-buffers.js";
import { RingLog } from "../storage/ring-log.js";
import type { EventEntry } from "./event-entry.js";
import { eventLogTable } from "./event-log-table.js";
import { EventRow, noThreshold } from "./event-row.js";

/** What time stamps need of the meter's clock. Seconds count from 2000-01-01; while time is lost they run on regardless. */
export interface StampClock {
	utc_s(): number;
	/** Minutes from local time to UTC at a moment. */
	deviation_min(utc_s: number): number;
	/** Clock status octet of a moment: bit 0 invalid, bit 7 daylight saving. */
	status(utc_s: number): number;
}

export interface EventStoreParts {
	readonly flash: Flash;
	readonly buffers?: LogBuffers;
	/** Sectors of each log, in the order of `eventLogTable`. */
	readonly partitions: readonly Partition[];
	readonly clock: StampClock;
	/** Sum of `optionBit`: which logs this meter has. */
	readonly options: number;
}

/** Meaning of the stored rows. */
const generation = 1;
const logCount = eventLogTable.length;
/** What is kept of a log that is closed: the state of its ring, then stamps and run of its newest row. */
const stateField = Object.freeze({
	last_s: RingLog.stateSize,
	lastLocal_s: RingLog.stateSize + 1,
	run: RingLog.stateSize + 2,
});
const stateSize = RingLog.stateSize + 3;

/**
 * The rings of all event logs. Each row carries the count of all events of its log and a number that rises over all logs,
 * so the newest row of a log tells all that is needed to go on, and neither can contradict the rows.
 *
 * One ring is open at a time, and none at rest: what is in RAM for a log is its count, its last code, and where its rows are, so
 * that opening it again looks for nothing.
 */
export class EventStore {
	/** Number the next entry of any log gets. */
	sequence = 0;
	/** Log of the entry with the highest sequence number; -1 when there is none. */
	newestLog = -1;
	readonly #flash: Flash;
	readonly #buffers: LogBuffers | undefined;
	readonly #partitions: readonly Partition[];
	readonly #clock: StampClock;
	/** Of each log the count, then of each log the last code. */
	readonly #newest = new Uint32Array(2 * logCount);
	/** Of each log what `stateField` says; its first is NaN until the log was open once. */
	readonly #states = new Float64Array(logCount * stateSize).fill(Number.NaN);
	readonly #row = new EventRow();
	readonly #time = new DateTime();
	/** The log that is open, with stamp and run of its newest row; stamps are -1 when there is none. */
	#log = -1;
	#ring: RingLog | undefined;
	#last_s = -1;
	#lastLocal_s = -1;
	#run = 0;

	/**
	 * Reads the newest row of each log.
	 * @throws DeviceError when the part refuses
	 */
	constructor(parts: EventStoreParts) {
		this.#flash = parts.flash;
		this.#buffers = parts.buffers;
		this.#partitions = parts.partitions;
		this.#clock = parts.clock;
		for (let log = 0; log < logCount; log++) {
			if ((eventLogTable[log]!.options & parts.options) === 0) continue;
			this.openRing(log);
			const { nextNumber } = this.#ring!;
			if (this.#last_s < 0) {
				this.#newest[log] = nextNumber; // each row was an event, at least
				continue;
			}
			this.#newest[logCount + log] = this.#row.code;
			this.#newest[log] = this.#row.count;
			if (this.#row.sequence < this.sequence) continue;
			this.sequence = this.#row.sequence + 1;
			this.newestLog = log;
		}
	}

	/** Events of a log since manufacture, modulo 2^32; 0 for a log that does not exist. */
	count(log: number): number {
		return log < logCount ? this.#newest[log]! : 0;
	}

	setCount(log: number, count: number): void {
		this.#newest[log] = count;
	}

	/** Code written last to a log; 0 before the first. */
	lastCode(log: number): number {
		return this.#newest[logCount + log]!;
	}

	/** The rows of a log; valid until another log is asked for, or `close`. @throws DeviceError when the part refuses */
	ring(log: number): RingLog {
		if (this.#log !== log) this.openRing(log);
		return this.#ring!;
	}

	/** Fills `into` with an entry; false when there is none of that number (any more), or it was damaged. */
	readRow(log: number, number: number, into: ProfileRow): boolean {
		if (!this.ring(log).read(number, this.#row.bytes)) return false;
		this.#row.toProfileRow(into, eventLogTable[log]!.third, this.#time);
		return true;
	}

	/** Copies the context of the newest entry of any log into `into`; returns its length, 0..11. */
	copyNewestContext(into: Uint8Array): number {
		if (this.newestLog < 0) return 0;
		const ring = this.ring(this.newestLog);
		return ring.read(ring.nextNumber - 1, this.#row.bytes) ? this.#row.copyContext(into) : 0;
	}

	/**
	 * Stores an entry; it is on the medium when this returns.
	 * @param isFirst all entries before it are forgotten, in the same atomic step
	 * @throws DeviceError when the medium refuses; nothing has changed then
	 */
	append(log: number, entry: EventEntry, count: number, threshold = noThreshold, isFirst = false): void {
		const ring = this.ring(log);
		const deviation_min = this.#clock.deviation_min(entry.utc_s);
		const local_s = entry.utc_s - deviation_min * 60;
		const isBack = this.#last_s >= 0 && (entry.utc_s < this.#last_s || local_s < this.#lastLocal_s);
		const run = isBack ? (this.#run + 1) & 0xffff : this.#run;
		this.#row.set(entry, deviation_min, run, count, this.sequence, threshold);
		if (isFirst) ring.clear(this.#row.bytes);
		else ring.append(this.#row.bytes);
		this.#last_s = entry.utc_s;
		this.#lastLocal_s = local_s;
		this.#run = run;
		this.#newest[logCount + log] = entry.code;
		this.newestLog = log;
		this.sequence++;
	}

	/** A ring is open. */
	get isOpen(): boolean {
		return this.#ring !== undefined;
	}

	/** Gives the memory of the open ring back. */
	close(): void {
		this.saveState();
		this.#log = -1;
		this.#ring = undefined;
	}

	/** Erases ahead in the log that is open, so that its next entry only programs. @throws DeviceError */
	makeRoom(): void {
		this.#ring?.makeRoom();
	}

	private openRing(log: number): void {
		this.close();
		const { firstSector, sectorCount } = this.#partitions[log]!;
		const shape = { rowSize: eventRowSize, capacity: eventLogEntries[log]!, generation };
		const states = this.#states;
		const at = log * stateSize;
		this.#ring = new RingLog(this.#flash, firstSector, sectorCount, shape, this.#buffers, states, at);
		if (Number.isNaN(states[at])) this.loadNewest(this.#ring);
		else {
			this.#last_s = states[at + stateField.last_s]!;
			this.#lastLocal_s = states[at + stateField.lastLocal_s]!;
			this.#run = states[at + stateField.run]!;
		}
		this.#log = log;
	}

	private saveState(): void {
		if (this.#log < 0) return;
		const states = this.#states;
		const at = this.#log * stateSize;
		this.#ring!.saveState(states, at);
		states[at + stateField.last_s] = this.#last_s;
		states[at + stateField.lastLocal_s] = this.#lastLocal_s;
		states[at + stateField.run] = this.#run;
	}

	/** Leaves the newest entry that can be read in the row buffer. */
	private loadNewest(ring: RingLog): void {
		this.#last_s = -1;
		this.#run = 0;
		const row = this.#row;
		const { firstNumber, nextNumber } = ring;
		for (let number = nextNumber - 1; number >= firstNumber; number--) {
			if (!ring.read(number, row.bytes)) continue;
			this.#last_s = row.utc_s;
			this.#lastLocal_s = row.local_s;
			this.#run = (row.run + (number < nextNumber - 1 ? 1 : 0)) & 0xffff;
			return;
		}
	}
}

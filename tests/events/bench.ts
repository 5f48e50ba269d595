// SPDX-License-Identifier: Apache-2.0
import { FaultyFlash } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { Scheduler } from "../../src/core/scheduler.js";
import { EventBuffer } from "../../src/events/event-buffer.js";
import { EventLogs } from "../../src/events/event-logs.js";
import type { StampClock } from "../../src/events/event-store.js";
import { optionBit } from "../../src/models/model.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { eventLogEntries, eventRowSize, type Partition } from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { RingLog } from "../../src/storage/ring-log.js";
import { seededRandom } from "../storage/random.js";
import { since2000_s as utc } from "../support/since-2000.js";

/** Summer time of central Europe in 2024, as published. */
const summerBegin_s = utc("2024-03-31T01:00Z");
const summerEnd_s = utc("2024-10-27T01:00Z");

/** A clock in central Europe of which everything can be set. */
export class TestClock implements StampClock {
	monotonic = 0;
	offset_ms: number;
	isValid = true;

	constructor(start: string) {
		this.offset_ms = utc(start) * 1000;
	}

	monotonic_ms(): number {
		return this.monotonic;
	}

	utc_s(): number {
		return Math.floor((this.monotonic + this.offset_ms) / 1000);
	}

	setUtc_s(utc_s: number): void {
		this.offset_ms = utc_s * 1000 - this.monotonic;
	}

	isSummer(utc_s: number): boolean {
		return utc_s >= summerBegin_s && utc_s < summerEnd_s;
	}

	deviation_min(utc_s: number): number {
		return this.isSummer(utc_s) ? -120 : -60;
	}

	status(utc_s: number): number {
		return (this.isValid ? 0 : 1) | (this.isSummer(utc_s) ? 0x80 : 0);
	}
}

/** An entry as a test wants to see it. */
export interface Entry {
	readonly code: number;
	readonly utc_s: number;
	readonly clockStatus: number;
	/** Date and time of the first column, as octets in hex. */
	readonly stamp: string;
	/** Third column as encoded, in hex; "" without one. */
	readonly third: string;
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

const { base, disconnector, limiter, mbus, pq } = optionBit;
export const everyOption: number = base | disconnector | limiter | mbus | pq;

const recordSectors = 4;

/** Nothing but the event logs of a meter: power can be cut, the clock moved, time run. */
export class EventBench {
	readonly flash: FaultyFlash;
	readonly part: MemoryFlash;
	readonly clock: TestClock;
	readonly options: number;
	readonly partitions: readonly Partition[];
	logs: EventLogs;
	#scheduler = new Scheduler();
	readonly #row = new ProfileRow();

	constructor(start = "2024-06-01T10:00Z", options = everyOption, seed = 1) {
		let next = 2 * recordSectors;
		this.partitions = eventLogEntries.map((entries) => {
			const sectorCount = Math.ceil(entries / RingLog.rowsThatFit(4096, 3, eventRowSize)) + 2;
			const partition = { firstSector: next, sectorCount };
			next += sectorCount;
			return partition;
		});
		this.part = new MemoryFlash(next);
		this.flash = new FaultyFlash(this.part, seededRandom(seed));
		this.clock = new TestClock(start);
		this.options = options;
		this.logs = this.start();
	}

	/** Starts the logs on what the flash holds. */
	start(): EventLogs {
		this.logs = new EventLogs({
			flash: this.flash,
			partitions: this.partitions,
			journal: new RecordLog(this.flash, 0, recordSectors),
			parameters: new RecordLog(this.flash, recordSectors, recordSectors),
			clock: this.clock,
			monotonic: this.clock,
			options: this.options,
		});
		this.#scheduler = new Scheduler();
		this.#scheduler.add(this.logs);
		return this.logs;
	}

	/** Power fails and comes back; the clock part goes on. */
	restart(): EventLogs {
		this.flash.restore();
		this.clock.offset_ms += this.clock.monotonic + 1000;
		this.clock.monotonic = 0;
		return this.start();
	}

	run(seconds: number): void {
		const end_ms = this.clock.monotonic + seconds * 1000;
		for (;;) {
			this.clock.monotonic = Math.min(this.#scheduler.nextDeadline_ms(), end_ms);
			this.#scheduler.advance(this.clock.monotonic);
			if (this.clock.monotonic >= end_ms) return;
		}
	}

	buffer(log: number): EventBuffer {
		return new EventBuffer(this.logs, log);
	}

	entries(log: number): Entry[] {
		const buffer = this.buffer(log);
		const entries: Entry[] = [];
		for (let number = buffer.firstNumber; number < buffer.nextNumber; number++) {
			if (buffer.readRow(number, this.#row)) entries.push(entryOf(this.#row));
		}
		return entries;
	}

	codes(log: number): number[] {
		return this.entries(log).map(({ code }) => code);
	}
}

function entryOf({ bytes, columnsAt, length, utc_s, clockStatus }: ProfileRow): Entry {
	return {
		code: bytes[columnsAt + 15]!,
		utc_s,
		clockStatus,
		stamp: hex(bytes.subarray(columnsAt, columnsAt + 14)),
		third: hex(bytes.subarray(columnsAt + 16, columnsAt + length)),
	};
}

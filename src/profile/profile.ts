// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import { boundaryAfter, boundaryUpTo, isBoundary, type LocalClock } from "../core/local-periods.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { Flash } from "../ports/flash.js";
import type { Partition } from "../storage/layout.js";
import type { LogBuffers } from "../storage/log-buffers.js";
import type { RecordStore } from "../storage/record-store.js";
import { RingLog } from "../storage/ring-log.js";
import { type CaptureColumn, maximumColumns } from "./capture-column.js";
import {
	capturePeriods_s,
	type ProfileConfiguration,
	type ProfileSettings,
	readConfiguration,
	writeConfiguration,
} from "./profile-configuration.js";
import { ProfileRow, profileStatus } from "./profile-row.js";
import { ProfileState } from "./profile-state.js";
import type { RowBuffer } from "./row-buffer.js";
import { RowRange, type TimeBase } from "./row-range.js";

/** What a profile needs of the meter around it. */
export interface ProfileHost {
	/** Most octets a column can take, tag included; below 1 when it cannot be captured. */
	maximumColumnSize(column: CaptureColumn): number;
	/**
	 * Writes the A-XDR value of a column, at most `maximumColumnSize` octets, null-data when it is not available.
	 * @param stamp_s the time stamp of the entry: what a captured clock shows, whatever the clock says now
	 * @returns the position behind it
	 */
	encodeColumn(column: CaptureColumn, into: Uint8Array, at: number, stamp_s: number): number;
	/** Makes the registers durable; no entry is written unless this returns. @throws DeviceError when they are refused */
	beforeCapture(): void;
	/** Whether an error that makes the data doubtful is active. */
	hasCriticalError(): boolean;
	/** The entries were cleared (event 254): by the method, or by a change of what is captured. */
	cleared(): void;
	/** An entry could not be stored. The profile goes on and tries again at the next boundary. */
	captureFailed(): void;
}

export interface ProfileParts {
	readonly flash: Flash;
	readonly buffers?: LogBuffers;
	/** Sectors of the entries. */
	readonly partition: Partition;
	readonly parameters: RecordStore;
	readonly configurationKey: number;
	readonly journal: RecordStore;
	readonly stateKey: number;
	/** Used, and stored, at the first start. */
	readonly factory: ProfileSettings;
	readonly clock: LocalClock;
	readonly host: ProfileHost;
}

/** Steps back of the clock up to the largest time-shift limit do not repeat an entry, also over a restart. */
const longestSynchronisation_s = 60;

/** A-XDR tag. */
const nullData = 0;

/**
 * The engine of a periodic load profile, behind a profile generic object: captures at multiples of the period from local
 * midnight, and keeps rows of encoded columns.
 *
 * - A power failure gives no filler rows; the first entry after it carries `powerDown`. An entry is stamped with its
 *   boundary, also when it is late; of several boundaries missed only the last gives an entry, with `dataNotValid`.
 * - Clock set forward over boundaries: one entry, stamped with the last of them, `clockAdjusted` and `dataNotValid`; the
 *   interval entered in its middle carries the same. Set back: entries with stamps that were there before follow. A mere
 *   synchronisation marks nothing, skips no boundary and repeats none.
 * - Daylight saving: the repeated hour is captured, a skipped hour is not; UTC spacing stays regular.
 * - A change of period, columns or number of entries clears the entries, atomically with the change.
 */
export class Profile implements Task, RowBuffer {
	readonly priority: number = taskPriority.profile;
	deadline_ms = Infinity;
	readonly #parts: ProfileParts;
	readonly #clock: LocalClock;
	readonly #host: ProfileHost;
	readonly #row = new ProfileRow();
	readonly #state: ProfileState;
	/** Octets each column can take. */
	readonly #limits = new Uint16Array(maximumColumns);
	#configuration: ProfileConfiguration;
	#log: RingLog;
	/** Time stamp of the next entry. */
	#next_s = 0;
	/** Stamp and run of the newest entry; -1 when there is none. */
	#last_s = -1;
	#lastLocal_s = -1;
	#run = 0;
	/** Status of the entry being made; -1 otherwise. */
	#capturing = -1;

	/** @throws DeviceError when the storage refuses */
	constructor(parts: ProfileParts) {
		this.#parts = parts;
		this.#clock = parts.clock;
		this.#host = parts.host;
		this.#state = new ProfileState(parts.journal, parts.stateKey);
		const stored = readConfiguration(parts.parameters, parts.configurationKey);
		// another release may need longer rows for the same columns
		const isUsable = stored !== undefined && stored.rowSize >= this.rowSizeFor(stored.columns);
		this.#configuration = isUsable ? stored : this.nextGeneration(stored ?? { ...parts.factory, generation: 0 });
		this.#log = this.openLog(this.#configuration);
		if (!isUsable) writeConfiguration(parts.parameters, parts.configurationKey, this.#configuration);
		this.setLimits();
		this.loadNewest();
		const owed = this.#row.isExtra && this.#last_s >= 0 ? this.#row.pending : 0;
		this.#state.restore(this.#log.nextNumber, owed);
		this.#state.latch(stored === undefined ? profileStatus.dataNotValid : profileStatus.powerDown);
		this.#state.save(this.#log.nextNumber);
		this.begin(this.firstBoundary());
	}

	get capturePeriod_s(): number {
		return this.#configuration.capturePeriod_s;
	}

	get columns(): readonly CaptureColumn[] {
		return this.#configuration.columns;
	}

	/** Entries kept at most: what was asked for, or what the sectors hold of rows of this size. */
	get profileEntries(): number {
		return this.#log.capacity;
	}

	get entriesInUse(): number {
		return this.#log.entriesInUse;
	}

	/** Absolute number of the oldest entry; equal to `nextNumber` when there is none. Numbers do not recur. */
	get firstNumber(): number {
		return this.#log.firstNumber;
	}

	get nextNumber(): number {
		return this.#log.nextNumber;
	}

	/** Status of the running interval so far; of the entry, while one is being captured. Bits of `profileStatus`. */
	get status(): number {
		return this.#capturing >= 0 ? this.#capturing : this.statusAt(this.#clock.utc_s());
	}

	/** Fills `into` with an entry; false when there is none of that number (any more), or it was damaged. */
	readRow(number: number, into: ProfileRow): boolean {
		return this.#log.read(number, into.bytes);
	}

	/** The entries of a range of time stamps, both ends included; empty when from > to. */
	select(from_s: number, to_s: number, base: TimeBase, row: ProfileRow): RowRange {
		return new RowRange(this, row, from_s, to_s, base);
	}

	/** @returns false, unchanged, when the period is none of `capturePeriods_s`. @throws DeviceError, unchanged */
	setCapturePeriod(period_s: number): boolean {
		if (!capturePeriods_s.includes(period_s)) return false;
		if (period_s !== this.capturePeriod_s) this.change({ ...this.#configuration, capturePeriod_s: period_s });
		return true;
	}

	/** @returns false, unchanged, for no entries at all. @throws DeviceError, unchanged */
	setProfileEntries(entries: number): boolean {
		if (!Number.isInteger(entries) || entries < 1 || entries > 0xffff_ffff) return false;
		if (entries !== this.#configuration.entries) this.change({ ...this.#configuration, entries });
		return true;
	}

	/** @returns false, unchanged, when a row of these columns cannot be stored. @throws DeviceError, unchanged */
	setColumns(columns: readonly CaptureColumn[]): boolean {
		if (columns.length < 1 || columns.length > maximumColumns) return false;
		for (let n = 0; n < columns.length; n++) if (this.#host.maximumColumnSize(columns[n]!) < 1) return false;
		if (this.rowSizeFor(columns) > ProfileRow.maximumSize) return false;
		if (!isSame(columns, this.columns)) this.change({ ...this.#configuration, columns });
		return true;
	}

	/** Method 1: forgets all entries. @throws DeviceError, with the entries still there */
	reset(): void {
		this.#log.clear();
		this.#state.save(this.#log.nextNumber);
		this.loadNewest();
		this.#host.cleared();
	}

	/** Method 2: an entry of this moment, outside of the schedule. @returns false when it could not be stored */
	capture(): boolean {
		return this.captureAt(this.#clock.utc_s(), profileStatus.dataNotValid, true);
	}

	run(now_ms: number): void {
		const now_s = this.#clock.utc_s();
		if (!isBoundary(this.#clock, this.#next_s, this.capturePeriod_s)) {
			this.localTimeChanged();
		} else if (now_s >= this.#next_s) {
			const last_s = boundaryUpTo(this.#clock, now_s, this.capturePeriod_s);
			const isMissing = last_s > this.#next_s;
			this.captureAt(Math.max(last_s, this.#next_s), isMissing ? profileStatus.dataNotValid : 0, false);
			this.begin(boundaryAfter(this.#clock, now_s, this.capturePeriod_s));
			this.makeRoom();
		}
		this.deadline_ms = Math.max(this.#clock.monotonicAt_ms(this.#next_s), now_ms + 1);
	}

	/** To be called after the clock has been moved. `isSetting`: by more than the time-shift limit. */
	clockChanged(_old_s: number, new_s: number, isSetting: boolean): void {
		const marks = isSetting ? profileStatus.clockAdjusted | profileStatus.dataNotValid : 0;
		const isCrossed = new_s >= this.#next_s;
		if (isCrossed) this.captureAt(boundaryUpTo(this.#clock, new_s, this.capturePeriod_s), marks, false);
		const isOnBoundary = isCrossed && this.#last_s === new_s;
		if (!isOnBoundary) this.#state.latch(marks);
		this.#state.save(this.#log.nextNumber);
		const isKept = !isCrossed && !isSetting;
		this.begin(isKept ? this.#next_s : boundaryAfter(this.#clock, new_s, this.capturePeriod_s));
	}

	/** To be called after time zone or daylight saving rules have changed: boundaries are where local time now has them. */
	localTimeChanged(): void {
		const next_s = boundaryAfter(this.#clock, this.#clock.utc_s(), this.capturePeriod_s);
		if (next_s !== this.#next_s) {
			this.#state.latch(profileStatus.dataNotValid);
			this.#state.save(this.#log.nextNumber);
		}
		this.begin(next_s);
	}

	/** Stores an entry. What the interval had latched is spent by a scheduled one, and still owed after an extra one. */
	private captureAt(stamp_s: number, marks: number, isExtra: boolean): boolean {
		const clock = this.#clock;
		const row = this.#row;
		const log = this.#log;
		try {
			this.#host.beforeCapture();
			this.#capturing = this.statusAt(stamp_s) | marks;
			const deviation_min = clock.deviation_min(stamp_s);
			const local_s = stamp_s - deviation_min * 60;
			const isBack = this.#last_s >= 0 && (stamp_s < this.#last_s || local_s < this.#lastLocal_s);
			const run = isBack ? (this.#run + 1) & 0xffff : this.#run;
			row.bytes.fill(0xff);
			row.setStamp(stamp_s, deviation_min, run, clock.status(stamp_s), this.#capturing);
			row.setLength(this.encodeColumns(row, stamp_s), isExtra, this.#state.bits);
			log.append(row.bytes.length === log.rowSize ? row.bytes : row.bytes.subarray(0, log.rowSize));
			this.#last_s = stamp_s;
			this.#lastLocal_s = local_s;
			this.#run = run;
			if (!isExtra) this.#state.clear();
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			if (!isExtra) {
				this.#state.latch(profileStatus.criticalError | profileStatus.dataNotValid | marks);
				this.#state.save(log.nextNumber);
			}
			this.#host.captureFailed();
			return false;
		} finally {
			this.#capturing = -1;
		}
	}

	/** A value that has outgrown its column becomes null-data: the others, and the entry, are worth more. */
	private encodeColumns(row: ProfileRow, stamp_s: number): number {
		const { columns } = this.#configuration;
		let at = row.columnsAt;
		for (let n = 0; n < columns.length; n++) {
			const next = this.#host.encodeColumn(columns[n]!, row.bytes, at, stamp_s);
			const isTooLong = next - at > this.#limits[n]!;
			if (isTooLong) row.bytes.fill(0xff, at, next)[at] = nullData;
			at = isTooLong ? at + 1 : next;
		}
		return at - row.columnsAt;
	}

	private statusAt(utc_s: number): number {
		const clockBits = this.#clock.status(utc_s);
		let status = this.#state.bits;
		if (clockBits & 0x01) status |= profileStatus.clockInvalid;
		if (clockBits & 0x80) status |= profileStatus.daylightSaving;
		if (this.#host.hasCriticalError()) status |= profileStatus.criticalError;
		return status;
	}

	/** Begins, or goes on with, the interval that ends at `next_s`. */
	private begin(next_s: number): void {
		this.#next_s = next_s;
		if (this.#clock.status(this.#clock.utc_s()) & 0x01) this.#state.latch(profileStatus.clockInvalid);
		this.deadline_ms = this.#clock.monotonicAt_ms(next_s);
	}

	/**
	 * At start: a boundary of this very second counts unless it has its entry already, or nothing was captured before it.
	 * One that was captured before a small step back is not captured again.
	 */
	private firstBoundary(): number {
		const now_s = this.#clock.utc_s();
		const period_s = this.capturePeriod_s;
		if (this.#last_s >= 0 && this.#last_s < now_s && isBoundary(this.#clock, now_s, period_s)) return now_s;
		const isAhead = this.#last_s > now_s && this.#last_s <= now_s + longestSynchronisation_s;
		return boundaryAfter(this.#clock, isAhead ? this.#last_s : now_s, period_s);
	}

	/** Erases ahead, so that the next capture only programs. */
	private makeRoom(): void {
		try {
			this.#log.makeRoom();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // the next capture tries again, and tells
		}
	}

	/** The new log is empty before the record makes it count: its generation has never been used. */
	private change(wanted: ProfileSettings & { readonly generation: number }): void {
		const configuration = this.nextGeneration(wanted);
		const log = this.openLog(configuration);
		writeConfiguration(this.#parts.parameters, this.#parts.configurationKey, configuration);
		this.#log = log;
		this.#configuration = configuration;
		this.setLimits();
		this.loadNewest();
		this.#state.clear();
		this.#state.latch(profileStatus.dataNotValid);
		this.#state.save(log.nextNumber);
		this.begin(boundaryAfter(this.#clock, this.#clock.utc_s(), this.capturePeriod_s));
		this.#host.cleared();
	}

	private nextGeneration(wanted: ProfileSettings & { readonly generation: number }): ProfileConfiguration {
		return { ...wanted, generation: wanted.generation + 1, rowSize: this.rowSizeFor(wanted.columns) };
	}

	private openLog(configuration: ProfileConfiguration): RingLog {
		const { flash, partition, buffers } = this.#parts;
		const { rowSize, entries: capacity, generation } = configuration;
		const shape = { rowSize, capacity, generation };
		return new RingLog(flash, partition.firstSector, partition.sectorCount, shape, buffers);
	}

	private rowSizeFor(columns: readonly CaptureColumn[]): number {
		let size = ProfileRow.headerSize;
		for (let n = 0; n < columns.length; n++) size += this.limitOf(columns[n]!);
		return size;
	}

	/** A column whose object has gone since it was set takes the one octet of null-data. */
	private limitOf(column: CaptureColumn): number {
		return Math.max(1, this.#host.maximumColumnSize(column));
	}

	private setLimits(): void {
		const { columns } = this.#configuration;
		for (let n = 0; n < columns.length; n++) this.#limits[n] = this.limitOf(columns[n]!);
	}

	/** Takes stamp and run from the newest entry that can be read, and leaves it in the row buffer. */
	private loadNewest(): void {
		this.#last_s = -1;
		const { firstNumber, nextNumber } = this.#log;
		for (let number = nextNumber - 1; number >= firstNumber; number--) {
			if (!this.#log.read(number, this.#row.bytes)) continue;
			this.#last_s = this.#row.utc_s;
			this.#lastLocal_s = this.#row.local_s;
			this.#run = (this.#row.run + (number < nextNumber - 1 ? 1 : 0)) & 0xffff;
			return;
		}
	}
}

function isSame(a: readonly CaptureColumn[], b: readonly CaptureColumn[]): boolean {
	if (a.length !== b.length) return false;
	for (let n = 0; n < a.length; n++) {
		if (a[n]!.logicalName !== b[n]!.logicalName || a[n]!.classId !== b[n]!.classId) return false;
		if (a[n]!.attributeIndex !== b[n]!.attributeIndex || a[n]!.dataIndex !== b[n]!.dataIndex) return false;
	}
	return true;
}

// SPDX-License-Identifier: Apache-2.0

import { daysInMonth } from "../../clock/calendar.js";
import { DateTime, notSpecified } from "../../clock/date-time.js";
import type { CaptureColumn } from "../../profile/capture-column.js";
import type { ProfileRow } from "../../profile/profile-row.js";
import type { RowBuffer } from "../../profile/row-buffer.js";
import { rowNumberAt } from "../../profile/row-numbers.js";
import { sortedField } from "../../profile/sorted-rows.js";
import { clockClass } from "../class-ids.js";
import {
	decodeArray,
	decodeDoubleLongUnsigned,
	decodeLongUnsigned,
	decodeStructure,
	encodeNull,
	encodeStructure,
} from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { decodeDateTime } from "../codec/date-time.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call, ElementSource } from "../model.js";
import { dataAccessResult } from "../result.js";
import { decodeCaptureObject } from "./capture-objects.js";
import { newestRows, type OrderedRows, rowsInOrder, rowsInTime } from "./profile-order.js";
import { compareBounds, decodeBound, RowSearch } from "./profile-search.js";

const timeAttribute = 2;
const clockName = parseLogicalName("0-0:1.0.0.255");

/**
 * Rows of a profile on their way out, as structures of all or of some columns. What belongs to it is fixed by absolute
 * numbers when it is made, so captures in the meantime shift nothing.
 */
export class ProfileRows implements ElementSource {
	readonly count: number;
	/** Of the first row: rows of one capture list differ by a null-data at most. */
	readonly minimumElementSize: number;
	readonly #profile: RowBuffer;
	readonly #row: ProfileRow;
	readonly #rows: OrderedRows;
	/** Columns in ascending order; undefined for all of them. */
	readonly #columns: Uint8Array | undefined;
	readonly #columnCount: number;
	readonly #reader: Reader;

	/**
	 * @param rows all rows when left out
	 * @param columns indexes of the columns asked for, ascending
	 */
	constructor(profile: RowBuffer, row: ProfileRow, rows: OrderedRows = rowsInOrder(profile), columns?: Uint8Array) {
		this.#profile = profile;
		this.#row = row;
		this.#reader = new Reader(row.bytes);
		this.#columns = columns;
		this.#columnCount = columns?.length ?? profile.columnCount;
		this.count = rows.count;
		this.#rows = rows;
		this.minimumElementSize = 2 + this.lengthOfFirst();
	}

	private lengthOfFirst(): number {
		if (this.count === 0 || this.#columns !== undefined) return this.#columnCount;
		return this.#profile.readRow(rowNumberAt(this.#rows, 0), this.#row) ? this.#row.length : this.#columnCount;
	}

	encodeElement(w: Writer, index: number): void {
		const number = rowNumberAt(this.#rows, index);
		encodeStructure(w, this.#columnCount);
		const row = this.#row;
		if (!this.#profile.readRow(number, row)) {
			// overwritten or damaged since the transfer began: the number of rows has been promised already
			for (let n = 0; n < this.#columnCount; n++) encodeNull(w);
			return;
		}
		if (this.#columns === undefined) {
			w.octets(row.bytes, row.columnsAt, row.columnsAt + row.length);
			return;
		}
		const r = this.#reader;
		r.reset(row.bytes, row.columnsAt, row.columnsAt + row.length);
		let column = 0;
		for (let n = 0; n < this.#columns.length; n++) {
			for (; column < this.#columns[n]!; column++) skipValue(r);
			const from = r.position;
			skipValue(r);
			column++;
			w.octets(row.bytes, from, r.position);
		}
	}
}

function isClockTime(column: CaptureColumn, name: number): boolean {
	return (
		column.classId === clockClass &&
		column.logicalName === name &&
		column.attributeIndex === timeAttribute &&
		column.dataIndex === 0
	);
}

/** Fills what is not specified with the least or the greatest value. False when a given field is out of range. */
function complete(time: DateTime, isUpper: boolean): boolean {
	const { octet } = notSpecified;
	if (time.month === octet) time.month = isUpper ? 12 : 1;
	if (time.month < 1 || time.month > 12) return false;
	if (time.day === octet) time.day = isUpper ? daysInMonth(time.year, time.month) : 1;
	if (time.hour === octet) time.hour = isUpper ? 23 : 0;
	if (time.minute === octet) time.minute = isUpper ? 59 : 0;
	if (time.second === octet) time.second = isUpper ? 59 : 0;
	time.weekday = octet;
	time.hundredths = octet;
	return time.isComplete();
}

/**
 * range_descriptor, both ends included: by the clock, where without deviation the wall clock is compared, or by another
 * column, for which all rows are looked through; a board has no time for that (docs/decisions/0033).
 */
export function selectByRange(profile: RowBuffer, call: Call, r: Reader): ProfileRows | number {
	decodeStructure(r, 4);
	const restricting = decodeCaptureObject(r);
	if (!isClockTime(restricting, profile.column(0).logicalName)) return searchColumn(profile, call, restricting, r);
	return selectByTime(profile, call, r);
}

/** Both ends of a range by the clock, as two date-times, and the columns. */
export function selectByTime(profile: RowBuffer, call: Call, r: Reader): ProfileRows | number {
	const { application } = call;
	const from = new DateTime();
	const to = new DateTime();
	const isRange = decodeTimeRange(r, from, to);
	const columns = decodeColumns(profile, r);
	if (typeof columns === "number") return columns;
	if (!isRange) return dataAccessResult.otherReason;
	const { from_s, to_s, isLocal } = boundsOf(from, to, call);
	const row = application.profileRow;
	const range = rowsInTime(profile, row, from_s, to_s, isLocal ? "local" : "utc");
	return new ProfileRows(profile, row, range, columns);
}

interface TimeBounds {
	/** Both ends, UTC or local time; infinite where it is open. */
	readonly from_s: number;
	readonly to_s: number;
	/** The wall clock is compared: an end has no deviation. */
	readonly isLocal: boolean;
}

function boundsOf(from: DateTime, to: DateTime, { application: { clock } }: Call): TimeBounds {
	const hasFrom = from.year !== notSpecified.year;
	const hasTo = to.year !== notSpecified.year;
	const isLocal = (hasFrom && !from.isDeviationSpecified) || (hasTo && !to.isDeviationSpecified);
	const seconds = (time: DateTime): number => {
		if (isLocal && !time.isDeviationSpecified) return time.local_s();
		const utc_s = clock.toUtc_s(time);
		return isLocal ? clock.local_s(utc_s) : utc_s;
	};
	return { from_s: hasFrom ? seconds(from) : -Infinity, to_s: hasTo ? seconds(to) : Infinity, isLocal };
}

/** What is asked for of rows that are made when they are read. */
export interface LiveSelection {
	readonly isWanted: boolean;
	/** Indexes of the columns, ascending; undefined for all of them. */
	readonly columns: Uint8Array | undefined;
}

/** As `selectByRange`, of the one row of this moment. */
export function selectLiveByRange(columns: readonly CaptureColumn[], call: Call, r: Reader): LiveSelection | number {
	const { clock } = call.application;
	decodeStructure(r, 4);
	const restricting = decodeCaptureObject(r);
	if (!isClockTime(restricting, clockName)) return dataAccessResult.scopeOfAccessViolated;
	const from = new DateTime();
	const to = new DateTime();
	const isRange = decodeTimeRange(r, from, to);
	const chosen = decodeColumns({ columns }, r);
	if (typeof chosen === "number") return chosen;
	if (!isRange) return dataAccessResult.otherReason;
	const { from_s, to_s, isLocal } = boundsOf(from, to, call);
	const utc_s = clock.utc_s();
	const now_s = isLocal ? clock.local_s(utc_s) : utc_s;
	return { isWanted: now_s >= from_s && now_s <= to_s, columns: chosen };
}

/** As `selectByEntry`, of the one row of this moment. */
export function selectLiveByEntry(columns: readonly CaptureColumn[], r: Reader): LiveSelection | number {
	const entries = decodeEntries(r, 1, columns.length);
	if (entries === undefined) return dataAccessResult.otherReason;
	return { isWanted: entries.count > 0, columns: entries.columns };
}

/** Two date-times; without year an end is open. @returns false when a given field is out of range */
export function decodeTimeRange(r: Reader, from = new DateTime(), to = new DateTime()): boolean {
	decodeDateTime(r, from);
	decodeDateTime(r, to);
	const { year } = notSpecified;
	return (from.year === year || complete(from, false)) && (to.year === year || complete(to, true));
}

/** The entries `from` to `to`, counted from the newest, which is 1, and the columns, if told; 0 as `to` means the oldest. */
export function selectNewest(
	profile: RowBuffer,
	call: Call,
	from: number,
	to: number,
	r?: Reader,
): ProfileRows | number {
	const columns = r && decodeColumns(profile, r);
	if (typeof columns === "number") return columns;
	return new ProfileRows(profile, call.application.profileRow, newestRows(profile, from, to), columns);
}

function searchColumn(
	profile: RowBuffer,
	{ application }: Call,
	restricting: CaptureColumn,
	r: Reader,
): ProfileRows | number {
	const from = decodeBound(r);
	const at = r.position;
	const to = decodeBound(r);
	if (compareBounds(from, to) === undefined) throw new CodecError("type", at);
	const columns = decodeColumns(profile, r);
	const column = findColumn(profile, restricting);
	if (column < 0) return dataAccessResult.scopeOfAccessViolated;
	if (typeof columns === "number") return columns;
	const row = application.profileRow;
	const { sorted, sortObject } = profile;
	// the order knows the numbers of its rows
	if (sorted !== undefined && column === findColumn(profile, sortObject!) && typeof from === "number") {
		return new ProfileRows(profile, row, sorted.select(sortedField.value, from, to as number), columns);
	}
	if (application.size === "board") return dataAccessResult.otherReason;
	return new ProfileRows(profile, row, new RowSearch(profile, row, column, from, to), columns);
}

function findColumn({ columns }: Pick<RowBuffer, "columns">, wanted: CaptureColumn): number {
	return columns.findIndex(
		(column) =>
			column.classId === wanted.classId &&
			column.logicalName === wanted.logicalName &&
			column.attributeIndex === wanted.attributeIndex &&
			column.dataIndex === wanted.dataIndex,
	);
}

/** Indexes of the columns asked for; undefined for all, a `dataAccessResult` for one that the profile has not got. */
export function decodeColumns(profile: Pick<RowBuffer, "columns">, r: Reader): Uint8Array | undefined | number {
	const count = decodeArray(r);
	if (count === 0) return undefined;
	const { columns } = profile;
	const isWanted = new Uint8Array(columns.length);
	let unknown = false;
	for (let n = 0; n < count; n++) {
		const at = findColumn(profile, decodeCaptureObject(r));
		if (at < 0) unknown = true;
		else isWanted[at] = 1;
	}
	if (unknown) return dataAccessResult.scopeOfAccessViolated;
	return columnsWhere(isWanted);
}

function columnsWhere(isWanted: Uint8Array): Uint8Array {
	const columns = new Uint8Array(isWanted.reduce((sum, wanted) => sum + wanted, 0));
	for (let n = 0, at = 0; n < isWanted.length; n++) if (isWanted[n] === 1) columns[at++] = n;
	return columns;
}

/** entry_descriptor: entries and columns count from 1; 0 as upper end means the last. */
export function selectByEntry(profile: RowBuffer, call: Call, r: Reader): ProfileRows | number {
	const entries = decodeEntries(r, profile.entriesInUse, profile.columnCount);
	if (entries === undefined) return dataAccessResult.otherReason;
	const rows = rowsInOrder(profile, entries.first, entries.count);
	return new ProfileRows(profile, call.application.profileRow, rows, entries.columns);
}

interface Entries {
	/** From 0. */
	readonly first: number;
	readonly count: number;
	readonly columns: Uint8Array | undefined;
}

/** @returns undefined when there can be no such entries or columns */
function decodeEntries(r: Reader, inUse: number, columnCount: number): Entries | undefined {
	decodeStructure(r, 4);
	const fromEntry = decodeDoubleLongUnsigned(r);
	const toEntry = decodeDoubleLongUnsigned(r);
	const fromColumn = decodeLongUnsigned(r);
	const toColumn = decodeLongUnsigned(r);
	const lastEntry = toEntry === 0 ? inUse : Math.min(toEntry, inUse);
	const lastColumn = toColumn === 0 ? columnCount : Math.min(toColumn, columnCount);
	if (fromEntry < 1 || fromColumn < 1 || fromColumn > lastColumn) return undefined;
	const isWanted = new Uint8Array(columnCount).fill(1, fromColumn - 1, lastColumn);
	const isEverything = fromColumn === 1 && lastColumn === columnCount;
	const count = Math.max(0, lastEntry - fromEntry + 1);
	return { first: fromEntry - 1, count, columns: isEverything ? undefined : columnsWhere(isWanted) };
}

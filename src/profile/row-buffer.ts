// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "./capture-column.js";
import type { RowSource } from "./row-range.js";

/**
 * What stands behind a profile generic object: rows in the order of their capture, each of the same columns. A periodic
 * profile is one, an event log is another. What a buffer has no method for, no client can do.
 */
export interface RowBuffer extends RowSource {
	/** The first one is the time attribute of the clock, which is the sort object. */
	readonly columns: readonly CaptureColumn[];
	readonly columnCount: number;
	column(index: number): CaptureColumn;
	/** 0 when rows come with events. */
	readonly capturePeriod_s: number;
	/** Rows kept at most. */
	readonly profileEntries: number;
	readonly entriesInUse: number;
	/** Method 1: forgets all rows. @throws DeviceError, with the rows still there */
	reset(): void;
	/** Method 2: a row of this moment. @returns false when it could not be stored */
	capture?(): boolean;
	/** @returns false, unchanged, for a value that is not allowed. @throws DeviceError, unchanged */
	setColumns?(columns: readonly CaptureColumn[]): boolean;
	/** As `setColumns`. */
	setCapturePeriod?(period_s: number): boolean;
	/** As `setColumns`. */
	setProfileEntries?(entries: number): boolean;
}

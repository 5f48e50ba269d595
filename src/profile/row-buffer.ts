// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "./capture-column.js";
import type { RowSource } from "./row-range.js";
import type { SortedRows } from "./sorted-rows.js";

/**
 * What stands behind a profile generic object: rows numbered in the order of their capture, each of the same columns. A
 * periodic profile is one, an event log is another. What a buffer has no method for, no client can do.
 */
export interface RowBuffer extends RowSource {
	/** The first one is the time attribute of the clock. */
	readonly columns: readonly CaptureColumn[];
	readonly columnCount: number;
	column(index: number): CaptureColumn;
	/** Attribute 5, one of `sortMethod`; first in, first out when left out. */
	readonly sortMethod?: number;
	/** Attribute 6; the clock when left out. */
	readonly sortObject?: CaptureColumn;
	/** The order of rows that are sorted by a value: their numbers tell nothing then. */
	readonly sorted?: SortedRows | undefined;
	/** 0 when rows come with events. */
	readonly capturePeriod_s: number;
	/** Rows kept at most. */
	readonly profileEntries: number;
	readonly entriesInUse: number;
	/** Method 1: forgets all rows. @throws DeviceError, with the rows still there */
	reset(): void;
	/** Does ahead what the next `capture` would have to do first. */
	prepareCapture?(): void;
	/** Method 2: a row of this moment. @returns false when it could not be stored */
	capture?(): boolean;
	/** They are those that there are. */
	hasColumns?(columns: readonly CaptureColumn[]): boolean;
	/** Octets that a value takes at most; below 1 for one that cannot be stored. */
	columnLimit?(column: CaptureColumn): number;
	/**
	 * @param limits what `columnLimit` has said of each, if it was asked
	 * @returns false, unchanged, for a value that is not allowed. @throws DeviceError, unchanged
	 */
	setColumns?(columns: readonly CaptureColumn[], limits?: Uint16Array): boolean;
	/** As `setColumns`. */
	setCapturePeriod?(period_s: number): boolean;
	/** As `setColumns`. */
	setProfileEntries?(entries: number): boolean;
}

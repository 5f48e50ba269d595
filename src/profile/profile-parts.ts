// SPDX-License-Identifier: Apache-2.0
import type { LocalClock } from "../core/local-periods.js";
import type { Flash } from "../ports/flash.js";
import type { Partition } from "../storage/layout.js";
import type { LogBuffers } from "../storage/log-buffers.js";
import type { RecordStore } from "../storage/record-store.js";
import type { CaptureColumn } from "./capture-column.js";
import type { ProfileDefinition } from "./profile-definition.js";
import type { ProfileRow } from "./profile-row.js";

/** What profiles need of the meter around them. */
export interface ProfileHost {
	/** Whether this meter has the profile. */
	has(definition: ProfileDefinition): boolean;
	/** Most octets a column can take, tag included; below 1 when it cannot be captured. */
	maximumColumnSize(column: CaptureColumn): number;
	/**
	 * Writes the A-XDR value of a column, at most `maximumColumnSize` octets, null-data when it is not available.
	 * @param into the entry's row, with the columns before this one in it
	 * @param stamp_s the time stamp of the entry: what a captured clock shows, whatever the clock says now
	 * @param index place of the profile
	 * @returns the position behind it
	 */
	encodeColumn(column: CaptureColumn, into: Uint8Array, at: number, stamp_s: number, index: number): number;
	/** The number in a column of an entry; NaN for what is no number. */
	sortValue(row: ProfileRow, column: number): number;
	/** Makes the registers durable; no entry is written unless this returns. @throws DeviceError when they are refused */
	beforeCapture(): void;
	/** An entry of this number is about to be stored, as the newest one. @param isExtra outside of the schedule @throws DeviceError */
	beforeEntry?(index: number, number: number, isExtra: boolean): void;
	/** Which number the next entry has is known: the meter starts, or the profile begins anew. */
	nextEntryFound?(index: number, number: number): void;
	/** Whether an error that makes the data doubtful is active. */
	hasCriticalError(): boolean;
	/** The entries were cleared (event 254): by the method, or by a change of what is captured. */
	cleared(): void;
	/** An entry could not be stored. The profile goes on and tries again at the next boundary. */
	captureFailed(): void;
}

export interface ProfilesParts {
	readonly definitions: readonly ProfileDefinition[];
	readonly size: "board" | "desktop";
	readonly flash: Flash;
	readonly buffers?: LogBuffers;
	/** Sectors of the entries of each profile. */
	readonly partitions: readonly Partition[];
	readonly parameters: RecordStore;
	readonly journal: RecordStore;
	readonly clock: LocalClock;
	readonly host: ProfileHost;
	/** Scratch for the entry being made, and for those on their way out. */
	readonly row: ProfileRow;
}

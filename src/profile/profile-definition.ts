// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "./capture-column.js";

/** A profile as it leaves the factory; a row of a frozen table, whose order is that of the places in the store. */
export interface ProfileDefinition {
	readonly logicalName: number;
	/** Record of its configuration, in the parameters. */
	readonly key: number;
	/** Logical name of the object that shows its status (AMR profile status); 0 when it has none. */
	readonly statusName: number;
	/** Capture periods that can be set, seconds; empty when rows come with events. */
	readonly periods: readonly number[];
	/** As from the factory, one of `periods`; 0 when rows come with events. */
	readonly capturePeriod_s: number;
	/** Entries as from the factory. */
	readonly entries: { readonly board: number; readonly desktop: number };
	/** One of `sortMethod`. */
	readonly sortMethod: number;
	/** By which rows are sorted, one of `columns`; the clock where they are kept in the order of capture. */
	readonly sortObject: CaptureColumn;
	/** A failure of the supply over a boundary gives an entry of its own, stamped with its time. Only with `periods`. */
	readonly markPowerDown: boolean;
	/** Capture objects as from the factory; those that a meter does not have are left out. */
	readonly columns: readonly CaptureColumn[];
}

/** Periods of load profiles, seconds (IDIS; 5, 10, 15, 30, 60 minutes and 24 hours). */
export const capturePeriods_s: readonly number[] = Object.freeze([300, 600, 900, 1800, 3600, 86_400]);

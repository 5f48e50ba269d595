// SPDX-License-Identifier: Apache-2.0
import type { ProfileRow } from "../../profile/profile-row.js";
import type { RowBuffer } from "../../profile/row-buffer.js";
import { ReversedRows, type RowNumbers, type RowSequence } from "../../profile/row-numbers.js";
import { RowRange, type TimeBase } from "../../profile/row-range.js";
import { sortMethod } from "../../profile/sort-method.js";
import { sortedField } from "../../profile/sorted-rows.js";

/** Rows of a profile in the order of its sort method. */
export type OrderedRows = RowNumbers | RowSequence;

/** Entries of a profile from number `first` on, 0 is the first of its order; all of them unless told otherwise. */
export function rowsInOrder(profile: RowBuffer, first = 0, count = profile.entriesInUse): OrderedRows {
	const { sorted } = profile;
	if (sorted !== undefined) return sorted.part(first, count);
	return profile.sortMethod === sortMethod.lastInFirstOut
		? { first: profile.nextNumber - 1 - first, count, step: -1 }
		: { first: profile.firstNumber + first, count };
}

/** Those whose time stamp lies in a range. @param row scratch, also later */
export function rowsInTime(
	profile: RowBuffer,
	row: ProfileRow,
	from_s: number,
	to_s: number,
	base: TimeBase,
): RowNumbers {
	const { sorted } = profile;
	if (sorted !== undefined)
		return sorted.select(base === "utc" ? sortedField.utc_s : sortedField.local_s, from_s, to_s);
	const range = new RowRange(profile, row, from_s, to_s, base);
	return profile.sortMethod === sortMethod.lastInFirstOut ? new ReversedRows(range) : range;
}

/** Those captured `from`-last to `to`-last, 1 is the newest; 0 as `to` means the oldest. */
export function newestRows(profile: RowBuffer, from: number, to: number): OrderedRows {
	const { entriesInUse, sorted } = profile;
	const last = Math.min(to === 0 ? entriesInUse : to, entriesInUse);
	if (sorted !== undefined) return sorted.newest(from, last);
	const count = Math.max(0, last - from + 1);
	const isNewestFirst = profile.sortMethod === sortMethod.lastInFirstOut;
	return rowsInOrder(profile, isNewestFirst ? from - 1 : entriesInUse - last, count);
}

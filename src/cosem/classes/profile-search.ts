// SPDX-License-Identifier: Apache-2.0
import type { ProfileRow } from "../../profile/profile-row.js";
import type { RowBuffer } from "../../profile/row-buffer.js";
import { type RowNumbers, rowNumberAt } from "../../profile/row-numbers.js";
import { decodeOctetString, decodeVisibleString } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { dataTag } from "../codec/data-tag.js";
import { decodeNumber } from "../codec/number.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { rowsInOrder } from "./profile-order.js";

/** A value that others can be compared with: a number, or octets, which compare from the left. */
export type Bound = number | Uint8Array;

/** @throws CodecError("type") for a value that has no order */
export function decodeBound(r: Reader): Bound {
	const at = r.position;
	const bound = boundOf(r);
	if (bound === undefined) throw new CodecError("type", at);
	return bound;
}

function boundOf(r: Reader): Bound | undefined {
	const number = decodeNumber(r);
	if (number !== undefined) return number;
	if (r.peek() === dataTag.octetString) return decodeOctetString(r);
	return r.peek() === dataTag.visibleString ? decodeVisibleString(r) : undefined;
}

/** Negative when `a` comes first, 0 when they are equal; undefined for a number and octets. */
export function compareBounds(a: Bound, b: Bound): number | undefined {
	if (typeof a === "number" || typeof b === "number") {
		return typeof a === "number" && typeof b === "number" ? a - b : undefined;
	}
	for (let n = 0; n < a.length && n < b.length; n++) if (a[n] !== b[n]) return a[n]! - b[n]!;
	return a.length - b.length;
}

/**
 * The rows in which a column lies in a range, both ends included, in the order of the profile: found by looking at every
 * row. A value of another kind than the ends is in no range.
 */
export class RowSearch implements RowNumbers {
	readonly count: number;
	readonly #numbers: number[] = [];

	/** @param row scratch, used during construction */
	constructor(profile: RowBuffer, row: ProfileRow, column: number, from: Bound, to: Bound) {
		const r = new Reader(row.bytes);
		const rows = rowsInOrder(profile);
		for (let at = 0; at < rows.count; at++) {
			const number = rowNumberAt(rows, at);
			if (!profile.readRow(number, row)) continue;
			r.reset(row.bytes, row.columnsAt, row.columnsAt + row.length);
			for (let n = 0; n < column; n++) skipValue(r);
			const value = boundOf(r);
			if (value === undefined) continue;
			const isAfter = (compareBounds(from, value) ?? 1) <= 0;
			if (isAfter && (compareBounds(value, to) ?? 1) <= 0) this.#numbers.push(number);
		}
		this.count = this.#numbers.length;
	}

	numberAt(index: number): number {
		return this.#numbers[index]!;
	}
}

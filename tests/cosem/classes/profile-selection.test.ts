// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { ProfileRows, selectByRange } from "../../../src/cosem/classes/profile-selection.js";
import {
	encodeDoubleLongUnsigned,
	encodeNull,
	encodeOctetString,
	encodeUnsigned,
} from "../../../src/cosem/codec/axdr.js";
import { Reader } from "../../../src/cosem/codec/reader.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import type { Call } from "../../../src/cosem/model.js";
import { dataAccessResult } from "../../../src/cosem/result.js";
import type { CaptureColumn } from "../../../src/profile/capture-column.js";
import { ProfileRow } from "../../../src/profile/profile-row.js";
import type { RowBuffer } from "../../../src/profile/row-buffer.js";
import { encodeData } from "../../support/client/axdr.js";
import { data, encodeLogicalName } from "../../support/client/data.js";
import { clockColumn, encodeCaptureObject } from "../../support/client/profile.js";

const second = { classId: 4, logicalName: "1-0:1.6.0.255", attribute: 2, dataIndex: 0 };
const packed = (name: string): number => encodeLogicalName(name).reduce((sum, octet) => sum * 256 + octet, 0);
const columnOf = ({ classId, logicalName, attribute }: typeof second): CaptureColumn => ({
	classId,
	logicalName: packed(logicalName),
	attributeIndex: attribute,
	dataIndex: 0,
});

/** Rows 100 … of a clock that does not matter, and one value each: a number, a text, or nothing. */
function bufferOf(values: readonly (number | string | null)[]): RowBuffer {
	const columns = [columnOf(clockColumn), columnOf(second)];
	return {
		columns,
		columnCount: columns.length,
		column: (index) => columns[index]!,
		capturePeriod_s: 0,
		profileEntries: 1000,
		entriesInUse: values.length,
		firstNumber: 100,
		nextNumber: 100 + values.length,
		reset: () => undefined,
		readRow(number, into) {
			const value = values[number - 100];
			if (value === undefined) return false;
			const w = new Writer(40);
			encodeUnsigned(w, 0);
			if (value === null) encodeNull(w);
			else if (typeof value === "number") encodeDoubleLongUnsigned(w, value);
			else encodeOctetString(w, Buffer.from(value));
			into.bytes.set(w.bytes.subarray(0, w.position), into.columnsAt);
			into.setLength(w.position, false, 0);
			return true;
		},
	};
}

function select(
	values: readonly (number | string | null)[],
	from: ReturnType<typeof data.unsigned>,
	to: ReturnType<typeof data.unsigned>,
	size: "board" | "desktop" = "desktop",
	column = second,
): ProfileRows | number {
	const call = { application: { size, profileRow: new ProfileRow() } } as unknown as Call;
	const descriptor = encodeData(data.structure(encodeCaptureObject(column), from, to, data.array()));
	return selectByRange(bufferOf(values), call, new Reader(descriptor));
}

describe("range of a profile by another column than the clock", () => {
	const values = [5, 7, null, "abc", 6, 9, "abd", 7];

	it("F104 finds numbers by value in the order of storage, and texts from the left", () => {
		const lengths = (from: Parameters<typeof select>[1], to: Parameters<typeof select>[1]): number => {
			const found = select(values, from, to);
			assert.ok(found instanceof ProfileRows);
			return found.count;
		};
		assert.equal(lengths(data.unsigned(6), data.longUnsigned(7)), 3);
		assert.equal(lengths(data.integer(-5), data.unsigned(4)), 0);
		assert.equal(lengths(data.octetString("abc"), data.octetString("abcz")), 1);
		assert.equal(lengths(data.octetString("ab"), data.octetString("abd")), 2);
		assert.equal(lengths(data.octetString(""), data.octetString("ab")), 0);
	});

	it("F104 gives the rows that were found", () => {
		const found = select(values, data.unsigned(7), data.unsigned(9));
		assert.ok(found instanceof ProfileRows);
		const w = new Writer(100);
		for (let n = 0; n < found.count; n++) found.encodeElement(w, n);
		assert.equal(
			Buffer.from(w.bytes.subarray(0, w.position)).toString("hex"),
			["00000007", "00000009", "00000007"].map((value) => `0202110006${value}`).join(""),
		);
	});

	it("F104 a board has no time for it, and says first what is not captured", () => {
		assert.equal(select(values, data.unsigned(6), data.unsigned(7), "board"), dataAccessResult.otherReason);
		const foreign = { ...second, attribute: 5 };
		for (const size of ["board", "desktop"] as const)
			assert.equal(
				select(values, data.unsigned(6), data.unsigned(7), size, foreign),
				dataAccessResult.scopeOfAccessViolated,
			);
	});
});

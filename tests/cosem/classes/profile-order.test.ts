// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { newestRows, type OrderedRows, rowsInOrder, rowsInTime } from "../../../src/cosem/classes/profile-order.js";
import { ProfileRow } from "../../../src/profile/profile-row.js";
import { rowNumberAt } from "../../../src/profile/row-numbers.js";
import { sortMethod } from "../../../src/profile/sort-method.js";
import { columns, ProfileBench } from "../../profile/bench.js";

const values = [30, -10, 50, 20, -40, 60, 10];

/** Rows 1 to 7, a minute apart from 09:01, of which the last six are kept, or all but the value that comes last. */
function benchOf(method: number): ProfileBench {
	const bench = new ProfileBench("2024-01-10T09:00Z", {
		capturePeriod_s: 0,
		entries: 6,
		columns: [columns.stamp, columns.energy, columns.signed],
		order: { sortMethod: method, sortObject: method > 2 ? columns.signed : columns.stamp },
	});
	for (const [n, value] of values.entries()) {
		bench.run(60);
		bench.value = value;
		bench.energy = n + 1;
		assert.ok(bench.profile.capture());
	}
	return bench;
}

function rowsOf(bench: ProfileBench, rows: OrderedRows): number[] {
	const row = new ProfileRow();
	return Array.from({ length: rows.count }, (_, n) => {
		assert.ok(bench.profile.readRow(rowNumberAt(rows, n), row));
		return new DataView(row.bytes.buffer, row.columnsAt).getUint32(6);
	});
}

const orders: readonly (readonly [string, number, readonly number[]])[] = [
	["first in, first out", sortMethod.firstInFirstOut, [2, 3, 4, 5, 6, 7]],
	["last in, first out", sortMethod.lastInFirstOut, [7, 6, 5, 4, 3, 2]],
	["largest", sortMethod.largest, [6, 3, 1, 4, 7, 2]],
	["smallest", sortMethod.smallest, [5, 2, 7, 4, 1, 3]],
	["nearest to zero", sortMethod.nearestToZero, [2, 7, 4, 1, 5, 3]],
	["farthest from zero", sortMethod.farthestFromZero, [6, 3, 5, 1, 4, 2]],
];

describe("order of the rows of a profile", () => {
	for (const [title, method, expected] of orders) {
		it(`10.3 ${title}: all rows, some of them by place, by time, and those captured last`, () => {
			const bench = benchOf(method);
			const { profile } = bench;
			const captured = [...expected].sort((a, b) => a - b);
			const those = (wanted: readonly number[]) => expected.filter((id) => wanted.includes(id));
			assert.deepEqual(rowsOf(bench, rowsInOrder(profile)), expected);
			for (let first = 0; first <= 6; first++) {
				for (let count = 0; count <= 6 - first; count++)
					assert.deepEqual(rowsOf(bench, rowsInOrder(profile, first, count)), expected.slice(first, first + count));
			}
			const start_s = bench.clock.utc_s() - values.length * 60;
			for (let from = 0; from <= 8; from++) {
				for (let to = 0; to <= 8; to++) {
					const wanted = captured.filter((id) => id >= from && id <= to);
					const inTime = rowsInTime(profile, new ProfileRow(), start_s + from * 60, start_s + to * 60, "utc");
					assert.deepEqual(rowsOf(bench, inTime), those(wanted), `${from} to ${to}`);
				}
			}
			for (let from = 1; from <= 7; from++) {
				for (let to = 0; to <= 8; to++) {
					const newest = [...captured].reverse().slice(from - 1, to === 0 ? 6 : to);
					assert.deepEqual(
						rowsOf(bench, newestRows(profile, from, to)),
						those(newest),
						`${from} to ${to} of the newest`,
					);
				}
			}
		});
	}

	it("10.4 without deviation the wall clock is compared, in the repeated hour both passes", () => {
		const bench = new ProfileBench("2024-10-26T23:30Z", {
			capturePeriod_s: 0,
			columns: [columns.stamp, columns.energy, columns.signed],
			order: { sortMethod: sortMethod.smallest, sortObject: columns.signed },
		});
		// 01:40, 02:10, 02:40, 02:10, 02:40, 03:10 local time
		for (let id = 1; id <= 6; id++) {
			bench.run(id === 1 ? 600 : 1800);
			bench.value = -id;
			bench.energy = id;
			assert.ok(bench.profile.capture());
		}
		const local_s = bench.clock.local_s(bench.clock.utc_s()) - 3600;
		const inTime = (base: "utc" | "local", from_s: number, to_s: number) =>
			rowsOf(bench, rowsInTime(bench.profile, new ProfileRow(), from_s, to_s, base));
		assert.deepEqual(inTime("local", local_s, local_s + 1800), [5, 4, 3, 2]);
		const utc_s = bench.clock.utc_s();
		assert.deepEqual(inTime("utc", utc_s - 3600, utc_s - 1800), [5, 4]);
	});
});

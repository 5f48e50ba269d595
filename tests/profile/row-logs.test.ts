// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { rowLog, rowLogTable } from "../../src/profile/row-log-table.js";
import { RowLogs } from "../../src/profile/row-logs.js";
import { boardLayout, rowLogAreas } from "../../src/storage/layout.js";
import { LogBuffers } from "../../src/storage/log-buffers.js";

function rowLogs(flash = new MemoryFlash(boardLayout.sectorCount)): RowLogs {
	return new RowLogs({
		flash,
		partitions: boardLayout.rowLogs,
		buffers: new LogBuffers(),
		clock: { utc_s: () => 1000, deviation_min: () => -60, status: () => 0 },
		monotonic: { monotonic_ms: () => 0 },
		row: new ProfileRow(),
	});
}

describe("logs of encoded rows", () => {
	it("have a place on the part that is exactly as long as their longest row", () => {
		assert.equal(rowLogTable.length, rowLogAreas.length);
		for (const [n, { longestRow }] of rowLogTable.entries()) assert.equal(rowLogAreas[n]!.rowSize, longestRow);
		for (const { longestRow } of rowLogTable) assert.ok(longestRow <= ProfileRow.maximumSize);
	});

	it("G5: a row is there for another meter on the same part, when nothing else was done after it", () => {
		const flash = new MemoryFlash(boardLayout.sectorCount);
		const logs = rowLogs(flash);
		logs.begin(rowLog.longOutages, 5000);
		logs.doubleLongUnsigned(0xfedc_ba98);
		logs.end();
		const row = new ProfileRow();
		const other = rowLogs(flash);
		assert.equal(other.ring(rowLog.longOutages).entriesInUse, 1);
		assert.ok(other.readRow(rowLog.longOutages, 0, row));
		assert.deepEqual([row.utc_s, row.local_s, row.length], [5000, 8600, 19]);
		const columns = Buffer.from(row.bytes.subarray(row.columnsAt, row.columnsAt + row.length)).toString("hex");
		assert.equal(columns, "090c07d001010602171400ffc40006fedcba98");
	});

	it("marks rows whose time went back, so that a search by time does not go astray", () => {
		const logs = rowLogs();
		const runs: number[] = [];
		const row = new ProfileRow();
		for (const [n, utc_s] of [100, 200, 150, 160, 90].entries()) {
			logs.begin(rowLog.longOutages, utc_s);
			logs.doubleLongUnsigned(n);
			logs.end();
			logs.run(); // given back and opened anew
			assert.ok(logs.readRow(rowLog.longOutages, n, row));
			runs.push(row.run);
		}
		assert.deepEqual(runs, [0, 0, 1, 1, 2]);
	});
});

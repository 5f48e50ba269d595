// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import {
	boardLayout,
	dailyWrites,
	desktopLayout,
	endurance,
	type FlashLayout,
	longestProfileRow,
	type Partition,
	sectorSize,
} from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { RingLog } from "../../src/storage/ring-log.js";

function partitionsOf(layout: FlashLayout): Partition[] {
	const all = [layout.journal, layout.parameters, ...layout.profiles, ...layout.eventLogs, ...layout.rowLogs];
	return all.sort((a, b) => a.firstSector - b.firstSector);
}

function writesOf(area: string) {
	return dailyWrites.filter((row) => row.area === area);
}

/** Erasures of the busiest sector of a partition. */
function highestCount(flash: MemoryFlash, partition: Partition): number {
	const from = partition.firstSector;
	return Math.max(...flash.eraseCounts.subarray(from, from + partition.sectorCount));
}

const yearsAllowed = endurance.eraseCycles / endurance.years;

describe("flash layout", () => {
	it("gives each sector to one partition at most, on the part", () => {
		for (const layout of [boardLayout, desktopLayout]) {
			let next = 0;
			for (const { firstSector, sectorCount } of partitionsOf(layout)) {
				assert.equal(firstSector, next);
				next += sectorCount;
			}
			assert.ok(next <= layout.sectorCount, `${layout.name} needs ${next}`);
		}
		assert.equal(boardLayout.sectorCount * sectorSize, 8 * 2 ** 20);
		assert.equal(desktopLayout.sectorCount * sectorSize, 64 * 2 ** 20);
	});

	it("F103 holds 90 days of quarter hours with 8 channels on the board, 13 months of the longest rows on a desktop", () => {
		const fits = (layout: FlashLayout, profile: number, rowSize: number) =>
			RingLog.rowsThatFit(sectorSize, layout.loadProfiles[profile]!.sectorCount, rowSize);
		// header, clock, status, 8 columns of 64 bits with their tags
		const eightChannels = 12 + 14 + 2 + 8 * 9;
		assert.ok(fits(boardLayout, 0, eightChannels) >= 90 * 96);
		assert.ok(fits(boardLayout, 0, longestProfileRow) >= 2000);
		assert.ok(fits(desktopLayout, 0, longestProfileRow) >= 13 * 30.4 * 96);
		assert.ok(fits(desktopLayout, 0, longestProfileRow) >= 38_016);
		for (const layout of [boardLayout, desktopLayout]) {
			assert.ok(fits(layout, 1, longestProfileRow) >= 400);
			assert.ok(fits(layout, 2, 128) >= 2160);
			assert.ok(fits(layout, 3, 128) >= 4320);
		}
	});

	it("stands 20 years of the daily writes in the journal", () => {
		// a week, written in the mixture in which it happens; erasures are in proportion to time
		const days = 7;
		const { journal } = boardLayout;
		const flash = new MemoryFlash(journal.sectorCount);
		const log = new RecordLog(flash, 0, journal.sectorCount);
		const rows = writesOf("journal");
		assert.equal(rows.length, 10);
		const due = rows.map(() => 0);
		const buffers = rows.map((row) => new Uint8Array(row.octets));
		const slots = Math.max(...rows.map((row) => row.perDay));
		for (let n = 0; n < days * slots; n++) {
			for (let r = 0; r < rows.length; r++) {
				due[r]! += rows[r]!.perDay / slots;
				if (due[r]! < 1 - 1e-9) continue;
				due[r]! -= 1;
				new DataView(buffers[r]!.buffer).setUint32(0, n);
				log.write(1 + r, buffers[r]!);
			}
		}
		const perYear = (highestCount(flash, { ...journal, firstSector: 0 }) / days) * endurance.daysPerYear;
		assert.ok(perYear < yearsAllowed, `${perYear.toFixed(0)} of ${yearsAllowed} erasures a year`);
		assert.ok(perYear > yearsAllowed / 3, `${perYear.toFixed(0)}: the sum is about what the table says`);
	});

	it("stands 20 years of the daily writes in the parameters (SEC-wear)", () => {
		const { parameters } = boardLayout;
		const flash = new MemoryFlash(parameters.sectorCount);
		const log = new RecordLog(flash, 0, parameters.sectorCount);
		for (let key = 100; key < 140; key++) log.write(key, new Uint8Array(500)); // those that rest
		const [row] = writesOf("parameters");
		const value = new Uint8Array(row!.octets);
		for (let n = 0; n < 365 * row!.perDay; n++) {
			new DataView(value.buffer).setUint32(0, n);
			log.write(64 + (n % 8), value);
		}
		const count = highestCount(flash, { ...parameters, firstSector: 0 });
		assert.ok(count < yearsAllowed / 10, `${count} of ${yearsAllowed} erasures a year`);
		assert.equal(log.maximumEraseCount(), count);
	});

	it("stands 20 years of the daily writes in load profile 1", () => {
		const area = boardLayout.loadProfiles[0];
		const flash = new MemoryFlash(area.sectorCount);
		const [row] = writesOf("loadProfile1");
		const log = new RingLog(flash, 0, area.sectorCount, { rowSize: row!.octets, capacity: 8640, generation: 1 });
		const bytes = new Uint8Array(row!.octets);
		for (let n = 0; n < 365 * row!.perDay; n++) log.append(bytes);
		const count = highestCount(flash, { ...area, firstSector: 0 });
		assert.ok(count >= 50 && count < yearsAllowed / 50, `${count} of ${yearsAllowed} erasures a year`);
	});

	it("stands 20 years of a flood of dips in the log of dips", () => {
		const area = boardLayout.rowLogs[0]!;
		const flash = new MemoryFlash(area.sectorCount);
		const [row] = writesOf("rowLogs");
		const log = new RingLog(flash, 0, area.sectorCount, { rowSize: row!.octets, capacity: 256, generation: 1 });
		assert.equal(log.capacity, 256);
		const bytes = new Uint8Array(row!.octets);
		for (let n = 0; n < 30 * row!.perDay; n++) log.append(bytes);
		const perYear = (highestCount(flash, { ...area, firstSector: 0 }) / 30) * endurance.daysPerYear;
		assert.ok(perYear < yearsAllowed / 2, `${perYear.toFixed(0)} of ${yearsAllowed} erasures a year`);
	});

	it("has its daily writes in the documentation", () => {
		const page = readFileSync(new URL("../../docs/endurance.md", import.meta.url), "utf8");
		for (const row of dailyWrites) {
			const line = `| ${row.area} | ${row.what} | ${row.perDay} | ${row.octets} |`;
			assert.ok(page.includes(line), line);
		}
	});
});

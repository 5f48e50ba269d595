// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { recordKey } from "../../src/storage/keys.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { columns, ProfileBench, text } from "./bench.js";

const content = [columns.stamp, columns.status, columns.energy];

function settings(capturePeriod_s: number, entries = 100) {
	return { capturePeriod_s, entries, columns: content };
}

describe("set of profiles", () => {
	it("F99 F100 runs four profiles of independent periods, each complete, over a power failure too", () => {
		const others = [settings(300), settings(3600), settings(86_400)];
		const bench = new ProfileBench("2024-01-10T21:50Z", {}, 24, 1024, others);
		bench.run(1800);
		bench.powerOff(10);
		bench.run(5400);
		const stamps = (index: number) => bench.entries(index).map((e) => text(e.utc_s).slice(11));
		assert.deepEqual(stamps(0), ["22:00", "22:15", "22:30", "22:45", "23:00", "23:15", "23:30", "23:45"]);
		assert.equal(stamps(1).length, 24);
		assert.deepEqual(bench.summary(2), ["22:00 4", "23:00 80"]);
		assert.deepEqual(bench.summary(3), ["23:00 84"]);
		assert.equal(bench.part.statistics.violations, 0);
	});

	it("F99 F100 a change of one profile leaves the others as they are", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z", {}, 24, 1024, [settings(300), settings(0)]);
		bench.run(3600);
		assert.ok(bench.profiles.captureEvent(2, bench.clock.utc_s(), 0x80));
		const before = [1, 2].map((index) => bench.entries(index));
		assert.ok(bench.profile.setCapturePeriod(600));
		assert.ok(!bench.buffer(2).setCapturePeriod(300), "its rows come with events");
		assert.deepEqual(
			[1, 2].map((index) => bench.entries(index)),
			before,
		);
		assert.equal(bench.profile.entriesInUse, 0);
		assert.equal(bench.buffer(1).capturePeriod_s, 300);
		bench.powerOff(5);
		assert.deepEqual(bench.summary(2), ["10:00 80"]);
	});

	it("reads configuration and status as the releases with one profile stored them, with its entries", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z", { entries: 50 });
		bench.run(3600 + 60);
		const { generation, rowSize } = bench.profiles.configuration(0);
		const before = bench.entries();
		const old = new DataView(new ArrayBuffer(16 + 3 * 11));
		old.setUint8(0, 1);
		old.setUint32(1, generation);
		old.setUint32(5, 900);
		old.setUint32(9, 50);
		old.setUint16(13, rowSize);
		old.setUint8(15, 3);
		for (const [n, { classId, logicalName, attributeIndex }] of content.entries()) {
			old.setUint16(16 + 11 * n, classId);
			old.setUint16(18 + 11 * n, Math.floor(logicalName / 2 ** 32));
			old.setUint32(20 + 11 * n, logicalName % 2 ** 32);
			old.setInt8(24 + 11 * n, attributeIndex);
		}
		new RecordLog(bench.flash, 4, 4).write(recordKey.loadProfile1, new Uint8Array(old.buffer));
		const state = Uint8Array.of(1, 0x20, 0, 0, 0, 4); // clock adjusted, for entry 4
		const journal = new RecordLog(bench.flash, 0, 4);
		journal.write(recordKey.profileState, state);
		journal.write(recordKey.profileStates, Uint8Array.of(0)); // none of this release
		bench.powerOff(5);
		assert.deepEqual(bench.entries(), before);
		assert.deepEqual(bench.profile.columns, content);
		bench.run(900);
		assert.equal(bench.summary().at(-1), "10:15 a0");
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import { DeviceError } from "../../src/core/device-error.js";
import { taskPriority } from "../../src/core/scheduler.js";
import { capturePeriods_s } from "../../src/profile/profile-definition.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { since2000_s as utc } from "../support/since-2000.js";
import { columns, ProfileBench, text } from "./bench.js";

const hour = 3600;
const day = 86_400;

describe("profile: schedule", () => {
	for (const period_s of capturePeriods_s) {
		it(`F100 captures every ${period_s} s from local midnight, completely`, () => {
			const bench = new ProfileBench("2024-01-10T09:07:31Z", { capturePeriod_s: period_s });
			bench.run(2 * day);
			const begin_s = utc("2024-01-10T09:07:31Z");
			const expected: number[] = [];
			for (let t = begin_s + 1; t <= begin_s + 2 * day; t++) if ((t + hour) % period_s === 0) expected.push(t);
			assert.deepEqual(
				bench.entries().map((e) => e.utc_s),
				expected.slice(-500),
			);
			for (const [n, e] of bench.entries().entries()) {
				assert.equal(e.stamp_s, e.utc_s);
				assert.equal(e.energy, e.utc_s - begin_s);
				assert.equal(
					e.status,
					n === 0 && expected.length <= 500 ? 0x04 : 0,
					"the first interval was begun in its middle",
				);
				assert.equal(e.statusColumn, e.status);
				assert.equal(e.deviation_min, -60);
			}
		});
	}

	it("F100 refuses other periods, zero entries, unknown and too many columns, unchanged", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z");
		bench.run(day);
		const before = bench.entries();
		const { profile } = bench;
		for (const period of [0, 1, 60, 899, 901, 7200, -900, Number.NaN]) assert.ok(!profile.setCapturePeriod(period));
		for (const entries of [0, -1, 1.5, 2 ** 32]) assert.ok(!profile.setProfileEntries(entries));
		assert.ok(!profile.setColumns([]));
		assert.ok(!profile.setColumns([columns.stamp, columns.unknown]));
		assert.ok(!profile.setColumns(Array.from({ length: 35 }, () => columns.energy)));
		assert.ok(!profile.setColumns([columns.stamp, columns.wide(508)]), "513 octets");
		assert.deepEqual(bench.entries(), before);
		assert.equal(bench.cleared, 0);
	});

	it("F42 gives 92 and 100 quarter hours on the days of the clock change, in regular UTC spacing", () => {
		for (const [date, count] of [
			["2024-03-30T23:00Z", 92],
			["2024-10-26T22:00Z", 100],
		] as const) {
			const bench = new ProfileBench(date);
			bench.run((count * day) / 96);
			const entries = bench.entries();
			assert.equal(entries.length, count);
			for (let n = 1; n < count; n++) assert.equal(entries[n]!.utc_s - entries[n - 1]!.utc_s, 900);
			for (const e of entries) {
				const isSummer = e.utc_s >= utc("2024-03-31T01:00Z") && e.utc_s < utc("2024-10-27T01:00Z");
				assert.equal(e.status & 0x08, isSummer ? 0x08 : 0);
				assert.equal(e.deviation_min, isSummer ? -120 : -60);
				assert.equal(e.clockStatus, isSummer ? 0x80 : 0);
			}
			assert.equal((entries.at(-1)!.utc_s - entries.at(-1)!.deviation_min * 60) % day, 0, "ends at local midnight");
		}
	});

	it("captures days from local midnight to local midnight over a clock change", () => {
		const bench = new ProfileBench("2024-03-29T12:00Z", { capturePeriod_s: day });
		bench.run(4 * day);
		assert.deepEqual(
			bench.entries().map((e) => text(e.utc_s)),
			["2024-03-29T23:00", "2024-03-30T23:00", "2024-03-31T22:00", "2024-04-01T22:00"],
		);
	});

	it("follows a change of time zone", () => {
		const bench = new ProfileBench("2024-01-10T09:05Z", { capturePeriod_s: hour });
		bench.run(hour);
		bench.clock.zone = { ...bench.clock.zone, standard_min: -90 };
		bench.profiles.localTimeChanged();
		bench.run(2 * hour);
		assert.deepEqual(bench.summary(), ["10:00 4", "10:30 4", "11:30 0"]);
		bench.clock.zone = { ...bench.clock.zone, standard_min: -60 };
		bench.run(2 * hour);
		assert.deepEqual(bench.summary().slice(3), ["13:00 4", "14:00 0"], "without being told: from the next boundary on");
	});

	it("captures once and late after a stall, with the stamp of the boundary", () => {
		const bench = new ProfileBench("2024-01-10T09:01Z");
		bench.run(1000);
		bench.stall(600);
		assert.deepEqual(bench.summary(), ["09:15 4"]);
		bench.stall(400);
		assert.deepEqual(bench.summary(), ["09:15 4", "09:30 0"]);
		bench.stall(3 * hour);
		bench.run(900);
		assert.deepEqual(bench.summary().slice(2), ["12:30 4", "12:45 0"], "boundaries missed: the last, not valid");
		assert.equal(bench.profiles.priority, taskPriority.profile);
	});

	it("F103 keeps exactly the stated number of entries, in order", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z", { capturePeriod_s: 300, entries: 200 });
		const { profile } = bench;
		assert.equal(profile.profileEntries, 200);
		for (let n = 1; n < 1500; n++) {
			bench.run(300);
			assert.equal(profile.entriesInUse, Math.min(n, 200));
		}
		const entries = bench.entries();
		assert.equal(entries.length, 200);
		for (const [n, e] of entries.entries()) assert.equal(e.utc_s, utc("2024-01-10T09:00Z") + (1300 + n) * 300);
		assert.equal(bench.part.statistics.violations, 0);
	});

	it("states what fits when more entries are asked for", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z", { entries: 1_000_000 });
		// 22 sectors of (1024 - 32) octets, slots of 15 + 12 + 5
		assert.equal(bench.profile.profileEntries, 22 * 31);
		assert.ok(bench.profile.setColumns([columns.stamp, columns.wide(500)]));
		assert.equal(bench.profile.profileEntries, 22);
	});
});

describe("profile: disturbances (F102, F106)", () => {
	it("F106 gives one entry with power-down after an outage, and no others", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z");
		bench.run(hour + 120);
		bench.powerOff(3 * hour);
		bench.run(hour);
		assert.deepEqual(bench.summary(), [
			"09:15 4",
			"09:30 0",
			"09:45 0",
			"10:00 0",
			"13:15 80",
			"13:30 0",
			"13:45 0",
			"14:00 0",
		]);
		const entries = bench.entries();
		assert.equal(entries[4]!.energy - entries[3]!.energy, 900, "energy over the gap is that of the register");
	});

	describe("10.2: of a profile that marks power-down", () => {
		const marking = () => new ProfileBench("2024-01-10T09:00Z", { order: { markPowerDown: true } });

		it("an outage over boundaries gives an entry of its begin with the values of then, and the next one carries the mark too", () => {
			const bench = marking();
			bench.run(hour + 120);
			bench.powerOff(3 * hour);
			bench.run(hour);
			assert.deepEqual(bench.summary(), [
				"09:15 4",
				"09:30 0",
				"09:45 0",
				"10:00 0",
				"10:02 80",
				"13:15 80",
				"13:30 0",
				"13:45 0",
				"14:00 0",
			]);
			const entries = bench.entries();
			assert.equal(entries[4]!.energy - entries[3]!.energy, 120);
			assert.equal(entries[4]!.stamp_s, utc("2024-01-10T10:02Z"));
			assert.equal(entries[4]!.statusColumn, 0x80);
			assert.equal(entries[5]!.energy - entries[4]!.energy, 780);
		});

		it("one within an interval, up to its very end, gives none", () => {
			const bench = marking();
			bench.run(1000);
			bench.powerOff(700);
			bench.run(0);
			bench.powerOff(100);
			bench.run(900);
			assert.deepEqual(bench.summary(), ["09:15 4", "09:30 80", "09:45 0"]);
		});

		it("one that begins on a boundary gives none beside the entry of that", () => {
			const bench = marking();
			bench.run(1800);
			bench.powerOff(hour + 60);
			bench.run(900);
			assert.deepEqual(bench.summary(), ["09:15 4", "09:30 0", "10:45 80"]);
		});

		it("it carries what its interval had latched, and the next one does not", () => {
			const bench = marking();
			bench.run(1000);
			bench.setClock(bench.clock.utc_s() + 100, true);
			bench.run(60);
			bench.powerOff(hour);
			bench.run(900);
			assert.deepEqual(bench.summary(), ["09:15 4", "09:19 a4", "10:30 80"]);
		});

		it("G5: it is there once, and so is the next entry, whatever write power fails in at the return", () => {
			let isDone = false;
			for (let cut = 1; !isDone; cut++) {
				const bench = marking();
				bench.run(hour + 120);
				const failed_s = bench.clock.utc_s();
				bench.flash.cutAfter(cut);
				isDone = true;
				try {
					bench.clock.offset_ms += hour * 1000;
					bench.start().supplyReturned(failed_s);
				} catch (error) {
					if (!(error instanceof PowerCut)) throw error;
					isDone = false;
					bench.flash.restore();
					// when it was last alive was not noted since
					bench.start().supplyReturned(failed_s);
				}
				bench.flash.restore();
				bench.run(900);
				assert.deepEqual(bench.summary().slice(-3), ["10:00 0", "10:02 80", "11:15 80"], `cut at ${cut}`);
			}
		});

		it("F103: a part that refuses it costs that entry, with an error, not the next", () => {
			const bench = marking();
			bench.run(hour + 120);
			const failed_s = bench.clock.utc_s();
			bench.clock.offset_ms += hour * 1000;
			const profiles = bench.start();
			bench.flash.refuses = "program";
			profiles.supplyReturned(failed_s);
			assert.equal(bench.failures, 1);
			bench.flash.refuses = "nothing";
			bench.run(900);
			assert.deepEqual(bench.summary().slice(-2), ["10:00 0", "11:15 85"]);
		});
	});

	it("marks each interval with a short outage, and that one only", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z");
		bench.run(1000);
		for (let n = 0; n < 3; n++) {
			bench.powerOff(20);
			bench.run(30);
		}
		bench.run(hour);
		assert.deepEqual(bench.summary(), ["09:15 4", "09:30 80", "09:45 0", "10:00 0", "10:15 0"]);
	});

	it("F106 survives an outage longer than the whole profile with one entry", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z", { capturePeriod_s: 300, entries: 20 });
		bench.run(2 * hour);
		bench.powerOff(3 * 366 * day + 1);
		bench.run(600);
		assert.equal(bench.entries().filter((e) => e.status === 0x80).length, 1);
		assert.equal(bench.profile.nextNumber, 26);
	});

	it("captures at a return of power on the boundary itself, but not twice", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z");
		bench.run(29 * 60);
		bench.powerOff(60);
		bench.run(0);
		assert.deepEqual(bench.summary(), ["09:15 4", "09:30 80"]);
		bench.powerOff(0);
		bench.run(900);
		assert.deepEqual(bench.summary(), ["09:15 4", "09:30 80", "09:45 80"]);
	});

	it("latches clock-invalid over the interval in which it was set, then no more", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z");
		bench.run(hour);
		bench.clock.isValid = false;
		bench.powerOff(10);
		bench.run(hour);
		assert.deepEqual(bench.summary().slice(4), ["10:15 82", "10:30 2", "10:45 2", "11:00 2"]);
		bench.setClock(utc("2024-02-01T10:05Z"), true);
		bench.run(hour);
		assert.deepEqual(bench.summary().slice(8), ["10:00 26", "10:15 24", "10:30 0", "10:45 0", "11:00 0"]);
	});

	it("carries critical-error while one is active", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z");
		bench.run(1000);
		bench.hasError = true;
		assert.equal(bench.profile.status, 0x01);
		bench.run(900);
		bench.hasError = false;
		bench.run(900);
		assert.deepEqual(bench.summary(), ["09:15 4", "09:30 1", "09:45 0"]);
		assert.equal(bench.profile.status, 0);
	});

	it("never sets a reserved bit", () => {
		const bench = new ProfileBench("2024-03-31T00:00Z");
		bench.hasError = true;
		bench.run(hour);
		bench.clock.isValid = false;
		bench.powerOff(10);
		bench.setClock(bench.clock.utc_s() + 300, true);
		bench.run(hour);
		const all = bench.entries().reduce((sum, e) => sum | e.status, 0);
		assert.equal(all, 0x01 | 0x02 | 0x04 | 0x08 | 0x20 | 0x80);
	});
});

describe("profile: clock moved (F44)", () => {
	it("closes the interval once when set forward over boundaries", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(22 * 60);
		bench.setClock(utc("2024-01-10T14:03Z"), true);
		bench.run(hour);
		assert.deepEqual(bench.summary(), ["12:15 4", "14:00 24", "14:15 24", "14:30 0", "14:45 0", "15:00 0"]);
		assert.deepEqual(
			bench.entries().map((e) => e.stamp_s),
			bench.entries().map((e) => e.utc_s),
		);
	});

	it("begins a whole interval when set forward onto a boundary", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(22 * 60);
		bench.setClock(utc("2024-01-10T13:00Z"), true);
		bench.run(hour / 2);
		assert.deepEqual(bench.summary(), ["12:15 4", "13:00 24", "13:15 0", "13:30 0"]);
	});

	it("marks the interval when set within it", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(20 * 60);
		bench.setClock(utc("2024-01-10T12:25Z"), true);
		bench.run(20 * 60);
		assert.deepEqual(bench.summary(), ["12:15 4", "12:30 24", "12:45 0"]);
	});

	it("repeats stamps when set back", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(35 * 60);
		bench.setClock(utc("2024-01-10T12:05Z"), true);
		bench.run(hour / 2);
		assert.deepEqual(bench.summary(), ["12:15 4", "12:30 0", "12:15 24", "12:30 0"]);
	});

	it("leaves intervals complete, regular and unmarked when synchronised, over a boundary too", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(15 * 60 - 4);
		bench.setClock(bench.clock.utc_s() + 9, false); // 12:15:05
		assert.deepEqual(bench.summary(), ["12:15 4"]);
		bench.run(15 * 60 - 3); // 12:30:02
		bench.setClock(bench.clock.utc_s() - 8, false); // 12:29:54
		bench.run(15 * 60);
		bench.setClock(bench.clock.utc_s() - 20, false);
		bench.run(15 * 60);
		bench.setClock(bench.clock.utc_s() + 20, false);
		bench.run(31 * 60);
		assert.deepEqual(bench.summary(), ["12:15 4", "12:30 0", "12:45 0", "13:00 0", "13:15 0", "13:30 0"]);
	});

	it("does not repeat an entry when power fails after a synchronisation back", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(15 * 60 + 2);
		bench.setClock(bench.clock.utc_s() - 9, false);
		bench.powerOff(1);
		bench.run(20 * 60);
		assert.deepEqual(bench.summary(), ["12:15 4", "12:30 80"]);
	});

	it("keeps the mark over a power failure", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(20 * 60);
		bench.setClock(utc("2024-01-10T12:25Z"), true);
		bench.powerOff(5);
		bench.run(20 * 60);
		assert.deepEqual(bench.summary(), ["12:15 4", "12:30 a4", "12:45 0"]);
	});
});

describe("profile: methods and settings", () => {
	it("captures on demand with data-not-valid, and the running interval keeps what it had latched", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(20 * 60);
		bench.setClock(utc("2024-01-10T12:22Z"), true);
		assert.ok(bench.profile.capture());
		bench.run(60);
		assert.ok(bench.profile.capture());
		bench.powerOff(5);
		bench.run(hour / 2);
		assert.deepEqual(bench.summary(), ["12:15 4", "12:22 24", "12:23 24", "12:30 a4", "12:45 0"]);
		bench.profile.capture();
		bench.run(15 * 60);
		assert.deepEqual(bench.summary().slice(5), ["12:53 4", "13:00 0"]);
	});

	it("forgets everything on reset, once and for good", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(5 * hour);
		bench.profile.reset();
		assert.equal(bench.profile.entriesInUse, 0);
		assert.equal(bench.cleared, 1);
		bench.run(600);
		bench.powerOff(10);
		assert.equal(bench.profile.entriesInUse, 0);
		bench.run(300);
		assert.deepEqual(bench.summary(), ["17:15 80"]);
	});

	it("F101 clears with each change of period, columns and entries, and keeps the settings", () => {
		const wide = [columns.stamp, columns.status, columns.energy, columns.wide(100)];
		const changes: ((bench: ProfileBench) => boolean)[] = [
			(b) => b.profile.setCapturePeriod(300),
			(b) => b.profile.setColumns(wide),
			(b) => b.profile.setProfileEntries(77),
		];
		const bench = new ProfileBench("2024-01-10T12:00Z");
		for (const [n, change] of changes.entries()) {
			bench.run(hour + 100);
			const number = bench.profile.nextNumber;
			assert.ok(bench.profile.entriesInUse > 0);
			assert.ok(change(bench));
			assert.equal(bench.cleared, n + 1);
			assert.equal(bench.profile.entriesInUse, 0);
			assert.ok(bench.profile.firstNumber >= number, "a transfer in progress finds nothing instead of other rows");
			assert.ok(change(bench), "the same again");
			assert.equal(bench.cleared, n + 1, "is no change");
			bench.powerOff(10);
			assert.equal(bench.profile.entriesInUse, 0);
		}
		assert.equal(bench.profile.capturePeriod_s, 300);
		assert.deepEqual(bench.profile.columns, wide);
		assert.equal(bench.profile.profileEntries, 77);
		bench.run(600);
		assert.equal(bench.summary()[0]!.slice(5), " 84", "begun in its middle, and power had failed");
		const row = new ProfileRow();
		assert.ok(bench.profile.readRow(bench.profile.firstNumber, row));
		assert.equal(row.length, 5 + 2 + 5 + 100);
	});

	it("G3 has old settings with old entries or new settings with none, whatever write power fails in", () => {
		let isFinished = false;
		for (let cut = 1; !isFinished; cut++) {
			for (const change of ["period", "columns", "entries"] as const) {
				const bench = new ProfileBench("2024-01-10T12:00Z");
				bench.run(3 * hour);
				const before = bench.entries();
				const previous = bench.cleared;
				bench.flash.cutAfter(cut);
				try {
					if (change === "period") bench.profile.setCapturePeriod(300);
					else if (change === "columns") bench.profile.setColumns([columns.stamp, columns.wide(40)]);
					else bench.profile.setProfileEntries(5);
				} catch (error) {
					assert.ok(bench.flash.isCut, String(error));
				}
				isFinished = bench.cleared > previous;
				bench.powerOff(10);
				const isNew =
					bench.profile.capturePeriod_s === 300 ||
					bench.profile.columns.length === 2 ||
					bench.profile.profileEntries === 5;
				assert.deepEqual(bench.entries(), isNew ? [] : before, `${change} cut at ${cut}`);
				if (isFinished) assert.ok(isNew);
				bench.run(hour);
				assert.ok(bench.profile.entriesInUse > 0);
			}
		}
	});

	it("leaves everything as it was when the part refuses a change", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		bench.run(3 * hour);
		const before = bench.entries();
		for (const refusal of ["program", "erase", "everything"] as const) {
			bench.flash.refuses = refusal;
			assert.throws(() => bench.profile.reset(), DeviceError);
			// a changed setting is one record and needs no erasing
			if (refusal !== "erase") assert.throws(() => bench.profile.setCapturePeriod(300), DeviceError);
			bench.flash.refuses = "nothing";
			assert.equal(bench.profile.capturePeriod_s, 900);
			assert.deepEqual(bench.entries(), before);
			assert.equal(bench.cleared, 0);
		}
	});

	it("F103 tells of an entry that could not be stored, marks the next, and goes on", () => {
		for (const isRegisters of [false, true]) {
			const bench = new ProfileBench("2024-01-10T12:00Z");
			bench.run(20 * 60);
			if (isRegisters) bench.refusesRegisters = true;
			else bench.flash.refuses = "everything";
			bench.run(15 * 60);
			assert.ok(!bench.profile.capture());
			assert.equal(bench.failures, 2);
			bench.refusesRegisters = false;
			bench.flash.refuses = "nothing";
			bench.run(30 * 60);
			assert.deepEqual(bench.summary(), ["12:15 4", "12:45 5", "13:00 0"]);
		}
	});

	it("stores null-data for a value that has outgrown its column, and the other columns", () => {
		const wide = columns.wide(20);
		const bench = new ProfileBench("2024-01-10T12:00Z", { columns: [columns.stamp, wide, columns.energy] });
		bench.growth = 1;
		bench.run(900);
		bench.growth = 0;
		bench.run(900);
		const row = new ProfileRow();
		assert.ok(bench.profile.readRow(0, row));
		assert.deepEqual([...row.bytes.subarray(row.columnsAt + 5, row.columnsAt + row.length)], [0, 6, 0, 0, 3, 132]);
		assert.ok(bench.profile.readRow(1, row));
		assert.equal(row.length, 30);
	});

	it("G5 never shows in an entry what the registers do not have after a restart, and loses no entry, whatever write is torn", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z", { capturePeriod_s: 300, entries: 60 }, 5);
		let acknowledged: number[] = [];
		let cuts = 0;
		for (let round = 0; round < 300; round++) {
			bench.flash.cutAfter(1 + ((round * 7) % 40));
			try {
				for (let n = 0; n < 12; n++) {
					bench.run(300);
					acknowledged = bench.entries().map((e) => e.utc_s);
				}
			} catch (error) {
				if (!bench.flash.isCut) throw error;
				cuts++;
			}
			bench.powerOff(7);
			const stamps = bench.entries().map((e) => e.utc_s);
			const known = acknowledged.indexOf(stamps[0]!);
			assert.ok(known >= 0 || acknowledged.length === 0 || stamps.length === 0);
			const kept = acknowledged.slice(Math.max(known, 0));
			assert.deepEqual(stamps.slice(0, kept.length), kept, `round ${round}`);
			assert.ok(stamps.length <= kept.length + 1);
			assert.ok((bench.entries().at(-1)?.energy ?? 0) <= bench.durableEnergy);
			bench.energy = bench.durableEnergy;
		}
		assert.ok(cuts > 200, `${cuts} cuts`);
		assert.equal(bench.part.statistics.violations, 0);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import { rowsInOrder } from "../../src/cosem/classes/profile-order.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { rowNumberAt } from "../../src/profile/row-numbers.js";
import { sortMethod } from "../../src/profile/sort-method.js";
import { seededRandom } from "../storage/random.js";
import { since2000_s as utc } from "../support/since-2000.js";
import { columns, definitionOf, ProfileBench } from "./bench.js";

/** One row as the naive model has it. */
interface Row {
	/** 1, 2, 3 … in the order of capture; what the column energy has. */
	readonly id: number;
	readonly value: number | null;
}

const { largest, smallest, nearestToZero, farthestFromZero, lastInFirstOut } = sortMethod;
const methods = [lastInFirstOut, largest, smallest, nearestToZero, farthestFromZero];

/** By the words of the page: a list, sorted at each insertion, of which the last element goes when it is full. */
const comesFirst: Readonly<Record<number, (a: number, b: number) => boolean>> = {
	[largest]: (a, b) => a > b,
	[smallest]: (a, b) => a < b,
	[nearestToZero]: (a, b) => Math.abs(a) < Math.abs(b),
	[farthestFromZero]: (a, b) => Math.abs(a) > Math.abs(b),
};

function inserted(rows: readonly Row[], row: Row, method: number, entries: number): Row[] {
	if (method === lastInFirstOut) return [row, ...rows].slice(0, entries);
	const isBefore = (other: Row) =>
		row.value !== null && (other.value === null || comesFirst[method]!(row.value, other.value));
	const at = rows.findIndex(isBefore);
	const place = at < 0 ? rows.length : at;
	return [...rows.slice(0, place), row, ...rows.slice(place)].slice(0, entries);
}

/** A profile of captures on request with one value, sorted by that. */
function benchOf(method: number, entries: number, sectorCount = 6, capturePeriod_s = 0): ProfileBench {
	const sortObject = method === lastInFirstOut ? columns.stamp : columns.signed;
	const order = { sortMethod: method, sortObject };
	const settings = { capturePeriod_s, entries, columns: [columns.stamp, columns.energy, columns.signed], order };
	return new ProfileBench("2024-01-10T09:00Z", settings, sectorCount);
}

function rowAt(bench: ProfileBench, number: number): Row | undefined {
	const row = new ProfileRow();
	if (!bench.profile.readRow(number, row)) return undefined;
	const v = new DataView(row.bytes.buffer, row.columnsAt);
	assert.ok(v.getUint8(10) === 0 || v.getUint8(10) === 5);
	return { id: v.getUint32(6), value: v.getUint8(10) === 0 ? null : v.getInt32(11) };
}

/** Numbers of the rows in their order. */
function numbersOf(bench: ProfileBench): number[] {
	const rows = rowsInOrder(bench.profile);
	assert.equal(rows.count, bench.profile.entriesInUse);
	return Array.from({ length: rows.count }, (_, n) => rowNumberAt(rows, n));
}

function rowsOf(bench: ProfileBench): (Row | undefined)[] {
	return numbersOf(bench).map((number) => rowAt(bench, number));
}

function capture(bench: ProfileBench, { id, value }: Row): void {
	bench.energy = id;
	bench.value = value;
	assert.ok(bench.profile.capture());
}

/** @returns false when power failed meanwhile; it has returned then */
function survives(bench: ProfileBench, act: () => void): boolean {
	try {
		act();
		return true;
	} catch (error) {
		if (!(error instanceof PowerCut)) throw error;
		bench.powerOff(1);
		return false;
	}
}

const values = fc.oneof(
	fc.integer({ min: -6, max: 6 }),
	fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
	fc.constant(null),
);

describe("profile: sort methods", () => {
	for (const method of methods) {
		it(`10.3 method ${method}: has the rows of a sorted list that drops its last one, over restarts and resets`, () => {
			const action = fc.oneof(
				{ weight: 30, arbitrary: values.map((value) => ({ do: "capture", value }) as const) },
				{ weight: 2, arbitrary: fc.constant({ do: "restart" } as const) },
				{ weight: 1, arbitrary: fc.constant({ do: "reset" } as const) },
			);
			const run = (entries: number, actions: readonly (typeof action extends fc.Arbitrary<infer T> ? T : never)[]) => {
				const bench = benchOf(method, entries, 5);
				let rows: Row[] = [];
				let id = 0;
				for (const step of actions) {
					if (step.do === "capture") {
						const row = { id: ++id, value: step.value };
						capture(bench, row);
						rows = inserted(rows, row, method, entries);
					} else if (step.do === "restart") bench.powerOff(3);
					else {
						bench.profile.reset();
						rows = [];
					}
					bench.run(1);
				}
				assert.deepEqual(rowsOf(bench), rows);
				bench.powerOff(1);
				assert.deepEqual(rowsOf(bench), rows);
				assert.equal(bench.part.statistics.violations, 0);
			};
			const lists = fc.array(action, { minLength: 1, maxLength: 400, size: "max" });
			fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), lists, run), { numRuns: 25 });
		});

		it(`10.3 method ${method}: power may fail at any write: a row is there or it is not, and all others are as they were`, () => {
			const random = seededRandom(100 + method);
			const draw = (below: number) => Math.floor(random() * below);
			let cuts = 0;
			for (let round = 0; round < 12; round++) {
				const entries = 1 + draw(10);
				const bench = benchOf(method, entries, 4 + draw(3));
				let rows: Row[] = [];
				for (let id = 1; id <= 150; id++) {
					const row = { id, value: draw(9) === 0 ? null : draw(41) - 20 };
					const isReset = draw(40) === 0;
					if (draw(4) === 0) bench.flash.cutAfter(1 + draw(isReset ? 4 : 14));
					const isDone = survives(bench, () => (isReset ? bench.profile.reset() : capture(bench, row)));
					const after = isReset ? [] : inserted(rows, row, method, entries);
					const found = rowsOf(bench);
					if (!isDone) {
						cuts++;
						const isBefore = found.length === rows.length && found.every((other, n) => other?.id === rows[n]!.id);
						if (isBefore) continue;
					}
					assert.deepEqual(found, after, `method ${method}, round ${round}, row ${id}, ${isDone}`);
					rows = after;
				}
				assert.equal(bench.part.statistics.violations, 0);
			}
			assert.ok(cuts > 150, `${cuts} cuts`);
		});

		it(`10.3 method ${method}: what somebody has begun to read stays as it was while rows come and go`, () => {
			const bench = benchOf(method, 1000, 7);
			const entries = bench.profile.profileEntries; // all that the sectors have room for
			// all but one stay for good, in one piece of the log; each later row takes the last place, so none costs nothing
			const chosen = (id: number): number => {
				const merit = id < entries ? 1_000_000 - id : id;
				if (method === nearestToZero) return (id % 2 === 0 ? 1 : -1) * (2_000_000 - merit);
				if (method === farthestFromZero) return (id % 2 === 0 ? 1 : -1) * merit;
				return method === smallest ? -merit : merit;
			};
			let rows: Row[] = [];
			const next = (id: number) => {
				const row = { id, value: chosen(id) };
				capture(bench, row);
				rows = inserted(rows, row, method, entries);
			};
			for (let id = 1; id <= 1500; ) {
				const begun = rows;
				const numbers = numbersOf(bench);
				// a ring keeps the rows of the sector that it overwrites next, not all that were pushed out
				const meanwhile = method === lastInFirstOut ? 0 : entries;
				for (let n = 0; n < meanwhile; n++) next(id++);
				assert.deepEqual(
					numbers.map((number) => rowAt(bench, number)),
					begun,
					`row ${id}`,
				);
				assert.deepEqual(rowsOf(bench), rows);
				for (let n = id % 5; n >= 0; n--) next(id++);
			}
		});
	}

	it("10.3 a row that comes behind all of a full profile costs no write of the log", () => {
		const bench = benchOf(largest, 5);
		for (let id = 1; id <= 5; id++) capture(bench, { id, value: 100 + id });
		const next = bench.profiles.log(0).nextNumber;
		for (let id = 6; id <= 500; id++) capture(bench, { id, value: 101 - (id % 50) });
		assert.equal(bench.profiles.log(0).nextNumber, next);
		assert.deepEqual(
			rowsOf(bench).map((row) => row!.id),
			[5, 4, 3, 2, 1],
		);
	});

	it("10.3 the best rows of the first hour are there after ten thousand that were better than the worst only", () => {
		const bench = benchOf(largest, 10, 5);
		for (let id = 1; id <= 9; id++) capture(bench, { id, value: 1_000_000 - id });
		for (let id = 10; id <= 10_000; id++) capture(bench, { id, value: id });
		bench.powerOff(1);
		assert.deepEqual(
			rowsOf(bench).map((row) => row!.id),
			[1, 2, 3, 4, 5, 6, 7, 8, 9, 10_000],
		);
		assert.equal(bench.part.statistics.violations, 0);
	});

	it("10.3 sorted by the clock the latest, or the earliest, times come first, however it was set", () => {
		for (const [method, expected] of [
			[largest, [3, 2, 4, 1]],
			[smallest, [1, 4, 2, 3]],
		] as const) {
			const order = { sortMethod: method, sortObject: columns.stamp };
			const bench = new ProfileBench("2024-01-10T09:00Z", {
				capturePeriod_s: 0,
				entries: 4,
				columns: [columns.stamp, columns.energy, columns.signed],
				order,
			});
			for (const [n, time] of ["10:00", "12:00", "13:00", "11:00"].entries()) {
				bench.setClock(utc(`2024-01-10T${time}Z`), true);
				capture(bench, { id: n + 1, value: 0 });
			}
			assert.deepEqual(
				rowsOf(bench).map((row) => row!.id),
				expected,
			);
		}
	});

	it("10.3 by schedule: an interval that is not among the rows has ended all the same, with its marks", () => {
		const bench = benchOf(largest, 2, 6, 900);
		const step = (id: number, value: number) => {
			bench.energy = id;
			bench.value = value;
			bench.run(900);
		};
		step(0, 50);
		step(1000, 60);
		bench.setClock(bench.clock.utc_s() + 60, true);
		step(2000, 10);
		bench.powerOff(1);
		step(5000, 70);
		const row = new ProfileRow();
		assert.deepEqual(
			numbersOf(bench).map((number) => bench.profile.readRow(number, row) && row.status),
			[0x80, 0],
			"the interval in which the clock was set is neither of them, nor does its mark come again",
		);
	});

	it("10.3 by schedule: what an extra row found latched is spent by the interval, though that is not among the rows", () => {
		const bench = benchOf(largest, 2, 6, 900);
		bench.value = 50;
		bench.run(1000);
		bench.setClock(bench.clock.utc_s() + 60, true);
		bench.value = 60;
		assert.ok(bench.profile.capture());
		bench.value = 10;
		bench.run(900);
		bench.powerOff(1);
		bench.value = 70;
		bench.run(900);
		const row = new ProfileRow();
		const status = numbersOf(bench).map((number) => bench.profile.readRow(number, row) && row.status);
		assert.deepEqual(status, [0x80, 0x24], "that of the interval, and that of the extra row");
	});

	it("10.3 by schedule: no interval is there twice when power fails right behind its row", () => {
		const bench = benchOf(largest, 4, 5, 900);
		for (let n = 0; n < 200; n++) {
			bench.value = n < 3 ? 1000 - n : 2 * n;
			bench.run(n === 0 ? 900 : 899);
			const before = rowsOf(bench);
			bench.value++;
			bench.powerOff(0);
			bench.run(1);
			assert.deepEqual(rowsOf(bench), before);
		}
	});

	it("10.3 the sort object stays captured, and entries within what can be sorted: otherwise nothing changes", () => {
		const bench = benchOf(largest, 8);
		for (let id = 1; id <= 5; id++) capture(bench, { id, value: id });
		const before = rowsOf(bench);
		const highest = 4096;
		assert.ok(!bench.profile.setColumns([columns.stamp, columns.energy]));
		assert.ok(!bench.profile.setProfileEntries(highest + 1));
		assert.ok(!bench.profile.setProfileEntries(100), "more than the sectors have room for");
		assert.ok(!bench.profile.setProfileEntries(0));
		assert.ok(bench.profile.setProfileEntries(8));
		assert.deepEqual(rowsOf(bench), before);
		assert.equal(bench.cleared, 0);
		assert.ok(bench.profile.setProfileEntries(3));
		assert.deepEqual(rowsOf(bench), []);
		for (let id = 1; id <= 5; id++) capture(bench, { id, value: id });
		assert.ok(bench.profile.setColumns([columns.stamp, columns.energy, columns.signed, columns.status]));
		assert.deepEqual(rowsOf(bench), []);
		for (let id = 1; id <= 5; id++) capture(bench, { id, value: id });
		bench.powerOff(1);
		assert.deepEqual(
			rowsOf(bench).map((row) => row!.id),
			[5, 4, 3],
		);
		assert.equal(bench.profile.profileEntries, 3);
	});

	it("G3 a change of a sorted profile gives old settings with old rows or new ones with none, whatever write is torn", () => {
		let isDone = false;
		for (let cut = 1; !isDone; cut++) {
			const bench = benchOf(smallest, 6);
			for (let id = 1; id <= 9; id++) capture(bench, { id, value: -id });
			const before = rowsOf(bench);
			bench.flash.cutAfter(cut);
			isDone = survives(bench, () => assert.ok(bench.profile.setProfileEntries(4)));
			bench.flash.restore();
			const isNew = bench.profile.profileEntries === 4;
			assert.deepEqual(rowsOf(bench), isNew ? [] : before, `cut at ${cut}`);
		}
	});

	it("10.3 a release that sorts a profile, or no longer does, does not take its rows for others; nor without its sort object", () => {
		const bench = new ProfileBench("2024-01-10T09:00Z", {
			capturePeriod_s: 0,
			columns: [columns.stamp, columns.energy],
		});
		for (let id = 1; id <= 30; id++) assert.ok(bench.profile.capture());
		const fifo = bench.definitions;
		const settings = { capturePeriod_s: 0, entries: 5, columns: [columns.stamp, columns.energy, columns.signed] };
		const order = { sortMethod: largest, sortObject: columns.signed };
		(bench as { definitions: unknown }).definitions = [definitionOf(0, { ...settings, order })];
		bench.powerOff(1);
		assert.deepEqual(rowsOf(bench), []);
		for (let id = 1; id <= 90; id++) capture(bench, { id, value: id });
		assert.equal(rowsOf(bench)[0]!.id, 90);
		(bench as { definitions: unknown }).definitions = fifo;
		bench.powerOff(1);
		assert.equal(bench.profile.entriesInUse, 0);
		assert.equal(bench.profile.columnCount, 3);
	});

	it("F103 a part that refuses costs the row, not the order", () => {
		const bench = benchOf(largest, 4);
		for (let id = 1; id <= 4; id++) capture(bench, { id, value: id });
		const before = rowsOf(bench);
		bench.flash.refuses = "program";
		bench.energy = 5;
		bench.value = 50;
		assert.ok(!bench.profile.capture());
		assert.equal(bench.failures, 1);
		bench.flash.refuses = "nothing";
		assert.deepEqual(rowsOf(bench), before);
		capture(bench, { id: 6, value: 2 });
		capture(bench, { id: 7, value: 3 });
		bench.powerOff(1);
		assert.deepEqual(
			rowsOf(bench).map((row) => row!.id),
			[4, 3, 7, 2],
		);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { ReversedRows, type RowNumbers } from "../../src/profile/row-numbers.js";
import { RowRange } from "../../src/profile/row-range.js";
import { between, seededRandom } from "../storage/random.js";
import { since2000_s as utc } from "../support/since-2000.js";
import { ProfileBench } from "./bench.js";

function numbersOf(range: RowNumbers): number[] {
	return Array.from({ length: range.count }, (_, index) => range.numberAt(index));
}

/** Looks through all entries. */
function expectedNumbers(bench: ProfileBench, from_s: number, to_s: number, base: "utc" | "local"): number[] {
	const row = new ProfileRow();
	const numbers: number[] = [];
	for (let number = bench.profile.firstNumber; number < bench.profile.nextNumber; number++) {
		if (!bench.profile.readRow(number, row)) continue;
		const stamp_s = base === "utc" ? row.utc_s : row.utc_s - row.deviation_min * 60;
		if (stamp_s >= from_s && stamp_s <= to_s) numbers.push(number);
	}
	return numbers;
}

/** Counts the rows that are read from now on. */
function countReads(source: ProfileBench["profile"]): () => number {
	let reads = 0;
	const read = source.readRow.bind(source);
	source.readRow = (number, into) => {
		reads++;
		return read(number, into);
	};
	return () => reads;
}

describe("range of a profile", () => {
	const scratch = new ProfileRow();

	it("F104 holds the entries of the range in storage order, wherever the clock was moved to", () => {
		fc.assert(
			fc.property(
				fc.array(fc.integer({ min: -40_000, max: 40_000 }), { maxLength: 6 }),
				fc.array(fc.tuple(fc.integer({ min: -100_000, max: 200_000 }), fc.integer({ min: -2000, max: 90_000 })), {
					minLength: 1,
					maxLength: 8,
				}),
				(steps, ranges) => {
					const start = "2024-10-26T20:00Z"; // before the repeated hour
					const bench = new ProfileBench(start, { capturePeriod_s: 300, entries: 230 });
					bench.run(9 * 3600);
					for (const step of steps) {
						bench.setClock(bench.clock.utc_s() + step, true);
						bench.run(4500);
					}
					for (const [at, length] of ranges) {
						for (const base of ["utc", "local"] as const) {
							const from_s = utc(start) + at;
							const range = new RowRange(bench.profile, scratch, from_s, from_s + length, base);
							assert.deepEqual(numbersOf(range), expectedNumbers(bench, from_s, from_s + length, base));
						}
					}
					const all = new RowRange(bench.profile, scratch, -Infinity, Infinity, "utc");
					assert.equal(all.count, bench.profile.entriesInUse);
				},
			),
			{ numRuns: 40 },
		);
	});

	it("F104 gives both passes of the repeated hour by wall time, and one of them by UTC", () => {
		const bench = new ProfileBench("2024-10-26T20:00Z");
		bench.run(12 * 3600);
		const two = utc("2024-10-27T02:00Z"); // on the wall, twice
		assert.equal(new RowRange(bench.profile, scratch, two, two + 3599, "local").count, 8);
		assert.equal(new RowRange(bench.profile, scratch, two - 7200, two - 7200 + 3599, "utc").count, 4);
		assert.equal(new RowRange(bench.profile, scratch, two - 3600, two - 3600 + 3599, "utc").count, 4);
	});

	it("F104 is empty, not an error, for an empty or reversed range and an empty profile", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z");
		assert.equal(new RowRange(bench.profile, scratch, -Infinity, Infinity, "utc").count, 0);
		bench.run(7200);
		const from_s = utc("2024-01-10T13:00Z");
		assert.equal(new RowRange(bench.profile, scratch, from_s, from_s - 1, "utc").count, 0);
		assert.equal(new RowRange(bench.profile, scratch, from_s + 1, from_s + 899, "utc").count, 0);
		assert.equal(new RowRange(bench.profile, scratch, from_s, from_s, "utc").count, 1);
	});

	it("takes a dozen reads among thousands of entries at equal distances", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z", { capturePeriod_s: 300, entries: 8640 }, 300);
		bench.run(8000 * 300);
		const source = bench.profile;
		const reads = countReads(source);
		const from_s = utc("2024-01-20T00:00Z");
		const range = new RowRange(source, scratch, from_s, from_s + 86_400, "utc");
		assert.equal(range.count, 289);
		assert.equal(range.numberAt(288) - range.numberAt(0), 288);
		assert.ok(reads() <= 12, `${reads()} reads`);
	});

	it("takes some forty reads where the meter was without power for years", () => {
		const bench = new ProfileBench("2014-01-10T12:00Z", { capturePeriod_s: 300, entries: 8640 }, 300);
		bench.run(100 * 300);
		bench.setClock(utc("2024-01-10T12:00Z"), true);
		bench.run(7000 * 300);
		const source = bench.profile;
		const reads = countReads(source);
		const from_s = utc("2024-01-20T00:00Z");
		const range = new RowRange(source, scratch, from_s, from_s + 86_400, "utc");
		assert.equal(range.count, 289);
		assert.ok(reads() > 12 && reads() <= 2 * (4 + 13) + 3, `${reads()} reads`);
		assert.deepEqual(numbersOf(range), expectedNumbers(bench, from_s, from_s + 86_400, "utc"));
	});

	it("stays what it was while entries are added and overwritten", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z", { capturePeriod_s: 300, entries: 100 });
		bench.run(100 * 300);
		const range = new RowRange(bench.profile, scratch, -Infinity, Infinity, "utc");
		const numbers = numbersOf(range);
		bench.run(50 * 300);
		assert.deepEqual(numbersOf(range), numbers);
		assert.equal(bench.profile.readRow(numbers[49]!, scratch), false);
		assert.ok(bench.profile.readRow(numbers[50]!, scratch));
	});

	it("holds the right entries although the clock went back hundreds of times", () => {
		const random = seededRandom(3);
		const bench = new ProfileBench("2024-01-10T12:00Z", { capturePeriod_s: 300, entries: 400 });
		for (let n = 0; n < 300; n++) {
			bench.setClock(utc("2024-01-10T12:00Z") + between(random, 0, 20_000), true);
			bench.run(310);
		}
		for (let n = 0; n < 20; n++) {
			const from_s = utc("2024-01-10T12:00Z") + between(random, 0, 20_000);
			const range = new RowRange(bench.profile, scratch, from_s, from_s + 7000, "utc");
			const expected = expectedNumbers(bench, from_s, from_s + 7000, "utc");
			assert.deepEqual(numbersOf(range), expected);
			for (const index of [expected.length - 1, 0, expected.length >> 1])
				assert.equal(range.numberAt(index), expected[index]);
		}
	});

	it("gives them in falling order as fast as in rising order", () => {
		const random = seededRandom(4);
		const bench = new ProfileBench("2024-01-10T12:00Z", { capturePeriod_s: 300, entries: 400 });
		for (let n = 0; n < 300; n++) {
			bench.setClock(utc("2024-01-10T12:00Z") + between(random, 0, 20_000), true);
			bench.run(310);
		}
		const from_s = utc("2024-01-10T12:00Z") + 5000;
		const expected = expectedNumbers(bench, from_s, from_s + 7000, "utc").reverse();
		const range = new ReversedRows(new RowRange(bench.profile, scratch, from_s, from_s + 7000, "utc"));
		const reads = countReads(bench.profile);
		assert.deepEqual(numbersOf(range), expected);
		assert.ok(reads() <= 400, `${reads()} reads`);
	});

	it("F104 G11: gives none for those that were lost meanwhile, although the clock went back often, and never a later one", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z", { capturePeriod_s: 300, entries: 100 });
		const back = () => {
			bench.setClock(utc("2024-01-10T12:00Z") + 10, true);
			bench.run(610);
		};
		for (let n = 0; n < 75; n++) back();
		const whole = () => new RowRange(bench.profile, scratch, utc("2024-01-10T12:00Z"), Infinity, "utc");
		const [rising, falling] = [whole(), new ReversedRows(whole())];
		const end = bench.profile.nextNumber;
		assert.equal(rising.count, 100);
		for (let n = 0; n < 15; n++) back();
		const first = bench.profile.firstNumber;
		for (const range of [rising, falling]) {
			const numbers = numbersOf(range);
			const readable = numbers.filter((number) => number >= 0 && bench.profile.readRow(number, scratch));
			assert.equal(readable.length, end - first);
			assert.equal(new Set(readable).size, end - first);
			assert.ok(numbers.every((number) => number < end));
		}
	});

	it("passes over damaged entries", () => {
		const bench = new ProfileBench("2024-01-10T12:00Z", { capturePeriod_s: 300, entries: 100 });
		bench.run(90 * 300);
		for (let n = 0; n < 10; n++) bench.flash.flip(8 * 1024 + 32 + n * 97 + 700, n % 8);
		const scan = expectedNumbers(bench, utc("2024-01-10T13:00Z"), utc("2024-01-10T17:00Z"), "utc");
		assert.ok(scan.length < 49 && scan.length > 30);
		const range = new RowRange(bench.profile, scratch, utc("2024-01-10T13:00Z"), utc("2024-01-10T17:00Z"), "utc");
		const readable = numbersOf(range).filter((number) => bench.profile.readRow(number, scratch));
		assert.deepEqual(readable, scan);
	});
});

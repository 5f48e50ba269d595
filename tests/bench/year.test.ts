// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { generator } from "../../bench/torture/random.js";
import { type BookRow, Books } from "../../bench/year/books.js";
import { type Happening, planHappenings } from "../../bench/year/happenings.js";
import { rateAt } from "../../bench/year/tariff-program.js";
import { runYear } from "../../bench/year/year.js";
import { st402d } from "../../src/models/model.js";

const midnight_ms = Date.UTC(2026, 0, 15);

function row(quarter: number, values: Readonly<Record<string, number>>): BookRow {
	const utc_ms = midnight_ms + quarter * 900_000;
	return { utc_ms, local_ms: utc_ms, values: new Map(Object.entries(values)) };
}

function energies(a: number): Record<string, number> {
	return { "1-0:1.8.0": a, "1-0:2.8.0": 7, "1-0:3.8.0": 30, "1-0:4.8.0": 0 };
}

describe("bench/year", () => {
	it("F38 F94 F95 F100 G3 G13: two days with tariffs, profiles, a billing end and power cuts agree with each other and with the mains", async () => {
		const report = await runYear({ model: st402d, seed: 3, days: 2, cuts: 8 });
		assert.deepEqual(report.findings, []);
		assert.equal(report.happenings.cut, 8);
		assert.ok(report.rows["load 1"]! > 170 && report.rows.billing! >= 1, JSON.stringify(report.rows));
		assert.ok(report.comparedRows > 200);
		assert.ok(report.rates.filter(({ register_Wh }) => register_Wh > 0).length >= 3);
		for (const { area, years } of report.wear) assert.ok(years > 20, `${area}: ${years} years`);
	}).timeout(120_000);

	it("loses nothing that happens where the head-end comes: just before, during and just behind a visit that moves the clock", async () => {
		const visit_s = 21_600;
		const comes_s = 2 * visit_s + 37 * 60;
		const happenings = [
			{ kind: "field", at_s: comes_s - 2000, duration_s: 300 },
			{ kind: "magnet", at_s: comes_s - 100, duration_s: 200 },
			{ kind: "meterCover", at_s: comes_s + 101, duration_s: 30 },
			{ kind: "terminalCover", at_s: comes_s + 160, duration_s: 30 },
		].map((happening) => ({ ...happening, phase: 1 }) as Happening);
		for (const seed of [1, 2]) {
			const report = await runYear({ model: st402d, seed, days: 1, cuts: 0, visit_s, happenings });
			assert.deepEqual(report.findings, []);
			assert.ok(report.corrections > 0);
		}
	}).timeout(120_000);

	it("finds what does not agree: other energies, rates off the total, a row twice, a register that falls", () => {
		const books = new Books();
		books.take("load 1", [row(0, energies(100)), row(1, energies(120))]);
		const rates = (e: number, sum: number) => ({
			"1-0:1.8.0": e,
			"1-0:1.8.1": sum,
			"1-0:1.8.2": 0,
			"1-0:1.8.3": 0,
			"1-0:1.8.4": 0,
		});
		books.take("load 2", [row(0, rates(100, 97)), row(1, rates(120, 120))]);
		assert.equal(books.findings.length, 0, "three units lost by rounding are none");
		books.take("load 2", [row(2, rates(120, 120)), row(2, rates(120, 120))]);
		books.take("load 1", [row(2, energies(119))]);
		books.take("billing", [row(1, rates(121, 121)), row(2, rates(119, 115))]);
		books.take("load 4", [row(2, { "1-0:5.8.0": 20, "1-0:6.8.0": 8 })]);
		books.take("demand", [row(1, { "1-0:1.5.0": 90 })]);
		books.disturb(midnight_ms, midnight_ms + 1);
		books.take("demand of a shortened period", [row(1, { "1-0:1.5.0": 90 })]);
		assert.deepEqual(
			books.findings.map((finding) => finding.replace(/ 2026\S+:/, "")),
			[
				"load 2 is not later than the one before",
				"load 1 1-0:1.8.0 fell",
				"billing 1-0:1.8.0 is 121, not 120",
				"billing 1-0:1.8.0 fell",
				"billing 1-0:1.8.1 fell",
				"billing rates of 1 are 115 of 119",
				"load 4 quadrants are 28 of 30",
				"demand 1.5.0 is 90 W in a quarter of an hour of 20 Wh",
			],
		);
	});

	it("puts the energy of each quarter of an hour on the rate of its begin, and none over a gap", () => {
		const books = new Books();
		books.take("load 1", [row(0, energies(10)), row(23, energies(20)), row(24, energies(25)), row(25, energies(28))]);
		assert.deepEqual(books.byRate_Wh, [20, 5, 3, 0, 0], "rate 1 until 06:00 of a workday, rate 2 from then on");
		assert.equal(rateAt(Date.UTC(2026, 4, 1, 12)), 4, "1 May is a holiday");
		assert.equal(rateAt(Date.UTC(2026, 6, 11, 21, 59)), 2, "a Saturday");
		assert.equal(rateAt(Date.UTC(2026, 9, 1, 18)), 3, "winter begins on 1 October");
	});

	it("plans as many happenings as asked for, none before the last has ended", () => {
		const plan = planHappenings(30, 16, 3, generator(5, "plan"));
		assert.equal(plan.filter(({ kind }) => kind === "cut").length, 16);
		assert.equal(plan.length, 46);
		let end_s = 0;
		for (const { at_s, duration_s } of plan) {
			assert.ok(at_s > end_s && duration_s > 0);
			end_s = at_s + duration_s;
		}
		assert.ok(end_s < 30 * 86_400);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { demandPeriods_s } from "../../../src/metrology/demand/demand-parameters.js";
import { periodMark } from "../../../src/metrology/demand/demand-state.js";
import { zones } from "../../profile/bench.js";
import { since2000_s as utc } from "../../support/since-2000.js";
import { DemandBench } from "./bench.js";

const { powerDown, clockAdjusted, dataNotValid, daylightSaving } = periodMark;
const summer = daylightSaving;

describe("metrology/demand: block demand", () => {
	for (const period_s of demandPeriods_s) {
		it(`F28 reads 4000 at each boundary for a constant 4 kW, period ${period_s} s`, () => {
			const bench = new DemandBench("2024-01-10T09:59:50Z");
			bench.energies.power_W.set(1, 4000);
			bench.demand.setPeriod(period_s);
			bench.runTo("2024-01-10T10:00:00Z");
			for (let n = 1; n <= 3; n++) {
				const end_s = utc("2024-01-10T10:00:00Z") + n * period_s;
				bench.runTo(end_s);
				assert.equal(bench.last(), 4000);
				assert.equal(bench.demand.captured.utc_s, end_s);
				assert.equal(bench.demand.lastMarks, 0);
			}
			assert.equal(bench.maximum()[0], 4000);
		});
	}

	it("F28 reads 4000 also where the crystal of the chip is slow or fast: neither 899 nor 901 intervals show", () => {
		for (const grid_ms of [999.7, 1000.3]) {
			const bench = new DemandBench("2024-01-10T09:59:50Z", 997);
			bench.energies.power_W.set(1, 4000);
			bench.grid_ms = grid_ms;
			bench.runTo("2024-01-10T10:00:00Z");
			for (let n = 1; n <= 12; n++) {
				bench.runTo(utc("2024-01-10T10:00:00Z") + n * 900);
				assert.equal(bench.last(), 4000);
			}
		}
	});

	it("F28 shows the running demand of the open period", () => {
		const bench = new DemandBench("2024-01-10T10:00:00Z", 1000);
		bench.energies.power_W.set(1, 3600);
		bench.runTo("2024-01-10T10:05:00Z");
		assert.equal(bench.current(), 1200);
		bench.demand.setPeriods(3);
		bench.runTo("2024-01-10T10:15:00Z");
		bench.runTo("2024-01-10T10:20:00Z");
		assert.equal(bench.current(), 400);
	});

	it("F28 rounds half a watt up and keeps what is below it", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 0.5);
		bench.energies.power_W.set(2, 0.499);
		bench.runTo("2024-01-10T10:15:00Z");
		assert.equal(bench.last(1), 1);
		assert.equal(bench.last(2), 0);
	});

	it("F29 keeps maximum and time of every quantity, in the rate then in force; of equal ones the first", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.rate = 2;
		const powers: [string, number][] = [
			["10:15", 1000],
			["10:30", 5000],
			["10:45", 5000],
			["11:00", 2000],
		];
		bench.runTo("2024-01-10T10:00:00Z");
		for (const [end, power_W] of powers) {
			for (const c of [1, 2, 3, 4, 9, 10, 15]) bench.energies.power_W.set(c, power_W + c);
			bench.runTo(`2024-01-10T${end}:00Z`);
			if (end === "10:45") bench.rate = 3;
		}
		for (const c of [1, 2, 3, 4, 9, 10, 15]) {
			assert.deepEqual(bench.maximum(c), [5000 + c, "2024-01-10T10:30"]);
			assert.deepEqual(bench.maximum(c, 2), [5000 + c, "2024-01-10T10:30"]);
			assert.deepEqual(bench.maximum(c, 3), [2000 + c, "2024-01-10T11:00"]);
			assert.deepEqual(bench.maximum(c, 1), [0, "none"]);
		}
	});

	it("F28 a change of period ends the running one, marked, and never as a maximum", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.runTo("2024-01-10T10:00:00Z");
		bench.energies.power_W.set(1, 9000);
		bench.runTo("2024-01-10T10:10:00Z");
		assert.equal(bench.demand.setPeriod(1800), true);
		assert.ok(Math.abs(bench.last() - 6000) <= 10, `${bench.last()}`);
		assert.equal(bench.captured, "2024-01-10T10:10");
		assert.equal(bench.demand.lastMarks, dataNotValid);
		bench.runTo("2024-01-10T10:30:00Z");
		assert.equal(bench.demand.lastMarks, dataNotValid);
		assert.deepEqual(bench.maximum(), [0, "none"]);
		bench.energies.power_W.set(1, 7000);
		bench.runTo("2024-01-10T11:00:00Z");
		assert.deepEqual(bench.maximum(), [7000, "2024-01-10T11:00"]);
	});

	it("F28 refuses other periods and numbers, and changes nothing", () => {
		const { demand } = new DemandBench("2024-01-10T09:59:50Z");
		for (const period_s of [0, 1, 60, 299, 301, 7200, -900, 900.5, Number.NaN])
			assert.equal(demand.setPeriod(period_s), false);
		for (const periods of [0, 16, -1, 1.5, Number.NaN]) assert.equal(demand.setPeriods(periods), false);
		assert.deepEqual([demand.period_s, demand.periods], [900, 1]);
	});

	it("closes early by next_period and begins anew by reset; neither gives a maximum, maxima stay", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 4000);
		bench.runTo("2024-01-10T10:18:00Z");
		bench.energies.power_W.set(1, 90_000);
		bench.runTo("2024-01-10T10:21:00Z");
		bench.demand.nextPeriod();
		assert.ok(Math.abs(bench.last() - (3 * 4000 + 3 * 90_000) / 15) <= 200, `${bench.last()}`);
		bench.demand.nextPeriod();
		assert.ok(bench.last() > 0, "called for the next register in the same second");
		assert.equal(bench.captured, "2024-01-10T10:21");
		bench.runTo("2024-01-10T10:30:00Z");
		assert.deepEqual(bench.maximum(), [4000, "2024-01-10T10:15"]);
		bench.runTo("2024-01-10T10:33:00Z");
		bench.demand.reset();
		assert.deepEqual([bench.current(), bench.last(), bench.captured], [0, 0, "2024-01-10T10:33"]);
		bench.runTo("2024-01-10T10:45:00Z");
		assert.deepEqual(bench.maximum(), [4000, "2024-01-10T10:15"]);
		bench.runTo("2024-01-10T11:00:00Z");
		assert.deepEqual(bench.maximum(), [90_000, "2024-01-10T11:00"]);
	});

	it("gives the part of a late interval before the boundary to the period that ended there", () => {
		const bench = new DemandBench("2024-01-10T10:00:00Z", 1000);
		bench.energies.power_W.set(1, 3600);
		bench.runTo("2024-01-10T10:14:50Z");
		bench.clock.monotonic_ms += 30_000;
		bench.energies.interval_ms = 30_000;
		bench.demand.intervalFinished(undefined, bench.clock.monotonic_ms);
		assert.equal(bench.captured, "2024-01-10T10:15");
		assert.ok(Math.abs(bench.last() - 3600) <= 1);
		assert.equal(bench.current(), 80);
	});
});

describe("metrology/demand: sliding demand", () => {
	it("F28 F29 agrees with brute force for any period, number of periods and load", () => {
		fc.assert(
			fc.property(
				fc.constantFrom(300, 600, 900),
				fc.integer({ min: 1, max: 15 }),
				fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 24 }),
				(period_s, periods, loads) => {
					const bench = new DemandBench("2024-01-10T09:59:50Z", 1000);
					bench.demand.setPeriod(period_s);
					bench.demand.setPeriods(periods);
					bench.energies.interval_ms = bench.grid_ms = 10_000;
					const start_s = utc("2024-01-10T10:00:00Z");
					bench.clock.monotonic_ms = 0;
					bench.runTo(start_s);
					let maximum = 0;
					let time_s = Infinity;
					loads.forEach((load_W, n) => {
						bench.energies.power_W.set(1, load_W);
						bench.runTo(start_s + (n + 1) * period_s);
						// energy of the last periods, in Ws, over their length
						const energy = loads.slice(Math.max(0, n + 1 - periods), n + 1).reduce((sum, w) => sum + w * period_s, 0);
						const average = Math.floor(energy / (periods * period_s) + 0.5);
						assert.equal(bench.last(), average);
						if (n + 1 < periods || average <= maximum) return;
						maximum = average;
						time_s = start_s + (n + 1) * period_s;
					});
					assert.equal(bench.maximum()[0], maximum);
					if (maximum > 0) assert.equal(utc(`${bench.maximum()[1]}:00Z`), time_s);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("F28 keeps the window over a power cut in a period", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.demand.setPeriods(4);
		bench.energies.power_W.set(1, 8000);
		bench.runTo("2024-01-10T10:50:00Z");
		bench.demand.commit();
		bench.offUntil("2024-01-10T10:55:00Z");
		bench.runTo("2024-01-10T11:00:00Z");
		const expected = (8000 * (60 - 5)) / 60;
		assert.ok(Math.abs(bench.last() - expected) <= 8000 / 900, `${bench.last()} instead of ${expected}`);
		assert.equal(bench.maximum()[1], "2024-01-10T11:00");
	});
});

describe("metrology/demand: disturbances", () => {
	it("F31 G5 power back in the period: it goes on, is marked, and loses at most 60 s", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 6000);
		bench.runTo("2024-01-10T10:05:30Z");
		bench.offUntil("2024-01-10T10:06:00Z");
		assert.equal(bench.demand.marks, powerDown);
		bench.runTo("2024-01-10T10:15:00Z");
		const uncut = (6000 * (900 - 30)) / 900;
		assert.ok(bench.last() <= uncut + 10 && bench.last() >= uncut - (6000 * 61) / 900, `${bench.last()}`);
		assert.equal(bench.demand.lastMarks, powerDown);
		assert.equal(bench.maximum()[1], "2024-01-10T10:15");
	});

	it("F31 power back after the period: closed with what it had, marked; the one entered in its middle does not count either", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 6000);
		bench.runTo("2024-01-10T10:10:00Z");
		bench.demand.commit();
		bench.energies.power_W.set(1, 60_000);
		bench.offUntil("2024-01-10T10:52:00Z");
		assert.ok(Math.abs(bench.last() - 4000) <= 10, `${bench.last()}`);
		assert.equal(bench.captured, "2024-01-10T10:15");
		assert.equal(bench.demand.lastMarks, powerDown);
		bench.runTo("2024-01-10T11:00:00Z");
		assert.equal(bench.demand.lastMarks, powerDown);
		assert.deepEqual(bench.maximum(), [0, "none"]);
		bench.runTo("2024-01-10T11:15:00Z");
		assert.deepEqual(bench.maximum(), [60_000, "2024-01-10T11:15"]);
	});

	it("F31 two disturbances in one period give one closed period with both bits", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 6000);
		bench.runTo("2024-01-10T10:05:00Z");
		bench.offUntil("2024-01-10T10:06:00Z");
		bench.runTo("2024-01-10T10:08:00Z");
		bench.moveClock("2024-01-10T10:20:00Z", true);
		assert.equal(bench.demand.lastMarks, powerDown | clockAdjusted);
		assert.equal(bench.captured, "2024-01-10T10:08");
		assert.deepEqual(bench.maximum(), [0, "none"]);
	});

	for (const [to, first] of [
		["2024-01-10T10:31:00Z", "2024-01-10T11:00"],
		["2024-01-10T09:31:00Z", "2024-01-10T10:00"],
		["2024-01-10T10:45:00Z", "2024-01-10T11:00"],
	] as const) {
		it(`F31 clock set at 10:07 to ${to.slice(11, 16)}: no maximum before ${first.slice(11)}`, () => {
			const bench = new DemandBench("2024-01-10T09:59:50Z");
			bench.energies.power_W.set(1, 6000);
			bench.runTo("2024-01-10T10:07:00Z");
			bench.moveClock(to, true);
			assert.equal(bench.demand.lastMarks, clockAdjusted);
			bench.runTo(utc(`${first}:00Z`) - 1);
			assert.deepEqual(bench.maximum(), [0, "none"]);
			bench.runTo(`${first}:00Z`);
			assert.deepEqual(bench.maximum(), [6000, first]);
		});
	}

	for (const step_s of [-9, -5, 5, 9]) {
		it(`F31 synchronisation by ${step_s} s anywhere leaves a constant 4 kW at 4000, unmarked`, () => {
			for (const at of ["10:07:00", "10:14:56", "10:15:03", "10:15:00"]) {
				const bench = new DemandBench("2024-01-10T09:59:50Z");
				bench.energies.power_W.set(1, 4000);
				bench.runTo(`2024-01-10T${at}Z`);
				const old_s = bench.clock.utc_s();
				bench.clock.offset_ms += step_s * 1000;
				bench.demand.clockChanged(old_s, old_s + step_s, false);
				const ends: number[] = [];
				for (let n = 0; n < 3000; n++) {
					bench.runTo(bench.clock.utc_s() + 1);
					if (bench.demand.captured.utc_s !== ends.at(-1)) ends.push(bench.demand.captured.utc_s);
					if (bench.demand.captured.utc_s < utc("2024-01-10T10:15:00Z")) continue;
					assert.equal(bench.last(), 4000, `after ${at}`);
					assert.equal(bench.demand.lastMarks, 0);
				}
				const regular = ends.filter((end_s) => end_s >= utc("2024-01-10T10:15:00Z"));
				regular.forEach((end_s, n) => {
					assert.equal(end_s, regular[0]! + n * 900, "no boundary is skipped, none comes twice");
				});
			}
		});
	}

	it("F31 F42 a change of daylight saving in the middle of the day leaves whole periods of 15 and 60 min", () => {
		for (const [start, period_s] of [
			["2024-03-31T00:59:50Z", 900],
			["2024-03-30T23:59:50Z", 3600],
			["2024-10-27T00:59:50Z", 900],
			["2024-10-26T23:59:50Z", 3600],
		] as const) {
			const bench = new DemandBench(start);
			bench.energies.power_W.set(1, 4000);
			bench.demand.setPeriod(period_s);
			const first_s = utc(start) + 10;
			bench.runTo(first_s);
			for (let n = 1; n <= 8; n++) {
				bench.runTo(first_s + n * period_s);
				assert.equal(bench.demand.captured.utc_s, first_s + n * period_s);
				assert.equal(bench.last(), 4000);
				const { status, deviation_min } = bench.demand.captured;
				assert.equal(bench.demand.lastMarks, status & 0x80 ? summer : 0);
				assert.equal(deviation_min, status & 0x80 ? -120 : -60);
			}
			assert.equal(bench.maximum()[0], 4000);
		}
	});

	it("F31 F42 where local time jumps by half an hour, the period of another length is marked and does not count", () => {
		const bench = new DemandBench("2024-10-05T13:29:50Z");
		bench.clock.zone = zones.lordHowe;
		bench.demand.localTimeChanged();
		bench.demand.setPeriod(3600);
		const seen: [number, number][] = [];
		for (let n = 0; n < 8 * 60; n++) {
			bench.energies.power_W.set(1, n);
			bench.runTo(bench.clock.utc_s() + 60);
			const { utc_s } = bench.demand.captured;
			if (seen.at(-1)?.[0] !== utc_s) seen.push([utc_s, bench.demand.lastMarks & dataNotValid]);
		}
		const jump_s = zones.lordHowe.begin_s;
		for (const [end_s] of seen.slice(2)) assert.equal(bench.clock.local_s(end_s) % 3600, 0);
		const odd = seen.slice(2).filter(([, mark]) => mark !== 0);
		assert.equal(odd.length, 1);
		assert.ok(Math.abs(odd[0]![0] - jump_s) < 3600);
	});
});

describe("metrology/demand: reset of maxima", () => {
	it("F30 adds the maximum to the cumulative one and begins at zero, of one or of all", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.rate = 1;
		for (const c of [1, 2, 3, 4, 9, 10, 15]) bench.energies.power_W.set(c, 1000 * c);
		bench.runTo("2024-01-10T10:15:00Z");
		bench.demand.maxima.reset(0, 0);
		assert.deepEqual([bench.maximum(), bench.cumulative()], [[0, "none"], 1000]);
		assert.deepEqual(bench.maximum(1, 1), [1000, "2024-01-10T10:15"]);
		bench.energies.power_W.set(1, 500);
		bench.runTo("2024-01-10T10:30:00Z");
		assert.deepEqual(bench.maximum(), [500, "2024-01-10T10:30"]);
		bench.demand.maxima.resetAll();
		for (const c of [1, 2, 3, 4, 9, 10, 15])
			for (const rate of [0, 1]) assert.deepEqual(bench.maximum(c, rate), [0, "none"]);
		assert.deepEqual([bench.cumulative(), bench.cumulative(1, 1), bench.cumulative(4)], [1500, 1000, 4000]);
		bench.start();
		assert.equal(bench.cumulative(), 1500);
	});

	it("F30 changes nothing when the medium refuses", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 700);
		bench.runTo("2024-01-10T10:15:00Z");
		bench.flash.refuses = "program";
		assert.throws(() => bench.demand.maxima.resetAll(), { code: "refused" });
		assert.deepEqual([bench.maximum(), bench.cumulative()], [[700, "2024-01-10T10:15"], 0]);
		bench.flash.refuses = "nothing";
	});

	it("F28 goes on measuring while the medium refuses, and stores later", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 700);
		bench.flash.refuses = "program";
		bench.runTo("2024-01-10T10:20:00Z");
		assert.ok(bench.demand.failedCommits > 0);
		assert.deepEqual(bench.maximum(), [700, "2024-01-10T10:15"]);
		bench.flash.refuses = "nothing";
		bench.runTo("2024-01-10T10:22:00Z");
		bench.start();
		assert.deepEqual(bench.maximum(), [700, "2024-01-10T10:15"]);
		assert.ok(bench.current() > 0);
	});
});

describe("metrology/demand: power fails in a write", () => {
	it("G3 G5 F30 F31 at any write of two periods and a reset: old or new, energy never above what flowed", () => {
		let cuts = 0;
		for (let n = 1; ; n++) {
			const bench = new DemandBench("2024-01-10T09:59:50Z");
			bench.energies.power_W.set(1, 4000);
			bench.runTo("2024-01-10T10:14:00Z");
			bench.flash.cutAfter(n);
			let wasReset = false;
			try {
				bench.runTo("2024-01-10T10:31:00Z");
				bench.demand.maxima.resetAll();
				wasReset = true;
				bench.runTo("2024-01-10T10:33:00Z");
			} catch (error) {
				assert.equal((error as Error).name, "PowerCut");
			}
			const isCut = bench.flash.isCut;
			const now_s = bench.clock.utc_s();
			bench.flash.restore();
			bench.offUntil(`${bench.now}:59Z`);
			const total = bench.maximum()[0] + bench.cumulative();
			assert.ok(total === 0 || total === 4000, `${total} after write ${n}`);
			if (now_s > utc("2024-01-10T10:15:00Z")) assert.equal(total, 4000, `write ${n}`);
			if (wasReset) assert.deepEqual([bench.maximum(), bench.cumulative()], [[0, "none"], 4000]);
			assert.ok(bench.last() <= 4000);
			const open_s = bench.clock.utc_s() - Math.floor(bench.clock.utc_s() / 900) * 900;
			assert.ok(bench.current() <= (4000 * open_s) / 900 + 1, `${bench.current()} after ${open_s} s`);
			bench.runTo("2024-01-10T11:00:00Z");
			assert.equal(bench.last(), 4000);
			if (!isCut) break;
			cuts++;
		}
		assert.ok(cuts > 30, `${cuts} writes`);
	});
});

describe("metrology/demand: power factor of a period", () => {
	it("F17 is told the import alone, with the reactive power that went with it", () => {
		const bench = new DemandBench("2024-01-10T09:59:50Z");
		bench.energies.power_W.set(1, 800);
		bench.energies.power_W.set(5, 650);
		bench.energies.power_W.set(8, 50);
		bench.runTo("2024-01-10T10:15:00Z");
		const { import_W, reactive_var, isComplete } = bench.closed.at(-1)!;
		assert.ok(Math.abs(import_W - 800) < 1e-9 && Math.abs(reactive_var - 600) < 1e-9);
		assert.equal(isComplete, true);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Averages } from "../../../src/metrology/demand/averages.js";
import { DemandParameters } from "../../../src/metrology/demand/demand-parameters.js";
import { extremeIndex } from "../../../src/metrology/demand/extremes.js";
import { SlidingWindow } from "../../../src/metrology/demand/sliding-window.js";
import { createStamp } from "../../../src/metrology/demand/stamp.js";
import type { MetrologyView } from "../../../src/metrology/view.js";
import { st402d } from "../../../src/models/model.js";
import { BenchClock, text } from "../../profile/bench.js";
import { since2000_s as utc } from "../../support/since-2000.js";
import { MemoryStore } from "../../support/stores.js";
import { BenchEnergies } from "./bench.js";

/** Averages of a meter whose values a test sets. */
class AveragesBench {
	readonly clock = new BenchClock();
	readonly energies = new BenchEnergies();
	readonly store = new MemoryStore();
	readonly voltage_mV = [230_000, 231_000, 232_000];
	readonly current_mA = [0, 0, 0];
	frequency_mHz = 50_000;
	averages: Averages;
	readonly #view: MetrologyView;
	#nextInterval_ms = 400;

	constructor(start: string) {
		this.clock.offset_ms = utc(start) * 1000;
		this.averages = this.start();
		this.#view = {
			current_mA: (phase: number) => this.current_mA[phase - 1],
			voltage_mV: (phase: number) => this.voltage_mV[phase - 1],
			frequency_mHz: () => this.frequency_mHz,
		} as unknown as MetrologyView;
	}

	start(): Averages {
		const { clock, energies, store } = this;
		const parameters = new DemandParameters(store);
		this.averages = new Averages({ model: st402d, energies, clock, parameters, journal: store });
		return this.averages;
	}

	/** Ends one interval. */
	interval(): void {
		this.averages.intervalFinished(this.#view, this.clock.monotonic_ms);
	}

	run(seconds: number): void {
		const target_ms = this.clock.monotonic_ms + seconds * 1000;
		for (;;) {
			const next_ms = Math.min(this.#nextInterval_ms, this.averages.deadline_ms);
			if (next_ms > target_ms) break;
			this.clock.monotonic_ms = Math.max(next_ms, this.clock.monotonic_ms);
			if (this.#nextInterval_ms <= next_ms) {
				this.#nextInterval_ms += 1000;
				this.interval();
			} else this.averages.run(this.clock.monotonic_ms);
		}
		this.clock.monotonic_ms = target_ms;
	}

	/** Value and time of an extreme. */
	extreme(index: number): readonly [number, string] {
		const { extremes } = this.averages;
		return [extremes.value(index), text(extremes.stamp(index, createStamp()).utc_s)];
	}
}

describe("metrology/demand: sliding averages", () => {
	it("F11 is the mean power of the last 60 s, new every second; the net one is signed", () => {
		const bench = new AveragesBench("2024-01-10T10:00:10Z");
		bench.energies.power_W.set(1, 6000);
		bench.run(30);
		assert.equal(bench.averages.sliding.power_W(1), 3000);
		bench.run(30);
		assert.equal(bench.averages.sliding.power_W(1), 6000);
		bench.energies.power_W.set(1, 0);
		bench.energies.power_W.set(2, 3000);
		bench.run(1);
		assert.equal(bench.averages.sliding.power_W(1), 5900);
		assert.equal(bench.averages.sliding.power_W(2), 50);
		assert.equal(bench.averages.sliding.power_W(15), 5950);
		assert.equal(bench.averages.sliding.power_W(16), 5850);
		bench.run(59);
		assert.equal(bench.averages.sliding.power_W(16), -3000);
		assert.equal(bench.averages.sliding.power_W(1), 0);
	});

	it("F15 is the root mean square of the currents", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		bench.current_mA[1] = 6000;
		bench.run(30);
		bench.current_mA[1] = 8000;
		bench.run(30);
		assert.equal(bench.averages.sliding.current_mA(2), Math.round(Math.sqrt((6000 ** 2 + 8000 ** 2) / 2)));
		assert.equal(bench.averages.sliding.current_mA(1), 0);
	});

	it("keeps the last averages of each full minute with its time", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		bench.energies.power_W.set(1, 1200);
		bench.run(60);
		bench.energies.power_W.set(1, 9000);
		bench.run(30);
		const { sliding } = bench.averages;
		assert.equal(sliding.lastPower_W(1), 1200);
		assert.equal(text(sliding.captured.utc_s), "2024-01-10T10:01");
		assert.equal(sliding.started(createStamp()).utc_s, bench.clock.utc_s() - 60);
		sliding.nextPeriod();
		assert.equal(sliding.lastPower_W(1), 5100);
		sliding.reset();
		assert.deepEqual([sliding.lastPower_W(1), sliding.power_W(1)], [0, 0]);
	});

	it("counts time without intervals as nothing", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		bench.energies.power_W.set(1, 6000);
		bench.run(60);
		bench.clock.monotonic_ms += 30_000;
		bench.interval();
		assert.ok(Math.abs(bench.averages.sliding.power_W(1) - 3000) <= 100);
	});

	it("refuses other periods, and stores the ones it takes", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		const { sliding } = bench.averages;
		for (const period_s of [0, 3601, -60, 1.5]) assert.equal(sliding.setPeriod(period_s), false);
		assert.equal(sliding.setPeriods(16), false);
		assert.equal(sliding.setPeriod(300), true);
		assert.equal(sliding.setPeriods(3), true);
		const again = bench.start().sliding;
		assert.deepEqual([again.period_s, again.periods], [300, 3]);
	});

	it("agrees with brute force over windows of any length, to a sixtieth of the window", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 400 }),
				fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 900 }),
				(seconds, loads) => {
					const window = new SlidingWindow(1, seconds * 1000);
					for (const load of loads) {
						window.add(0, load);
						window.advance(1000);
					}
					const step = Math.ceil(seconds / 60);
					const sumOf = (length: number) => loads.slice(Math.max(0, loads.length - length)).reduce((a, b) => a + b, 0);
					const sum = window.sum(0);
					if (step === 1) assert.equal(sum, sumOf(seconds));
					// the oldest step is taken in part
					assert.ok(sum >= sumOf(seconds - step) - 0.01 && sum <= sumOf(seconds + step) + 0.01);
				},
			),
			{ numRuns: 100 },
		);
	});
});

describe("metrology/demand: averages and extremes", () => {
	it("F14 F116 the voltage of ten minutes is a root mean square, its extremes carry the end of the interval", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		bench.run(600);
		assert.equal(bench.averages.voltage_mV(1), 230_000);
		assert.deepEqual(bench.extreme(extremeIndex.minimumVoltage_mV), [0, text(0xffff_ffff)], "begun in the middle");
		bench.run(600);
		bench.voltage_mV[0] = 200_000;
		bench.run(300);
		bench.voltage_mV[0] = 240_000;
		bench.run(300);
		const expected = Math.round(Math.sqrt((200_000 ** 2 + 240_000 ** 2) / 2));
		assert.ok(Math.abs(bench.averages.voltage_mV(1) - expected) <= 70);
		bench.voltage_mV[0] = 250_000;
		bench.run(600);
		assert.equal(bench.extreme(extremeIndex.minimumVoltage_mV)[1], "2024-01-10T10:30");
		assert.equal(bench.extreme(extremeIndex.maximumVoltage_mV)[1], "2024-01-10T10:40");
		assert.deepEqual(bench.extreme(extremeIndex.minimumVoltage_mV + 2), [232_000, "2024-01-10T10:20"]);
	});

	it("F14 F15 a second counts in averages of U and I with the windows that ended in it, five or seven", () => {
		const bench = new AveragesBench("2024-01-10T09:50:00Z");
		for (let second = 0; second < 600; second++) {
			const isLong = second % 2 === 1;
			bench.energies.windows_ms = isLong ? 1167 : 833;
			bench.current_mA[1] = isLong ? 12_000 : 6000;
			bench.voltage_mV[1] = isLong ? 200_000 : 230_000;
			bench.run(1);
		}
		bench.run(1);
		const mean = (long: number, short: number) => Math.sqrt((long ** 2 * 1167 + short ** 2 * 833) / 2000);
		assert.ok(Math.abs(bench.averages.current_mA(2) - mean(12_000, 6000)) <= 1, `${bench.averages.current_mA(2)} mA`);
		assert.ok(Math.abs(bench.averages.voltage_mV(2) - mean(200_000, 230_000)) <= 1);
	});

	it("F13 F15 powers and currents of the phases over the last whole minute; the greatest current with its time", () => {
		const bench = new AveragesBench("2024-01-10T09:59:30Z");
		bench.energies.power_W.set(41, 500);
		bench.energies.power_W.set(64, 70);
		bench.current_mA[1] = 3000;
		bench.run(30);
		bench.current_mA[1] = 4000;
		bench.energies.power_W.set(41, 700);
		bench.run(90);
		const { averages } = bench;
		assert.equal(averages.power_W(41), Math.round((59 * 700 + 1 * 700) / 60));
		assert.equal(averages.power_W(64), 70);
		assert.equal(averages.power_W(21), 0);
		assert.equal(averages.current_mA(2), 4000);
		assert.deepEqual(bench.extreme(extremeIndex.maximumCurrent_mA + 1), [4000, "2024-01-10T10:01"]);
		bench.current_mA[1] = 2000;
		bench.run(60);
		assert.equal(bench.extreme(extremeIndex.maximumCurrent_mA + 1)[0], 4000);
		averages.extremes.reset(extremeIndex.maximumCurrent_mA + 1);
		assert.equal(bench.extreme(extremeIndex.maximumCurrent_mA + 1)[0], 0);
	});

	it("F31 a block in which the clock was set leaves no extreme", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		bench.run(65);
		bench.current_mA[0] = 9000;
		bench.clock.offset_ms += 1_000_000;
		const now_s = bench.clock.utc_s();
		bench.averages.clockChanged(now_s - 1000, now_s, true);
		bench.run(10);
		bench.current_mA[0] = 1000;
		bench.run(120);
		assert.ok(bench.extreme(extremeIndex.maximumCurrent_mA)[0] < 1100);
	});

	it("F16 the frequency over ten seconds with voltage", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		bench.frequency_mHz = 49_900;
		bench.run(5);
		bench.frequency_mHz = 50_100;
		bench.run(5);
		assert.deepEqual(bench.extreme(extremeIndex.minimumFrequency_mHz), [50_000, "2024-01-10T10:00"]);
		bench.frequency_mHz = 0;
		bench.run(30);
		assert.equal(bench.extreme(extremeIndex.minimumFrequency_mHz)[0], 50_000);
		bench.frequency_mHz = 50_200;
		bench.run(10);
		assert.equal(bench.extreme(extremeIndex.maximumFrequency_mHz)[0], 50_200);
	});

	it("F17 the power factor of a period is |P|/√(P² + Q²); none below three times no-load, none of a short period", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		const { averages } = bench;
		const stamp = { utc_s: utc("2024-01-10T10:15:00Z"), deviation_min: -60, status: 0 };
		averages.periodClosed(800, -600, true, stamp);
		assert.deepEqual(bench.extreme(extremeIndex.lastPowerFactor_permil), [800, "2024-01-10T10:15"]);
		assert.equal(bench.extreme(extremeIndex.minimumPowerFactor_permil)[0], 800);
		averages.periodClosed(1, 5, true, stamp);
		assert.equal(bench.extreme(extremeIndex.lastPowerFactor_permil)[0], 1000);
		averages.periodClosed(100, 900, false, stamp);
		assert.equal(bench.extreme(extremeIndex.minimumPowerFactor_permil)[0], 800);
	});

	it("F30 extremes survive a restart and are reset together", () => {
		const bench = new AveragesBench("2024-01-10T10:00:00Z");
		bench.current_mA[2] = 5000;
		bench.run(180);
		assert.equal(bench.averages.commit(), true);
		bench.start();
		assert.equal(bench.extreme(extremeIndex.maximumCurrent_mA + 2)[0], 5000);
		bench.averages.extremes.resetAll();
		bench.start();
		assert.equal(bench.extreme(extremeIndex.maximumCurrent_mA + 2)[0], 0);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import type { Phase } from "../../hosts/simulator/grid/phase-setting.js";
import { Recording } from "../../hosts/simulator/grid/recording.js";
import { type ModelDescriptor, sm402d, st402c, st402d } from "../../src/models/model.js";
import { voltageEventKind } from "../../src/power-quality/voltage-events.js";
import { Bench, type BenchOptions } from "./bench.js";

const { dip, swell, interruption } = voltageEventKind;
const nominal_V = 230;
const percentOfUn_mV = 2300;
const cycle_ms = 20;

function near(value: number, expected: number, limit: number, what: string): void {
	assert.ok(Math.abs(value - expected) <= limit, `${what}: ${value} instead of ${expected}`);
}

function onGrid(model: ModelDescriptor, options: BenchOptions = {}, frequency_Hz = 50): { bench: Bench; grid: Grid } {
	const grid = new Grid({ phases: model.phases, frequency_Hz, voltage_V: nominal_V });
	const bench = new Bench(model, grid, options);
	bench.run(3);
	return { bench, grid };
}

/** Sets voltages of all phases now, then lets time pass. */
function hold({ bench, grid }: { bench: Bench; grid: Grid }, voltages_V: readonly number[], duration_s: number): void {
	grid.change(() => {
		voltages_V.forEach((voltage_V, n) => {
			grid.setPhase((n + 1) as Phase, { voltage_V });
		});
	});
	bench.run(duration_s);
}

const normal = [nominal_V, nominal_V, nominal_V];

describe("power-quality: mains, chip, driver, events", () => {
	it("F115 a recorded polyphase dip to 40 %: residual within 1 % Un, duration within a cycle", () => {
		const folder = fileURLToPath(new URL("../data/waveforms/", import.meta.url));
		const truth = JSON.parse(readFileSync(`${folder}s22_dip40_polyphase.json`, "utf8")).events;
		const recording = Recording.fromFile(`${folder}s22_dip40_polyphase.cfg`);
		const bench = new Bench(st402d, recording, { gear: "waveform" });
		bench.run(8.9);
		const [expected] = truth.method;
		// the loop is 3 s long; the first one falls into the start of the chip
		const events = bench.events.filter(({ start_ms }) => start_ms > 3000);
		assert.equal(events.length, 2);
		for (const [n, event] of events.entries()) {
			assert.equal(event.kind, dip);
			assert.equal(event.phases, 7);
			near(event.extreme_mV, expected.extreme * 1000, percentOfUn_mV, "residual");
			near(event.duration_ms, expected.duration * 1000, cycle_ms, "duration");
			near(event.start_ms, (3 * (n + 1) + expected.start) * 1000, cycle_ms, "start");
			for (const { phase, extreme } of truth.perPhase) {
				near(event.phaseExtreme_mV[phase - 1]!, extreme * 1000, percentOfUn_mV, `residual of L${phase}`);
			}
		}
	});

	for (const model of [st402d, st402c]) {
		it(`F115 ${model.name}: dip, swell and interruption with their voltage and duration`, () => {
			const world = onGrid(model);
			const { bench } = world;
			hold(world, [161, 230, 230], 0.1);
			hold(world, normal, 2);
			hold(world, [230, 270, 265], 0.5);
			hold(world, normal, 2);
			hold(world, [5, 5, 5], 1);
			hold(world, normal, 2);
			assert.deepEqual(
				bench.events.map(({ kind, phases }) => [kind, phases]),
				[
					[dip, 1],
					[swell, 6],
					[interruption, 7],
				],
			);
			const [first, second, third] = bench.events as [SeenEvent, SeenEvent, SeenEvent];
			near(first.extreme_mV, 161_000, percentOfUn_mV, "residual");
			near(first.duration_ms, 120, cycle_ms, "duration of the dip");
			near(second.extreme_mV, 270_000, percentOfUn_mV, "height");
			near(second.duration_ms, 510, cycle_ms, "duration of the swell");
			near(third.duration_ms, 990, cycle_ms, "duration of the interruption");
		}).timeout(20_000);
	}

	type SeenEvent = Bench["events"][number];

	for (const duration_ms of [10, 20, 40]) {
		it(`F115 a dip of ${duration_ms} ms is seen with its lowest voltage`, () => {
			const world = onGrid(st402d);
			hold(world, [0, 230, 230], duration_ms / 1000);
			hold(world, normal, 1);
			assert.equal(world.bench.events.length, 1);
			const [event] = world.bench.events as [SeenEvent];
			// the phasor gear weighs windows by time: at least half a cycle of 0 in one of them
			assert.ok(event.extreme_mV <= 0.7072 * nominal_V * 1000 + percentOfUn_mV);
			near(event.duration_ms, duration_ms + cycle_ms, cycle_ms, "duration");
		});
	}

	it("F115 without the interrupt pin an event is found within a basic interval, with its lowest voltage", () => {
		const world = onGrid(st402d, { hasPin: false });
		hold(world, [100, 230, 230], 0.1);
		hold(world, normal, 1);
		assert.equal(world.bench.events.length, 1);
		near(world.bench.events[0]!.extreme_mV, 100_000, percentOfUn_mV, "residual");
	});

	it("F115 random dips and swells agree with a double-precision RMS of the cycle", () => {
		const share = fc.oneof(fc.integer({ min: 10, max: 85 }), fc.integer({ min: 115, max: 130 }));
		const phases = fc.integer({ min: 1, max: 6 });
		const duration = fc.integer({ min: 4, max: 60 });
		const offset = fc.integer({ min: 0, max: 19 });
		fc.assert(
			fc.property(
				share,
				phases,
				duration,
				offset,
				fc.constantFrom(49, 50, 51),
				(percent, mask, tens, late_ms, f_Hz) => {
					const world = onGrid(st402d, {}, f_Hz);
					const { bench } = world;
					bench.run(0.5 + late_ms / 1000);
					const from_ms = bench.now_ms;
					const level_V = (nominal_V * percent) / 100;
					hold(
						world,
						[0, 1, 2].map((phase) => ((mask >> phase) & 1 ? level_V : nominal_V)),
						tens / 100,
					);
					const to_ms = bench.now_ms;
					hold(world, normal, 1);
					assert.equal(bench.events.length, 1);
					const [event] = bench.events as [SeenEvent];
					const expected = ideal(level_V, from_ms, to_ms, 1000 / f_Hz);
					assert.equal(event.kind, percent > 100 ? swell : dip);
					assert.equal(event.phases, mask);
					near(event.extreme_mV, expected.extreme_V * 1000, percentOfUn_mV, "extreme");
					near(event.duration_ms, expected.duration_ms, 1000 / f_Hz + 2, "duration");
				},
			),
			{ numRuns: 40, seed: 7 },
		);
	}).timeout(30_000);

	/** Windows of one cycle that end on every half cycle, squares weighed by time: what begins, ends, and the extreme. */
	function ideal(level_V: number, from_ms: number, to_ms: number, period_ms: number) {
		let begin = Number.NaN;
		let end = Number.NaN;
		let extreme_V = nominal_V;
		const isDip = level_V < nominal_V;
		for (let n = 0; Number.isNaN(end) && n < 10_000; n++) {
			const at = from_ms + n * (period_ms / 2);
			const inside = Math.max(0, Math.min(at, to_ms) - Math.max(at - period_ms, from_ms)) / period_ms;
			const u = Math.sqrt(inside * level_V ** 2 + (1 - inside) * nominal_V ** 2);
			if (isDip ? u < extreme_V : u > extreme_V) extreme_V = u;
			if (Number.isNaN(begin) && (isDip ? u < 207 : u > 253)) begin = at - period_ms;
			if (!Number.isNaN(begin) && (isDip ? u >= 211.6 : u <= 248.4)) end = at;
		}
		return { extreme_V, duration_ms: end - begin };
	}

	it("F115 SM402D: dips, swells and interruptions are indicative, from peaks of 100 ms", () => {
		const world = onGrid(sm402d);
		const { bench } = world;
		assert.equal(bench.quality.isIndicative, true);
		hold(world, [140], 0.5);
		hold(world, [230], 2);
		hold(world, [270], 0.5);
		hold(world, [230], 2);
		hold(world, [0], 1);
		hold(world, [230], 2);
		assert.deepEqual(
			bench.events.map(({ kind }) => kind),
			[dip, swell, interruption],
		);
		near(bench.events[0]!.extreme_mV, 140_000, 3 * percentOfUn_mV, "residual");
		near(bench.events[0]!.duration_ms, 500, 200, "duration");
		near(bench.events[1]!.extreme_mV, 270_000, 3 * percentOfUn_mV, "height");
		near(bench.events[2]!.duration_ms, 1000, 300, "interruption");
	});

	it("F115 SM402D: a dip of one cycle is known from the sag flag", () => {
		const world = onGrid(sm402d);
		hold(world, [100], 0.02);
		hold(world, [230], 1);
		assert.equal(world.bench.events.length, 1);
		assert.ok(world.bench.events[0]!.extreme_mV < 207_000);
	});

	it("F04 dips change nothing about the energy that is counted", () => {
		const energies = [true, false].map((hasPin) => {
			const world = onGrid(st402d, { hasPin });
			for (const phase of [1, 2, 3] as const) world.grid.setPhase(phase, { current_A: 10, powerFactor: 1 });
			for (let n = 0; n < 20; n++) {
				hold(world, [100, 230, 280], 0.3);
				hold(world, normal, 0.7);
			}
			return world.bench.metrology.energy_units(1);
		});
		const mean_W = 10 * (0.3 * (100 + 230 + 280) + 0.7 * 690);
		for (const units of energies) near(units / 10, (mean_W * 20) / 3600, 2, "energy");
	});
});

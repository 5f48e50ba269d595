// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Ade9000Model } from "../../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { harmonicsStatus } from "../../../src/metrology/harmonics-view.js";
import { type ModelDescriptor, sm402d, st402c, st402d } from "../../../src/models/model.js";
import { type PhaseTruth, SamplingBench, type SamplingBenchOptions } from "./sampling-bench.js";

const wfbCfg = 0x4a0;
const wrLock = 0x4bf;

function near(value: number, expected: number, limit: number, what: string): void {
	assert.ok(Math.abs(value - expected) <= limit, `${what}: ${value} for ${expected}`);
}

function truthOf(file: string): readonly PhaseTruth[] {
	const path = new URL(`../../data/waveforms/${file}.json`, import.meta.url);
	return (JSON.parse(readFileSync(path, "utf8")) as { phase: PhaseTruth[] }).phase;
}

/** √(Σ squares of orders 2..last) over the fundamental, %. */
function thdOf(rms: readonly number[], last: number): number {
	const sum = rms.slice(1, last).reduce((a, x) => a + x * x, 0);
	return (100 * Math.sqrt(sum)) / rms[0]!;
}

/** 5 % of the reading or 0.1 %, and half a digit. */
function assertShare(value_permyriad: number, expected_percent: number, what: string): void {
	near(value_permyriad / 100, expected_percent, Math.max(0.05 * expected_percent, 0.1) + 0.005, what);
}

function assertRecording(model: ModelDescriptor, file: string, options: SamplingBenchOptions = {}): void {
	const scale = options.currentScale ?? 1;
	const bench = new SamplingBench(model, { file, noise: true, ...options });
	bench.runBlocks(2);
	const { sampling } = bench;
	assert.equal(sampling.status, harmonicsStatus.measured);
	const last = sampling.highestOrder;
	truthOf(file)
		.slice(0, model.phases)
		.forEach((truth, n) => {
			const phase = n + 1;
			const name = `${file} L${phase}`;
			// Noise of an ADE7953: 1.3 A over the current, in % and in quadrature (docs: data sheet, -74 dB).
			const noise_percent = model === sm402d ? 130 / (truth.ih[0]! * 100) : 0;
			assertShare(sampling.voltageThd_permyriad(phase), thdOf(truth.uh, last), `${name} THD of U`);
			assertShare(
				sampling.currentThd_permyriad(phase),
				Math.hypot(thdOf(truth.ih, last), noise_percent),
				`${name} THD of I`,
			);
			for (let order = 1; order <= last; order++) {
				const u = (100 * truth.uh[order - 1]!) / truth.uh[0]!;
				const i = (100 * truth.ih[order - 1]!) / truth.ih[0]!;
				assertShare(sampling.voltageHarmonic_permyriad(phase, order), u, `${name} U${order}`);
				assertShare(sampling.currentHarmonic_permyriad(phase, order), i, `${name} I${order}`);
			}
			const { urms, irms, p, q1, qb } = truth;
			near(sampling.blockVoltage_mV(phase), urms * 1000, urms, `${name} U`);
			// With orders to 40 the band of the ADE7953 takes 0.3 % (chip, not meter).
			near(sampling.blockCurrent_mA(phase), irms * scale * 1000, irms * scale * 3.5, `${name} I`);
			near(sampling.blockActivePower_mW(phase), p * scale * 1000, urms * irms * scale * 1.5, `${name} P`);
			near(sampling.blockReactivePower_mvar(phase), qb * scale * 1000, urms * irms * scale * 1.5, `${name} Q`);
			near(
				sampling.blockFundamentalReactivePower_mvar(phase),
				q1 * scale * 1000,
				urms * irms * scale * 1.5,
				`${name} Q of the fundamental`,
			);
			for (let half = 0; half < 7; half++) {
				near(sampling.cycleVoltage_mV(phase, half), urms * 1000, urms * 1.5, `${name} U of cycle ${half}`);
			}
		});
	near(sampling.blockFrequency_mHz(), 50_000, 10, "frequency");
}

/** Phases with 3 % third and 5 % fifth harmonic on the grid. */
function distort(bench: SamplingBench, model: ModelDescriptor, current_A = 5): void {
	for (let phase = 1; phase <= model.phases; phase++) {
		bench.grid.setPhase(phase as 1 | 2 | 3, {
			current_A,
			powerFactor: 0.9,
			voltageHarmonics: [
				{ order: 3, fraction: 0.05, phase_deg: 10 },
				{ order: 5, fraction: 0.03, phase_deg: 100 },
			],
			currentHarmonics: [
				{ order: 3, fraction: 0.2, phase_deg: 30 },
				{ order: 7, fraction: 0.1, phase_deg: 0 },
			],
		});
	}
}

describe("metrology/sampling: blocks of the front ends", () => {
	for (const file of ["s02_pf05_lag", "s05_quadrants", "s15_en50160_spectrum"]) {
		it(`F121 F122 ST402D measures harmonics, THD, RMS and powers of ${file}`, () => assertRecording(st402d, file));
		it(`F121 F122 SM402D with a sampler measures harmonics of ${file} to order 20`, () =>
			assertRecording(sm402d, file));
	}

	it("F121 F122 ST402C measures harmonics of s15_en50160_spectrum at half current", () =>
		assertRecording(st402c, "s15_en50160_spectrum", { currentScale: 0.5 }));

	for (const gear of ["phasor", "waveform"] as const) {
		it(`F121 F122 in ${gear} gear 5 % of order 3 and 3 % of order 5 give 5.83 %`, () => {
			const bench = new SamplingBench(st402d, { gear });
			distort(bench, st402d);
			bench.runBlocks(1);
			for (let phase = 1; phase <= 3; phase++) {
				near(bench.sampling.voltageThd_permyriad(phase), 583, 2, "THD of U");
				near(bench.sampling.currentThd_permyriad(phase), 2236, 5, "THD of I");
				near(bench.sampling.voltageHarmonic_permyriad(phase, 3), 500, 1, "U3");
				near(bench.sampling.voltageHarmonic_permyriad(phase, 5), 300, 1, "U5");
				near(bench.sampling.currentHarmonic_permyriad(phase, 7), 1000, 3, "I7");
				assert.equal(bench.sampling.voltageHarmonic_permyriad(phase, 1), 10_000);
			}
		});
	}

	it("F121 SM402D in waveform gear: THD over the whole range of mains frequency", () => {
		for (const frequency_Hz of [45, 49.3, 55, 60]) {
			const bench = new SamplingBench(sm402d, { gear: "waveform" });
			distort(bench, sm402d);
			bench.grid.setFrequency_Hz(frequency_Hz);
			bench.runBlocks(1);
			near(bench.sampling.voltageThd_permyriad(1), 583, 4, `${frequency_Hz} Hz`);
			near(bench.sampling.blockFrequency_mHz(), frequency_Hz * 1000, 0.0005 * frequency_Hz * 1000, "frequency");
		}
	});

	it("F121 F122 a voltage below 50 % and a current below 0.25 A are invalid and read 0", () => {
		const bench = new SamplingBench(st402d);
		distort(bench, st402d);
		bench.grid.setPhase(2, { voltage_V: 114, current_A: 0.24 });
		bench.grid.setPhase(3, { voltage_V: 116, current_A: 0.26 });
		bench.runBlocks(1);
		const { sampling } = bench;
		assert.deepEqual(
			[1, 2, 3].map((phase) => sampling.isVoltageValid(phase)),
			[true, false, true],
		);
		assert.deepEqual(
			[1, 2, 3].map((phase) => sampling.isCurrentValid(phase)),
			[true, false, true],
		);
		assert.equal(sampling.voltageThd_permyriad(2), 0);
		assert.equal(sampling.currentThd_permyriad(2), 0);
		assert.equal(sampling.voltageHarmonic_permyriad(2, 3), 0);
		assert.ok(sampling.voltageThd_permyriad(3) > 0);
	});

	it("F122 without any voltage no current is valid: there is no cycle to follow", () => {
		const bench = new SamplingBench(st402d);
		bench.grid.change(() => {
			for (const phase of [1, 2, 3] as const) bench.grid.setPhase(phase, { voltage_V: 0, current_A: 5 });
		});
		bench.runBlocks(1);
		assert.equal(bench.sampling.isCurrentValid(1), false);
		assert.equal(bench.sampling.blockFrequency_mHz(), 0);
	});

	it("F121 above 62.5 Hz there are no blocks, the status says so, and they come back below", () => {
		const bench = new SamplingBench(st402d);
		distort(bench, st402d);
		bench.runBlocks(1);
		bench.grid.setFrequency_Hz(63);
		bench.run(6);
		assert.equal(bench.sampling.status, harmonicsStatus.frequency);
		assert.equal(bench.sampling.isVoltageValid(1), false);
		assert.equal(bench.sampling.voltageThd_permyriad(1), 0);
		assert.equal(bench.metrology.isValid, true);
		bench.grid.setFrequency_Hz(62);
		bench.runBlocks(2);
		near(bench.sampling.voltageThd_permyriad(1), 583, 2, "THD");
	});

	it("takes a block every 3 s while metering goes on without a gap", () => {
		const bench = new SamplingBench(st402d);
		distort(bench, st402d);
		bench.run(10);
		const { blockSequence } = bench.sampling;
		const { sequence } = bench.metrology;
		bench.run(60);
		assert.equal(bench.sampling.blockSequence - blockSequence, 20);
		assert.equal(bench.metrology.sequence - sequence, 60);
		assert.equal(bench.sampling.lostBlocks, 0);
	});

	it("spreads the work over the period, whatever it is, and refuses less than a second", () => {
		for (const period_ms of [1000, 3000, 9000]) {
			const bench = new SamplingBench(st402d, { period_ms });
			distort(bench, st402d);
			bench.run(12);
			const { blockSequence, lostBlocks } = bench.sampling;
			bench.run(10 * (period_ms / 1000));
			assert.equal(bench.sampling.blockSequence - blockSequence, 10);
			assert.equal(bench.sampling.lostBlocks, lostBlocks);
		}
		assert.throws(() => new SamplingBench(st402d, { period_ms: 999 }), RangeError);
	});

	it("finds the same in haste, in three turns within 100 ms, the sample stream too", () => {
		for (const [model, gear] of [[st402d, "phasor"] as const, [sm402d, "waveform"] as const]) {
			const benches = [false, true].map((isHasty) => new SamplingBench(model, { gear, isHasty }));
			const shares = benches.map((bench) => {
				distort(bench, model);
				const { sampling } = bench;
				const run = sampling.run.bind(sampling);
				let turns = 0;
				let begin_ms = 0;
				sampling.run = (now_ms) => {
					turns++;
					run(now_ms);
				};
				sampling.addListener({
					blockFinished: (_, begun_ms) => {
						begin_ms = begun_ms;
					},
				});
				bench.runBlocks(1);
				turns = 0;
				bench.runBlocks(1);
				return { turns, age_ms: bench.now_ms - begin_ms, third: sampling.currentHarmonic_permyriad(1, 3) };
			});
			assert.ok(shares[1]!.turns <= 3, `${shares[1]!.turns} turns`);
			assert.ok(shares[1]!.age_ms <= 200, `${shares[1]!.age_ms} ms`);
			assert.ok(shares[0]!.turns > 9);
			assert.ok(shares[0]!.third > 1900);
			assert.ok(Math.abs(shares[0]!.third - shares[1]!.third) <= 2);
		}
	});

	it("SM402D has no harmonics without a sample stream", () => {
		assert.throws(() => new SamplingBench(sm402d, { hasStream: false }), /nothing samples/);
	});

	it("SM402D in phasor gear, where only blocks are synthesised, says that there is no block", () => {
		const bench = new SamplingBench(sm402d, { gear: "phasor" });
		distort(bench, sm402d);
		bench.run(20);
		assert.equal(bench.sampling.status, harmonicsStatus.noBlock);
		assert.equal(bench.sampling.blockSequence, 0);
		assert.equal(bench.sampling.voltageThd_permyriad(1), 0);
		assert.equal(bench.metrology.isValid, true);
	});
});

describe("drivers/ade9000-waveform", () => {
	it("reads a block in eight bursts of at most 898 octets, each but the first one set early, CRC on all other reads", () => {
		const bench = new SamplingBench(st402d);
		bench.run(2.9);
		bench.frames.length = 0;
		bench.runBlocks(1);
		const bursts = bench.frames.filter(({ command }) => command >= 0x8000);
		assert.ok(bursts.every(({ length }) => length <= 898));
		const long = bursts.filter(({ length }) => length > 26);
		assert.deepEqual(
			long.map(({ command }) => command >> 4),
			[0, 1, 2, 3, 4, 5, 6, 7].map((k) => 0x800 + 256 * k - (k === 0 ? 0 : 4)),
		);
		const reads = bench.frames.filter(({ command }) => command < 0x8000 && (command & 8) !== 0);
		assert.ok(reads.every(({ length }) => length === 6 || length === 8));
		const config1 = bench.frames.filter(({ command }) => command >> 4 === 0x481);
		assert.equal(config1.length, 0, "BURST_EN is never touched");
	});

	it("opens the lock for WFB_CFG alone and closes it in the next frame", () => {
		const bench = new SamplingBench(st402d);
		bench.run(2.9);
		bench.frames.length = 0;
		bench.runBlocks(1);
		const commands = bench.frames.map(({ command }) => command);
		const writes = commands.flatMap((command, n) => (command === wfbCfg << 4 ? [n] : []));
		assert.equal(writes.length, 3);
		for (const n of writes) {
			assert.equal(commands[n - 1], wrLock << 4);
			assert.equal(commands[n + 1], wrLock << 4);
		}
	});

	it("is not disturbed by parts that lose the sign of the first word of a burst", () => {
		const values = [false, true].map((hasFirstWordFault) => {
			const bench = new SamplingBench(st402d, { gear: "waveform" });
			(bench.chip as Ade9000Model).setFaults({ hasFirstWordFault });
			distort(bench, st402d, 60);
			bench.runBlocks(2);
			const { sampling } = bench;
			return [1, 2, 3].flatMap((phase) => [
				sampling.currentThd_permyriad(phase),
				sampling.blockCurrent_mA(phase),
				sampling.blockActivePower_mW(phase),
			]);
		});
		const [sound, faulty] = values as [number[], number[]];
		faulty.forEach((value, n) => {
			near(value, sound[n]!, 1e-4 * Math.abs(sound[n]!) + 1, `value ${n}`);
		});
	});

	it("gives a block up when the chip restarts in the middle of it, and takes the next one", () => {
		const bench = new SamplingBench(st402d);
		distort(bench, st402d);
		bench.runBlocks(1);
		const { blockSequence } = bench.sampling;
		while (bench.frames.at(-1)!.command < 0x8000) bench.run(0.01);
		bench.chip.reset();
		bench.run(7);
		assert.ok(bench.sampling.lostBlocks >= 1);
		bench.runBlocks(1);
		assert.ok(bench.sampling.blockSequence > blockSequence);
		near(bench.sampling.voltageThd_permyriad(2), 583, 2, "THD");
	});

	it("shows nothing any more after three lost blocks, and never waits for a chip that does not answer", () => {
		const bench = new SamplingBench(st402d);
		distort(bench, st402d);
		bench.runBlocks(1);
		bench.wire = (frame) => frame.fill(0);
		bench.run(4);
		assert.equal(bench.sampling.status, harmonicsStatus.measured);
		bench.run(8);
		assert.equal(bench.sampling.status, harmonicsStatus.noBlock);
		assert.equal(bench.sampling.isVoltageValid(1), false);
		bench.wire = undefined;
		bench.run(50);
		assert.equal(bench.sampling.status, harmonicsStatus.measured);
	});
});

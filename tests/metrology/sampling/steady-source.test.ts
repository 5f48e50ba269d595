// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { startSimulator } from "../../../hosts/simulator/start.js";
import type { BlockSource } from "../../../src/metrology/sampling/block-source.js";
import { captureState } from "../../../src/metrology/sampling/block-source.js";
import { SteadySource } from "../../../src/metrology/sampling/steady-source.js";
import type { WaveformBlock } from "../../../src/metrology/sampling/waveform-block.js";

/** What is shown of the mains, and a source whose captures are counted. */
class Bench {
	readonly values = { movements: 7, angle: 1200, isValid: true };
	captures = 0;
	next: number = captureState.finished;
	readonly source: SteadySource;

	constructor() {
		const { values } = this;
		const view = {
			get isValid() {
				return values.isValid;
			},
			angle_decideg: (x: number) => (x === 15 ? values.angle : 0),
		};
		const source: BlockSource = {
			phases: 3,
			highestOrder: 40,
			voltagePerCode_mV: 1,
			currentPerCode_mA: 1,
			nextDeadline_ms: 0,
			assumedFrequency_mHz: 50_000,
			begin: () => {
				this.captures++;
				return captureState.running;
			},
			advance: () => this.next,
			powerFactor: () => 1,
		};
		this.source = new SteadySource(source, { frontEnd: values, view });
	}

	/** Asks for a block. @returns whether one was captured */
	block(now_ms: number): boolean {
		const state = this.source.begin(now_ms);
		if (state === captureState.unchanged) return false;
		assert.equal(state, captureState.running);
		this.source.advance(now_ms + 100, undefined as unknown as WaveformBlock);
		return true;
	}
}

describe("SteadySource", () => {
	it("captures the first block, then none for five minutes while the mains stand still", () => {
		const bench = new Bench();
		const taken = [];
		for (let now_ms = 3000; now_ms <= 603_000; now_ms += 3000) if (bench.block(now_ms)) taken.push(now_ms);
		assert.deepEqual(taken, [3000, 303_000, 603_000]);
	});

	for (const name of ["movements", "angle"] as const) {
		it(`captures again when the ${name} have moved, and when they have moved back`, () => {
			const bench = new Bench();
			assert.ok(bench.block(3000));
			assert.ok(!bench.block(6000));
			bench.values[name]++;
			assert.ok(bench.block(9000));
			assert.ok(!bench.block(12_000));
			bench.values[name]--;
			assert.ok(bench.block(15_000));
		});
	}

	it("does not let a lost block stand, nor one from before a silence of the front end", () => {
		const bench = new Bench();
		bench.next = captureState.failed;
		assert.ok(bench.block(3000));
		assert.ok(bench.block(6000), "the one before was lost");
		bench.next = captureState.finished;
		assert.ok(bench.block(9000));
		bench.values.isValid = false;
		assert.ok(bench.block(12_000), "nothing is known of the mains");
	});

	it("F121: harmonics that come with a load are there within one period in spite of it, and go with it", async () => {
		const meter = await startSimulator({ model: "ST402D", tcp: 0, optical: 0, speed: 0 });
		try {
			const { harmonics } = meter.simulated.meter.application;
			const grid = meter.simulated.terminals;
			assert.ok("setPhase" in grid);
			meter.simulated.household?.stop();
			grid.setPhase(1, { current_A: 10, powerFactor: 1 });
			meter.pacer.step(20_000);
			assert.ok(harmonics.currentThd_permyriad(1) < 10);
			const blocks = harmonics.blockSequence;
			meter.pacer.step(9000);
			assert.equal(harmonics.blockSequence, blocks + 3, "every three seconds, steady or not");
			grid.setPhase(1, { currentHarmonics: [{ order: 5, fraction: 0.2, phase_deg: 0 }] });
			meter.pacer.step(4500);
			assert.ok(Math.abs(harmonics.currentThd_permyriad(1) - 2000) < 30, String(harmonics.currentThd_permyriad(1)));
			grid.setPhase(1, { currentHarmonics: [] });
			meter.pacer.step(4500);
			assert.ok(harmonics.currentThd_permyriad(1) < 10);
		} finally {
			await meter.close();
		}
	});
});

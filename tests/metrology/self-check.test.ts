// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Ade9000Model } from "../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { createReading, energyIndex, type FrontEndFault } from "../../src/metrology/front-end.js";
import { type HarmonicsView, noHarmonics } from "../../src/metrology/harmonics-view.js";
import { SelfCheck, selfCheckError } from "../../src/metrology/self-check.js";
import { sm402d, st402d } from "../../src/models/model.js";
import { SamplingBench } from "./sampling/sampling-bench.js";

/** A self-check with a front end of 1 code = 1 mW · s, told once per second. */
class Rig {
	readonly check = new SelfCheck(st402d);
	readonly reading = createReading();
	now_ms = 0;
	fault: FrontEndFault = "";

	constructor() {
		this.load(1000);
	}

	/** Real load of every phase, W. */
	load(power_W: number, apparent_VA = Math.abs(power_W)): void {
		for (let phase = 0; phase < 3; phase++) {
			this.reading.energy_codes[energyIndex.active + phase] = power_W * 1000;
			this.reading.energy_codes[energyIndex.apparent + phase] = apparent_VA * 1000;
			this.reading.voltage_mV[phase] = 230_000;
			this.reading.current_mA[phase] = (apparent_VA / 230) * 1000;
		}
	}

	/** Seconds with an interval each. */
	run(seconds: number): void {
		for (let n = 0; n < seconds; n++) {
			this.now_ms += 1000;
			this.check.intervalFinished(this.reading, 1, this.now_ms);
			this.check.supervise(this.fault, this.now_ms);
		}
	}

	/** Seconds without. */
	stay(seconds: number): void {
		for (let n = 0; n < 10 * seconds; n++) {
			this.now_ms += 100;
			this.check.supervise(this.fault, this.now_ms);
		}
	}

	/** Blocks of 3 s each whose power is `power_W` in every phase. */
	blocks(count: number, power_W: number, during: (n: number) => void = () => undefined): void {
		const view: HarmonicsView = { ...noHarmonics, blockActivePower_mW: () => power_W * 1000 };
		for (let n = 0; n < count; n++) {
			const begin_ms = this.now_ms;
			during(n);
			this.run(2);
			this.check.blockFinished(view, begin_ms);
			this.run(1);
		}
	}
}

describe("metrology/self-check", () => {
	it("F114 finds nothing wrong with a sound system", () => {
		const rig = new Rig();
		rig.run(100);
		rig.blocks(100, 1000);
		assert.equal(rig.check.errors, 0);
		assert.equal(rig.check.changes, 0);
	});

	for (const fault of ["noAnswer", "wrongPart", "configuration", "reset", "stalled", "calibration"] as const) {
		it(`F114 shows the fault "${fault}" at once, and until a minute of sound intervals has passed`, () => {
			const rig = new Rig();
			rig.run(5);
			rig.fault = fault;
			rig.stay(5);
			assert.equal(rig.check.errors, selfCheckError[fault]);
			rig.fault = "";
			rig.run(58);
			assert.equal(rig.check.errors, selfCheckError[fault]);
			rig.run(4);
			assert.equal(rig.check.errors, 0);
			assert.equal(rig.check.changes, 2);
		});
	}

	it("F114 a fault of an instant stays long enough to be seen by who polls each second", () => {
		const rig = new Rig();
		rig.run(5);
		rig.check.supervise("configuration", rig.now_ms);
		rig.check.supervise("", rig.now_ms);
		rig.run(10);
		assert.equal(rig.check.errors, selfCheckError.configuration);
	});

	it("F114 a chip that starts for more than 10 s is stalled, wherever the time began", () => {
		for (const start_ms of [0, 3_600_000]) {
			const rig = new Rig();
			rig.now_ms = start_ms;
			rig.fault = "starting";
			rig.stay(9);
			assert.equal(rig.check.errors, 0);
			rig.stay(2);
			assert.equal(rig.check.errors, selfCheckError.stalled);
		}
	});

	it("F114 readings that contradict each other for ten seconds are implausible, a few are not", () => {
		const rig = new Rig();
		rig.run(10);
		for (let n = 0; n < 20; n++) {
			rig.load(1000, 900); // active power above the apparent
			rig.run(3);
			rig.load(1000);
			rig.run(3);
		}
		assert.equal(rig.check.errors, 0);
		rig.load(1000, 900);
		rig.run(9);
		assert.equal(rig.check.errors, 0);
		rig.run(1);
		assert.equal(rig.check.errors, selfCheckError.implausible);
		rig.load(1000);
		rig.run(4);
		assert.equal(rig.check.errors, selfCheckError.implausible);
		rig.run(1);
		assert.equal(rig.check.errors, 0);
	});

	it("F114 apparent power beyond the product of voltage and current is a contradiction, below it is none", () => {
		const rig = new Rig();
		rig.reading.current_mA[1] = 4000; // 920 VA for 1000
		rig.run(20);
		assert.equal(rig.check.errors, selfCheckError.implausible);
		rig.reading.current_mA[1] = 6000; // pulsed load: the root mean square is above the mean
		rig.run(20);
		assert.equal(rig.check.errors, 0);
	});

	it("F114 powers that differ by more than 2 % for a minute are a mismatch, and one again for a minute are none", () => {
		const rig = new Rig();
		rig.run(5);
		rig.blocks(19, 960);
		assert.equal(rig.check.errors, 0);
		rig.blocks(2, 960);
		assert.equal(rig.check.errors, selfCheckError.powerMismatch);
		rig.blocks(19, 1000);
		assert.equal(rig.check.errors, selfCheckError.powerMismatch);
		rig.blocks(2, 1000);
		assert.equal(rig.check.errors, 0);
	});

	it("F114 blocks that differ now and then are no mismatch", () => {
		const rig = new Rig();
		rig.run(5);
		rig.blocks(300, 1000, (n) => rig.load(n % 2 === 0 ? 1000 : 1000.4));
		for (let n = 0; n < 100; n++) {
			rig.blocks(1, 500);
			rig.blocks(2, 1000);
		}
		assert.equal(rig.check.errors, 0);
	});

	it("F114 blocks taken while the load changes are not compared", () => {
		const rig = new Rig();
		rig.run(5);
		rig.blocks(200, 100, (n) => rig.load(n % 2 === 0 ? 1000 : 2000));
		assert.equal(rig.check.errors, 0);
	});

	it("F114 a reading that was refused is implausible at once", () => {
		const rig = new Rig();
		rig.run(5);
		rig.check.intervalRefused(rig.now_ms);
		assert.equal(rig.check.errors, selfCheckError.implausible);
		rig.run(6);
		assert.equal(rig.check.errors, 0);
	});
});

describe("metrology/self-check: with chip models", () => {
	function loaded(model = st402d, options = {}): SamplingBench {
		const bench = new SamplingBench(model, options);
		for (let phase = 1; phase <= model.phases; phase++) {
			bench.grid.setPhase(phase as 1 | 2 | 3, { current_A: 5, powerFactor: 0.8 });
		}
		bench.sampling.addListener(bench.metrology.selfCheck);
		bench.run(5);
		return bench;
	}

	it("F114 a sound meter under changing loads never has an error", () => {
		const bench = loaded(st402d, { noise: true });
		for (let n = 0; n < 120; n++) {
			const phase = ((n % 3) + 1) as 1 | 2 | 3;
			bench.grid.setPhase(phase, { current_A: (n * 7) % 60, powerFactor: n % 4 === 0 ? -0.7 : 0.9 });
			bench.run(0.37 + (n % 11));
		}
		assert.equal(bench.metrology.selfCheck.errors, 0);
		assert.equal(bench.metrology.selfCheck.changes, 0);
	});

	it("F114 SM402D with a sampler: power of accumulators and blocks agree under noise", () => {
		const bench = loaded(sm402d, { gear: "waveform", noise: true });
		bench.grid.setPhase(1, { current_A: 0.3, powerFactor: 0.5 });
		bench.run(75);
		assert.equal(bench.metrology.selfCheck.errors, 0);
	});

	it("F114 a changed register of the chip is an error of the configuration, healed and then forgotten", () => {
		const bench = loaded();
		(bench.chip as Ade9000Model).corrupt("AVGAIN", 1 << 20);
		bench.run(3);
		assert.equal(bench.metrology.selfCheck.errors, selfCheckError.configuration);
		bench.run(70);
		assert.equal(bench.metrology.selfCheck.errors, 0);
	});

	it("F114 a chip that restarts, and one that does not answer", () => {
		const bench = loaded();
		bench.chip.reset();
		bench.run(3);
		assert.equal(bench.metrology.selfCheck.errors, selfCheckError.reset);
		bench.run(70);
		assert.equal(bench.metrology.selfCheck.errors, 0);
		bench.wire = (frame) => frame.fill(0xff);
		bench.run(5);
		assert.equal(bench.metrology.selfCheck.errors, selfCheckError.noAnswer);
	});

	it("F114 waveforms that are not those of the accumulators are found in a minute, and no energy is changed by it", () => {
		const bench = loaded();
		const sound = loaded();
		bench.wire = (frame, chip) => {
			const isBurst = frame[0]! >= 0x80;
			chip.transfer(frame);
			if (isBurst) for (let n = 2; n < frame.length; n += 12) frame.fill(0, n, n + 2); // no current in L1
		};
		bench.run(55);
		assert.equal(bench.metrology.selfCheck.errors, 0);
		bench.run(15);
		assert.equal(bench.metrology.selfCheck.errors, selfCheckError.powerMismatch);
		sound.run(70);
		for (const c of [1, 21, 41, 3, 9]) assert.equal(bench.metrology.energy_units(c), sound.metrology.energy_units(c));
	});
});

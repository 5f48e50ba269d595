// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import { fullScale_A, fullScaleNeutral_A, pathGain, Rig } from "./rig.js";

describe("ADE7953 model, faults", () => {
	it("does not answer: the line reads 0xFF or 0x00, and energy counts on unseen", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start().wait(1);
		const before = rig.signed(reg.AENERGYA);
		for (const noResponse of [0xff, 0x00] as const) {
			rig.model.setFaults({ noResponse });
			assert.deepEqual(
				[...rig.frame(0x01, 0x02, 0x80, 0, 0)],
				[noResponse, noResponse, noResponse, noResponse, noResponse],
			);
			rig.write(reg.LINECYC, 7);
			rig.wait(1);
		}
		rig.model.setFaults({});
		assert.equal(rig.read(reg.LINECYC), 0);
		assert.ok(rig.signed(reg.AENERGYA) - before > 18_000);
	});

	it("flips bits on the bus at the given rate, the same ones for the same seed", () => {
		const run = (seed: number) => {
			const rig = new Rig({ seed });
			rig.wait(0.1);
			rig.model.setFaults({ bitErrorRate: 0.01 });
			const answers: number[] = [];
			for (let n = 0; n < 1000; n++) answers.push(rig.read(reg.VERSION));
			return answers;
		};
		const answers = run(1);
		const wrong = answers.filter((value) => value !== 3).length;
		// 8 bits of answer wrong with 7.7 %, a wrong address or direction in 17 bits before with 16 %
		assert.ok(wrong > 100 && wrong < 350, String(wrong));
		assert.deepEqual(run(1), answers);
		assert.notDeepEqual(run(2), answers);
	});

	it("sets the checksum flag when a flipped bit changed the configuration", () => {
		const rig = new Rig().start();
		rig.write(reg.CONFIG, 0x0104);
		rig.wait(0.1);
		rig.read(reg.RSTIRQSTATA);
		for (let n = 0; n < 100 && rig.read(reg.AIGAIN) === 0x40_0000; n++) {
			rig.model.setFaults({ bitErrorRate: 0.02 });
			rig.write(reg.AIGAIN, 0x40_0000);
			rig.model.setFaults({});
		}
		assert.notEqual(rig.read(reg.AIGAIN), 0x40_0000);
		rig.wait(0.01);
		assert.notEqual(rig.read(reg.IRQSTATA) & (1 << 21), 0);
	});

	it("refuses tolerances that no chip has", () => {
		for (const tolerance of [{ gain: Number.NaN }, { gain: -1 }, { delay_us: 301 }, { offset: 2 }]) {
			assert.throws(() => new Rig({ tolerances: { b: tolerance } }), RangeError);
		}
	});

	it("loses a transfer after a pause while the interface is not locked", () => {
		const rig = new Rig({ faults: { isInterfaceUnstable: true } });
		rig.wait(1);
		assert.equal(rig.read(reg.LCYCMODE), 0xff);
		assert.equal(rig.read(reg.LCYCMODE), 0x40);
		rig.write(reg.CONFIG, 0x0004);
		rig.wait(1);
		assert.equal(rig.read(reg.LCYCMODE), 0x40);
	});

	for (const gear of ["phasor", "waveform"] as const) {
		const expectedA = (current_A: number) => (current_A / fullScale_A) * 9_032_007 * pathGain(50);
		const expectedB = (current_A: number) => (current_A / fullScaleNeutral_A) * 9_032_007 * pathGain(50);
		const near = (actual: number, expected: number) =>
			assert.ok(Math.abs(actual / expected - 1) < 2e-3, `${actual} instead of ${expected}`);

		it(`has an input stuck at a level, in ${gear} gear`, () => {
			const rig = new Rig({ gear, faults: { stuck: { a: 0.3 } } });
			rig.load(230, 10);
			rig.start().wait(5);
			assert.ok(rig.read(reg.IRMSA) < 10, "direct components are removed");
			near(rig.read(reg.IRMSB), expectedB(10));
			assert.equal(rig.counts(reg.AENERGYA, 1), 0);
			rig.model.setFaults({ stuck: { v: 0 } });
			rig.wait(5);
			assert.ok(rig.read(reg.VRMS) < 10);
			near(rig.read(reg.IRMSA), expectedA(10));
		});

		it(`has its current sensors exchanged, in ${gear} gear`, () => {
			const rig = new Rig({ gear });
			rig.load(230, 10, 0, 50, 4);
			rig.start().wait(3);
			near(rig.read(reg.IRMSA), expectedA(10));
			rig.model.setFaults({ areSwapped: true });
			rig.wait(3);
			// each sensor at the other's pins: the shunt (147 A) and the transformer (147 A) by their own full scale
			near(rig.read(reg.IRMSA), expectedB(4));
			near(rig.read(reg.IRMSB), expectedA(10));
		});

		it(`has a current sensor the wrong way round, in ${gear} gear`, () => {
			const rig = new Rig({ gear, faults: { isReversedA: true } });
			rig.load(230, 10, 30);
			rig.start().wait(3);
			assert.ok(rig.counts(reg.AENERGYA, 1) < 0);
			assert.ok(rig.counts(reg.RENERGYA, 1) < 0);
			assert.ok(rig.counts(reg.AENERGYB, 1) > 0);
		});

		it(`has its crystal drift away at run time, in ${gear} gear`, () => {
			const rig = new Rig({ gear });
			rig.load(230, 40);
			rig.start().wait(3);
			const before = rig.counts(reg.AENERGYA, 10);
			rig.model.setFaults({ crystalOffset_ppm: 5000 });
			rig.wait(1);
			assert.ok(Math.abs(rig.counts(reg.AENERGYA, 10) / before - 1.005) < 1e-4);
		});
	}
});

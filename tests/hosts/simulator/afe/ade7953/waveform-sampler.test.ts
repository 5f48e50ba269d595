// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import { WaveformSampler } from "../../../../../hosts/simulator/afe/ade7953/waveform-sampler.js";
import { Rig } from "./rig.js";

function running(gear: "phasor" | "waveform"): { rig: Rig; sampler: WaveformSampler } {
	const rig = new Rig({ gear });
	rig.load(230, 20, 0, 50);
	rig.start();
	rig.write(reg.ALT_OUTPUT, 0x090);
	rig.wait(1);
	return { rig, sampler: new WaveformSampler(rig.model) };
}

describe("ADE7953 waveform sampler", () => {
	it("keeps what comes between start and stop: 6992.1875 sets per second, codes divided by 256", () => {
		const { rig, sampler } = running("waveform");
		sampler.start();
		rig.wait(0.1);
		sampler.stop();
		rig.wait(0.1);
		const sets = new Int16Array(3 * 1024);
		const count = sampler.read(sets, 1024);
		assert.ok(Math.abs(count - 699) <= 1, `${count} sets`);
		assert.equal(sampler.read(sets, 1024), 0);
		let squares = 0;
		for (let n = 0; n < 559; n++) squares += sets[3 * n + 2]! ** 2 / 559;
		const full = (6_500_000 / 256) * Math.SQRT1_2;
		const voltage_V = (Math.sqrt(squares) / full) * 350.37;
		assert.ok(Math.abs(voltage_V - 230) < 0.5, `${voltage_V} V`);
	});

	it("gives the sets in order, however many are asked for at once", () => {
		const { rig, sampler } = running("waveform");
		sampler.start();
		rig.wait(0.05);
		sampler.stop();
		const piece = new Int16Array(3 * 7);
		let before = Number.NaN;
		let jumps = 0;
		for (let count = sampler.read(piece, 7); count > 0; count = sampler.read(piece, 7)) {
			for (let n = 0; n < count; n++) {
				if (Math.abs(piece[3 * n + 2]! - before) > 1100) jumps++;
				before = piece[3 * n + 2]!;
			}
		}
		assert.equal(jumps, 0);
	});

	it("says that sets were lost when nobody takes them, until it is started again", () => {
		const { rig, sampler } = running("waveform");
		const sets = new Int16Array(3 * 8);
		sampler.start();
		rig.wait(0.2);
		assert.equal(sampler.read(sets, 8), -1);
		sampler.start();
		rig.wait(0.01);
		assert.equal(sampler.read(sets, 8), 8);
	});

	it("never has a set in phasor gear", () => {
		const { rig, sampler } = running("phasor");
		sampler.start();
		rig.wait(0.1);
		assert.equal(sampler.read(new Int16Array(3), 1), 0);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import { fullScale_A, fullScale_V, fullScaleNeutral_A, pathGain, Rig } from "./rig.js";

const rmsFullScale = 9_032_007;
const powerFullScale = 4_862_401;
const radians = Math.PI / 180;
const step_us = 1.117;

function near(actual: number, expected: number, relative: number, message?: string): void {
	const share = Math.abs(actual - expected) / Math.abs(expected);
	assert.ok(share <= relative, `${message ?? ""} ${actual} instead of ${expected}, off by ${share}`);
}

describe("ADE7953 model, measurement in phasor gear", () => {
	for (const [lag_deg, name] of [
		[0, "PF 1"],
		[60, "PF 0.5 inductive"],
		[-36.87, "PF 0.8 capacitive"],
		[150, "export, inductive"],
		[-120, "export, capacitive"],
	] as const) {
		it(`counts the energies of 10 s that the board's full scales give: ${name}`, () => {
			const rig = new Rig();
			rig.load(230, 40, lag_deg);
			rig.start().wait(1);
			const share = ((230 * 40) / (fullScale_V * fullScale_A)) * pathGain(50) ** 2;
			const expected = share * 206_900 * 10;
			const tolerance = 1 + expected / 69_921.875; // one count, one sample
			const energies = [reg.AENERGYA, reg.RENERGYA, reg.APENERGYA];
			const before = energies.map((address) => rig.signed(address));
			rig.wait(10);
			const [active, reactive, apparent] = energies.map((address, n) => rig.signed(address) - before[n]!);
			assert.ok(Math.abs(active! - expected * Math.cos(lag_deg * radians)) <= tolerance, `${active} ${expected}`);
			assert.ok(Math.abs(reactive! - expected * Math.sin(lag_deg * radians)) <= tolerance, `${reactive}`);
			assert.ok(Math.abs(apparent! - expected) <= tolerance, `${apparent} ${expected}`);
		});
	}

	it("shows RMS and power in codes of full scale, for both current channels", () => {
		const rig = new Rig();
		rig.load(230, 40, 60, 50, 20);
		rig.start().wait(1);
		const h = pathGain(50);
		near(rig.read(reg.VRMS), (230 / fullScale_V) * rmsFullScale * h, 1e-6);
		near(rig.read(reg.IRMSA), (40 / fullScale_A) * rmsFullScale * h, 1e-6);
		near(rig.read(reg.IRMSB), (20 / fullScaleNeutral_A) * rmsFullScale * h, 1e-6);
		const power = ((230 * 40) / (fullScale_V * fullScale_A)) * powerFullScale * h * h;
		near(rig.signed(reg.AWATT), power * 0.5, 1e-5);
		near(rig.signed(reg.AVAR), power * Math.sin(60 * radians), 1e-5);
		near(rig.signed(reg.AVA), power, 1e-5);
		const neutral = ((230 * 20) / (fullScale_V * fullScaleNeutral_A)) * powerFullScale * h * h;
		near(rig.signed(reg.BWATT), neutral * 0.5, 1e-5);
	});

	it("attenuates harmonics by its pass band: 3 dB at 1230 Hz", () => {
		const rig = new Rig();
		const tone = [{ order: 24.6, rms: 10, phase_rad: 0.3 }];
		rig.terminals.set(50, [{ order: 1, rms: 230, phase_rad: 0 }], tone);
		rig.start().wait(1);
		near(rig.read(reg.IRMSA), (10 / fullScale_A) * rmsFullScale * Math.SQRT1_2, 0.003);
	});

	it("adds up active and reactive power over the harmonics", () => {
		const rig = new Rig();
		const wave = (rms: readonly number[], lag: readonly number[]) =>
			rms.map((r, n) => ({ order: 2 * n + 1, rms: r, phase_rad: -lag[n]! }));
		rig.terminals.set(50, wave([230, 10, 8], [0, 0.4, 1]), wave([40, 12, 6], [0.5, -0.8, 2.2]));
		rig.start().wait(1);
		const scale = powerFullScale / (fullScale_V * fullScale_A);
		const terms = [230 * 40, 10 * 12, 8 * 6].map((s, n) => s * pathGain(50 * (2 * n + 1)) ** 2);
		const angles = [0.5, -0.8 - 0.4, 2.2 - 1];
		near(rig.signed(reg.AWATT), scale * terms.reduce((sum, s, n) => sum + s * Math.cos(angles[n]!), 0), 2e-5);
		near(rig.signed(reg.AVAR), scale * terms.reduce((sum, s, n) => sum + s * Math.sin(angles[n]!), 0), 5e-4);
	});

	it("moves the phase of the current by 1.117 us per step of PHCAL, sign and magnitude", () => {
		const at = (phcal: number) => {
			const rig = new Rig();
			rig.load(230, 40, 60);
			rig.start();
			rig.write(reg.PHCALA, phcal);
			rig.wait(1);
			return rig.counts(reg.AENERGYA, 30) / 30;
		};
		const degrees = step_us * 1e-6 * 50 * 360;
		assert.ok(Math.abs(degrees - 0.0201) < 1e-4);
		const neutral = at(0);
		// one step is 0.0201° = 0.0607 % of P at PF 0.5
		near(at(1) / neutral, Math.cos((60 + degrees) * radians) / 0.5, 2e-5, "one step of delay");
		near(at(0x201) / neutral, Math.cos((60 - degrees) * radians) / 0.5, 2e-5, "one step of advance");
		near(at(200) / neutral, Math.cos((60 + 200 * degrees) * radians) / 0.5, 2e-5, "200 steps of delay");
		assert.equal(at(0x200), neutral, "minus zero");
		near(at(0x3ff) / neutral, Math.cos((60 - 383 * degrees) * radians) / 0.5, 2e-5, "-1 in two's complement");
	});

	it("applies gains of current, voltage and power, and keeps channel B right only with BVGAIN = AVGAIN", () => {
		const rig = new Rig();
		rig.load(230, 40);
		rig.start().wait(1);
		const read = () => [reg.VRMS, reg.IRMSA, reg.AWATT, reg.AVA, reg.BWATT].map((address) => rig.signed(address));
		const before = read();
		rig.write(reg.AVGAIN, 0x42_0000);
		rig.write(reg.AIGAIN, 0x3c_0000);
		rig.write(reg.AWGAIN, 0x60_0000);
		rig.wait(1);
		const v = 0x42 / 0x40;
		const i = 0x3c / 0x40;
		const ratios = read().map((value, n) => value / before[n]!);
		[v, i, v * i * 1.5, v * i, 1].forEach((ratio, n) => {
			near(ratios[n]!, ratio, 1e-5);
		});
		rig.write(reg.BVGAIN, 0x42_0000);
		near(rig.signed(reg.BWATT) / before[4]!, v, 1e-5);
	});

	it("adds offsets: 1/512 power code, 4096 squared RMS codes per step", () => {
		const rig = new Rig();
		rig.load(230, 5, 40);
		rig.start().wait(1);
		const read = (address: number) => rig.signed(address);
		const before = [reg.AWATT, reg.AVAR, reg.AVA].map(read);
		rig.write(reg.AWATTOS, 51_200);
		rig.write(reg.AVAROS, -51_200 & 0xff_ffff);
		rig.write(reg.AVAOS, 5120);
		assert.deepEqual(
			[reg.AWATT, reg.AVAR, reg.AVA].map((address, n) => read(address) - before[n]!),
			[100, -100, 10],
		);
		const current = rig.read(reg.IRMSA);
		rig.write(reg.AIRMSOS, -20_000 & 0xff_ffff);
		assert.ok(Math.abs(rig.read(reg.IRMSA) - Math.sqrt(current ** 2 - 20_000 * 4096)) < 1);
	});

	it("has the noise floor of its data sheet: 74, 72 and 70 dB under full scale", () => {
		const rig = new Rig({ noise: true });
		rig.start().wait(1);
		near(rig.read(reg.IRMSA), rmsFullScale * 10 ** (-74 / 20), 1e-3);
		near(rig.read(reg.IRMSB), rmsFullScale * 10 ** (-72 / 20), 1e-3);
		near(rig.read(reg.VRMS), rmsFullScale * 10 ** (-70 / 20), 1e-3);
		const code = rig.read(reg.IRMSA);
		rig.write(reg.AIRMSOS, Math.round(-(code ** 2) / 4096) & 0xff_ffff);
		assert.ok(rig.read(reg.IRMSA) < 70, "the RMS offset takes it away");
	});

	it("scatters energy as that noise does: 0.4 % in 1 s at 0.15 A", () => {
		const rig = new Rig({ noise: true, seed: 5 });
		rig.load(230, 0.15);
		rig.start().wait(2);
		const seconds = 4000;
		let sum = 0;
		let squares = 0;
		for (let n = 0; n < seconds; n++) {
			const counts = rig.counts(reg.AENERGYA, 1);
			sum += counts;
			squares += counts ** 2;
		}
		const mean = sum / seconds;
		const expected = ((230 * 0.15) / (fullScale_V * fullScale_A)) * 206_900 * pathGain(50) ** 2;
		near(mean, expected, 5e-4);
		// V·σI and I·σV over √(2·B·t), B = 1260 Hz; a count is 0.7 %: rounding twice adds 1/6
		const noise_W = Math.hypot(230 * 10 ** (-74 / 20) * fullScale_A, 0.15 * 10 ** (-70 / 20) * fullScale_V);
		const noise_counts = (noise_W / Math.sqrt(2 * 1260) / (fullScale_V * fullScale_A)) * 206_900;
		near(Math.sqrt(squares / seconds - mean ** 2), Math.sqrt(noise_counts ** 2 + 1 / 6), 0.05);
		near(noise_W / Math.sqrt(2 * 1260) / 34.5, 0.004, 0.05);
	});

	it("quantises the period to 1/223 750 s and holds it without voltage", () => {
		const rig = new Rig();
		rig.load(230, 1);
		rig.start();
		assert.equal(rig.read(reg.PERIOD), 4474);
		for (const frequency_Hz of [47.5, 49.99, 52.5, 60]) {
			rig.change(230, 1, 0, frequency_Hz);
			assert.equal(rig.read(reg.PERIOD), Math.round(223_750 / frequency_Hz) - 1);
		}
		rig.change(0, 1);
		assert.equal(rig.read(reg.PERIOD), 3728);
	});

	it("measures the angle in clocks of the period counter, positive for a lagging current", () => {
		const rig = new Rig();
		rig.load(230, 10, 30);
		rig.start();
		for (const lag_deg of [30, 60, -60, 150, -150, 179]) {
			rig.change(230, 10, lag_deg);
			assert.equal(rig.signed16(reg.ANGLE_A), Math.round((lag_deg / 360 / 50) * 223_750));
		}
	});

	it("gives the power factor the sign of the reactive power, not of the direction", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start();
		for (const [lag_deg, factor] of [
			[60, 0.5],
			[-60, -0.5],
			[120, 0.5],
			[-120, -0.5],
		] as const) {
			rig.change(230, 10, lag_deg);
			rig.wait(2);
			assert.ok(Math.abs(rig.signed16(reg.PFA) / 32_768 - factor) < 1e-4, String(lag_deg));
		}
	});

	it("sets the power factor by the no-load rules: VA 1, W 0, VAR sign of P", () => {
		const rig = new Rig();
		rig.load(230, 0);
		rig.start().wait(2);
		assert.equal(rig.signed16(reg.PFA), 0x7fff);
		rig.change(230, 10, 90);
		rig.wait(2);
		assert.equal(rig.signed16(reg.PFA), 0);
		rig.change(230, 10, 180);
		rig.wait(2);
		assert.equal(rig.signed16(reg.PFA), -0x8000);
		rig.change(230, 10, 0);
		rig.wait(2);
		assert.equal(rig.signed16(reg.PFA), 0x7fff);
	});

	it("weights a step inside the RMS window by the triangle of two 100 ms means", () => {
		const rig = new Rig();
		rig.load(200, 1);
		rig.start().wait(1);
		const before = rig.read(reg.VRMS);
		rig.change(100, 1);
		rig.wait(0.1);
		// after half of the window both states weigh the same
		near(rig.read(reg.VRMS) / before, Math.sqrt((1 + 0.25) / 2), 1e-3);
		rig.wait(0.1);
		near(rig.read(reg.VRMS) / before, 0.5, 1e-5);
	});

	it("follows the gains of its inputs, and clips IA with gain 1 at half of the range", () => {
		const rig = new Rig();
		rig.load(230, 60);
		rig.start().wait(1);
		const code = rig.read(reg.IRMSA);
		rig.write(reg.PGA_IA, 3);
		rig.wait(1);
		near(rig.read(reg.IRMSA) * 2, code, 1e-6);
		rig.write(reg.PGA_IA, 5);
		rig.wait(1);
		near(rig.read(reg.IRMSA), (code * 22) / 16, 1e-5);
		rig.write(reg.PGA_IA, 0);
		rig.change(230, 5000);
		rig.wait(1);
		// far over the range: a square wave of half the range, its harmonics inside the band
		const code1 = rig.read(reg.IRMSA);
		assert.ok(code1 < (rmsFullScale * Math.SQRT2) / 2 && code1 > rmsFullScale / 2, String(code1));
	});

	it("lets direct components through only without the high-pass", () => {
		const rig = new Rig({ tolerances: { a: { offset: 0.01 } } });
		rig.start().wait(1);
		assert.equal(rig.read(reg.IRMSA), 0);
		rig.write(reg.CONFIG, 0);
		rig.wait(1);
		near(rig.read(reg.IRMSA), rmsFullScale * Math.SQRT2 * 0.01, 1e-5);
	});

	it("synthesises waveform registers from the phasors", () => {
		const rig = new Rig();
		rig.load(230, 10, 90);
		rig.start();
		let squares = 0;
		let product = 0;
		for (let n = 0; n < 200; n++) {
			rig.wait(0.0001);
			squares += rig.signed(reg.V) ** 2;
			product += rig.signed(reg.V) * rig.signed(reg.IA);
		}
		const crest = (230 / fullScale_V) * 6_500_000 * pathGain(50);
		near(Math.sqrt(squares / 200), crest / Math.SQRT2, 1e-3);
		assert.ok(Math.abs(product / squares) < 1e-4);
	});

	it("needs no more time for an hour than for a second", () => {
		const rig = new Rig();
		rig.load(230, 40);
		rig.start().wait(2);
		const second = rig.counts(reg.AENERGYA, 10) / 10;
		const before = rig.signed(reg.AENERGYA);
		rig.wait(3600);
		const expected = (before + second * 3600) % 2 ** 24;
		const error = (rig.signed(reg.AENERGYA) - expected) % 2 ** 24;
		assert.ok(Math.abs(error) % (2 ** 24 - 400) < 400, String(error)); // second is known to 0.1 count
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import type { Component } from "../../../../../hosts/simulator/grid/terminals.js";
import { BenchTerminals, fullScale_A, fullScale_V, pathGain, Rig } from "./rig.js";

const radians = Math.PI / 180;

/** Voltage and current with harmonics to the 25th; the current lags by `lag_deg`. */
function distorted(rig: Rig, frequency_Hz: number, lag_deg: number): void {
	const orders = [3, 5, 7, 11, 13, 17, 19, 23, 25];
	const voltage: Component[] = [{ order: 1, rms: 230, phase_rad: 0.4 }];
	const current: Component[] = [{ order: 1, rms: 60, phase_rad: 0.4 - lag_deg * radians }];
	for (const order of orders) {
		voltage.push({ order, rms: 11.5 / order, phase_rad: order });
		current.push({ order, rms: 18 / order, phase_rad: 0.7 * order });
	}
	rig.terminals.set(frequency_Hz, voltage, current);
}

interface Means {
	/** Counts of AENERGYA … APENERGYB. */
	readonly counts: readonly number[];
	/** Root mean square of polls of VRMS, IRMSA, IRMSB. */
	readonly rms: readonly number[];
}

function measure(rig: Rig, seconds: number): Means {
	const energies = [reg.AENERGYA, reg.AENERGYB, reg.RENERGYA, reg.RENERGYB, reg.APENERGYA, reg.APENERGYB];
	const rms = [reg.VRMS, reg.IRMSA, reg.IRMSB];
	const before = energies.map((address) => rig.signed(address));
	const squares = [0, 0, 0];
	const polls = seconds * 10;
	for (let n = 0; n < polls; n++) {
		rig.wait(0.1);
		for (let k = 0; k < 3; k++) squares[k]! += rig.read(rms[k]!) ** 2 / polls;
	}
	return {
		counts: energies.map((address, n) => rig.signed(address) - before[n]!),
		rms: squares.map(Math.sqrt),
	};
}

describe("ADE7953 model, both gears", () => {
	for (const frequency_Hz of [49, 50, 51, 60]) {
		for (const lag_deg of [0, 60, -36.87]) {
			it(`agree to 0.01 % with harmonics at ${frequency_Hz} Hz and ${lag_deg} degrees`, () => {
				const [phasor, waveform] = (["phasor", "waveform"] as const).map((gear) => {
					const rig = new Rig({ gear, tolerances: { a: { gain: 0.003, delay_us: 3 }, b: { delay_us: -20 } } });
					distorted(rig, frequency_Hz, lag_deg);
					rig.start();
					rig.write(reg.PHCALA, 0x207);
					rig.write(reg.PHCALB, 0x0c8);
					rig.write(reg.AWGAIN, 0x42_0000);
					rig.write(reg.AIRMSOS, 3000);
					rig.wait(3);
					return measure(rig, 10);
				}) as [Means, Means];
				const apparent = phasor.counts[4]!;
				for (let n = 0; n < 6; n++) {
					const error = Math.abs(waveform.counts[n]! - phasor.counts[n]!);
					// reactive energy against apparent: at PF 1 there is hardly any
					const scale = n === 2 || n === 3 ? apparent : Math.abs(phasor.counts[n]!);
					assert.ok(error / scale < 1e-4, `energy ${n}: ${waveform.counts[n]} and ${phasor.counts[n]}`);
				}
				for (let n = 0; n < 3; n++) {
					assert.ok(Math.abs(waveform.rms[n]! / phasor.rms[n]! - 1) < 1e-4, `rms ${n}`);
				}
			});
		}
	}

	it("agree on period, angle and power factor", () => {
		for (const lag_deg of [-120, -30, 45, 150]) {
			const [phasor, waveform] = (["phasor", "waveform"] as const).map((gear) => {
				const rig = new Rig({ gear });
				rig.load(230, 20, lag_deg, 49.5);
				rig.start();
				rig.write(reg.PHCALA, 100);
				rig.wait(3);
				return [rig.read(reg.PERIOD), rig.signed16(reg.ANGLE_A), rig.signed16(reg.PFA) / 32_768] as const;
			});
			assert.ok(Math.abs(phasor![0] - waveform![0]) <= 1, String(waveform![0]));
			assert.ok(Math.abs(phasor![1] - waveform![1]) <= 1, `${phasor![1]} ${waveform![1]}`);
			assert.ok(Math.abs(phasor![2] - waveform![2]) < 1e-3, `${phasor![2]} ${waveform![2]}`);
		}
	});

	it("agree on the angle where harmonics move the zero crossings", () => {
		const angles = (["phasor", "waveform"] as const).map((gear) => {
			const rig = new Rig({ gear });
			const third = { order: 3, rms: 4, phase_rad: 0.3 };
			const fifth = { order: 5, rms: 3, phase_rad: -1 };
			rig.terminals.set(
				50,
				[{ order: 1, rms: 230, phase_rad: 0 }],
				[{ order: 1, rms: 20, phase_rad: -0.5 }, third, fifth],
			);
			rig.start().wait(3);
			return rig.signed16(reg.ANGLE_A);
		});
		assert.ok(Math.abs(angles[0]! - (0.5 / (2 * Math.PI)) * 4475) > 10, "they do");
		assert.ok(Math.abs(angles[0]! - angles[1]!) <= 1, String(angles));
	});

	it("agree on clipped currents", () => {
		const [phasor, waveform] = (["phasor", "waveform"] as const).map((gear) => {
			const rig = new Rig({ gear });
			rig.load(230, 250, 20);
			rig.start().wait(3);
			return measure(rig, 2);
		}) as [Means, Means];
		assert.ok(phasor.rms[1]! < (9_032_007 * 1.2 * 250) / fullScale_A);
		for (const n of [0, 2, 4]) assert.ok(Math.abs(waveform.counts[n]! / phasor.counts[n]! - 1) < 5e-4);
		assert.ok(Math.abs(waveform.rms[1]! / phasor.rms[1]! - 1) < 5e-4);
	});

	it("agree on the crystal: energy follows its error, the period as well", () => {
		for (const gear of ["phasor", "waveform"] as const) {
			const [nominal, fast] = [0, 10_000].map((crystal_ppm) => {
				const rig = new Rig({ gear, crystal_ppm });
				rig.load(230, 40);
				rig.start().wait(3);
				return [rig.counts(reg.AENERGYA, 10), rig.read(reg.PERIOD)] as const;
			});
			assert.ok(Math.abs(fast![0] / nominal![0] - 1.01) < 2e-4);
			assert.ok(Math.abs(fast![1] - Math.round(223_750 * 1.01 * 0.02) + 1) <= 1);
		}
	});

	it("have the same noise: scatter of energy at 0.15 A and RMS floor", () => {
		const rig = new Rig({ gear: "waveform", noise: true, seed: 3 });
		rig.load(230, 0.15);
		rig.start().wait(3);
		let sum = 0;
		let squares = 0;
		const periods = 400;
		for (let n = 0; n < periods; n++) {
			const counts = rig.counts(reg.AENERGYA, 0.25);
			sum += counts;
			squares += counts ** 2;
		}
		const mean = sum / periods;
		const scatter = Math.sqrt(squares / periods - mean ** 2);
		// σ of V·I over √(2·B·t), counts; energy between reads is rounded twice: +1/6
		const sigma_W = Math.hypot(230 * 10 ** (-74 / 20) * fullScale_A, 0.15 * 10 ** (-70 / 20) * fullScale_V);
		const counts = ((sigma_W / Math.sqrt(2 * 1260 * 0.25)) * 0.25 * 206_900) / (fullScale_V * fullScale_A);
		const expected = Math.sqrt(counts ** 2 + 1 / 6);
		assert.ok(Math.abs(scatter / expected - 1) < 0.15, `${scatter} ${expected}`);
		const floor = Math.sqrt((0.15 / fullScale_A) ** 2 * pathGain(50) ** 2 + 10 ** (-74 / 10)) * 9_032_007;
		let mean2 = 0;
		for (let n = 0; n < 20; n++) {
			rig.wait(0.2);
			mean2 += rig.read(reg.IRMSA) ** 2 / 20;
		}
		assert.ok(Math.abs(Math.sqrt(mean2) / floor - 1) < 0.02);
	});

	it("give the same octets for the same seed, others for another", () => {
		for (const gear of ["phasor", "waveform"] as const) {
			const run = (seed: number) => {
				const rig = new Rig({ gear, noise: true, seed });
				rig.load(230, 5, 30);
				rig.start();
				const values: number[] = [];
				for (let n = 0; n < 20; n++) {
					rig.wait(0.1);
					for (const address of [reg.AENERGYA, reg.AWATT, reg.IA]) values.push(rig.read(address));
				}
				return values.join();
			};
			assert.equal(run(11), run(11));
			assert.notEqual(run(11), run(12));
		}
	});
});

describe("ADE7953 model, waveform gear", () => {
	it("is taken for a recording whatever is asked for", () => {
		const terminals = new BenchTerminals();
		terminals.isRecording = true;
		terminals.phasors = () => {
			throw new Error("a recording has no phasors");
		};
		const rig = new Rig({ terminals, gear: "phasor" });
		assert.equal(rig.model.gear, "waveform");
		rig.start().wait(1);
		assert.equal(rig.read(reg.VRMS), 0);
	});

	it("gives sample triples at each data-ready pulse, readable from the listener, once a pin is set to it", () => {
		const times: number[] = [];
		const samples: number[][] = [[], [], []];
		let rig: Rig | undefined;
		const onDataReady = (time_s: number) => {
			times.push(time_s);
			[reg.V, reg.IA, reg.IB].forEach((address, n) => {
				samples[n]!.push(rig!.signed(address));
			});
		};
		rig = new Rig({ gear: "waveform", onDataReady });
		rig.load(230, 20, 60, 50, 10);
		rig.start().wait(2);
		assert.equal(times.length, 0);
		rig.write(reg.ALT_OUTPUT, 0x090);
		rig.wait(1);
		assert.ok(Math.abs(times.length - 6992) <= 1);
		assert.ok(Math.abs(times.at(-1)! - times[0]! - (times.length - 1) / 6992.1875) < 1e-9);
		const whole = 6992;
		const dot = (a: number[], b: number[]) => a.slice(0, whole).reduce((sum, x, n) => sum + x * b[n]!, 0) / whole;
		const v = Math.sqrt(dot(samples[0]!, samples[0]!));
		const i = Math.sqrt(dot(samples[1]!, samples[1]!));
		assert.ok(Math.abs(v / ((230 / fullScale_V) * 6_500_000 * Math.SQRT1_2 * pathGain(50)) - 1) < 1e-4);
		assert.ok(Math.abs(i / ((20 / fullScale_A) * 6_500_000 * Math.SQRT1_2 * pathGain(50)) - 1) < 1e-4);
		assert.ok(Math.abs(dot(samples[0]!, samples[1]!) / (v * i) - 0.5) < 1e-4);
	});

	it("does not depend on the steps in which time is moved", () => {
		const run = (step_s: number, steps: number) => {
			const rig = new Rig({ gear: "waveform", noise: false });
			rig.load(230, 20, 30);
			rig.start().wait(0.93);
			for (let n = 0; n < steps; n++) rig.wait(step_s);
			return [reg.AENERGYA, reg.RENERGYA, reg.AWATT, reg.VRMS].map((address) => rig.read(address));
		};
		assert.deepEqual(run(0.0101, 100), run(1.01, 1));
	});

	it("rejects direct components: they disturb neither power nor RMS", () => {
		const rig = new Rig({ gear: "waveform", tolerances: { v: { offset: 0.01 }, a: { offset: -0.02 } } });
		rig.load(230, 20);
		rig.start().wait(5);
		const expected = ((230 * 20) / (fullScale_V * fullScale_A)) * 206_900 * pathGain(50) ** 2;
		assert.ok(Math.abs(rig.counts(reg.AENERGYA, 10) / 10 / expected - 1) < 1e-4);
		assert.ok(Math.abs(rig.read(reg.IRMSA) / ((20 / fullScale_A) * 9_032_007 * pathGain(50)) - 1) < 1e-3);
	});

	it("clips the converter at full scale", () => {
		const rig = new Rig({ gear: "waveform" });
		rig.load(230, 2000);
		rig.start();
		rig.write(reg.CONFIG, 0);
		rig.wait(1);
		let greatest = 0;
		for (let n = 0; n < 200; n++) {
			rig.wait(0.0011);
			greatest = Math.max(greatest, Math.abs(rig.signed(reg.IA)));
		}
		// close to a square wave: the band filter adds nothing to its flat top
		assert.ok(greatest <= 6_500_000 * 1.01 && greatest > 6_490_000, String(greatest));
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChannelTolerance } from "../../../../../hosts/simulator/afe/ade9000/analog-input.js";
import { registerRows } from "../../../../../hosts/simulator/afe/ade9000/register-map.js";
import { Bench, FakeTerminals } from "./test-bench.js";

const quiet = { CONFIG2: 0x0e00, ACT_NL_LVL: 0, REACT_NL_LVL: 0, APP_NL_LVL: 0 };
const quantities = ["WATTHR", "VARHR", "VAHR", "FWATTHR", "FVARHR", "FVAHR"];
type Load = Parameters<FakeTerminals["set"]>[0];

/** Energies and mean RMS of phases A and B over `seconds` after 3 s of settling. */
function measure(
	gear: "phasor" | "waveform",
	load: Load,
	seconds: number,
	registers: Readonly<Record<string, number>> = {},
	tolerances: readonly (ChannelTolerance | undefined)[] = [],
) {
	const bench = new Bench({ gear, tolerances });
	bench.terminals.set(load);
	bench.start({ ...quiet, ...registers });
	bench.pass(3.01);
	const names = quantities.flatMap((name) => [`A${name}`, `B${name}`]);
	const before = names.map((name) => bench.energy(name));
	const squares = [0, 0, 0];
	for (let n = 0; n < 5 * seconds; n++) {
		bench.pass(0.2);
		for (const [k, name] of ["AVRMS1012", "BIRMS1012", "NIRMS1012"].entries()) squares[k]! += bench.read(name) ** 2;
	}
	return {
		energies: names.map((name, k) => bench.energy(name) - before[k]!),
		rms: squares.map((square) => Math.sqrt(square / (5 * seconds))),
		ratios: ["AVTHD", "AITHD"].map((name) => bench.read(name) / 2 ** 27),
		powerFactor: bench.readSigned("APF") / 2 ** 27,
		period: bench.read("COM_PERIOD"),
		angle: bench.read("ANGL_VA_IA"),
	};
}

function assertAgree(load: Load, registers = {}, tolerances: readonly (ChannelTolerance | undefined)[] = []): void {
	const phasor = measure("phasor", load, 2, registers, tolerances);
	const waveform = measure("waveform", load, 2, registers, tolerances);
	for (let k = 0; k < phasor.energies.length; k++) {
		const apparent = phasor.energies[4 + (k % 2)]!;
		const error = (waveform.energies[k]! - phasor.energies[k]!) / apparent;
		assert.ok(Math.abs(error) < 1e-4, `${quantities[k >> 1]} of phase ${k % 2}: ${error}`);
	}
	for (let k = 0; k < 3; k++) {
		const error = waveform.rms[k]! - phasor.rms[k]!;
		assert.ok(Math.abs(error) <= 1e-4 * phasor.rms[k]! + 1, `RMS ${k}: ${error}`);
	}
	// √(RMS² − FRMS²) magnifies what ripple is left.
	for (let k = 0; k < 2; k++) {
		const error = waveform.ratios[k]! - phasor.ratios[k]!;
		assert.ok(Math.abs(error) < 1e-3, `THD ${k}: ${error}`);
	}
	assert.ok(Math.abs(waveform.powerFactor - phasor.powerFactor) < 5e-4);
	assert.ok(Math.abs(waveform.period / phasor.period - 1) < 1e-5);
}

const voltageHarmonics = [
	[3, 0.05, 20],
	[5, 0.06, 40],
	[25, 0.02, 10],
] as const;
const currentHarmonics = [
	[2, 0.05, 60],
	[3, 0.2, 10],
	[5, 0.1, 100],
	[7, 0.1, 7],
	[25, 0.02, 0],
] as const;
const unequal = { voltage_V: [230, 200, 250] as const, current_A: [5, 60, 0.5] as const };

describe("ADE9000 model: both gears", () => {
	it("agree to 0.01 % at 50 Hz, 0.5 inductive, with harmonics to 25", () => {
		assertAgree({ ...unequal, lag_deg: 60, voltageHarmonics, currentHarmonics });
	});

	it("agree to 0.01 % at 49 Hz, 0.8 capacitive, and at 51 Hz, PF 1", () => {
		assertAgree({ ...unequal, frequency_Hz: 49, lag_deg: -36.87, currentHarmonics });
		assertAgree({ ...unequal, frequency_Hz: 51, lag_deg: 0 });
	});

	it("agree to 0.01 % at 60 Hz with windows of 12 cycles", () => {
		assertAgree({ ...unequal, frequency_Hz: 60, lag_deg: 60, voltageHarmonics }, { ACCMODE: 0x0100 });
	});

	it("agree on factory errors, gains, phase compensation and offsets", () => {
		assertAgree(
			{ ...unequal, lag_deg: 60 },
			{ AIGAIN: 400_000, AVGAIN: -700_000, APGAIN: 100_000, APHCAL0: -24_412_285, AWATTOS: 300, BIRMS1012OS: 5000 },
			[{ gain: 0.002, offset: 0.001 }, { delay_us: -3 }, undefined, { delay_us: 5 }, { gain: -0.004 }],
		);
	});

	it("agree on combined channels, redirection and amplification", () => {
		assertAgree({ ...unequal, lag_deg: 20 }, { ACCMODE: 0x00a0 });
		assertAgree({ ...unequal, current_A: [5, 7, 3], lag_deg: 20 }, { ADC_REDIRECT: 0x1f_fff9, PGA_GAIN: 0b0110 });
	});

	it("agree on limited inputs", () => {
		assertAgree({ voltage_V: [900, 230, 230], current_A: [100, 100, 100], lag_deg: 30 });
	});

	it("agree on angles and on direct levels without the high-pass", () => {
		const load = { current_A: [5, 5, 5] as const, lag_deg: 37 };
		const phasor = measure("phasor", load, 1);
		const waveform = measure("waveform", load, 1);
		assert.ok(Math.abs(phasor.angle - waveform.angle) <= 1);
		assertAgree(load, { CONFIG0: 8 }, [{ offset: 0.01 }, undefined, undefined, { offset: 0.002 }]);
	});

	it("take over from each other while running", () => {
		const bench = new Bench({ gear: "phasor" });
		bench.terminals.set({ current_A: [5, 5, 5], lag_deg: 60 });
		bench.start(quiet);
		bench.pass(10);
		const [energy, rms] = [bench.energy("AWATTHR"), bench.read("AVRMS")];
		bench.chip.setGear("waveform");
		bench.pass(2);
		assert.ok(bench.energy("AWATTHR") > energy * 1.1);
		assert.ok(Math.abs(bench.read("AVRMS") / rms - 1) < 1e-5);
		bench.chip.setGear("phasor");
		bench.pass(2);
		assert.ok(Math.abs(bench.read("AVRMS") / rms - 1) < 1e-7);
	});

	it("work on a recording only sample by sample", () => {
		const terminals = new FakeTerminals();
		terminals.isRecording = true;
		terminals.phasors = () => {
			throw new Error("a recording has no phasors");
		};
		const bench = new Bench({ gear: "phasor", terminals });
		assert.equal(bench.chip.gear, "waveform");
		bench.terminals.set({ current_A: [5, 5, 5] });
		bench.start(quiet);
		bench.pass(1);
		bench.chip.setGear("phasor");
		assert.equal(bench.chip.gear, "waveform");
		assert.ok(bench.read("AVRMS") > 0);
	});
});

describe("ADE9000 model: waveform gear", () => {
	it("settles its RMS within 200 ms and shows ripple of twice the line frequency on powers", () => {
		const bench = new Bench({ gear: "waveform" });
		bench.terminals.set({ current_A: [5, 5, 5] });
		bench.start(quiet);
		bench.pass(3);
		const rms = bench.read("AVRMS");
		bench.terminals.set({ voltage_V: [115, 115, 115], current_A: [5, 5, 5] });
		bench.pass(0.21);
		assert.ok(Math.abs((2 * bench.read("AVRMS")) / rms - 1) < 1e-3);
		bench.pass(1);
		const powers = Array.from({ length: 40 }, () => {
			bench.pass(0.000_25);
			return bench.readSigned("AWATT");
		});
		const [least, most] = [Math.min(...powers), Math.max(...powers)];
		assert.ok(most / least > 1.05 && most / least < 1.5, `${least} ${most}`);
	});

	it("has noise of -96 dB on RMS and an energy that scatters accordingly", () => {
		const bench = new Bench({ gear: "waveform", noise: true });
		bench.terminals.set({ current_A: [0, 0.5, 0.5] });
		bench.start({ ...quiet, EGY_TIME: 799 });
		bench.pass(1);
		const milliamperes = (bench.read("AIRMS") / 52_702_092) * ((Math.SQRT1_2 / 12) * 2500) * 1000;
		assert.ok(Math.abs(milliamperes / 2.33 - 1) < 0.1, `${milliamperes}`);
		let before = bench.energy("BWATTHR");
		const joules: number[] = [];
		for (let n = 0; n < 60; n++) {
			bench.pass(0.1);
			const now = bench.energy("BWATTHR");
			joules.push(((now - before) * (700.743 * 147.314)) / 20_694_066 / 8000);
			before = now;
		}
		const mean = joules.reduce((a, b) => a + b) / joules.length;
		const deviation = Math.sqrt(joules.reduce((a, b) => a + (b - mean) ** 2, 0) / joules.length);
		assert.ok(Math.abs(mean / 11.5 - 1) < 2e-3, `${mean}`);
		// √(V²σi² + I²σv²)/√(2·B·t) · t, B = 3.1 kHz, t = 0.1 s; the low-pass of 10 Hz takes some of it away
		const expected = (230 * 2.335e-3 * 0.1) / Math.sqrt(2 * 3100 * 0.1);
		assert.ok(deviation > 0.6 * expected && deviation < 1.3 * expected, `${deviation} ${expected}`);
	});

	it("gives the same codes for the same seed, and whatever steps time goes in", () => {
		const run = (step_s: number) => {
			const bench = new Bench({ gear: "waveform", noise: true, seed: 5 });
			bench.terminals.set({ current_A: [5, 5, 5], currentHarmonics });
			bench.start(quiet);
			for (let n = 1; n <= Math.round(1.2 / step_s); n++) bench.chip.advanceTo(0.1 + n * step_s);
			return bench.energy("AWATTHR");
		};
		assert.equal(run(0.4), run(0.4));
		assert.ok(Math.abs(run(0.4) / run(0.003) - 1) < 1e-4);
	});
});

describe("ADE9000 model: phasor gear", () => {
	it("comes to the same registers whatever steps time goes in", () => {
		const names = registerRows.map((row) => row.name).filter((name) => !/STATUS|LAST|CRC|_PCF|_DAT/.test(name));
		const loads: Load[] = [
			{},
			{ current_A: [5, 0.001, 70], lag_deg: 100 },
			{ voltage_V: [150, 230, 260], current_A: [1, 2, 3], currentHarmonics },
			{ frequency_Hz: 47.3, current_A: [5, 5, 5] },
			{ voltage_V: [0, 0, 0] },
		];
		const run = (plan: readonly (readonly [number, number])[], steps: readonly number[]) => {
			const bench = new Bench();
			bench.start({
				...quiet,
				ACT_NL_LVL: 20_000,
				DIP_LVL: 485_000,
				DIP_CYC: 3,
				COMPMODE: 7,
				WTHR: 0x1000,
				EP_CFG: 0x4080,
			});
			let end = bench.chip.now_s;
			let k = 0;
			for (const [load, milliseconds] of plan) {
				bench.terminals.set(loads[load]!);
				end += milliseconds / 1000;
				while (bench.chip.now_s < end) {
					bench.chip.advanceTo(steps.length === 0 ? end : Math.min(end, bench.chip.now_s + steps[k++ % steps.length]!));
				}
			}
			return names.map((name) => bench.read(name));
		};
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 1500 })), { minLength: 1, maxLength: 6 }),
				fc.array(fc.constantFrom(0.0005, 0.003, 0.01, 0.0333, 0.1, 0.25), { minLength: 1, maxLength: 5 }),
				(plan, steps) => {
					const whole = run(plan, []);
					const pieces = run(plan, steps);
					for (let n = 0; n < names.length; n++) {
						const difference = Math.abs((whole[n]! | 0) - (pieces[n]! | 0));
						assert.ok(difference <= 1, `${names[n]}: ${whole[n]} and ${pieces[n]}`);
					}
				},
			),
			{ numRuns: 60, seed: 7 },
		);
	});

	it("makes a second without changes cheap: no work per sample, half cycle or window", () => {
		const bench = new Bench({ noise: true });
		bench.terminals.set({ current_A: [5, 5, 5], currentHarmonics });
		bench.start(quiet);
		bench.pass(2);
		let calls = 0;
		const { phasors } = bench.terminals;
		bench.terminals.phasors = () => {
			calls++;
			return phasors.call(bench.terminals);
		};
		for (let n = 0; n < 100; n++) bench.pass(1);
		assert.ok(calls <= 200, `${calls}`);
	});
});

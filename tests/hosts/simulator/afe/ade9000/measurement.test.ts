// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { boardSt402c, boardSt402d } from "../../../../../src/models/board.js";
import { Bench } from "./test-bench.js";

/** Figures of the data sheet for a full-scale sine, and the analogue side of ST402D: 991 : 1, 2500 : 1 on 12 Ω. */
const fullScaleRms = 52_702_092;
const fullScalePower = 20_694_066;
const voltageFullScale_V = Math.SQRT1_2 * 991;
const currentFullScale_A = (Math.SQRT1_2 / 12) * 2500;
const wattsPerCode = (voltageFullScale_V * currentFullScale_A) / fullScalePower;

/** HPF 0.625 Hz and no no-load threshold: the least that a measurement is changed by. */
const accurate = { CONFIG2: 0x0e00, ACT_NL_LVL: 0, REACT_NL_LVL: 0, APP_NL_LVL: 0 };
/** The high-pass at 50 Hz: 1/√(1 + (0.625/50)²). */
const highPass50 = 1 / Math.hypot(1, 0.625 / 50);

function near(actual: number, expected: number, relative: number, text = ""): void {
	const limit = Math.abs(expected) * relative;
	assert.ok(Math.abs(actual - expected) <= limit, `${text} ${actual} is not ${expected} within ${relative}`);
}

describe("ADE9000 model: results in phasor gear", () => {
	it("reads the full-scale codes of the data sheet for full-scale sines", () => {
		const bench = new Bench();
		const [u, i] = [voltageFullScale_V, currentFullScale_A];
		bench.terminals.set({ voltage_V: [u, u, u], current_A: [i, i, i] });
		bench.start(accurate);
		bench.pass(2);
		near(bench.read("AVRMS") / highPass50, fullScaleRms, 3e-5);
		near(bench.read("BIRMS") / highPass50, fullScaleRms, 3e-5);
		near(bench.read("CVRMSONE") / highPass50, fullScaleRms, 3e-5);
		near(bench.read("AIRMS1012") / highPass50, fullScaleRms, 3e-5);
		near(bench.read("AWATT") / highPass50 ** 2, fullScalePower, 6e-5);
		near(bench.read("AVFRMS") / highPass50, fullScaleRms, 3e-5);
	});

	it("keeps P = V I cos φ / 2^27, Q = V I sin φ / 2^27 and S = V I / 2^27 to one code", () => {
		for (const lag_deg of [0, 30, 60, 90, 150, -60, -120, 180]) {
			const bench = new Bench();
			bench.terminals.set({ voltage_V: [230, 110, 350], current_A: [5, 60, 0.25], lag_deg });
			bench.start(accurate);
			bench.pass(2);
			const lag = (lag_deg * Math.PI) / 180;
			for (const phase of ["A", "B", "C"]) {
				const apparent = (bench.read(`${phase}VRMS`) * bench.read(`${phase}IRMS`)) / 2 ** 27;
				for (const [name, expected] of [
					["WATT", apparent * Math.cos(lag)],
					["VAR", apparent * Math.sin(lag)],
					["VA", apparent],
					["FWATT", apparent * Math.cos(lag)],
					["FVAR", apparent * Math.sin(lag)],
					["FVA", apparent],
				] as const) {
					const actual = bench.readSigned(phase + name);
					assert.ok(Math.abs(actual - expected) <= 1, `${phase}${name} at ${lag_deg}: ${actual}, ${expected}`);
				}
				assert.ok(Math.abs(bench.readSigned(`${phase}PF`) / 2 ** 27 - Math.cos(lag)) < 1e-6);
			}
		}
	});

	it("counts the energy of known phasors in joules: ST402D and ST402C", () => {
		for (const [board, currentScale_A, i] of [
			[boardSt402d, currentFullScale_A, 5],
			[boardSt402c, (Math.SQRT1_2 / 100) * 2000, 1],
		] as const) {
			const bench = new Bench({ board });
			bench.terminals.set({ current_A: [i, i, i], lag_deg: 60 });
			bench.start(accurate);
			bench.pass(10.5);
			const joules = ((voltageFullScale_V * currentScale_A) / fullScalePower / 8000) * bench.energy("AWATTHR");
			near(joules / highPass50 ** 2, 10 * 230 * i * 0.5, 5e-5, "active");
			const reactive = ((voltageFullScale_V * currentScale_A) / fullScalePower / 8000) * bench.energy("BFVARHR");
			near(reactive / highPass50 ** 2, 10 * 230 * i * Math.sin(Math.PI / 3), 5e-5, "reactive");
			const apparent = ((voltageFullScale_V * currentScale_A) / fullScalePower / 8000) * bench.energy("CVAHR");
			near(apparent / highPass50 ** 2, 10 * 230 * i, 5e-5, "apparent");
		}
	});

	it("sums harmonics as Σ U I cos φ and shows the distortion", () => {
		const bench = new Bench();
		const voltageHarmonics = [[5, 0.06, 40]] as const;
		const currentHarmonics = [
			[3, 0.3, 10],
			[5, 0.2, -20],
		] as const;
		bench.terminals.set({ current_A: [10, 10, 10], lag_deg: 30, voltageHarmonics, currentHarmonics });
		bench.start(accurate);
		bench.pass(3);
		// The fifth: voltage at 40°, current at −20° − 5 · 30°.
		const fifth = 230 * 0.06 * 10 * 0.2;
		const lag5 = ((40 - (-20 - 150)) * Math.PI) / 180;
		const active_W = 230 * 10 * Math.cos(Math.PI / 6) + fifth * Math.cos(lag5);
		const reactive_var = 230 * 10 * Math.sin(Math.PI / 6) + fifth * Math.sin(lag5);
		near(bench.readSigned("AWATT") * wattsPerCode, active_W, 3e-4);
		near(bench.readSigned("AVAR") * wattsPerCode, reactive_var, 8e-4);
		near(bench.readSigned("AFWATT") * wattsPerCode, 230 * 10 * Math.cos(Math.PI / 6), 3e-4);
		near(bench.read("AVTHD") / 2 ** 27, 0.06, 2e-3);
		near(bench.read("AITHD") / 2 ** 27, Math.hypot(0.3, 0.2), 2e-3);
		near(bench.read("AIRMS") / fullScaleRms, (10 * Math.sqrt(1.13)) / currentFullScale_A, 3e-4);
	});

	it("shows period and angles at 49, 50, 51 and 60 Hz", () => {
		for (const frequency_Hz of [49, 50, 51, 60]) {
			const bench = new Bench();
			bench.terminals.set({ frequency_Hz, current_A: [5, 5, 5], lag_deg: 37 });
			bench.start(frequency_Hz === 60 ? { ACCMODE: 0x0100 } : {});
			bench.pass(1);
			for (const name of ["APERIOD", "BPERIOD", "CPERIOD", "COM_PERIOD"]) {
				near(((bench.read(name) + 1) / (8000 * 65_536)) * frequency_Hz, 1, 1e-7, name);
			}
			const degrees = (name: string) => (bench.read(name) * 360 * frequency_Hz) / 1_024_000;
			for (const [name, angle] of [
				["ANGL_VA_VB", 120],
				["ANGL_VB_VC", 120],
				["ANGL_VA_VC", 240],
				["ANGL_VA_IA", 37],
				["ANGL_VC_IC", 37],
				["ANGL_IA_IB", 120],
				["ANGL_IA_IC", 240],
			] as const) {
				assert.ok(Math.abs(degrees(name) - angle) < 0.02, `${name} ${degrees(name)}`);
			}
		}
	});

	it("falls back to the nominal period without voltage and outside 40 to 70 Hz", () => {
		for (const [accmode, code] of [
			[0, 10_485_759],
			[0x100, 8_738_132],
		] as const) {
			for (const load of [{ voltage_V: [0, 0, 0] as const }, { frequency_Hz: 38 }, { frequency_Hz: 72 }]) {
				const bench = new Bench();
				bench.terminals.set(load);
				bench.start({ ACCMODE: accmode });
				bench.pass(1);
				assert.equal(bench.read("APERIOD"), code);
				assert.equal(bench.read("COM_PERIOD"), code);
			}
		}
	});

	it("applies gains, offsets and PGA as the data sheet says", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [5, 5, 5], lag_deg: 45 });
		bench.start(accurate);
		bench.pass(1);
		const [v, i, w, q] = ["AVRMS", "AIRMS", "AWATT", "AVAR"].map((name) => bench.readSigned(name)) as [
			number,
			number,
			number,
			number,
		];
		bench.write("AVGAIN", Math.round(0.01 * 2 ** 27));
		bench.write("AIGAIN", -(2 ** 28)); // reverses the current
		bench.write("APGAIN", Math.round(0.02 * 2 ** 27));
		bench.write("AWATTOS", 1000);
		bench.write("AVAROS", -500);
		bench.pass(1);
		near(bench.read("AVRMS"), v * 1.01, 1e-6);
		assert.equal(bench.read("AIRMS"), i);
		near(bench.readSigned("AWATT"), -w * 1.01 * 1.02 + 1000, 1e-5);
		near(bench.readSigned("AVAR"), -q * 1.01 * 1.02 - 500, 1e-5);
		bench.write("AVRMSOS", 1_000_000);
		bench.write("BIRMSOS", -1000);
		bench.write("AVRMSONEOS", 2_000_000);
		bench.write("AIRMS1012OS", 3000);
		bench.pass(1);
		near(bench.read("AVRMS"), Math.sqrt((v * 1.01) ** 2 + 1_000_000 * 2 ** 15), 1e-6);
		near(bench.read("BIRMS"), Math.sqrt(i ** 2 - 1000 * 2 ** 15), 1e-6);
		near(bench.read("AVRMSONE"), Math.sqrt((v * 1.01) ** 2 + 2_000_000 * 2 ** 15), 1e-6);
		near(bench.read("AIRMS1012"), Math.sqrt(i ** 2 + 3000 * 2 ** 15), 1e-6);
		bench.write("PGA_GAIN", 0b01 << 2); // IB twice
		bench.write("BIRMSOS", 0);
		bench.pass(1);
		near(bench.read("BIRMS"), 2 * i, 1e-6);
	});

	it("advances the current by the angle that xPHCAL was computed for", () => {
		const omega = (2 * Math.PI * 50) / 8000;
		for (const angle_deg of [-1, 0.1, -10, 2]) {
			const phi = (angle_deg * Math.PI) / 180;
			const code = Math.round((2 ** 27 * (Math.sin(phi - omega) + Math.sin(omega))) / Math.sin(2 * omega - phi));
			const bench = new Bench();
			bench.terminals.set({ current_A: [5, 5, 5], lag_deg: 60 });
			bench.start({ ...accurate, APHCAL0: code });
			bench.pass(1);
			const lag = Math.atan2(bench.readSigned("AFVAR"), bench.readSigned("AFWATT"));
			near((lag * 180) / Math.PI, 60 - angle_deg, 1e-5);
		}
	});

	it("shows the errors of its channels: gain, lateness, offset", () => {
		const bench = new Bench({ tolerances: [{ gain: 0.003 }, undefined, { offset: 0.001 }, { delay_us: 10 }] });
		bench.terminals.set({ current_A: [5, 5, 5], lag_deg: 60 });
		bench.start(accurate);
		bench.pass(1);
		near(bench.read("AVRMS") / bench.read("BVRMS"), 1.003, 1e-6);
		assert.equal(bench.read("CVRMS"), bench.read("BVRMS"), "the high-pass removes the offset");
		const lag = Math.atan2(bench.readSigned("AFVAR"), bench.readSigned("AFWATT"));
		near((lag * 180) / Math.PI, 60.18, 1e-5, "10 µs are 0.18° at 50 Hz");
		bench.write("CONFIG0", 0x80);
		bench.pass(1);
		const offset = 0.001 * fullScaleRms * Math.SQRT2;
		near(bench.read("CVRMSONE"), Math.hypot(bench.read("CVRMS"), offset), 2e-4, "RMS before the high-pass");
	});

	it("limits its inputs to full scale", () => {
		const bench = new Bench();
		const u = 2 * voltageFullScale_V;
		bench.terminals.set({ voltage_V: [u, 230, 230] });
		bench.start(accurate);
		bench.pass(1.1);
		// A sine clipped at half its crest: mean square by integration over the quarter wave.
		const square = (2 / Math.PI) * (4 * (Math.PI / 12 - Math.sin(Math.PI / 3) / 4) + Math.PI / 3);
		near(bench.read("AVRMS") / (fullScaleRms * Math.SQRT2), Math.sqrt(square), 2e-3);
		assert.ok(bench.read("AVTHD") > 0.1 * 2 ** 27);
	});

	it("gives ISUMRMS as A + B + C with N added or taken away", () => {
		for (const [config0, expected_A] of [
			[0, 3],
			[1, 6],
			[2, 0],
		] as const) {
			const bench = new Bench();
			bench.terminals.set({ current_A: [5, 2, 2] });
			bench.start({ ...accurate, CONFIG0: config0 });
			bench.pass(1);
			const current_A = (bench.read("ISUMRMS") / fullScaleRms) * currentFullScale_A;
			assert.ok(Math.abs(current_A - expected_A) < 1e-3, `${current_A}`);
			near((bench.read("NIRMS") / fullScaleRms) * currentFullScale_A, 3, 1e-4);
		}
	});

	it("weights a change inside a window by time", () => {
		const bench = new Bench();
		bench.start(accurate);
		// The half-cycle grid begins with RUN: 0.1 s into the window of 10 cycles (0.2 s) the voltage falls.
		bench.terminals.set({});
		bench.pass(0.1);
		bench.terminals.set({ voltage_V: [115, 230, 230] });
		bench.pass(0.1005);
		const full = 230 / voltageFullScale_V;
		near(bench.read("AVRMS1012") / fullScaleRms, full * Math.sqrt((1 + 0.25) / 2), 1e-3);
		near(bench.read("BVRMS1012") / fullScaleRms, full, 1e-4);
		bench.pass(0.2);
		near(bench.read("AVRMS1012") / fullScaleRms, full / 2, 1e-4);
	});

	it("adds noise to RMS, and to energies so that it averages out", () => {
		const bench = new Bench({ noise: true });
		bench.terminals.set({ current_A: [0, 0.5, 0.5] });
		bench.start(accurate);
		bench.pass(1.1);
		near((bench.read("AIRMS") / fullScaleRms) * currentFullScale_A, 2.3e-3, 0.05, "-96 dB");
		const energies: number[] = [];
		let before = bench.energy("BWATTHR");
		for (let n = 0; n < 400; n++) {
			bench.pass(1);
			const now = bench.energy("BWATTHR");
			energies.push((now - before) * (wattsPerCode / 8000));
			before = now;
		}
		const mean = energies.reduce((a, b) => a + b, 0) / energies.length;
		const deviation = Math.sqrt(energies.reduce((a, b) => a + (b - mean) ** 2, 0) / energies.length);
		near(mean, 115, 5e-4);
		// √(V²σi² + I²σv²)/√(2·B·t), B = 3.1 kHz, t = 1 s
		const expected = Math.hypot(230 * 2.335e-3, 0.5 * 11.1e-3) / Math.sqrt(2 * 3100);
		near(deviation, expected, 0.12);
		const again = new Bench({ noise: true });
		again.terminals.set({ current_A: [0, 0.5, 0.5] });
		again.start(accurate);
		again.pass(1.1);
		for (let n = 0; n < 400; n++) again.pass(1);
		assert.equal(again.energy("BWATTHR"), before, "the same seed gives the same codes");
	});
});

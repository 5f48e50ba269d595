// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Bench } from "./test-bench.js";

const quiet = { CONFIG2: 0x0e00 };
const peakCode = 74_532_013;
const voltageFullScale_V = Math.SQRT1_2 * 991;
const full = 1 << 23;

/** One transaction at location `at`, 0x800 on. */
function burst(bench: Bench, at: number, octets: number): DataView {
	const frame = bench.frame((at << 4) | 8, octets);
	return new DataView(frame.buffer, 2);
}

/** RMS, as a share of full scale, of harmonic `order` in one cycle of 128 points. */
function harmonic(points: readonly number[], order: number): number {
	let re = 0;
	let im = 0;
	for (const [n, x] of points.entries()) {
		re += x * Math.cos((2 * Math.PI * order * n) / 128);
		im += x * Math.sin((2 * Math.PI * order * n) / 128);
	}
	return (2 * Math.hypot(re, im)) / points.length / (peakCode / 4096);
}

for (const gear of ["phasor", "waveform"] as const) {
	describe(`ADE9000 model: waveform buffer in ${gear} gear`, () => {
		const makeBench = (load: Parameters<Bench["terminals"]["set"]>[0], registers = {}) => {
			const bench = new Bench({ gear });
			bench.terminals.set(load);
			bench.start({ ...quiet, ...registers });
			bench.pass(1);
			return bench;
		};

		it("holds four cycles of 128 points of seven channels, read in eight bursts of 64 sets", () => {
			for (const frequency_Hz of [50, 47.3, 52.2]) {
				const voltageHarmonics = [
					[7, 0.05, 30],
					[25, 0.02, 0],
				] as const;
				const load = { frequency_Hz, voltage_V: [230, 100, 50] as const, current_A: [50, 20, 10] as const };
				const bench = makeBench({ ...load, lag_deg: 60, voltageHarmonics });
				bench.write("WFB_CFG", 0x1000);
				bench.write("STATUS0", full);
				bench.write("WFB_CFG", 0x1010);
				bench.pass(0.07);
				assert.equal(bench.read("STATUS0") & full, 0, "not before four cycles");
				bench.pass(0.03);
				assert.equal(bench.read("STATUS0") & full, full);
				const sets: number[][] = [];
				for (let k = 0; k < 8; k++) {
					const view = burst(bench, 0x800 + 256 * k, 64 * 14);
					for (let n = 0; n < 64; n++) {
						sets.push(Array.from({ length: 7 }, (_, w) => view.getInt16(14 * n + 2 * w)));
					}
				}
				const wave = (w: number) => sets.map((set) => set[w]!);
				// IA VA IB VB IC VC IN
				for (const [w, share] of [
					[0, 50 / 147.314],
					[1, 230 / voltageFullScale_V],
					[2, 20 / 147.314],
					[3, 100 / voltageFullScale_V],
					[5, 50 / voltageFullScale_V],
				] as const) {
					assert.ok(Math.abs(harmonic(wave(w), 1) / share - 1) < 4e-4, `${w}: ${harmonic(wave(w), 1)}`);
				}
				assert.ok(Math.abs(harmonic(wave(1), 7) / harmonic(wave(1), 1) / 0.05 - 1) < 2e-3);
				assert.ok(Math.abs(harmonic(wave(1), 25) / harmonic(wave(1), 1) / 0.02 - 1) < 0.02);
				assert.ok(harmonic(wave(1), 13) < 3e-5);
				for (const w of [0, 1]) {
					for (let n = 0; n < 384; n++) assert.ok(Math.abs(sets[n]![w]! - sets[n + 128]![w]!) <= 2, "cycles are equal");
				}
				for (const [ia, , ib, , ic, , n] of sets) assert.ok(Math.abs(ia! + ib! + ic! - n!) <= 3);
				bench.pass(1);
				assert.deepEqual([...new Uint8Array(burst(bench, 0x800, 14).buffer)].slice(2, 4), [
					(sets[0]![0]! >> 8) & 255,
					sets[0]![0]! & 255,
				]);
			}
		});

		it("leaves IN out without WF_IN_EN, and selects channels by BURST_CHAN", () => {
			const bench = makeBench({ current_A: [50, 20, 10] });
			bench.write("WFB_CFG", 0x1000);
			bench.write("WFB_CFG", 0x1010);
			bench.pass(0.1);
			const seven = burst(bench, 0x800, 28);
			bench.write("WFB_CFG", 0x0000);
			const six = burst(bench, 0x800, 24);
			for (let w = 0; w < 6; w++) {
				assert.equal(six.getInt16(2 * w), seven.getInt16(2 * w));
				assert.equal(six.getInt16(12 + 2 * w), seven.getInt16(14 + 2 * w));
			}
			bench.write("WFB_CFG", 0x1002); // IB and VB
			const pair = burst(bench, 0x800, 8);
			assert.equal(pair.getInt16(0), seven.getInt16(4));
			assert.equal(pair.getInt16(2), seven.getInt16(6));
			assert.equal(pair.getInt16(4), seven.getInt16(18));
			bench.write("WFB_CFG", 0x1009); // VA
			assert.equal(burst(bench, 0x804, 2).getInt16(0), seven.getInt16(16));
		});

		it("has no resampled block above 62.5 Hz", () => {
			const bench = makeBench({ frequency_Hz: 63 });
			bench.write("WFB_CFG", 0x1010);
			bench.pass(1);
			assert.equal(bench.read("STATUS0") & full, 0);
		});

		it("keeps 256 sets of 32 bits at a fixed rate, with an interrupt per enabled page", () => {
			const bench = makeBench({ current_A: [50, 20, 10] });
			bench.write("WFB_PG_IRQEN", 0x8000);
			bench.write("WFB_CFG", 0x1300 | 0x20);
			bench.write("STATUS0", 0x03ff_ffff);
			bench.write("WFB_CFG", 0x1300 | 0x30);
			bench.pass(0.03);
			assert.equal(bench.read("STATUS0") & (1 << 17), 0);
			bench.pass(0.01);
			assert.equal(bench.read("STATUS0") & (1 << 17), 1 << 17);
			assert.equal(bench.read("WFB_TRG_STAT") >> 12, 15);
			const view = burst(bench, 0x800, 256 * 28);
			const voltages = Array.from({ length: 256 }, (_, n) => view.getInt32(28 * n + 4));
			const crest = Math.max(...voltages.slice(0, 160));
			assert.ok(Math.abs(crest / ((230 / voltageFullScale_V) * peakCode) - 1) < 1e-3);
			for (let n = 0; n < 96; n++) {
				assert.ok(Math.abs(voltages[n]! - voltages[n + 160]!) < 1e-4 * crest, "160 samples per cycle of 50 Hz");
			}
			bench.write("WFB_CFG", 0x130f);
			assert.equal(bench.readSigned(0x800 + 8 * 3 + 1), voltages[3]);
			assert.equal(bench.read(0x807), 0, "spare location");
		});

		it("goes on when continuous, and stops on a trigger with its address", () => {
			const bench = makeBench({}, { DIP_CYC: 1 });
			bench.write("DIP_LVL", 485_000); // 207 V
			bench.write("WFB_TRG_CFG", 1);
			bench.write("WFB_CFG", 0x1300 | 0x70);
			bench.write("STATUS0", 0x03ff_ffff);
			bench.pass(1);
			assert.equal(bench.read("STATUS0") & ((1 << 22) | (1 << 16)), 0);
			bench.terminals.set({ voltage_V: [100, 230, 230] });
			bench.pass(0.1);
			assert.equal(bench.read("STATUS0") & ((1 << 22) | (1 << 16)), (1 << 22) | (1 << 16));
			const at = bench.read("WFB_TRG_STAT") & 0x7ff;
			bench.pass(0.1);
			assert.equal(bench.read("WFB_TRG_STAT") & 0x7ff, at);
		});

		it("delivers the 32 kSPS and the unfiltered 8 kSPS outputs", () => {
			const bench = makeBench({}, { AVGAIN: 2 ** 26 });
			for (const [source, samplesPerCycle, peak] of [
				[0x000, 640, 67_107_786],
				[0x200, 160, peakCode],
			] as const) {
				bench.write("WFB_CFG", 0x1020 | source);
				bench.write("WFB_CFG", 0x1030 | source);
				bench.pass(0.1);
				const view = burst(bench, 0x800, 256 * 28);
				const voltages = Array.from({ length: 256 }, (_, n) => view.getInt32(28 * n + 4));
				// A sine obeys x(n+1) + x(n−1) = 2·cos(ω)·x(n); its crest follows from two neighbours.
				const omega = (2 * Math.PI) / samplesPerCycle;
				const [x, y] = [voltages[100]!, voltages[101]!];
				const crest = Math.sqrt(x * x + y * y - 2 * x * y * Math.cos(omega)) / Math.sin(omega);
				assert.ok(Math.abs(crest / ((230 / voltageFullScale_V) * peak) - 1) < 1e-3, `${crest}`);
				assert.equal(voltages[7]! & 15, 0, "24 bits of the converter, shifted by 4");
			}
		});

		it("shows instantaneous values in the registers of all three outputs", () => {
			const bench = makeBench({ current_A: [50, 20, 10] });
			let most = [0, 0, 0, 0];
			for (let n = 0; n < 160; n++) {
				bench.pass(0.000_125);
				const now = ["BV_PCF", "BV_LPF_DAT", "BV_SINC_DAT", "NI_PCF"].map((name) => Math.abs(bench.readSigned(name)));
				most = most.map((value, k) => Math.max(value, now[k]!));
				assert.equal(bench.read(0x601), bench.read("BV_PCF"));
			}
			const share = 230 / voltageFullScale_V;
			for (const [k, peak] of [peakCode, peakCode, 67_107_786].entries()) {
				assert.ok(Math.abs(most[k]! / (share * peak) - 1) < 1e-3, `${k}`);
			}
			assert.ok(most[3]! > 0);
		});
	});
}

describe("ADE9000 model: waveform buffer", () => {
	it("spoils the first word of a burst only as a fault that was asked for", () => {
		for (const hasFirstWordFault of [false, true]) {
			const bench = new Bench({ faults: { hasFirstWordFault } });
			bench.terminals.set({ current_A: [50, 50, 50], lag_deg: 180 });
			bench.start(quiet);
			bench.pass(1);
			bench.write("WFB_CFG", 0x1010);
			bench.pass(0.1);
			const octets = Array.from({ length: 512 }, (_, n) => burst(bench, 0x800 + 4 * n, 14).getUint8(0));
			assert.equal(
				octets.every((octet) => octet === 0),
				hasFirstWordFault,
			);
		}
	});

	it("shows a change of the mains inside the block (phasor gear)", () => {
		const bench = new Bench();
		bench.terminals.set({});
		bench.start(quiet);
		bench.pass(1);
		bench.write("WFB_CFG", 0x1010);
		bench.pass(0.04);
		bench.terminals.set({ voltage_V: [115, 230, 230] });
		bench.pass(0.06);
		const view = burst(bench, 0x800, 512 * 14);
		const wave = Array.from({ length: 512 }, (_, n) => view.getInt16(14 * n + 2));
		const whole = harmonic(wave.slice(0, 128), 1);
		assert.ok(Math.abs(harmonic(wave.slice(384), 1) / whole - 0.5) < 1e-3);
	});
});

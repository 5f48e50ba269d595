// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Bench } from "./test-bench.js";

const codePerVolt = 52_702_092 / (Math.SQRT1_2 * 991);
const codePerAmpere = 52_702_092 / ((Math.SQRT1_2 / 12) * 2500);
/** Levels are RMS codes divided by 32. */
const level = (code: number) => Math.round(code / 32);
const voltages = (first: number): [number, number, number] => [first, 230, 230];

const bit = { dipA: 1 << 23, swellA: 1 << 20, sequence: 1 << 18, overcurrent: 1 << 17, zxtoA: 1 << 6 };

for (const gear of ["phasor", "waveform"] as const) {
	/** A chip that watches 207 V and 253 V; waits until its start has settled. */
	const makeBench = (registers: Readonly<Record<string, number>> = {}) => {
		const bench = new Bench({ gear });
		bench.terminals.set({});
		bench.start({
			CONFIG2: 0x0e00,
			CONFIG1: 0x0700,
			DIP_CYC: 1,
			SWELL_CYC: 1,
			SEQ_CYC: 1,
			ZXTOUT: 799,
			SWELL_LVL: level(253 * codePerVolt),
			...registers,
		});
		bench.pass(0.4);
		bench.write("DIP_LVL", level(207 * codePerVolt));
		bench.pass(0.1);
		bench.write("STATUS1", 0xffff_ffff);
		return bench;
	};
	const status = (bench: Bench) => {
		const value = bench.read("STATUS1");
		bench.write("STATUS1", 0xffff_ffff);
		return value;
	};

	describe(`ADE9000 model: quality events in ${gear} gear`, () => {
		it("tells the entry and the exit of a dip once each, with the lowest value", () => {
			const bench = makeBench();
			bench.write("MASK1", bit.dipA);
			bench.pass(0.2);
			assert.equal(status(bench) & bit.dipA, 0);
			assert.equal(bench.chip.irq1.read(), 1);
			bench.terminals.set({ voltage_V: voltages(150) });
			bench.pass(0.1);
			assert.equal(bench.chip.irq1.read(), 0);
			assert.equal(status(bench) & bit.dipA, bit.dipA);
			assert.equal(bench.chip.irq1.read(), 1);
			assert.equal(bench.read("EVENT_STATUS") & 7, 1);
			bench.terminals.set({ voltage_V: voltages(100) });
			bench.pass(0.2);
			bench.terminals.set({ voltage_V: voltages(180) });
			bench.pass(0.2);
			assert.equal(status(bench) & bit.dipA, 0, "still the same dip");
			assert.ok(Math.abs((bench.read("DIPA") * 32) / codePerVolt - 100) < 0.5);
			bench.terminals.set({});
			bench.pass(0.1);
			assert.equal(status(bench) & bit.dipA, bit.dipA);
			assert.equal(bench.read("EVENT_STATUS") & 7, 0);
			assert.equal(bench.read("DIPB"), 0x7f_ffff);
		});

		it("notices a dip of one cycle", () => {
			const bench = makeBench();
			bench.terminals.set({ voltage_V: voltages(23) });
			bench.pass(0.02);
			bench.terminals.set({});
			bench.pass(0.1);
			assert.equal(status(bench) & bit.dipA, bit.dipA);
			const lowest_V = (bench.read("DIPA") * 32) / codePerVolt;
			assert.ok(lowest_V >= 22 && lowest_V < 180, `${lowest_V}`);
		});

		it("waits for DIP_CYC half cycles, and repeats every DIP_CYC in the other interrupt mode", () => {
			const bench = makeBench({ CONFIG1: 0x0300, DIP_CYC: 10 });
			bench.terminals.set({ voltage_V: voltages(150) });
			bench.pass(0.05);
			assert.equal(status(bench) & bit.dipA, 0);
			bench.pass(0.1);
			assert.equal(status(bench) & bit.dipA, bit.dipA);
			assert.equal(status(bench) & bit.dipA, 0);
			bench.pass(0.11);
			assert.equal(status(bench) & bit.dipA, bit.dipA);
			bench.terminals.set({});
			bench.pass(0.2);
			status(bench);
			bench.pass(0.3);
			assert.equal(status(bench) & bit.dipA, 0);
		});

		it("tells swells with the greatest value", () => {
			const bench = makeBench();
			bench.terminals.set({ voltage_V: [230, 230, 280] });
			bench.pass(0.2);
			bench.terminals.set({ voltage_V: [230, 230, 260] });
			bench.pass(0.2);
			assert.equal(status(bench) & (7 * bit.swellA), 4 * bit.swellA);
			assert.equal(bench.read("EVENT_STATUS") & 0x38, 0x20);
			assert.ok(Math.abs((bench.read("SWELLC") * 32) / codePerVolt - 280) < 1);
			bench.terminals.set({});
			bench.pass(0.2);
			assert.equal(status(bench) & (7 * bit.swellA), 4 * bit.swellA);
			assert.equal(bench.read("EVENT_STATUS") & 0x38, 0);
		});

		it("tells overcurrents of enabled channels", () => {
			const bench = makeBench({ OILVL: level(100 * codePerAmpere), CONFIG3: 0x9000 });
			bench.terminals.set({ current_A: [90, 120, 90] });
			bench.pass(0.2);
			assert.equal(status(bench) & bit.overcurrent, 0, "phase B is not enabled");
			bench.terminals.set({ current_A: [110, 120, 90] });
			bench.pass(0.2);
			assert.equal(status(bench) & bit.overcurrent, bit.overcurrent);
			assert.equal(bench.read("OISTATUS"), 1);
			assert.ok(Math.abs((bench.read("OIA") * 32) / codePerAmpere - 110) < 0.5);
			bench.terminals.set({ current_A: [90, 0, 0] });
			bench.pass(0.2);
			assert.equal(bench.read("OISTATUS"), 0);
		});

		it("tells crossings of ISUMLVL in both directions", () => {
			const bench = makeBench({ ISUMLVL: Math.round(2 * codePerAmpere) });
			const mismatch = () => {
				const value = bench.read("STATUS0") & (1 << 24);
				bench.write("STATUS0", 1 << 24);
				return value !== 0;
			};
			bench.terminals.set({ current_A: [5, 5, 5] });
			bench.pass(0.5);
			mismatch();
			bench.pass(0.5);
			assert.equal(mismatch(), false);
			bench.terminals.set({ current_A: [5, 5, 8] });
			bench.pass(0.5);
			assert.equal(mismatch(), true);
			bench.pass(0.5);
			assert.equal(mismatch(), false);
			bench.terminals.set({ current_A: [5, 5, 5] });
			bench.pass(0.5);
			assert.equal(mismatch(), true);
		});

		it("tells a reversed order of phases, and a missing phase by its time-out as well", () => {
			const bench = makeBench();
			bench.pass(1);
			assert.equal(status(bench) & (bit.sequence | (7 * bit.zxtoA)), 0);
			bench.terminals.set({ order: "132" });
			bench.pass(0.5);
			assert.equal(status(bench) & (bit.sequence | (7 * bit.zxtoA)), bit.sequence);
			bench.terminals.set({ voltage_V: [230, 0, 230] });
			bench.pass(0.5);
			assert.equal(status(bench) & (bit.sequence | (7 * bit.zxtoA)), bit.sequence | (2 * bit.zxtoA));
			bench.terminals.set({});
			bench.pass(0.5);
			status(bench);
			bench.pass(1);
			assert.equal(status(bench) & (bit.sequence | (7 * bit.zxtoA)), 0);
			bench.terminals.set({ voltage_V: [0, 0, 0] });
			bench.pass(0.5);
			status(bench);
			bench.pass(0.5);
			assert.equal(status(bench) & (bit.sequence | (7 * bit.zxtoA)), 7 * bit.zxtoA);
		});

		it("sets ready and crossing bits at their rates", () => {
			const bench = makeBench();
			bench.terminals.set({ current_A: [5, 5, 0] });
			bench.pass(2);
			bench.write("STATUS0", 0xffff_ffff);
			status(bench);
			bench.pass(0.011);
			assert.equal(bench.read("STATUS0") & (1 << 19), 1 << 19, "RMSONERDY");
			assert.equal(status(bench) & 0x7e00, 0x7e00, "ZX of voltages, their combination, and two currents");
			bench.pass(0.2);
			assert.equal(bench.read("STATUS0") & (1 << 20), 1 << 20, "RMS1012RDY");
			assert.equal(bench.read("STATUS0") & (1 << 15), 1 << 15, "DREADY");
			bench.write("STATUS0", 0xffff_ffff);
			bench.pass(1.03);
			assert.equal(bench.read("STATUS0") & (1 << 21), 1 << 21, "THD_PF_RDY");
		});

		it("keeps peaks with their phases until they are read", () => {
			const bench = makeBench({ CONFIG3: 0xf01c });
			bench.terminals.set({ voltage_V: [230, 240, 235], current_A: [7, 3, 2] });
			bench.pass(2);
			bench.read("IPEAK");
			bench.read("VPEAK");
			bench.pass(1);
			const current = bench.read("IPEAK");
			const voltage = bench.read("VPEAK");
			assert.equal(current >>> 24, 1);
			assert.equal(voltage >>> 24, 2);
			assert.ok(Math.abs(((current & 0xff_ffff) * 32) / codePerAmpere / Math.SQRT2 - 7) < 0.01);
			assert.ok(Math.abs(((voltage & 0xff_ffff) * 32) / codePerVolt / Math.SQRT2 - 240) < 0.1);
		});

		it("drives EVENT on CF4 and ZX on CF3", () => {
			const bench = makeBench({ CONFIG1: 0x070a });
			bench.write("EVENT_MASK", 1);
			assert.equal(bench.chip.cf4.read(), 1);
			bench.terminals.set({ voltage_V: voltages(100) });
			bench.pass(0.1);
			assert.equal(bench.chip.cf4.read(), 0);
			bench.terminals.set({});
			bench.pass(0.1);
			assert.equal(bench.chip.cf4.read(), 1);
			let highs = 0;
			for (let n = 0; n < 160; n++) {
				bench.pass(0.000_125 * 5);
				highs += bench.chip.cf3.read();
			}
			assert.ok(Math.abs(highs - 80) <= 3, `${highs}`);
		});
	});
}

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { AnalogInput } from "../../../../../hosts/simulator/afe/ade9000/analog-input.js";
import { CfOutputs } from "../../../../../hosts/simulator/afe/ade9000/cf-outputs.js";
import { fold } from "../../../../../hosts/simulator/afe/ade9000/constants.js";
import { PowerAccumulation } from "../../../../../hosts/simulator/afe/ade9000/power-accumulation.js";
import { RegisterFile } from "../../../../../hosts/simulator/afe/ade9000/register-file.js";
import { addressOf } from "../../../../../hosts/simulator/afe/ade9000/register-map.js";
import { SampleClock } from "../../../../../hosts/simulator/afe/ade9000/sample-clock.js";
import { boardSt402d } from "../../../../../src/models/board.js";
import { Bench } from "./test-bench.js";

const quiet = { CONFIG2: 0x0e00, ACT_NL_LVL: 0, REACT_NL_LVL: 0, APP_NL_LVL: 0 };

/** The accumulation stage alone, so that codes can be chosen freely. */
function makeStage(registers: Readonly<Record<string, number>>) {
	const hooks = {
		beforeLiveRead() {},
		beforePowerRead: () => power.publishPower(),
		afterAccumulatorRead() {},
		afterWrite() {},
	};
	const file = new RegisterFile(hooks);
	const edges: number[] = [];
	const cf = new CfOutputs(file, new SampleClock(), (output, time_s) => {
		if (output === 1) edges.push(time_s);
	});
	for (const [name, value] of Object.entries({
		EP_CFG: 1,
		ACT_NL_LVL: 0,
		REACT_NL_LVL: 0,
		APP_NL_LVL: 0,
		...registers,
	})) {
		file.write(addressOf(name), value);
	}
	const power = new PowerAccumulation(file, cf);
	cf.load();
	power.start(0);
	const codes = new Float64Array(18);
	const pair = (name: string) => {
		const [hi, lo] = name.endsWith("HR") ? ["_HI", "_LO"] : ["", "_LO"];
		return (file.read(addressOf(name + hi)) | 0) * 8192 + file.read(addressOf(name + lo));
	};
	return { file, cf, power, codes, edges, pair };
}

describe("ADE9000 model: accumulators", () => {
	it("adds samples × code at each EGYRDY, HI being the value divided by 2^13", () => {
		const stage = makeStage({ EGY_TIME: 999 });
		stage.codes[0] = 123_457;
		stage.codes[6] = -123_457;
		stage.power.addSteady(999, stage.codes, true, undefined);
		assert.equal(stage.pair("AWATTHR"), 0);
		assert.equal(stage.file.values[addressOf("STATUS0")]! & 1, 0);
		stage.power.addSteady(1, stage.codes, false, undefined);
		assert.equal(stage.file.values[addressOf("STATUS0")]! & 1, 1);
		assert.equal(stage.pair("AWATTHR"), 123_457_000);
		assert.equal(stage.file.values[addressOf("AWATTHR_HI")], Math.floor(123_457_000 / 8192));
		assert.equal(stage.pair("BWATTHR"), -123_457_000);
		assert.equal(stage.file.values[addressOf("BWATTHR_HI")], Math.floor(-123_457_000 / 8192));
		stage.power.addSteady(2000, stage.codes, false, undefined);
		assert.equal(stage.pair("AWATTHR"), 3 * 123_457_000);
	});

	it("replaces instead with EGY_LD_ACCUM", () => {
		const stage = makeStage({ EGY_TIME: 999, EP_CFG: 0x11 });
		stage.codes[0] = 5000;
		stage.power.addSteady(3500, stage.codes, true, undefined);
		assert.equal(stage.pair("AWATTHR"), 5_000_000);
	});

	it("carries fractions of a code from interval to interval", () => {
		const stage = makeStage({ EGY_TIME: 0 });
		stage.codes[0] = 0.3;
		stage.power.addSteady(1000, stage.codes, true, undefined);
		assert.ok(Math.abs(stage.pair("AWATTHR") - 300) <= 1);
	});

	it("wraps modulo 2^45: at full scale after 106.3 s", () => {
		const stage = makeStage({ EGY_TIME: 7999 });
		stage.codes[0] = 20_694_066;
		stage.codes[6] = -20_694_066;
		stage.power.addSteady(106 * 8000, stage.codes, true, undefined);
		assert.equal(stage.pair("AWATTHR"), 20_694_066 * 106 * 8000);
		stage.power.addSteady(8000, stage.codes, false, undefined);
		const exact = BigInt.asIntN(45, 20_694_066n * 107n * 8000n);
		assert.equal(stage.pair("AWATTHR"), Number(exact));
		assert.equal(stage.pair("BWATTHR"), Number(BigInt.asIntN(45, -20_694_066n * 107n * 8000n)));
	});

	it("folds like two's complement", () => {
		for (const value of [0, 1, -1, 2 ** 41, 2 ** 41 - 1, -(2 ** 41), -(2 ** 41) - 1, 3 * 2 ** 45 + 17]) {
			assert.equal(fold(value, 42), Number(BigInt.asIntN(42, BigInt(value))));
		}
	});

	it("gives the same for single samples as for many at once", () => {
		const one = makeStage({ EGY_TIME: 1234, PWR_TIME: 333, ACT_NL_LVL: 64 * 100, COMPMODE: 1, WTHR: 5000, CF1DEN: 7 });
		const many = makeStage({ EGY_TIME: 1234, PWR_TIME: 333, ACT_NL_LVL: 64 * 100, COMPMODE: 1, WTHR: 5000, CF1DEN: 7 });
		for (let step = 0; step < 20; step++) {
			for (let k = 0; k < 18; k++) {
				const code = step % 5 === 4 ? 99 - k : (step + 1) * 37 - 13 * k;
				one.codes[k] = code;
				many.codes[k] = code;
			}
			for (let n = 0; n < 512; n++) one.power.addSample(one.codes);
			many.power.addSteady(512, many.codes, true, undefined);
			assert.deepEqual([...many.file.values], [...one.file.values], `step ${step}`);
			assert.equal(many.cf.outputs[0].count, one.cf.outputs[0].count);
		}
		for (let n = 0; n < one.edges.length; n++) assert.ok(Math.abs(one.edges[n]! - many.edges[n]!) < 1e-9);
		assert.ok(one.edges.length > 5);
	});

	it("follows WATTACC and VARACC: signed, absolute, positive only, negative only", () => {
		for (const [mode, positive, negative] of [
			[0, 100, -100],
			[1, 100, 100],
			[2, 100, 0],
			[3, 0, -100],
		] as const) {
			const stage = makeStage({ EGY_TIME: 99, ACCMODE: mode | (mode << 2) });
			stage.codes[0] = 100;
			stage.codes[6] = -100;
			stage.codes[1] = 100;
			stage.codes[7] = -100;
			stage.power.addSteady(100, stage.codes, true, undefined);
			assert.equal(stage.pair("AWATTHR"), positive * 100);
			assert.equal(stage.pair("BWATTHR"), negative * 100);
			assert.equal(stage.pair("AVARHR"), positive * 100);
			assert.equal(stage.pair("BVARHR"), negative * 100);
		}
	});

	it("latches power sums at PWRRDY with the signs of the phases", () => {
		const stage = makeStage({ PWR_TIME: 99 });
		stage.codes[0] = 1000;
		stage.codes[6] = -400;
		stage.codes[12] = 50;
		stage.codes[1] = -7;
		stage.power.addSteady(100, stage.codes, true, undefined);
		const v = stage.file.values;
		assert.equal(stage.pair("AWATT_ACC"), 100_000);
		assert.equal(stage.pair("PWATT_ACC"), 105_000);
		assert.equal(stage.pair("NWATT_ACC"), -40_000);
		assert.equal(stage.pair("NVAR_ACC"), -700);
		assert.equal(v[addressOf("PHSIGN")], 0b000110, "BW and AVAR");
		assert.equal(v[addressOf("STATUS0")]! & 0x4007e, (1 << 18) | (1 << 2) | (1 << 4), "PWRRDY, REVAPB, REVRPA");
		stage.file.write(addressOf("STATUS0"), 0xffff_ffff);
		stage.power.addSteady(100, stage.codes, false, undefined);
		assert.equal(v[addressOf("STATUS0")]! & 0x7e, 0, "no change, no event");
	});

	it("stops below the no-load level, tells so, and starts again above it", () => {
		const stage = makeStage({ EGY_TIME: 511, ACT_NL_LVL: 64 * 100, EP_CFG: 0x6001 });
		const v = stage.file.values;
		stage.codes[0] = 99;
		stage.codes[6] = -101;
		stage.codes[12] = 101;
		stage.power.addSteady(512, stage.codes, true, undefined);
		assert.equal(v[addressOf("PHNOLOAD")]! & 0b001001001001001001, 1 | (1 << 3) | (1 << 9) | (1 << 15));
		assert.equal(v[addressOf("STATUS1")]! & 1, 1, "ANLOAD");
		assert.equal((v[addressOf("EVENT_STATUS")]! >> 10) & 1, 0);
		const before = stage.pair("AWATTHR");
		stage.power.addSteady(5120, stage.codes, false, undefined);
		assert.equal(stage.pair("AWATTHR"), before);
		assert.equal(stage.pair("BWATTHR"), -101 * 11 * 512);
		stage.file.write(addressOf("STATUS1"), 0xffff_ffff);
		stage.codes[0] = 100;
		stage.power.addSteady(512, stage.codes, true, undefined);
		assert.equal(stage.pair("AWATTHR"), before);
		assert.equal(v[addressOf("STATUS1")]! & 1, 1, "leaving is an event as well");
		assert.equal((v[addressOf("EVENT_STATUS")]! >> 10) & 1, 1, "all phases are out of no-load");
		stage.power.addSteady(512, stage.codes, false, undefined);
		assert.equal(stage.pair("AWATTHR"), before + 100 * 512);
	});

	it("counts half line cycles with EGY_TMR_MODE", () => {
		const bench = new Bench();
		bench.terminals.set({ frequency_Hz: 49.7, current_A: [5, 5, 5] });
		bench.start({ ...quiet, EP_CFG: 2, EGY_TIME: 99 });
		bench.pass(0.9);
		assert.equal(bench.energy("AWATTHR"), 0);
		bench.pass(0.15);
		const samples = bench.energy("AWATTHR") / bench.readSigned("AWATT");
		assert.ok(Math.abs(samples - (50 * 8000) / 49.7) < 1, `${samples}`);
	});

	it("needs EGY_PWR_EN, and waits for PWR_SETTLE after RUN", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [5, 5, 5] });
		bench.start({ ...quiet, CONFIG1: 0x0200, EGY_TIME: 799 });
		bench.pass(0.35);
		assert.equal(bench.energy("AWATTHR"), 0, "256 ms and 100 ms");
		bench.pass(0.01);
		assert.ok(bench.energy("AWATTHR") > 0);
		bench.write("EP_CFG", 0);
		const before = bench.energy("AWATTHR");
		bench.pass(1);
		assert.equal(bench.energy("AWATTHR"), before);
	});

	it("clears energy on reading with RD_RST_EN; the erratum leaves LO", () => {
		for (const hasReadResetErratum of [false, true]) {
			const bench = new Bench({ faults: { hasReadResetErratum } });
			bench.terminals.set({ current_A: [5, 5, 5] });
			bench.start({ ...quiet, EP_CFG: 0x20 });
			bench.pass(1.5);
			const [hi, lo] = [bench.read("AWATTHR_HI"), bench.read("AWATTHR_LO")];
			assert.ok(hi > 0 && lo > 0);
			assert.equal(bench.read("AWATTHR_HI"), 0);
			assert.equal(bench.read("AWATTHR_LO"), hasReadResetErratum ? lo : 0);
		}
	});

	it("scales all rates with the crystal", () => {
		const bench = new Bench({ crystal_ppm: 1000 });
		bench.terminals.set({ current_A: [5, 5, 5] });
		bench.start(quiet);
		bench.pass(1000.2);
		const seconds = bench.energy("AWATTHR") / bench.readSigned("AWATT") / 8000;
		assert.ok(Math.abs(seconds - 1001) < 0.01, `${seconds}`);
		assert.ok(Math.abs((bench.read("APERIOD") + 1) / (160 * 65_536) - 1.001) < 1e-7);
	});
});

describe("ADE9000 model: pulse outputs", () => {
	it("F47 gives f = P · 4096000/(xTHR · 512 · CFxDEN), also with a trimmed threshold", () => {
		for (const [threshold, denominator] of [
			[0x10_0000, 5506],
			[1_048_601, 551],
			[0x10_0000, 2],
		] as const) {
			const edges: number[] = [];
			const bench = new Bench({ onPulse: (output, time_s) => output === 1 && edges.push(time_s) });
			bench.terminals.set({ current_A: [50, 30, 20], lag_deg: 20 });
			bench.start({ ...quiet, WTHR: threshold, CF1DEN: denominator, COMPMODE: 7 });
			bench.pass(0.5);
			edges.length = 0;
			for (let n = 0; n < 20; n++) bench.pass(1.0371);
			const sum = ["A", "B", "C"].reduce((a, phase) => a + bench.readSigned(`${phase}WATT`), 0);
			const measured = (edges.length - 1) / (edges.at(-1)! - edges[0]!);
			const expected = (sum * 4_096_000) / (threshold * 512 * denominator);
			assert.ok(Math.abs(measured / expected - 1) < 1e-6, `${measured} ${expected}`);
			assert.equal(bench.chip.cf1.lastEdge_s, edges.at(-1));
			assert.ok(bench.chip.cf1.count >= edges.length);
			assert.notEqual(bench.read("STATUS0") & (1 << 11), 0);
		}
	});

	it("counts the pulses of the energy in the registers", () => {
		const bench = new Bench({ noise: true });
		bench.start({
			...quiet,
			WTHR: 0x10_0000,
			VARTHR: 0x10_0000,
			CF1DEN: 100,
			CF2DEN: 50,
			CFMODE: 0x20,
			COMPMODE: 0x3f,
		});
		for (let n = 0; n < 30; n++) {
			bench.terminals.set({ current_A: [n, 2, 0.1 * n], lag_deg: n * 3 });
			bench.pass(1);
		}
		const active = ["A", "B", "C"].reduce((a, phase) => a + bench.energy(`${phase}WATTHR`), 0);
		const reactive = ["A", "B", "C"].reduce((a, phase) => a + bench.energy(`${phase}FVARHR`), 0);
		assert.ok(Math.abs(bench.chip.cf1.count - active / (2 ** 20 * 100)) <= 1);
		assert.ok(Math.abs(bench.chip.cf2.count - reactive / (2 ** 20 * 50)) <= 1);
	});

	it("takes the phases of TERMSEL and the sign of each pulse", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [10, 0, 0], lag_deg: 180 });
		bench.start({ ...quiet, WTHR: 0x10_0000, CF1DEN: 100, CF2DEN: 100, CFMODE: 0, COMPMODE: 0b010_001 });
		bench.pass(10);
		assert.ok(bench.chip.cf1.count > 0);
		assert.equal(bench.chip.cf2.count, 0);
		assert.ok(bench.chip.cf1.wasNegative);
		assert.equal(bench.read("PHSIGN") & 0x40, 0x40, "SUM1SIGN");
		assert.equal(bench.read("EVENT_STATUS") & 0x40, 0);
		assert.equal(bench.read("STATUS0") & 0x80, 0x80, "REVPSUM1");
		bench.terminals.set({ current_A: [10, 0, 0] });
		bench.pass(10);
		assert.equal(bench.read("PHSIGN") & 0x40, 0);
		assert.equal(bench.read("EVENT_STATUS") & 0x40, 0x40);
	});

	it("is low for 80 ms, for half the period above 6.25 Hz, or as long as CF_LTMR says", () => {
		const lowFor = (registers: Readonly<Record<string, number>>, current_A: number) => {
			const bench = new Bench();
			bench.terminals.set({ current_A: [current_A, 0, 0] });
			bench.start({ ...quiet, WTHR: 0x10_0000, COMPMODE: 1, ...registers });
			let low = 0;
			while (bench.chip.cf1.count < 3) bench.pass(0.001);
			const edge_s = bench.chip.cf1.lastEdge_s;
			while (bench.chip.cf1.count < 4) {
				bench.pass(0.0005);
				if (bench.chip.cf1.read() === 0 && bench.chip.cf1.count < 4) low = bench.chip.now_s - edge_s;
			}
			return low;
		};
		assert.ok(Math.abs(lowFor({ CF1DEN: 5506 }, 50) - 0.08) < 1.1e-3);
		const sum = (50 * 230) / ((700.74 * 147.31) / 20_694_066);
		const period_s = (131.072 * 600) / sum;
		assert.ok(Math.abs(lowFor({ CF1DEN: 600 }, 50) - period_s / 2) < 1.1e-3);
		assert.ok(Math.abs(lowFor({ CF1DEN: 5506, CF_LCFG: (1 << 19) | 81_920 }, 50) - 0.02) < 1.1e-3);
	});

	it("keeps the pin high while CFxDIS is set, drops collected energy on CF_ACC_CLR", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [10, 0, 0] });
		bench.start({ ...quiet, WTHR: 0x10_0000, CF1DEN: 100, COMPMODE: 1, CFMODE: 0x1000 });
		bench.pass(5);
		assert.equal(bench.chip.cf1.count, 0);
		assert.equal(bench.read("STATUS0") & (1 << 11), 0);
		bench.write("CFMODE", 0);
		bench.pass(5);
		assert.ok(bench.chip.cf1.count > 0);
		bench.write("CF1DEN", 60_000); // one pulse in 17 s
		const before = bench.chip.cf1.count;
		for (let n = 0; n < 20; n++) {
			bench.write("CONFIG1", 0x0320);
			bench.pass(10);
		}
		assert.equal(bench.chip.cf1.count, before);
		assert.equal(bench.read("CONFIG1"), 0x0300);
	});
});

describe("ADE9000 model: analogue input", () => {
	it("refuses tolerances that make no sense", () => {
		assert.throws(() => new AnalogInput(boardSt402d, [{ gain: 2 }]), RangeError);
		assert.throws(() => new AnalogInput(boardSt402d, [{ delay_us: Number.NaN }]), RangeError);
	});
});

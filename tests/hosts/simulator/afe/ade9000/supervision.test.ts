// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { crc16Ccitt } from "../../../../../src/core/crc.js";
import { Bench } from "./test-bench.js";

const crcDone = 1 << 27;
const crcChanged = 1 << 26;

describe("ADE9000 model: configuration checksum", () => {
	it("takes 10.8 ms when forced and is the same for the same configuration", () => {
		const results = [0, 1].map(() => {
			const bench = new Bench();
			bench.start({ AVGAIN: 12_345 });
			bench.pass(0.1);
			bench.write("CRC_FORCE", 1);
			bench.pass(0.01);
			assert.equal(bench.read("STATUS1") & crcDone, 0);
			assert.equal(bench.read("CRC_FORCE"), 1);
			bench.pass(0.001);
			assert.equal(bench.read("STATUS1") & crcDone, crcDone);
			assert.equal(bench.read("CRC_FORCE"), 0);
			assert.equal(bench.read("STATUS1") & crcChanged, 0);
			return bench.read("CRC_RSLT");
		});
		assert.equal(results[0], results[1]);
		assert.notEqual(results[0], 0);
	});

	it("notices writes and upsets of configuration, not of results, commands or optional registers", () => {
		const bench = new Bench();
		bench.start();
		bench.pass(1);
		const changed = () => {
			bench.pass(0.02);
			const value = bench.read("STATUS1") & crcChanged;
			bench.write("STATUS1", crcChanged);
			return value !== 0;
		};
		changed();
		assert.equal(changed(), false);
		bench.write("CF1DEN", 1234);
		assert.equal(changed(), true);
		assert.equal(changed(), false);
		bench.chip.corrupt("BIGAIN", 1 << 20);
		assert.equal(changed(), true);
		bench.chip.corrupt("BIGAIN", 1 << 20);
		assert.equal(changed(), true);
		bench.write("TEMP_CFG", 7);
		bench.write("MASK0", 1);
		bench.write("WFB_CFG", 0x1000);
		assert.equal(changed(), false);
		bench.write("CRC_OPTEN", 1);
		bench.write("MASK0", 3);
		assert.equal(changed(), true);
		bench.write("MASK0", 5);
		assert.equal(changed(), true);
	});
});

describe("ADE9000 model: temperature", () => {
	it("reads -RSLT · gain/65536 + offset/32 after the time of its averages", () => {
		for (const [config, duration_s] of [
			[0x0c, 0.001_25],
			[0x0d, 0.32],
			[0x0f, 1.3],
		] as const) {
			for (const temperature_degC of [-40, 25, 70]) {
				const bench = new Bench({ seed: 3 });
				bench.pass(0.1);
				bench.chip.temperature_degC = temperature_degC;
				const trim = bench.read("TEMP_TRIM");
				bench.write("TEMP_CFG", config & 7);
				bench.write("TEMP_CFG", config);
				assert.equal(bench.read("TEMP_CFG"), config & 7, "START clears itself");
				bench.pass(duration_s * 0.9);
				assert.equal(bench.read("STATUS0") & (1 << 25), 0);
				bench.pass(duration_s * 0.2);
				assert.equal(bench.read("STATUS0") & (1 << 25), 1 << 25);
				const result = (-bench.read("TEMP_RSLT") * (trim & 0xffff)) / 65_536 + (trim >>> 16) / 32;
				assert.ok(Math.abs(result - temperature_degC) < 0.2, `${result}`);
			}
		}
	});

	it("has a trim that differs from chip to chip", () => {
		const trims = [1, 2, 3].map((seed) => {
			const bench = new Bench({ seed });
			bench.pass(0.1);
			return bench.read("TEMP_TRIM");
		});
		assert.equal(new Set(trims).size, 3);
	});
});

describe("ADE9000 model: interrupts", () => {
	it("drives IRQ0 by MASK0, and IRQ1 as well with IRQ0_ON_IRQ1", () => {
		const bench = new Bench();
		bench.start();
		assert.equal(bench.chip.irq0.read(), 1);
		bench.pass(1.1);
		assert.equal(bench.chip.irq0.read(), 1);
		bench.write("MASK0", 1);
		assert.equal(bench.chip.irq0.read(), 0);
		assert.equal(bench.chip.irq1.read(), 1);
		bench.write("CONFIG1", 0x1300);
		assert.equal(bench.chip.irq1.read(), 0);
		bench.write("STATUS0", 1);
		assert.equal(bench.chip.irq0.read(), 1);
		assert.equal(bench.chip.irq1.read(), 1);
	});
});

describe("ADE9000 model: current regions", () => {
	it("use gain and phase of the region whose thresholds hold the current", () => {
		const bench = new Bench();
		const codePerAmpere = 52_702_092 / ((Math.SQRT1_2 / 12) * 2500);
		const thresholds: Record<string, number> = {};
		for (const [n, [low, high]] of [
			[0, 1.1],
			[1, 10.5],
			[10, 200],
		].entries()) {
			thresholds[`MTTHR_L${n}`] = Math.round(low! * codePerAmpere);
			thresholds[`MTTHR_H${n}`] = Math.round(high! * codePerAmpere);
		}
		bench.terminals.set({ current_A: [0.5, 5, 50] });
		bench.start({ CONFIG2: 0x0e00 });
		bench.pass(1);
		const before = ["A", "B", "C"].map((phase) => bench.read(`${phase}IRMS`));
		assert.equal(bench.read("AMTREGION"), 0xf);
		for (const [name, value] of Object.entries(thresholds)) bench.write(name, value);
		for (const phase of ["A", "B", "C"]) {
			for (let n = 0; n < 3; n++) bench.write(`${phase}IGAIN${n}`, Math.round(0.01 * (n + 1) * 2 ** 27));
		}
		bench.write("CONFIG0", 0x10);
		bench.pass(1);
		for (const [n, phase] of ["A", "B", "C"].entries()) {
			assert.equal(bench.read(`${phase}MTREGION`), n);
			assert.ok(Math.abs(bench.read(`${phase}IRMS`) / before[n]! - (1 + 0.01 * (n + 1))) < 1e-5);
		}
		bench.terminals.set({ current_A: [1.05, 1.05, 50] });
		bench.pass(1);
		assert.equal(bench.read("AMTREGION"), 0, "thresholds overlap: the region is kept");
		assert.equal(bench.read("BMTREGION"), 1);
	});
});

describe("ADE9000 model: faults", () => {
	const read = (bench: Bench) => bench.frame((0x4fe << 4) | 8, 4);

	it("a dead MISO reads all 0 or all 1", () => {
		for (const deadMiso of [0, 1] as const) {
			const bench = new Bench({ faults: { deadMiso } });
			bench.pass(0.1);
			assert.ok(read(bench).every((octet) => octet === (deadMiso === 0 ? 0 : 0xff)));
			bench.chip.setFaults({});
			assert.deepEqual([...read(bench)].slice(2), [0x00, 0xfe, 0x13, 0xde]);
		}
	});

	it("a flipped bit is caught by the CRC", () => {
		const bench = new Bench({ faults: { bitErrorRate: 0.01 } });
		bench.pass(0.1);
		let wrong = 0;
		for (let n = 0; n < 1000; n++) {
			const frame = read(bench);
			const isChanged = frame[2] !== 0x00 || frame[3] !== 0xfe;
			const isCaught = crc16Ccitt(frame, 2, 4) !== ((frame[4]! << 8) | frame[5]!);
			if (isChanged) assert.ok(isCaught);
			if (isChanged) wrong++;
		}
		assert.ok(wrong > 100 && wrong < 220, `${wrong} of 1000 with 16 bits at 1 %`);
	});

	it("MISO can arrive one bit late", () => {
		const bench = new Bench({ faults: { isMisoLate: true } });
		bench.pass(0.1);
		assert.deepEqual([...read(bench)].slice(2), [0x00, 0x7f, 0x09, 0xef]);
	});

	it("a spontaneous reset shows as RSTDONE and lost configuration", () => {
		const bench = new Bench();
		bench.start({ CF1DEN: 7 });
		bench.pass(1);
		bench.chip.reset();
		bench.pass(0.1);
		assert.equal(bench.read("STATUS1") & 0x1_0000, 0x1_0000);
		assert.equal(bench.chip.irq1.read(), 0);
		assert.equal(bench.read("CF1DEN"), 0xffff);
		assert.equal(bench.read("RUN"), 0);
	});

	it("ERROR0, 1 and 3 reach the pin without mask, ERROR2 does not", () => {
		for (const error of [0, 1, 2, 3] as const) {
			const bench = new Bench();
			bench.start();
			bench.chip.raiseError(error);
			assert.equal(bench.read("STATUS1") >>> (28 + error) || 1, 1);
			assert.equal(bench.chip.irq1.read(), error === 2 ? 1 : 0);
		}
	});

	it("a stuck converter measures nothing, in both gears", () => {
		for (const gear of ["phasor", "waveform"] as const) {
			const bench = new Bench({ gear });
			bench.terminals.set({ current_A: [5, 5, 5] });
			bench.start({ CONFIG2: 0x0c00 });
			bench.pass(3);
			assert.ok(bench.read("AVRMS") > 1e6);
			bench.chip.setFaults({ stuck: [0.5] });
			bench.pass(8);
			assert.ok(bench.read("AVRMS") < 1000, `${bench.read("AVRMS")}`);
			assert.ok(bench.read("BVRMS") > 1e6);
			bench.chip.setFaults({});
			bench.pass(3);
			assert.ok(bench.read("AVRMS") > 1e6);
		}
	});

	it("a crystal that drifts while running changes rate and frequency", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [5, 5, 5] });
		bench.start({ ACT_NL_LVL: 0 });
		bench.pass(10);
		const before = bench.read("APERIOD");
		bench.chip.setFaults({ crystalOffset_ppm: 500 });
		bench.pass(1);
		assert.ok(Math.abs((bench.read("APERIOD") + 1) / (before + 1) - 1.0005) < 1e-7);
	});

	it("power cut in the middle of anything leaves a chip that starts", () => {
		const bench = new Bench({ gear: "waveform" });
		bench.terminals.set({ current_A: [5, 5, 5] });
		for (let n = 0; n < 5; n++) {
			bench.start();
			bench.pass(0.0337 * (n + 1));
			bench.chip.powerDown();
			bench.pass(0.01 * n);
			bench.chip.powerUp();
		}
		bench.start();
		bench.pass(0.5);
		assert.ok(bench.read("AVRMS") > 1e6);
	});
});

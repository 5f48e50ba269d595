// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { registerRows } from "../../../../../hosts/simulator/afe/ade9000/register-map.js";
import { Bench } from "./test-bench.js";

/** CRC-16/CCITT-FALSE, bit by bit: independent of the table in the sources. */
function crc16(bytes: ArrayLike<number>): number {
	let crc = 0xffff;
	for (let n = 0; n < bytes.length; n++) {
		crc ^= bytes[n]! << 8;
		for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
	}
	return crc;
}

function awake(): Bench {
	const bench = new Bench();
	bench.pass(0.1);
	return bench;
}

const readCommand = (at: number) => (at << 4) | 8;

describe("ADE9000 model: serial port", () => {
	it("appends the CRC of the data to reads: vectors 0063, 00FE and 00A00000", () => {
		const bench = awake();
		assert.deepEqual([...bench.frame(readCommand(0x4a4), 4)].slice(2), [0x00, 0x63, 0x41, 0xca]);
		assert.deepEqual([...bench.frame(readCommand(0x4fe), 4)].slice(2), [0x00, 0xfe, 0x13, 0xde]);
		assert.deepEqual([...bench.frame(readCommand(0x418), 6)].slice(2), [0x00, 0xa0, 0x00, 0x00, 0x39, 0x5c]);
		assert.equal(bench.read("CRC_SPI"), 0x395c);
		assert.equal(bench.read("CRC_SPI"), 0x395c, "reading it leaves it alone");
		bench.write("AIGAIN", 0x1234_5678);
		assert.deepEqual([...bench.frame(readCommand(0x000), 6)].slice(2), [0x12, 0x34, 0x56, 0x78, 0x30, 0xec]);
		assert.deepEqual([...bench.frame(readCommand(0x001), 6)].slice(2), [0, 0, 0, 0, 0x84, 0xc0]);
	});

	it("takes 0x480 to 0x4FE for 16 bits and everything else for 32", () => {
		const bench = awake();
		// The CRC shows where the data end.
		for (const [at, width] of [
			[0x47f, 4],
			[0x480, 2],
			[0x4fe, 2],
			[0x4ff, 4],
		] as const) {
			const frame = bench.frame(readCommand(at), width + 2);
			const data = frame.subarray(2, 2 + width);
			assert.equal((frame[2 + width]! << 8) | frame[3 + width]!, crc16(data), at.toString(16));
		}
		bench.frame(0x480 << 4, 2, [0, 1]);
		assert.equal(bench.read("RUN"), 1);
	});

	it("writes a register only when all its bits have arrived", () => {
		const bench = awake();
		bench.write("AVGAIN", 0x0102_0304);
		const before = bench.read("LAST_DATA_32");
		bench.frame(0x00b << 4, 3, [9, 9, 9]);
		assert.equal(bench.read("AVGAIN"), 0x0102_0304);
		assert.equal(bench.read("LAST_DATA_32"), before);
		bench.frame(0x494 << 4, 1, [9]);
		assert.equal(bench.read("CF1DEN"), 0xffff);
		bench.frame(0x00b << 4, 6, [5, 6, 7, 8, 9, 9]);
		assert.equal(bench.read("AVGAIN"), 0x0506_0708, "further octets are ignored");
	});

	it("echoes the last command and data, which reading the echo registers does not change", () => {
		const bench = awake();
		bench.write("CF2DEN", 0x1234);
		for (let n = 0; n < 2; n++) {
			assert.equal(bench.read("LAST_CMD"), 0x495 << 4);
			assert.equal(bench.read("LAST_DATA_16"), 0x1234);
		}
		bench.write("BVGAIN", 0xffff_fffe);
		assert.equal(bench.read("LAST_DATA_32"), 0xffff_fffe);
		assert.equal(bench.read("LAST_CMD"), 0x02b << 4);
		bench.read("COM_PERIOD");
		assert.equal(bench.read("LAST_CMD"), (0x41b << 4) | 8);
		assert.equal(bench.read("LAST_DATA_32"), 0x00a0_0000);
	});

	it("goes on with the next address instead of a CRC while BURST_EN is set", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [1, 2, 3] });
		bench.start();
		bench.pass(2);
		const names = [..."AIRMS BIRMS CIRMS AVRMS BVRMS CVRMS NIRMS AWATT BWATT CWATT AVA".split(" ")];
		const expected = names.map((name) => bench.read(name));
		bench.read("APERIOD");
		const echo = bench.read("LAST_DATA_32");
		bench.write("CONFIG1", 0x0b00);
		const frame = bench.frame(readCommand(0x607), 4 * names.length);
		const view = new DataView(frame.buffer, 2);
		assert.deepEqual(
			names.map((_, n) => view.getUint32(4 * n)),
			expected,
		);
		assert.equal(bench.read("LAST_DATA_32"), echo, "bursts leave LAST_DATA alone");
		assert.equal(bench.read("AVRMS"), expected[3]);
		assert.deepEqual([...bench.frame(readCommand(0x20d), 6)].slice(6), [0, 0], "no CRC anywhere with BURST_EN");
		bench.write("CONFIG1", 0x0300);
		const single = bench.frame(readCommand(0x607), 6);
		assert.equal((single[6]! << 8) | single[7]!, crc16(single.subarray(2, 6)));
	});

	it("repeats the results of a phase in the order of the second burst area", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [1, 2, 3], lag_deg: 30 });
		bench.start();
		bench.pass(2);
		bench.write("CONFIG1", 0x0b00);
		const view = new DataView(bench.frame(readCommand(0x680 + 0x13), 4 * 0x13).buffer, 2);
		const names = [..."IRMS VRMS WATT VA VAR FVAR PF VTHD ITHD FWATT FVA IFRMS VFRMS IRMSONE VRMSONE".split(" ")];
		for (const [n, name] of names.entries()) assert.equal(view.getUint32(4 * (n + 2)), bench.read(`B${name}`), name);
		assert.equal(view.getUint32(4 * 17), bench.read("BIRMS1012"));
		assert.equal(view.getUint32(4 * 18), bench.read("BVRMS1012"));
	});

	it("reads 0 at addresses without a register, ignores writes there, and still echoes the command", () => {
		const bench = awake();
		bench.write(0x1f0, 0x1234_5678);
		assert.equal(bench.read(0x1f0), 0);
		assert.equal(bench.read("LAST_CMD"), (0x1f0 << 4) | 8);
	});

	it("lets nobody drive MISO without supply, in reset and during the start-up", () => {
		const bench = awake();
		const isSilent = () => bench.frame(readCommand(0x4fe), 4).every((octet) => octet === 0xff);
		assert.equal(isSilent(), false);
		bench.chip.resetPin.write(0);
		assert.ok(isSilent());
		bench.pass(1);
		assert.ok(isSilent(), "held");
		bench.chip.resetPin.write(1);
		assert.ok(isSilent(), "starting up");
		bench.pass(0.05);
		assert.equal(isSilent(), false);
		bench.chip.powerDown();
		bench.pass(1);
		assert.ok(isSilent());
	});

	it("answers any frame without failing and keeps frames of its own length", () => {
		const bench = awake();
		bench.start();
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (bytes) => {
				const length = bytes.length;
				bench.chip.transfer(bytes);
				bench.pass(0.001);
				return bytes.length === length;
			}),
			{ numRuns: 500 },
		);
	});
});

describe("ADE9000 model: registers", () => {
	it("has the reset values of the data sheet", () => {
		const bench = awake();
		const trim = new Set(["TEMP_TRIM", "STATUS1", "LAST_CMD", "LAST_DATA_16", "LAST_DATA_32", "CRC_SPI"]);
		for (const { name, reset } of registerRows) {
			if (!trim.has(name)) assert.equal(bench.read(name), reset, name);
		}
		for (const [name, value] of Object.entries({
			OILVL: 0xff_ffff,
			USER_PERIOD: 0x0050_0000,
			VLEVEL: 0x0004_5d45,
			DIPA: 0x7f_ffff,
			CONFIG3: 0xf000,
			ZXTHRSH: 9,
			ZX_LP_SEL: 0x1e,
			PWR_TIME: 0xff,
			CONFIG2: 0x0c00,
			ADC_REDIRECT: 0x1f_ffff,
			VERSION: 0xfe,
			CONFIG5: 0x63,
			AMTREGION: 0xf,
			WTHR: 0xffff,
		})) {
			assert.equal(bench.read(name), value, name);
		}
		assert.equal((bench.read("PART_ID") >>> 20) & 1, 1);
	});

	it("keeps only writable bits, and read-only registers as they are", () => {
		const bench = awake();
		const commands = new Set(["CONFIG1", "RUN", "WR_LOCK", "CRC_FORCE", "TEMP_CFG", "WFB_TRG_CFG", "WFB_CFG"]);
		for (const { name, access, mask, reset } of registerRows) {
			if (commands.has(name) || name.startsWith("LAST") || name === "CRC_SPI" || name === "TEMP_TRIM") continue;
			if (access === "RW") {
				bench.write(name, 0xffff_ffff);
				assert.equal(bench.read(name), mask >>> 0, name);
				bench.write(name, reset);
				assert.equal(bench.read(name), reset >>> 0, name);
			}
			if (access === "R") {
				bench.write(name, 0x5555_5555);
				assert.equal(bench.read(name), reset, name);
			}
		}
		bench.write("EGY_TIME", 0xffff);
		assert.equal(bench.read("EGY_TIME"), 8191);
	});

	it("clears status bits by writing 1 and only those", () => {
		const bench = new Bench();
		bench.start();
		bench.pass(2.1);
		const status = bench.read("STATUS0");
		assert.ok(status & 1, "EGYRDY");
		assert.ok(status & (1 << 18), "PWRRDY");
		bench.write("STATUS0", 1);
		assert.equal(bench.read("STATUS0"), status & ~1);
		bench.write("STATUS0", 0);
		assert.equal(bench.read("STATUS0"), status & ~1);
	});

	it("ignores writes to configuration and status while locked", () => {
		const bench = awake();
		bench.write("WR_LOCK", 0x3c64);
		assert.equal(bench.read("WR_LOCK"), 1);
		bench.write("AVGAIN", 5);
		bench.write("CF1DEN", 5);
		bench.write("STATUS1", 0xffff_ffff);
		assert.equal(bench.read("AVGAIN"), 0);
		assert.equal(bench.read("CF1DEN"), 0xffff);
		assert.notEqual(bench.read("STATUS1") & 0x1_0000, 0);
		assert.equal(bench.read("LAST_DATA_32"), bench.read("STATUS1"));
		bench.write("WR_LOCK", 0x1111);
		assert.equal(bench.read("WR_LOCK"), 1);
		bench.write("WR_LOCK", 0x4ad1);
		assert.equal(bench.read("WR_LOCK"), 0);
		bench.write("CF1DEN", 5);
		assert.equal(bench.read("CF1DEN"), 5);
	});
});

describe("ADE9000 model: reset", () => {
	it("sets RSTDONE about 45 ms after power-up, with IRQ1 low until it is cleared", () => {
		const bench = new Bench();
		bench.chip.advanceTo(0.04);
		assert.equal(bench.chip.irq1.read(), 1);
		bench.chip.advanceTo(0.05);
		assert.equal(bench.chip.irq1.read(), 0);
		assert.equal(bench.read("STATUS1"), 0x1_0000);
		bench.write("STATUS1", 0x1_0000);
		assert.equal(bench.chip.irq1.read(), 1);
	});

	it("starts again after a software reset, with registers at reset values", () => {
		const bench = awake();
		bench.write("STATUS1", 0x1_0000);
		bench.write("AVGAIN", 77);
		bench.write("CONFIG1", 1);
		bench.pass(0.04);
		assert.equal(bench.chip.irq1.read(), 1);
		bench.pass(0.01);
		assert.equal(bench.chip.irq1.read(), 0);
		assert.equal(bench.read("AVGAIN"), 0);
		assert.equal(bench.read("CONFIG1"), 0);
	});

	it("has no results before RUN", () => {
		const bench = new Bench();
		bench.terminals.set({ current_A: [5, 5, 5] });
		bench.pass(5);
		for (const name of ["AVRMS", "AWATT", "AVRMSONE", "AVRMS1012", "APF", "VERSION2", "AV_PCF"]) {
			assert.equal(bench.read(name), 0, name);
		}
		assert.equal(bench.read("STATUS0"), 0);
		bench.start();
		bench.pass(2);
		assert.equal(bench.read("VERSION2"), 0x0c);
		assert.ok(bench.read("AVRMS") > 0);
		bench.write("RUN", 0);
		const before = bench.read("AVRMS");
		bench.terminals.set({ voltage_V: [100, 100, 100] });
		bench.pass(2);
		assert.equal(bench.read("AVRMS"), before, "frozen");
	});

	it("comes back from a loss of supply like from power-up", () => {
		const bench = new Bench();
		bench.start({ AVGAIN: 5 });
		bench.pass(1);
		bench.chip.powerDown();
		bench.pass(1);
		assert.equal(bench.chip.irq1.read(), 1);
		bench.chip.powerUp();
		bench.pass(0.05);
		assert.equal(bench.chip.irq1.read(), 0);
		assert.equal(bench.read("AVGAIN"), 0);
		assert.equal(bench.read("RUN"), 0);
	});
});

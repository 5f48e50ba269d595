// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Ade9000, type Ade9000Options } from "../../src/drivers/ade9000.js";
import { Ade9000Bus, foldEnergy } from "../../src/drivers/ade9000-bus.js";
import { ade9000Uncalibrated, configuration, pulseDivider } from "../../src/drivers/ade9000-configuration.js";
import { register } from "../../src/drivers/ade9000-registers.js";
import type { RegisterTable } from "../../src/drivers/register-table.js";
import { factoryLedConstants } from "../../src/metrology/led-constant.js";
import { type ModelDescriptor, st402c, st402d } from "../../src/models/model.js";
import { FakeAde9000 } from "./fake-ade9000.js";

interface Interval {
	at_ms: number;
	duration_ms: number;
	codes: number[];
}

/** High parts: total active, fundamental reactive, total apparent of phases A, B, C. */
const high = { watt: [0x2e7, 0x323, 0x35f], fvar: [0x30f, 0x34b, 0x387], va: [0x2fb, 0x337, 0x373] };

function makeChip(options: Partial<Ade9000Options> = {}, model: ModelDescriptor = st402d) {
	const chip = new FakeAde9000();
	const driver = new Ade9000({ spi: chip, irq0: chip, model, ...options });
	const intervals: Interval[] = [];
	let now = 0;
	const step = (to_ms: number) => {
		now = to_ms;
		chip.advanceTo(now);
		if (!driver.advance(now)) return;
		const { duration_ms, energy_codes } = driver.reading;
		intervals.push({ at_ms: now, duration_ms, codes: [...energy_codes] });
	};
	/** Lets the time run from deadline to deadline. */
	const runTo = (to_ms: number) => {
		while (driver.nextDeadline_ms <= to_ms) step(Math.max(now, driver.nextDeadline_ms));
		now = to_ms;
		chip.advanceTo(now);
	};
	/** Nobody calls the driver until then. */
	const stallTo = (to_ms: number) => step(to_ms);
	return { chip, driver, intervals, runTo, stallTo, now: () => now };
}

function setPower(chip: FakeAde9000, p: number, q: number, s: number): void {
	for (const address of high.watt) chip.rates.set(address, p);
	for (const address of high.fvar) chip.rates.set(address, q);
	for (const address of high.va) chip.rates.set(address, s);
}

const rate = 123_456_789;

function total(intervals: readonly Interval[], index = 0): number {
	return intervals.reduce((a, interval) => a + interval.codes[index]!, 0);
}

function valueAt(table: RegisterTable, address: number): number {
	for (let n = 0; n < table.length; n++) if (table.address(n) === address) return table.value(n);
	throw new Error(`register ${address.toString(16)} is not in the table`);
}

describe("drivers/ade9000: configuration", () => {
	it("puts the recommended values for ST402D at 230 V, 50 Hz", () => {
		const table = configuration(st402d, ade9000Uncalibrated, factoryLedConstants(st402d));
		assert.equal(valueAt(table, 0x40f), 3_485_690, "VLEVEL for 991 : 1 and 230 V");
		assert.equal(valueAt(table, 0x41c), 29_509, "no-load level 2.3 W · 64");
		assert.equal(valueAt(table, 0x41d), 29_509);
		assert.equal(valueAt(table, 0x494), 5506);
		assert.ok(Math.abs(valueAt(table, 0x420) - 0x10_0000) <= 1);
		assert.equal(valueAt(table, 0x490), 0x0020);
		assert.equal(valueAt(table, 0x491), 0x003f);
		assert.equal(valueAt(table, 0x4b2), 7999);
		assert.equal(valueAt(table, 0x481), 0x060a, "BURST_EN stays 0: the CRC is lost with it");
		assert.equal(valueAt(table, 0x492), 0, "signed accumulation, 50 Hz");
		assert.equal(valueAt(table, 0x40e), 0x9f_ffff);
	});

	it("F23 a 60 Hz model selects windows of 12 cycles", () => {
		const table = configuration(
			{ ...st402d, nominalFrequency_Hz: 60 },
			ade9000Uncalibrated,
			factoryLedConstants(st402d),
		);
		assert.equal(valueAt(table, 0x492), 0x0100);
		assert.equal(valueAt(table, 0x40e), Math.round((8000 * 65_536) / 60 - 1));
	});

	it("F21 levels follow the nominal voltage", () => {
		const table = configuration({ ...st402d, nominalVoltage_V: 110 }, ade9000Uncalibrated, factoryLedConstants(st402d));
		assert.equal(valueAt(table, 0x41c), Math.round((1.1 / 0.004_988_35) * 64));
		const fullScale_V = 700.7427;
		assert.ok(Math.abs(valueAt(table, 0x410) - ((0.9 * 110) / fullScale_V) * 1_646_940.4) < 2);
	});

	it("F47 pulses of any constant are right within 1 ppm by divider and threshold", () => {
		for (const [model, kP] of [
			[st402d, 0.004_988_35],
			[st402c, 0.000_478_881],
		] as const) {
			for (const constant of [1000, 1600, 2000, 5000, 10_000, 20_000]) {
				const { denominator, threshold } = pulseDivider(model, constant);
				// pulses per second at power code 1, against what the constant asks for
				const frequency = 4_096_000 / (threshold * 512 * denominator);
				const expected = (constant * kP) / 3_600_000;
				assert.ok(Math.abs(frequency / expected - 1) < 2e-6, `${model.name} ${constant}`);
			}
		}
		assert.throws(() => pulseDivider(st402d, 10), RangeError);
		assert.throws(() => pulseDivider(st402d, 1e9), RangeError);
	});

	it("writes calibration values of each phase to its own registers, negative ones as two's complement", () => {
		const neutral = ade9000Uncalibrated.phases[0]!;
		const calibration = {
			...ade9000Uncalibrated,
			phases: [neutral, { ...neutral, currentGain: -5, phase: -24_412_285 }, { ...neutral, voltageRms1012Offset: 77 }],
			neutralGain: 9,
		};
		const table = configuration(st402d, calibration, factoryLedConstants(st402d));
		assert.equal(valueAt(table, 0x000), 0);
		assert.equal(valueAt(table, 0x020) | 0, -5);
		assert.equal(valueAt(table, 0x026) | 0, -24_412_285);
		assert.equal(valueAt(table, 0x057), 77);
		assert.equal(valueAt(table, 0x06d), 9);
	});

	it("F49 each output has the divider and threshold of its own constant", () => {
		const table = configuration(st402d, ade9000Uncalibrated, [1000, 10_000, 500]);
		const active = pulseDivider(st402d, 1000);
		const reactive = pulseDivider(st402d, 10_000);
		assert.equal(valueAt(table, register.cf1Den), active.denominator);
		assert.equal(valueAt(table, register.wThr), active.threshold);
		assert.equal(valueAt(table, register.cf2Den), reactive.denominator);
		assert.equal(valueAt(table, register.varThr), reactive.threshold);
	});

	it("F04 the unit of energy is that of the board", () => {
		const direct = new Ade9000({ spi: new FakeAde9000(), model: st402d });
		const perUnit = direct.unitNumerator / direct.unitDenominator;
		const watts_perCode = (((Math.SQRT1_2 * 991 * Math.SQRT1_2) / 12) * 2500) / 20_694_066;
		assert.ok(Math.abs(perUnit / (360 / (watts_perCode / 8000)) - 1) < 1e-6);
		assert.equal(direct.unitDenominator, 2 ** 12);
		assert.ok(Math.abs(perUnit / 5.7735e8 - 1) < 1e-4);
	});

	for (const model of [st402d, st402c]) {
		it(`F47 ${model.name}: impulses and registers count the same quanta`, () => {
			const { unitNumerator } = new Ade9000({ spi: new FakeAde9000(), model });
			const table = configuration(model, ade9000Uncalibrated, factoryLedConstants(model));
			// A pulse falls after xTHR · CFxDEN codes; there are 10 000 units of 0.1 Wh in a kWh.
			const codesPerKWh = valueAt(table, 0x420) * valueAt(table, 0x494) * model.ledConstant;
			assert.ok(Math.abs((unitNumerator / 4096) * 10_000 - codesPerKWh) <= 1e-12 * codesPerKWh);
		});
	}
});

describe("drivers/ade9000: bus", () => {
	it("checks the CRC of the chip: published vectors pass, dead and late lines do not", () => {
		const answers: [number[], number][] = [
			[[0, 0, 0, 0], 0x84c0],
			[[0x00, 0xa0, 0, 0], 0x395c],
			[[0x12, 0x34, 0x56, 0x78], 0x30ec],
		];
		for (const [data, crc] of answers) {
			const bus = new Ade9000Bus({
				transfer: (frame) => frame.set([0xff, 0xff, ...data, crc >> 8, crc & 255]),
			});
			assert.equal(bus.read32(0x20c) >>> 0, new DataView(new Uint8Array(data).buffer).getUint32(0));
			assert.equal(bus.hasFailed, false);
		}
		for (const level of [0, 0xff]) {
			const bus = new Ade9000Bus({ transfer: (frame) => void frame.fill(level) });
			bus.read32(0x20c);
			assert.equal(bus.hasFailed, true);
			bus.hasFailed = false;
			bus.read16(0x480);
			assert.equal(bus.hasFailed, true);
			assert.equal(bus.crcErrors, 6);
		}
	});

	it("16 bit registers are 0x480 to 0x4FE inclusive", () => {
		const lengths: [number, number][] = [];
		const bus = new Ade9000Bus({
			transfer: (frame) => void lengths.push([frame[0]! * 16 + (frame[1]! >> 4), frame.length]),
		});
		for (const address of [0x47f, 0x480, 0x4fe, 0x4ff]) bus.write(address, 1);
		assert.deepEqual(lengths, [
			[0x47f, 6],
			[0x480, 4],
			[0x4fe, 4],
			[0x4ff, 6],
		]);
	});

	it("45 bit differences are folded at any point of the counter", () => {
		const counter = fc.bigInt({ min: -(1n << 44n), max: (1n << 44n) - 1n });
		const delta = fc.bigInt({ min: -(1n << 43n), max: (1n << 43n) - 1n });
		fc.assert(
			fc.property(counter, delta, (before, change) => {
				const after = BigInt.asIntN(45, before + change);
				assert.equal(foldEnergy(Number(after), Number(before)), Number(change));
			}),
		);
	});
});

describe("drivers/ade9000: start", () => {
	it("delivers the first interval within 5 s of the supply (F20), counting from the first EGYRDY", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		setPower(chip, rate, -rate, 2 * rate);
		assert.equal(driver.fault, "starting");
		runTo(5000);
		assert.ok(intervals.length >= 2);
		assert.ok(intervals[0]!.at_ms < 2600);
		for (const { codes, duration_ms } of intervals) {
			assert.equal(duration_ms, 1000);
			assert.deepEqual(codes, [rate, rate, rate, -rate, -rate, -rate, 2 * rate, 2 * rate, 2 * rate]);
		}
		assert.equal(driver.fault, "");
	});

	it("writes everything before RUN except EP_CFG, and locks last", () => {
		const { chip, runTo } = makeChip();
		runTo(1000);
		const order = chip.writes.map((write) => write.address);
		const runAt = order.indexOf(0x480);
		assert.ok(order.indexOf(0x4b0) > runAt);
		for (const address of [0x4b9, 0x060, 0x494, 0x420, 0x4b2]) assert.ok(order.indexOf(address) < runAt);
		assert.equal(chip.get(0x4bf), 0x3c64);
		assert.equal(chip.get(0x4b0) & (1 << 5), 0, "read with reset is faulty in silicon and stays off");
		assert.equal(chip.get(0x4a4), 0, "CONFIG5 is never written");
	});

	it("does little per turn", () => {
		const { chip, driver } = makeChip();
		let most = 0;
		for (let now = 0; now < 3000; now++) {
			chip.advanceTo(now);
			const before = chip.frames;
			driver.advance(now);
			most = Math.max(most, chip.frames - before);
		}
		assert.ok(most <= 80, `${most} frames in one turn`);
	});

	it("refuses another part and keeps trying", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		const transfer = chip.transfer.bind(chip);
		chip.transfer = (frame) => {
			chip.registers.set(0x472, 0);
			transfer(frame);
		};
		runTo(3000);
		assert.equal(driver.fault, "wrongPart");
		chip.transfer = transfer;
		runTo(10_000);
		assert.equal(driver.fault, "");
		assert.ok(intervals.length > 0);
	});

	it("F18 never meters with a register that does not hold its value", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		chip.deaf.add(0x41c);
		runTo(10_000);
		assert.equal(driver.fault, "configuration");
		assert.equal(intervals.length, 0);
		assert.equal(chip.get(0x480), 0, "not started");
	});

	it("survives a chip that is absent for a minute after power-up", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		chip.miso = "ones";
		runTo(60_000);
		assert.equal(driver.fault, "noAnswer");
		chip.miso = "";
		runTo(66_000);
		assert.equal(driver.fault, "");
		assert.ok(intervals.length > 0);
	});

	it("a restart of the processor alone finds a running, locked chip and starts it anew", () => {
		const { chip, runTo } = makeChip();
		setPower(chip, rate, 0, rate);
		runTo(10_000);
		const second = new Ade9000({ spi: chip, irq0: chip, model: st402d });
		const codes: number[] = [];
		for (let now = 10_000; now <= 20_000; now++) {
			chip.advanceTo(now);
			if (second.advance(now)) codes.push(second.reading.energy_codes[0]!);
		}
		assert.ok(codes.length >= 7);
		assert.ok(codes.every((code) => code === rate));
	});
});

describe("drivers/ade9000: metering", () => {
	for (const lockBlocksStatus of [true, false]) {
		it(`one interval per second whether the lock blocks acknowledgements or not (${lockBlocksStatus})`, () => {
			const { chip, intervals, runTo } = makeChip();
			chip.lockBlocksStatus = lockBlocksStatus;
			setPower(chip, rate, rate, rate);
			runTo(62_000);
			assert.ok(intervals.length >= 59);
			assert.equal(total(intervals), rate * intervals.length);
			assert.ok(intervals.every((interval) => interval.duration_ms === 1000));
		});
	}

	it("works without the interrupt pin, and with one that is stuck", () => {
		for (const pin of ["none", 0, 1] as const) {
			const chip = new FakeAde9000();
			if (pin !== "none") chip.stuckPin = pin;
			const driver = new Ade9000(
				pin === "none" ? { spi: chip, model: st402d } : { spi: chip, irq0: chip, model: st402d },
			);
			setPower(chip, rate, 0, rate);
			const durations: number[] = [];
			let sum = 0;
			for (let now = 0; now <= 60_000; now += 10) {
				chip.advanceTo(now);
				if (!driver.advance(now)) continue;
				durations.push(driver.reading.duration_ms);
				sum += driver.reading.energy_codes[0]!;
			}
			const seconds = durations.reduce((a, b) => a + b, 0) / 1000;
			assert.equal(sum, seconds * rate, `pin ${pin}`);
			assert.ok(seconds >= 55, `pin ${pin}`);
			assert.ok(
				durations.slice(2).every((duration) => duration === 1000),
				`pin ${pin}`,
			);
			assert.ok(driver.starts === 1);
		}
	});

	it("a late poll of 1 to 90 s takes the whole difference and the time it stands for", () => {
		for (const late_s of [1, 2, 3, 10, 30, 60, 89]) {
			const { chip, intervals, runTo, stallTo, now } = makeChip();
			setPower(chip, rate, -rate, rate);
			runTo(5200);
			intervals.length = 0;
			const start = now();
			stallTo(start + late_s * 1000);
			runTo(start + late_s * 1000 + 3500);
			const seconds = intervals.reduce((a, interval) => a + interval.duration_ms, 0) / 1000;
			assert.equal(total(intervals), seconds * rate, `${late_s} s`);
			assert.equal(total(intervals, 3), -seconds * rate, `${late_s} s`);
			for (const { codes, duration_ms } of intervals)
				assert.equal(codes[0], (rate * duration_ms) / 1000, `${late_s} s`);
		}
	});

	it("after more than 90 s without a reading nothing is added: the counters may have turned over", () => {
		const { chip, intervals, runTo, stallTo, now } = makeChip();
		setPower(chip, rate, 0, rate);
		runTo(5000);
		const before = intervals.length;
		stallTo(now() + 95_000);
		assert.equal(intervals.length, before);
		runTo(now() + 3000);
		assert.ok(intervals.length > before);
		for (const { codes } of intervals.slice(before)) assert.equal(codes[0], rate);
	});

	it("counter wrap at 2^45 is invisible", () => {
		const { chip, intervals, runTo } = makeChip();
		setPower(chip, 150_000_000_000, -150_000_000_000, 165_000_000_000);
		runTo(400_000); // wraps every 213 s from the middle
		assert.ok(intervals.length > 390);
		for (const { codes } of intervals) {
			assert.deepEqual([codes[0], codes[3], codes[6]], [150_000_000_000, -150_000_000_000, 165_000_000_000]);
		}
	});

	it("reads high, low, high: an update between the two parts does not tear the value", () => {
		const { chip, intervals, runTo, now } = makeChip();
		setPower(chip, 8191, 0, 8191);
		let torn = 0;
		chip.onRead = (address) => {
			// The chip finishes an interval right before the low part is read, once every few seconds.
			if (address !== 0x2e6 || now() < 5000 || torn >= 20 || now() % 3 !== 0) return;
			torn++;
			for (const [pair, codes] of chip.rates) chip.energies.set(pair, (chip.energies.get(pair) ?? 0) + codes);
		};
		runTo(60_000);
		const read = total(intervals) / 8191;
		assert.equal(read, Math.round(read), "whole intervals only");
	});

	it("gives voltage, current and neutral as the root of the mean square of all values of the second", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		const squares: number[] = [];
		let n = 0;
		chip.onRead = (address) => {
			if (address === 0x21c) {
				const code = 17_000_000 + (n++ % 7) * 100_000;
				squares.push(code ** 2);
				chip.registers.set(0x21c, code);
			}
		};
		runTo(500);
		chip.registers.set(0x23b, 1_789_012);
		chip.registers.set(0x268, 2_000_000);
		runTo(1700);
		const known = intervals.length;
		squares.length = 0;
		while (intervals.length === known) runTo(driver.nextDeadline_ms);
		squares.length = 0;
		while (intervals.length === known + 1) runTo(driver.nextDeadline_ms);
		assert.equal(squares.length, 5);
		const mean = Math.sqrt(squares.reduce((a, b) => a + b, 0) / 5);
		assert.equal(driver.reading.voltage_mV[0], Math.round((mean * st402d.board.voltageFullScale_mV) / 52_702_092));
		const milliamps = st402d.board.currentFullScale_mA / 52_702_092;
		assert.equal(driver.reading.current_mA[1], Math.round(1_789_012 * milliamps));
		assert.equal(driver.reading.current_mA[3], Math.round(2_000_000 * milliamps));
	});

	it("F14 F15 ten cycles that took longer count for more in the mean of the second", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		const windows = [
			{ code: 17_000_000, period_Hz: 45 },
			{ code: 5_000_000, period_Hz: 55 },
			{ code: 20_000_000, period_Hz: 50 },
		];
		const taken: { code: number; period: number }[] = [];
		let n = 0;
		chip.onRead = (address) => {
			const { code, period_Hz } = windows[n % windows.length]!;
			const period = Math.round((8000 * 65_536) / period_Hz);
			if (address === 0x21c) {
				chip.registers.set(0x21c, code);
				taken.push({ code, period });
			}
			if (address === 0x418) {
				chip.registers.set(0x418, period - 1);
				n++;
			}
		};
		runTo(1700);
		const known = intervals.length;
		while (intervals.length === known) runTo(driver.nextDeadline_ms);
		taken.length = 0;
		while (intervals.length === known + 1) runTo(driver.nextDeadline_ms);
		assert.equal(taken.length, 5);
		const time = taken.reduce((sum, { period }) => sum + period, 0);
		const mean = Math.sqrt(taken.reduce((sum, { code, period }) => sum + code ** 2 * period, 0) / time);
		assert.equal(driver.reading.voltage_mV[0], Math.round((mean * st402d.board.voltageFullScale_mV) / 52_702_092));
	});

	it("F14 without 10/12-cycle values the RMS of the sample stands in: nothing is frozen", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(500);
		chip.registers.set(0x21c, 17_000_000);
		chip.registers.set(0x20d, 123_456);
		runTo(5000);
		const volts = (code: number) => Math.round((code * st402d.board.voltageFullScale_mV) / 52_702_092);
		assert.equal(driver.reading.voltage_mV[0], volts(17_000_000));
		chip.hasWindows = false;
		runTo(8000);
		assert.equal(driver.reading.voltage_mV[0], volts(123_456));
	});

	it("F16 takes the frequency of the first phase that has voltage, in mHz", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(500);
		chip.registers.set(0x41a, Math.round((8000 * 65_536) / 47.5) - 1); // phase C
		chip.registers.set(0x418, 0x00a0_0000);
		chip.registers.set(0x25c, 17_000_000);
		runTo(5000);
		assert.equal(driver.reading.frequency_mHz, 47_500);
	});

	it("angles are counts of 1.024 MHz, the second-named behind the first", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(500);
		chip.registers.set(0x21c, 17_000_000);
		chip.registers.set(0x418, (8000 * 65_536) / 50 - 1);
		const counts = [6827, 6827, 13_653, 3413, 0, 20_479];
		counts.forEach((count, n) => void chip.registers.set(0x482 + n, count));
		runTo(5000);
		const degrees = [...driver.reading.angle_mdeg].map((angle) => angle / 1000);
		const expected = [6827, 13_653, 6827, 3413, 0, 20_479].map((count) => (count * 360 * 50) / 1_024_000);
		degrees.forEach((angle, n) => void assert.ok(Math.abs(angle - expected[n]!) <= 0.001, `angle ${n}`));
	});

	it("gives the temperature once the chip has one", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(3500);
		assert.ok(Number.isNaN(driver.reading.temperature_degC));
		// 0x4000 / 32 = 512; 512 - 3900 · 0x2000 / 65536 = 24.5
		chip.registers.set(0x4b7, 3900);
		chip.setBits(0x402, 1 << 25);
		runTo(5500);
		assert.equal(driver.reading.temperature_degC, 25);
	});
});

describe("drivers/ade9000: faults", () => {
	it("a spontaneous reset leads to a complete start, and nothing is added for the gap", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		setPower(chip, rate, rate, rate);
		runTo(20_000);
		chip.reset();
		runTo(40_000);
		assert.equal(driver.starts, 2);
		assert.equal(chip.get(0x41c), 29_509, "configured again");
		assert.equal(total(intervals), rate * intervals.length);
		assert.ok(intervals.length >= 33 && intervals.length <= 37);
		assert.equal(driver.fault, "");
	});

	it("a reset at any instant never invents energy", () => {
		fc.assert(
			fc.property(fc.integer({ min: 2000, max: 6000 }), fc.boolean(), (at_ms, isNegative) => {
				const { chip, intervals, runTo } = makeChip();
				const power = isNegative ? -rate : rate;
				setPower(chip, power, power, rate);
				runTo(at_ms);
				chip.reset();
				runTo(at_ms + 6000);
				for (const { codes, duration_ms } of intervals) assert.equal(codes[0], (power * duration_ms) / 1000);
			}),
			{ numRuns: 40 },
		);
	});

	for (const miso of ["zeros", "ones", "late"] as const) {
		it(`a dead line (${miso}) gives no interval; after 10 s of it the counted energy comes late but whole`, () => {
			const { chip, driver, intervals, runTo } = makeChip();
			setPower(chip, rate, -rate, rate);
			runTo(10_000);
			const before = intervals.length;
			chip.miso = miso;
			runTo(20_000);
			assert.equal(intervals.length, before);
			assert.equal(driver.fault, "noAnswer");
			chip.miso = "";
			runTo(30_000);
			assert.equal(driver.fault, "");
			assert.equal(driver.starts, 1);
			const seconds = intervals.reduce((a, interval) => a + interval.duration_ms, 0) / 1000;
			assert.equal(total(intervals), seconds * rate);
			assert.ok(seconds >= 27);
		});

		it(`a line dead for minutes (${miso}) ends in a new start without invented energy`, () => {
			const { chip, driver, intervals, runTo } = makeChip();
			setPower(chip, rate, -rate, rate);
			runTo(10_000);
			chip.miso = miso;
			runTo(200_000);
			chip.miso = "";
			runTo(210_000);
			assert.ok(driver.starts > 1);
			for (const { codes, duration_ms } of intervals) assert.equal(codes[0], (rate * duration_ms) / 1000);
			assert.equal(intervals.at(-1)!.duration_ms, 1000);
		});
	}

	it("flipped bits on MISO are caught by the CRC and read again", () => {
		for (const every of [3, 7, 50]) {
			const { chip, driver, intervals, runTo } = makeChip();
			setPower(chip, rate, -rate, rate);
			runTo(3000);
			chip.flipEvery = every;
			runTo(60_000);
			assert.ok(driver.crcErrors > 10);
			const seconds = intervals.reduce((a, interval) => a + interval.duration_ms, 0) / 1000;
			assert.equal(total(intervals), seconds * rate, `every ${every}th frame`);
			assert.ok(seconds > 50);
		}
	});

	it("a changed configuration register is noticed by the checksum and leads to a new start", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		setPower(chip, rate, 0, rate);
		runTo(10_000);
		chip.corrupt(0x041, 99);
		runTo(20_000);
		assert.equal(driver.starts, 2);
		assert.ok(intervals.length > 10);
		chip.setBits(0x403, 1 << 26); // the alarm alone, with the right checksum
		runTo(30_000);
		assert.equal(driver.starts, 2);
		assert.equal(chip.get(0x403) & (1 << 26), 0);
	});

	it("ERROR0 leads to a new start", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(10_000);
		chip.setBits(0x403, 1 << 28);
		runTo(15_000);
		assert.equal(driver.starts, 2);
		assert.equal(driver.fault, "");
	});

	it("a chip that answers but no longer counts is started again", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(10_000);
		chip.isMetering = false;
		runTo(13_900);
		assert.equal(driver.fault, "stalled");
		chip.isMetering = true;
		runTo(20_000);
		assert.equal(driver.fault, "");
	});

	it("an impossible difference is read again; three in a row are a fault, and none is delivered", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		setPower(chip, rate, 0, rate);
		runTo(10_000);
		const known = intervals.length;
		chip.energies.set(0x2e7, chip.energies.get(0x2e7)! + 300_000_000_000);
		runTo(11_500);
		assert.equal(driver.fault, "implausible");
		runTo(20_000);
		assert.equal(driver.fault, "");
		assert.ok(intervals.length > known);
		for (const { codes } of intervals) assert.equal(codes[0], rate);
	});

	it("a lock that was lost is put back", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(10_000);
		chip.registers.set(0x4bf, 0x4ad1);
		runTo(11_100);
		assert.equal(chip.get(0x4bf), 0x3c64);
		assert.equal(driver.starts, 1);
	});
});

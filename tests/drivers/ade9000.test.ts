// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Ade9000, type Ade9000Options } from "../../src/drivers/ade9000.js";
import { type ModelDescriptor, st402d } from "../../src/models/model.js";
import { describeChip } from "./chip-contract.js";
import { DriverBench, type Interval } from "./driver-bench.js";
import { FakeAde9000 } from "./fake-ade9000.js";

/** High parts: total active, fundamental reactive, total apparent of phases A, B, C. */
const high = { watt: [0x2e7, 0x323, 0x35f], fvar: [0x30f, 0x34b, 0x387], va: [0x2fb, 0x337, 0x373] };

function makeChip(options: Partial<Ade9000Options> = {}, model: ModelDescriptor = st402d) {
	const chip = new FakeAde9000();
	return new DriverBench(chip, new Ade9000({ spi: chip, irq0: chip, model, ...options }));
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

describeChip<FakeAde9000>({
	name: "ade9000",
	create: (chip = new FakeAde9000()) => ({ chip, driver: new Ade9000({ spi: chip, irq0: chip, model: st402d }) }),
	setPower,
	rate: 123_456_000,
	fullRate: 150_000_000_000,
	places: [0, 3, 6],
	deadLines: ["zeros", "ones", "late"],
	mostFramesPerTurn: 80,
	latest_ms: 90_000,
	configured: { address: 0x41c, value: 29_509 },
	read: (chip, address) => chip.get(address),
	makeDeaf: (chip, address) => chip.deaf.add(address),
	leap: (chip) => chip.energies.set(0x2e7, chip.energies.get(0x2e7)! + 300_000_000_000),
});

describe("drivers/ade9000: start", () => {
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

	it("F16 the nominal period that the chip puts in for mains out of 40 to 70 Hz is no frequency", () => {
		for (const period of [0x009f_ffff, 0x00a0_0000]) {
			const { chip, driver, runTo } = makeChip();
			runTo(500);
			chip.registers.set(0x21c, 17_000_000);
			chip.registers.set(0x418, period);
			chip.registers.set(0x20f, 900_000); // the fundamental is looked for where there is none
			runTo(5000);
			assert.equal(driver.reading.frequency_mHz, 0);
			chip.registers.set(0x20f, 16_000_000);
			runTo(10_000);
			assert.equal(driver.reading.frequency_mHz, 50_000);
		}
	});

	it("angles are counts of 1.024 MHz, the second-named behind the first", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(500);
		chip.registers.set(0x21c, 17_000_000);
		chip.registers.set(0x20f, 17_000_000); // all of it fundamental
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

	it("a lock that was lost is put back", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(10_000);
		chip.registers.set(0x4bf, 0x4ad1);
		runTo(11_100);
		assert.equal(chip.get(0x4bf), 0x3c64);
		assert.equal(driver.starts, 1);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Ade7953, type Ade7953Options } from "../../src/drivers/ade7953.js";
import { foldCount } from "../../src/drivers/ade7953-bus.js";
import {
	ade7953Uncalibrated,
	configuration,
	noLoadLevel,
	phaseRegister,
	pulseDenominator,
} from "../../src/drivers/ade7953-configuration.js";
import type { RegisterTable } from "../../src/drivers/register-table.js";
import { factoryLedConstants } from "../../src/metrology/led-constant.js";
import { sm402d } from "../../src/models/model.js";
import { FakeAde7953 } from "./fake-ade7953.js";

function makeChip(options: Partial<Ade7953Options> = {}) {
	const chip = new FakeAde7953();
	const driver = new Ade7953({ spi: chip, model: sm402d, ...options });
	const intervals: { at_ms: number; duration_ms: number; codes: number[] }[] = [];
	let now = 0;
	const step = (to_ms: number) => {
		now = to_ms;
		chip.advanceTo(now);
		if (!driver.advance(now)) return;
		const { duration_ms, energy_codes } = driver.reading;
		intervals.push({ at_ms: now, duration_ms, codes: [energy_codes[0]!, energy_codes[3]!, energy_codes[6]!] });
	};
	const runTo = (to_ms: number) => {
		while (driver.nextDeadline_ms <= to_ms) step(Math.max(now, driver.nextDeadline_ms));
		now = to_ms;
		chip.advanceTo(now);
	};
	return { chip, driver, intervals, runTo, stallTo: step, now: () => now };
}

/** Counts per second, chosen so that each millisecond adds whole counts. */
const rate = 37_000;

function setPower(chip: FakeAde7953, p: number, q: number, s: number): void {
	chip.rates.set(0x31e, p);
	chip.rates.set(0x320, q);
	chip.rates.set(0x322, s);
}

function valueAt(table: RegisterTable, address: number): number {
	for (let n = 0; n < table.length; n++) if (table.address(n) === address) return table.value(n);
	throw new Error(`register ${address.toString(16)} is not in the table`);
}

describe("drivers/ade7953: configuration", () => {
	it("puts the recommended values for SM402D at 230 V", () => {
		const table = configuration(sm402d, ade7953Uncalibrated, factoryLedConstants(sm402d));
		assert.equal(valueAt(table, 0x303), 0xc163, "no-load at 2.3 W");
		assert.equal(valueAt(table, 0x305), 0xc163);
		assert.equal(valueAt(table, 0x103), 14_431);
		assert.equal(valueAt(table, 0x107), 0x0010);
		assert.equal(valueAt(table, 0x008), 4, "gain 16 for the shunt");
		assert.equal(valueAt(table, 0x004), 0, "free-running counters, no read with reset");
		assert.equal(valueAt(table, 0x301), 0);
		assert.equal(valueAt(table, 0x120), 0x30);
		assert.equal(valueAt(table, 0x040), 7);
		assert.ok(Math.abs(valueAt(table, 0x300) - ((0.9 * 230) / 350.37) * 6_500_000) < 500);
	});

	it("sign and magnitude of the phase register, not two's complement", () => {
		assert.equal(phaseRegister(5), 5);
		assert.equal(phaseRegister(-1), 0x201);
		assert.equal(phaseRegister(-383), 0x200 | 383);
		for (const delay of [384, -384, 0.5, Number.NaN]) assert.throws(() => phaseRegister(delay), RangeError);
	});

	it("no-load level is 65536 - Y / 1.4, and 0 where Y is out of reach", () => {
		assert.equal(noLoadLevel(sm402d, 51_615 / 10_000), 58_393, "10 000 : 1 is the reset value");
		assert.equal(noLoadLevel(sm402d, 0.1), 0);
	});

	it("F47 refuses a pulse constant out of reach", () => {
		assert.equal(pulseDenominator(sm402d, 10_000), 1443);
		assert.throws(() => pulseDenominator(sm402d, 100), RangeError);
		assert.throws(() => pulseDenominator(sm402d, 1e9), RangeError);
	});

	it("the voltage gain goes to both channels, offsets keep their sign", () => {
		const table = configuration(
			sm402d,
			{ ...ade7953Uncalibrated, voltageGain: 0x41_0000, activeOffset: -3 },
			factoryLedConstants(sm402d),
		);
		assert.equal(valueAt(table, 0x381), 0x41_0000);
		assert.equal(valueAt(table, 0x38d), 0x41_0000);
		assert.equal(valueAt(table, 0x389) | 0, -3);
	});

	it("F04 the unit of energy is that of the board", () => {
		const driver = new Ade7953({ spi: new FakeAde7953(), model: sm402d });
		assert.equal(driver.unitDenominator, 2 ** 20);
		assert.ok(Math.abs(driver.unitNumerator / driver.unitDenominator / 1443.1 - 1) < 1e-4);
	});

	it("24 bit differences are folded at any point of the counter", () => {
		const counter = fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 });
		fc.assert(
			fc.property(counter, counter, (before, change) => {
				const after = ((before + change) << 8) >> 8;
				assert.equal(foldCount(after, before), change);
			}),
		);
	});
});

describe("drivers/ade7953: start", () => {
	it("delivers the first interval within 5 s of the supply (F20)", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		setPower(chip, rate, -rate, rate + 1000);
		assert.equal(driver.fault, "starting");
		runTo(5000);
		assert.ok(intervals[0]!.at_ms < 2000);
		for (const { codes, duration_ms } of intervals) {
			assert.equal(duration_ms, 1000);
			assert.deepEqual(codes, [rate, -rate, rate + 1000]);
		}
		assert.equal(driver.fault, "");
	});

	it("writes the mandatory pair consecutively, dividers twice, the lock of the interface first, protection last", () => {
		const { chip, runTo } = makeChip();
		runTo(1000);
		const order = chip.writes.map((write) => write.address);
		const unlockAt = order.indexOf(0x0fe);
		assert.equal(order[unlockAt + 1], 0x120);
		assert.equal(order[unlockAt - 1], 0x102);
		assert.equal(chip.writes[unlockAt - 1]!.value, 0x0004);
		assert.equal(order[order.indexOf(0x103) + 1], 0x103);
		assert.equal(chip.get(0x103), 14_431);
		assert.equal(order.at(-1), 0x040);
		assert.equal(chip.get(0x001), 0, "no-load on");
		assert.ok(order.indexOf(0x001) < order.indexOf(0x303), "and off while its levels change");
		for (const reserved of [0x385, 0x387, 0x391, 0x393, 0x394]) assert.ok(!order.includes(reserved));
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
		assert.ok(most <= 40, `${most} frames in one turn`);
	});

	it("F18 never meters with a register that does not hold its value", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		chip.deaf.add(0x380);
		runTo(10_000);
		assert.equal(driver.fault, "configuration");
		assert.equal(intervals.length, 0);
	});

	it("survives a chip that is absent for a minute after power-up, on either level", () => {
		for (const miso of ["zeros", "ones"] as const) {
			const { chip, driver, intervals, runTo } = makeChip();
			chip.miso = miso;
			runTo(60_000);
			assert.equal(driver.fault, "noAnswer");
			chip.miso = "";
			runTo(64_000);
			assert.equal(driver.fault, "");
			assert.ok(intervals.length > 0);
		}
	});

	it("a restart of the processor alone finds a running, protected chip and starts it anew", () => {
		const { chip, runTo } = makeChip();
		setPower(chip, rate, 0, rate);
		runTo(10_000);
		const second = new Ade7953({ spi: chip, model: sm402d });
		let intervals = 0;
		for (let now = 10_000; now <= 20_000; now++) {
			chip.advanceTo(now);
			if (!second.advance(now)) continue;
			intervals++;
			assert.equal(second.reading.energy_codes[0], (rate * second.reading.duration_ms) / 1000);
		}
		assert.ok(intervals >= 8);
	});
});

describe("drivers/ade7953: metering", () => {
	it("counter wrap at 2^24 is invisible", () => {
		const { chip, intervals, runTo } = makeChip();
		setPower(chip, 206_000, -206_000, 206_000);
		runTo(200_000);
		assert.ok(intervals.length > 190);
		for (const { codes } of intervals) assert.deepEqual(codes, [206_000, -206_000, 206_000]);
	});

	it("a late poll of 1 to 34 s takes the whole difference and the time it stands for", () => {
		for (const late_ms of [1000, 1234, 2000, 10_000, 34_000]) {
			const { chip, intervals, runTo, stallTo, now } = makeChip();
			setPower(chip, 206_000, -206_000, 206_000);
			runTo(5000);
			intervals.length = 0;
			stallTo(now() + late_ms);
			runTo(now() + 3000);
			assert.ok(intervals[0]!.duration_ms >= late_ms);
			for (const { codes, duration_ms } of intervals) assert.equal(codes[0], 206 * duration_ms);
		}
	});

	it("after more than 35 s without a reading nothing is added: the counters may have turned over", () => {
		const { chip, intervals, runTo, stallTo, now } = makeChip();
		setPower(chip, 206_000, 0, 206_000);
		runTo(5000);
		intervals.length = 0;
		stallTo(now() + 80_000);
		assert.equal(intervals.length, 0);
		runTo(now() + 3000);
		assert.ok(intervals.length >= 2);
		for (const { codes } of intervals) assert.equal(codes[0], 206_000);
	});

	it("gives voltage and currents as the root of the mean square of ten polls", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		const squares: number[] = [];
		let n = 0;
		chip.onRead = (address) => {
			if (address !== 0x31c) return;
			const code = 5_900_000 + (n++ % 10) * 10_000;
			chip.registers.set(0x31c, code);
			squares.push(code ** 2);
		};
		chip.registers.set(0x31a, 300_000);
		runTo(1500);
		chip.registers.set(0x31a, 300_000);
		chip.registers.set(0x31b, 310_000);
		const next = () => {
			const known = intervals.length;
			squares.length = 0;
			while (intervals.length === known) runTo(driver.nextDeadline_ms);
		};
		next();
		next();
		assert.equal(squares.length, 10);
		const mean = Math.sqrt(squares.reduce((a, b) => a + b, 0) / 10);
		const { board } = sm402d;
		assert.equal(driver.reading.voltage_mV[0], Math.round((mean * board.voltageFullScale_mV) / 9_032_007));
		assert.equal(driver.reading.current_mA[0], Math.round((300_000 * board.currentFullScale_mA) / 9_032_007));
		assert.equal(driver.reading.current_mA[3], Math.round((310_000 * board.neutralFullScale_mA) / 9_032_007));
		assert.ok(Number.isNaN(driver.reading.temperature_degC));
	});

	it("F16 averages the period, and wraps the angle", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(500);
		chip.registers.set(0x31c, 5_900_000);
		let n = 0;
		chip.onRead = (address) => {
			if (address === 0x10e) chip.registers.set(0x10e, n++ % 2 === 0 ? 4474 : 4475);
		};
		chip.registers.set(0x10c, 0x1_0000 - 373); // 373 steps of 4.47 µs ahead: 30 degrees at 50 Hz
		runTo(5000);
		assert.ok(Math.abs(driver.reading.frequency_mHz - 223_750_000 / 4475.5) <= 1);
		assert.ok(Math.abs(driver.reading.angle_mdeg[3]! - 330_000) < 100);
	});
});

describe("drivers/ade7953: faults", () => {
	it("a spontaneous reset at any instant leads to a complete start, and nothing is added for the gap", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1000, max: 4000 }), fc.boolean(), (at_ms, isNegative) => {
				const { chip, driver, intervals, runTo } = makeChip();
				const power = isNegative ? -rate : rate;
				setPower(chip, power, power, rate);
				runTo(at_ms);
				chip.reset();
				runTo(at_ms + 6000);
				assert.equal(driver.starts, 2);
				assert.equal(chip.get(0x303), 0xc163, "configured again");
				assert.equal(chip.get(0x120), 0x30);
				for (const { codes, duration_ms } of intervals) {
					assert.deepEqual(
						codes,
						[power, power, rate].map((value) => (value * duration_ms) / 1000),
					);
				}
				assert.ok(intervals.at(-1)!.at_ms > at_ms + 4500);
			}),
			{ numRuns: 40 },
		);
	});

	for (const miso of ["zeros", "ones"] as const) {
		it(`a dead line (${miso}) gives no interval; after 10 s of it the counted energy comes late but whole`, () => {
			const { chip, driver, intervals, runTo } = makeChip();
			setPower(chip, rate, -rate, rate);
			chip.rates.set(0x31e, rate);
			runTo(10_000);
			chip.registers.set(0x31c, 5_929_000);
			runTo(12_050);
			const before = intervals.length;
			chip.miso = miso;
			runTo(22_000);
			assert.equal(intervals.length, before);
			assert.equal(driver.fault, "noAnswer");
			chip.miso = "";
			runTo(22_950);
			assert.equal(driver.fault, "");
			assert.equal(
				driver.reading.voltage_mV[0],
				Math.round((5_929_000 * 350_371.9) / 9_032_007),
				"no poll of the dead line is in the mean",
			);
			runTo(30_000);
			for (const { codes, duration_ms } of intervals) assert.equal(codes[0], (rate * duration_ms) / 1000);
			assert.equal(driver.starts, 1);
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

	it("flipped bits never become energy, nor a jump of the voltage", () => {
		for (const every of [5, 7, 11, 50]) {
			const { chip, driver, intervals, runTo } = makeChip();
			setPower(chip, rate, -rate, rate);
			runTo(1900);
			chip.registers.set(0x31c, 5_929_000);
			runTo(4000);
			chip.flipEvery = every;
			let worst = 0;
			for (let until = 5000; until <= 60_000; until += 1000) {
				runTo(until);
				worst = Math.max(worst, Math.abs(driver.reading.voltage_mV[0]! - 230_000));
			}
			assert.ok(driver.mismatches > 10);
			for (const { codes, duration_ms } of intervals) {
				assert.deepEqual(
					codes,
					[rate, -rate, rate].map((value) => (value * duration_ms) / 1000),
					`every ${every}`,
				);
			}
			assert.ok(intervals.length > 20, `every ${every}: ${intervals.length}`);
			assert.ok(worst < 15_000, `every ${every}: ${worst} mV`);
		}
	});

	it("a register that changed by itself is found within a minute and leads to a new start", () => {
		const { chip, driver, runTo } = makeChip();
		runTo(10_000);
		chip.registers.set(0x380, 0x40_0001);
		runTo(70_000);
		assert.equal(driver.starts, 2);
		assert.equal(chip.get(0x380), 0x40_0000);
		assert.equal(driver.fault, "");
	});

	it("an impossible difference is read again; three in a row are a fault, and none is delivered", () => {
		const { chip, driver, intervals, runTo } = makeChip();
		setPower(chip, rate, 0, rate);
		runTo(10_000);
		const known = intervals.length;
		chip.counters.set(0x31e, chip.counters.get(0x31e)! + 1_000_000);
		runTo(11_500);
		assert.equal(driver.fault, "implausible");
		runTo(20_000);
		assert.equal(driver.fault, "");
		assert.ok(intervals.length > known);
		for (const { codes } of intervals) assert.equal(codes[0], rate);
	});
});

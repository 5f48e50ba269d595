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
import { factoryLedConstants } from "../../src/metrology/led-constant.js";
import { sm402d } from "../../src/models/model.js";
import { describeChip } from "./chip-contract.js";
import { DriverBench, valueAt } from "./driver-bench.js";
import { FakeAde7953 } from "./fake-ade7953.js";

function makeChip(options: Partial<Ade7953Options> = {}) {
	const chip = new FakeAde7953();
	return new DriverBench(chip, new Ade7953({ spi: chip, model: sm402d, ...options }));
}

/** Counts per second, chosen so that each millisecond adds whole counts. */
const rate = 37_000;

function setPower(chip: FakeAde7953, p: number, q: number, s: number): void {
	chip.rates.set(0x31e, p);
	chip.rates.set(0x320, q);
	chip.rates.set(0x322, s);
}

describeChip<FakeAde7953>({
	name: "ade7953",
	create: (chip = new FakeAde7953()) => ({ chip, driver: new Ade7953({ spi: chip, model: sm402d }) }),
	setPower,
	rate,
	fullRate: 206_000,
	places: [0, 3, 6],
	deadLines: ["zeros", "ones"],
	mostFramesPerTurn: 40,
	latest_ms: 35_000,
	configured: { address: 0x303, value: 0xc163 },
	read: (chip, address) => chip.get(address),
	makeDeaf: (chip, address) => chip.deaf.add(address),
	leap: (chip) => chip.counters.set(0x31e, chip.counters.get(0x31e)! + 1_000_000),
});

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
});

describe("drivers/ade7953: metering", () => {
	it("gives voltage and currents as the root of the mean square of ten polls", () => {
		const { chip, driver, runTo, runToNextInterval } = makeChip();
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
		runToNextInterval();
		squares.length = 0;
		runToNextInterval();
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
	for (const miso of ["zeros", "ones"] as const) {
		it(`no poll of a dead line (${miso}) is in the mean of the voltage`, () => {
			const { chip, driver, runTo } = makeChip();
			runTo(10_000);
			chip.registers.set(0x31c, 5_929_000);
			runTo(12_050);
			chip.miso = miso;
			runTo(22_000);
			chip.miso = "";
			runTo(22_950);
			assert.equal(driver.fault, "");
			assert.equal(driver.reading.voltage_mV[0], Math.round((5_929_000 * 350_371.9) / 9_032_007));
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
					[codes[0], codes[3], codes[6]],
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
});

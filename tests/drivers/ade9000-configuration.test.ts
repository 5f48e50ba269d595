// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Ade9000 } from "../../src/drivers/ade9000.js";
import { Ade9000Bus, foldEnergy } from "../../src/drivers/ade9000-bus.js";
import { ade9000Uncalibrated, configuration, pulseDivider } from "../../src/drivers/ade9000-configuration.js";
import { register } from "../../src/drivers/ade9000-registers.js";
import { factoryLedConstants } from "../../src/metrology/led-constant.js";
import { st402c, st402d } from "../../src/models/model.js";
import { valueAt } from "./driver-bench.js";
import { FakeAde9000 } from "./fake-ade9000.js";

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

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Station } from "../../bench/accuracy/station.js";
import { calibrateBoard } from "../../hosts/simulator/factory/calibrate.js";
import { noTolerances } from "../../hosts/simulator/factory/tolerances.js";
import { crc32 } from "../../src/core/crc.js";
import { calibrationLayout, createFrontEnd, isLedConstantReachable } from "../../src/drivers/calibrated-front-end.js";
import {
	isLedConstantListed,
	ledConstants,
	ledQuantity,
	readLedConstants,
	writeLedConstants,
} from "../../src/metrology/led-constant.js";
import { Metrology } from "../../src/metrology/metrology.js";
import { type ModelDescriptor, models, st402c, st402d } from "../../src/models/model.js";
import { recordKey } from "../../src/storage/keys.js";
import { FakeFrontEnd } from "./fake-front-end.js";
import { FakeRecordStore } from "./fake-record-store.js";

function metrologyOf(station: Station): Metrology {
	const { metrology } = station.meter.meter.application;
	assert.ok(metrology instanceof Metrology);
	return metrology;
}

function stationOf(model: ModelDescriptor): Station {
	const station = new Station({ model, seed: 1, gear: "phasor" });
	station.apply({ current_A: model.referenceCurrent_mA / 1000, angle_deg: 30 });
	station.run(20);
	return station;
}

/** Impulses of both outputs in a time. */
function pulsesIn(station: Station, duration_s: number): { active: number; reactive: number } {
	const before = { active: station.led("active").count, reactive: station.led("reactive").count };
	station.run(duration_s);
	return {
		active: station.led("active").count - before.active,
		reactive: station.led("reactive").count - before.reactive,
	};
}

/** Constants that a model must take: all of the list, but 500 where the divider would need more than 16 bits. */
function possible(model: ModelDescriptor): number[] {
	return model === st402c ? [1000, 2000, 5000, 10_000] : [500, 1000, 2000, 5000, 10_000];
}

describe("metrology/led-constant", () => {
	for (const model of models) {
		it(`F47 ${model.name}: 1 kWh gives as many impulses as the constant says, 1 more or less`, () => {
			const station = stationOf(model);
			const { metrology } = { metrology: metrologyOf(station) };
			assert.equal(metrology.ledConstants[0], model.nominalRatio_A > 0 ? 10_000 : 1000);
			const before = metrology.energy_units(1);
			const duration_s = (3_600_000 / station.truth("active")) * 1.0;
			const { active } = pulsesIn(station, duration_s);
			assert.ok(
				Math.abs(active - metrology.ledConstants[0]!) <= 1 + 2e-4 * metrology.ledConstants[0]!,
				`${active} impulses`,
			);
			const counted_Wh = (metrology.energy_units(1) - before) / 10;
			const perInterval_Wh = station.truth("active") / 3600;
			assert.ok(Math.abs(counted_Wh - 1000 * (active / metrology.ledConstants[0]!)) <= 2 * perInterval_Wh + 1);
		});

		it(`F48 F49 ${model.name}: impulses follow each constant of the list from the next one on`, () => {
			const station = stationOf(model);
			for (const constant of [...possible(model), model.ledConstant]) {
				for (const quantity of [0, 1, 2])
					assert.ok(metrologyOf(station).setLedConstant(constant, quantity), `${constant}`);
				assert.equal(metrologyOf(station).ledConstants[0], constant);
				station.run(1);
				const duration_s = 2000;
				const { active, reactive } = pulsesIn(station, duration_s);
				const wanted = (power: number) => (Math.abs(power) * constant * duration_s) / 3_600_000;
				const what = `${constant} imp/kWh: ${active} and ${reactive}`;
				assert.ok(Math.abs(active - wanted(station.truth("active"))) <= 1 + 5e-4 * active, what);
				assert.ok(Math.abs(reactive - wanted(station.truth("reactive"))) <= 1 + 5e-4 * reactive, what);
			}
			assert.equal(metrologyOf(station).fault, "", "no restart of the chip");
		});

		it(`F49 ${model.name}: the reactive output has a constant of its own`, () => {
			const station = stationOf(model);
			assert.ok(metrologyOf(station).setLedConstant(2000, ledQuantity.reactive));
			assert.ok(metrologyOf(station).setLedConstant(5000, ledQuantity.apparent));
			assert.deepEqual(metrologyOf(station).ledConstants, [model.ledConstant, 2000, 5000]);
			station.run(1);
			const { active, reactive } = pulsesIn(station, 2000);
			const wanted = (power: number, constant: number) => (Math.abs(power) * constant * 2000) / 3_600_000;
			assert.ok(
				Math.abs(active - wanted(station.truth("active"), model.ledConstant)) <= 1 + 5e-4 * active,
				`${active}`,
			);
			assert.ok(Math.abs(reactive - wanted(station.truth("reactive"), 2000)) <= 1 + 5e-4 * reactive, `${reactive}`);
		});

		it(`F48 ${model.name}: a change loses and doubles nothing in the registers`, () => {
			const [changed, left] = [stationOf(model), stationOf(model)];
			for (let n = 0; n < 40; n++) {
				const choice = possible(model);
				assert.ok(metrologyOf(changed).setLedConstant(choice[n % choice.length]!, n % 3));
				changed.run(7.3);
				left.run(7.3);
			}
			for (const station of [changed, left]) station.run(10);
			for (const c of [1, 3, 9]) assert.equal(metrologyOf(changed).energy_units(c), metrologyOf(left).energy_units(c));
			assert.equal(metrologyOf(changed).sequence, metrologyOf(left).sequence);
		});

		it(`F48 ${model.name}: refuses what is not in the list or out of reach, and nothing changes`, () => {
			const station = stationOf(model);
			const wrong = [0, -1000, 1, 999, 1000.5, 20_000, 1e9, Number.NaN, Number.POSITIVE_INFINITY];
			const unreachable = ledConstants.filter((constant) => !possible(model).includes(constant));
			for (const constant of [...wrong, ...unreachable]) {
				assert.equal(metrologyOf(station).setLedConstant(constant, ledQuantity.active), false, `${constant}`);
				assert.equal(metrologyOf(station).ledConstants[0], model.ledConstant);
			}
			for (const constant of ledConstants) {
				assert.equal(isLedConstantReachable(model, constant), possible(model).includes(constant));
			}
		});

		it(`F48 ${model.name}: the constant outlives a cut of the supply`, () => {
			const station = stationOf(model);
			assert.ok(metrologyOf(station).setLedConstant(2000, ledQuantity.active));
			station.meter.cutPower();
			station.run(5);
			station.meter.restorePower();
			station.run(5);
			assert.equal(metrologyOf(station).ledConstants[0], 2000);
			const { active } = pulsesIn(station, 3600);
			assert.ok(Math.abs(active - (station.truth("active") * 2000) / 1000) <= 1 + 5e-4 * active);
		});
	}

	it("F48 refuses a constant that is too fast for the output at 1.2 times the maximum current", () => {
		const huge = { ...st402d, maximumCurrent_mA: 1_200_000 };
		assert.equal(isLedConstantListed(huge, 10_000), false); // 994 kW · 10 000 / 3 600 000 = 2760 Hz
		assert.equal(isLedConstantListed(huge, 5000), true);
	});

	it("F48 a medium that refuses leaves the old constant in force", () => {
		const store = new FakeRecordStore();
		const frontEnd = new FakeFrontEnd(st402d);
		const metrology = new Metrology({ model: st402d, frontEnd, store: new FakeRecordStore(), sealed: store });
		store.refuses = true;
		assert.equal(metrology.setLedConstant(5000, ledQuantity.active), false);
		assert.deepEqual(frontEnd.ledConstants, [1000, 1000, 1000]);
		store.refuses = false;
		assert.equal(metrology.setLedConstant(5000, ledQuantity.active), true);
		assert.deepEqual(readLedConstants(store, st402d), [5000, 1000, 1000]);
	});

	it("F48 a record of an earlier release, with one constant, is that of every output", () => {
		const store = new FakeRecordStore();
		const record = Uint8Array.of(1, st402d.bit, 5000 >> 8, 5000 & 0xff, 0, 0, 0, 0);
		new DataView(record.buffer).setUint32(4, crc32(record, 0, 4));
		store.write(recordKey.ledConstant, record);
		assert.deepEqual(readLedConstants(store, st402d), [5000, 5000, 5000]);
	});

	it("F48 a damaged record is not believed and stops the meter", () => {
		const store = new FakeRecordStore();
		assert.deepEqual(readLedConstants(store, st402d), [1000, 1000, 1000]);
		writeLedConstants(store, st402d, [2000, 5000, 500]);
		assert.deepEqual(readLedConstants(store, st402d), [2000, 5000, 500]);
		assert.equal(readLedConstants(store, st402c), undefined);
		const [key, record] = [...store.records][0]!;
		for (let bit = 0; bit < 8 * record.length; bit++) {
			const damaged = record.slice();
			damaged[bit >> 3]! ^= 1 << (bit & 7);
			store.records.set(key, damaged);
			assert.equal(readLedConstants(store, st402d), undefined);
		}
		const layout = calibrationLayout(st402d);
		const calibration = calibrateBoard(st402d, noTolerances, 1);
		assert.equal(calibration.values.length, layout.count);
		const spi = { transfer: () => assert.fail("the chip must be left alone") };
		const frontEnd = createFrontEnd({ spi }, st402d, calibration, undefined);
		assert.equal(frontEnd.advance(1000), false);
		assert.equal(frontEnd.fault, "calibration");
		assert.equal(frontEnd.setLedConstant(1000, ledQuantity.active), false);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { ade7953Calibration, ade7953Values } from "../../src/drivers/ade7953-calibration.js";
import { ade7953Uncalibrated } from "../../src/drivers/ade7953-configuration.js";
import { ade9000Calibration, ade9000Values } from "../../src/drivers/ade9000-calibration.js";
import { ade9000Uncalibrated } from "../../src/drivers/ade9000-configuration.js";
import { calibrationLayout, createFrontEnd } from "../../src/drivers/calibrated-front-end.js";
import {
	type Calibration,
	decodeCalibration,
	encodeCalibration,
	readCalibration,
	writeCalibration,
} from "../../src/metrology/calibration.js";
import { factoryLedConstants } from "../../src/metrology/led-constant.js";
import { Metrology } from "../../src/metrology/metrology.js";
import { type ModelDescriptor, models, sm402d, st402c, st402d } from "../../src/models/model.js";
import { FakeRecordStore } from "./fake-record-store.js";

function neutral(model: ModelDescriptor): Calibration {
	const isAde7953 = model.board.frontEnd === "ADE7953";
	const values = isAde7953 ? ade7953Values(ade7953Uncalibrated) : ade9000Values(ade9000Uncalibrated);
	return { values, unitNumerator: calibrationLayout(model).designNumerator, made_s: 812_345_678 };
}

/** Every value somewhere in its bounds, found by asking for what is plausible. */
function arbitraryOf(model: ModelDescriptor): fc.Arbitrary<Calibration> {
	const layout = calibrationLayout(model);
	const { values } = neutral(model);
	const value = (n: number) =>
		fc.integer({ min: -100, max: 100 }).map((step) => values[n]! + step * (layout.isPlausible(n, 1000) ? 10 : 1));
	return fc.tuple(...Array.from(values, (_, n) => value(n))).map((drawn) => ({
		...neutral(model),
		values: Int32Array.from(drawn as number[]),
	}));
}

describe("metrology/calibration", () => {
	for (const model of models) {
		const layout = calibrationLayout(model);

		it(`F18 ${model.name}: a record gives back what was put in`, () => {
			fc.assert(
				fc.property(arbitraryOf(model), (calibration) => {
					const bytes = encodeCalibration(layout, calibration);
					assert.deepEqual(decodeCalibration(layout, bytes, bytes.length), calibration);
				}),
				{ numRuns: 50 },
			);
		});

		it(`F18 ${model.name}: no changed bit and no other length is believed`, () => {
			const bytes = encodeCalibration(layout, neutral(model));
			for (let bit = 0; bit < 8 * bytes.length; bit++) {
				const damaged = bytes.slice();
				damaged[bit >> 3]! ^= 1 << (bit & 7);
				assert.equal(decodeCalibration(layout, damaged, damaged.length), undefined, `bit ${bit}`);
			}
			for (let length = 0; length < bytes.length; length++) {
				assert.equal(decodeCalibration(layout, bytes.slice(0, length), length), undefined);
			}
			assert.equal(decodeCalibration(layout, new Uint8Array([...bytes, 0]), bytes.length + 1), undefined);
		});

		it(`F18 ${model.name}: without record, or with a damaged one, nothing is measured and the fault says why`, () => {
			const store = new FakeRecordStore();
			const transfer = () => assert.fail("the chip must be left alone");
			const wiring = { spi: { transfer } };
			const expectStopped = (fault: string) => {
				const found = readCalibration(store, layout);
				assert.equal(found, fault);
				const frontEnd = createFrontEnd(wiring, model, found, factoryLedConstants(model));
				const metrology = new Metrology({ model, frontEnd, store: new FakeRecordStore() });
				for (let now_ms = 0; now_ms < 10_000; now_ms += 100) metrology.run(now_ms);
				assert.equal(metrology.fault, "calibration");
				assert.equal(metrology.isValid, false);
				assert.equal(metrology.energy_units(1), 0);
				assert.equal(metrology.deadline_ms, Number.POSITIVE_INFINITY);
			};
			expectStopped("missing");
			writeCalibration(store, layout, neutral(model));
			assert.deepEqual(readCalibration(store, layout), neutral(model));
			const record = [...store.records.values()][0]!;
			record[20]! ^= 0x40;
			expectStopped("corrupt");
			store.records.set([...store.records.keys()][0]!, new Uint8Array(4000));
			expectStopped("corrupt");
		});

		it(`F18 ${model.name}: values that no sound board needs are refused by the writer and by the reader`, () => {
			const sound = neutral(model);
			for (let n = 0; n < layout.count; n++) {
				for (const wild of [0x7fff_ffff, -0x8000_0000]) {
					const values = sound.values.slice();
					values[n] = wild;
					assert.throws(() => encodeCalibration(layout, { ...sound, values }), RangeError, `value ${n}`);
				}
			}
			for (const unitNumerator of [0, sound.unitNumerator * 1.02, sound.unitNumerator + 0.5, Number.NaN]) {
				assert.throws(() => encodeCalibration(layout, { ...sound, unitNumerator }), RangeError);
			}
			const lenient = { ...layout, isPlausible: () => true };
			const values = sound.values.slice();
			values[0] = 0x7fff_ffff;
			const bytes = encodeCalibration(lenient, { ...sound, values });
			assert.equal(decodeCalibration(layout, bytes, bytes.length), undefined);
		});
	}

	it("F18 the calibration of one model does not serve another", () => {
		const store = new FakeRecordStore();
		writeCalibration(store, calibrationLayout(st402d), neutral(st402d));
		assert.equal(readCalibration(store, calibrationLayout(st402c)), "corrupt");
		assert.equal(readCalibration(store, calibrationLayout(sm402d)), "corrupt");
	});

	it("register values survive the way through the record in their places", () => {
		const ade9000 = Int32Array.from({ length: 36 }, (_, n) => n + 1);
		assert.deepEqual(ade9000Values(ade9000Calibration(ade9000)), ade9000);
		const b = ade9000Calibration(ade9000).phases[1]!;
		assert.equal(b.currentGain, 12);
		assert.equal(b.phase, 14);
		assert.equal(ade9000Calibration(ade9000).neutralGain, 34);
		const ade7953 = Int32Array.from({ length: 14 }, (_, n) => n + 1);
		assert.deepEqual(ade7953Values(ade7953Calibration(ade7953)), ade7953);
		assert.equal(ade7953Calibration(ade7953).delay, 11);
	});
});

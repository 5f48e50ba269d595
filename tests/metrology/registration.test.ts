// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { EnergyRegisters } from "../../src/metrology/energy-registers.js";
import {
	factorySettings,
	readMeasurementSettings,
	writeMeasurementSettings,
} from "../../src/metrology/measurement-settings.js";
import { Registration, registrationFor, type TransformerSetting } from "../../src/metrology/registration.js";
import { models, sm402d, st402c, st402d } from "../../src/models/model.js";
import { recordKey } from "../../src/storage/keys.js";
import { MemoryStore } from "../support/stores.js";

function setting(current: readonly [number, number], voltage: readonly [number, number] = [1, 1], isPrimary = true) {
	return {
		isPrimary,
		currentNumerator: current[0],
		currentDenominator: current[1],
		voltageNumerator: voltage[0],
		voltageDenominator: voltage[1],
	} satisfies TransformerSetting;
}

describe("metrology/registration", () => {
	for (const [current, voltage, scalers, factor] of [
		[[5, 5], [1, 1], [0, -3, -1], 1],
		[[45, 5], [1, 1], [0, -2, -1], 9],
		[[50, 5], [1, 1], [1, -2, -1], 10],
		[[200, 5], [1, 1], [1, -1, -1], 40],
		[[1000, 1], [1, 1], [3, 0, -1], 1000],
		[[200, 5], [110, 1], [3, -1, 2], 4400],
		[[200, 5], [20_000, 100], [3, -1, 2], 8000],
		[[4, 5], [1, 1], [-1, -3, -1], 1],
	] as const) {
		it(`F25: ${current.join("/")} A and ${voltage.join("/")} V give the scalers ${scalers.join(", ")}`, () => {
			const primary = registrationFor(st402c, setting(current, voltage))!;
			assert.deepEqual([primary.energyScaler, primary.currentScaler, primary.voltageScaler], scalers);
			assert.equal(primary.readingFactor, 1);
			const secondary = registrationFor(st402c, setting(current, voltage, false))!;
			assert.deepEqual([secondary.energyScaler, secondary.currentScaler, secondary.voltageScaler], [0, -3, -1]);
			assert.equal(secondary.readingFactor, factor);
		});
	}

	it("F25: a ratio never makes the resolution coarser than a digit of the terminals, nor long-unsigned values overflow", () => {
		const count = fc.integer({ min: 1, max: 65_535 });
		fc.assert(
			fc.property(count, count, count, count, (a, b, c, d) => {
				const registration = registrationFor(st402c, setting([a, b], [c, d]));
				if (registration === undefined) return;
				const ratio = (a * c) / (b * d);
				const digit = 10 ** registration.energyScaler;
				assert.ok(digit <= ratio * (1 + 1e-12) && digit * 10 > ratio * (1 - 1e-12));
				assert.ok(registration.currentDigits(6000) <= 6001, "6 A stay within 6000 digits");
				assert.ok(registration.voltageDigits(276_000) <= 2761);
				const perDigit_mV = registration.fromVoltageDigits(1);
				assert.ok(perDigit_mV >= 100 * (1 - 1e-9), "what a client writes it reads back");
				assert.ok(Math.abs(registration.voltageDigits(registration.fromVoltageDigits(777)) - 777) < 1e-6);
			}),
		);
	});

	it("F25: 0, products beyond four octets and models without transformers are refused", () => {
		for (const bad of [0, -1, 1.5, 65_536]) {
			assert.equal(registrationFor(st402c, setting([bad, 5])), undefined);
			assert.equal(registrationFor(st402c, setting([5, bad])), undefined);
		}
		for (const bad of [0, 2 ** 32]) {
			assert.equal(registrationFor(st402c, setting([5, 5], [bad, 1])), undefined);
			assert.equal(registrationFor(st402c, setting([5, 5], [1, bad])), undefined);
		}
		assert.equal(registrationFor(st402c, setting([65_535, 5], [65_538, 1])), undefined);
		for (const model of [sm402d, st402d]) assert.equal(registrationFor(model, setting([5, 5])), undefined);
	});

	it("G5: another unit drops remainders of less than a unit and leaves counts alone", () => {
		const registers = new EnergyRegisters(3, 1000, 1, "vector", "rms");
		registers.counts[0] = 77;
		registers.remainders[0] = 999;
		registers.changeUnit(100);
		assert.deepEqual([registers.counts[0], registers.remainders[0], registers.numerator], [77, 0, 100]);
		assert.throws(() => registers.changeUnit(0), RangeError);
		assert.throws(() => registers.changeUnit(2 ** 47), RangeError);
	});
});

describe("metrology/measurement-settings", () => {
	const bytesOf = (store: MemoryStore): Uint8Array => {
		const bytes = new Uint8Array(20);
		assert.equal(store.read(recordKey.measurementSettings, bytes), 20);
		return bytes;
	};

	it("G5: the record, version 1, is what it was", () => {
		const store = new MemoryStore();
		writeMeasurementSettings(store, st402c, {
			summation: "arithmetic",
			apparentMethod: "vectorial",
			registration: new Registration(setting([200, 5], [110, 1]), -3),
		});
		assert.equal(Buffer.from(bytesOf(store)).toString("hex").slice(0, 32), "0104070000c800050000006e00000001");
		const settings = readMeasurementSettings(store, st402c)!;
		assert.deepEqual([settings.summation, settings.apparentMethod], ["arithmetic", "vectorial"]);
		assert.deepEqual({ ...settings.registration }, { ...new Registration(setting([200, 5], [110, 1]), -3) });
	});

	it("F18: without a record they are those of the factory; a damaged one, or that of another model, cannot be used", () => {
		for (const model of models) {
			const store = new MemoryStore();
			assert.deepEqual(readMeasurementSettings(store, model), factorySettings(model));
			writeMeasurementSettings(store, model, factorySettings(model));
			assert.deepEqual(readMeasurementSettings(store, model), factorySettings(model));
			const good = bytesOf(store);
			for (let n = 0; n < good.length; n++) {
				const bad = good.slice();
				bad[n]! ^= 0x10;
				store.write(recordKey.measurementSettings, bad);
				assert.equal(readMeasurementSettings(store, model), undefined, `octet ${n}`);
			}
			store.write(recordKey.measurementSettings, good.subarray(0, 19));
			assert.equal(readMeasurementSettings(store, model), undefined);
			store.write(recordKey.measurementSettings, new Uint8Array(40));
			assert.equal(readMeasurementSettings(store, model), undefined);
		}
	});
});

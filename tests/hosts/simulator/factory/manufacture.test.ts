// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { isBlank } from "../../../../hosts/simulator/factory/manufacture.js";
import { Grid } from "../../../../hosts/simulator/grid/grid.js";
import { manufacture } from "../../../../hosts/simulator/identity.js";
import { SeededRandom } from "../../../../hosts/simulator/random.js";
import { SimulatedMeter } from "../../../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../../../hosts/simulator/storage/memory-flash.js";
import { calibrationLayout } from "../../../../src/drivers/calibrated-front-end.js";
import { readCalibration } from "../../../../src/metrology/calibration.js";
import { type ModelDescriptor, models, st402d } from "../../../../src/models/model.js";
import { recordKey } from "../../../../src/storage/keys.js";
import { flashLayout } from "../../../../src/storage/layout.js";
import { RecordLog } from "../../../../src/storage/record-log.js";

const layout = flashLayout("desktop");

function makeFlash(): MemoryFlash {
	return new MemoryFlash(layout.sectorCount);
}

function meterOf(model: ModelDescriptor, flash: MemoryFlash, messages: string[] = []): SimulatedMeter {
	const grid = new Grid({ phases: model.phases, frequency_Hz: 50, voltage_V: 230 });
	for (let p = 1; p <= model.phases; p++) grid.setPhase(p as 1 | 2 | 3, { current_A: 5 });
	return new SimulatedMeter({
		model,
		identity: manufacture(model, 1),
		terminals: grid,
		seed: 1,
		flash,
		random: new SeededRandom(1, "links"),
		rtc_s: 820_000_000,
		log: { write: (level, part, message) => void messages.push(`${level} ${part} ${message}`) },
	});
}

function parametersOf(flash: MemoryFlash): RecordLog {
	return new RecordLog(flash, layout.parameters.firstSector, layout.parameters.sectorCount);
}

/** Changes one bit of the calibration where it lies in the memory. */
function damageCalibration(flash: MemoryFlash): void {
	const record = new Uint8Array(1000);
	const length = parametersOf(flash).read(recordKey.calibration, record);
	const needle = Buffer.from(record.subarray(0, length));
	const image = new Uint8Array(layout.parameters.sectorCount * flash.sectorSize);
	const from = layout.parameters.firstSector * flash.sectorSize;
	flash.read(from, image);
	const at = Buffer.from(image).indexOf(needle);
	assert.ok(at >= 0);
	flash.overwrite(from + at + 30, new Uint8Array([image[at + 30]! ^ 1]));
}

describe("hosts/simulator/factory/manufacture", () => {
	for (const model of models) {
		it(`F18 ${model.name}: a new meter is calibrated once, and keeps what it got`, () => {
			const flash = makeFlash();
			assert.ok(isBlank(flash, "desktop"));
			const meter = meterOf(model, flash);
			meter.runTo(5000);
			assert.ok(!isBlank(flash, "desktop"));
			const sealed = readCalibration(parametersOf(flash), calibrationLayout(model));
			assert.ok(typeof sealed !== "string" && sealed.made_s === 820_000_000);
			assert.equal(meter.meter.application.calibrated_s, 820_000_000);
			const again = meterOf(model, flash);
			again.runTo(5000);
			assert.deepEqual(readCalibration(parametersOf(flash), calibrationLayout(model)), sealed);
			assert.equal(again.meter.application.metrology.isValid, true);
		});

		it(`F18 ${model.name}: with damaged or lost calibration nothing is registered, and the log says so`, () => {
			for (const [fault, harm] of [
				["corrupt", damageCalibration],
				[
					"missing",
					(flash: MemoryFlash) => {
						const { firstSector, sectorCount } = layout.parameters;
						for (let n = 0; n < sectorCount; n++) flash.erase(firstSector + n);
					},
				],
			] as const) {
				const flash = makeFlash();
				const sound = meterOf(model, flash);
				sound.runTo(120_000);
				sound.meter.commit();
				const before = sound.meter.application.metrology.energy_units(1);
				assert.ok(before > 100);
				harm(flash);
				const messages: string[] = [];
				const meter = meterOf(model, flash, messages);
				meter.runTo(120_000);
				const { metrology } = meter.meter.application;
				assert.equal(metrology.isValid, false, fault);
				assert.equal(metrology.energy_units(1), before, "registers keep what they have");
				assert.equal(metrology.voltage_mV(1), 0);
				assert.equal(meter.meter.application.calibrated_s, undefined);
				assert.equal(meter.frontEnd.cf1.count, 0, "no pulses from default gains");
				assert.ok(
					messages.some((message) => message.startsWith("error metrology calibration")),
					messages.join(),
				);
			}
		});
	}

	it("a manufacture that was cut short is done again", () => {
		const flash = makeFlash();
		parametersOf(flash); // formatted, but no record yet
		assert.ok(isBlank(flash, "desktop"));
		const meter = meterOf(st402d, flash);
		meter.runTo(5000);
		assert.equal(meter.meter.application.metrology.isValid, true);
	});
});

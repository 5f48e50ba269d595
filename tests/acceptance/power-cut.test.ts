// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { manufacture } from "../../hosts/simulator/identity.js";
import { SeededRandom } from "../../hosts/simulator/random.js";
import { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { type ModelDescriptor, models } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";

const log = { write: () => undefined };
const cuts = 50;
const day_ms = 86_400_000;
/** Start of the front end, and the second that is running when the supply goes. */
const startUp_s = 5;

function meterOf(model: ModelDescriptor, grid: Grid, flash: MemoryFlash): SimulatedMeter {
	return new SimulatedMeter({
		model,
		identity: manufacture(model, 1),
		terminals: grid,
		seed: 1,
		hasNoise: false,
		flash,
		random: new SeededRandom(1, "links"),
		rtc_s: 820_000_000,
		log,
	});
}

describe("hard cuts of the supply", () => {
	for (const model of models) {
		it(`G5 F04 F22 ${model.name} over ${cuts} cuts in a day is never above the uncut meter and at most 60 s of load per cut below`, () => {
			const random = new Uint32Array(cuts);
			new SeededRandom(7, model.name).fill(new Uint8Array(random.buffer));
			const times = [...random].map((n) => Math.floor((n / 2 ** 32) * (day_ms - 200_000))).sort((a, b) => a - b);
			const power_W = (model.nominalVoltage_V * model.referenceCurrent_mA * model.phases) / 1000;
			const options = { phases: model.phases, frequency_Hz: 50, voltage_V: model.nominalVoltage_V } as const;
			const load = (grid: Grid): Grid => {
				for (let p = 1; p <= model.phases; p++)
					grid.setPhase(p as 1 | 2 | 3, { current_A: model.referenceCurrent_mA / 1000 });
				return grid;
			};
			const uncut = meterOf(model, load(new Grid(options)), new MemoryFlash(flashLayout("desktop").sectorCount));
			const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
			const cut = meterOf(model, load(new Grid(options)), flash);
			const truth = (): number => uncut.meter.application.metrology.energy_units(1);
			const shown = (): number => cut.meter.application.metrology.energy_units(1);
			let off_ms = 0;
			for (const time_ms of times) {
				if (time_ms <= cut.monotonic_ms()) continue;
				cut.runTo(time_ms);
				uncut.runTo(time_ms);
				const before = shown();
				cut.cutPower();
				const pause_ms = 1000 + (time_ms % 60_000);
				cut.runTo(time_ms + pause_ms);
				cut.restorePower();
				off_ms += pause_ms;
				assert.ok(shown() <= before, "a restart shows more than there was");
				assert.ok(shown() <= truth(), "above the uncut meter");
				const lost_Wh = (before - shown()) / 10;
				assert.ok(lost_Wh <= (power_W * 60) / 3600 + 0.2, `${lost_Wh} Wh lost in one cut`);
			}
			cut.runTo(day_ms);
			uncut.runTo(day_ms);
			const missing_Wh = (truth() - shown()) / 10;
			const allowed_Wh = (power_W * (off_ms / 1000 + times.length * (60 + startUp_s))) / 3600;
			assert.ok(missing_Wh >= 0 && missing_Wh <= allowed_Wh, `${missing_Wh} Wh missing, ${allowed_Wh} allowed`);
			assert.equal(flash.statistics.violations, 0);
		}).timeout(60_000);
	}
});

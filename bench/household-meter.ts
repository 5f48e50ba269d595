// SPDX-License-Identifier: Apache-2.0
import { Grid } from "../hosts/simulator/grid/grid.js";
import { Household } from "../hosts/simulator/grid/household.js";
import { manufacture } from "../hosts/simulator/identity.js";
import { SeededRandom } from "../hosts/simulator/random.js";
import { SimulatedMeter } from "../hosts/simulator/simulated-meter.js";
import type { ModelDescriptor } from "../src/models/model.js";
import type { Display } from "../src/ports/display.js";
import type { Flash } from "../src/ports/flash.js";
import type { Fram } from "../src/ports/fram.js";

export interface HouseholdMeterOptions {
	readonly model: ModelDescriptor;
	readonly seed: number;
	readonly flash: Flash;
	readonly fram?: Fram | undefined;
	/** Time of the clock at the start, seconds UTC since 2000. */
	readonly rtc_s: number;
	/** Noise of the front end. */
	readonly hasNoise: boolean;
	/** As in `SimulatedMeterOptions`. */
	readonly display?: Display | undefined;
	readonly isUntold?: boolean;
}

/** The household of a meter behind 100:5 transformers is seen at a twentieth; that of a direct one as it is. */
const transformerScale = 1 / 40;

/** A meter from the simulated factory with a household behind it, in virtual time. */
export function createHouseholdMeter(options: HouseholdMeterOptions): { simulated: SimulatedMeter; grid: Grid } {
	const { model, seed, flash, fram, rtc_s, hasNoise, display, isUntold = false } = options;
	const { phases, nominalVoltage_V, nominalFrequency_Hz, nominalRatio_A } = model;
	const grid = new Grid({ phases, frequency_Hz: nominalFrequency_Hz, voltage_V: nominalVoltage_V, seed });
	const household = new Household(grid, seed, {
		startOfDay_s: rtc_s % 86_400,
		startDay: Math.floor(rtc_s / 86_400),
		photovoltaic_W: 3000,
		scale: nominalRatio_A > 0 ? transformerScale : 1,
	});
	const simulated = new SimulatedMeter({
		model,
		identity: manufacture(model, seed),
		terminals: grid,
		household,
		seed,
		hasNoise,
		flash,
		fram,
		random: new SeededRandom(seed, "links"),
		rtc_s,
		...(display === undefined ? {} : { display }),
		isUntold,
		log: { write: () => undefined },
	});
	return { simulated, grid };
}

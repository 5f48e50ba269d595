// SPDX-License-Identifier: Apache-2.0
import type { Meter } from "../../../src/main.js";
import { engineMeter, RunnerBus, SteppedClock } from "./support/engine-meter.js";
import { meterSeconds } from "./support/metered-seconds.js";
import { RunnerFram } from "./support/runner-fram.js";

/** The periodic record on flash is among them, and the last one of it is some seconds old at the end. */
const metered_s = 95;
const settle_s = 5;
/** Energy of a second, tenths of a watt-hour. */
const second_units = (3 * 230 * 10 * 0.5) / 360;

/** A meter with FRAM on the engine: what a second costs, and that a start after a hard cut is at most a second behind. */
export default function run(): void {
	const clock = new SteppedClock();
	const bus = new RunnerBus(clock);
	const fram = new RunnerFram();
	let meter: Meter | undefined = engineMeter(clock, bus, fram);
	reading("boot");
	meterSeconds(meter, clock, settle_s);
	meterSeconds(meter, clock, metered_s - settle_s, "metered second");
	reading("metering");
	const before_units = meter.application.metrology.energy_units(1);
	// the supply is gone between two instructions; nothing of this meter is left but its memory
	meter = undefined;
	meter = engineMeter(clock, bus, fram, false);
	const after_units = meter.application.metrology.energy_units(1);
	print("energy", after_units, "of", before_units, "tenths of a watt-hour");
	check("G5 the registers are not above what they were", after_units <= before_units);
	check("G5 the registers are at most a second behind", after_units >= before_units - Math.ceil(second_units));
	check("G5 more than the flash knows was kept", before_units > 60 * second_units && after_units > 80 * second_units);
}

// SPDX-License-Identifier: Apache-2.0
import { engineMeter, RunnerBus, SteppedClock } from "./support/engine-meter.js";
import { meterSeconds } from "./support/metered-seconds.js";

/** Long enough for the periodic record of the registers to be part of it. */
const metered_s = 130;
const settle_s = 5;

/** From SPI frames to registers on the engine: what a second costs, and that the energy is the right one. */
export default function run(): void {
	const clock = new SteppedClock();
	const meter = engineMeter(clock, new RunnerBus(clock));
	const view = meter.application.metrology;
	meterSeconds(meter, clock, settle_s);
	const start_units = view.energy_units(1);
	meterSeconds(meter, clock, metered_s - settle_s, "metered second");
	reading("metering");
	const expected_units = (3 * 230 * 10 * 0.5 * (metered_s - settle_s)) / 360;
	const energy_units = view.energy_units(1) - start_units;
	print("energy", energy_units, "of", Math.round(expected_units), "tenths of a watt-hour");
	check("F04 A+ follows the load within one interval", Math.abs(energy_units - expected_units) <= 11);
	check("F14 the voltage is that of the mains", Math.abs(view.voltage_mV(1) - 230_000) < 100);
	check("F17 the power factor is that of the load", view.powerFactor_permil(0) === 500);
}

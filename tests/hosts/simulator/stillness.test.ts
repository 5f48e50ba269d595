// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { createHouseholdMeter } from "../../../bench/household-meter.js";
import { Ade7953Model } from "../../../hosts/simulator/afe/ade7953/ade7953-model.js";
import { nominalRate_Hz } from "../../../hosts/simulator/afe/ade7953/settings.js";
import type { Grid } from "../../../hosts/simulator/grid/grid.js";
import type { SimulatedMeter } from "../../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { type ModelDescriptor, sm402d, st402c, st402d } from "../../../src/models/model.js";
import { flashLayout } from "../../../src/storage/layout.js";

const sample_s = 1 / nominalRate_Hz;

/** What happens to the mains or the meter; a share of 0 … 1 says how much of it. */
type Deed = (meter: SimulatedMeter, grid: Grid, share: number) => void;

const deeds: Readonly<Record<string, Deed>> = {
	voltage: (_, grid, share) => grid.setPhase(1, { voltage_V: 60 + 240 * share }),
	nominal: (_, grid) => grid.setPhase(1, { voltage_V: 230 }),
	gone: (_, grid) => grid.setPhase(1, { voltage_V: 0 }),
	frequency: (_, grid, share) => grid.setFrequency_Hz(49 + 2 * share),
	load: (_, grid, share) => grid.setPhase(1, { current_A: 20 * share, angle_deg: 90 * share - 45 }),
	harmonics: (_, grid, share) =>
		grid.setPhase(1, { voltageHarmonics: share < 0.5 ? [] : [{ order: 5, fraction: share / 10, phase_deg: 20 }] }),
	chipResets: (meter) => meter.frontEnd.reset(),
	noAnswer: ({ frontEnd }, _, share) => {
		if (frontEnd instanceof Ade7953Model) frontEnd.setFaults(share < 0.5 ? { noResponse: 0xff } : {});
		else frontEnd.setFaults(share < 0.5 ? { deadMiso: 1 } : {});
	},
	cut: (meter, _, share) => {
		meter.cutPower();
		meter.runTo(meter.monotonic_ms() + Math.round(5000 * share));
		meter.restorePower();
	},
};

interface Step {
	readonly deed: string;
	readonly share: number;
	readonly wait_ms: number;
}

/** Everything that a meter has kept, has shown and has given away. */
function runThrough(model: ModelDescriptor, steps: readonly Step[], seed: number, isUntold: boolean) {
	const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
	const written = createHash("sha256");
	const program = flash.program.bind(flash);
	flash.program = (address, bytes) => {
		written.update(`${address}`).update(bytes);
		program(address, bytes);
	};
	// the end of a week's ten minutes, of an hour and of a day lie in the first minutes
	const rtc_s = 820_454_400 - 130;
	const { simulated, grid } = createHouseholdMeter({ model, seed, flash, rtc_s, hasNoise: false, isUntold });
	const pulses_s: [number[], number[]] = [[], []];
	let transfers = 0;
	const chip = simulated.frontEnd;
	if (chip instanceof Ade7953Model) chip.setPulseListener((output, time_s) => pulses_s[output - 1]!.push(time_s));
	const transfer = chip.transfer.bind(chip);
	chip.transfer = (frame) => {
		transfers++;
		transfer(frame);
	};
	simulated.runTo(20_000);
	for (const { deed, share, wait_ms } of steps) {
		deeds[deed]!(simulated, grid, share);
		simulated.runTo(simulated.monotonic_ms() + wait_ms);
	}
	// what is still to come of the second that runs
	simulated.meter.frontEndMoved(simulated.monotonic_ms() + 1, simulated.monotonic_ms());
	const { application } = simulated.meter;
	const { metrology } = application;
	const values = {
		sequence: metrology.sequence,
		voltage_mV: metrology.voltage_mV(1),
		current_mA: metrology.current_mA(1),
		neutral_mA: metrology.neutralCurrent_mA(),
		frequency_mHz: metrology.frequency_mHz(),
		angles_decideg: [0, 1, 2, 4, 15, 26].map((x) => metrology.angle_decideg(x)),
		energies: [1, 2, 3, 4, 9].map((c) => metrology.energy_units(c)),
		tenMinutes_mV: [...application.powerQuality.aggregation.tenMinutes.voltage_mV],
		isFlagged: application.powerQuality.aggregation.tenMinutes.isFlagged,
		rapidChanges: [...application.powerQuality.rapidChanges.count],
		active: chip.cf1.count,
		reactive: chip.cf2.count,
		pulses: pulses_s.map((times_s) => times_s.length),
	};
	simulated.meter.commit();
	return { values, written: written.digest("hex"), pulses_s, transfers };
}

function assertAlike(model: ModelDescriptor, steps: readonly Step[], seed: number): { told: number; untold: number } {
	const told = runThrough(model, steps, seed, false);
	const untold = runThrough(model, steps, seed, true);
	assert.deepEqual(told.values, untold.values);
	assert.equal(told.written, untold.written, "what was written to the flash, octet for octet");
	for (const [output, times_s] of untold.pulses_s.entries()) {
		for (const [n, time_s] of times_s.entries()) {
			// stretches are whole samples, and a pulse lies somewhere in one
			const told_s = told.pulses_s[output]![n]!;
			assert.ok(Math.abs(told_s - time_s) < sample_s, `pulse ${n} at ${told_s}, not ${time_s} s`);
		}
	}
	return { told: told.transfers, untold: untold.transfers };
}

describe("hosts/simulator: a chip that stands still", () => {
	it("spares polls, and changes no register, no record and no pulse", () => {
		const steps = [{ deed: "load", share: 0.7, wait_ms: 400_000 }];
		const single = assertAlike(sm402d, steps, 1);
		assert.ok(single.told < single.untold / 3, `${single.told} transfers of ${single.untold}`);
		const three = assertAlike(st402d, steps, 1);
		assert.ok(three.told < 0.5 * three.untold, `${three.told} transfers of ${three.untold}`);
	});

	it("is looked at again as soon as mains, chip or supply are no longer what they were", () => {
		const step = fc.record({
			deed: fc.constantFrom(...Object.keys(deeds)),
			share: fc.double({ min: 0, max: 1, noNaN: true }),
			wait_ms: fc.oneof(
				fc.integer({ min: 0, max: 300 }),
				fc.integer({ min: 0, max: 5000 }),
				fc.integer({ min: 0, max: 70_000 }),
			),
		});
		fc.assert(
			fc.property(
				fc.constantFrom(sm402d, st402d, st402d, st402c),
				fc.array(step, { minLength: 4, maxLength: 12 }),
				fc.integer({ min: 1, max: 50 }),
				(model, steps, seed) => {
					assertAlike(model, steps, seed);
				},
			),
			{ numRuns: 12, endOnFailure: true },
		);
	});
});

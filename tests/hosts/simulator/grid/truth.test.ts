// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../../../hosts/simulator/grid/grid.js";
import { Household } from "../../../../hosts/simulator/grid/household.js";
import { channel, channelCount } from "../../../../hosts/simulator/grid/terminals.js";
import { ReferenceMeter, truthOf } from "../../../../hosts/simulator/grid/truth.js";

function near(actual: number, expected: number, tolerance: number): void {
	assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

describe("truth", () => {
	it("equals the sums over the samples of whole cycles, harmonics and direct current included", () => {
		const grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 });
		grid.setPhase(2, {
			current_A: 7,
			powerFactor: -0.6,
			reactive: "capacitive",
			voltageHarmonics: [
				{ order: 0, fraction: 0.01 },
				{ order: 3, fraction: 0.05, phase_deg: 40 },
			],
			currentHarmonics: [
				{ order: 0, fraction: -0.05 },
				{ order: 3, fraction: 0.3, phase_deg: -20 },
				{ order: 7, fraction: 0.1 },
			],
		});
		const into = Array.from({ length: channelCount }, () => new Float64Array(800));
		grid.sample(0, 8000, 800, into);
		const mean = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, n) => sum + v * y[n]!, 0) / 800;
		const [u, i] = [into[channel.u2]!, into[channel.i2]!];
		const truth = truthOf(grid.phasors(), 2);
		near(truth.voltage_V, Math.sqrt(mean(u, u)), 1e-9);
		near(truth.current_A, Math.sqrt(mean(i, i)), 1e-9);
		near(truth.activePower_W, mean(u, i), 1e-9);
		near(truth.apparentPower_VA, Math.sqrt(mean(u, u) * mean(i, i)), 1e-6);
		near(truth.reactivePower_var, -230 * 7 * 0.8, 1e-9);
	});

	it("integrates import and export exactly over changes (F02, F04, F05)", () => {
		const grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 });
		const reference = new ReferenceMeter(grid);
		grid.setLoad(1, "load", { kind: "power", activePower_W: 2000, reactivePower_var: 500 });
		grid.advanceTo(3600);
		grid.setLoad(1, "load", undefined);
		grid.setLoad(2, "inverter", { kind: "power", activePower_W: -3000 });
		grid.advanceTo(7200);
		grid.setLoad(2, "inverter", undefined);
		grid.advanceTo(9000);
		reference.advanceTo(9000);
		near(reference.total.activeImport_Wh, 2000, 1e-9);
		near(reference.total.activeExport_Wh, 3000, 1e-9);
		near(reference.total.reactiveImport_varh, 500, 1e-9);
		near(reference.phases[1]!.activeExport_Wh, 3000, 1e-9);
		reference.close();
		grid.setPhase(1, { current_A: 10 });
		grid.advanceTo(10_000);
		grid.setPhase(1, { current_A: 0 });
		near(reference.total.activeImport_Wh, 2000, 1e-9);
	});

	it("lets phases cancel in the total and not in their own registers (F05)", () => {
		const grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 });
		const reference = new ReferenceMeter(grid);
		grid.setPhase(1, { current_A: 5, powerFactor: 1 });
		grid.setPhase(3, { current_A: 5, powerFactor: -1 });
		reference.advanceTo(3600);
		near(reference.total.activeImport_Wh + reference.total.activeExport_Wh, 0, 1e-9);
		near(reference.phases[0]!.activeImport_Wh, 1150, 1e-9);
		near(reference.phases[2]!.activeExport_Wh, 1150, 1e-9);
		near(reference.total.apparent_VAh, 2300, 1e-9);
	});

	it("follows a household through a day", () => {
		const grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 });
		const household = new Household(grid, 1);
		const reference = new ReferenceMeter(grid);
		household.advanceTo(86_400);
		reference.advanceTo(86_400);
		assert.ok(reference.total.activeImport_Wh > 4000 && reference.total.activeImport_Wh < 20_000);
		const phases = reference.phases.reduce((sum, phase) => sum + phase.activeImport_Wh, 0);
		near(phases, reference.total.activeImport_Wh, 1e-6);
	});
});

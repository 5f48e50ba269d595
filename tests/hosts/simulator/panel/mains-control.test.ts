// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Grid } from "../../../../hosts/simulator/grid/grid.js";
import { Household } from "../../../../hosts/simulator/grid/household.js";
import { Recording } from "../../../../hosts/simulator/grid/recording.js";
import { channel } from "../../../../hosts/simulator/grid/terminals.js";
import { ConflictError } from "../../../../hosts/simulator/panel/instrument.js";
import { MainsControl } from "../../../../hosts/simulator/panel/mains-control.js";

const evening_s = 18.5 * 3600;

function house(): { grid: Grid; household: Household; control: MainsControl } {
	const grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 });
	const household = new Household(grid, 1, { startOfDay_s: evening_s });
	return { grid, household, control: new MainsControl(grid, household) };
}

/** Fundamental of the current through a phase as (amperes, degrees behind the voltage). */
function flowing(grid: Grid, phase: number): readonly [number, number] {
	const { channels } = grid.phasors();
	const u = channels[channel.u1 + phase - 1]![0]!;
	const i = channels[channel.i1 + phase - 1]![0]!;
	return [i.rms, ((u.phase_rad - i.phase_rad) * 180) / Math.PI];
}

function close(actual: number, expected: number, tolerance = 1e-9): void {
	assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
}

describe("mains control", () => {
	it("S1: sets voltage, current and power factor of a phase", () => {
		const { grid, control } = house();
		control.setPhase(2, { voltage_V: 207, current_A: 10, powerFactor: -0.5, reactive: "capacitive" });
		const [current_A, lag_deg] = flowing(grid, 2);
		close(grid.phasors().channels[channel.u2]![0]!.rms, 207);
		close(current_A, 10);
		close(Math.cos((lag_deg * Math.PI) / 180), -0.5); // exports
		assert.ok(Math.sin((lag_deg * Math.PI) / 180) < 0); // Q < 0
	});

	it("leaves the loads to the household when only the voltage changes", () => {
		const { household, control } = house();
		control.setPhase(1, { voltage_V: 240 });
		assert.equal(household.isActive(1), true);
		assert.ok(control.state().phases[0]!.appliances.length > 0);
	});

	it("takes a phase over from the household with what flows at that moment", () => {
		const { grid, control } = house();
		const [before_A, before_deg] = flowing(grid, 1);
		assert.ok(before_A > 0.05);
		control.setPhase(1, { powerFactor: 0.5 });
		const [after_A, after_deg] = flowing(grid, 1);
		close(after_A, before_A, 1e-6);
		close(after_deg, 60, 1e-6);
		assert.notEqual(Math.round(before_deg), 60);
		const state = control.state().phases[0]!;
		assert.deepEqual([state.isHousehold, state.appliances], [false, []]);
	});

	it("keeps the household off a phase that was taken over, and on the others", () => {
		const { grid, household, control } = house();
		control.setPhase(1, { current_A: 3 });
		let others = 0;
		for (let now_s = 0; now_s < 86_400; now_s += 600) {
			household.advanceTo(now_s);
			grid.advanceTo(now_s);
			assert.equal(grid.status(1).loads.size, 0);
			others += grid.status(2).loads.size + grid.status(3).loads.size;
		}
		assert.ok(others > 0);
	});

	it("gives a phase back in the state the household would have had without the break", () => {
		const taken = house();
		const undisturbed = house();
		taken.control.setPhase(1, { current_A: 3 });
		for (const { household, grid } of [taken, undisturbed]) {
			household.advanceTo(7200);
			grid.advanceTo(7200);
		}
		taken.control.setHousehold(true, 1);
		assert.deepEqual(flowing(taken.grid, 1), flowing(undisturbed.grid, 1));
		assert.deepEqual(taken.control.state(), undisturbed.control.state());
	});

	it("takes the household off all phases and gives them back", () => {
		const { control } = house();
		const before = control.state();
		control.setHousehold(false);
		assert.deepEqual(
			control.state().phases.map(({ appliances, current_A }) => [appliances, current_A]),
			[1, 2, 3].map(() => [[], 0]),
		);
		control.setHousehold(true);
		assert.deepEqual(control.state(), before);
	});

	it("turns the present load when only its sense is given", () => {
		const { grid, control } = house();
		control.setPhase(3, { current_A: 5, angle_deg: 150 });
		control.setPhase(3, { reactive: "capacitive" });
		const [current_A, lag_deg] = flowing(grid, 3);
		close(current_A, 5);
		close(((lag_deg % 360) + 360) % 360, 210);
		assert.equal(control.state().phases[2]!.reactive, "capacitive");
	});

	it("changes frequency, order and neutral together or not at all", () => {
		const { grid, control } = house();
		assert.throws(() => control.set({ frequency_Hz: 5, phaseOrder: "132", neutralConnected: false }), RangeError);
		assert.deepEqual([grid.frequency_Hz, grid.phaseOrder, grid.neutralConnected], [50, "123", true]);
		control.set({ frequency_Hz: 49.5, phaseOrder: "132", neutralConnected: false });
		assert.deepEqual([grid.frequency_Hz, grid.phaseOrder, grid.neutralConnected], [49.5, "132", false]);
	});

	it("changes nothing when one field of a phase is out of range", () => {
		const { grid, control } = house();
		const before = control.state();
		const [current_A] = flowing(grid, 1);
		assert.throws(() => control.setPhase(1, { voltage_V: 100, current_A: 20_000 }), RangeError);
		assert.throws(
			() => control.setPhase(1, { current_A: 1, voltageHarmonics: [{ order: 1, fraction: 0.1 }] }),
			RangeError,
		);
		assert.deepEqual(control.state(), before);
		assert.equal(flowing(grid, 1)[0], current_A);
	});

	it("refuses phases that the meter has not got", () => {
		const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
		const control = new MainsControl(grid, new Household(grid, 1));
		assert.throws(() => control.setPhase(2, { voltage_V: 100 }), RangeError);
		assert.throws(() => control.setHousehold(true, 3), RangeError);
		assert.equal(control.state().phases.length, 1);
	});

	it("refuses to give loads to a household that is not there", () => {
		const control = new MainsControl(new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 }));
		assert.throws(() => control.setHousehold(true), ConflictError);
		assert.equal(control.state().hasHousehold, false);
	});

	it("shows a recording and refuses to change it", () => {
		const file = (end: string) => readFileSync(new URL(`../../../data/waveforms/s02_pf05_lag.${end}`, import.meta.url));
		const control = new MainsControl(Recording.fromBytes(file("cfg"), file("dat"), { name: "half inductive" }));
		assert.deepEqual([control.state().source, control.state().recording], ["recording", "half inductive"]);
		for (const change of [
			() => control.set({ frequency_Hz: 49 }),
			() => control.setPhase(1, { voltage_V: 100 }),
			() => control.setHousehold(true),
		]) {
			assert.throws(change, (error) => error instanceof ConflictError && error.message.includes("half inductive"));
		}
	});
});

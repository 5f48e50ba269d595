// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Grid } from "../../../../hosts/simulator/grid/grid.js";
import { Household, type HouseholdOptions } from "../../../../hosts/simulator/grid/household.js";
import type { Phase } from "../../../../hosts/simulator/grid/phase-setting.js";
import { channel } from "../../../../hosts/simulator/grid/terminals.js";

const day_s = 86_400;

function build(seed: number, options?: HouseholdOptions, phases: Phase = 3): { grid: Grid; household: Household } {
	const grid = new Grid({ phases, frequency_Hz: 50, voltage_V: 230 });
	return { grid, household: new Household(grid, seed, options) };
}

function power_W(grid: Grid): number {
	const { channels } = grid.phasors();
	let sum = 0;
	for (let p = 0; p < 3; p++) {
		const u = channels[channel.u1 + p]![0]!;
		const i = channels[channel.i1 + p]![0]!;
		sum += u.rms * i.rms * Math.cos(u.phase_rad - i.phase_rad);
	}
	return sum;
}

/** Energy from one time to another, by the events of the household itself. */
function energy_Wh({ grid, household }: { grid: Grid; household: Household }, from_s: number, to_s: number): number {
	household.advanceTo(from_s);
	let energy = 0;
	for (let now_s = from_s; now_s < to_s; ) {
		const next_s = Math.min(household.nextChange_s, to_s);
		energy += (power_W(grid) * (next_s - now_s)) / 3600;
		household.advanceTo(next_s);
		now_s = next_s;
	}
	return energy;
}

function state(grid: Grid): string {
	return JSON.stringify([grid.phasors(), ([1, 2, 3] as const).map((p) => [...grid.status(p).loads].sort())]);
}

describe("household", () => {
	it("uses as much as a household does, more in the evening than at night", () => {
		let total = 0;
		let evening = 0;
		let night = 0;
		for (let seed = 1; seed <= 20; seed++) {
			const house = build(seed);
			const energy = energy_Wh(house, 0, day_s);
			assert.ok(energy > 4000 && energy < 20_000, `${energy} Wh`);
			total += energy;
			const again = build(seed);
			night += energy_Wh(again, 3.8 * 3600, 5.8 * 3600);
			evening += energy_Wh(again, 18 * 3600, 20 * 3600);
		}
		assert.ok(total / 20 > 7000 && total / 20 < 14_000, `${total / 20} Wh a day`);
		assert.ok(evening > 5 * night);
	});

	it("changes something every few minutes, never all the time", () => {
		const { household } = build(4);
		let changes = 0;
		while (household.nextChange_s < 7 * day_s) {
			const now_s = household.nextChange_s;
			household.advanceTo(now_s);
			assert.ok(household.nextChange_s > now_s && household.nextChange_s - now_s < 3600);
			changes++;
		}
		assert.ok(changes / 7 > 80 && changes / 7 < 300, `${changes / 7} changes a day`);
	});

	it("does the same again for the same seed, and something else for another (G7)", () => {
		const states = [1, 1, 2].map((seed) => {
			const { grid, household } = build(seed, { photovoltaic_W: 3000 });
			const seen: string[] = [];
			for (let t = 0; t < 2 * day_s; t += 3600) {
				household.advanceTo(t);
				seen.push(state(grid));
			}
			return seen.join();
		});
		assert.equal(states[0], states[1]);
		assert.notEqual(states[0], states[2]);
	});

	it("arrives at the same state in one step as in many", () => {
		fc.assert(
			fc.property(fc.nat(2 ** 32 - 1), fc.array(fc.nat(3 * day_s), { maxLength: 5 }), (seed, times) => {
				const stepped = build(seed);
				const jumped = build(seed);
				for (const time_s of times.sort((a, b) => a - b)) stepped.household.advanceTo(time_s);
				const end_s = times.at(-1) ?? 0;
				jumped.household.advanceTo(end_s);
				assert.equal(state(stepped.grid), state(jumped.grid));
				assert.equal(stepped.household.nextChange_s, jumped.household.nextChange_s);
			}),
			{ numRuns: 30 },
		);
	});

	it("begins in the middle of the day with what runs then", () => {
		const startOfDay_s = 18.6 * 3600;
		const late = build(3, { startOfDay_s });
		const early = build(3);
		early.household.advanceTo(startOfDay_s);
		assert.equal(state(late.grid), state(early.grid));
		assert.equal(late.household.nextChange_s + startOfDay_s, early.household.nextChange_s);
	});

	it("tells the listeners of the grid the time of each change", () => {
		const { grid, household } = build(5);
		const told: number[] = [];
		grid.phasors();
		grid.addListener({ advanceTo: (time_s) => told.push(time_s) });
		const due: number[] = [];
		while (household.nextChange_s < day_s / 4) {
			due.push(household.nextChange_s);
			household.advanceTo(household.nextChange_s);
		}
		assert.deepEqual(told, due);
		assert.ok(due.length > 10);
	});

	it("exports at noon with a photovoltaic system, on the last phase (F02)", () => {
		const { grid, household } = build(1, { photovoltaic_W: 6000 });
		const u = () => grid.phasors().channels[channel.u3]![0]!;
		const i = () => grid.phasors().channels[channel.i3]![0]!;
		let exports = 0;
		for (let t = 11 * 3600; t < 15 * 3600; t += 300) {
			household.advanceTo(t);
			if (u().rms * i().rms * Math.cos(u().phase_rad - i().phase_rad) < -500) exports++;
		}
		assert.ok(exports > 30);
		household.advanceTo(23 * 3600);
		assert.ok(power_W(grid) >= 0);
	});

	/** First and last second of a day at which something is exported, and the energy exported, Wh. */
	function sunOf(startDay: number, seed = 1): { from_s: number; to_s: number; energy_Wh: number } {
		const { grid, household } = build(seed, { photovoltaic_W: 5000, startDay });
		let [from_s, to_s, energy_Wh] = [Infinity, 0, 0];
		for (let now_s = 0; now_s < day_s; ) {
			const next_s = Math.min(household.nextChange_s, day_s);
			const roof = grid.status(3).loads.get("photovoltaics");
			const power_W = roof?.kind === "power" ? -roof.activePower_W : 0;
			assert.ok(power_W >= 0 && power_W <= 5000);
			if (power_W > 0) {
				from_s = Math.min(from_s, now_s);
				to_s = next_s;
			}
			energy_Wh += (power_W * (next_s - now_s)) / 3600;
			household.advanceTo(next_s);
			now_s = next_s;
		}
		return { from_s, to_s, energy_Wh };
	}

	it("exports between sunrise and sunset of the date: eight hours in December, sixteen in June", () => {
		// 21 December 2026, 21 March and 21 June 2027, days since 2000; hours of 50 degrees north
		for (const [startDay, rise_h, set_h] of [
			[9851, 8.1, 15.9],
			[9941, 6, 18],
			[10_033, 3.9, 20.1],
		] as const) {
			const { from_s, to_s } = sunOf(startDay);
			assert.ok(from_s / 3600 >= rise_h - 0.1 && from_s / 3600 < rise_h + 0.4, `${startDay}: from ${from_s / 3600}`);
			assert.ok(to_s / 3600 <= set_h + 0.1 && to_s / 3600 > set_h - 0.4, `${startDay}: to ${to_s / 3600}`);
		}
		const mean = (startDay: number) => {
			let energy_Wh = 0;
			for (let seed = 1; seed <= 10; seed++) energy_Wh += sunOf(startDay, seed).energy_Wh / 10;
			return energy_Wh;
		};
		const [winter_Wh, summer_Wh] = [mean(9851), mean(10_033)];
		assert.ok(winter_Wh > 2000 && summer_Wh > 2 * winter_Wh && summer_Wh < 45_000, `${winter_Wh} ${summer_Wh}`);
	});

	it("the sun goes on with the days from the date of the start", () => {
		const isFed = (startDay: number, startOfDay_s: number, time_s: number) => {
			const { grid, household } = build(1, { photovoltaic_W: 5000, startDay, startOfDay_s });
			household.advanceTo(time_s);
			return grid.status(3).loads.has("photovoltaics");
		};
		const june = 10_033;
		const december = 9851;
		// half past six in the evening
		assert.equal(isFed(december, 12 * 3600, 6.5 * 3600), false);
		assert.equal(isFed(december, 12 * 3600, (june - december) * day_s + 6.5 * 3600), true);
		assert.equal(isFed(june, 12 * 3600, 6.5 * 3600), true);
	}).timeout(20_000);

	it("puts everything on the one phase of a single-phase meter", () => {
		const house = build(2, {}, 1);
		const three = build(2);
		const single = energy_Wh(house, 0, day_s);
		assert.ok(Math.abs(single / energy_Wh(three, 0, day_s) - 1) < 1e-9);
	});

	it("stays below 5 A behind 200/5 A transformers", () => {
		const { grid, household } = build(6, { scale: 1 / 40, photovoltaic_W: 6000 });
		while (household.nextChange_s < 3 * day_s) {
			household.advanceTo(household.nextChange_s);
			for (const c of [3, 4, 5]) for (const { rms } of grid.phasors().channels[c]!) assert.ok(rms < 5);
		}
	});

	it("leaves set points and other loads alone, and takes its own off when stopped", () => {
		const { grid, household } = build(7);
		grid.setPhase(1, { current_A: 1 });
		grid.setLoad(2, "mine", { kind: "impedance", resistance_ohm: 230 });
		household.advanceTo(19 * 3600);
		household.stop();
		household.stop();
		assert.equal(household.nextChange_s, Number.POSITIVE_INFINITY);
		household.advanceTo(30 * 3600);
		assert.ok(Math.abs(power_W(grid) - 460) < 1e-9);
	});

	it("refuses options out of range by name", () => {
		assert.throws(() => build(1, { startOfDay_s: day_s }), { name: "RangeError", message: /startOfDay_s/ });
		assert.throws(() => build(1, { startDay: -1 }), { name: "RangeError", message: /startDay/ });
		assert.throws(() => build(1, { photovoltaic_W: -1 }), { name: "RangeError", message: /photovoltaic_W/ });
		assert.throws(() => build(1, { scale: 0 }), { name: "RangeError", message: /scale/ });
	});
});

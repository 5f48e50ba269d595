// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Load } from "../../../../hosts/simulator/grid/loads.js";
import { type Network, solveNetwork } from "../../../../hosts/simulator/grid/network.js";

const fraction = fc.double({ min: 0, max: 0.5, noNaN: true });
const harmonics = fc.array(fc.record({ order: fc.constantFrom(0, 0.5, 2, 3, 7, 39), fraction }), { maxLength: 3 });
const load: fc.Arbitrary<Load> = fc.oneof(
	fc.record({
		kind: fc.constant("impedance" as const),
		resistance_ohm: fc.double({ min: 1, max: 1e4, noNaN: true }),
		inductance_H: fc.double({ min: 0, max: 1, noNaN: true }),
	}),
	fc.record({
		kind: fc.constant("impedance" as const),
		resistance_ohm: fc.double({ min: 0, max: 100, noNaN: true }),
		capacitance_F: fc.double({ min: 1e-9, max: 1e-4, noNaN: true }),
	}),
	fc.record({
		kind: fc.constant("power" as const),
		activePower_W: fc.double({ min: -5000, max: 10_000, noNaN: true }),
		reactivePower_var: fc.double({ min: -3000, max: 3000, noNaN: true }),
		harmonics,
	}),
	fc.record({
		kind: fc.constant("current" as const),
		current_A: fc.double({ min: 0, max: 100, noNaN: true }),
		angle_deg: fc.double({ min: -180, max: 180, noNaN: true }),
		harmonics,
	}),
);
const network: fc.Arbitrary<Network> = fc.record({
	frequency_Hz: fc.constantFrom(50, 60),
	nominalVoltage_V: fc.constant(230),
	phases: fc.tuple(fc.constant(0), fc.constant(-2.0943951), fc.constant(2.0943951)).chain((angles) =>
		fc.tuple(
			...angles.map((angle_rad) =>
				fc.record({
					voltage_V: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 300, noNaN: true })),
					angle_rad: fc.constant(angle_rad),
					harmonics,
					loads: fc.array(load, { maxLength: 3 }),
				}),
			),
		),
	),
	sourceResistance_ohm: fc.constantFrom(0, 0.3),
	sourceInductance_H: fc.constantFrom(0, 0.5e-3),
	neutralConnected: fc.boolean(),
});

describe("network", () => {
	it("has a finite solution whatever hangs on it, the fundamental first, each order once", () => {
		fc.assert(
			fc.property(network, (given) => {
				const solutions = solveNetwork(given);
				assert.equal(solutions[0]!.order, 1);
				assert.equal(new Set(solutions.map((s) => s.order)).size, solutions.length);
				for (const { voltages, currents } of solutions) {
					for (const { re, im } of [...voltages, ...currents]) assert.ok(Number.isFinite(re) && Number.isFinite(im));
				}
			}),
		);
	});

	it("balances the currents at a floating star point but for what the meter's dividers take (F129)", () => {
		fc.assert(
			fc.property(network, (given) => {
				for (const { voltages, currents } of solveNetwork({ ...given, neutralConnected: false })) {
					const sum = (key: "re" | "im") => currents.reduce((total, i) => total + i[key], 0);
					const largest = currents.reduce((most, i) => Math.max(most, Math.hypot(i.re, i.im)), 0);
					const dividers = voltages.reduce((total, u) => total + Math.hypot(u.re, u.im) * 1e-6, 0);
					// A divider sits behind the source impedance too: a part of its current shows there.
					assert.ok(Math.hypot(sum("re"), sum("im")) <= 3 * dividers + 1e-9 * largest + 1e-9);
				}
			}),
		);
	});
});

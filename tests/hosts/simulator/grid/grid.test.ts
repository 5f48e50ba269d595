// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../../../hosts/simulator/grid/grid.js";
import { impedanceLoad } from "../../../../hosts/simulator/grid/loads.js";
import { type Component, channel, channelCount, type PhasorState } from "../../../../hosts/simulator/grid/terminals.js";

function near(actual: number, expected: number, tolerance: number): void {
	assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

function part(state: PhasorState, c: number, order = 1): Component {
	const found = state.channels[c]!.find((component) => component.order === order);
	assert.ok(found, `channel ${c} has no order ${order}`);
	return found;
}

/** P + jQ of one order of a phase from the definition S = U · conj(I). */
function power(state: PhasorState, phase: number, order = 1): { p: number; q: number } {
	const u = part(state, channel.u1 + phase - 1, order);
	const i = part(state, channel.i1 + phase - 1, order);
	const angle = u.phase_rad - i.phase_rad;
	return { p: u.rms * i.rms * Math.cos(angle), q: u.rms * i.rms * Math.sin(angle) };
}

function buffers(count: number): Float64Array[] {
	return Array.from({ length: channelCount }, () => new Float64Array(count).fill(Number.NaN));
}

/** The waveform from its definition, one cosine at a time. */
function slowSample(state: PhasorState, c: number, cycles: number): number {
	let sum = 0;
	for (const { order, rms, phase_rad } of state.channels[c]!) {
		sum += order === 0 ? rms : Math.SQRT2 * rms * Math.cos(2 * Math.PI * order * cycles + phase_rad);
	}
	return sum;
}

function threePhase(): Grid {
	return new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 });
}

describe("grid: set points", () => {
	it("puts three phases 120° apart, L2 behind L1", () => {
		const state = threePhase().phasors();
		assert.equal(state.frequency_Hz, 50);
		for (const [p, angle] of [0, -120, 120].entries()) {
			near(part(state, p).rms, 230, 1e-9);
			near((part(state, p).phase_rad * 180) / Math.PI, angle, 1e-9);
		}
	});

	it("exchanges L2 and L3 for the other phase order (F27)", () => {
		const grid = threePhase();
		grid.setPhaseOrder("132");
		near((part(grid.phasors(), channel.u2).phase_rad * 180) / Math.PI, 120, 1e-9);
	});

	const quadrants = [
		[0.5, "inductive", 1150, 1991.858],
		[-0.8, "inductive", -1840, 1380],
		[-0.8, "capacitive", -1840, -1380],
		[0.8, "capacitive", 1840, -1380],
		[-1, "inductive", -2300, 0],
	] as const;
	for (const [powerFactor, reactive, p, q] of quadrants) {
		it(`gives P ${p} W and Q ${q} var at PF ${powerFactor} ${reactive} (F07, F17)`, () => {
			const grid = threePhase();
			for (const phase of [1, 2, 3] as const) {
				grid.setPhase(phase, { current_A: 10, powerFactor, reactive });
				near(power(grid.phasors(), phase).p, p, 1e-3);
				near(power(grid.phasors(), phase).q, q, 1e-3);
			}
		});
	}

	it("keeps what a setting leaves out", () => {
		const grid = threePhase();
		grid.setPhase(2, { current_A: 3, angle_deg: 60 });
		grid.setPhase(2, { voltage_V: 200 });
		near(power(grid.phasors(), 2).p, 300, 1e-9);
	});

	it("turns harmonics with the fundamental of their phase", () => {
		const grid = threePhase();
		const harmonics = [{ order: 3, fraction: 0.1, phase_deg: 30 }];
		for (const phase of [1, 2, 3] as const) grid.setPhase(phase, { current_A: 10, currentHarmonics: harmonics });
		const state = grid.phasors();
		// Third harmonics of a symmetrical system are in phase: they add up in the neutral, the fundamentals vanish.
		near(part(state, channel.neutral, 3).rms, 3, 1e-9);
		near(part(state, channel.neutral).rms, 0, 1e-9);
		near((part(state, channel.i2, 3).phase_rad * 180) / Math.PI, 30, 1e-9);
	});

	it("carries direct current as a level of order 0", () => {
		const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
		grid.setPhase(1, { current_A: 10, currentHarmonics: [{ order: 0, fraction: -0.2 }] });
		assert.deepEqual(part(grid.phasors(), channel.i1, 0), { order: 0, rms: -2, phase_rad: 0 });
	});

	it("refuses values out of range by name and leaves everything as it was", () => {
		const grid = threePhase();
		const before = grid.phasors();
		const wrong: [() => void, RegExp][] = [
			[() => grid.setPhase(1, { voltage_V: 240, current_A: -1 }), /current_A/],
			[() => grid.setPhase(1, { powerFactor: 1.1 }), /powerFactor/],
			[() => grid.setPhase(1, { voltage_V: Number.NaN }), /voltage_V/],
			[() => grid.setPhase(1, { currentHarmonics: [{ order: 1, fraction: 1 }] }), /order/],
			[() => grid.setPhase(4 as never, {}), /phases 1 to 3/],
			[() => grid.setFrequency_Hz(0), /frequency_Hz/],
			[() => grid.setLoad(1, "x", { kind: "impedance", resistance_ohm: 0 }), /resistance_ohm/],
			[() => grid.setLoad(1, "x", { kind: "kettle" } as never), /kettle/],
		];
		for (const [act, message] of wrong) assert.throws(act, { name: "RangeError", message });
		assert.equal(grid.phasors(), before);
	});
});

describe("grid: loads", () => {
	it("lets the power of a resistor follow the square of the voltage", () => {
		const grid = threePhase();
		grid.setLoad(1, "heater", { kind: "impedance", resistance_ohm: 23 });
		near(power(grid.phasors(), 1).p, 2300, 1e-9);
		grid.setPhase(1, { voltage_V: 115 });
		near(power(grid.phasors(), 1).p, 575, 1e-9);
	});

	it("lets an inductor follow the frequency", () => {
		const grid = threePhase();
		const inductance_H = 0.1;
		grid.setLoad(2, "coil", { kind: "impedance", resistance_ohm: 0, inductance_H });
		for (const frequency_Hz of [50, 60]) {
			grid.setFrequency_Hz(frequency_Hz);
			near(power(grid.phasors(), 2).q, 230 ** 2 / (2 * Math.PI * frequency_Hz * inductance_H), 1e-6);
			near(power(grid.phasors(), 2).p, 0, 1e-6);
		}
	});

	it("drives a capacitor harder with the harmonics of the voltage", () => {
		const grid = threePhase();
		grid.setPhase(1, { voltageHarmonics: [{ order: 7, fraction: 0.05 }] });
		grid.setLoad(1, "filter", { kind: "impedance", resistance_ohm: 0, capacitance_F: 10e-6 });
		const state = grid.phasors();
		near(part(state, channel.i1).rms, 230 * 2 * Math.PI * 50 * 10e-6, 1e-9);
		near(part(state, channel.i1, 7).rms, 0.05 * 230 * 2 * Math.PI * 350 * 10e-6, 1e-9);
		near(power(state, 1).q, -(230 ** 2) * 2 * Math.PI * 50 * 10e-6, 1e-6);
	});

	it("makes an impedance from a rating", () => {
		const grid = threePhase();
		grid.setLoad(1, "motor", impedanceLoad(400, 0.8, "inductive", 230, 50));
		grid.setLoad(2, "lamp", impedanceLoad(40, 0.5, "capacitive", 230, 50));
		grid.setLoad(3, "oven", impedanceLoad(2000, 1, "inductive", 230, 50));
		const state = grid.phasors();
		near(power(state, 1).p, 400, 1e-9);
		near(power(state, 1).q, 300, 1e-9);
		near(power(state, 2).q, -40 * Math.sqrt(3), 1e-9);
		near(power(state, 3).p, 2000, 1e-9);
	});

	it("holds constant power while the voltage changes, down to its floor", () => {
		const grid = threePhase();
		grid.setLoad(1, "supply", { kind: "power", activePower_W: 800, reactivePower_var: -600, minimumVoltage_V: 100 });
		for (const voltage_V of [230, 180, 100]) {
			grid.setPhase(1, { voltage_V });
			near(power(grid.phasors(), 1).p, 800, 1e-9);
			near(power(grid.phasors(), 1).q, -600, 1e-9);
			near(part(grid.phasors(), channel.i1).rms, 1000 / voltage_V, 1e-9);
		}
		grid.setPhase(1, { voltage_V: 50 });
		near(part(grid.phasors(), channel.i1).rms, 5, 1e-9);
		grid.setPhase(1, { voltage_V: 0 });
		near(part(grid.phasors(), channel.i1).rms, 0, 1e-9);
	});

	it("exports with negative power (F02, F05)", () => {
		const grid = threePhase();
		grid.setLoad(3, "inverter", { kind: "power", activePower_W: -3000 });
		near(power(grid.phasors(), 3).p, -3000, 1e-9);
	});

	it("adds loads and set point of a phase, and takes a load away by name", () => {
		const grid = threePhase();
		grid.setPhase(1, { current_A: 1 });
		grid.setLoad(1, "a", { kind: "power", activePower_W: 100 });
		grid.setLoad(1, "b", { kind: "current", current_A: 2, angle_deg: 180 });
		near(power(grid.phasors(), 1).p, 230 + 100 - 460, 1e-9);
		grid.setLoad(1, "b", undefined);
		near(power(grid.phasors(), 1).p, 330, 1e-9);
	});

	it("keeps constant power behind the impedance of a weak source", () => {
		const grid = threePhase();
		grid.setSourceImpedance(0.5, 0.5e-3);
		grid.setLoad(1, "supply", { kind: "power", activePower_W: 5000, reactivePower_var: 1000 });
		const state = grid.phasors();
		near(power(state, 1).p, 5000, 1e-4);
		near(power(state, 1).q, 1000, 1e-4);
		// The drop closes the mesh: U² + 2(PR + QX) + (P² + Q²)|Z|²/U² = E².
		const x = 2 * Math.PI * 50 * 0.5e-3;
		const u = part(state, channel.u1).rms;
		near(u * u + 2 * (5000 * 0.5 + 1000 * x) + (26e6 * (0.25 + x * x)) / (u * u), 230 * 230, 1e-3);
	});

	it("stays finite where a source is too weak for the power asked of it", () => {
		const grid = threePhase();
		grid.setSourceImpedance(50, 0);
		grid.setLoad(1, "supply", { kind: "power", activePower_W: 5000 });
		const { rms } = part(grid.phasors(), channel.u1);
		assert.ok(rms > 0 && rms < 230);
	});
});

describe("grid: neutral, wiring, switch", () => {
	it("reads the same current in the neutral of one phase unless some of it is led past (F129)", () => {
		const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
		grid.setPhase(1, { current_A: 8, angle_deg: 30 });
		assert.deepEqual(part(grid.phasors(), channel.neutral), part(grid.phasors(), channel.i1));
		grid.setBypass(1, 0.75);
		near(part(grid.phasors(), channel.i1).rms, 2, 1e-9);
		near(part(grid.phasors(), channel.neutral).rms, 8, 1e-9);
	});

	it("adds the leakage to the sum of the phases", () => {
		const grid = threePhase();
		for (const phase of [1, 2, 3] as const) grid.setPhase(phase, { current_A: 5 });
		grid.setLeakage(0.3, 90);
		near(part(grid.phasors(), channel.neutral).rms, 0.3, 1e-9);
		near(part(grid.phasors(), channel.neutral).phase_rad, Math.PI / 2, 1e-9);
	});

	it("loses the voltage but not the phase current when the neutral of a single-phase meter is cut (F129)", () => {
		const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
		grid.setLoad(1, "heater", { kind: "impedance", resistance_ohm: 23 });
		grid.setNeutralConnected(false);
		assert.equal(part(grid.phasors(), channel.u1).rms, 0);
		near(part(grid.phasors(), channel.i1).rms, 10, 1e-9);
		assert.equal(part(grid.phasors(), channel.neutral).rms, 0);
	});

	it("floats the star point of unbalanced resistors when the neutral is cut, line voltages unchanged (F129)", () => {
		const grid = threePhase();
		const ohms = [20, 40, 80];
		for (const [p, resistance_ohm] of ohms.entries()) {
			grid.setLoad((p + 1) as 1 | 2 | 3, "r", { kind: "impedance", resistance_ohm });
		}
		grid.setNeutralConnected(false);
		const state = grid.phasors();
		// Millman: V = Σ E/R / Σ 1/R, here (1/20 − 1/80 − 1/160 − j·…): worked out with cos and sin of ±120°.
		const g = ohms.map((r) => 1 / r + 1e-6);
		const sum = g[0]! + g[1]! + g[2]!;
		const re = (230 * (g[0]! - g[1]! / 2 - g[2]! / 2)) / sum;
		const im = (230 * (Math.sqrt(3) / 2) * (g[2]! - g[1]!)) / sum;
		near(part(state, channel.u1).rms, Math.hypot(230 - re, im), 1e-6);
		near(part(state, channel.u2).rms, Math.hypot(-115 - re, (-230 * Math.sqrt(3)) / 2 - im), 1e-6);
		const line = (a: Component, b: Component) =>
			Math.sqrt(a.rms ** 2 + b.rms ** 2 - 2 * a.rms * b.rms * Math.cos(a.phase_rad - b.phase_rad));
		near(line(part(state, 0), part(state, 1)), 230 * Math.sqrt(3), 1e-6);
		near(line(part(state, 1), part(state, 2)), 230 * Math.sqrt(3), 1e-6);
		assert.equal(part(state, channel.neutral).rms, 0);
	});

	it("balances set points at the floating star point and switches feeders off", () => {
		const grid = threePhase();
		grid.setPhase(1, { current_A: 10, currentHarmonics: [{ order: 3, fraction: 0.3 }] });
		grid.setPhase(2, { current_A: 4, powerFactor: 0.8 });
		grid.setPhase(3, { current_A: 5, powerFactor: -1 });
		grid.setNeutralConnected(false);
		const state = grid.phasors();
		near(part(state, channel.i3).rms, 0, 1e-3);
		for (const order of [1, 3]) {
			const a = part(state, channel.i1, order);
			const b = part(state, channel.i2, order);
			near(Math.hypot(a.rms * Math.cos(a.phase_rad) + b.rms * Math.cos(b.phase_rad)), 0, 2e-3);
			near(Math.hypot(a.rms * Math.sin(a.phase_rad) + b.rms * Math.sin(b.phase_rad)), 0, 2e-3);
		}
		assert.ok(part(state, channel.u1).rms < 230 && part(state, channel.u2).rms > 230);
	});

	it("changes nothing but the neutral current when a balanced load loses its neutral (F129)", () => {
		const grid = threePhase();
		for (const phase of [1, 2, 3] as const) grid.setPhase(phase, { current_A: 5, powerFactor: 0.9 });
		const before = grid.phasors();
		grid.setNeutralConnected(false);
		for (let c = 0; c < 6; c++) near(part(grid.phasors(), c).rms, part(before, c).rms, 1e-3);
	});

	it("reverses the current of one phase, not that of the neutral (F27)", () => {
		const grid = threePhase();
		grid.setPhase(2, { current_A: 5 });
		grid.setReversed(2, true);
		near(power(grid.phasors(), 2).p, -1150, 1e-9);
		near((part(grid.phasors(), channel.neutral).phase_rad * 180) / Math.PI, -120, 1e-9);
	});

	it("stops the current of a phase whose contact is open and keeps its voltage (F91)", () => {
		const grid = threePhase();
		grid.setPhase(1, { current_A: 5 });
		grid.setContactClosed(1, false);
		assert.equal(part(grid.phasors(), channel.i1).rms, 0);
		near(part(grid.phasors(), channel.u1).rms, 230, 1e-9);
	});
});

describe("grid: time", () => {
	it("tells its listeners of the instant of a change while the old state still holds", () => {
		const grid = threePhase();
		const told: [number, number][] = [];
		grid.addListener({ advanceTo: (time_s) => told.push([time_s, part(grid.phasors(), channel.i1).rms]) });
		grid.setPhase(1, { current_A: 1 });
		grid.advanceTo(2);
		grid.setPhase(1, { current_A: 2 });
		grid.setPhase(2, { current_A: 2 });
		grid.advanceTo(3);
		grid.change(() => {
			grid.setPhase(1, { current_A: 3 });
			grid.setFrequency_Hz(51);
		});
		assert.deepEqual(told, [
			[2, 1],
			[3, 2],
		]);
	});

	it("gives the same phasor object until something changes", () => {
		const grid = threePhase();
		const first = grid.phasors();
		grid.advanceTo(10);
		assert.equal(grid.phasors(), first);
		grid.setFrequency_Hz(50);
		assert.notEqual(grid.phasors(), first);
	});

	it("samples what the phasors say (S1)", () => {
		const grid = new Grid({ phases: 3, frequency_Hz: 49.7, voltage_V: 230, seed: 3 });
		for (const phase of [1, 2, 3] as const) {
			grid.setPhase(phase, {
				current_A: 5 * phase,
				angle_deg: 25,
				voltageHarmonics: [{ order: 5, fraction: 0.06, phase_deg: 10 }],
				currentHarmonics: [
					{ order: 0, fraction: 0.1 },
					{ order: 0.5, fraction: 0.2 },
					{ order: 39, fraction: 0.02, phase_deg: -40 },
				],
			});
		}
		const count = 3000;
		const into = buffers(count);
		const start_s = 1234.567;
		grid.sample(start_s, 8000, count, into);
		const state = grid.phasors();
		const seedTurns = 3 * 0.6180339887498949;
		for (let c = 0; c < channelCount; c++) {
			for (let n = 0; n < count; n += 7) {
				near(into[c]![n]!, slowSample(state, c, seedTurns - 1 + 49.7 * (start_s + n / 8000)), 1e-7);
			}
		}
	});

	it("leaves out what the rate cannot carry", () => {
		const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
		grid.setPhase(1, { voltageHarmonics: [{ order: 21, fraction: 0.5 }] });
		const into = buffers(40);
		grid.sample(0, 2000, 40, into);
		for (let n = 0; n < 40; n++) near(into[0]![n]!, 230 * Math.SQRT2 * Math.cos((2 * Math.PI * n) / 40), 1e-9);
	});

	it("runs the mains angle on through changes of frequency", () => {
		const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
		const into = buffers(1);
		let cycles = 0;
		let time_s = 0;
		for (const frequency_Hz of [50, 51.3, 47.5, 62.1, 50]) {
			grid.advanceTo(time_s);
			grid.setFrequency_Hz(frequency_Hz);
			for (let n = 0; n < 5; n++) {
				grid.sample(time_s, 8000, 1, into);
				near(into[0]![0]!, 230 * Math.SQRT2 * Math.cos(2 * Math.PI * cycles), 1e-6);
				time_s += 0.1237;
				cycles += 0.1237 * frequency_Hz;
			}
		}
	});

	it("splits a block at a change in the past", () => {
		const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
		grid.setPhase(1, { current_A: 10 });
		grid.advanceTo(0.0101);
		grid.setPhase(1, { current_A: 0 });
		grid.advanceTo(0.02);
		const into = buffers(160);
		grid.sample(0, 8000, 160, into);
		for (let n = 0; n < 160; n++) {
			const level = n / 8000 < 0.0101 ? 10 : 0;
			near(into[channel.i1]![n]!, level * Math.SQRT2 * Math.cos((2 * Math.PI * n) / 160), 1e-9);
		}
	});

	it("refuses a block that does not fit", () => {
		const grid = threePhase();
		assert.throws(() => grid.sample(0, 8000, 11, buffers(10)), { name: "RangeError" });
		assert.throws(() => grid.sample(0, 0, 1, buffers(10)), { name: "RangeError" });
	});
});

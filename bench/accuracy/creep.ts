// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../../src/models/model.js";
import type { Station } from "./station.js";

/** One starting or no-load test. */
export interface CreepResult {
	readonly name: string;
	readonly wanted: string;
	readonly found: string;
	readonly isPassed: boolean;
}

const transformerFactor = Object.freeze({ A: 0.06, B: 0.04, C: 0.02 });
const directFactor = Object.freeze({ A: 0.05, B: 0.04, C: 0.04 });

/** Starting current of active energy (EN 50470-3), amperes. */
export function startingCurrent_A(model: ModelDescriptor, accuracyClass: "A" | "B" | "C"): number {
	const reference_A = model.referenceCurrent_mA / 1000;
	return model.nominalRatio_A > 0
		? (transformerFactor[accuracyClass] * reference_A) / 20
		: (directFactor[accuracyClass] * reference_A) / 10;
}

/** Of reactive energy class 2 (IEC 62053-23). */
function reactiveStartingCurrent_A(model: ModelDescriptor): number {
	return ((model.nominalRatio_A > 0 ? 0.003 : 0.005) * model.referenceCurrent_mA) / 1000;
}

/** Seconds that a pulse takes at the starting current. */
export function startingPeriod_s(model: ModelDescriptor, current_A: number): number {
	return 3_600_000 / (model.phases * model.ledConstant * model.nominalVoltage_V * current_A);
}

/** A pulse must follow another within 1.5 times the time it should take, in each direction of each energy. */
export function testStarting(station: Station, model: ModelDescriptor): CreepResult[] {
	const active_A = startingCurrent_A(model, model.accuracyClass);
	const reactive_A = reactiveStartingCurrent_A(model);
	const results: CreepResult[] = [];
	for (const [name, quantity, current_A, angle_deg] of [
		["A+", "active", active_A, 0],
		["A-", "active", active_A, 180],
		["R+", "reactive", reactive_A, 90],
		["R-", "reactive", reactive_A, -90],
	] as const) {
		station.apply({ current_A, angle_deg });
		const period_s = startingPeriod_s(model, current_A);
		const began_s = station.now_s;
		const { count } = station.led(quantity);
		while (station.led(quantity).count - count < 2 && station.now_s - began_s < 3 * period_s) station.run(1);
		const first = station.led(quantity).last_s;
		const after = station.led(quantity).count;
		while (station.led(quantity).count === after && station.now_s - first < 1.5 * period_s) station.run(1);
		const gap_s = station.led(quantity).last_s - first;
		const hasStarted = after - count >= 2 && gap_s > 0;
		results.push({
			name: `starting ${name} at ${(current_A * 1000).toFixed(0)} mA`,
			wanted: `a pulse within ${(1.5 * period_s).toFixed(0)} s`,
			found: hasStarted ? `${gap_s.toFixed(1)} s` : "no pulse",
			isPassed: hasStarted && gap_s <= 1.5 * period_s,
		});
	}
	return results;
}

/** Longest of the no-load times of EN 50470-3 and IEC 62053-21 (class 1), seconds; `voltage` as a share of Un. */
export function noLoadTime_s(model: ModelDescriptor): number {
	const k = model.ledConstant;
	const test_V = 1.15 * model.nominalVoltage_V;
	const current_A = startingCurrent_A(model, model.accuracyClass);
	const european_min = 240_000 / (k * model.phases * test_V * current_A);
	const maximum_A = model.maximumCurrent_mA / 1000;
	const international_min = 600e6 / (k * model.phases * model.nominalVoltage_V * maximum_A);
	return 60 * Math.max(european_min, international_min);
}

/** Voltage and no current: neither a pulse nor a step of a register, ten times as long as the standards ask for. */
export async function testNoLoad(station: Station, model: ModelDescriptor, factor: number): Promise<CreepResult[]> {
	const results: CreepResult[] = [];
	const duration_s = factor * noLoadTime_s(model);
	for (const voltage of [0.8, 1.15]) {
		station.apply({ current_A: 0, angle_deg: 0, voltage });
		station.run(10);
		const registers = [1, 2, 3, 4];
		const before: number[] = [];
		for (const c of registers) before.push(await station.register(c));
		const pulses = station.led("active").count + station.led("reactive").count;
		station.run(duration_s);
		let moved = 0;
		for (const [n, c] of registers.entries()) moved += (await station.register(c)) - before[n]!;
		const given = station.led("active").count + station.led("reactive").count - pulses;
		results.push({
			name: `no load at ${voltage} Un for ${(duration_s / 60).toFixed(0)} min`,
			wanted: "no pulse, no register step",
			found: `${given} pulses, ${moved} Wh`,
			isPassed: given === 0 && moved === 0,
		});
	}
	return results;
}

/** Registers count within 5 s after the supply came, at maximum current. */
export async function testStart(station: Station, model: ModelDescriptor): Promise<CreepResult> {
	station.apply({ current_A: model.maximumCurrent_mA / 1000, angle_deg: 0 });
	station.run(60);
	station.meter.cutPower();
	station.run(10);
	const began_s = station.now_s;
	station.meter.restorePower();
	station.run(0.001);
	const before = await station.register(1);
	while (station.now_s - began_s < 10 && (await station.register(1)) === before) station.run(0.1);
	const took_s = station.now_s - began_s;
	return {
		name: "registration after the supply came",
		wanted: "within 5 s",
		found: `${took_s.toFixed(1)} s`,
		isPassed: took_s <= 5,
	};
}

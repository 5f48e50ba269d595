// SPDX-License-Identifier: Apache-2.0
import { type Complex, complex, divide, multiply, one, zero } from "./complex.js";

/**
 * A harmonic as a share of its fundamental. `order` 0 is direct current, fractions are inter- and sub-harmonics.
 * The phase counts from the fundamental of the phase's own voltage (at angle α): the sinusoid is
 * `√2 · fraction · fundamental · cos(order · (θ + α) + phase)`.
 */
export interface Harmonic {
	readonly order: number;
	readonly fraction: number;
	readonly phase_deg?: number;
}

/** A harmonic current in amperes, for loads without a fundamental. Phase as in `Harmonic`. */
export interface HarmonicCurrent {
	readonly order: number;
	readonly current_A: number;
	readonly phase_deg?: number;
}

/**
 * Something that draws current from one phase.
 *
 * - `impedance`: series connection of a resistor with an inductor or a capacitor; linear, so it answers to voltage,
 *   frequency and every harmonic of the voltage.
 * - `power`: keeps P (import > 0) and Q (inductive > 0) of the fundamental while the voltage changes, I ~ 1/U; below
 *   `minimumVoltage_V` it goes on as the impedance it had there, so that its current stays bounded.
 * - `current`: a fixed current, `angle_deg` behind the voltage (> 0 lags: inductive; beyond ±90 it exports).
 * - `harmonics`: harmonic currents alone.
 */
export type Load =
	| {
			readonly kind: "impedance";
			readonly resistance_ohm: number;
			readonly inductance_H?: number;
			readonly capacitance_F?: number;
	  }
	| {
			readonly kind: "power";
			readonly activePower_W: number;
			readonly reactivePower_var?: number;
			readonly minimumVoltage_V?: number;
			readonly harmonics?: readonly Harmonic[];
	  }
	| {
			readonly kind: "current";
			readonly current_A: number;
			readonly angle_deg?: number;
			readonly harmonics?: readonly Harmonic[];
	  }
	| { readonly kind: "harmonics"; readonly currents: readonly HarmonicCurrent[] };

export type ReactiveSense = "inductive" | "capacitive";

/** A load of this kind at less than this is a short circuit, which no source of the simulator can feed. */
const leastImpedance_ohm = 1e-3;

/** The largest current that a load or a set point may ask for. */
export const greatestCurrent_A = 10_000;
const greatestPower_W = 10_000_000;
export const greatestOrder = 200;
/** The largest share of a harmonic: more than the fundamental is allowed, nonsense is not. */
const greatestFraction = 10;

/** @throws RangeError when `value` is no finite number in [least, greatest] */
export function requireRange(name: string, value: number, least: number, greatest: number): void {
	if (!(typeof value === "number" && value >= least && value <= greatest)) {
		throw new RangeError(`${name} must be a number from ${least} to ${greatest}, not ${String(value)}`);
	}
}

/** @throws RangeError when an order is negative, not finite or the fundamental, or a share or phase is out of range */
export function requireHarmonics(name: string, harmonics: readonly Harmonic[]): void {
	if (!Array.isArray(harmonics)) throw new RangeError(`${name} must be a list`);
	for (const h of harmonics) {
		requireOrder(name, h.order);
		requireRange(`${name}.fraction`, h.fraction, h.order === 0 ? -greatestFraction : 0, greatestFraction);
		requireRange(`${name}.phase_deg`, h.phase_deg ?? 0, -3600, 3600);
	}
}

function requireOrder(name: string, order: number): void {
	requireRange(`${name}.order`, order, 0, greatestOrder);
	if (order === 1) throw new RangeError(`${name}.order must not be 1: that is the fundamental`);
}

/** @throws RangeError naming the field that is out of range */
export function requireLoad(load: Load): void {
	switch (load.kind) {
		case "impedance": {
			requireRange("resistance_ohm", load.resistance_ohm, 0, 1e12);
			if (load.inductance_H !== undefined) requireRange("inductance_H", load.inductance_H, 0, 1e6);
			if (load.capacitance_F !== undefined) requireRange("capacitance_F", load.capacitance_F, 1e-15, 10);
			if (load.inductance_H !== undefined && load.capacitance_F !== undefined) {
				throw new RangeError("an impedance has inductance_H or capacitance_F, not both");
			}
			if (load.resistance_ohm < leastImpedance_ohm && !load.inductance_H && !load.capacitance_F) {
				throw new RangeError(`resistance_ohm must be at least ${leastImpedance_ohm}`);
			}
			return;
		}
		case "power":
			requireRange("activePower_W", load.activePower_W, -greatestPower_W, greatestPower_W);
			requireRange("reactivePower_var", load.reactivePower_var ?? 0, -greatestPower_W, greatestPower_W);
			if (load.minimumVoltage_V !== undefined) requireRange("minimumVoltage_V", load.minimumVoltage_V, 1, 1000);
			requireHarmonics("harmonics", load.harmonics ?? []);
			return;
		case "current":
			requireRange("current_A", load.current_A, 0, greatestCurrent_A);
			requireRange("angle_deg", load.angle_deg ?? 0, -360, 360);
			requireHarmonics("harmonics", load.harmonics ?? []);
			return;
		case "harmonics":
			for (const h of load.currents) {
				requireOrder("currents", h.order);
				requireRange("current_A", h.current_A, h.order === 0 ? -greatestCurrent_A : 0, greatestCurrent_A);
				requireRange("phase_deg", h.phase_deg ?? 0, -3600, 3600);
			}
			return;
		default:
			throw new RangeError(`unknown kind of load: ${String((load as { kind: unknown }).kind)}`);
	}
}

/** Admittance of an impedance load at `order` times the mains; nothing flows through a capacitor at order 0. */
export function admittanceOf(load: Load & { kind: "impedance" }, order: number, frequency_Hz: number): Complex {
	const omega = 2 * Math.PI * frequency_Hz * order;
	let reactance_ohm = 0;
	if (load.capacitance_F !== undefined) {
		if (omega === 0) return zero;
		reactance_ohm = -1 / (omega * load.capacitance_F);
	} else if (load.inductance_H !== undefined) {
		reactance_ohm = omega * load.inductance_H;
	}
	const resistance_ohm =
		Math.abs(reactance_ohm) < leastImpedance_ohm
			? Math.max(load.resistance_ohm, leastImpedance_ohm)
			: load.resistance_ohm;
	return divide(one, complex(resistance_ohm, reactance_ohm));
}

/** How far the current lags the voltage, degrees, for a signed power factor. Inductive is Q > 0 in either direction of P. */
export function angleOf_deg(powerFactor: number, reactive: ReactiveSense): number {
	requireRange("powerFactor", powerFactor, -1, 1);
	const angle_deg = (Math.acos(powerFactor) * 180) / Math.PI;
	return reactive === "inductive" ? angle_deg : -angle_deg;
}

/**
 * The impedance that takes `power_W` at power factor `powerFactor` (0 < PF <= 1) from a supply of this voltage and frequency.
 *
 * @throws RangeError when power, factor, voltage or frequency is not positive
 */
export function impedanceLoad(
	power_W: number,
	powerFactor: number,
	reactive: ReactiveSense,
	voltage_V: number,
	frequency_Hz: number,
): Load & { kind: "impedance" } {
	requireRange("power_W", power_W, Number.MIN_VALUE, greatestPower_W);
	requireRange("powerFactor", powerFactor, Number.MIN_VALUE, 1);
	requireRange("voltage_V", voltage_V, Number.MIN_VALUE, 1000);
	requireRange("frequency_Hz", frequency_Hz, Number.MIN_VALUE, 1000);
	const impedance_ohm = (voltage_V * voltage_V * powerFactor) / power_W;
	const resistance_ohm = impedance_ohm * powerFactor;
	const reactance_ohm = impedance_ohm * Math.sqrt(1 - powerFactor * powerFactor);
	if (reactance_ohm === 0) return { kind: "impedance", resistance_ohm };
	const omega = 2 * Math.PI * frequency_Hz;
	return reactive === "inductive"
		? { kind: "impedance", resistance_ohm, inductance_H: reactance_ohm / omega }
		: { kind: "impedance", resistance_ohm, capacitance_F: 1 / (omega * reactance_ohm) };
}

/** Admittance by which a power load answers to a fundamental of `voltage_V`. */
export function powerAdmittance(load: Load & { kind: "power" }, voltage_V: number, nominalVoltage_V: number): Complex {
	const floor_V = load.minimumVoltage_V ?? 0.6 * nominalVoltage_V; // electronic supplies regulate down to about this
	const u = Math.max(voltage_V, floor_V);
	return complex(load.activePower_W / (u * u), -(load.reactivePower_var ?? 0) / (u * u));
}

/** Current of `fraction` at `angle_rad` turned by a harmonic's own phase; direct current has no phase. */
export function harmonicPhasor(order: number, level: number, phase_deg: number, voltageAngle_rad: number): Complex {
	if (order === 0) return complex(level, 0);
	const angle_rad = order * voltageAngle_rad + (phase_deg * Math.PI) / 180;
	return multiply(complex(level, 0), complex(Math.cos(angle_rad), Math.sin(angle_rad)));
}

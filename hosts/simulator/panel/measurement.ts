// SPDX-License-Identifier: Apache-2.0
import type { MetrologyView } from "../../../src/metrology/view.js";
import type { EnergyRegister, Measured, MeasuredPhase } from "./state-schema.js";

/** What OBIS 1-0:81.7.x measures: x of the angle of U2 and U3 to U1, and of each current to U1. */
const voltageAngle = Object.freeze([undefined, 1, 2]);
const currentAngle = Object.freeze([4, 5, 6]);

const registerRows = Object.freeze([
	{ c: 1, name: "Active import", unit: "kWh" },
	{ c: 2, name: "Active export", unit: "kWh" },
	{ c: 3, name: "Reactive import", unit: "kvarh" },
	{ c: 4, name: "Reactive export", unit: "kvarh" },
	{ c: 9, name: "Apparent import", unit: "kVAh" },
	{ c: 10, name: "Apparent export", unit: "kVAh" },
]);

const unitsPerKiloUnit = 10_000; // 0.1 Wh

/** Reads the metrology through the interface that the rest of the meter uses too. */
export function measuredBy(view: MetrologyView, phases: 1 | 3): Measured {
	const neutralCurrent_mA = view.neutralCurrent_mA();
	return {
		isValid: view.isValid,
		sequence: view.sequence,
		frequency_Hz: view.frequency_mHz() / 1000,
		activePower_W: view.power_mW(16) / 1000,
		reactivePower_var: (view.power_mW(3) - view.power_mW(4)) / 1000,
		apparentPower_VA: (view.power_mW(9) + view.power_mW(10)) / 1000,
		powerFactor: view.powerFactor_permil(0) / 1000,
		neutralCurrent_A: neutralCurrent_mA === undefined ? null : neutralCurrent_mA / 1000,
		phases: Array.from({ length: phases }, (_, p) => phaseMeasuredBy(view, p + 1)),
	};
}

function phaseMeasuredBy(view: MetrologyView, phase: number): MeasuredPhase {
	const c = 20 * phase;
	const voltage_mV = view.voltage_mV(phase);
	const current_mA = view.current_mA(phase);
	const hasVoltage = voltage_mV > 0 && view.voltage_mV(1) > 0;
	return {
		voltage_V: voltage_mV / 1000,
		current_A: current_mA / 1000,
		activePower_W: view.power_mW(c + 16) / 1000,
		reactivePower_var: (view.power_mW(c + 3) - view.power_mW(c + 4)) / 1000,
		apparentPower_VA: (view.power_mW(c + 9) + view.power_mW(c + 10)) / 1000,
		powerFactor: view.powerFactor_permil(phase) / 1000,
		voltageAngle_deg: hasVoltage ? lead_deg(view, voltageAngle[phase - 1]) : null,
		currentAngle_deg: hasVoltage && current_mA > 0 ? lead_deg(view, currentAngle[phase - 1]) : null,
	};
}

/** The meter tells how far a quantity lags U1, 0 to 3599 tenths of a degree; arrows want how far it leads, ±180°. */
function lead_deg(view: MetrologyView, x: number | undefined): number {
	const lag_decideg = x === undefined ? 0 : view.angle_decideg(x);
	return lag_decideg === 0 ? 0 : (lag_decideg > 1800 ? 3600 - lag_decideg : -lag_decideg) / 10;
}

export function registersOf(view: MetrologyView): EnergyRegister[] {
	return registerRows.map(({ c, name, unit }) => ({
		code: `${c}.8.0`,
		name,
		value: (view.energy_units(c) * 10 ** view.registration.energyScaler) / unitsPerKiloUnit,
		unit,
	}));
}

// SPDX-License-Identifier: Apache-2.0
import { encodeLongUnsigned } from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import type { Call } from "../model.js";

/** Long-unsigned values end at their rail instead of wrapping (F14). */
const longUnsignedRail = 0xffff;

/** Scaler of energies and powers, by the side of registration. */
export function energyScaler({ application }: Call): number {
	return application.metrology.registration.energyScaler;
}

/** Scaler of currents, by the side of registration. */
export function currentScaler({ application }: Call): number {
	return application.metrology.registration.currentScaler;
}

/** Scaler of voltages, by the side of registration. */
export function voltageScaler({ application }: Call): number {
	return application.metrology.registration.voltageScaler;
}

/** A long-unsigned that stays at its largest value where the quantity is beyond it. */
export function encodeRailed(w: Writer, value: number): void {
	encodeLongUnsigned(w, Math.min(Math.round(value), longUnsignedRail));
}

/** A current at the terminals, on the side of registration. */
export function encodeCurrent(w: Writer, { application }: Call, current_mA: number): void {
	encodeRailed(w, application.metrology.registration.currentDigits(current_mA));
}

/** A voltage at the terminals, on the side of registration. */
export function encodeVoltage(w: Writer, { application }: Call, voltage_mV: number): void {
	encodeRailed(w, application.metrology.registration.voltageDigits(voltage_mV));
}

/** A power in milliwatts (mvar, mVA) in digits of its register, rounded. */
export function powerDigits({ application }: Call, power_mW: number): number {
	return Math.round(power_mW / (1000 * 10 ** application.metrology.registration.energyScaler));
}

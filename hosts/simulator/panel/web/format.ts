// SPDX-License-Identifier: Apache-2.0

const minus = "\u2212";
const noValue = "\u2013";

export function fixed(value: number, decimals: number): string {
	const digits = Math.abs(value).toFixed(decimals);
	return value < 0 && Number(digits) !== 0 ? minus + digits : digits;
}

/** A number and its unit, apart, so that they can be set differently. */
export interface Quantity {
	readonly value: string;
	readonly unit: string;
}

export const missing: Quantity = Object.freeze({ value: noValue, unit: "" });

export function voltage(voltage_V: number): Quantity {
	return { value: fixed(voltage_V, 1), unit: "V" };
}

/** Four significant digits. */
export function current(current_A: number): Quantity {
	const size_A = Math.abs(current_A);
	return { value: fixed(current_A, size_A < 10 ? 3 : size_A < 100 ? 2 : 1), unit: "A" };
}

/** Power in units of thousands from 10 000 on; `unit` is W, var or VA. */
export function power(power_W: number, unit: string): Quantity {
	if (Math.abs(power_W) >= 10_000) return { value: fixed(power_W / 1000, 2), unit: `k${unit}` };
	return { value: fixed(power_W, Math.abs(power_W) < 100 ? 1 : 0), unit };
}

export function powerFactor(factor: number): Quantity {
	return { value: fixed(factor, 3), unit: "" };
}

/** Digits grouped by thin spaces, truncated: 12 345.6789. */
export function energy(value: number): string {
	const [whole, fraction] = (Math.trunc(value * 10_000) / 10_000).toFixed(4).split(".");
	return `${whole!.replace(/\B(?=(\d{3})+$)/g, "\u2009")}.${fraction}`;
}

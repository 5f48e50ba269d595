// SPDX-License-Identifier: Apache-2.0

/** Not known: a phase is missing. */
export const noUnbalance = -1;

/**
 * Negative by positive sequence of the voltages, u2 in permil, rounded, from the three line voltages (IEC 61000-4-30
 * clause 5.7.1): β = ΣU⁴ / (ΣU²)², u2 = √((1 - √(3 - 6β)) / (1 + √(3 - 6β))). `noUnbalance` when one is 0.
 *
 * Voltages count in 0.1 V, so that the sums of fourth powers are exact (600 V: 2^50).
 */
export function unbalance_permil(u12_mV: number, u23_mV: number, u31_mV: number): number {
	const a = Math.round(u12_mV / 100);
	const b = Math.round(u23_mV / 100);
	const c = Math.round(u31_mV / 100);
	if (a <= 0 || b <= 0 || c <= 0) return noUnbalance;
	const squares = a * a + b * b + c * c;
	const beta = (a * a * a * a + b * b * b * b + c * c * c * c) / (squares * squares);
	const root = Math.sqrt(Math.max(0, 3 - 6 * beta));
	return Math.round(1000 * Math.sqrt(Math.max(0, 1 - root) / (1 + root)));
}

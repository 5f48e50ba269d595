// SPDX-License-Identifier: Apache-2.0

/** Points per cycle of every block. */
export const pointsPerCycle = 128;

/** The tables are in Q14. */
export const sineShift = 14;

/** round(16384 · sin(2πk/128)), k = 0..32. Stored, because the last bit of `Math.sin` may differ between engines. */
const quarter = Object.freeze([
	0, 804, 1606, 2404, 3196, 3981, 4756, 5520, 6270, 7005, 7723, 8423, 9102, 9760, 10_394, 11_003, 11_585, 12_140,
	12_665, 13_160, 13_623, 14_053, 14_449, 14_811, 15_137, 15_426, 15_679, 15_893, 16_069, 16_207, 16_305, 16_364,
	16_384,
]);

/** Filled at module level: on the board that is at build time, and the tables stay in flash. */
export const sine = new Int16Array(pointsPerCycle);
export const cosine = new Int16Array(pointsPerCycle);
for (let k = 0; k < pointsPerCycle; k++) {
	const inHalf = k & 63;
	const value = quarter[inHalf <= 32 ? inHalf : 64 - inHalf]!;
	const signed = k < 64 ? value : -value;
	sine[k] = signed;
	cosine[(k + 96) & 127] = signed; // cos x = sin(x + 90°)
}

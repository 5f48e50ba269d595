// SPDX-License-Identifier: Apache-2.0

/** Steps between two samples, and points of the polynomial. */
export const interpolationSteps = 256;
export const interpolationPoints = 4;
/** Weights are in Q14. */
export const interpolationShift = 14;

/**
 * Lagrange weights of the cubic through four samples, for an instant t = k/256 behind the second of them. Integers from
 * exact quotients of integers; the four of a step sum up to 16384.
 */
export const interpolationWeights = new Int16Array(interpolationSteps * interpolationPoints);
const one = 1 << interpolationShift;
for (let k = 0; k < interpolationSteps; k++) {
	const n = interpolationSteps;
	const cube = n * n * n;
	const first = Math.round((-k * (k - n) * (k - 2 * n) * one) / (6 * cube));
	const third = Math.round((-(k + n) * k * (k - 2 * n) * one) / (2 * cube));
	const fourth = Math.round(((k + n) * k * (k - n) * one) / (6 * cube));
	const at = k * interpolationPoints;
	interpolationWeights[at] = first;
	interpolationWeights[at + 1] = one - first - third - fourth;
	interpolationWeights[at + 2] = third;
	interpolationWeights[at + 3] = fourth;
}

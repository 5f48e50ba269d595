// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {
	interpolationPoints,
	interpolationSteps,
	interpolationWeights,
} from "../../../src/metrology/sampling/interpolation-table.js";

/** Value at t of the cubic through (−1, a), (0, b), (1, c), (2, d). */
function lagrange(values: readonly number[], t: number): number {
	let sum = 0;
	values.forEach((value, i) => {
		let weight = 1;
		for (let j = 0; j < 4; j++) if (j !== i) weight *= (t + 1 - j) / (i - j);
		sum += value * weight;
	});
	return sum;
}

describe("metrology/sampling/interpolation-table", () => {
	it("holds the weights of the cubic through four samples, which sum up to one", () => {
		for (let k = 0; k < interpolationSteps; k++) {
			const weights = interpolationWeights.subarray(k * interpolationPoints, (k + 1) * interpolationPoints);
			assert.equal(
				weights.reduce((a, x) => a + x, 0),
				16_384,
			);
			for (let i = 0; i < 4; i++) {
				const unit = [0, 0, 0, 0];
				unit[i] = 16_384;
				const exact = lagrange(unit, k / interpolationSteps);
				assert.ok(Math.abs(weights[i]! - exact) <= 1.5, `step ${k}, weight ${i}: ${weights[i]} for ${exact}`);
			}
		}
	});

	it("bounds the sum of four products at the rails below 2^31", () => {
		let largest = 0;
		for (let k = 0; k < interpolationSteps; k++) {
			let sum = 0;
			for (let i = 0; i < 4; i++) sum += Math.abs(interpolationWeights[4 * k + i]!) * 32_768;
			largest = Math.max(largest, sum);
		}
		assert.ok(largest + 8192 < 2 ** 31, `${largest}`);
	});
});

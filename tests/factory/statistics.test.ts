// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Sample } from "../../src/factory/statistics.js";

function sampleOf(values: readonly number[]): Sample {
	const sample = new Sample();
	for (const value of values) sample.add(value);
	return sample;
}

describe("hosts/simulator/factory/statistics", () => {
	it("gives mean and standard error", () => {
		const sample = sampleOf([1e9 + 2, 1e9 + 4, 1e9 + 4, 1e9 + 6]);
		assert.equal(sample.mean, 1e9 + 4);
		// Variance (4 + 0 + 0 + 4) / 3, over four readings.
		assert.ok(Math.abs(sample.standardError - Math.sqrt(8 / 3 / 4)) < 1e-12);
		assert.equal(new Sample().mean, 0);
		assert.equal(sampleOf([5]).standardError, Number.POSITIVE_INFINITY);
	});

	it("corrects what is more than noise and leaves alone what is not", () => {
		const sample = sampleOf([9, 10, 11, 10]);
		const threshold = 3 * sample.standardError;
		assert.equal(sample.correctionTo(10 + 0.99 * threshold), 0);
		assert.ok(Math.abs(sample.correctionTo(10 - 1.01 * threshold) + 1.01 * threshold) < 1e-9);
		assert.equal(sampleOf([7]).correctionTo(100), 0, "one reading says nothing about noise");
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { WaveformBlock } from "../../../src/metrology/sampling/waveform-block.js";
import { converted, framesOf, waveform } from "./reference.js";

const anyCode = fc.oneof(fc.constantFrom(-32_768, 32_767, 0), fc.integer({ min: -32_768, max: 32_767 }));
const anyChannel = fc.array(anyCode, { minLength: 512, maxLength: 512 }).map((values) => Int16Array.from(values));

function filled(phases: readonly { u: Int16Array; i: Int16Array }[], reference = 0): WaveformBlock {
	const block = new WaveformBlock(phases.length);
	block.begin(reference);
	for (const view of framesOf(phases)) block.addHalfCycle(view, 0);
	return block;
}

/** Σ a·b over points from … to-1, exact. */
function product(a: Int16Array, b: Int16Array, from = 0, to = 512): bigint {
	let sum = 0n;
	for (let n = from; n < to; n++) sum += BigInt(a[n]!) * BigInt(b[n]!);
	return sum;
}

describe("metrology/sampling/waveform-block", () => {
	it("keeps exact sums of cycles, squares of half cycles and products for any points", () => {
		fc.assert(
			fc.property(anyChannel, anyChannel, (u, i) => {
				const block = filled([{ u, i }]);
				for (let n = 0; n < 128; n++) {
					assert.equal(block.sums[n], u[n]! + u[n + 128]! + u[n + 256]! + u[n + 384]!);
					assert.equal(block.sums[128 + n], i[n]! + i[n + 128]! + i[n + 256]! + i[n + 384]!);
				}
				for (let half = 0; half < 8; half++) {
					assert.equal(BigInt(block.squares[half]!), product(u, u, 64 * half, 64 * half + 64));
					assert.equal(BigInt(block.squares[8 + half]!), product(i, i, 64 * half, 64 * half + 64));
				}
				assert.equal(BigInt(block.products[0]!), product(u, i));
			}),
			{ numRuns: 25 },
		);
	});

	it("stays exact with all points at a rail: the parts of a sum stay in 32 bits", () => {
		for (const [volt, ampere] of [
			[-32_768, -32_768],
			[-32_768, 32_767],
			[32_767, 32_767],
		] as const) {
			const u = new Int16Array(512).fill(volt);
			const i = new Int16Array(512).fill(ampere);
			const block = filled([{ u, i }]);
			assert.equal(block.sums[5], 4 * volt);
			assert.equal(block.squares[0], 64 * volt * volt);
			assert.equal(block.products[0], 512 * volt * ampere);
			// The bounds that the sums of 32 bits rest on.
			assert.ok(Math.abs(volt * ampere) <= 2 ** 30);
			assert.ok(64 * (Math.abs(volt * ampere) / 256) <= 2 ** 28);
			assert.ok(Math.abs(block.sums[5]!) <= 2 ** 17);
		}
	});

	it("keeps phases apart, in the order of the front end", () => {
		const phases = [1, 2, 3].map((n) => ({ u: new Int16Array(512).fill(n), i: new Int16Array(512).fill(10 * n) }));
		const block = filled(phases);
		for (let phase = 0; phase < 3; phase++) {
			assert.equal(block.sums[phase * 256], 4 * (phase + 1));
			assert.equal(block.sums[phase * 256 + 128], 40 * (phase + 1));
			assert.equal(block.products[phase], 512 * 10 * (phase + 1) ** 2);
		}
	});

	it("begins anew, and takes no more than eight half cycles", () => {
		const u = converted(waveform([{ order: 1, peak: 1000, phase: 0 }]));
		const block = filled([{ u, i: u }]);
		const sums = block.sums.slice();
		block.addHalfCycle(framesOf([{ u, i: u }])[0]!, 0);
		assert.deepEqual(block.sums, sums);
		block.begin(0);
		assert.equal(block.halfCycles, 0);
		for (const view of framesOf([{ u, i: u }])) block.addHalfCycle(view, 0);
		assert.deepEqual(block.sums, sums);
	});

	it("F16 times the mains by zero crossings of the reference phase within 0.01 %, harmonics or not", () => {
		for (const period of [120, 127.3, 128, 128.9, 140]) {
			for (const phase of [0, 1, 2.5, 4]) {
				const u = Int16Array.from({ length: 512 }, (_, n) => {
					const angle = (2 * Math.PI * n) / period + phase;
					return Math.round(8000 * Math.sin(angle) + 500 * Math.sin(3 * angle) + 400 * Math.sin(5 * angle + 1));
				});
				const block = filled(
					[
						{ u: new Int16Array(512), i: u },
						{ u, i: new Int16Array(512) },
					],
					1,
				);
				assert.ok(Math.abs(block.period_points / period - 1) < 1e-4, `${block.period_points} for ${period}`);
			}
		}
	});

	it("finds no period without voltage", () => {
		const quiet = Int16Array.from({ length: 512 }, (_, n) => (n % 3) - 1);
		assert.equal(filled([{ u: quiet, i: quiet }]).period_points, 0);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { cosine, sine, sineShift } from "../../../src/metrology/sampling/sine-table.js";
import { phasorsPerCode, Spectrum } from "../../../src/metrology/sampling/spectrum.js";
import { WaveformBlock } from "../../../src/metrology/sampling/waveform-block.js";
import { converted, framesOf, phasor, type Tone, thd_percent, waveform } from "./reference.js";

const orders = Array.from({ length: 40 }, (_, n) => n + 1);
const silence = new Int16Array(512);

/** Sends points through a block and transforms its voltage. */
function transformed(points: Int16Array, spectrum = new Spectrum()): Spectrum {
	const block = new WaveformBlock(1);
	block.begin(0);
	for (const view of framesOf([{ u: points, i: silence }])) block.addHalfCycle(view, 0);
	spectrum.transform(block.sums, 0);
	return spectrum;
}

function square({ re, im }: Spectrum, order: number): number {
	return re[order]! * re[order]! + im[order]! * im[order]!;
}

/** Largest distance of a phasor from the exact one of the same points, codes. */
function largestError(points: Int16Array): number {
	const spectrum = transformed(points);
	let largest = 0;
	for (const order of orders) {
		const exact = phasor(points, order);
		const re = spectrum.re[order]! / phasorsPerCode;
		const im = spectrum.im[order]! / phasorsPerCode;
		largest = Math.max(largest, Math.hypot(re - exact.re, im - exact.im));
	}
	return largest;
}

/** The table is off by up to half a unit of 16384, each of three steps is rounded to 16 bits. */
const share = 1e-4;
const floor_codes = 0.01;

describe("metrology/sampling/spectrum", () => {
	it("has tables that are the rounded sine and cosine, stored as integers", () => {
		for (let k = 0; k < 128; k++) {
			assert.equal(sine[k], Math.round(2 ** sineShift * Math.sin((2 * Math.PI * k) / 128)) + 0, `sine ${k}`);
			assert.equal(cosine[k], Math.round(2 ** sineShift * Math.cos((2 * Math.PI * k) / 128)) + 0, `cosine ${k}`);
		}
	});

	it("finds each order alone at any phase, and nothing at the others", () => {
		for (const order of orders) {
			for (const phase of [0, 0.3, Math.PI / 2, 2, -2.5]) {
				const points = converted(waveform([{ order, peak: 15_000, phase }]));
				const error = largestError(points);
				assert.ok(error < 15_000 * share, `order ${order}, phase ${phase}: ${error} codes`);
			}
		}
	});

	it("agrees with the double-precision transform for any mixture of harmonics", () => {
		const tone = fc.record({
			order: fc.integer({ min: 1, max: 63 }),
			peak: fc.double({ min: 0, max: 6000, noNaN: true }),
			phase: fc.double({ min: -4, max: 4, noNaN: true }),
		});
		fc.assert(
			fc.property(fc.array(tone, { minLength: 1, maxLength: 12 }), (tones: Tone[]) => {
				const points = converted(waveform(tones));
				const peak = points.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
				assert.ok(largestError(points) <= floor_codes + share * peak);
			}),
			{ numRuns: 150 },
		);
	});

	it("agrees for any points whatever, rails included: no value overflows", () => {
		const rail = fc.constantFrom(-32_768, 32_767, 0, -1, 1);
		const any = fc.oneof(rail, fc.integer({ min: -32_768, max: 32_767 }));
		fc.assert(
			fc.property(fc.array(any, { minLength: 512, maxLength: 512 }), (values) => {
				assert.ok(largestError(Int16Array.from(values)) <= floor_codes + share * 32_768);
			}),
			{ numRuns: 60 },
		);
	});

	it("keeps the largest signals there are: squares between the rails in the pattern of every order", () => {
		for (const order of orders) {
			for (const turned of [false, true]) {
				const table = turned ? sine : cosine;
				const points = Int16Array.from({ length: 512 }, (_, n) => (table[(n * order) & 127]! >= 0 ? 32_767 : -32_768));
				const exact = phasor(points, order);
				const spectrum = transformed(points);
				const re = spectrum.re[order]! / phasorsPerCode;
				const im = spectrum.im[order]! / phasorsPerCode;
				assert.ok(Math.hypot(exact.re, exact.im) > 16_384, "a large signal");
				assert.ok(Math.hypot(re - exact.re, im - exact.im) < 32_768 * share, `order ${order}: ${re} ${im}`);
			}
		}
	});

	it("F121 F122 gives a THD of seven harmonics within 0.005 % at large and 0.1 % at small signals", () => {
		const shape = [1, 0.05, 0.06, 0.04, 0.02, 0.03, 0.015, 0.01];
		const places = [1, 3, 5, 7, 9, 11, 13, 40];
		for (const [fullScale, limit_percent] of [
			[0.76, 0.005],
			[0.33, 0.005],
			[0.033, 0.01],
			[0.0033, 0.1],
		] as const) {
			const tones = shape.map((part, n) => ({
				order: places[n]!,
				peak: 18_196 * fullScale * part,
				phase: n * n,
			}));
			const exact = thd_percent(waveform(tones));
			const spectrum = transformed(converted(waveform(tones)));
			let sum = 0;
			for (const order of orders.slice(1)) sum += square(spectrum, order);
			const thd = 100 * Math.sqrt(sum / square(spectrum, 1));
			assert.ok(Math.abs(thd - exact) < limit_percent, `${fullScale} of full scale: ${thd} for ${exact}`);
		}
	});

	it("is 0 without a signal", () => {
		const spectrum = transformed(silence);
		for (const order of orders) assert.equal(square(spectrum, order), 0);
	});
});

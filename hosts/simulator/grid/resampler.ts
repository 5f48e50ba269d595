// SPDX-License-Identifier: Apache-2.0

/** Samples that one output is made of, unless told otherwise. */
export const usualTaps = 32;
/** Of the Kaiser window: about 80 dB of stop band, half a transition of 0.08 of the input rate. */
const beta = 8;
/**
 * Fractions of a sample for which weights are tabulated, for so many taps; between them they are interpolated (error below
 * 1e-6). The weights of a longer kernel change more slowly.
 */
const usualFractions = 1024;

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
	const quarter = (x * x) / 4;
	let term = 1;
	let sum = 1;
	for (let k = 1; term > sum * 1e-17; k++) {
		term *= quarter / (k * k);
		sum += term;
	}
	return sum;
}

/**
 * Weights of a Kaiser-windowed sinc for reading a sequence between its samples.
 *
 * `cutOff` is in cycles per input sample, at most 0.5. The weights of each instant add up to 1.
 */
export class InterpolationKernel {
	readonly cutOff: number;
	readonly #taps: number;
	readonly #fractions: number;
	readonly #table: Float64Array;

	/** @param taps even */
	constructor(cutOff: number, taps = usualTaps) {
		this.cutOff = cutOff;
		this.#taps = taps;
		this.#fractions = Math.max(1, Math.ceil((usualFractions * usualTaps) / taps));
		this.#table = new Float64Array((this.#fractions + 1) * taps);
		for (let row = 0; row <= this.#fractions; row++) this.#fillRow(row);
	}

	#fillRow(row: number): void {
		const taps = this.#taps;
		const before = taps / 2;
		const at = row * taps;
		let sum = 0;
		for (let k = 0; k < taps; k++) {
			const distance = k - (before - 1) - row / this.#fractions;
			const x = 2 * Math.PI * this.cutOff * distance;
			const reach = distance / before;
			const window = besselI0(beta * Math.sqrt(Math.max(0, 1 - reach * reach)));
			const weight = (x === 0 ? 1 : Math.sin(x) / x) * window;
			this.#table[at + k] = weight;
			sum += weight;
		}
		for (let k = 0; k < taps; k++) this.#table[at + k]! /= sum;
	}

	/** Puts the weights for an instant `fraction` (0 … 1) of a sample behind a sample into `weights`; that one has index taps/2 - 1. */
	weights(fraction: number, weights: Float64Array): void {
		const place = fraction * this.#fractions;
		const row = Math.min(this.#fractions - 1, Math.floor(place));
		const share = place - row;
		const table = this.#table;
		const taps = this.#taps;
		const at = row * taps;
		for (let k = 0; k < taps; k++) {
			const w = table[at + k]!;
			weights[k] = w + share * (table[at + taps + k]! - w);
		}
	}
}

/** A periodic sequence with its ends repeated on either side, so that a kernel reads over the seam without a modulo. */
export function padLoop(samples: Float64Array, taps = usualTaps): Float64Array {
	const count = samples.length;
	const padded = new Float64Array(count + taps);
	for (let n = 0; n < padded.length; n++) {
		let source = (n - (taps / 2 - 1)) % count;
		if (source < 0) source += count;
		padded[n] = samples[source]!;
	}
	return padded;
}

/** Reads looped sequences of one rate at any other rate. */
export class LoopResampler {
	readonly #loops: readonly (Float64Array | undefined)[];
	readonly #count: number;
	readonly #rate_Hz: number;
	readonly #taps: number;
	readonly #weights: Float64Array;
	#kernel: InterpolationKernel | undefined;

	/** @param sequences of equal length; undefined is silence @param taps even; more of them for rates far above what is read */
	constructor(sequences: readonly (Float64Array | undefined)[], count: number, rate_Hz: number, taps = usualTaps) {
		this.#taps = taps;
		this.#weights = new Float64Array(taps);
		this.#loops = sequences.map((samples) => (samples === undefined ? undefined : padLoop(samples, taps)));
		this.#count = count;
		this.#rate_Hz = rate_Hz;
	}

	/** Fills `into[c][0 … count-1]` with the values at `start_s + n / rate_Hz`; the loop begins at time 0. */
	read(start_s: number, rate_Hz: number, count: number, into: readonly Float64Array[]): void {
		const step = this.#rate_Hz / rate_Hz;
		const cutOff = 0.5 * Math.min(1, 1 / step);
		if (this.#kernel?.cutOff !== cutOff) this.#kernel = new InterpolationKernel(cutOff, this.#taps);
		const kernel = this.#kernel;
		const taps = this.#taps;
		const length = this.#count;
		const loops = this.#loops;
		const weights = this.#weights;
		let base = (start_s * this.#rate_Hz) % length;
		if (base < 0) base += length;
		for (let n = 0; n < count; n++) {
			const place = (base + n * step) % length;
			const at = Math.floor(place);
			kernel.weights(place - at, weights);
			for (let c = 0; c < loops.length; c++) {
				const loop = loops[c];
				if (loop === undefined) {
					into[c]![n] = 0;
					continue;
				}
				let sum = 0;
				for (let k = 0; k < taps; k++) sum += weights[k]! * loop[at + k]!;
				into[c]![n] = sum;
			}
		}
	}
}

/** Rate that a faster recording is brought to: what the usual kernel reads without loss to the 40th harmonic of 60 Hz. */
const loopRate_Hz = 16_000;

/**
 * Brings a loop that was sampled much faster than the front ends convert to a rate which the usual kernel can read: 32 taps
 * would be too short a time there and take some percent of the higher harmonics away. The loop stays as long as it was.
 */
export function slowLoop(
	sequences: readonly (Float64Array | undefined)[],
	count: number,
	rate_Hz: number,
): { readonly sequences: (Float64Array | undefined)[]; readonly count: number; readonly rate_Hz: number } {
	if (rate_Hz <= 1.25 * loopRate_Hz) return { sequences: [...sequences], count, rate_Hz };
	const slowCount = Math.ceil((count * loopRate_Hz) / rate_Hz);
	const slowRate_Hz = (slowCount * rate_Hz) / count;
	const taps = 2 * Math.ceil((usualTaps / 2) * (rate_Hz / slowRate_Hz));
	const into = sequences.map(() => new Float64Array(slowCount));
	new LoopResampler(sequences, count, rate_Hz, taps).read(0, slowRate_Hz, slowCount, into);
	return {
		sequences: sequences.map((samples, c) => (samples === undefined ? undefined : into[c]!)),
		count: slowCount,
		rate_Hz: slowRate_Hz,
	};
}

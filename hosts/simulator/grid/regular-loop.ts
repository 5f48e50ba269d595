// SPDX-License-Identifier: Apache-2.0
import type { Comtrade } from "./comtrade.js";
import { ComtradeError } from "./comtrade-error.js";
import { InterpolationKernel, padLoop, usualTaps as taps } from "./resampler.js";

/** A recording brought to one rate. */
export interface RegularLoop {
	readonly rate_Hz: number;
	readonly count: number;
	readonly channels: readonly (Float64Array | undefined)[];
}

/** How far stamps may lie beside an even spacing to count as rounded ones, in intervals. */
const jitter = 0.05;
/** Rates of one recording may differ so much that evening them out would need too much memory. */
const greatestGrowth = 64;

/**
 * Gives a recording one sampling rate.
 *
 * One rate, and evenly spaced stamps: the samples stay as they are. Several rates: the highest one counts; slower
 * stretches are read with the windowed sinc, and where it reaches into a stretch of another rate, with cubic
 * polynomials there. Uneven stamps: cubic polynomials through four neighbours. The skew of channels is taken out of
 * recordings of one rate; beside the other two inaccuracies it does not count.
 *
 * @throws ComtradeError when rates or intervals differ by more than a factor of 64
 */
export function regularLoop(recording: Comtrade, file: string): RegularLoop {
	const { rates, sampleCount } = recording.configuration;
	if (recording.stamps_s !== undefined) return fromStamps(recording, recording.stamps_s, file);
	if (rates.length === 1) return straighten(recording, rates[0]!.rate_Hz, sampleCount);
	const stretches = stretchesOf(recording);
	const last = stretches.at(-1)!;
	const duration_s = last.start_s + last.count / last.rate_Hz;
	const times_s = new Float64Array(sampleCount);
	let highest_Hz = 0;
	for (const { first, count, start_s, rate_Hz } of stretches) {
		highest_Hz = Math.max(highest_Hz, rate_Hz);
		for (let n = 0; n < count; n++) times_s[first + n] = start_s + n / rate_Hz;
	}
	const count = gridCount(duration_s * highest_Hz, sampleCount, file);
	const rate_Hz = count / duration_s;
	const channels = recording.channels.map((samples) =>
		samples === undefined ? undefined : readStretches(samples, stretches, times_s, duration_s, rate_Hz, count),
	);
	return { rate_Hz, count, channels };
}

interface Stretch {
	readonly first: number;
	readonly count: number;
	readonly start_s: number;
	readonly rate_Hz: number;
}

function stretchesOf(recording: Comtrade): Stretch[] {
	const stretches: Stretch[] = [];
	let first = 0;
	let start_s = 0;
	for (const { rate_Hz, lastSample } of recording.configuration.rates) {
		const count = lastSample - first;
		stretches.push({ first, count, start_s, rate_Hz });
		start_s += count / rate_Hz;
		first = lastSample;
	}
	return stretches;
}

function gridCount(count: number, sampleCount: number, file: string): number {
	if (count > greatestGrowth * sampleCount) {
		const reason = `rates or intervals differ by more than a factor of ${greatestGrowth}`;
		throw new ComtradeError("unsupported", { file }, reason);
	}
	return Math.max(1, Math.round(count));
}

function fromStamps(recording: Comtrade, stamps_s: Float64Array, file: string): RegularLoop {
	const samples = stamps_s.length;
	if (samples < 2) {
		throw new ComtradeError("counts", { file }, "a single sample has no rate");
	}
	const first_s = stamps_s[0]!;
	const interval_s = (stamps_s[samples - 1]! - first_s) / (samples - 1);
	let isEven = true;
	let shortest_s = interval_s;
	for (let n = 1; n < samples; n++) {
		if (Math.abs(stamps_s[n]! - first_s - n * interval_s) > jitter * interval_s) isEven = false;
		shortest_s = Math.min(shortest_s, stamps_s[n]! - stamps_s[n - 1]!);
	}
	if (isEven) return straighten(recording, 1 / interval_s, samples);
	const duration_s = interval_s * samples;
	const count = gridCount(duration_s / shortest_s, samples, file);
	const times_s = stamps_s.map((stamp_s) => stamp_s - first_s);
	const cubic = new CubicReader(times_s, duration_s);
	const channels = recording.channels.map((values) =>
		values === undefined
			? undefined
			: new Float64Array(count).map((_, n) => cubic.read(values, (n * duration_s) / count)),
	);
	return { rate_Hz: count / duration_s, count, channels };
}

/** Moves channels that were converted later than their stamp back to it. */
function straighten(recording: Comtrade, rate_Hz: number, count: number): RegularLoop {
	const { analog } = recording.configuration;
	const channels = recording.channels.map((samples, terminal) => {
		if (samples === undefined) return undefined;
		const skew = (analog[recording.sources[terminal]!]!.skew_us * 1e-6 * rate_Hz) % count;
		if (skew === 0) return samples;
		const loop = padLoop(samples);
		const weights = new Float64Array(taps);
		const before = Math.floor(-skew);
		new InterpolationKernel(0.5).weights(-skew - before, weights);
		return samples.map((_, n) => {
			const at = (((n + before) % count) + count) % count;
			let sum = 0;
			for (let k = 0; k < taps; k++) sum += weights[k]! * loop[at + k]!;
			return sum;
		});
	});
	return { rate_Hz, count, channels };
}

function readStretches(
	samples: Float64Array,
	stretches: readonly Stretch[],
	times_s: Float64Array,
	duration_s: number,
	rate_Hz: number,
	count: number,
): Float64Array {
	const cubic = new CubicReader(times_s, duration_s);
	const kernel = new InterpolationKernel(0.5);
	const weights = new Float64Array(taps);
	const out = new Float64Array(count);
	let s = 0;
	for (let n = 0; n < count; n++) {
		const time_s = n / rate_Hz;
		while (s + 1 < stretches.length && time_s >= stretches[s + 1]!.start_s) s++;
		const stretch = stretches[s]!;
		const place = (time_s - stretch.start_s) * stretch.rate_Hz;
		const at = Math.floor(place);
		kernel.weights(place - at, weights);
		let sum = 0;
		for (let k = 0; k < taps; k++) {
			const tap = at + k - (taps / 2 - 1);
			const isInside = tap >= 0 && tap < stretch.count;
			const value = isInside
				? samples[stretch.first + tap]!
				: cubic.read(samples, stretch.start_s + tap / stretch.rate_Hz);
			sum += weights[k]! * value;
		}
		out[n] = sum;
	}
	return out;
}

/** Lagrange polynomials of third degree through the four samples around an instant of a loop. */
class CubicReader {
	readonly #times_s: Float64Array;
	readonly #duration_s: number;
	readonly #x = new Float64Array(4);
	readonly #y = new Float64Array(4);

	/** @param times_s rising from 0, all below `duration_s` */
	constructor(times_s: Float64Array, duration_s: number) {
		this.#times_s = times_s;
		this.#duration_s = duration_s;
	}

	read(values: Float64Array, time_s: number): number {
		const count = values.length;
		const inLoop_s = time_s - Math.floor(time_s / this.#duration_s) * this.#duration_s;
		const left = this.#before(inLoop_s);
		for (let k = 0; k < 4; k++) {
			const n = left - 1 + k;
			const turns = Math.floor(n / count);
			this.#x[k] = this.#times_s[n - turns * count]! + turns * this.#duration_s - inLoop_s;
			this.#y[k] = values[n - turns * count]!;
		}
		let sum = 0;
		for (let k = 0; k < 4; k++) {
			let weight = 1;
			for (let m = 0; m < 4; m++) {
				if (m !== k) weight *= this.#x[m]! / (this.#x[m]! - this.#x[k]!);
			}
			sum += weight * this.#y[k]!;
		}
		return sum;
	}

	/** Index of the last sample at or before a time. */
	#before(time_s: number): number {
		let low = 0;
		let high = this.#times_s.length;
		while (high - low > 1) {
			const middle = (low + high) >>> 1;
			if (this.#times_s[middle]! <= time_s) low = middle;
			else high = middle;
		}
		return low;
	}
}

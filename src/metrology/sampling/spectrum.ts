// SPDX-License-Identifier: Apache-2.0
import { cosine, pointsPerCycle, sine, sineShift } from "./sine-table.js";

/** Harmonics of a block reach this order at most. */
export const highestOrder = 40;

/** A phasor of 1 stands for a peak of 2^-14 codes. */
export const phasorsPerCode = 16_384;

/** Two points make one complex value. */
const length = pointsPerCycle / 2;
/** Points are brought to this many bits, sign apart: a product with the table, and the sum of two, stay below 2^31. */
const pointBits = 16;
/** Left shift that brings the transform of points of 16 bits to phasors: 2^14 per code, of which four were added. */
const phasorShift = 12;
const half = 1 << (sineShift - 1);

/** Places 0..63 with their three digits to the base of 4 in reverse. */
const reversed = new Uint8Array(length);
for (let n = 0; n < length; n++) reversed[n] = ((n & 3) << 4) | (n & 12) | (n >> 4);

/**
 * Fundamental and harmonics of one channel from the sum of four cycles of 128 points: a fast Fourier transform in 32 bit
 * integers, in the memory of the points.
 *
 * Even and odd points are taken as real and imaginary parts of 64 complex values. The points are first brought to 16 bits,
 * up or down, so that small signals keep their resolution; each of the three steps takes a quarter of its sums,
 * rounded, so that nothing can overflow, rails included. The error of a phasor is some 2·10^-5 of the largest point, that of the THD 0.01 %.
 */
export class Spectrum {
	/** Phasors by order, 1..`highestOrder`: x(n) = Σ (re · cos(2πhn/128) − im · sin(2πhn/128)) / `phasorsPerCode`. */
	readonly re = new Int32Array(highestOrder + 1);
	readonly im = new Int32Array(highestOrder + 1);

	/** Transforms the 128 points at `points[from …]`, |point| <= 2^17; they are used up. */
	transform(points: Int32Array, from: number): void {
		const shift = pointBits - bitsOf(points, from);
		reverse(points, from);
		firstStep(points, from, shift);
		step(points, from, 4);
		step(points, from, 16);
		this.separate(points, from, phasorShift - shift);
	}

	/** Takes the spectrum of the real points out of that of the complex values. */
	private separate(points: Int32Array, from: number, scale: number): void {
		const { re, im } = this;
		const down = Math.max(-scale, 0);
		const up = Math.max(scale, 0);
		const rounding = down === 0 ? 0 : 1 << (down - 1);
		for (let order = 1; order <= highestOrder; order++) {
			const at = from + 2 * order;
			const mirror = from + 2 * (length - order);
			const a = points[at]!;
			const b = points[at + 1]!;
			const c = points[mirror]!;
			const d = points[mirror + 1]!;
			const cos = cosine[order]!;
			const sin = sine[order]!;
			const oddRe = (b + d + 1) >> 1;
			const oddIm = (c - a + 1) >> 1;
			const x = ((a + c + 1) >> 1) + ((oddRe * cos + oddIm * sin + half) >> sineShift);
			const y = ((b - d + 1) >> 1) + ((oddIm * cos - oddRe * sin + half) >> sineShift);
			re[order] = ((x + rounding) >> down) << up;
			im[order] = ((y + rounding) >> down) << up;
		}
	}
}

/** Bits of the largest point, sign apart. */
function bitsOf(points: Int32Array, from: number): number {
	let bits = 0;
	for (let n = 0; n < pointsPerCycle; n++) {
		const value = points[from + n]!;
		bits |= value < 0 ? ~value : value;
	}
	return 32 - Math.clz32(bits);
}

/** Puts the complex values into the order in which their steps come. */
function reverse(points: Int32Array, from: number): void {
	for (let n = 0; n < length; n++) {
		const other = reversed[n]!;
		if (other <= n) continue;
		const a = from + 2 * n;
		const b = from + 2 * other;
		const re = points[a]!;
		const im = points[a + 1]!;
		points[a] = points[b]!;
		points[a + 1] = points[b + 1]!;
		points[b] = re;
		points[b + 1] = im;
	}
}

/** Transforms of four values, which need no table; brings the points to 16 bits on the way. */
function firstStep(points: Int32Array, from: number, shift: number): void {
	const up = Math.max(shift, 0);
	const down = 2 + Math.max(-shift, 0);
	const rounding = 1 << (down - 1);
	const end = from + pointsPerCycle;
	for (let at = from; at < end; at += 8) {
		const aRe = (points[at]! << up) + rounding;
		const aIm = (points[at + 1]! << up) + rounding;
		const bRe = points[at + 2]! << up;
		const bIm = points[at + 3]! << up;
		const cRe = points[at + 4]! << up;
		const cIm = points[at + 5]! << up;
		const dRe = points[at + 6]! << up;
		const dIm = points[at + 7]! << up;
		points[at] = (aRe + bRe + cRe + dRe) >> down;
		points[at + 1] = (aIm + bIm + cIm + dIm) >> down;
		points[at + 2] = (aRe + bIm - cRe - dIm) >> down;
		points[at + 3] = (aIm - bRe - cIm + dRe) >> down;
		points[at + 4] = (aRe - bRe + cRe - dRe) >> down;
		points[at + 5] = (aIm - bIm + cIm - dIm) >> down;
		points[at + 6] = (aRe - bIm - cRe + dIm) >> down;
		points[at + 7] = (aIm + bRe - cIm - dRe) >> down;
	}
}

/** Joins transforms of `size` values by fours, a quarter of each sum. */
function step(points: Int32Array, from: number, size: number): void {
	const apart = 2 * size;
	const stride = 8 * size;
	const turn = length / 2 / size; // 1/128 of a circle per value
	const end = from + pointsPerCycle;
	for (let k = 0; k < size; k++) {
		const angle = k * turn;
		const cos1 = cosine[angle]!;
		const sin1 = sine[angle]!;
		const cos2 = cosine[2 * angle]!;
		const sin2 = sine[2 * angle]!;
		const cos3 = cosine[3 * angle]!;
		const sin3 = sine[3 * angle]!;
		for (let a = from + 2 * k; a < end; a += stride) {
			const b = a + apart;
			const c = b + apart;
			const d = c + apart;
			let re = points[b]!;
			let im = points[b + 1]!;
			const bRe = (re * cos1 + im * sin1 + half) >> sineShift;
			const bIm = (im * cos1 - re * sin1 + half) >> sineShift;
			re = points[c]!;
			im = points[c + 1]!;
			const cRe = (re * cos2 + im * sin2 + half) >> sineShift;
			const cIm = (im * cos2 - re * sin2 + half) >> sineShift;
			re = points[d]!;
			im = points[d + 1]!;
			const dRe = (re * cos3 + im * sin3 + half) >> sineShift;
			const dIm = (im * cos3 - re * sin3 + half) >> sineShift;
			re = points[a]! + 2;
			im = points[a + 1]! + 2;
			points[a] = (re + bRe + cRe + dRe) >> 2;
			points[a + 1] = (im + bIm + cIm + dIm) >> 2;
			points[b] = (re + bIm - cRe - dIm) >> 2;
			points[b + 1] = (im - bRe - cIm + dRe) >> 2;
			points[c] = (re - bRe + cRe - dRe) >> 2;
			points[c + 1] = (im - bIm + cIm - dIm) >> 2;
			points[d] = (re - bIm - cRe + dIm) >> 2;
			points[d + 1] = (im + bRe - cIm - dRe) >> 2;
		}
	}
}

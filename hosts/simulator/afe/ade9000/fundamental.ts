// SPDX-License-Identifier: Apache-2.0
import { TriangularMean } from "../dsp/running-mean.js";
import { blockLength } from "./input-stage.js";

/** Samples of each of the two means: 100 ms. */
export const meanLength = 800;
const signals = 6;

const blocks = (): readonly Float64Array[] => Array.from({ length: signals }, () => new Float64Array(blockLength));

/**
 * Fundamentals of VA VB VC IA IB IC: each is turned back by the angle of the mains and averaged over two windows of
 * 100 ms, which leaves its phasor. All share one rotation, so that their angles can be compared.
 */
export class FundamentalExtractor {
	/** Phasors of the present block, rms codes. */
	readonly re = blocks();
	readonly im = blocks();
	readonly #meansRe = Array.from({ length: signals }, () => new TriangularMean(meanLength));
	readonly #meansIm = Array.from({ length: signals }, () => new TriangularMean(meanLength));
	readonly #cosine = new Float64Array(blockLength);
	readonly #sine = new Float64Array(blockLength);
	#cycles = 0;

	/** @param samplesPerCycle of the mains */
	process(waves: readonly Float64Array[], count: number, samplesPerCycle: number): void {
		this.#rotate(count, samplesPerCycle);
		const cosine = this.#cosine;
		const sine = this.#sine;
		for (let c = 0; c < signals; c++) {
			const wave = waves[c]!;
			const re = this.re[c]!;
			const im = this.im[c]!;
			for (let n = 0; n < count; n++) {
				re[n] = wave[n]! * cosine[n]!;
				im[n] = -wave[n]! * sine[n]!;
			}
			this.#meansRe[c]!.process(re, count);
			this.#meansIm[c]!.process(im, count);
		}
	}

	/** √2 times the turning phasor, so that the mean is an rms value. */
	#rotate(count: number, samplesPerCycle: number): void {
		const angle = 2 * Math.PI * this.#cycles;
		const turn = (2 * Math.PI) / samplesPerCycle;
		let re = Math.SQRT2 * Math.cos(angle);
		let im = Math.SQRT2 * Math.sin(angle);
		const turnRe = Math.cos(turn);
		const turnIm = Math.sin(turn);
		for (let n = 0; n < count; n++) {
			this.#cosine[n] = re;
			this.#sine[n] = im;
			const next = re * turnRe - im * turnIm;
			im = re * turnIm + im * turnRe;
			re = next;
		}
		this.#cycles += count / samplesPerCycle;
		this.#cycles -= Math.floor(this.#cycles);
	}
}

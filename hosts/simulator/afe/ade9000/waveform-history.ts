// SPDX-License-Identifier: Apache-2.0
import { channelCount } from "../../grid/terminals.js";
import { sincReach, sincWeights } from "../dsp/windowed-sinc.js";
import { bufferOrder, type ResampledBlock, resampledPoints, resampledSets } from "./waveform-buffer.js";

/** Samples kept: four cycles of 40 Hz, the interpolator's reach and one block. */
const length = 2048;
const resampledDivisor = 4096;

/** The last samples of a seven-channel signal. */
export class WaveformHistory {
	readonly #rings: readonly Int32Array[] = Array.from({ length: channelCount }, () => new Int32Array(length));
	readonly #weights = new Float64Array(2 * sincReach);

	/** Keeps `count` samples; `position` is the number of the first. */
	put(waves: readonly Float64Array[], position: number, count: number): void {
		for (let c = 0; c < channelCount; c++) {
			const ring = this.#rings[c]!;
			const wave = waves[c]!;
			for (let n = 0; n < count; n++) ring[(position + n) % length] = Math.round(wave[n]!);
		}
	}

	at(position: number, c: number): number {
		return this.#rings[c]![position % length]!;
	}

	/**
	 * Four cycles of 128 points ending behind sample `start + 4 · samplesPerCycle`; the interpolator's reach is taken from
	 * the past.
	 */
	fillResampled(start: number, samplesPerCycle: number, into: ResampledBlock): void {
		const weights = this.#weights;
		for (let n = 0; n < resampledSets; n++) {
			const instant = start - sincReach + (n * samplesPerCycle) / resampledPoints;
			const whole = Math.floor(instant);
			sincWeights(instant - whole, weights);
			const first = whole - (sincReach - 1) + length;
			for (let w = 0; w < channelCount; w++) {
				const ring = this.#rings[bufferOrder[w]!]!;
				let sum = 0;
				for (let k = 0; k < weights.length; k++) sum += weights[k]! * ring[(first + k) % length]!;
				into.put(n, w, Math.max(-32_768, Math.min(32_767, Math.round(sum / resampledDivisor))));
			}
		}
	}
}

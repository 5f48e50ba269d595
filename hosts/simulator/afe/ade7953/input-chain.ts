// SPDX-License-Identifier: Apache-2.0
import { FirBand } from "../dsp/fir-band.js";
import type { Gaussian } from "../dsp/gaussian.js";
import { HighPass } from "../dsp/high-pass.js";
import { DelayLine } from "../dsp/hilbert.js";
import { OnePole } from "../dsp/one-pole.js";
import { TriangularMean } from "../dsp/running-mean.js";
import { FractionalDelay } from "../dsp/windowed-sinc.js";
import { ZeroCrossing } from "../dsp/zero-crossing.js";
import {
	bandTaps,
	highPassCorner_Hz,
	highPassScale,
	rmsWindow,
	zeroCrossingLatency,
	zeroCrossingPole_Hz,
} from "./band.js";
import { type InputPath, nominalRate_Hz, type Settings, zeroCrossingFloor } from "./settings.js";

/** Greatest number of samples processed at once. */
export const blockLength = 256;

/** The band filter already makes a crossing one sample late. */
const bandLatency = (bandTaps.length - 1) / 2;
const noiseGain = FirBand.noiseGain(bandTaps);

/** One input from the terminals to its waveform, its mean square and its zero crossings. */
export class InputChain {
	/** Waveform codes of the block. */
	readonly wave = new Float64Array(blockLength);
	/** Mean squares behind the RMS window. */
	readonly meanSquare = new Float64Array(blockLength);
	readonly crossings = new ZeroCrossing();
	readonly #filtered = new Float64Array(blockLength);
	readonly #random: Gaussian;
	readonly #band = new FirBand(bandTaps);
	readonly #highPass = new HighPass(highPassCorner_Hz, nominalRate_Hz);
	readonly #pole = new OnePole(OnePole.coefficient(zeroCrossingPole_Hz, nominalRate_Hz));
	readonly #square = new TriangularMean(rmsWindow);
	#delay: DelayLine | FractionalDelay = new DelayLine(FractionalDelay.base);
	#path: InputPath | undefined;
	#isHighPassOn = true;

	constructor(random: Gaussian) {
		this.#random = random;
	}

	/** Delay that PHCAL and tolerances ask for; crossings are found before it. */
	get delay_samples(): number {
		return this.#path?.delay_samples ?? 0;
	}

	reset(): void {
		this.#band.reset();
		this.#highPass.reset();
		this.#pole.reset();
		this.#square.reset();
		this.#delay.reset();
		this.crossings.reset();
		this.wave.fill(0);
		this.meanSquare.fill(0);
	}

	configure(path: InputPath, settings: Settings): void {
		const before = this.delay_samples;
		this.#path = path;
		this.#isHighPassOn = settings.isHighPassOn;
		if (path.delay_samples === before) return;
		this.#delay =
			path.delay_samples === 0
				? new DelayLine(FractionalDelay.base)
				: new FractionalDelay(path.delay_samples, blockLength);
	}

	/** Takes `count` samples of the terminals in volts or amperes. */
	process(raw: Float64Array, count: number): void {
		const { wave, meanSquare } = this;
		this.#convert(raw, count);
		this.#band.process(wave, count);
		if (this.#isHighPassOn) this.#highPass.process(wave, count);
		const gain = this.#path!.gain * (this.#isHighPassOn ? highPassScale : 1);
		for (let n = 0; n < count; n++) wave[n]! *= gain;
		this.#pole.process(wave, this.#filtered, count);
		if (this.#delay instanceof DelayLine) this.#delay.process(wave, wave, count);
		else this.#delay.process(wave, count);
		for (let n = 0; n < count; n++) meanSquare[n] = wave[n]! * wave[n]!;
		this.#square.process(meanSquare, count);
	}

	/** Zero crossing at sample `k` of the block, the `total`-th since reset: 1 rising, −1 falling. */
	detect(k: number, total: number): -1 | 0 | 1 {
		return this.crossings.next(total, this.#filtered[k]!, zeroCrossingFloor);
	}

	/** Level of the zero-crossing output at sample `total`. */
	crossingLevel(total: number): 0 | 1 {
		const { rising, falling } = this.crossings;
		if (rising === falling) return 0; // neither has been
		const isUp = rising > falling;
		const isOut = Math.max(rising, falling) + zeroCrossingLatency - bandLatency <= total;
		return isUp === isOut ? 1 : 0;
	}

	#convert(raw: Float64Array, count: number): void {
		const { wave } = this;
		const { scale, offset, noise, clip, stuckAt } = this.#path!;
		if (stuckAt !== undefined) {
			wave.fill(Math.max(-clip, Math.min(clip, Math.round(stuckAt))), 0, count);
			return;
		}
		for (let n = 0; n < count; n++) wave[n] = raw[n]! * scale + offset;
		if (noise > 0) this.#random.addTo(wave, count, noise / noiseGain);
		for (let n = 0; n < count; n++) wave[n] = Math.round(Math.max(-clip, Math.min(clip, wave[n]!)));
	}
}

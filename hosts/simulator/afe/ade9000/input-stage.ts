// SPDX-License-Identifier: Apache-2.0
import { channelCount } from "../../grid/terminals.js";
import { FirBand } from "../dsp/fir-band.js";
import { FractionalDelay } from "../dsp/windowed-sinc.js";
import type { ChipParts } from "./chip.js";
import { bandTaps, fullScalePeak, noiseRatio, sincFullScalePeak } from "./constants.js";

/** Longest block of samples that is worked on at once. */
export const blockLength = 400;
const sincFactor = 4;
/** The converter has 24 bits; registers show them four bits up. */
const converterStep = 16;
/** Noise before the band filter, rms relative to full-scale peak. */
const noiseSigma = (noiseRatio * Math.SQRT1_2) / FirBand.noiseGain(bandTaps);

const perChannel = (length: number): readonly Float64Array[] =>
	Array.from({ length: channelCount }, () => new Float64Array(length));

/** Waveform gear: from the terminals to converter codes, and those behind the band filter. Arrays go by converter. */
export class InputStage {
	/** Codes of the present block behind the band filter. */
	readonly lpf = perChannel(blockLength);
	/** Code of the last sample before it. */
	readonly last = new Float64Array(channelCount);
	/** Codes of the 32 kSPS output of the present block, when asked for. */
	readonly sinc = perChannel(sincFactor * blockLength);
	readonly #parts: ChipParts;
	readonly #bands: readonly FirBand[];
	readonly #delays: readonly FractionalDelay[];

	constructor(parts: ChipParts) {
		this.#parts = parts;
		this.#bands = Array.from({ length: channelCount }, () => new FirBand(bandTaps));
		const { input, clock } = parts;
		const delays = input.hasDelay ? [...input.delay_s] : [];
		this.#delays = delays.map((delay_s) => new FractionalDelay(delay_s * clock.rate_Hz, blockLength));
	}

	/** Takes samples `position + 1 … position + count`. */
	take(position: number, count: number): void {
		const { terminals, clock } = this.#parts;
		terminals.sample(clock.timeOf(position + 1), clock.rate_Hz, count, this.lpf);
		for (let c = 0; c < channelCount; c++) {
			const samples = this.lpf[c]!;
			this.#delays[c]?.process(samples, count);
			this.#convert(c, samples, count, 1);
			this.last[c] = samples[count - 1]!;
			this.#bands[c]!.process(samples, count);
		}
	}

	/** Fills `sinc` for the same samples; quarter `k` of sample n is at `4·(n − position − 1) + k`. */
	takeSinc(position: number, count: number): void {
		const { terminals, clock } = this.#parts;
		const rate_Hz = clock.rate_Hz * sincFactor;
		terminals.sample(clock.timeOf(position + 1 / sincFactor), rate_Hz, count * sincFactor, this.sinc);
		for (let c = 0; c < channelCount; c++) {
			this.#convert(c, this.sinc[c]!, count * sincFactor, sincFullScalePeak / fullScalePeak);
		}
	}

	/** Gain, offset, noise, limits and resolution of a converter, in place. */
	#convert(c: number, samples: Float64Array, count: number, outputScale: number): void {
		const { input, settings, noise } = this.#parts;
		if (settings.isEnabled[c] === 0) {
			samples.fill(0, 0, count);
			return;
		}
		const stuck = input.stuck[c]!;
		const scale = Number.isNaN(stuck) ? input.scale[c]! * settings.pga[c]! : 0;
		const offset = Number.isNaN(stuck) ? input.offset[c]! : stuck;
		for (let n = 0; n < count; n++) samples[n] = samples[n]! * scale + offset;
		if (noise !== undefined && Number.isNaN(stuck)) noise.addTo(samples, count, noiseSigma);
		const codes = (fullScalePeak * outputScale) / converterStep;
		for (let n = 0; n < count; n++) {
			const x = samples[n]!;
			const limited = Math.min(1, Math.max(-1, x));
			samples[n] = Math.round(limited * codes) * converterStep;
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
import { HighPass } from "../dsp/high-pass.js";
import { Hilbert } from "../dsp/hilbert.js";
import { nominalRate_Hz } from "./settings.js";

/** Pass band of the signal processor: −0.47 dB at 500 Hz, −3.01 dB at 1230 Hz (data sheet: 1.23 kHz), −1.94 dB at 1 kHz. */
export const bandTaps: readonly number[] = Object.freeze([0.265728, 0.468544, 0.265728]);
/** Corner of the high-pass that removes direct components. */
export const highPassCorner_Hz = 0.625;
const highPassPole = HighPass.coefficient(highPassCorner_Hz, nominalRate_Hz);
/** Makes the pass band of the high-pass 1. */
export const highPassScale = (1 + highPassPole) / (2 * highPassPole);
/** Single pole in front of the zero-crossing detectors (data sheet, LPF1). */
export const zeroCrossingPole_Hz = 80;
/** Samples by which the detectors are late beside that pole: 2.2 ms in all at 50 Hz (data sheet). */
export const zeroCrossingLatency = 3;
/** Low-pass behind the power multipliers, about 10 Hz. */
export const powerPole = 1 / 128;
/** Samples of each of the two running means behind the squares: 100 ms. */
export const rmsWindow = 699;
/** Samples of the mean that decides about no-load: 1 s. */
export const noLoadWindow = 6992;
/** Noise bandwidth of the pass band. */
export const noiseBand_Hz = 1260;

/** The 90° filter of the reactive power, unity at 50 Hz. */
export function createHilbert(): Hilbert {
	return new Hilbert(511, 7, (2 * Math.PI * 50) / nominalRate_Hz);
}

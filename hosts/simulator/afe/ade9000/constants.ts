// SPDX-License-Identifier: Apache-2.0

/** Samples per second of the DSP with an exact crystal. */
export const nominalRate_Hz = 8000;
/** Code of the DSP waveform at full scale (1 V peak at the pin with gain 1). */
export const fullScalePeak = 74_532_013;
/** The same for the 32 kSPS sinc output. */
export const sincFullScalePeak = 67_107_786;
/** RMS code of a full-scale sine. */
export const fullScaleRms = fullScalePeak * Math.SQRT1_2;
/** Products of two codes become power codes by this divisor. */
export const powerDivisor = 2 ** 27;
/** Unity of the gain registers, of PF and of THD. */
export const unity_Q27 = 2 ** 27;
/** Comparison levels of the quality functions are RMS codes divided by this. */
export const levelDivisor = 32;

/** Pass band of the 8 kSPS outputs: −0.10 dB at 1344 Hz, −3.01 dB at 3.2 kHz; V and I alike. */
export const bandTaps = Object.freeze([-0.026761, 0.091175, 0.871172, 0.091175, -0.026761]);
/** White noise of a channel relative to full scale, both rms, behind the band filter: −96 dB. */
export const noiseRatio = 10 ** (-96 / 20);
/** Corner of the low-pass in front of the zero-crossing detectors. */
export const zeroCrossingCorner_Hz = 80;
/** Bandwidth of a channel's noise. */
export const noiseBand_Hz = 3100;
/** Quadrature filter of the total reactive power. */
export const hilbertLength = 511;
export const hilbertBeta = 7;
/** PF and THD are refreshed every so many samples: 1.024 s. */
export const ratioInterval = 8192;

/** 45-bit user accumulators hold the low 13 bits in LO. */
export const lowPart = 8192;

/** Folds an integer into `bits` bits, two's complement. */
export function fold(value: number, bits: number): number {
	const span = 2 ** bits;
	const half = span / 2;
	if (value >= -half && value < half) return value;
	return value - Math.floor((value + half) / span) * span;
}

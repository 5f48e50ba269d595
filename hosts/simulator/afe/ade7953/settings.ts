// SPDX-License-Identifier: Apache-2.0
import type { BoardDescriptor } from "../../../../src/models/board.js";
import { channel } from "../../grid/terminals.js";
import type { RegisterFile } from "./register-file.js";
import { config, reg } from "./registers.js";

/** Crystal 3.58 MHz / 512: rate of the signal processor and of all result registers. */
export const nominalRate_Hz = 6992.1875;
/** Crystal / 16: clock of the period and angle counters. */
export const counterRate_Hz = 223_750;
/** Crystal / 256: clock of the zero-crossing timeout. */
export const timeoutRate_Hz = 13_984.375;

/** Codes at full-scale input (data sheet): crest of a waveform register, RMS, power. */
export const waveformFullScale = 6_500_000;
export const rmsFullScale = 9_032_007;
export const powerFullScale = 4_862_401;
/** RMS code of a waveform whose RMS is one waveform code. */
export const rmsPerWaveform = (rmsFullScale * Math.SQRT2) / waveformFullScale;
/** Power code of a mean product of one squared waveform code. */
export const powerPerProduct = (2 * powerFullScale) / waveformFullScale ** 2;
/** Power code of a product of two RMS codes of one. */
export const powerPerRmsProduct = powerFullScale / rmsFullScale ** 2;
/** A zero crossing counts only where the filtered crest is above 1 : 1250 of full scale. */
export const zeroCrossingFloor = waveformFullScale / 1250;

/** Index of the three inputs: voltage, phase current, neutral current. */
export type Input = 0 | 1 | 2;
export const inputV = 0;
export const inputA = 1;
export const inputB = 2;

/** How one unit of the chip differs from its data sheet; per input. */
export interface InputTolerance {
	/** Relative error of the gain: 0.004 reads 0.4 % too much. */
	readonly gain?: number;
	/** How much later than true the signal arrives, microseconds. */
	readonly delay_us?: number;
	/** Direct component added at the input, as a share of the full-scale crest. */
	readonly offset?: number;
}

export interface Tolerances {
	readonly v?: InputTolerance;
	readonly a?: InputTolerance;
	readonly b?: InputTolerance;
}

/** Faults of the analogue side. */
export interface SignalFaults {
	/** The converter of an input stays at this level (−1 … 1 of full scale) whatever its input is. */
	readonly stuck?: { readonly v?: number; readonly a?: number; readonly b?: number };
	/** The sensors of the two current channels are exchanged. */
	readonly areSwapped?: boolean;
	readonly isReversedA?: boolean;
	readonly isReversedB?: boolean;
	/** Added to `crystal_ppm`. */
	readonly crystalOffset_ppm?: number;
}

/** Way of one input to its waveform register. */
export interface InputPath {
	/** Channel of the terminals. */
	readonly terminal: number;
	/** Converter codes per volt or ampere. */
	readonly scale: number;
	/** Converter codes added. */
	readonly offset: number;
	/** Greatest converter code. */
	readonly clip: number;
	/** Noise behind the band filter, rms codes. */
	readonly noise: number;
	readonly stuckAt: number | undefined;
	/** xIGAIN, AVGAIN. */
	readonly gain: number;
	/** Delay against the voltage input, samples: tolerance and PHCAL together. */
	readonly delay_samples: number;
}

/** Arithmetic of one current channel behind the waveforms. */
export interface PowerPath {
	/** BVGAIN acts on the powers of channel B where AVGAIN acts on all else: 1 while they are equal. */
	readonly voltageGainRatio: number;
	readonly wattGain: number;
	readonly varGain: number;
	readonly vaGain: number;
	readonly wattOffset: number;
	readonly varOffset: number;
	readonly vaOffset: number;
}

/** Everything that the signal processing takes from registers, tolerances and faults. */
export interface Settings {
	readonly rate_Hz: number;
	readonly crystalFactor: number;
	readonly isHighPassOn: boolean;
	readonly inputs: readonly [InputPath, InputPath, InputPath];
	/** Offset under the root, squared RMS codes. */
	readonly rmsOffset: readonly [number, number, number];
	/** Channel A, channel B. */
	readonly powers: readonly [PowerPath, PowerPath];
}

export interface SettingsSource {
	readonly board: BoardDescriptor;
	readonly noise: boolean;
	readonly tolerances: Tolerances;
	readonly crystal_ppm: number;
	readonly faults: SignalFaults;
}

/** Gains that the reference board is made for: its full scales hold with these in PGA_V, PGA_IA, PGA_IB. */
const boardPga: readonly number[] = [1, 16, 1];
const pgaFactors: readonly number[] = [1, 2, 4, 8, 16, 22, 1, 1];
/** Noise against full scale (data sheet, signal to noise ratio): V, IA, IB. */
const noise_dB: readonly number[] = [-70, -74, -72];
/** What a chip without its mandatory setting measures too much; the data sheet only says "out of specification". */
const withoutOptimum = 1.01;
const phaseStep_s = 1.117e-6;
const unityGain = 0x40_0000;

const toleranceNames = ["v", "a", "b"] as const;

/** @throws RangeError when a tolerance is not a sensible number */
export function requireTolerances(tolerances: Tolerances): void {
	for (const name of toleranceNames) {
		const { gain = 0, delay_us = 0, offset = 0 } = tolerances[name] ?? {};
		if (Math.abs(gain) < 1 && Math.abs(delay_us) <= 300 && Math.abs(offset) <= 1) continue;
		throw new RangeError(`tolerance of input ${name}: gain ${gain}, delay ${delay_us} µs, offset ${offset}`);
	}
}

export function readSettings(file: RegisterFile, source: SettingsSource): Settings {
	const { faults } = source;
	const crystalFactor = 1 + (source.crystal_ppm + (faults.crystalOffset_ppm ?? 0)) * 1e-6;
	const rate_Hz = nominalRate_Hz * crystalFactor;
	const input = (n: Input) => readInput(file, source, n, rate_Hz);
	return {
		rate_Hz,
		crystalFactor,
		isHighPassOn: (file.get(reg.CONFIG) & config.highPass) !== 0,
		inputs: [input(inputV), input(inputA), input(inputB)],
		rmsOffset: [file.get(reg.VRMSOS) * 4096, file.get(reg.AIRMSOS) * 4096, file.get(reg.BIRMSOS) * 4096],
		powers: [
			readPower(file, 1, [reg.AWGAIN, reg.AVARGAIN, reg.AVAGAIN], [reg.AWATTOS, reg.AVAROS, reg.AVAOS]),
			readPower(
				file,
				file.get(reg.BVGAIN) / Math.max(1, file.get(reg.AVGAIN)),
				[reg.BWGAIN, reg.BVARGAIN, reg.BVAGAIN],
				[reg.BWATTOS, reg.BVAROS, reg.BVAOS],
			),
		],
	};
}

function readInput(file: RegisterFile, source: SettingsSource, n: Input, rate_Hz: number): InputPath {
	const { board, faults, tolerances } = source;
	const tolerance = tolerances[toleranceNames[n]] ?? {};
	const pgaFactor = pgaFactors[file.get(reg.PGA_V + n)]!;
	const pga = pgaFactor / boardPga[n]!;
	const fullScale_milli = [board.voltageFullScale_mV, board.currentFullScale_mA, board.neutralFullScale_mA];
	const sensor = faults.areSwapped === true && n !== inputV ? 3 - n : n;
	// The board's full scale belongs to the input; a swapped sensor brings its own, so that its amperes stay true.
	const fullScale = fullScale_milli[sensor]! / 1000;
	const isReversed = (n === inputA && faults.isReversedA) || (n === inputB && faults.isReversedB);
	const isOptimum = file.get(reg.OPTIMUM) === 0x30;
	const scale =
		fullScale > 0
			? (waveformFullScale / (fullScale * Math.SQRT2)) *
				pga *
				(1 + (tolerance.gain ?? 0)) *
				(isReversed ? -1 : 1) *
				(isOptimum || n === inputV ? 1 : withoutOptimum)
			: 0;
	const stuckLevel = faults.stuck?.[toleranceNames[n]];
	const stuckAt = stuckLevel === undefined ? undefined : stuckLevel * waveformFullScale;
	const noiseRms = (waveformFullScale / Math.SQRT2) * 10 ** (noise_dB[n]! / 20);
	const terminals = [channel.u1, channel.i1, channel.neutral];
	let delay_s = 0;
	if (n !== inputV) {
		const late_us = (tolerance.delay_us ?? 0) - (tolerances.v?.delay_us ?? 0);
		delay_s = late_us * 1e-6 + phaseShift_s(file.get(n === inputA ? reg.PHCALA : reg.PHCALB));
	}
	const gainRegister = n === inputV ? reg.AVGAIN : n === inputA ? reg.AIGAIN : reg.BIGAIN;
	return {
		terminal: terminals[sensor]!,
		scale,
		offset: (tolerance.offset ?? 0) * waveformFullScale,
		// IA on a single pin takes ±250 mV: with gain 1 only half of the range
		clip: n === inputA && pgaFactor === 1 ? waveformFullScale / 2 : waveformFullScale,
		noise: source.noise && stuckAt === undefined ? noiseRms : 0,
		stuckAt,
		gain: file.get(gainRegister) / unityGain,
		delay_samples: delay_s * rate_Hz,
	};
}

/** PHCALx is sign and magnitude: bit 9 advances the current. Magnitudes above 383 act as 383. */
function phaseShift_s(phcal: number): number {
	const magnitude = Math.min(phcal & 0x1ff, 383);
	return ((phcal & 0x200) !== 0 ? -magnitude : magnitude) * phaseStep_s;
}

function readPower(
	file: RegisterFile,
	voltageGainRatio: number,
	gains: readonly [number, number, number],
	offsets: readonly [number, number, number],
): PowerPath {
	return {
		voltageGainRatio,
		wattGain: file.get(gains[0]) / unityGain,
		varGain: file.get(gains[1]) / unityGain,
		vaGain: file.get(gains[2]) / unityGain,
		wattOffset: file.get(offsets[0]) / 512,
		varOffset: file.get(offsets[1]) / 512,
		vaOffset: file.get(offsets[2]) / 512,
	};
}

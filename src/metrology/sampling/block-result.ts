// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../../core/numbers.js";
import { pointsPerCycle } from "./sine-table.js";
import { highestOrder, phasorsPerCode, type Spectrum } from "./spectrum.js";
import {
	type ChannelKind,
	channelsPerPhase,
	cyclesPerBlock,
	halfCyclesPerBlock,
	type WaveformBlock,
} from "./waveform-block.js";

const points = pointsPerCycle * cyclesPerBlock;
const rail = 0xffff;
const unityDroop = 16_384;
const perOrder = highestOrder + 1;

/** Correction of a band that falls. */
export interface Droop {
	/** By what the harmonic `order` has to be multiplied, 16384 = 1; 16384 for the fundamental. */
	droop_Q14(order: number): number;
}

/** What a finished block says, in codes and shares. Two of them take turns: one is shown while the other is made. */
export class BlockResult {
	/** 0.01 % of the fundamental, index channel · 41 + order; order 0 holds the THD. */
	readonly shares: Uint16Array;
	/** Σx² of each half cycle, as in the block. */
	readonly squares: Float64Array;
	/** By phase, squared codes: active, reactive, reactive of the fundamental. */
	readonly powers: number[];
	period_points = 0;

	constructor(phases: number) {
		this.shares = new Uint16Array(phases * channelsPerPhase * perOrder);
		this.squares = new Float64Array(phases * channelsPerPhase * halfCyclesPerBlock);
		this.powers = zeros(phases * 3);
	}

	/** What the block itself has summed. */
	takeSums(block: WaveformBlock): void {
		this.squares.set(block.squares);
		for (let phase = 0; phase < block.phases; phase++) this.powers[3 * phase] = block.products[phase]! / points;
		this.period_points = block.period_points;
	}

	/** Shares and THD of one channel. @param droop corrects orders; left out where the band is flat */
	takeSpectrum(channel: number, spectrum: Spectrum, last: number, droop: Droop | undefined): void {
		const at = channel * perOrder;
		const { re, im } = spectrum;
		const fundamental = re[1]! * re[1]! + im[1]! * im[1]!;
		let sum = 0;
		for (let order = 2; order <= last; order++) {
			const x = re[order]!;
			const y = im[order]!;
			let square = x * x + y * y;
			if (droop !== undefined) {
				const gain = droop.droop_Q14(order) / unityDroop;
				square *= gain * gain;
			}
			sum += square;
			this.shares[at + order] = shareOf(square, fundamental);
		}
		this.shares[at + 1] = fundamental > 0 ? 10_000 : 0;
		this.shares[at] = shareOf(sum, fundamental);
	}

	/** Reactive powers of a phase, from 0. */
	takeReactive(phase: number, u: Spectrum, i: Spectrum, last: number): void {
		const scale = 1 / (2 * phasorsPerCode * phasorsPerCode);
		let sum = 0;
		for (let order = 1; order <= last; order++) {
			sum += u.im[order]! * i.re[order]! - u.re[order]! * i.im[order]!;
			if (order === 1) this.powers[3 * phase + 2] = sum * scale;
		}
		this.powers[3 * phase + 1] = sum * scale;
	}

	/** RMS codes of the whole block. */
	rms(phase: number, kind: ChannelKind): number {
		const at = (channelsPerPhase * phase + kind) * halfCyclesPerBlock;
		let sum = 0;
		for (let half = 0; half < halfCyclesPerBlock; half++) sum += this.squares[at + half]!;
		return Math.sqrt(sum / points);
	}

	/** RMS codes of the cycle that begins with half cycle `half`. */
	cycleRms(phase: number, kind: ChannelKind, half: number): number {
		const at = (channelsPerPhase * phase + kind) * halfCyclesPerBlock + half;
		return Math.sqrt((this.squares[at]! + this.squares[at + 1]!) / pointsPerCycle);
	}

	/** @param order 0 for the THD */
	share(phase: number, kind: ChannelKind, order: number): number {
		return this.shares[(channelsPerPhase * phase + kind) * perOrder + order]!;
	}
}

/** The square of a part below half of 0.01 %, 1/4·10^8 of the whole, rounds to nothing; a little less, so that rounding decides there. */
const nothing = 4.01e8;

/** √(part / whole) in 0.01 %, rounded, ending at the rail of a long-unsigned. */
function shareOf(part: number, whole: number): number {
	if (!(part * nothing >= whole) || !(whole > 0)) return 0;
	return Math.min(rail, Math.round(10_000 * Math.sqrt(part / whole)));
}

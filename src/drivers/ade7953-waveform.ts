// SPDX-License-Identifier: Apache-2.0
import type { FrontEnd } from "../metrology/front-end.js";
import type { Droop } from "../metrology/sampling/block-result.js";
import { type BlockSource, captureState } from "../metrology/sampling/block-source.js";
import {
	interpolationPoints,
	interpolationShift,
	interpolationSteps,
	interpolationWeights,
} from "../metrology/sampling/interpolation-table.js";
import {
	cyclesPerBlock,
	halfCyclesPerBlock,
	octetsPerPhase,
	pointsPerHalfCycle,
	type WaveformBlock,
} from "../metrology/sampling/waveform-block.js";
import type { ModelDescriptor } from "../models/model.js";
import type { WaveformSource } from "../ports/waveform-source.js";
import type { Ade7953Calibration } from "./ade7953-configuration.js";

/** 3.58 MHz / 512. */
const sampleRate_Hz = 6992.1875;
const pointsPerCycle = 2 * pointsPerHalfCycle;
/** RMS of the codes which the port delivers, at full scale: crest 6 500 000 / 256 (data sheet). */
const rmsFullScale = (6_500_000 / 256) * Math.SQRT1_2;
const activeGainUnity = 0x40_0000;

/** Position between two samples, Q16. */
const positionShift = 16;
const stepShift = 8; // 65536 positions to the 256 steps of the table

/** Sets taken from the port at once. */
const setsPerRead = 32;
const channelsPerSet = 3;
const indexCurrent = 0;
const indexVoltage = 2;

const lowestFrequency_mHz = 40_000;
const highestFrequency_mHz = 70_000;
/** Four samples around the last point, and the rate of a crystal that is off. */
const margin_ms = 3;

/**
 * 1/H of the chip's band, Q14, by frequency in steps of 50 Hz, relative to that of direct current: 1.013 at 250 Hz, 1.055 at
 * 500 Hz, 1.131 at 750 Hz, 1.251 at 1000 Hz (3 dB at 1230 Hz, data sheet).
 */
const droop = new Uint16Array([
	16_384, 16_393, 16_419, 16_463, 16_525, 16_606, 16_705, 16_823, 16_960, 17_118, 17_296, 17_497, 17_720, 17_967,
	18_239, 18_538, 18_865, 19_222, 19_611, 20_034, 20_493, 20_992, 21_534, 22_123, 22_761, 23_455, 24_209,
]);
const droopStep_mHz = 50_000;

/** What the capture needs of the driver it belongs to. */
export interface Ade7953Parts {
	readonly frontEnd: FrontEnd;
	readonly samples: WaveformSource;
	readonly model: ModelDescriptor;
	readonly calibration: Ade7953Calibration;
}

/**
 * Four cycles of 128 points out of the sample stream of an ADE7953: the cubic through four samples, at instants given by
 * the measured period. Harmonics reach order 20, the band of the chip is corrected.
 */
export class Ade7953Waveform implements BlockSource, Droop {
	readonly phases = 1;
	readonly highestOrder = 20;
	readonly droop: Droop = this;
	readonly voltagePerCode_mV: number;
	readonly currentPerCode_mA: number;
	nextDeadline_ms = 0;
	assumedFrequency_mHz = 0;

	readonly #parts: Ade7953Parts;
	readonly #raw = new Int16Array(setsPerRead * channelsPerSet);
	#rawCount = 0;
	#rawAt = 0;
	readonly #frame = new Uint8Array(pointsPerHalfCycle * octetsPerPhase);
	readonly #view = new DataView(this.#frame.buffer);
	#points = 0;
	/** Four samples of current, then four of voltage, the newest last. */
	readonly #history = new Int32Array(2 * interpolationPoints);
	/** Samples still to come before there are four around the next point. */
	#wanted = 0;
	/** Q16, behind the second of the four samples. */
	#position = 0;
	#step = 0;
	#isSampling = false;

	constructor(parts: Ade7953Parts) {
		const { board } = parts.model;
		this.#parts = parts;
		this.voltagePerCode_mV = board.voltageFullScale_mV / rmsFullScale;
		this.currentPerCode_mA = board.currentFullScale_mA / rmsFullScale;
	}

	begin(now_ms: number): number {
		const { frontEnd, samples, model } = this.#parts;
		if (frontEnd.fault !== "") return captureState.failed;
		const { frequency_mHz } = frontEnd.reading;
		if (frequency_mHz > highestFrequency_mHz) return captureState.frequency;
		const isUsable = frequency_mHz >= lowestFrequency_mHz;
		const assumed_mHz = isUsable ? frequency_mHz : model.nominalFrequency_Hz * 1000;
		this.assumedFrequency_mHz = assumed_mHz;
		this.#step = Math.round((sampleRate_Hz * 1000 * (1 << positionShift)) / (pointsPerCycle * assumed_mHz));
		this.#position = 0;
		this.#wanted = interpolationPoints;
		this.#rawCount = 0;
		this.#rawAt = 0;
		samples.start();
		this.#isSampling = true;
		this.nextDeadline_ms = now_ms + Math.ceil((cyclesPerBlock * 1e6) / assumed_mHz) + margin_ms;
		return captureState.running;
	}

	advance(_now_ms: number, block: WaveformBlock): number {
		const { frontEnd, samples } = this.#parts;
		if (this.#isSampling) {
			samples.stop();
			this.#isSampling = false;
		}
		if (frontEnd.fault !== "" || !this.interpolate()) return captureState.failed;
		block.addHalfCycle(this.#view, 0);
		return block.halfCycles === halfCyclesPerBlock ? captureState.finished : captureState.running;
	}

	/** Makes the points of half a cycle. @returns false when samples are missing */
	private interpolate(): boolean {
		const samples = this.#parts.samples;
		this.#points = 0;
		while (this.#points < pointsPerHalfCycle) {
			while (this.#wanted > 0) {
				if (this.#rawAt === this.#rawCount) {
					const count = samples.read(this.#raw, setsPerRead);
					if (count <= 0) return false;
					this.#rawCount = count;
					this.#rawAt = 0;
				}
				this.shiftIn(this.#rawAt++ * channelsPerSet);
				this.#wanted--;
			}
			this.makePoint();
		}
		return true;
	}

	private shiftIn(at: number): void {
		const history = this.#history;
		history[0] = history[1]!;
		history[1] = history[2]!;
		history[2] = history[3]!;
		history[3] = this.#raw[at + indexCurrent]!;
		history[4] = history[5]!;
		history[5] = history[6]!;
		history[6] = history[7]!;
		history[7] = this.#raw[at + indexVoltage]!;
	}

	/** Products are below 2^29, sums of four below 2^30. */
	private makePoint(): void {
		const history = this.#history;
		const at = ((this.#position >> stepShift) & (interpolationSteps - 1)) * interpolationPoints;
		const a = interpolationWeights[at]!;
		const b = interpolationWeights[at + 1]!;
		const c = interpolationWeights[at + 2]!;
		const d = interpolationWeights[at + 3]!;
		const rounding = 1 << (interpolationShift - 1);
		const ampere =
			(a * history[0]! + b * history[1]! + c * history[2]! + d * history[3]! + rounding) >> interpolationShift;
		const volt =
			(a * history[4]! + b * history[5]! + c * history[6]! + d * history[7]! + rounding) >> interpolationShift;
		const octet = this.#points++ * octetsPerPhase;
		this.#view.setInt16(octet, clip(ampere));
		this.#view.setInt16(octet + 2, clip(volt));
		this.#position += this.#step;
		this.#wanted = this.#position >> positionShift;
		this.#position &= (1 << positionShift) - 1;
	}

	powerFactor(_phase: number): number {
		return this.#parts.calibration.activeGain / activeGainUnity;
	}

	/** Between the frequencies of the table along a straight line; the fundamental is in the calibration. */
	droop_Q14(order: number): number {
		return Math.round((droopAt(order * this.assumedFrequency_mHz) * 16_384) / droopAt(this.assumedFrequency_mHz));
	}
}

/** The cubic runs over the rails beside a jump from rail to rail. */
function clip(value: number): number {
	return Math.max(-32_768, Math.min(32_767, value));
}

function droopAt(frequency_mHz: number): number {
	const step = Math.min(Math.floor(frequency_mHz / droopStep_mHz), droop.length - 2);
	const part = frequency_mHz / droopStep_mHz - step;
	return droop[step]! + part * (droop[step + 1]! - droop[step]!);
}

// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../../core/numbers.js";
import { pointsPerCycle } from "./sine-table.js";

export const cyclesPerBlock = 4;
export const halfCyclesPerBlock = 2 * cyclesPerBlock;
export const pointsPerHalfCycle = pointsPerCycle / 2;

/** Channels of a phase in a block: 2 · phase + `voltage` or `current`, phase from 0. */
export const voltage = 0;
export const current = 1;
export type ChannelKind = typeof voltage | typeof current;
export const channelsPerPhase = 2;

/** Octets of one point of one phase: current and voltage, two's complement of 16 bits, most significant octet first. */
export const octetsPerPhase = 4;

/** A voltage below this must come before a rising zero crossing counts, codes: 1 to 2 % of full scale. */
const crossingHysteresis = 256;

/**
 * Four cycles of 128 points, taken half a cycle at a time and reduced at once: what is kept is the sum of the cycles,
 * point by point, for the harmonics, and the sums of squares and products of each half cycle, which leave nothing out.
 *
 * All of it is exact and the same on every engine: points and products are 32 bit integers, |product| <= 2^30, and their
 * sums are integers below 2^53, which a double holds without rounding. (Two sums of 32 bits each would cost the engine of
 * the board more than twice as much.)
 */
export class WaveformBlock {
	readonly phases: number;
	/** Sum of the four cycles, 128 points per channel; |value| <= 2^17. The spectrum works in this memory. */
	readonly sums: Int32Array;
	/** Σx² of each half cycle, index channel · 8 + half cycle; exact, at most 2^36. */
	readonly squares: Float64Array;
	/** Σu·i of the block, by phase; exact, |value| <= 2^39. */
	readonly products: number[];
	/** Half cycles taken since `begin`. */
	halfCycles = 0;

	#reference = 0;
	#isArmed = false;
	#lastVoltage = 0;
	#crossings = 0;
	/** 1/256 points from the beginning of the block. */
	#firstCrossing = 0;
	#lastCrossing = 0;

	constructor(phases: number) {
		this.phases = phases;
		this.sums = new Int32Array(phases * channelsPerPhase * pointsPerCycle);
		this.squares = new Float64Array(phases * channelsPerPhase * halfCyclesPerBlock);
		this.products = zeros(phases);
	}

	/** @param reference phase whose voltage crossings are timed, from 0 */
	begin(reference: number): void {
		this.sums.fill(0);
		this.products.fill(0);
		this.halfCycles = 0;
		this.#reference = reference;
		this.#isArmed = false;
		this.#lastVoltage = 0;
		this.#crossings = 0;
	}

	/**
	 * Takes 64 sets of points from `view`, from octet `at` on: current and voltage of each phase in turn.
	 * Does nothing once the block is full.
	 */
	addHalfCycle(view: DataView, at: number): void {
		if (this.halfCycles === halfCyclesPerBlock) return;
		const stride = this.phases * octetsPerPhase;
		for (let phase = 0; phase < this.phases; phase++) this.addPhase(view, at + phase * octetsPerPhase, stride, phase);
		this.timeCrossings(view, at + this.#reference * octetsPerPhase + 2, stride);
		this.halfCycles++;
	}

	private addPhase(view: DataView, at: number, stride: number, phase: number): void {
		const { sums } = this;
		const voltageChannel = channelsPerPhase * phase + voltage;
		const currentChannel = channelsPerPhase * phase + current;
		const point = (this.halfCycles & 1) * pointsPerHalfCycle;
		const u = voltageChannel * pointsPerCycle + point;
		const i = currentChannel * pointsPerCycle + point;
		let squareU = 0;
		let squareI = 0;
		let product = 0;
		let from = at;
		for (let n = 0; n < pointsPerHalfCycle; n++) {
			const ampere = view.getInt16(from);
			const volt = view.getInt16(from + 2);
			sums[u + n]! += volt;
			sums[i + n]! += ampere;
			squareU += volt * volt;
			squareI += ampere * ampere;
			product += volt * ampere;
			from += stride;
		}
		this.squares[voltageChannel * halfCyclesPerBlock + this.halfCycles] = squareU;
		this.squares[currentChannel * halfCyclesPerBlock + this.halfCycles] = squareI;
		this.products[phase]! += product;
	}

	/** Rising crossings of the reference voltage, interpolated between the two points around them. */
	private timeCrossings(view: DataView, at: number, stride: number): void {
		let before = this.#lastVoltage;
		let isArmed = this.#isArmed;
		const first = this.halfCycles * pointsPerHalfCycle;
		for (let n = 0; n < pointsPerHalfCycle; n++) {
			const volt = view.getInt16(at + n * stride);
			if (volt < -crossingHysteresis) isArmed = true;
			else if (isArmed && volt >= 0) {
				isArmed = false;
				const instant = (first + n) * 256 - (((volt * 256) / (volt - before)) | 0);
				if (this.#crossings++ === 0) this.#firstCrossing = instant;
				this.#lastCrossing = instant;
			}
			before = volt;
		}
		this.#lastVoltage = before;
		this.#isArmed = isArmed;
	}

	/** Mean length of the whole cycles between the zero crossings of the reference voltage, points; 0 without two of them. */
	get period_points(): number {
		if (this.#crossings < 2) return 0;
		return (this.#lastCrossing - this.#firstCrossing) / (256 * (this.#crossings - 1));
	}
}

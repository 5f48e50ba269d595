// SPDX-License-Identifier: Apache-2.0
import type { MetrologyView } from "../view.js";
import type { Droop } from "./block-result.js";
import { type BlockSource, captureState } from "./block-source.js";
import type { WaveformBlock } from "./waveform-block.js";

/** Without a change a block stands for so long: a change of harmonics alone is seen then at the latest. */
const longest_ms = 60_000;
/** Values of a phase that are compared, and with them the frequency. */
const perPhase = 4;
/** X of 1-0:81.7.x: voltages to U1 (that of U1 itself has none), currents to their voltages. */
const voltageAngles: readonly number[] = Object.freeze([0, 1, 2]);
const currentAngles: readonly number[] = Object.freeze([4, 15, 26]);

/**
 * A source that does not capture again what has not changed: as long as every voltage, current and angle of the last interval
 * and the frequency are to the last digit what they were at the last block, `begin` answers `unchanged`, for up to a minute.
 * Mains in the field never stand still like this; a simulated household does most of the time.
 */
export class SteadySource implements BlockSource {
	readonly phases: number;
	readonly highestOrder: number;
	readonly voltagePerCode_mV: number;
	readonly currentPerCode_mA: number;
	readonly droop?: Droop;
	readonly #source: BlockSource;
	readonly #mains: MetrologyView;
	/** As they were when the last block began; mV, mA, 0.1°, mHz. */
	readonly #values: Int32Array;
	/** When the last whole block began; `-Infinity` when there is none. */
	#block_ms = Number.NEGATIVE_INFINITY;
	#begin_ms = 0;

	constructor(source: BlockSource, mains: MetrologyView) {
		this.#source = source;
		this.#mains = mains;
		this.phases = source.phases;
		this.highestOrder = source.highestOrder;
		this.voltagePerCode_mV = source.voltagePerCode_mV;
		this.currentPerCode_mA = source.currentPerCode_mA;
		if (source.droop !== undefined) this.droop = source.droop;
		this.#values = new Int32Array(perPhase * source.phases + 1);
	}

	get nextDeadline_ms(): number {
		return this.#source.nextDeadline_ms;
	}

	get assumedFrequency_mHz(): number {
		return this.#source.assumedFrequency_mHz;
	}

	begin(now_ms: number): number {
		const hasMoved = this.takeValues();
		if (!hasMoved && this.#mains.isValid && now_ms - this.#block_ms < longest_ms) return captureState.unchanged;
		this.#block_ms = Number.NEGATIVE_INFINITY;
		this.#begin_ms = now_ms;
		return this.#source.begin(now_ms);
	}

	advance(now_ms: number, block: WaveformBlock): number {
		const state = this.#source.advance(now_ms, block);
		if (state === captureState.finished) this.#block_ms = this.#begin_ms;
		return state;
	}

	powerFactor(phase: number): number {
		return this.#source.powerFactor(phase);
	}

	/** @returns whether any value is another than before */
	private takeValues(): boolean {
		const mains = this.#mains;
		let hasMoved = this.put(perPhase * this.phases, mains.frequency_mHz());
		for (let phase = 0; phase < this.phases; phase++) {
			const at = perPhase * phase;
			if (this.put(at, mains.voltage_mV(phase + 1))) hasMoved = true;
			if (this.put(at + 1, mains.current_mA(phase + 1))) hasMoved = true;
			if (this.put(at + 2, mains.angle_decideg(voltageAngles[phase]!))) hasMoved = true;
			if (this.put(at + 3, mains.angle_decideg(currentAngles[phase]!))) hasMoved = true;
		}
		return hasMoved;
	}

	private put(at: number, value: number): boolean {
		if (this.#values[at] === value) return false;
		this.#values[at] = value;
		return true;
	}
}

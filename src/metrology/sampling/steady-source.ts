// SPDX-License-Identifier: Apache-2.0
import type { MetrologyView } from "../view.js";
import type { Droop } from "./block-result.js";
import { type BlockSource, captureState } from "./block-source.js";
import type { WaveformBlock } from "./waveform-block.js";

/** Without a change a block stands for so long: what no value shows of harmonics is seen then at the latest. */
const longest_ms = 300_000;
/** X of 1-0:81.7.x: the voltages of phases 2 and 3 to that of phase 1, each current to its voltage. */
const angles: readonly number[] = Object.freeze([1, 2, 4, 15, 26]);

/** What tells whether the mains move: the windows of the front end to the bit, and the angles of a second. */
export interface Mains {
	readonly frontEnd: { readonly movements?: number };
	readonly view: Pick<MetrologyView, "isValid" | "angle_decideg">;
}

/**
 * A source that does not capture again what has not changed: as long as voltages, currents and frequency are to the last bit and
 * angles to the last digit what they were at the last block, `begin` answers `unchanged`, for up to five minutes. Mains in the
 * field never stand still like this; a simulated household does most of the time.
 */
export class SteadySource implements BlockSource {
	readonly phases: number;
	readonly highestOrder: number;
	readonly voltagePerCode_mV: number;
	readonly currentPerCode_mA: number;
	readonly droop?: Droop;
	readonly #source: BlockSource;
	readonly #mains: Mains;
	/** As they were when the last block began. */
	#movements = -1;
	readonly #angles_decideg = new Int16Array(angles.length);
	/** When the last whole block began; `-Infinity` when there is none. */
	#block_ms = Number.NEGATIVE_INFINITY;
	#begin_ms = 0;

	constructor(source: BlockSource, mains: Mains) {
		this.#source = source;
		this.#mains = mains;
		this.phases = source.phases;
		this.highestOrder = source.highestOrder;
		this.voltagePerCode_mV = source.voltagePerCode_mV;
		this.currentPerCode_mA = source.currentPerCode_mA;
		if (source.droop !== undefined) this.droop = source.droop;
	}

	get nextDeadline_ms(): number {
		return this.#source.nextDeadline_ms;
	}

	get assumedFrequency_mHz(): number {
		return this.#source.assumedFrequency_mHz;
	}

	begin(now_ms: number): number {
		const hasMoved = this.hasMoved();
		if (!hasMoved && this.#mains.view.isValid && now_ms - this.#block_ms < longest_ms) return captureState.unchanged;
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

	/** Compares what is now with what was at the last call. */
	private hasMoved(): boolean {
		const { frontEnd, view } = this.#mains;
		const { movements = this.#movements + 1 } = frontEnd;
		let hasMoved = movements !== this.#movements;
		this.#movements = movements;
		const known = this.#angles_decideg;
		for (let n = 0; n < angles.length; n++) {
			const angle = view.angle_decideg(angles[n]!);
			if (angle !== known[n]) hasMoved = true;
			known[n] = angle;
		}
		return hasMoved;
	}
}

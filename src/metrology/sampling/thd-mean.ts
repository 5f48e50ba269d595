// SPDX-License-Identifier: Apache-2.0
import type { BlockListener, HarmonicsView } from "../harmonics-view.js";

const channels = 6;

/**
 * Root mean square of the THD of the blocks since the last `clear`: the value of a 10 minute interval (200 blocks), which
 * the caller begins and ends. Blocks in which a channel is not valid do not count for it.
 */
export class ThdMean implements BlockListener {
	/** Voltage 1..3, current 1..3. */
	readonly #squares = new Float64Array(channels);
	readonly #counts = new Uint32Array(channels);

	blockFinished(harmonics: HarmonicsView): void {
		for (let phase = 1; phase <= 3; phase++) {
			if (harmonics.isVoltageValid(phase)) this.#add(phase - 1, harmonics.voltageThd_permyriad(phase));
			if (harmonics.isCurrentValid(phase)) this.#add(phase + 2, harmonics.currentThd_permyriad(phase));
		}
	}

	#add(index: number, thd_permyriad: number): void {
		this.#squares[index]! += thd_permyriad * thd_permyriad;
		this.#counts[index]!++;
	}

	clear(): void {
		this.#squares.fill(0);
		this.#counts.fill(0);
	}

	/** Valid blocks of the interval so far. @param phase 1..3 */
	voltageBlocks(phase: number): number {
		return this.#counts[phase - 1] ?? 0;
	}

	currentBlocks(phase: number): number {
		return this.#counts[phase + 2] ?? 0;
	}

	/** 0.01 %, rounded; 0 without a valid block. @param phase 1..3 */
	voltage_permyriad(phase: number): number {
		return this.#mean(phase - 1);
	}

	current_permyriad(phase: number): number {
		return this.#mean(phase + 2);
	}

	#mean(index: number): number {
		const count = this.#counts[index] ?? 0;
		return count === 0 ? 0 : Math.round(Math.sqrt(this.#squares[index]! / count));
	}
}

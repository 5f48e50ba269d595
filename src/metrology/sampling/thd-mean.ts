// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../../core/numbers.js";
import type { BlockListener, HarmonicsView } from "../harmonics-view.js";

const channels = 6;

/**
 * Root mean square of the THD of the blocks of an interval: 10 minutes, which the caller ends. Blocks in which a channel is
 * not valid do not count for it. Channels are voltage L1..L3, then current L1..L3.
 */
export class ThdMean implements BlockListener {
	/** Of the interval that ended last, 0.01 %; 0 without a valid block. */
	readonly last_permyriad = zeros(channels);
	/** Sums of squares, then numbers of blocks. */
	readonly #sums = zeros(2 * channels);

	blockFinished(harmonics: HarmonicsView): void {
		for (let phase = 1; phase <= 3; phase++) {
			if (harmonics.isVoltageValid(phase)) this.add(phase - 1, harmonics.voltageThd_permyriad(phase));
			if (harmonics.isCurrentValid(phase)) this.add(phase + 2, harmonics.currentThd_permyriad(phase));
		}
	}

	private add(channel: number, thd_permyriad: number): void {
		this.#sums[channel]! += thd_permyriad * thd_permyriad;
		this.#sums[channels + channel]!++;
	}

	/** Ends the interval and begins the next. */
	end(): void {
		const sums = this.#sums;
		for (let channel = 0; channel < channels; channel++) {
			const count = sums[channels + channel]!;
			this.last_permyriad[channel] = count === 0 ? 0 : Math.round(Math.sqrt(sums[channel]! / count));
		}
		sums.fill(0);
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { BoardDescriptor } from "../../../../src/models/board.js";
import { channel, channelCount } from "../../grid/terminals.js";

/** Factory errors of one channel: sensor and converter together. */
export interface ChannelTolerance {
	/** Relative gain error. */
	readonly gain?: number;
	/** Lateness of the channel, µs; negative is early. 1 µs is 0.018° at 50 Hz. */
	readonly delay_us?: number;
	/** Direct level as a fraction of full scale (peak). */
	readonly offset?: number;
}

/** From the terminals to the converters: full scales, factory errors, broken channels. Arrays go by channel. */
export class AnalogInput {
	/** Fraction of full scale (peak) per volt or ampere, gain error included, PGA not. */
	readonly scale = new Float64Array(channelCount);
	readonly delay_s = new Float64Array(channelCount);
	readonly offset = new Float64Array(channelCount);
	/** Level at which a converter is stuck, fraction of full scale; NaN while it works. */
	readonly stuck = new Float64Array(channelCount).fill(Number.NaN);
	/** Counts changes of `stuck`. */
	revision = 0;
	/** Some channel has a delay of its own. */
	readonly hasDelay: boolean;

	/** @throws RangeError when a tolerance is not a sensible number */
	constructor(board: BoardDescriptor, tolerances: readonly (ChannelTolerance | undefined)[]) {
		for (let c = 0; c < channelCount; c++) {
			const { gain = 0, delay_us = 0, offset = 0 } = tolerances[c] ?? {};
			if (!(Math.abs(gain) < 1 && Math.abs(delay_us) <= 900 && Math.abs(offset) <= 1)) {
				throw new RangeError(`tolerance of channel ${c}: gain ${gain}, delay ${delay_us} µs, offset ${offset}`);
			}
			const fullScale_m =
				c < channel.i1
					? board.voltageFullScale_mV
					: c < channel.neutral
						? board.currentFullScale_mA
						: board.neutralFullScale_mA;
			this.scale[c] = fullScale_m > 0 ? (1 + gain) / ((fullScale_m / 1000) * Math.SQRT2) : 0;
			this.delay_s[c] = delay_us * 1e-6;
			this.offset[c] = offset;
		}
		this.hasDelay = this.delay_s.some((delay) => delay !== 0);
	}

	/** Holds a converter at `level` (−1 … 1 of full scale); `undefined` lets it go. */
	setStuck(c: number, level: number | undefined): void {
		this.stuck[c] = level ?? Number.NaN;
		this.revision++;
	}
}

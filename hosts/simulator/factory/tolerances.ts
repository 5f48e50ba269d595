// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../../../src/models/model.js";
import type { ChannelTolerance } from "../afe/ade9000/analog-input.js";
import { SeededRandom } from "../afe/dsp/gaussian.js";
import { channel, channelCount } from "../grid/terminals.js";

/** How one board differs from its drawing. */
export interface BoardTolerances {
	/** By channel: u1 u2 u3 i1 i2 i3 neutral. */
	readonly channels: readonly ChannelTolerance[];
	/** Error of the crystal of the front end. */
	readonly crystal_ppm: number;
}

/** Greatest errors of a board that was just soldered; drawn evenly between plus and minus. */
export const spread = Object.freeze({
	/** Divider or current sensor, reference and converter together. */
	gain: 0.02,
	/** 0.5° at 50 Hz: phase error of a current transformer. */
	currentDelay_us: 27.8,
	voltageDelay_us: 1,
	/** Of full scale, direct. */
	offset: 0.001,
	crystal_ppm: 20,
});

export const noTolerances: BoardTolerances = Object.freeze({
	channels: Object.freeze(Array.from({ length: channelCount }, () => Object.freeze({}))),
	crystal_ppm: 0,
});

/**
 * A board at the ends of its tolerances: everything too large and too late with an even seed, the other way with an odd
 * one. What must not pass without calibration.
 */
export function extremeTolerances(seed: number): BoardTolerances {
	const sign = seed % 2 === 0 ? 1 : -1;
	const channels = Array.from({ length: channelCount }, (_, c) => ({
		gain: sign * spread.gain,
		delay_us: c < channel.i1 ? 0 : sign * spread.currentDelay_us,
		offset: sign * spread.offset,
	}));
	return { channels, crystal_ppm: sign * spread.crystal_ppm };
}

/** The errors of one board; the same seed gives the same board. */
export function drawTolerances(model: ModelDescriptor, seed: number): BoardTolerances {
	const random = new SeededRandom(seed * 8 + model.bit);
	const draw = (greatest: number) => greatest * (2 * random.next() - 1);
	const channels: ChannelTolerance[] = [];
	for (let c = 0; c < channelCount; c++) {
		channels.push({
			gain: draw(spread.gain),
			delay_us: draw(c < channel.i1 ? spread.voltageDelay_us : spread.currentDelay_us),
			offset: draw(spread.offset),
		});
	}
	return { channels, crystal_ppm: draw(spread.crystal_ppm) };
}

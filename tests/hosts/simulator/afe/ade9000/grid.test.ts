// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Ade9000Model } from "../../../../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { Grid } from "../../../../../hosts/simulator/grid/grid.js";
import { boardSt402d } from "../../../../../src/models/board.js";

/** Frames by hand: address, then 2 or 4 octets. */
function write(chip: Ade9000Model, at: number, ...data: readonly number[]): void {
	chip.transfer(Uint8Array.from([at >> 4, (at & 15) << 4, ...data]));
}

function read32(chip: Ade9000Model, at: number): number {
	const frame = new Uint8Array(8);
	frame[0] = at >> 4;
	frame[1] = ((at & 15) << 4) | 8;
	chip.transfer(frame);
	return new DataView(frame.buffer).getInt32(2);
}

describe("ADE9000 model on the grid", () => {
	it("counts the energy of loads that come and go inside an interval, in both gears", () => {
		for (const gear of ["phasor", "waveform"] as const) {
			const grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230, seed: 2 });
			const chip = new Ade9000Model({ terminals: grid, board: boardSt402d, gear, seed: 1, noise: false });
			grid.addListener(chip);
			const runTo = (time_s: number) => {
				grid.advanceTo(time_s);
				chip.advanceTo(time_s);
			};
			runTo(0.1);
			write(chip, 0x481, 0x03, 0x00); // no settling time
			write(chip, 0x4af, 0x0e, 0x00); // high-pass 0.625 Hz
			write(chip, 0x4b2, 0x1f, 0x3f); // 8000 samples
			write(chip, 0x41c, 0, 0, 0, 0); // no-load level
			write(chip, 0x480, 0, 1);
			runTo(3.1);
			write(chip, 0x4b0, 0, 1);
			// The scenario moves the grid alone; the model hears of each change before it happens.
			const plan = [
				[3.25, 10],
				[3.6, 0],
				[3.9, 40],
				[5.3, 2],
			] as const;
			for (const [time_s, current_A] of plan) {
				grid.advanceTo(time_s);
				grid.setPhase(1, { current_A, angle_deg: 60 });
			}
			runTo(9.15);
			const code = read32(chip, 0x2e7) * 8192 + read32(chip, 0x2e6);
			const voltageFullScale_V = Math.SQRT1_2 * 991;
			const currentFullScale_A = (Math.SQRT1_2 / 12) * 2500;
			const joules = (code * voltageFullScale_V * currentFullScale_A) / 20_694_066 / 8000;
			// 230 V · 0.5 · ampere seconds until 9.1 s; the high-pass takes (0.625/50)² of it.
			const expected = 230 * 0.5 * (10 * 0.35 + 40 * 1.4 + 2 * 3.8) * (1 - (0.625 / 50) ** 2);
			assert.ok(Math.abs(joules / expected - 1) < (gear === "phasor" ? 1e-4 : 1e-3), `${gear}: ${joules}, ${expected}`);
		}
	});
});

// SPDX-License-Identifier: Apache-2.0
import { boardSt402d } from "../../src/models/board.js";
import { Ade9000Model } from "../simulator/afe/ade9000/ade9000-model.js";
import { Grid } from "../simulator/grid/grid.js";

/** Load of the scenarios: 10 A at power factor 0.5 in each phase. */
export const load = Object.freeze({ voltage_V: 230, current_A: 10, powerFactor: 0.5 });

/** Mains and front-end chip of a scenario, outside the engine as they are outside the processor. */
export class ChipWorld {
	readonly #grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: load.voltage_V });
	readonly #chip = new Ade9000Model({
		terminals: this.#grid,
		board: boardSt402d,
		gear: "phasor",
		seed: 1,
		noise: false,
	});

	constructor() {
		this.#grid.addListener(this.#chip);
		for (const phase of [1, 2, 3] as const) this.#grid.setPhase(phase, load);
	}

	/** One SPI frame at a time of the meter; the answer overwrites it. */
	transfer(time_s: number, frame: Uint8Array): void {
		this.#grid.advanceTo(time_s);
		this.#chip.advanceTo(time_s);
		this.#chip.transfer(frame);
	}
}

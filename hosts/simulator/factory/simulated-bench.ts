// SPDX-License-Identifier: Apache-2.0
import { CalibrationError, type TestLoad } from "../../../src/factory/bench.js";
import type { ModelDescriptor } from "../../../src/models/model.js";
import { Ade7953Model } from "../afe/ade7953/ade7953-model.js";
import { Ade9000Model } from "../afe/ade9000/ade9000-model.js";
import { Grid } from "../grid/grid.js";
import type { Phase } from "../grid/phase-setting.js";
import type { Terminals } from "../grid/terminals.js";
import { channel } from "../grid/terminals.js";
import type { Bench } from "./perform.js";
import type { BoardTolerances } from "./tolerances.js";

export interface BoardOptions {
	readonly seed: number;
	readonly noise: boolean;
	readonly gear: "phasor" | "waveform";
	readonly tolerances: BoardTolerances;
}

/** The measuring chip of a board with the errors of that board. */
export function createChip(
	model: ModelDescriptor,
	terminals: Terminals,
	options: BoardOptions,
): Ade9000Model | Ade7953Model {
	const { seed, noise, gear, tolerances } = options;
	const { channels, crystal_ppm } = tolerances;
	const common = { terminals, board: model.board, gear, seed, noise, crystal_ppm };
	if (model.board.frontEnd === "ADE9000") return new Ade9000Model({ ...common, tolerances: channels });
	const [v, a, b] = [channels[channel.u1] ?? {}, channels[channel.i1] ?? {}, channels[channel.neutral] ?? {}];
	return new Ade7953Model({ ...common, tolerances: { v, a, b } });
}

/** A bench in virtual time: nothing takes longer than its arithmetic. */
export class SimulatedBench implements Bench {
	readonly spi: Ade9000Model | Ade7953Model;
	readonly #grid: Grid;
	readonly #model: ModelDescriptor;
	/** Time of the bench, seconds since it began. */
	now_s = 0;

	constructor(model: ModelDescriptor, options: BoardOptions) {
		this.#model = model;
		const { phases, nominalFrequency_Hz, nominalVoltage_V } = model;
		this.#grid = new Grid({ phases, frequency_Hz: nominalFrequency_Hz, voltage_V: nominalVoltage_V });
		this.spi = createChip(model, this.#grid, options);
		this.#grid.addListener(this.spi);
	}

	/** Counts for 20 s between two pulses, as a reference meter with an optical head does. */
	outputError(load: TestLoad): number {
		const { cf1 } = this.spi;
		const dark = cf1.count;
		for (let waited_s = 0; cf1.count === dark; waited_s++) {
			if (waited_s > 30) throw new CalibrationError("the test output gives no pulses");
			this.wait(1);
		}
		const first = { count: cf1.count, last_s: cf1.lastEdge_s };
		this.wait(20);
		const measured_J = ((cf1.count - first.count) * 3_600_000) / this.#model.ledConstant;
		const true_J = load.voltage_V * load.current_A * this.#grid.phases * (cf1.lastEdge_s - first.last_s);
		return measured_J / true_J - 1;
	}

	apply({ voltage_V, current_A, angle_deg, phase }: TestLoad): void {
		this.#grid.change(() => {
			for (let n = 1; n <= this.#grid.phases; n++) {
				const flows = phase === undefined || phase === n;
				this.#grid.setPhase(n as Phase, { voltage_V, current_A: flows ? current_A : 0, angle_deg });
			}
		});
	}

	wait(duration_s: number): void {
		this.now_s += duration_s;
		this.#grid.advanceTo(this.now_s);
		this.spi.advanceTo(this.now_s);
	}
}

// SPDX-License-Identifier: Apache-2.0
import { ade7953Calibration } from "../../../src/drivers/ade7953-calibration.js";
import { ade9000Calibration } from "../../../src/drivers/ade9000-calibration.js";
import type { Procedure, TestLoad } from "../../../src/factory/bench.js";
import { Ade7953Procedure } from "../../../src/factory/calibrate-ade7953.js";
import { Ade9000Procedure } from "../../../src/factory/calibrate-ade9000.js";
import { calibrationProcedure } from "../../../src/factory/calibration-procedure.js";
import type { Calibration } from "../../../src/metrology/calibration.js";
import type { ModelDescriptor } from "../../../src/models/model.js";
import { perform } from "./perform.js";
import { SimulatedBench } from "./simulated-bench.js";
import type { BoardTolerances } from "./tolerances.js";

/**
 * Errors of active power, relative, of a simulated board: one row per load, one column per phase.
 * @param calibration what is written to the chip; undefined leaves the board as it came
 */
export function measureBoard(
	model: ModelDescriptor,
	tolerances: BoardTolerances,
	seed: number,
	calibration: Calibration | undefined,
	loads: readonly TestLoad[],
	duration_s: number,
): number[][] {
	const bench = new SimulatedBench(model, { seed, noise: true, gear: "phasor", tolerances });
	const rows: number[][] = [];
	const measure = function* (procedure: Ade7953Procedure | Ade9000Procedure): Procedure<void> {
		for (const load of loads) {
			yield* procedure.apply(load);
			rows.push(yield* procedure.activeErrors(load, duration_s));
		}
	};
	if (model.board.frontEnd === "ADE7953") {
		const procedure = new Ade7953Procedure(bench.spi, model);
		perform(bench, procedure.start(calibration && ade7953Calibration(calibration.values)));
		perform(bench, measure(procedure));
	} else {
		const procedure = new Ade9000Procedure(bench.spi, model);
		perform(bench, procedure.start(calibration && ade9000Calibration(calibration.values)));
		perform(bench, measure(procedure));
	}
	return rows;
}

/**
 * Calibrates a simulated board in virtual time.
 * @throws CalibrationError when the board cannot be brought to its accuracy
 */
export function calibrateBoard(model: ModelDescriptor, tolerances: BoardTolerances, seed: number): Calibration {
	const bench = new SimulatedBench(model, { seed, noise: true, gear: "phasor", tolerances });
	return perform(bench, calibrationProcedure(bench.spi, model));
}

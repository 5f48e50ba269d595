// SPDX-License-Identifier: Apache-2.0
import type { Calibration } from "../../../src/metrology/calibration.js";
import type { ModelDescriptor } from "../../../src/models/model.js";
import { type Bench, type Procedure, perform } from "./bench.js";
import { Ade7953Procedure } from "./calibrate-ade7953.js";
import { Ade9000Procedure } from "./calibrate-ade9000.js";
import { SimulatedBench } from "./simulated-bench.js";
import type { BoardTolerances } from "./tolerances.js";

/**
 * The documented procedure for the board of a model: gains, phase, power, offsets, and a check of the result. It uses
 * nothing but the bus of the chip, the source and the test output, so a real board with a reference meter is calibrated by
 * the same code.
 */
export function calibrationProcedure(bench: Bench, model: ModelDescriptor): Procedure<Calibration> {
	const isAde7953 = model.board.frontEnd === "ADE7953";
	return (isAde7953 ? new Ade7953Procedure(bench, model) : new Ade9000Procedure(bench, model)).calibrate();
}

/**
 * Calibrates a simulated board in virtual time.
 * @throws CalibrationError when the board cannot be brought to its accuracy
 */
export function calibrateBoard(model: ModelDescriptor, tolerances: BoardTolerances, seed: number): Calibration {
	const bench = new SimulatedBench(model, { seed, noise: true, gear: "phasor", tolerances });
	return perform(bench, calibrationProcedure(bench, model));
}

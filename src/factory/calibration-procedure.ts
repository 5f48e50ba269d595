// SPDX-License-Identifier: Apache-2.0
import type { Calibration } from "../metrology/calibration.js";
import type { ModelDescriptor } from "../models/model.js";
import type { SpiDevice } from "../ports/bus.js";
import type { Procedure } from "./bench.js";
import { Ade7953Procedure } from "./calibrate-ade7953.js";
import { Ade9000Procedure } from "./calibrate-ade9000.js";

/** The procedure for the measuring chip of a model. */
export function procedureOf(spi: SpiDevice, model: ModelDescriptor): Ade7953Procedure | Ade9000Procedure {
	return model.board.frontEnd === "ADE7953" ? new Ade7953Procedure(spi, model) : new Ade9000Procedure(spi, model);
}

/**
 * The documented procedure for the board of a model: gains, phase, power, offsets, and a check of the result. It uses
 * nothing but the bus of the chip, the source, and a reference standard that compares the test output.
 * The generator throws CalibrationError when the board cannot be brought to its accuracy.
 */
export function calibrationProcedure(spi: SpiDevice, model: ModelDescriptor): Procedure<Calibration> {
	return procedureOf(spi, model).calibrate();
}

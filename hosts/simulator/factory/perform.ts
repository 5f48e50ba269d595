// SPDX-License-Identifier: Apache-2.0
import type { BenchAnswer, Procedure, TestLoad } from "../../../src/factory/bench.js";
import type { SpiDevice } from "../../../src/ports/bus.js";

/** A bench for one board that does at once what it is told: source, reference standard, and the bus of the measuring chip. */
export interface Bench {
	readonly spi: SpiDevice;
	apply(load: TestLoad): void;
	wait(duration_s: number): void;
	/**
	 * Relative error of the active test output against the energy of `load`, which is set.
	 * @throws CalibrationError when the output gives no pulses
	 */
	outputError(load: TestLoad): number;
}

/** Drives a procedure on a bench that can wait on the spot. @throws CalibrationError as the procedure does */
export function perform<Result>(bench: Bench, procedure: Procedure<Result>): Result {
	let load: TestLoad = { voltage_V: 0, current_A: 0, angle_deg: 0 };
	let answer: BenchAnswer = { load, elapsed_s: 0, outputError: 0 };
	for (;;) {
		const { done, value: step } = procedure.next(answer);
		if (done === true) return step;
		if (step.load !== undefined) {
			load = step.load;
			bench.apply(load);
		}
		bench.wait(step.wait_s);
		const outputError = step.wantsOutputError === true ? bench.outputError(load) : 0;
		answer = { load, elapsed_s: step.wait_s, outputError };
	}
}

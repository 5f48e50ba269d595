// SPDX-License-Identifier: Apache-2.0
import type { SpiDevice } from "../../../src/ports/bus.js";

/** What source and reference standard are set to: symmetrical voltages, and a current in all phases or in one. */
export interface TestLoad {
	readonly voltage_V: number;
	readonly current_A: number;
	/** How far the current lags the voltage. */
	readonly angle_deg: number;
	/** The phase that alone carries the current. */
	readonly phase?: 1 | 2 | 3;
}

/** What the optical head on the test output saw: falling edges, and when the last one was by the clock of the bench. */
export interface PulseReading {
	readonly count: number;
	readonly last_s: number;
}

/** A bench for one board: source, reference standard, optical head, and the bus of the measuring chip. */
export interface Bench {
	readonly spi: SpiDevice;
	/** Active test output. */
	pulses(): PulseReading;
	apply(load: TestLoad): void;
	wait(duration_s: number): void;
}

/** A wish of a procedure to its bench: this load if there is one, then so much time. */
export interface BenchStep {
	readonly load?: TestLoad;
	readonly wait_s: number;
}

/**
 * A measuring procedure. It yields whenever the bench has something to do, so that a simulated bench can drive it without
 * waiting and a real one at its own pace.
 */
export type Procedure<Result> = Generator<BenchStep, Result, void>;

/** The board cannot be calibrated; the message says what was found. */
export class CalibrationError extends Error {
	override readonly name = "CalibrationError";
}

/** Drives a procedure on a bench that can wait on the spot. @throws CalibrationError as the procedure does */
export function perform<Result>(bench: Bench, procedure: Procedure<Result>): Result {
	for (;;) {
		const { done, value } = procedure.next();
		if (done === true) return value;
		if (value.load !== undefined) bench.apply(value.load);
		bench.wait(value.wait_s);
	}
}

// SPDX-License-Identifier: Apache-2.0

/** What source and reference standard are set to: symmetrical voltages, and a current in all phases or in one. */
export interface TestLoad {
	readonly voltage_V: number;
	readonly current_A: number;
	/** How far the current lags the voltage. */
	readonly angle_deg: number;
	/** The phase that alone carries the current. */
	readonly phase?: 1 | 2 | 3;
}

/** A wish of a procedure to its bench: this load if there is one, then so much time. */
export interface BenchStep {
	readonly load?: TestLoad;
	readonly wait_s: number;
	/** The reference standard compares the active test output with the energy of the load that is set. */
	readonly wantsOutputError?: true;
	/** For the operator: what was found so far. */
	readonly note?: string;
}

/** What the bench did. */
export interface BenchAnswer {
	/** The load as the reference standard shows it. */
	readonly load: TestLoad;
	/** Time since the step before, by the clock of the bench; at least what was asked for. */
	readonly elapsed_s: number;
	/** Relative error of the active test output, where it was wanted. */
	readonly outputError: number;
}

/**
 * A measuring procedure. It yields whenever the bench has something to do, so that a simulated bench can drive it without
 * waiting and a real one at its own pace.
 */
export type Procedure<Result> = Generator<BenchStep, Result, BenchAnswer>;

/** The board cannot be calibrated; the message says what was found. */
export class CalibrationError extends Error {
	override readonly name = "CalibrationError";
}

/**
 * Freezes the object that each generator method of a class carries for its generators: what is not frozen costs the board
 * memory even while the bench is not used.
 */
export function freezeGenerators(procedure: { readonly prototype: object }): void {
	for (const { value } of Object.values(Object.getOwnPropertyDescriptors(procedure.prototype))) {
		if (typeof value === "function" && typeof value.prototype === "object") Object.freeze(value.prototype);
	}
}

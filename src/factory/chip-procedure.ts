// SPDX-License-Identifier: Apache-2.0
import type { ChipStart } from "../drivers/chip-start.js";
import type { Calibration } from "../metrology/calibration.js";
import type { ModelDescriptor } from "../models/model.js";
import {
	type BenchAnswer,
	type BenchStep,
	CalibrationError,
	freezeGenerators,
	type Procedure,
	type TestLoad,
} from "./bench.js";
import { leastCurrent_A } from "./least-current.js";
import { toPercent, verificationNote } from "./load-text.js";

export const radians = Math.PI / 180;
/** A current this far from its angle is no tolerance but a wrong phase or direction. */
export const greatestLag_rad = 2 * radians;
/** After a change of the load: filters, and the running 10/12-cycle window. */
const settle_s = 3;
const startLimit_s = 3;
/** A gain this far from 1 is no tolerance but a wrong burden, shunt, divider or wiring. */
const greatestGainError = 0.1;
/** Errors of power that the finished board must keep, with noise. */
const verificationLimit = 0.0015;
/** The same below the transitional current. */
const verificationLimitLow = 0.003;

/** What the calibration of every chip has: steps of a bench, its start, and the check of the finished board. */
export abstract class ChipProcedure {
	protected readonly model: ModelDescriptor;
	readonly #bus: { hasFailed: boolean; writeChecked(address: number, value: number): boolean };
	#now_s = 0;

	/** @param bus of the chip, of which nothing but registers is used */
	constructor(
		bus: { hasFailed: boolean; writeChecked(address: number, value: number): boolean },
		model: ModelDescriptor,
	) {
		this.#bus = bus;
		this.model = model;
	}

	/** @throws CalibrationError when the board cannot be brought to its accuracy */
	abstract calibrate(): Procedure<Calibration>;
	/** Errors of active power, relative, of each phase at a load that is already settled. */
	abstract activeErrors(load: TestLoad, duration_s: number): Procedure<number[]>;
	/** How long the check measures at a load. */
	protected abstract verificationTime_s(load: TestLoad): number;

	/** Sets a load and lets it settle. @returns the load that it became */
	*apply(load: TestLoad): Procedure<TestLoad> {
		return (yield* this.step({ load, wait_s: settle_s })).load;
	}

	/** Reference current in phase, where gains are set. */
	protected get reference(): TestLoad {
		const { nominalVoltage_V, referenceCurrent_mA } = this.model;
		return { voltage_V: nominalVoltage_V, current_A: referenceCurrent_mA / 1000, angle_deg: 0 };
	}

	protected *step(step: BenchStep): Procedure<BenchAnswer> {
		const answer = yield step;
		this.#now_s += answer.elapsed_s;
		return answer;
	}

	/** @returns the time that it became */
	protected *wait(wait_s: number): Procedure<number> {
		return (yield* this.step({ wait_s })).elapsed_s;
	}

	/** After a change of a gain. */
	protected *settle(): Procedure<void> {
		yield* this.wait(settle_s);
	}

	/** Brings the chip to measure, without load. */
	protected *bringUp(start: ChipStart): Procedure<void> {
		yield* this.step({ load: { ...this.reference, current_A: 0 }, wait_s: 0.1 });
		const began_s = this.#now_s;
		start.begin(began_s * 1000);
		while (!start.isReady) {
			if (this.#now_s - began_s > startLimit_s) throw new CalibrationError(`the chip does not start: ${start.fault}`);
			this.#bus.hasFailed = false;
			start.advance(this.#now_s * 1000);
			yield* this.wait(Math.max(0.001, start.nextDeadline_ms / 1000 - this.#now_s));
		}
	}

	protected setRegister(address: number, value: number): void {
		if (this.#bus.writeChecked(address, value >>> 0)) return;
		throw new CalibrationError(`register ${address.toString(16)} does not take its value`);
	}

	protected requireAnswers(): void {
		if (this.#bus.hasFailed) throw new CalibrationError("the chip does not answer");
	}

	protected *verify(): Procedure<void> {
		const { maximumCurrent_mA } = this.model;
		const { voltage_V, current_A: reference_A } = this.reference;
		const points = [
			[leastCurrent_A(this.model), 0, verificationLimitLow],
			[reference_A, 60, verificationLimit],
			[reference_A, -36.87, verificationLimit],
			[maximumCurrent_mA / 1000, 0, verificationLimit],
		] as const;
		for (const [current_A, angle_deg, limit] of points) {
			const load = yield* this.apply({ voltage_V, current_A, angle_deg });
			const errors = yield* this.activeErrors(load, this.verificationTime_s(load));
			yield* this.step({ wait_s: 0, note: verificationNote(load, errors) });
			errors.forEach((error, phase) => {
				if (Math.abs(error) <= limit) return;
				throw new CalibrationError(`L${phase + 1} still ${toPercent(error)} % wrong at ${current_A} A, ${angle_deg}°`);
			});
		}
	}
}
freezeGenerators(ChipProcedure);

/** @throws CalibrationError naming the channel whose gain no sound board can need */
export function plausibleGain(gain: number, what: string): number {
	if (Math.abs(gain - 1) <= greatestGainError) return gain;
	throw new CalibrationError(`${what} needs a gain of ${gain.toFixed(3)}: wrong part or wiring?`);
}

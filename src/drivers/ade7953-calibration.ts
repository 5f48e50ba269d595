// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import type { CalibrationLayout } from "../metrology/calibration.js";
import type { ModelDescriptor } from "../models/model.js";
import { type Ade7953Calibration, ade7953Uncalibrated, designNumerator } from "./ade7953-configuration.js";

/** Range of the gain registers (data sheet): ±50 % around 0x400000. */
const leastGain = 0x20_0000;
const greatestGain = 0x60_0000;
const delayLimit = 383;
/** A thousandth of full scale in 1/512 of a power code. */
const powerOffsetLimit = 2_489_549;
/** (a thousandth of full scale)² / 2^12: ten times the square of the noise of the noisiest input, -70 dB. */
const rmsOffsetLimit = 20_000;

type Limits = readonly [name: keyof Ade7953Calibration, least: number, greatest: number];

function gain(name: keyof Ade7953Calibration): Limits {
	return [name, leastGain, greatestGain];
}

function symmetric(name: keyof Ade7953Calibration, limit: number): Limits {
	return [name, -limit, limit];
}

/** Order of the values in the record. */
const fields: readonly Limits[] = deepFreeze([
	gain("currentGain"),
	gain("voltageGain"),
	gain("activeGain"),
	gain("reactiveGain"),
	gain("apparentGain"),
	symmetric("activeOffset", powerOffsetLimit),
	symmetric("reactiveOffset", powerOffsetLimit),
	symmetric("apparentOffset", powerOffsetLimit),
	symmetric("currentRmsOffset", rmsOffsetLimit),
	symmetric("voltageRmsOffset", rmsOffsetLimit),
	symmetric("delay", delayLimit),
	gain("neutralGain"),
	symmetric("neutralRmsOffset", rmsOffsetLimit),
	symmetric("neutralDelay", delayLimit),
]);

export function ade7953CalibrationLayout(model: ModelDescriptor): CalibrationLayout {
	return {
		model: model.bit,
		count: fields.length,
		designNumerator: designNumerator(model),
		isPlausible(index, value) {
			const [, least, greatest] = fields[index]!;
			return value >= least && value <= greatest;
		},
	};
}

/** Register values in the order of the record. */
export function ade7953Values(calibration: Ade7953Calibration): Int32Array {
	return Int32Array.from(fields, ([name]) => calibration[name]);
}

/** The reverse. */
export function ade7953Calibration(values: Int32Array): Ade7953Calibration {
	const into: { -readonly [K in keyof Ade7953Calibration]: number } = { ...ade7953Uncalibrated };
	fields.forEach(([name], n) => {
		into[name] = values[n]!;
	});
	return into;
}

// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import type { CalibrationLayout } from "../metrology/calibration.js";
import type { ModelDescriptor } from "../models/model.js";
import {
	type Ade9000Calibration,
	type Ade9000PhaseCalibration,
	designNumerator,
	neutralPhaseCalibration,
} from "./ade9000-configuration.js";

/** Gains within a half of one: beyond that burden, gain of the input or wiring is wrong. Unity is 2^27. */
const gainLimit = 2 ** 26;
/** Coefficient of -15° and of +2.25° at 50 Hz, the range of the phase compensation. */
const leastPhase = -103_500_000;
const greatestPhase = 2 ** 27 - 1;
/** A thousandth of full scale. */
const powerOffsetLimit = 20_694;
/** (a thousandth of full scale)² / 2^15, rounded up. */
const rmsOffsetLimit = 100_000;

type Limits = readonly [name: keyof Ade9000PhaseCalibration, least: number, greatest: number];

function symmetric(name: keyof Ade9000PhaseCalibration, limit: number): Limits {
	return [name, -limit, limit];
}

/** Order of the values of a phase in the record. */
const phaseValues: readonly Limits[] = deepFreeze([
	symmetric("currentGain", gainLimit),
	symmetric("voltageGain", gainLimit),
	["phase", leastPhase, greatestPhase] as const,
	symmetric("powerGain", gainLimit),
	symmetric("activeOffset", powerOffsetLimit),
	symmetric("reactiveOffset", powerOffsetLimit),
	symmetric("fundamentalReactiveOffset", powerOffsetLimit),
	symmetric("currentRmsOffset", rmsOffsetLimit),
	symmetric("voltageRmsOffset", rmsOffsetLimit),
	symmetric("currentRms1012Offset", rmsOffsetLimit),
	symmetric("voltageRms1012Offset", rmsOffsetLimit),
]);
/** Of the neutral channel, behind the three phases: gain, phase, RMS offset. */
const neutralAt = 3 * phaseValues.length;
const neutralLimits = Object.freeze([
	-gainLimit,
	gainLimit,
	leastPhase,
	greatestPhase,
	-rmsOffsetLimit,
	rmsOffsetLimit,
]);

export function ade9000CalibrationLayout(model: ModelDescriptor): CalibrationLayout {
	return {
		model: model.bit,
		count: neutralAt + 3,
		designNumerator: designNumerator(model),
		isPlausible(index, value) {
			const isNeutral = index >= neutralAt;
			const limits = phaseValues[index % phaseValues.length]!;
			const least = isNeutral ? neutralLimits[2 * (index - neutralAt)]! : limits[1];
			const greatest = isNeutral ? neutralLimits[2 * (index - neutralAt) + 1]! : limits[2];
			return value >= least && value <= greatest;
		},
	};
}

/** Register values in the order of the record. */
export function ade9000Values(calibration: Ade9000Calibration): Int32Array {
	const values = new Int32Array(neutralAt + 3);
	for (let phase = 0; phase < 3; phase++) {
		const from = calibration.phases[phase] ?? neutralPhaseCalibration;
		phaseValues.forEach(([name], n) => {
			values[phase * phaseValues.length + n] = from[name];
		});
	}
	values[neutralAt] = calibration.neutralGain;
	values[neutralAt + 1] = calibration.neutralPhase;
	values[neutralAt + 2] = calibration.neutralRms1012Offset;
	return values;
}

/** The reverse. */
export function ade9000Calibration(values: Int32Array): Ade9000Calibration {
	const phases: Ade9000PhaseCalibration[] = [];
	for (let phase = 0; phase < 3; phase++) {
		const into: { -readonly [K in keyof Ade9000PhaseCalibration]: number } = { ...neutralPhaseCalibration };
		phaseValues.forEach(([name], n) => {
			into[name] = values[phase * phaseValues.length + n]!;
		});
		phases.push(into);
	}
	return {
		phases,
		neutralGain: values[neutralAt]!,
		neutralPhase: values[neutralAt + 1]!,
		neutralRms1012Offset: values[neutralAt + 2]!,
	};
}

// SPDX-License-Identifier: Apache-2.0

import { type BoardTolerances, extremeTolerances } from "../../hosts/simulator/factory/tolerances.js";
import { ade7953Calibration, ade7953Values } from "../../src/drivers/ade7953-calibration.js";
import { designNumerator as ade7953Numerator, ade7953Uncalibrated } from "../../src/drivers/ade7953-configuration.js";
import { ade9000Calibration, ade9000Values } from "../../src/drivers/ade9000-calibration.js";
import { ade9000Uncalibrated } from "../../src/drivers/ade9000-configuration.js";
import type { Calibration } from "../../src/metrology/calibration.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import { currentsOf } from "./load-points.js";
import type { StationLoad } from "./station.js";

/** Where a control is measured, and the limit of class C there. */
export interface ControlPoint {
	readonly load: StationLoad;
	readonly factor: string;
	readonly limit_percent: number;
}

/** A mistake made on purpose: a bench that does not find it proves nothing. */
export interface Control {
	readonly name: string;
	/** One of these must be out of its limit; the worst is shown. */
	readonly tries: readonly ControlPoint[];
	readonly spoil?: (calibration: Calibration) => Calibration;
	/** Errors of the board, by seed, where they are not drawn. */
	readonly tolerances?: (seed: number) => BoardTolerances;
	/** Where the LED, which flashes for either direction, cannot tell: by register 1.8.0 over an hour. */
	readonly byRegister?: boolean;
}

function isAde7953(model: ModelDescriptor): boolean {
	return model.board.frontEnd === "ADE7953";
}

function uncalibrated(model: ModelDescriptor): (calibration: Calibration) => Calibration {
	return (calibration) =>
		isAde7953(model)
			? { ...calibration, values: ade7953Values(ade7953Uncalibrated), unitNumerator: ade7953Numerator(model) }
			: { ...calibration, values: ade9000Values(ade9000Uncalibrated) };
}

/** Power of the first phase 2.5 % too high. */
function wrongGain(model: ModelDescriptor): (calibration: Calibration) => Calibration {
	return (calibration) => {
		if (isAde7953(model)) {
			const found = ade7953Calibration(calibration.values);
			const activeGain = Math.round(found.activeGain * 1.025);
			return { ...calibration, values: ade7953Values({ ...found, activeGain }) };
		}
		const found = ade9000Calibration(calibration.values);
		const [a, b, c] = found.phases;
		const powerGain = a!.powerGain + Math.round(0.025 * 2 ** 27);
		return { ...calibration, values: ade9000Values({ ...found, phases: [{ ...a!, powerGain }, b!, c!] }) };
	};
}

/** The currents 0.7° early, as if nobody had set the phase compensation of a transformer. */
function wrongPhase(model: ModelDescriptor): (calibration: Calibration) => Calibration {
	return (calibration) => {
		if (isAde7953(model)) {
			const found = ade7953Calibration(calibration.values);
			return { ...calibration, values: ade7953Values({ ...found, delay: found.delay - 35 }) };
		}
		const found = ade9000Calibration(calibration.values);
		// 1 code is 3.3e-8 degrees
		const phases = found.phases.map((values) => ({ ...values, phase: values.phase + 21_350_000 }));
		return { ...calibration, values: ade9000Values({ ...found, phases }) };
	};
}

/** The controls of a model. All of them must fail. */
export function controls(model: ModelDescriptor): Control[] {
	const { reference_A } = currentsOf(model);
	const at = (angle_deg: number, factor: string): ControlPoint => ({
		load: { current_A: reference_A, angle_deg },
		factor,
		limit_percent: 0.5,
	});
	const straight = at(0, "1");
	const inclined = at(60, "0.5 ind");
	const all: Control[] = [
		{
			name: "board at the ends of its tolerances, without calibration",
			tries: [straight, inclined],
			spoil: uncalibrated(model),
			tolerances: extremeTolerances,
		},
		{ name: "gain of one phase 2.5 % too high", tries: [straight], spoil: wrongGain(model) },
		{ name: "phase compensation 0.7° off", tries: [inclined], spoil: wrongPhase(model) },
	];
	const miswired = (miswired_deg: readonly number[]) => [{ ...straight, load: { ...straight.load, miswired_deg } }];
	if (model.phases === 1)
		return [...all, { name: "current reversed (register)", tries: miswired([180]), byRegister: true }];
	all.push({ name: "current of L1 reversed", tries: miswired([180, 0, 0]) });
	// The transformer of L2 sits on L1 and the other way round: 120° later and earlier than it should be.
	all.push({ name: "current transformers of L1 and L2 exchanged", tries: miswired([120, -120, 0]) });
	return all;
}

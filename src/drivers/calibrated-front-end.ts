// SPDX-License-Identifier: Apache-2.0
import type { Calibration, CalibrationFault, CalibrationLayout } from "../metrology/calibration.js";
import type { FrontEnd } from "../metrology/front-end.js";
import { undirectedLedSources } from "../metrology/led-source.js";
import { StoppedFrontEnd } from "../metrology/stopped-front-end.js";
import type { ModelDescriptor } from "../models/model.js";
import type { InputPin, SpiDevice, Stillness } from "../ports/bus.js";
import { Ade7953 } from "./ade7953.js";
import { ade7953Calibration, ade7953CalibrationLayout } from "./ade7953-calibration.js";
import { unitDenominator as ade7953Denominator, pulseDenominator } from "./ade7953-configuration.js";
import { Ade9000 } from "./ade9000.js";
import { ade9000Calibration, ade9000CalibrationLayout } from "./ade9000-calibration.js";
import { unitDenominator as ade9000Denominator, pulseDivider } from "./ade9000-configuration.js";

export interface FrontEndWiring {
	readonly spi: SpiDevice;
	/** Interrupt pin 0 of the ADE9000, if wired. */
	readonly irq0?: InputPin | undefined;
	/** Interrupt pin 1, which tells of dips and swells. */
	readonly irq1?: InputPin | undefined;
	/** What the host knows of the chip. */
	readonly stillness?: Stillness | undefined;
}

/** Layout of the calibration record of a model. */
export function calibrationLayout(model: ModelDescriptor): CalibrationLayout {
	return model.board.frontEnd === "ADE7953" ? ade7953CalibrationLayout(model) : ade9000CalibrationLayout(model);
}

/** Whether the divider of the chip can give `constant` impulses per kWh. */
export function isLedConstantReachable(model: ModelDescriptor, constant: number): boolean {
	try {
		if (model.board.frontEnd === "ADE7953") pulseDenominator(model, constant);
		else pulseDivider(model, constant);
		return true;
	} catch {
		return false;
	}
}

/**
 * The measuring chip of a model with its calibration, which the driver writes at every start of the chip. Without a
 * calibration the chip is left alone and the front end has the fault "calibration": a meter never runs on default gains (F18).
 * @param ledSources what the test outputs give impulses of
 * @param ledConstants of the test outputs; undefined when that sealed parameter is lost, which stops the meter as well
 */
export function createFrontEnd(
	{ spi, irq0, irq1, stillness }: FrontEndWiring,
	model: ModelDescriptor,
	calibration: Calibration | CalibrationFault,
	ledConstants: readonly number[] | undefined,
	ledSources: readonly number[] = undirectedLedSources,
): FrontEnd {
	const isAde7953 = model.board.frontEnd === "ADE7953";
	const areReachable = ledConstants?.every((constant) => isLedConstantReachable(model, constant)) ?? false;
	if (typeof calibration === "string" || ledConstants === undefined || !areReachable) {
		const denominator = isAde7953 ? ade7953Denominator : ade9000Denominator;
		const { designNumerator } = calibrationLayout(model);
		return new StoppedFrontEnd(model.phases, designNumerator, denominator, ledConstants ?? [0, 0, 0], "calibration");
	}
	const { values, unitNumerator } = calibration;
	const common = { spi, stillness, model, ledConstants, ledSources, unitNumerator };
	if (isAde7953) return new Ade7953({ ...common, calibration: ade7953Calibration(values) });
	const options = { ...common, calibration: ade9000Calibration(values) };
	return new Ade9000({
		...options,
		...(irq0 === undefined ? {} : { irq0 }),
		...(irq1 === undefined ? {} : { irq1 }),
	});
}

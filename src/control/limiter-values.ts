// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../models/model.js";
import { type LimiterSettings, monitored } from "./limiter-settings.js";
import type { LimitsParts } from "./limits-parts.js";

/** mA of one digit of a current. */
export function currentDigit_mA(model: ModelDescriptor): number {
	return 10 ** (3 + model.currentScaler);
}

/** Whether limiter n may have this threshold: up to what the meter stands, or none at all. */
export function isThresholdInRange(
	settings: LimiterSettings,
	model: ModelDescriptor,
	n: number,
	threshold: number,
): boolean {
	if (threshold === settings.noLimit(n)) return true;
	const { maximumCurrent_mA, nominalVoltage_V, phases } = model;
	const greatest = settings.isCurrent(n)
		? maximumCurrent_mA / currentDigit_mA(model)
		: (maximumCurrent_mA / 1000) * nominalVoltage_V * phases;
	return threshold <= greatest;
}

/** The monitored value as it is now, in the unit of its threshold. @param which one of `monitored` */
export function monitoredValue(which: number, { sliding, metrology, model }: LimitsParts): number {
	if (which === monitored.averageImport) return sliding.power_W(1);
	if (which === monitored.averageAbsolute) return sliding.power_W(15);
	if (which === monitored.import) return Math.round(metrology.power_mW(1) / 1000);
	let current_mA = 0;
	for (let phase = 1; phase <= model.phases; phase++)
		if (which === monitored.currentSum || which === monitored.current + phase - 1)
			current_mA += metrology.current_mA(phase);
	return Math.round(current_mA / currentDigit_mA(model));
}

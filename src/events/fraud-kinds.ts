// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import { eventLog } from "./event-sink.js";

/** Bits of the masks 0-0:96.50.1 and 0-0:96.50.2, counted from the left. */
export const fraudCause = Object.freeze({
	terminalCover: 0,
	meterCover: 1,
	magneticField: 2,
	electromagneticField: 3,
	/** An association that fails to authenticate, n times. */
	authenticationFailure: 4,
	/** An APDU that does not decipher, n times. */
	decipheringFailure: 5,
	replay: 6,
	neutralInterruption: 7,
	currentReversal: 8,
	/** Voltage behind the open supply switch. */
	disconnector: 9,
	inputContact: 11,
	currentWithoutVoltage: 12,
});

/** Counters and durations 0-0:96.20.{0,5,15,25,20,30} + n, in the order of the record. */
export const tamperGroup = Object.freeze({
	meterCover: 0,
	terminalCover: 1,
	magneticField: 2,
	metrology: 3,
	disconnector: 4,
	communication: 5,
	count: 6,
});

export interface FraudKind {
	/** One of `fraudCause`. */
	readonly cause: number;
	readonly begins: number;
	/** 0 where there is no event for it. */
	readonly ends: number;
	/** Log where the begin is reported; the end is in the fraud log. */
	readonly log: number;
	/** One of `tamperGroup`, -1 where it is not counted. */
	readonly group: number;
}

const { fraud, standard } = eventLog;

/**
 * What is looked for, in the order of the debounce times (0-0:96.50.11); the last one is not among them. Its event is that of
 * consumption while disconnected: there is no other for voltage behind the open switch.
 */
export const kinds: readonly FraudKind[] = deepFreeze([
	{ cause: fraudCause.meterCover, begins: 44, ends: 45, log: fraud, group: tamperGroup.meterCover },
	{ cause: fraudCause.terminalCover, begins: 40, ends: 41, log: fraud, group: tamperGroup.terminalCover },
	{ cause: fraudCause.magneticField, begins: 42, ends: 43, log: fraud, group: tamperGroup.magneticField },
	{ cause: fraudCause.electromagneticField, begins: 230, ends: 231, log: fraud, group: tamperGroup.metrology },
	{ cause: fraudCause.neutralInterruption, begins: 89, ends: 232, log: standard, group: tamperGroup.metrology },
	{ cause: fraudCause.currentWithoutVoltage, begins: 235, ends: 236, log: fraud, group: -1 },
	{ cause: fraudCause.currentReversal, begins: 91, ends: 237, log: fraud, group: -1 },
	{ cause: fraudCause.disconnector, begins: 52, ends: 0, log: standard, group: tamperGroup.disconnector },
]);

/** Star point of the loads away from the neutral: phase voltages lie apart while the triangle of the lines is in order. */
export function isStarPointFloating(
	metrology: MetrologyView,
	{ nominalVoltage_V }: ModelDescriptor,
): boolean | undefined {
	const nominal_mV = nominalVoltage_V * 1000;
	let least = Infinity;
	let greatest = 0;
	for (let n = 1; n <= 3; n++) {
		const line_mV = metrology.lineVoltage_mV(n);
		// a dip, or a phase that is missing
		if (Math.abs(line_mV / Math.sqrt(3) - nominal_mV) > nominal_mV / 10) return undefined;
		least = Math.min(least, metrology.voltage_mV(n));
		greatest = Math.max(greatest, metrology.voltage_mV(n));
	}
	return greatest - least > nominal_mV / 5;
}

/** What flows out through the phase does not come back through the neutral, or the voltage has gone and the current has not. */
export function isNeutralOpen(metrology: MetrologyView, model: ModelDescriptor): boolean {
	const phase_mA = metrology.current_mA(1);
	if (phase_mA < 10 * model.startingCurrent_mA) return false;
	const neutral_mA = metrology.neutralCurrent_mA();
	if (neutral_mA !== undefined && neutral_mA < phase_mA / 10) return true;
	return metrology.voltage_mV(1) < model.nominalVoltage_V * 200;
}

export function hasCurrentWithoutVoltage(metrology: MetrologyView, model: ModelDescriptor): boolean {
	for (let phase = 1; phase <= model.phases; phase++) {
		const isDead = metrology.voltage_mV(phase) < model.nominalVoltage_V * 200;
		if (isDead && metrology.current_mA(phase) > 5 * model.startingCurrent_mA) return true;
	}
	return false;
}

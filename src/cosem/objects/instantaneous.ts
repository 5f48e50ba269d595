// SPDX-License-Identifier: Apache-2.0
import { optionBit } from "../../models/model.js";
import { type RegisterSpec, register } from "../classes/register.js";
import {
	encodeDoubleLong,
	encodeDoubleLongUnsigned,
	encodeInteger,
	encodeLong,
	encodeLongUnsigned,
} from "../codec/axdr.js";
import type { Call, CosemObject } from "../model.js";
import { object, onThreePhases, type Presence } from "../object.js";
import { unit } from "../unit.js";
import { readByConsumerToo, readByStaff } from "./rights.js";
import { currentScaler, encodeCurrent, encodeVoltage, energyScaler, powerDigits, voltageScaler } from "./scalers.js";

function power(c: number, unitCode: number): RegisterSpec {
	return {
		index: c,
		value: (w, call, index) =>
			encodeDoubleLongUnsigned(w, powerDigits(call, call.application.metrology.power_mW(index))),
		scaler: energyScaler,
		unit: unitCode,
	};
}

function netPower(c: number): RegisterSpec {
	return {
		index: c,
		value: (w, call, index) => encodeDoubleLong(w, powerDigits(call, call.application.metrology.power_mW(index))),
		scaler: energyScaler,
		unit: unit.watt,
	};
}

function phaseVoltage(phase: number): RegisterSpec {
	return {
		index: phase,
		value: (w, call, index) => encodeVoltage(w, call, call.application.metrology.voltage_mV(index)),
		scaler: voltageScaler,
		unit: unit.volt,
	};
}

function lineVoltage(pair: number): RegisterSpec {
	return {
		index: pair,
		value: (w, call, index) => encodeVoltage(w, call, call.application.metrology.lineVoltage_mV(index)),
		scaler: voltageScaler,
		unit: unit.volt,
	};
}

function phaseCurrent(phase: number): RegisterSpec {
	return {
		index: phase,
		value: (w, call, index) => encodeCurrent(w, call, call.application.metrology.current_mA(index)),
		scaler: currentScaler,
		unit: unit.ampere,
	};
}

const neutralCurrent: RegisterSpec = {
	value: (w, call) => encodeCurrent(w, call, call.application.metrology.neutralCurrent_mA() ?? 0),
	scaler: currentScaler,
	unit: unit.ampere,
};

const currentSum: RegisterSpec = {
	value: (w, call) => encodeCurrent(w, call, sumOfPhaseCurrents_mA(call)),
	scaler: currentScaler,
	unit: unit.ampere,
};

function powerFactor(phase: number): RegisterSpec {
	return {
		index: phase,
		value: (w, { application }, index) => encodeLong(w, application.metrology.powerFactor_permil(index)),
		scaler: -3,
		unit: unit.none,
	};
}

/** Power factor seen from the exporting side: the sign turned round. */
const exportPowerFactor: RegisterSpec = {
	value: (w, { application }) => encodeLong(w, -application.metrology.powerFactor_permil(0)),
	scaler: -3,
	unit: unit.none,
};

function angle(x: number): RegisterSpec {
	return {
		index: x,
		value: (w, { application }, index) => encodeLong(w, application.metrology.angle_decideg(index)),
		scaler: -1,
		unit: unit.degree,
	};
}

const frequency: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, Math.round(application.metrology.frequency_mHz() / 10)),
	scaler: -2,
	unit: unit.hertz,
};

const temperature: RegisterSpec = {
	value: (w, { application }) => encodeInteger(w, application.metrology.temperature_degC() ?? 0),
	scaler: 0,
	unit: unit.celsius,
};

function unitOf(quantity: number): number {
	if (quantity >= 3 && quantity <= 8) return unit.var;
	return quantity === 9 || quantity === 10 ? unit.voltAmpere : unit.watt;
}

function powers(offset: number, presence: Presence): CosemObject[] {
	const rows = [1, 2, 15, 3, 4, 9, 10].map((quantity) =>
		object(
			register,
			`1-0:${quantity + offset}.7.0.255`,
			readByConsumerToo,
			power(quantity + offset, unitOf(quantity)),
			presence,
		),
	);
	rows.push(object(register, `1-0:${16 + offset}.7.0.255`, readByConsumerToo, netPower(16 + offset), presence));
	return rows;
}

function phaseValues(phase: 1 | 2 | 3): CosemObject[] {
	const presence = phase === 1 ? {} : onThreePhases;
	const offset = 20 * phase;
	return [
		...powers(offset, presence),
		object(register, `1-0:${12 + offset}.7.0.255`, readByConsumerToo, phaseVoltage(phase), presence),
		object(register, `1-0:${11 + offset}.7.0.255`, readByConsumerToo, phaseCurrent(phase), presence),
		object(register, `1-0:${13 + offset}.7.0.255`, readByConsumerToo, powerFactor(phase), presence),
	];
}

function sumOfPhaseCurrents_mA({ application }: Call): number {
	let sum_mA = 0;
	for (let phase = 1; phase <= application.model.phases; phase++) sum_mA += application.metrology.current_mA(phase);
	return sum_mA;
}

export const instantaneousObjects: readonly CosemObject[] = Object.freeze([
	...powers(0, {}),
	...[5, 6, 7, 8].map((c) => object(register, `1-0:${c}.7.0.255`, readByStaff, power(c, unit.var))),
	...phaseValues(1),
	...phaseValues(2),
	...phaseValues(3),
	...[1, 2, 3].map((pair) =>
		object(register, `1-0:${123 + pair}.7.0.255`, readByConsumerToo, lineVoltage(pair), onThreePhases),
	),
	object(register, "1-0:91.7.0.255", readByConsumerToo, neutralCurrent, { options: optionBit.neutral_ct }),
	object(register, "1-0:90.7.0.255", readByConsumerToo, currentSum),
	object(register, "1-0:13.7.0.255", readByConsumerToo, powerFactor(0)),
	object(register, "1-0:84.7.0.255", readByStaff, exportPowerFactor),
	object(register, "1-0:14.7.0.255", readByConsumerToo, frequency),
	...[4].map((x) => object(register, `1-0:81.7.${x}.255`, readByStaff, angle(x))),
	...[1, 2, 5, 6, 15, 26].map((x) => object(register, `1-0:81.7.${x}.255`, readByStaff, angle(x), onThreePhases)),
	object(register, "0-0:96.9.0.255", readByStaff, temperature),
]);

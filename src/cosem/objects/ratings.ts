// SPDX-License-Identifier: Apache-2.0
import { optionBit } from "../../models/model.js";
import { type DataSpec, data } from "../classes/data.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { encodeDoubleLongUnsigned, encodeEnum, encodeLongUnsigned } from "../codec/axdr.js";
import type { Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByMetrology } from "./rights.js";

/** A rating in tenths of its unit. */
function rating(tenths: (call: Call) => number, unitCode: number): RegisterSpec {
	return { value: (w, call) => encodeLongUnsigned(w, tenths(call)), scaler: -1, unit: unitCode };
}

/** Transformer ratios exist on the CT model only. Sealed; 5:5 and 1:1 until verification sets others. */
const behindTransformers = { options: optionBit.ct };

const currentRatio: DataSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, application.model.nominalRatio_A),
};
const one: DataSpec = { value: (w) => encodeDoubleLongUnsigned(w, 1) };
const secondarySide: DataSpec = { value: (w) => encodeEnum(w, 0) };

/** Imp/kWh, imp/kvarh, imp/kVAh. Sealed: no client of this release may write it. */
function ledConstant(unitCode: number): RegisterSpec {
	return {
		value: (w, { application }) => encodeDoubleLongUnsigned(w, application.metrology.ledConstant),
		scaler: -3,
		unit: unitCode,
	};
}

export const ratingObjects: readonly CosemObject[] = Object.freeze([
	object(
		register,
		"1-0:0.6.0.255",
		readByStaff,
		rating(({ application }) => application.model.nominalVoltage_V * 10, unit.volt),
	),
	object(
		register,
		"1-0:0.6.1.255",
		readByStaff,
		rating(({ application }) => application.model.referenceCurrent_mA / 100, unit.ampere),
	),
	object(
		register,
		"1-0:0.6.2.255",
		readByStaff,
		rating(({ application }) => application.model.nominalFrequency_Hz * 10, unit.hertz),
	),
	object(
		register,
		"1-0:0.6.3.255",
		readByStaff,
		rating(({ application }) => application.model.maximumCurrent_mA / 100, unit.ampere),
	),
	object(register, "1-0:0.3.0.255", writtenByMetrology, ledConstant(unit.perWattHour)),
	object(register, "1-0:0.3.1.255", writtenByMetrology, ledConstant(unit.perVarHour)),
	object(register, "1-0:0.3.2.255", writtenByMetrology, ledConstant(unit.perVoltAmpereHour)),
	object(data, "1-0:0.4.0.255", readByStaff, one, behindTransformers),
	object(data, "1-0:0.4.1.255", readByStaff, one, behindTransformers),
	object(data, "1-0:0.4.2.255", writtenByMetrology, currentRatio, behindTransformers),
	object(data, "1-0:0.4.3.255", writtenByMetrology, one, behindTransformers),
	object(data, "1-0:0.4.4.255", readByStaff, one, behindTransformers),
	object(data, "1-0:0.4.5.255", writtenByMetrology, currentRatio, behindTransformers),
	object(data, "1-0:0.4.6.255", writtenByMetrology, one, behindTransformers),
	object(data, "1-0:0.4.7.255", readByStaff, one, behindTransformers),
	object(data, "0-0:96.52.0.255", writtenByMetrology, secondarySide, behindTransformers),
]);

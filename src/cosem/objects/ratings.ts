// SPDX-License-Identifier: Apache-2.0
import { ledQuantity } from "../../metrology/led-constant.js";
import { ledSource } from "../../metrology/led-source.js";
import type { TransformerSetting } from "../../metrology/registration.js";
import { optionBit } from "../../models/model.js";
import { housingSignal } from "../../ports/housing.js";
import { dataClass, registerClass } from "../class-ids.js";
import { type DataSpec, data } from "../classes/data.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { scriptTable } from "../classes/script-table.js";
import {
	decodeDoubleLongUnsigned,
	decodeEnum,
	decodeLongUnsigned,
	decodeStructure,
	encodeDoubleLongUnsigned,
	encodeEnum,
	encodeLongUnsigned,
	encodeStructure,
} from "../codec/axdr.js";
import { encodeFlags } from "../codec/flags.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { changeSealed } from "../parameters/certification.js";
import { dataAccessResult } from "../result.js";
import type { Script } from "../scripts/scripts.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement, writtenByMetrology } from "./rights.js";
import { scriptRightsWithMetrology } from "./scripts.js";

/** A rating in tenths of its unit. */
function rating(tenths: (call: Call) => number, unitCode: number): RegisterSpec {
	return { value: (w, call) => encodeLongUnsigned(w, tenths(call)), scaler: -1, unit: unitCode };
}

/** Transformer ratios exist on the CT model only. Sealed; 5:5 and 1:1 until verification sets others. */
const behindTransformers = { options: optionBit.ct };

/** Fields of a `TransformerSetting` by index, each an object of its own. */
const field = Object.freeze({
	currentNumerator: 0,
	currentDenominator: 1,
	voltageNumerator: 2,
	voltageDenominator: 3,
	side: 4,
});
const namesOfFields = Object.freeze(
	["1-0:0.4.2.255", "1-0:0.4.5.255", "1-0:0.4.3.255", "1-0:0.4.6.255", "0-0:96.52.0.255"].map(parseLogicalName),
);

function encodeField(w: Writer, registration: TransformerSetting, index: number): void {
	switch (index) {
		case field.currentNumerator:
			encodeLongUnsigned(w, registration.currentNumerator);
			break;
		case field.currentDenominator:
			encodeLongUnsigned(w, registration.currentDenominator);
			break;
		case field.voltageNumerator:
			encodeDoubleLongUnsigned(w, registration.voltageNumerator);
			break;
		case field.voltageDenominator:
			encodeDoubleLongUnsigned(w, registration.voltageDenominator);
			break;
		default:
			encodeEnum(w, registration.isPrimary ? 1 : 0);
	}
}

/** @returns undefined for a side that there is not */
function withField(r: Reader, present: TransformerSetting, index: number): TransformerSetting | undefined {
	const { isPrimary, currentNumerator, currentDenominator, voltageNumerator, voltageDenominator } = present;
	const setting = { isPrimary, currentNumerator, currentDenominator, voltageNumerator, voltageDenominator };
	switch (index) {
		case field.currentNumerator:
			return { ...setting, currentNumerator: decodeLongUnsigned(r) };
		case field.currentDenominator:
			return { ...setting, currentDenominator: decodeLongUnsigned(r) };
		case field.voltageNumerator:
			return { ...setting, voltageNumerator: decodeDoubleLongUnsigned(r) };
		case field.voltageDenominator:
			return { ...setting, voltageDenominator: decodeDoubleLongUnsigned(r) };
		default: {
			const side = decodeEnum(r);
			return side > 1 ? undefined : { ...setting, isPrimary: side === 1 };
		}
	}
}

/** Transformer ratios and side of registration (object model, section 4). Sealed. */
function transformer(index: number): DataSpec {
	return {
		index,
		value: (w, { application }, n) => encodeField(w, application.metrology.registration, n),
		setValue(r, call, n) {
			const { application } = call;
			const { registration } = application.metrology;
			const from = r.position;
			const wanted = withField(r, registration, n);
			r.position = from;
			if (wanted === undefined || !application.mayRegister(wanted)) return dataAccessResult.otherReason;
			return changeSealed(
				call,
				{ classId: dataClass, logicalName: namesOfFields[n]! },
				r,
				(w) => encodeField(w, registration, n),
				() => application.changeRegistration(wanted),
			);
		},
	};
}

/** Product of the numerators, or of the denominators. */
function overallRatio(isNumerator: boolean): DataSpec {
	return {
		value(w, { application }) {
			const { registration: of } = application.metrology;
			encodeDoubleLongUnsigned(
				w,
				isNumerator ? of.currentNumerator * of.voltageNumerator : of.currentDenominator * of.voltageDenominator,
			);
		},
	};
}

const readingFactor: DataSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.metrology.registration.readingFactor),
};

/** In the order of `ledQuantity`. */
const ledNames = Object.freeze(["1-0:0.3.0.255", "1-0:0.3.1.255", "1-0:0.3.2.255"].map(parseLogicalName));

/** Imp/kWh, imp/kvarh, imp/kVAh, sealed. @param index one of `ledQuantity` */
function ledConstant(index: number, unitCode: number): RegisterSpec {
	return {
		index,
		value: (w, { application }, n) => encodeDoubleLongUnsigned(w, application.metrology.ledConstants[n]!),
		setValue(r, call, n) {
			const { application } = call;
			const from = r.position;
			const constant = decodeDoubleLongUnsigned(r);
			r.position = from;
			if (!application.maySetLedConstant(constant)) return dataAccessResult.otherReason;
			const before = application.metrology.ledConstants[n]!;
			return changeSealed(
				call,
				{ classId: registerClass, logicalName: ledNames[n]! },
				r,
				(w) => encodeDoubleLongUnsigned(w, before),
				() => application.setLedConstant(constant, n),
			);
		},
		scaler: -3,
		unit: unitCode,
	};
}

/**
 * Status word of the metrology, bit-string[32]: 0 values are valid, 1 sums are arithmetic, 2 apparent energy is vectorial,
 * 3 registration on the primary side, 4 test mode, 5 seal open, 6 link of the factory closed.
 */
const metrologyStatus: DataSpec = {
	value(w, { application }) {
		const { metrology, housing } = application;
		const bits = [
			metrology.isValid,
			metrology.isArithmetic,
			metrology.isVectorial,
			metrology.registration.isPrimary,
			metrology.isTestMode,
			application.isSealOpen(),
			(housing.signals() & housingSignal.factoryLink) !== 0,
		];
		encodeFlags(w, bits, 32);
	},
};

/** What the two test outputs give impulses of. */
const ledSources: DataSpec = {
	value(w, { application }) {
		encodeStructure(w, 2);
		for (let n = 0; n < 2; n++) encodeEnum(w, application.ledSources[n]!);
	},
	setValue(r, { application }) {
		decodeStructure(r, 2);
		const first = decodeEnum(r);
		if (!application.setLedSources([first, decodeEnum(r)])) return dataAccessResult.otherReason;
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

/** LED 1 follows another quantity, or the clock. */
function ledScript(source: number): Script {
	return {
		id: source + 1,
		actions: [],
		run(application) {
			if (!application.setLedSources([source, application.ledSources[1]!])) return dataAccessResult.otherReason;
			application.parameterChanged();
			return dataAccessResult.success;
		},
	};
}

const ledScripts = Object.values(ledSource).map(ledScript);

export const ratingObjects: readonly CosemObject[] = Object.freeze([
	object(data, "0-0:96.5.1.255", readByStaff, metrologyStatus),
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
	object(register, "1-0:0.3.0.255", writtenByMetrology, ledConstant(ledQuantity.active, unit.perWattHour)),
	object(register, "1-0:0.3.1.255", writtenByMetrology, ledConstant(ledQuantity.reactive, unit.perVarHour)),
	object(register, "1-0:0.3.2.255", writtenByMetrology, ledConstant(ledQuantity.apparent, unit.perVoltAmpereHour)),
	object(data, "0-0:96.56.3.255", writtenByManagement, ledSources),
	object(scriptTable, "0-0:10.0.104.255", scriptRightsWithMetrology, { scripts: ledScripts }),
	object(data, "1-0:0.4.0.255", readByStaff, readingFactor, behindTransformers),
	object(data, "1-0:0.4.1.255", readByStaff, readingFactor, behindTransformers),
	object(data, "1-0:0.4.2.255", writtenByMetrology, transformer(field.currentNumerator), behindTransformers),
	object(data, "1-0:0.4.3.255", writtenByMetrology, transformer(field.voltageNumerator), behindTransformers),
	object(data, "1-0:0.4.4.255", readByStaff, overallRatio(true), behindTransformers),
	object(data, "1-0:0.4.5.255", writtenByMetrology, transformer(field.currentDenominator), behindTransformers),
	object(data, "1-0:0.4.6.255", writtenByMetrology, transformer(field.voltageDenominator), behindTransformers),
	object(data, "1-0:0.4.7.255", readByStaff, overallRatio(false), behindTransformers),
	object(data, "0-0:96.52.0.255", writtenByMetrology, transformer(field.side), behindTransformers),
]);

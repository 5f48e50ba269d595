// SPDX-License-Identifier: Apache-2.0
import { dateTimeLength, notSpecified } from "../../clock/date-time.js";
import { deepFreeze } from "../../core/deep-freeze.js";
import { optionBit } from "../../models/model.js";
import { eventClasses } from "../../power-quality/event-class.js";
import { outageOf } from "../../power-quality/outages.js";
import { parameter } from "../../power-quality/parameters.js";
import { slowKind } from "../../power-quality/slow-voltage.js";
import type { Application } from "../application.js";
import { type DataSpec, data } from "../classes/data.js";
import { changed } from "../classes/demand-register.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { scriptTable } from "../classes/script-table.js";
import {
	decodeLongUnsigned,
	encodeArray,
	encodeDoubleLongUnsigned,
	encodeLongUnsigned,
	encodeOctetString,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { CosemObject } from "../model.js";
import { object, onThreePhases, type Presence } from "../object.js";
import { dataAccessResult } from "../result.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement } from "./rights.js";
import { encodeVoltage, voltageScaler } from "./scalers.js";
import { scriptRightsWithMetrology } from "./scripts.js";

const decivolt_mV = 100;
const onOrder: Presence = Object.freeze({ options: optionBit.pq });
const onOrderWithThreePhases: Presence = Object.freeze({ ...onThreePhases, options: optionBit.pq });

/** A parameter by its index in `parameter`. */
function setting(index: number, scaler: number, unitCode: number): RegisterSpec {
	return {
		index,
		value: (w, { application }, n) => encodeLongUnsigned(w, application.powerQuality.parameters.value(n)),
		setValue: (r, call, n) => changed(call.application.powerQuality.parameters.set(n, decodeLongUnsigned(r)), call),
		scaler,
		unit: unitCode,
	};
}

/** A voltage, kept as at the terminals and shown on the side of registration, where a digit is no finer. */
function voltageSetting(name: string, index: number): CosemObject {
	return object(
		register,
		name,
		writtenByManagement,
		{
			index,
			value: (w, call, n) => encodeVoltage(w, call, call.application.powerQuality.parameters.value(n) * decivolt_mV),
			setValue(r, call, n) {
				const { metrology, powerQuality } = call.application;
				const voltage_mV = metrology.registration.fromVoltageDigits(decodeLongUnsigned(r));
				return changed(powerQuality.parameters.set(n, Math.round(voltage_mV / decivolt_mV)), call);
			},
			scaler: voltageScaler,
			unit: unit.volt,
		},
		onOrder,
	);
}

function timeSetting(name: string, index: number): CosemObject {
	return object(register, name, writtenByManagement, setting(index, 0, unit.second), onOrder);
}

// Under-voltage, over-voltage, missing voltage of a phase: index kind · 3 + phase

function slowCount(index: number): DataSpec {
	return { index, value: (w, { application }, n) => encodeLongUnsigned(w, application.powerQuality.slow.count(n)) };
}

function slowDuration(index: number): RegisterSpec {
	return {
		index,
		value: (w, { application }, n) => encodeDoubleLongUnsigned(w, application.powerQuality.slow.duration_s(n)),
		scaler: 0,
		unit: unit.second,
	};
}

function slowMagnitude(index: number): RegisterSpec {
	return {
		index,
		value: (w, call, n) => encodeVoltage(w, call, call.application.powerQuality.slow.extreme_dV(n) * decivolt_mV),
		scaler: voltageScaler,
		unit: unit.volt,
	};
}

/** @param phase from 0 */
function slowEvents(phase: number): CosemObject[] {
	const presence = phase === 0 ? onOrder : onOrderWithThreePhases;
	const c = 32 + 20 * phase;
	const sag = slowKind.sag * 3 + phase;
	const swell = slowKind.swell * 3 + phase;
	const cut = slowKind.cut * 3 + phase;
	return [
		object(data, `1-0:${c}.32.0.255`, readByStaff, slowCount(sag), presence),
		object(register, `1-0:${c}.33.0.255`, readByStaff, slowDuration(sag), presence),
		object(register, `1-0:${c}.34.0.255`, readByStaff, slowMagnitude(sag), presence),
		object(data, `1-0:${c}.36.0.255`, readByStaff, slowCount(swell), presence),
		object(register, `1-0:${c}.37.0.255`, readByStaff, slowDuration(swell), presence),
		object(register, `1-0:${c}.38.0.255`, readByStaff, slowMagnitude(swell), presence),
		object(data, `1-0:${c}.40.0.255`, readByStaff, slowCount(cut), presence),
		object(register, `1-0:${c}.41.0.255`, readByStaff, slowDuration(cut), presence),
	];
}

// Power failures: index of `outageOf`

function outageCount(index: number): DataSpec {
	return { index, value: (w, { application }, n) => encodeLongUnsigned(w, application.powerQuality.outages.count(n)) };
}

function longOutageCount(index: number): DataSpec {
	return {
		index,
		value: (w, { application }, n) => encodeLongUnsigned(w, application.powerQuality.outages.longCount(n)),
	};
}

function longOutageDuration(index: number): RegisterSpec {
	return {
		index,
		value: (w, { application }, n) => encodeDoubleLongUnsigned(w, application.powerQuality.outages.longDuration_s(n)),
		scaler: 0,
		unit: unit.second,
	};
}

/** Begin of the last failure; not specified before the first. */
function outageTime(index: number): DataSpec {
	return {
		index,
		value(w, { application }, n) {
			const { scratch, clock, powerQuality } = application;
			const start_s = powerQuality.outages.start_s(n);
			if (start_s > 0) clock.stamp(start_s, application.time).encode(scratch, 0);
			else {
				scratch.fill(notSpecified.octet, 0, dateTimeLength);
				scratch[9] = notSpecified.deviation_min >> 8;
				scratch[10] = 0;
			}
			encodeOctetString(w, scratch, 0, dateTimeLength);
		},
	};
}

/** @param place one of `outageOf`; value group E of the count is given, the others follow in the order of `outageOf` */
function outageObjects(place: number, countE: number): CosemObject[] {
	const isOfAll = place === outageOf.l1 || place === outageOf.anyPhase;
	const presence: Presence = isOfAll ? {} : onThreePhases;
	return [
		object(data, `0-0:96.7.${countE}.255`, readByStaff, outageCount(place), presence),
		object(data, `0-0:96.7.${5 + place}.255`, readByStaff, longOutageCount(place), presence),
		object(data, `0-0:96.7.${10 + place}.255`, readByStaff, outageTime(place), presence),
		object(register, `0-0:96.7.${15 + place}.255`, readByStaff, longOutageDuration(place), presence),
	];
}

// The last dip, swell or interruption

const fastDuration: RegisterSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.powerQuality.fastEvents.duration_ms),
	scaler: -3,
	unit: unit.second,
};
const fastExtreme: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, application.powerQuality.fastEvents.extreme_dV),
	scaler: -1,
	unit: unit.volt,
};
const fastFlags: DataSpec = {
	value: (w, { application }) => encodeUnsigned(w, application.powerQuality.fastEvents.flags),
};
const fastClasses: DataSpec = {
	value(w, { application }) {
		const { classes } = application.powerQuality.fastEvents;
		encodeArray(w, eventClasses);
		for (let n = 0; n < eventClasses; n++) encodeDoubleLongUnsigned(w, classes[n]!);
	},
	maximumSize: 2 + 5 * eventClasses,
};

/** Reads 0 while a phase is missing: there is no mark for "not known" in a long-unsigned. */
const unbalance: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, Math.max(0, application.powerQuality.unbalance_permil)),
	scaler: -1,
	unit: unit.percent,
};

const managementScripts = deepFreeze([
	{
		id: 1,
		actions: [],
		run({ powerQuality }: Application) {
			powerQuality.clearCounters();
			return dataAccessResult.success;
		},
	},
	{
		id: 2,
		actions: [],
		run({ powerQuality }: Application) {
			powerQuality.restartWeek();
			return dataAccessResult.success;
		},
	},
]);

export const powerQualityObjects: readonly CosemObject[] = Object.freeze([
	voltageSetting("1-0:0.6.4.255", parameter.reference),
	voltageSetting("1-0:12.31.0.255", parameter.threshold + slowKind.sag),
	voltageSetting("1-0:12.35.0.255", parameter.threshold + slowKind.swell),
	voltageSetting("1-0:12.39.0.255", parameter.threshold + slowKind.cut),
	timeSetting("1-0:12.43.0.255", parameter.raise + slowKind.sag),
	timeSetting("1-0:12.44.0.255", parameter.raise + slowKind.swell),
	timeSetting("1-0:12.45.0.255", parameter.raise + slowKind.cut),
	timeSetting("1-1:12.43.0.255", parameter.clear + slowKind.sag),
	timeSetting("1-1:12.44.0.255", parameter.clear + slowKind.swell),
	timeSetting("1-1:12.45.0.255", parameter.clear + slowKind.cut),
	...slowEvents(0),
	...slowEvents(1),
	...slowEvents(2),
	object(register, "0-0:96.50.20.255", readByStaff, unbalance, onOrderWithThreePhases),
	object(register, "0-0:96.50.21.255", writtenByManagement, setting(parameter.asymmetry, -1, unit.percent), onOrder),
	object(register, "0-0:96.50.22.255", writtenByManagement, setting(parameter.weeklyLimit, -1, unit.percent), onOrder),
	object(register, "0-0:96.50.40.255", readByStaff, fastDuration, onOrder),
	object(register, "0-0:96.50.41.255", readByStaff, fastExtreme, onOrder),
	object(data, "0-0:96.50.42.255", readByStaff, fastFlags, onOrder),
	object(data, "0-0:96.50.43.255", readByStaff, fastClasses, onOrder),
	...outageObjects(outageOf.allPhases, 0),
	...outageObjects(outageOf.l1, 1),
	...outageObjects(outageOf.l2, 2),
	...outageObjects(outageOf.l3, 3),
	...outageObjects(outageOf.anyPhase, 21),
	object(scriptTable, "0-0:10.0.105.255", scriptRightsWithMetrology, { scripts: managementScripts }),
	object(register, "0-0:96.7.20.255", writtenByManagement, setting(parameter.longOutage, 0, unit.second)),
]);

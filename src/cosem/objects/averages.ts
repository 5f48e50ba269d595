// SPDX-License-Identifier: Apache-2.0
import { voltagePeriod_s } from "../../metrology/demand/averages.js";
import { extremeIndex } from "../../metrology/demand/extremes.js";
import { createStamp } from "../../metrology/demand/stamp.js";
import { optionBit } from "../../models/model.js";
import { access } from "../access.js";
import { changed, type DemandRegisterSpec, demandRegister } from "../classes/demand-register.js";
import { type ExtendedRegisterSpec, extendedRegister } from "../classes/extended-register.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { decodeLongUnsigned, encodeDoubleLong, encodeDoubleLongUnsigned, encodeLongUnsigned } from "../codec/axdr.js";
import type { CosemObject } from "../model.js";
import { object, onThreePhases, type Presence } from "../object.js";
import { unit } from "../unit.js";
import { demandRights, powerUnit } from "./demand.js";
import { readByStaff, writtenByManagement } from "./rights.js";
import { currentScaler, encodeCurrent, encodeRailed, encodeVoltage, energyScaler, voltageScaler } from "./scalers.js";

const extremeRights = access({ management: "R*;A1", reader: "R*", technician: "R*", metrology: "R*" });

/** Sliding average power; the net one is signed. */
function slidingPower(c: number): DemandRegisterSpec {
	const encode = c === 16 ? encodeDoubleLong : encodeDoubleLongUnsigned;
	return {
		currentAverageValue: (w, { application }) => encode(w, application.averages.sliding.power_W(c)),
		lastAverageValue: (w, { application }) => encode(w, application.averages.sliding.lastPower_W(c)),
		scaler: energyScaler,
		unit: unit.watt,
		group: (application) => application.averages.sliding,
	};
}

function slidingCurrent(phase: number): DemandRegisterSpec {
	return {
		currentAverageValue: (w, call) => encodeCurrent(w, call, call.application.averages.sliding.current_mA(phase)),
		lastAverageValue: (w, call) => encodeCurrent(w, call, call.application.averages.sliding.lastCurrent_mA(phase)),
		scaler: currentScaler,
		unit: unit.ampere,
		group: (application) => application.averages.sliding,
	};
}

function averagePower(c: number): RegisterSpec {
	return {
		value: (w, { application }) => encodeDoubleLongUnsigned(w, application.averages.power_W(c)),
		scaler: energyScaler,
		unit: powerUnit(c % 20),
	};
}

function averageCurrent(phase: number): RegisterSpec {
	return {
		value: (w, call) => encodeCurrent(w, call, call.application.averages.current_mA(phase)),
		scaler: currentScaler,
		unit: unit.ampere,
	};
}

function averageVoltage(phase: number): RegisterSpec {
	return {
		value: (w, call) => encodeVoltage(w, call, call.application.averages.voltage_mV(phase)),
		scaler: voltageScaler,
		unit: unit.volt,
	};
}

/** @param perDigit how many of what is stored make one digit of the value */
function extreme(index: number, perDigit: number, scaler: number, unitCode: number): ExtendedRegisterSpec {
	return {
		value: (w, { application }) => encodeRailed(w, application.averages.extremes.value(index) / perDigit),
		scaler,
		unit: unitCode,
		captured: ({ application }) => application.averages.extremes.stamp(index, createStamp()),
		reset: ({ application }) => application.averages.extremes.reset(index),
	};
}

function maximumCurrent(phase: number): ExtendedRegisterSpec {
	const index = extremeIndex.maximumCurrent_mA + phase - 1;
	return {
		...extreme(index, 1, 0, unit.ampere),
		value: (w, call) => encodeCurrent(w, call, call.application.averages.extremes.value(index)),
		scaler: currentScaler,
	};
}

function extremeVoltage(index: number): ExtendedRegisterSpec {
	return {
		...extreme(index, 1, 0, unit.volt),
		value: (w, call) => encodeVoltage(w, call, call.application.averages.extremes.value(index)),
		scaler: voltageScaler,
	};
}

function ofPhase(phase: 1 | 2 | 3): CosemObject[] {
	const presence: Presence = phase === 1 ? {} : onThreePhases;
	const withQuality: Presence = { ...presence, options: optionBit.pq };
	const offset = 20 * phase;
	const current = offset + 11;
	const voltage = offset + 12;
	const least = extremeIndex.minimumVoltage_mV + phase - 1;
	const greatest = extremeIndex.maximumVoltage_mV + phase - 1;
	return [
		object(demandRegister, `1-0:${current}.4.0.255`, demandRights, slidingCurrent(phase), presence),
		object(register, `1-0:${voltage}.24.0.255`, readByStaff, averageVoltage(phase), withQuality),
		object(register, `1-0:${current}.24.0.255`, readByStaff, averageCurrent(phase), presence),
		...[1, 2, 3, 4].map((c) =>
			object(register, `1-0:${offset + c}.24.0.255`, readByStaff, averagePower(offset + c), presence),
		),
		object(extendedRegister, `1-0:${voltage}.3.0.255`, extremeRights, extremeVoltage(least), withQuality),
		object(extendedRegister, `1-0:${voltage}.6.0.255`, extremeRights, extremeVoltage(greatest), withQuality),
		object(extendedRegister, `1-0:${current}.6.0.255`, extremeRights, maximumCurrent(phase), presence),
	];
}

/** Measurement period 3, one parameter with attribute 8 of the registers of sliding averages. */
const averagingPeriod: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, application.averages.sliding.period_s),
	scaler: 0,
	unit: unit.second,
	setValue: (r, call) => changed(call.application.averages.sliding.setPeriod(decodeLongUnsigned(r)), call),
};

/** Ten minutes, as EN 50160 has it; no other value is taken. */
const qualityPeriod: RegisterSpec = {
	value: (w) => encodeLongUnsigned(w, voltagePeriod_s),
	scaler: 0,
	unit: unit.second,
	setValue: (r, call) => changed(decodeLongUnsigned(r) === voltagePeriod_s, call),
};

const quality: Presence = Object.freeze({ options: optionBit.pq });

export const averageObjects: readonly CosemObject[] = Object.freeze([
	...[1, 2, 15, 16].map((c) => object(demandRegister, `1-0:${c}.24.0.255`, demandRights, slidingPower(c))),
	...ofPhase(1),
	...ofPhase(2),
	...ofPhase(3),
	object(
		extendedRegister,
		"1-0:13.3.0.255",
		extremeRights,
		extreme(extremeIndex.minimumPowerFactor_permil, 1, -3, unit.none),
	),
	object(
		extendedRegister,
		"1-0:13.5.0.255",
		extremeRights,
		extreme(extremeIndex.lastPowerFactor_permil, 1, -3, unit.none),
	),
	object(
		extendedRegister,
		"1-0:14.3.0.255",
		extremeRights,
		extreme(extremeIndex.minimumFrequency_mHz, 10, -2, unit.hertz),
		quality,
	),
	object(
		extendedRegister,
		"1-0:14.6.0.255",
		extremeRights,
		extreme(extremeIndex.maximumFrequency_mHz, 10, -2, unit.hertz),
		quality,
	),
	object(register, "1-0:0.8.2.255", writtenByManagement, averagingPeriod),
	object(register, "1-0:0.8.8.255", writtenByManagement, qualityPeriod),
]);

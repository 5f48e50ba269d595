// SPDX-License-Identifier: Apache-2.0

import { ratedQuantities } from "../../metrology/rate-registers.js";
import { recordedQuantities } from "../../profile/recording-interval.js";
import { access } from "../access.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { scriptTable } from "../classes/script-table.js";
import { encodeDoubleLong, encodeDoubleLongUnsigned } from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import type { Call, CosemObject } from "../model.js";
import { object, onThreePhases } from "../object.js";
import { dataAccessResult } from "../result.js";
import type { ScriptTableSpec } from "../scripts/scripts.js";
import { unit } from "../unit.js";
import { profileIndex } from "./profiles.js";
import { readByConsumerToo, readByStaff } from "./rights.js";
import { energyScaler } from "./scalers.js";

/** Registers count tenths of a watt-hour and show whole ones, truncated: energy not yet delivered is never shown. */
export const unitsPerWh = 10;

/** Register of quantity C (value group C of the OBIS code). Double-long-unsigned, rolls over at 2^32 Wh (G13). */
function energy(c: number, unitCode: number): RegisterSpec {
	return {
		index: c,
		value(w, { application }, index) {
			application.energyGiven();
			encodeDoubleLongUnsigned(w, Math.floor(application.metrology.energy_units(index) / unitsPerWh));
		},
		scaler: energyScaler,
		unit: unitCode,
	};
}

const rateStep = 256;

/** What of it belongs to a rate, 1..8. */
function ofRate(c: number, rate: number): RegisterSpec {
	return { index: c + rateStep * rate, value: encodeRate, scaler: energyScaler, unit: energyUnitOf(c) };
}

function encodeRate(w: Writer, { application }: Call, index: number): void {
	application.energyGiven();
	const units = application.metrology.rate_units(index % rateStep, Math.floor(index / rateStep));
	encodeDoubleLongUnsigned(w, Math.floor(units / unitsPerWh));
}

function rates(c: number): CosemObject[] {
	return [1, 2, 3, 4, 5, 6, 7, 8].map((rate) =>
		object(register, `1-0:${c}.8.${rate}.255`, readByConsumerToo, ofRate(c, rate)),
	);
}

/** Energy of the running recording interval, that of load profile 1. */
function ofInterval(c: number): RegisterSpec {
	return { index: c, value: encodeOfInterval, scaler: energyScaler, unit: energyUnitOf(c) };
}

function encodeOfInterval(w: Writer, { application }: Call, index: number): void {
	application.energyGiven();
	const { nextNumber } = application.profiles.log(profileIndex.load1);
	encodeDoubleLongUnsigned(w, Math.floor(application.interval.units(index, nextNumber) / unitsPerWh));
}

/** A+ minus A-: the difference of the truncated registers would jitter, so the exact difference is truncated. */
function netEnergy(c: number): RegisterSpec {
	return {
		index: c,
		value(w, { application }, index) {
			application.energyGiven();
			encodeDoubleLong(w, Math.trunc(application.metrology.energy_units(index) / unitsPerWh) | 0);
		},
		scaler: energyScaler,
		unit: unit.wattHour,
	};
}

/** @param quantity value group C of the sum of phases */
export function energyUnitOf(quantity: number): number {
	if (quantity >= 3 && quantity <= 8) return unit.varHour;
	return quantity === 9 || quantity === 10 ? unit.voltAmpereHour : unit.wattHour;
}

/** Test register: what flowed since the begin of the test mode in mWh, modulo 2^32. */
function testEnergy(c: number): RegisterSpec {
	return {
		index: c,
		value: (w, { application }, index) =>
			encodeDoubleLongUnsigned(w, application.metrology.testEnergy_mWh(index) % 0x1_0000_0000),
		scaler: -3,
		unit: energyUnitOf(c % 20),
	};
}

const testRights = access({ management: "R*", metrology: "R*" });

function testRegisters(groups: readonly number[], presence = {}): CosemObject[] {
	return groups.map((c) => object(register, `1-0:${c}.58.0.255`, testRights, testEnergy(c), presence));
}

/** Test mode: for verification, with open seal; left by itself when the seal is closed. */
function testModeScript(isOn: boolean): ScriptTableSpec {
	return {
		scripts: [
			{
				id: 1,
				actions: [],
				run(application) {
					if (isOn && !application.isSealOpen()) return dataAccessResult.readWriteDenied;
					application.setTestMode(isOn);
					return dataAccessResult.success;
				},
			},
		],
	};
}

function totals(quantities: readonly number[], access: CosemObject["access"]): CosemObject[] {
	return quantities.map((c) => object(register, `1-0:${c}.8.0.255`, access, energy(c, energyUnitOf(c))));
}

/** Quantities of one phase: +20 for L1, +40 for L2, +60 for L3. */
function ofPhase(offset: 20 | 40 | 60): CosemObject[] {
	const presence = offset === 20 ? {} : onThreePhases;
	const rows = [1, 2, 15, 3, 4, 5, 6, 7, 8, 9, 10].map((quantity) =>
		object(
			register,
			`1-0:${quantity + offset}.8.0.255`,
			readByStaff,
			energy(quantity + offset, energyUnitOf(quantity)),
			presence,
		),
	);
	rows.push(object(register, `1-0:${16 + offset}.8.0.255`, readByStaff, netEnergy(16 + offset), presence));
	return rows;
}

const beginTestRights = access({ management: "R*", reader: "R*", technician: "R*", metrology: "R*;A1" });
const endTestRights = access({ management: "R*;A1", reader: "R*", technician: "R*", metrology: "R*;A1" });

export const energyObjects: readonly CosemObject[] = Object.freeze([
	...totals([1, 2, 15, 3, 4, 5, 6, 7, 8, 9, 10], readByConsumerToo),
	object(register, "1-0:16.8.0.255", readByConsumerToo, netEnergy(16)),
	...totals([17, 18, 19, 20], readByStaff),
	...recordedQuantities.map((c) => object(register, `1-0:${c}.29.0.255`, readByStaff, ofInterval(c))),
	...ratedQuantities.flatMap(rates),
	...ofPhase(20),
	...ofPhase(40),
	...ofPhase(60),
	...testRegisters([1, 2, 3, 4, 9, 10, 21, 22, 23, 24]),
	...testRegisters([41, 42, 43, 44, 61, 62, 63, 64], onThreePhases),
	object(scriptTable, "0-0:10.0.101.255", beginTestRights, testModeScript(true)),
	object(scriptTable, "0-0:10.0.102.255", endTestRights, testModeScript(false)),
]);

// SPDX-License-Identifier: Apache-2.0
import { cumulativeQuantities, demandQuantities } from "../../metrology/demand/demand-quantities.js";
import { createStamp, type Stamp } from "../../metrology/demand/stamp.js";
import { access } from "../access.js";
import { changed, demandRegister } from "../classes/demand-register.js";
import { type ExtendedRegisterSpec, extendedRegister } from "../classes/extended-register.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { decodeLongUnsigned, encodeDoubleLongUnsigned, encodeLongUnsigned } from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import type { Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement } from "./rights.js";
import { energyScaler } from "./scalers.js";

/** Registers of averaging scheme 1; those of scheme 3 have the same rights. */
export const demandRights = access({
	management: "R*;W8,9;A1,2",
	reader: "R*",
	technician: "R*",
	metrology: "R*",
});

const maximumRights = access({
	management: "R*;A1",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*",
});

/** @param quantity value group C of the sum of phases */
export function powerUnit(quantity: number): number {
	if (quantity === 3 || quantity === 4) return unit.var;
	return quantity === 9 || quantity === 10 ? unit.voltAmpere : unit.watt;
}

function demand(index: number, c: number): CosemObject {
	return object(demandRegister, `1-0:${c}.4.0.255`, demandRights, {
		currentAverageValue: (w, { application }) => encodeDoubleLongUnsigned(w, application.demand.currentAverage(index)),
		lastAverageValue: (w, { application }) => encodeDoubleLongUnsigned(w, application.demand.lastAverage(index)),
		scaler: energyScaler,
		unit: powerUnit(c),
		group: (application) => application.demand,
	});
}

function lastAverage(index: number, c: number): CosemObject {
	return object(extendedRegister, `1-0:${c}.5.0.255`, readByStaff, {
		value: (w, { application }) => encodeDoubleLongUnsigned(w, application.demand.lastAverage(index)),
		scaler: energyScaler,
		unit: powerUnit(c),
		captured: ({ application }) => application.demand.captured,
	});
}

/** Quantity and rate in one index. */
const ratesPerQuantity = 16;

function maximum(index: number, c: number): ExtendedRegisterSpec {
	return {
		index,
		value: encodeMaximum,
		scaler: energyScaler,
		unit: powerUnit(c),
		captured: capturedAt,
		reset: resetMaximum,
	};
}

function encodeMaximum(w: Writer, { application }: Call, index: number): void {
	const { maxima } = application.demand;
	encodeDoubleLongUnsigned(w, maxima.value(Math.floor(index / ratesPerQuantity), index % ratesPerQuantity));
}

function capturedAt({ application }: Call, index: number): Stamp {
	const { maxima } = application.demand;
	return maxima.stamp(Math.floor(index / ratesPerQuantity), index % ratesPerQuantity, createStamp());
}

function resetMaximum({ application }: Call, index: number): void {
	application.demand.maxima.reset(Math.floor(index / ratesPerQuantity), index % ratesPerQuantity);
}

function cumulative(index: number, c: number): RegisterSpec {
	return { index, value: encodeCumulative, scaler: energyScaler, unit: powerUnit(c) };
}

function encodeCumulative(w: Writer, { application }: Call, index: number): void {
	const { maxima } = application.demand;
	encodeDoubleLongUnsigned(w, maxima.cumulative(Math.floor(index / ratesPerQuantity), index % ratesPerQuantity));
}

/** Maxima and cumulative maxima of one rate, 0 for the total. */
function maxima(rate: number): CosemObject[] {
	return [
		...demandQuantities.map((c, index) =>
			object(extendedRegister, `1-0:${c}.6.${rate}.255`, maximumRights, maximum(index * ratesPerQuantity + rate, c)),
		),
		...demandQuantities
			.slice(0, cumulativeQuantities)
			.map((c, index) =>
				object(register, `1-0:${c}.2.${rate}.255`, readByStaff, cumulative(index * ratesPerQuantity + rate, c)),
			),
	];
}

/** Measurement period 1, one parameter with attribute 8 of the demand registers. */
const measurementPeriod: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, application.demand.period_s),
	scaler: 0,
	unit: unit.second,
	setValue: (r, call) => changed(call.application.demand.setPeriod(decodeLongUnsigned(r)), call),
};

export const demandObjects: readonly CosemObject[] = Object.freeze([
	...demandQuantities.map((c, index) => demand(index, c)),
	...demandQuantities.map((c, index) => lastAverage(index, c)),
	...maxima(0),
	...[1, 2, 3, 4, 5, 6, 7, 8].flatMap(maxima),
	object(register, "1-0:0.8.0.255", writtenByManagement, measurementPeriod),
]);

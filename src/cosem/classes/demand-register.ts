// SPDX-License-Identifier: Apache-2.0
import type { DemandGroup } from "../../metrology/demand/demand-group.js";
import { createStamp } from "../../metrology/demand/stamp.js";
import type { Application } from "../application.js";
import { demandRegisterClass } from "../class-ids.js";
import {
	decodeDoubleLongUnsigned,
	decodeInteger,
	decodeLongUnsigned,
	encodeDoubleLongUnsigned,
	encodeLongUnsigned,
	encodeNull,
	encodeScalerUnit,
	scalerUnitSize,
} from "../codec/axdr.js";
import { encodeStamp } from "../codec/stamp.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface DemandRegisterSpec {
	currentAverageValue(w: Writer, call: Call): void;
	lastAverageValue(w: Writer, call: Call): void;
	/** Power of ten of the values; a function where it depends on the model. */
	readonly scaler: number | ((call: Call) => number);
	/** One of `unit`. */
	readonly unit: number;
	/** What the register has in common with others: writing a period or closing it concerns them all. */
	group(application: Application): DemandGroup;
}

/** After a change of the common parameters, which for each register of the group is one change of configuration. */
export function changed(isAccepted: boolean, call: Call): number {
	if (!isAccepted) return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/** Demand register, class_id 5, version 0 (Blue Book 4.3.4). There is no status. */
export const demandRegister = defineClass<DemandRegisterSpec>({
	classId: demandRegisterClass,
	version: 0,
	attributes: [
		{ id: 2, name: "currentAverageValue", encode: (w, call, spec) => spec.currentAverageValue(w, call) },
		{ id: 3, name: "lastAverageValue", encode: (w, call, spec) => spec.lastAverageValue(w, call) },
		{
			id: 4,
			name: "scalerUnit",
			maximumSize: () => scalerUnitSize,
			encode: (w, call, spec) =>
				encodeScalerUnit(w, typeof spec.scaler === "number" ? spec.scaler : spec.scaler(call), spec.unit),
		},
		{ id: 5, name: "status", encode: (w) => encodeNull(w) },
		{
			id: 6,
			name: "captureTime",
			encode: (w, { application }, spec) => encodeStamp(w, spec.group(application).captured, application.time),
		},
		{
			id: 7,
			name: "startTimeCurrent",
			encode: (w, { application }, spec) =>
				encodeStamp(w, spec.group(application).started(createStamp()), application.time),
		},
		{
			id: 8,
			name: "period",
			encode: (w, call, spec) => encodeDoubleLongUnsigned(w, spec.group(call.application).period_s),
			set: (r, call, spec) => changed(spec.group(call.application).setPeriod(decodeDoubleLongUnsigned(r)), call),
		},
		{
			id: 9,
			name: "numberOfPeriods",
			encode: (w, call, spec) => encodeLongUnsigned(w, spec.group(call.application).periods),
			set: (r, call, spec) => changed(spec.group(call.application).setPeriods(decodeLongUnsigned(r)), call),
		},
	],
	methods: [
		{
			id: 1,
			name: "reset",
			invoke(r, _w, call, spec) {
				decodeInteger(r);
				spec.group(call.application).reset();
				return dataAccessResult.success;
			},
		},
		{
			id: 2,
			name: "nextPeriod",
			invoke(r, _w, call, spec) {
				decodeInteger(r);
				spec.group(call.application).nextPeriod();
				return dataAccessResult.success;
			},
		},
	],
});

// SPDX-License-Identifier: Apache-2.0
import type { Stamp } from "../../metrology/demand/stamp.js";
import { extendedRegisterClass } from "../class-ids.js";
import { decodeInteger, encodeNull, encodeScalerUnit, scalerUnitSize } from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { encodeStamp } from "../codec/stamp.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface ExtendedRegisterSpec {
	/** @param index that of this spec, 0 when it has none */
	value(w: Writer, call: Call, index: number): void;
	/** What tells rows of one function apart, as of `RegisterSpec`. */
	readonly index?: number;
	/** Power of ten of the value; a function where it depends on the model. */
	readonly scaler: number | ((call: Call) => number);
	/** One of `unit`. */
	readonly unit: number;
	captured(call: Call, index: number): Stamp;
	/** Left out where no row grants it. */
	reset?(call: Call, index: number): void;
}

/** Extended register, class_id 4, version 0 (Blue Book 4.3.3). There is no status. */
export const extendedRegister = defineClass<ExtendedRegisterSpec>({
	classId: extendedRegisterClass,
	version: 0,
	attributes: [
		{ id: 2, name: "value", encode: (w, call, spec) => spec.value(w, call, spec.index ?? 0) },
		{
			id: 3,
			name: "scalerUnit",
			maximumSize: () => scalerUnitSize,
			encode: (w, call, spec) =>
				encodeScalerUnit(w, typeof spec.scaler === "number" ? spec.scaler : spec.scaler(call), spec.unit),
		},
		{ id: 4, name: "status", encode: (w) => encodeNull(w) },
		{
			id: 5,
			name: "captureTime",
			encode: (w, call, spec) => encodeStamp(w, spec.captured(call, spec.index ?? 0), call.application.time),
		},
	],
	methods: [
		{
			id: 1,
			name: "reset",
			invoke(r: Reader, _w, call, spec) {
				decodeInteger(r);
				if (spec.reset === undefined) return dataAccessResult.readWriteDenied;
				spec.reset(call, spec.index ?? 0);
				return dataAccessResult.success;
			},
		},
	],
});

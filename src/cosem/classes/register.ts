// SPDX-License-Identifier: Apache-2.0
import { encodeScalerUnit } from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface RegisterSpec {
	value(w: Writer, call: Call): void;
	/** Power of ten of the value; a function where it depends on the model. */
	readonly scaler: number | ((call: Call) => number);
	/** One of `unit`. */
	readonly unit: number;
	setValue?(r: Reader, call: Call): number;
}

/** Register, class_id 3, version 0 (Blue Book 4.3.2). `reset` is granted by no row: measured data is read only. */
export const register = defineClass<RegisterSpec>({
	classId: 3,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "value",
			encode: (w, call, spec) => spec.value(w, call),
			set: (r, call, spec) => spec.setValue?.(r, call) ?? dataAccessResult.readWriteDenied,
		},
		{
			id: 3,
			name: "scalerUnit",
			encode: (w, call, spec) =>
				encodeScalerUnit(w, typeof spec.scaler === "number" ? spec.scaler : spec.scaler(call), spec.unit),
		},
	],
	methods: [{ id: 1, name: "reset", invoke: () => dataAccessResult.readWriteDenied }],
});

// SPDX-License-Identifier: Apache-2.0
import { registerClass } from "../class-ids.js";
import { encodeScalerUnit, scalerUnitSize } from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface RegisterSpec {
	/** @param index that of this spec, 0 when it has none */
	value(w: Writer, call: Call, index: number): void;
	/** What tells rows of one function apart. A captured variable would take RAM of the board for each row. */
	readonly index?: number;
	/** Power of ten of the value; a function where it depends on the model. */
	readonly scaler: number | ((call: Call) => number);
	/** One of `unit`. */
	readonly unit: number;
	setValue?(r: Reader, call: Call, index: number): number;
}

/** Register, class_id 3, version 0 (Blue Book 4.3.2). `reset` is granted by no row: measured data is read only. */
export const register = defineClass<RegisterSpec>({
	classId: registerClass,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "value",
			encode: (w, call, spec) => spec.value(w, call, spec.index ?? 0),
			set: (r, call, spec) => spec.setValue?.(r, call, spec.index ?? 0) ?? dataAccessResult.readWriteDenied,
		},
		{
			id: 3,
			name: "scalerUnit",
			maximumSize: () => scalerUnitSize,
			encode: (w, call, spec) =>
				encodeScalerUnit(w, typeof spec.scaler === "number" ? spec.scaler : spec.scaler(call), spec.unit),
		},
	],
	methods: [{ id: 1, name: "reset", invoke: () => dataAccessResult.readWriteDenied }],
});

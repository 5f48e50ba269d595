// SPDX-License-Identifier: Apache-2.0
import { dataClass } from "../class-ids.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface DataSpec {
	/** @param index that of this spec, 0 when it has none */
	value(w: Writer, call: Call, index: number): void;
	/** What tells rows of one function apart. A captured variable would take RAM of the board for each row. */
	readonly index?: number;
	/** Most octets of the encoded value, where its size varies. */
	readonly maximumSize?: number;
	/** Left out for objects that no client may write. Returns a `dataAccessResult`. */
	setValue?(r: Reader, call: Call, index: number): number;
}

/** Data, class_id 1, version 0 (Blue Book 4.3.1). */
export const data = defineClass<DataSpec>({
	classId: dataClass,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "value",
			maximumSize: (spec) => spec.maximumSize,
			encode: (w, call, spec) => spec.value(w, call, spec.index ?? 0),
			set: (r, call, spec) => spec.setValue?.(r, call, spec.index ?? 0) ?? dataAccessResult.readWriteDenied,
		},
	],
	methods: [],
});

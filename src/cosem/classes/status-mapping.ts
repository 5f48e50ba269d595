// SPDX-License-Identifier: Apache-2.0
import { encodeLongUnsigned, encodeStructure, encodeUnsigned } from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";

export interface StatusMappingSpec {
	statusWord(w: Writer, call: Call): void;
	/** Reference table that tells what the bits mean. */
	readonly table: number;
	/** Entry of the table for bit 0; those of the other bits follow. */
	readonly firstEntry: number;
}

/** Status mapping, class_id 63, version 0 (Blue Book 4.3.9). */
export const statusMapping = defineClass<StatusMappingSpec>({
	classId: 63,
	version: 0,
	attributes: [
		{ id: 2, name: "statusWord", encode: (w, call, spec) => spec.statusWord(w, call) },
		{
			id: 3,
			name: "mappingTable",
			encode(w, _call, { table, firstEntry }) {
				encodeStructure(w, 2);
				encodeUnsigned(w, table);
				encodeLongUnsigned(w, firstEntry);
			},
		},
	],
	methods: [],
});

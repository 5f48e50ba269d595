// SPDX-License-Identifier: Apache-2.0
import { encodeLogicalName, encodeLongUnsigned, encodeStructure } from "../codec/axdr.js";
import { Writer } from "../codec/writer.js";
import type { CosemObject } from "../model.js";

/** Octets of `encodeObjectId`. */
export const objectIdSize = 13;

/** The objects of a feature in table order, of all models. Made when the tables are, so that lists of them cost no time. */
export interface FeatureObjects {
	readonly rows: readonly CosemObject[];
	/** Their object_id as they are on the wire, one behind the other. */
	readonly ids: Uint8Array;
}

/** object_id: structure { class_id long-unsigned, logical_name octet-string }. */
export function encodeObjectId(w: Writer, { definition, logicalName }: CosemObject): void {
	encodeStructure(w, 2);
	encodeLongUnsigned(w, definition.classId);
	encodeLogicalName(w, logicalName);
}

export function featureObjects(rows: readonly CosemObject[]): FeatureObjects {
	const w = new Writer(rows.length * objectIdSize);
	for (let n = 0; n < rows.length; n++) encodeObjectId(w, rows[n]!);
	return Object.freeze({ rows: Object.freeze(rows), ids: w.bytes });
}

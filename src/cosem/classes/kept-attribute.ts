// SPDX-License-Identifier: Apache-2.0
import type { Reader } from "../codec/reader.js";
import type { AttributeDefinition, Call } from "../model.js";
import type { StoredAttributes } from "../parameters/stored-attributes.js";
import { dataAccessResult } from "../result.js";

/** For a check that only asks for the type. */
export function isAny(decode: (r: Reader) => unknown): (r: Reader) => boolean {
	return (r) => {
		decode(r);
		return true;
	};
}

/**
 * An attribute kept as it came.
 * @param storeOf where
 * @param isGood throws for a wrong type, false for a wrong value
 */
export function keptAttribute<Spec>(
	id: number,
	name: string,
	storeOf: (call: Call, spec: Spec) => StoredAttributes,
	isGood: (r: Reader, call: Call, spec: Spec) => boolean,
): AttributeDefinition<Spec> {
	return {
		id,
		name,
		encode: (w, call, spec) => storeOf(call, spec).write(id, w),
		set(r, call, spec) {
			const from = r.position;
			if (!isGood(r, call, spec)) return dataAccessResult.otherReason;
			r.expectEnd();
			const value = r.bytes.subarray(from, r.position);
			if (!storeOf(call, spec).change(id, value)) return dataAccessResult.otherReason;
			call.application.parameterChanged();
			return dataAccessResult.success;
		},
	};
}

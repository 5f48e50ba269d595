// SPDX-License-Identifier: Apache-2.0
import type { Reader } from "../codec/reader.js";
import type { AttributeDefinition, Call } from "../model.js";
import type { StoredAttributes } from "../parameters/stored-attributes.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";

/** For a check that only asks for the type. */
export function isAny(decode: (r: Reader) => unknown): (r: Reader) => boolean {
	return (r) => {
		decode(r);
		return true;
	};
}

const keepInPieces = inPieces(function* (isGood: Pieces<boolean>, keep: () => number): Pieces {
	if (!(yield* isGood)) return dataAccessResult.otherReason;
	yield pause.always;
	return keep();
});

/**
 * An attribute kept as it came.
 * @param storeOf where
 * @param isGood throws for a wrong type, false for a wrong value; of a long value in pieces
 */
export function keptAttribute<Spec>(
	id: number,
	name: string,
	storeOf: (call: Call, spec: Spec) => StoredAttributes,
	isGood: (r: Reader, call: Call, spec: Spec) => boolean | Pieces<boolean>,
): AttributeDefinition<Spec> {
	const keep = (r: Reader, from: number, call: Call, spec: Spec): number => {
		r.expectEnd();
		const value = r.bytes.subarray(from, r.position);
		if (!storeOf(call, spec).change(id, value)) return dataAccessResult.otherReason;
		call.application.parameterChanged();
		return dataAccessResult.success;
	};
	return {
		id,
		name,
		encode: (w, call, spec) => storeOf(call, spec).write(id, w),
		set(r, call, spec) {
			const from = r.position;
			const good = isGood(r, call, spec);
			if (typeof good !== "boolean") return keepInPieces(good, () => keep(r, from, call, spec));
			return good ? keep(r, from, call, spec) : dataAccessResult.otherReason;
		},
	};
}

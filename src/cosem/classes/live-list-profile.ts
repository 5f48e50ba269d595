// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "../../profile/capture-column.js";
import { sortMethod } from "../../profile/sort-method.js";
import type { Application } from "../application.js";
import { profileClass } from "../class-ids.js";
import { encodeDoubleLongUnsigned, encodeEnum, encodeStructure } from "../codec/axdr.js";
import { Writer } from "../codec/writer.js";
import { type Call, defineClass, type ElementSource, maximumElementSize, type Selection } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { encodeLiveValue, type LiveList } from "../readout/live-list.js";
import { dataAccessResult } from "../result.js";
import { captureAttribute, decodeCaptureObjects, readableObject } from "./capture-objects.js";
import { captureObjectsOf, clockTime, encodeCaptureObject, selector, selectors } from "./profile-generic.js";
import { type LiveSelection, selectLiveByEntry, selectLiveByRange } from "./profile-selection.js";

export interface LiveListSpec {
	list(application: Application, index: number): LiveList;
	/** What tells rows of one function apart, 0 unless given. */
	readonly index?: number;
}

function listOf({ list, index = 0 }: LiveListSpec, { application }: Call): LiveList {
	return list(application, index);
}

function select(
	columns: readonly CaptureColumn[],
	call: Call,
	{ selector: which, parameters }: Selection,
): LiveSelection | number {
	if (which === selector.range) return selectLiveByRange(columns, call, parameters);
	if (which === selector.entry) return selectLiveByEntry(columns, parameters);
	return dataAccessResult.scopeOfAccessViolated;
}

/** The one row, without columns that this meter does not have: they are found while it is encoded, and not once more before. */
function rowOf(columns: readonly CaptureColumn[], call: Call, isWanted = true): ElementSource {
	const held: Call = { application: call.application, association: call.association };
	return {
		count: isWanted ? 1 : 0,
		encodeElement(w) {
			encodeStructure(w, 0);
			const last = w.position - 1;
			let count = 0;
			for (let n = 0; n < columns.length; n++) if (encodeLiveValue(w, columns[n]!, held)) count++;
			w.bytes[last] = count; // a list has fewer than 128 columns
		},
	};
}

/** Octets that a plain value may take; what is there now may grow. */
const longestAttribute = 128;

/** Each column is there, and may be captured, and one row with all of them fits an array element. */
const change = inPieces(function* (columns: readonly CaptureColumn[], call: Call, spec: LiveListSpec): Pieces {
	const w = new Writer(maximumElementSize);
	encodeStructure(w, columns.length);
	for (let n = 0; n < columns.length; n++) {
		yield pause.whenSpent;
		const column = columns[n]!;
		const object = readableObject(column, call);
		const attribute = object && captureAttribute(object, column);
		if (object === undefined || attribute === undefined || w.remaining < longestAttribute)
			return dataAccessResult.otherReason;
		attribute.encode(w, call, object.spec as never);
	}
	yield pause.always;
	listOf(spec, call).change(columns);
	call.application.parameterChanged();
	return dataAccessResult.success;
});

/** Profile generic, class_id 7, version 1 (Blue Book 4.3.6), whose one row is made when it is read. */
export const liveListProfile = defineClass<LiveListSpec>({
	classId: profileClass,
	version: 1,
	attributes: [
		{
			id: 2,
			name: "buffer",
			selectors,
			elements(call, spec, selection) {
				if (selection === undefined) return rowOf(listOf(spec, call).named(), call);
				const columns = listOf(spec, call).columns(call);
				const selected = select(columns, call, selection);
				if (typeof selected === "number") return selected;
				const { isWanted, columns: places } = selected;
				const chosen = places === undefined ? columns : Array.from(places, (place) => columns[place]!);
				return rowOf(chosen, call, isWanted);
			},
		},
		{
			id: 3,
			name: "captureObjects",
			elements: (call, spec) => captureObjectsOf(listOf(spec, call).columns(call)),
			set: (r, call, spec) => change(decodeCaptureObjects(r), call, spec),
		},
		{ id: 4, name: "capturePeriod", encode: (w) => encodeDoubleLongUnsigned(w, 0) },
		{ id: 5, name: "sortMethod", encode: (w) => encodeEnum(w, sortMethod.firstInFirstOut) },
		{ id: 6, name: "sortObject", encode: (w) => encodeCaptureObject(w, clockTime) },
		{ id: 7, name: "entriesInUse", encode: (w) => encodeDoubleLongUnsigned(w, 1) },
		{ id: 8, name: "profileEntries", encode: (w) => encodeDoubleLongUnsigned(w, 1) },
	],
	methods: [
		{ id: 1, name: "reset", invoke: () => dataAccessResult.readWriteDenied },
		{ id: 2, name: "capture", invoke: () => dataAccessResult.readWriteDenied },
	],
});

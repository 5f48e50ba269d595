// SPDX-License-Identifier: Apache-2.0

import type { CaptureColumn } from "../../profile/capture-column.js";
import type { RowBuffer } from "../../profile/row-buffer.js";
import { sortMethod } from "../../profile/sort-method.js";
import type { Application } from "../application.js";
import { canSign } from "../bridges/entry-signature.js";
import { clockClass, profileClass } from "../class-ids.js";
import {
	decodeDoubleLongUnsigned,
	decodeInteger,
	encodeDoubleLongUnsigned,
	encodeEnum,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeStructure,
} from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import { type Call, defineClass, type ElementSource } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { decodeCaptureObjects, mayCapture } from "./capture-objects.js";
import { ProfileRows, selectByEntry, selectByRange } from "./profile-selection.js";

export interface ProfileSpec {
	/** @param index that of this spec, 0 when it has none */
	profile(application: Application, index: number): RowBuffer;
	/** What tells rows of one function apart, as of `DataSpec`. */
	readonly index?: number;
}

export function profileOf({ application }: Call, spec: ProfileSpec): RowBuffer {
	return spec.profile(application, spec.index ?? 0);
}

/** Selectors of attribute 2. */
export const selector = Object.freeze({ range: 1, entry: 2 });
export const selectors: readonly number[] = Object.freeze([selector.range, selector.entry]);

/** Attribute time of the clock, the sort object where rows are kept in the order of capture. */
export const clockTime: CaptureColumn = Object.freeze({
	classId: clockClass,
	logicalName: parseLogicalName("0-0:1.0.0.255"),
	attributeIndex: 2,
	dataIndex: 0,
});

export function encodeCaptureObject(w: Writer, column: CaptureColumn): void {
	encodeStructure(w, 4);
	encodeLongUnsigned(w, column.classId);
	encodeLogicalName(w, column.logicalName);
	encodeInteger(w, column.attributeIndex);
	encodeLongUnsigned(w, column.dataIndex);
}

/** The value of capture_objects. @param columns never changed */
export function captureObjectsOf(columns: readonly CaptureColumn[]): ElementSource {
	return { count: columns.length, encodeElement: (w, index) => encodeCaptureObject(w, columns[index]!) };
}

/** @param isAccepted undefined when the profile cannot be changed in this respect */
export function changed(isAccepted: boolean | undefined, call: Call): number {
	if (isAccepted === undefined) return dataAccessResult.readWriteDenied;
	if (!isAccepted) return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

const capture = inPieces(function* (profile: RowBuffer): Pieces {
	yield pause.whenSpent;
	profile.prepareCapture?.();
	yield pause.always;
	return profile.capture!() ? dataAccessResult.success : dataAccessResult.hardwareFault;
});

const setColumns = inPieces(function* (columns: readonly CaptureColumn[], call: Call, spec: ProfileSpec): Pieces {
	const first = columns[0];
	if (first?.logicalName !== clockTime.logicalName || first.attributeIndex !== clockTime.attributeIndex)
		return dataAccessResult.otherReason;
	for (let n = 0; n < columns.length; n++) {
		yield pause.whenSpent;
		if (!mayCapture(columns[n]!, call)) return dataAccessResult.otherReason;
	}
	if (!canSign(columns, call.application, call.association.home)) return dataAccessResult.otherReason;
	const profile = profileOf(call, spec);
	let limits: Uint16Array | undefined;
	if (profile.columnLimit !== undefined && profile.hasColumns?.(columns) === false) {
		limits = new Uint16Array(columns.length);
		for (let n = 0; n < columns.length; n++) {
			yield pause.whenSpent;
			const limit = profile.columnLimit(columns[n]!);
			if (limit < 1) return dataAccessResult.otherReason;
			limits[n] = limit;
		}
	}
	yield pause.always;
	return changed(profile.setColumns?.(columns, limits), call);
});

/** Profile generic, class_id 7, version 1 (Blue Book 4.3.6). */
export const profileGeneric = defineClass<ProfileSpec>({
	classId: profileClass,
	version: 1,
	attributes: [
		{
			id: 2,
			name: "buffer",
			selectors,
			elements(call, spec, selection) {
				const profile = profileOf(call, spec);
				const row = call.application.profileRow;
				if (selection === undefined) return new ProfileRows(profile, row);
				if (selection.selector === selector.range) return selectByRange(profile, call, selection.parameters);
				if (selection.selector === selector.entry) return selectByEntry(profile, call, selection.parameters);
				return dataAccessResult.scopeOfAccessViolated;
			},
		},
		{
			id: 3,
			name: "captureObjects",
			elements: (call, spec) => captureObjectsOf(profileOf(call, spec).columns),
			set: (r, call, spec) => setColumns(decodeCaptureObjects(r), call, spec),
		},
		{
			id: 4,
			name: "capturePeriod",
			encode: (w, call, spec) => encodeDoubleLongUnsigned(w, profileOf(call, spec).capturePeriod_s),
			set: (r, call, spec) => changed(profileOf(call, spec).setCapturePeriod?.(decodeDoubleLongUnsigned(r)), call),
		},
		{
			id: 5,
			name: "sortMethod",
			encode: (w, call, spec) => encodeEnum(w, profileOf(call, spec).sortMethod ?? sortMethod.firstInFirstOut),
		},
		{
			id: 6,
			name: "sortObject",
			encode: (w, call, spec) => encodeCaptureObject(w, profileOf(call, spec).sortObject ?? clockTime),
		},
		{
			id: 7,
			name: "entriesInUse",
			encode: (w, call, spec) => encodeDoubleLongUnsigned(w, profileOf(call, spec).entriesInUse),
		},
		{
			id: 8,
			name: "profileEntries",
			encode: (w, call, spec) => encodeDoubleLongUnsigned(w, profileOf(call, spec).profileEntries),
			set: (r, call, spec) => changed(profileOf(call, spec).setProfileEntries?.(decodeDoubleLongUnsigned(r)), call),
		},
	],
	methods: [
		{
			id: 1,
			name: "reset",
			invoke(r, _w, call, spec) {
				decodeInteger(r);
				profileOf(call, spec).reset();
				return dataAccessResult.success;
			},
		},
		{
			id: 2,
			name: "capture",
			invoke(r, _w, call, spec) {
				decodeInteger(r);
				const profile = profileOf(call, spec);
				return profile.capture === undefined ? dataAccessResult.readWriteDenied : capture(profile);
			},
		},
	],
});

// SPDX-License-Identifier: Apache-2.0
import type { Data } from "./axdr.js";
import { asNumber, asOctets, data, decodeLogicalName, elementsOf, encodeLogicalName, type ObjectRef } from "./data.js";
import { type DateTime, encodeDateTime } from "./date-time.js";
import type { Selection } from "./services.js";

/** A column of a profile. */
export interface CaptureObject extends ObjectRef {
	readonly attribute: number;
	readonly dataIndex: number;
}

export function encodeCaptureObject({ classId, logicalName, attribute, dataIndex }: CaptureObject): Data {
	return data.structure(
		data.longUnsigned(classId),
		data.octetString(encodeLogicalName(logicalName)),
		data.integer(attribute),
		data.longUnsigned(dataIndex),
	);
}

export function decodeCaptureObject(found: Data): CaptureObject {
	const [classId, logicalName, attribute, dataIndex] = elementsOf(found, 4);
	return {
		classId: asNumber(classId!),
		logicalName: decodeLogicalName(asOctets(logicalName!)),
		attribute: asNumber(attribute!),
		dataIndex: asNumber(dataIndex!),
	};
}

export const clockColumn: CaptureObject = Object.freeze({
	classId: 8,
	logicalName: "0-0:1.0.0.255",
	attribute: 2,
	dataIndex: 0,
});

/** Rows whose clock lies between two times, both included; `columns` empty = all. */
export function byRange(from: DateTime, to: DateTime, columns: readonly CaptureObject[] = []): Selection {
	return {
		selector: 1,
		parameters: data.structure(
			encodeCaptureObject(clockColumn),
			data.octetString(encodeDateTime(from)),
			data.octetString(encodeDateTime(to)),
			data.array(...columns.map(encodeCaptureObject)),
		),
	};
}

/** Rows and columns by number from 1; 0 as the last one = to the end. */
export function byEntry(fromRow: number, toRow: number, fromColumn = 1, toColumn = 0): Selection {
	return {
		selector: 2,
		parameters: data.structure(
			data.doubleLongUnsigned(fromRow),
			data.doubleLongUnsigned(toRow),
			data.longUnsigned(fromColumn),
			data.longUnsigned(toColumn),
		),
	};
}

// SPDX-License-Identifier: Apache-2.0
import { areSame } from "../../core/same-octets.js";
import type { CaptureColumn } from "../../profile/capture-column.js";
import { maximumColumns } from "../../profile/capture-column.js";
import { mayRead } from "../access.js";
import { decodeArray, decodeInteger, decodeLogicalName, decodeLongUnsigned, decodeStructure } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { dataTag } from "../codec/data-tag.js";
import type { Reader } from "../codec/reader.js";
import { type AttributeDefinition, type Call, type CosemObject, findAttribute } from "../model.js";

/** Classes whose values belong to the meter alone, not to the association that reads them. */
const capturableClasses: readonly number[] = Object.freeze([1, 3, 4, 5, 8, 70, 71]);

/** An attribute that has a plain value. */
type PlainAttribute = AttributeDefinition<never> & Required<Pick<AttributeDefinition<never>, "encode">>;

/** Octets of a capture object definition. */
const definitionSize = 18;
/** restriction_element of what is taken as it is: structure { enum 0, null-data }. */
export const noRestriction = Uint8Array.of(dataTag.structure, 2, dataTag.enum, 0, dataTag.nullData);
/** Octets of a definition with that behind it. */
export const unrestrictedSize = definitionSize + noRestriction.length;

/**
 * A capture object definition: structure of class, logical name, attribute, data index.
 * @param fields of the structure; those behind the first four are for the caller
 */
export function decodeCaptureObject(r: Reader, fields = 4): CaptureColumn {
	if (!isDefinition(r, fields)) {
		decodeStructure(r, fields);
		const classId = decodeLongUnsigned(r);
		const logicalName = decodeLogicalName(r);
		const attributeIndex = decodeInteger(r);
		return { classId, logicalName, attributeIndex, dataIndex: decodeLongUnsigned(r) };
	}
	const { bytes, position: at } = r;
	r.position = at + 7;
	const logicalName = r.u48();
	r.position = at + definitionSize;
	return {
		classId: (bytes[at + 3]! << 8) | bytes[at + 4]!,
		logicalName,
		attributeIndex: (bytes[at + 14]! << 24) >> 24,
		dataIndex: (bytes[at + 16]! << 8) | bytes[at + 17]!,
	};
}

/** Whether all tags are right, in the usual form: in long lists looking at them first takes a third of the time. */
function isDefinition({ bytes, position, end }: Reader, fields: number): boolean {
	return (
		position + definitionSize + fields - 4 <= end &&
		bytes[position] === dataTag.structure &&
		bytes[position + 1] === fields &&
		bytes[position + 2] === dataTag.longUnsigned &&
		bytes[position + 5] === dataTag.octetString &&
		bytes[position + 6] === 6 &&
		bytes[position + 13] === dataTag.integer &&
		bytes[position + 15] === dataTag.longUnsigned
	);
}

/** Passes `noRestriction`. @returns false, with nothing passed, for any other, and for another form of it */
export function passNoRestriction(r: Reader): boolean {
	const { bytes, position } = r;
	const { length } = noRestriction;
	const isNone = position + length <= r.end && areSame(bytes, position, noRestriction, 0, length);
	if (isNone) r.position = position + length;
	return isNone;
}

/** @throws CodecError("limit") for more columns than a profile can have */
export function decodeCaptureObjects(r: Reader): CaptureColumn[] {
	const at = r.position;
	const count = decodeArray(r);
	if (count > maximumColumns) throw new CodecError("limit", at);
	const columns: CaptureColumn[] = [];
	for (let n = 0; n < count; n++) columns.push(decodeCaptureObject(r));
	return columns;
}

/** The object behind a column, if it exists and is of a kind that can be captured. */
export function captureObject(
	column: CaptureColumn,
	directory: Call["application"]["directory"],
): CosemObject | undefined {
	const found = directory.find(column.logicalName);
	return found !== undefined && isCapturable(found, column.classId) ? found : undefined;
}

/** Whether an object is of this class, and of a kind that can be captured. */
export function isCapturable(object: CosemObject, classId: number): boolean {
	return object.definition.classId === classId && capturableClasses.includes(classId);
}

/** What a column names of `object`; undefined when that has no such attribute, or none with a plain value. */
export function captureAttribute(object: CosemObject, column: CaptureColumn): PlainAttribute | undefined {
	return column.dataIndex === 0 ? plainAttribute(object, column.attributeIndex) : undefined;
}

/** Undefined when `object` has no such attribute, or none with a plain value. */
export function plainAttribute(object: CosemObject, index: number): PlainAttribute | undefined {
	const attribute = findAttribute(object, index);
	return attribute?.encode === undefined ? undefined : (attribute as PlainAttribute);
}

/** Nothing gets into a profile that its configurer may not read (SEC-deputy). Parts of attributes are not captured. */
export function mayCapture(column: CaptureColumn, call: Call): boolean {
	return readableObject(column, call) !== undefined;
}

/** The object behind a column that may be captured. */
export function readableObject(column: CaptureColumn, { application, association }: Call): CosemObject | undefined {
	const found = captureObject(column, application.directory);
	if (found === undefined || column.dataIndex !== 0) return undefined;
	return mayRead(found.access, association.client.index, column.attributeIndex) ? found : undefined;
}

// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "../../profile/capture-column.js";
import { maximumColumns } from "../../profile/capture-column.js";
import { mayRead } from "../access.js";
import { decodeArray, decodeInteger, decodeLogicalName, decodeLongUnsigned, decodeStructure } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import type { Reader } from "../codec/reader.js";
import { type AttributeDefinition, type Call, type CosemObject, findAttribute } from "../model.js";

/** Classes whose values belong to the meter alone, not to the association that reads them. */
const capturableClasses: readonly number[] = Object.freeze([1, 3, 4, 5, 8, 70, 71]);

/** An attribute that has a plain value. */
type PlainAttribute = AttributeDefinition<never> & Required<Pick<AttributeDefinition<never>, "encode">>;

/** A capture object definition: structure of class, logical name, attribute, data index. */
export function decodeCaptureObject(r: Reader): CaptureColumn {
	decodeStructure(r, 4);
	const classId = decodeLongUnsigned(r);
	const logicalName = decodeLogicalName(r);
	const attributeIndex = decodeInteger(r);
	return { classId, logicalName, attributeIndex, dataIndex: decodeLongUnsigned(r) };
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
	const found = captureObject(column, call.application.directory);
	if (found === undefined || column.dataIndex !== 0) return false;
	return mayRead(found.access, call.association.client.index, column.attributeIndex);
}

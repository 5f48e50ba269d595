// SPDX-License-Identifier: Apache-2.0
import { type CaptureColumn, maximumColumns } from "../../profile/capture-column.js";
import { recordKey } from "../../storage/keys.js";
import { compactDataClass } from "../class-ids.js";
import {
	decodeArray,
	decodeEnum,
	decodeInteger,
	decodeNull,
	decodeStructure,
	decodeUnsigned,
	encodeArray,
	encodeEnum,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeNull,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import type { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import type { StoredAttributes } from "../parameters/stored-attributes.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { encodeLiveValue, hasLiveValue } from "../readout/live-list.js";
import { dataAccessResult } from "../result.js";
import {
	captureAttribute,
	decodeCaptureObject,
	noRestriction,
	passNoRestriction,
	readableObject,
	unrestrictedSize,
} from "./capture-objects.js";

export interface CompactDataSpec {
	readonly logicalName: number;
	/** Place of its record; template_id as from the factory is one more. */
	readonly index: number;
	/** Behind the template_id, as from the factory; those that a meter does not have are left out. */
	readonly columns: readonly CaptureColumn[];
}

const attribute = Object.freeze({ buffer: 2, captureObjects: 3, templateId: 4, description: 5, method: 6 });
const captureMethod = Object.freeze({ onMethod: 0, onReading: 1 });
/** Octets of values, and of the record with them. */
const maximumBuffer = 512;
const maximumRecord = 1700;
const longestValue = 130;
const compositeTags: readonly number[] = Object.freeze([dataTag.array, dataTag.structure, dataTag.compactArray]);

function templateColumn(spec: CompactDataSpec): CaptureColumn {
	const { logicalName } = spec;
	return { classId: compactDataClass, logicalName, attributeIndex: attribute.templateId, dataIndex: 0 };
}

function storeOf(call: Call, spec: CompactDataSpec): StoredAttributes {
	return call.application.stored(recordKey.compactData + spec.index, {
		first: attribute.buffer,
		last: attribute.method,
		maximum: maximumRecord,
		factory(id, w) {
			if (id === attribute.buffer) encodeOctetString(w, new Uint8Array(0));
			else if (id === attribute.captureObjects) encodeColumns(w, factoryColumns(call, spec));
			else if (id === attribute.templateId) encodeUnsigned(w, spec.index + 1);
			else if (id === attribute.method) encodeEnum(w, captureMethod.onReading);
			else encodeNull(w); // the description is made of the values
		},
	});
}

function encodeColumns(w: Writer, columns: readonly CaptureColumn[]): void {
	encodeArray(w, columns.length);
	for (let n = 0; n < columns.length; n++) {
		const { classId, logicalName, attributeIndex, dataIndex } = columns[n]!;
		encodeStructure(w, 5);
		encodeLongUnsigned(w, classId);
		encodeLogicalName(w, logicalName);
		encodeInteger(w, attributeIndex);
		encodeLongUnsigned(w, dataIndex);
		w.octets(noRestriction);
	}
}

function factoryColumns(call: Call, spec: CompactDataSpec): CaptureColumn[] {
	return [templateColumn(spec), ...spec.columns.filter((column) => hasLiveValue(column, call))];
}

/** @returns undefined for a list that this meter does not take: too long, or with a restriction */
function decodeColumns(r: Reader): CaptureColumn[] | undefined {
	const count = decodeArray(r);
	const columns: CaptureColumn[] = [];
	let isGood = count <= maximumColumns;
	for (let n = 0; n < count; n++) {
		const column = decodeCaptureObject(r, 5);
		if (!passNoRestriction(r)) {
			decodeStructure(r, 2);
			if (decodeEnum(r) === 0) decodeNull(r);
			else {
				skipValue(r);
				isGood = false;
			}
		}
		if (isGood) columns.push(column);
	}
	return isGood ? columns : undefined;
}

function templateId(store: StoredAttributes): number {
	return decodeUnsigned(store.read(attribute.templateId));
}

/**
 * Appends the value of each captured attribute, null-data for one that is not available.
 * @param take is told where each value begins, and may take back what it does not need of it
 */
function encodeValues(
	w: Writer,
	call: Call,
	spec: CompactDataSpec,
	store: StoredAttributes,
	take: (start: number) => void,
): void {
	// of the list of the factory, what this meter does not have is not part: that is found while it is encoded
	const isFactory = store.isAsFromFactory;
	const columns = isFactory ? spec.columns : decodeColumns(store.read(attribute.captureObjects))!;
	encodeUnsigned(w, templateId(store));
	take(w.position - 2);
	for (let n = isFactory ? 0 : 1; n < columns.length; n++) {
		const start = w.position;
		const isThere = encodeLiveValue(w, columns[n]!, call);
		if (!isThere && isFactory) continue;
		if (!isThere) encodeNull(w);
		take(start);
	}
}

/** The values without their tags, as an octet string; an empty one while one of them is not available: nothing is made up. */
function encodeBuffer(w: Writer, call: Call, spec: CompactDataSpec, store: StoredAttributes): void {
	const values = new Writer(maximumBuffer + 1); // and the tag of the last one
	let isComplete = true;
	encodeValues(values, call, spec, store, (start) => {
		if (values.bytes[start] === dataTag.nullData) isComplete = false;
		values.bytes.copyWithin(start, start + 1, values.position);
		values.position--;
	});
	encodeOctetString(w, values.bytes, 0, isComplete ? values.position : 0);
}

/** Structure, count, and the tag of each value. */
function encodeDescription(w: Writer, call: Call, spec: CompactDataSpec): void {
	const value = new Writer(longestValue);
	const tags: number[] = [];
	encodeValues(value, call, spec, storeOf(call, spec), () => {
		tags.push(value.bytes[0]!);
		value.reset();
	});
	encodeOctetString(w, Uint8Array.of(dataTag.structure, tags.length, ...tags));
}

/**
 * Octets that a value can have at most; more than the buffer has for one that cannot be part of it.
 * @param w takes the value
 */
function compactSize(column: CaptureColumn, call: Call, w: Writer): number {
	const object = readableObject(column, call);
	const plain = object && captureAttribute(object, column);
	if (object === undefined || plain === undefined) return Infinity;
	const spec = object.spec as never;
	const maximum = plain.maximumSize?.(spec);
	if (maximum !== undefined && maximum > longestValue) return Infinity;
	w.reset();
	plain.encode(w, call, spec);
	return compositeTags.includes(w.bytes[0]!) ? Infinity : (maximum ?? w.position);
}

/** The list as `encodeColumns` writes it, which is shortest. @param received all that the client has sent of it */
function octetsOf(columns: readonly CaptureColumn[], received: Uint8Array): Uint8Array {
	const size = 2 + columns.length * unrestrictedSize;
	if (received.length === size) return received;
	const w = new Writer(size);
	encodeColumns(w, columns);
	return w.bytes;
}

function encoded(encode: (w: Writer) => void): Uint8Array {
	const w = new Writer(maximumRecord);
	encode(w);
	return w.bytes.subarray(0, w.position);
}

const emptyBuffer = (): Uint8Array => Uint8Array.of(dataTag.octetString, 0);

function change(call: Call, spec: CompactDataSpec, values: ReadonlyMap<number, Uint8Array>): number {
	if (!storeOf(call, spec).changeTogether(values)) return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/** Another list has another template_id, so that nobody reads values by the template of others. */
const setColumns = inPieces(function* (r: Reader, call: Call, spec: CompactDataSpec): Pieces {
	const from = r.position;
	const columns = decodeColumns(r);
	if (columns === undefined || columns.length < 2) return dataAccessResult.otherReason;
	const received = r.bytes.subarray(from, r.position);
	const own = columns[0]!;
	const template = templateColumn(spec);
	const isOwn =
		own.classId === template.classId &&
		own.logicalName === template.logicalName &&
		own.attributeIndex === template.attributeIndex &&
		own.dataIndex === 0;
	const value = new Writer(longestValue);
	let size = 2;
	for (let n = 1; n < columns.length && size <= maximumBuffer; n++) {
		yield pause.whenSpent;
		size += compactSize(columns[n]!, call, value);
	}
	if (!isOwn || size > maximumBuffer) return dataAccessResult.otherReason;
	yield pause.always;
	const nextId = (templateId(storeOf(call, spec)) % 255) + 1;
	return change(
		call,
		spec,
		new Map([
			[attribute.buffer, emptyBuffer()],
			[attribute.captureObjects, octetsOf(columns, received)],
			[attribute.templateId, Uint8Array.of(dataTag.unsigned, nextId)],
		]),
	);
});

/** Compact data, class_id 62, version 1 (Blue Book 4.3.10). */
export const compactData = defineClass<CompactDataSpec>({
	classId: compactDataClass,
	version: 1,
	attributes: [
		{
			id: attribute.buffer,
			name: "compactBuffer",
			encode(w, call, spec) {
				const store = storeOf(call, spec);
				if (decodeEnum(store.read(attribute.method)) === captureMethod.onReading) encodeBuffer(w, call, spec, store);
				else store.write(attribute.buffer, w);
			},
		},
		{
			id: attribute.captureObjects,
			name: "captureObjects",
			encode: (w, call, spec) => storeOf(call, spec).write(attribute.captureObjects, w),
			set: setColumns,
		},
		{
			id: attribute.templateId,
			name: "templateId",
			encode: (w, call, spec) => storeOf(call, spec).write(attribute.templateId, w),
			set(r, call, spec) {
				const id = decodeUnsigned(r);
				const value = encoded((w) => encodeUnsigned(w, id));
				return change(
					call,
					spec,
					new Map([
						[attribute.buffer, emptyBuffer()],
						[attribute.templateId, value],
					]),
				);
			},
		},
		{ id: attribute.description, name: "templateDescription", encode: encodeDescription },
		{
			id: attribute.method,
			name: "captureMethod",
			encode: (w, call, spec) => storeOf(call, spec).write(attribute.method, w),
			set(r, call, spec) {
				const method = decodeEnum(r);
				if (method > captureMethod.onReading) return dataAccessResult.otherReason;
				return change(call, spec, new Map([[attribute.method, encoded((w) => encodeEnum(w, method))]]));
			},
		},
	],
	methods: [
		{
			id: 1,
			name: "reset",
			invoke(r, _w, call, spec) {
				decodeInteger(r);
				storeOf(call, spec).change(attribute.buffer, emptyBuffer());
				return dataAccessResult.success;
			},
		},
		{
			id: 2,
			name: "capture",
			invoke(r, _w, call, spec) {
				decodeInteger(r);
				const store = storeOf(call, spec);
				const buffer = encoded((w) => encodeBuffer(w, call, spec, store));
				if (buffer[1] === 0) return dataAccessResult.temporaryFailure; // a value is not available
				if (!store.change(attribute.buffer, buffer)) return dataAccessResult.otherReason;
				return dataAccessResult.success;
			},
		},
	],
});

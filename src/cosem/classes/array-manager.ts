// SPDX-License-Identifier: Apache-2.0
import { mayRead } from "../access.js";
import { arrayManagerClass } from "../class-ids.js";
import {
	decodeLongUnsigned,
	decodeStructure,
	decodeUnsigned,
	encodeArray,
	encodeDoubleLongUnsigned,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import { type AttributeDefinition, type Call, defineClass, type ElementSource, findAttribute } from "../model.js";
import { dataAccessResult } from "../result.js";

/** An attribute that is an array, and the number that clients name it by. */
export interface ManagedArray {
	/** array_object_id, 0..255. */
	readonly id: number;
	readonly classId: number;
	readonly logicalName: number;
	/** Of an attribute that has `elements` and cannot be written. */
	readonly attributeId: number;
}

export interface ArrayManagerSpec {
	readonly arrays: readonly ManagedArray[];
}

/** The array is there, and the caller may read it (SEC-deputy). */
function isReadable({ logicalName, attributeId }: ManagedArray, { application, association }: Call): boolean {
	const object = application.directory.find(logicalName);
	return object !== undefined && mayRead(object.access, association.client.index, attributeId);
}

/** Undefined where the caller has no array of that number. */
function findArray(id: number, call: Call, { arrays }: ArrayManagerSpec): ManagedArray | undefined {
	for (let n = 0; n < arrays.length; n++)
		if (arrays[n]!.id === id) return isReadable(arrays[n]!, call) ? arrays[n] : undefined;
	return undefined;
}

/** The array as it is now. @returns a `dataAccessResult` when the caller has none of that number */
function entriesOf(id: number, call: Call, spec: ArrayManagerSpec): ElementSource | number {
	const array = findArray(id, call, spec);
	if (array === undefined) return dataAccessResult.otherReason;
	const object = call.application.directory.find(array.logicalName)!;
	const attribute = findAttribute(object, array.attributeId) as AttributeDefinition<unknown>;
	return attribute.elements!(call, object.spec, undefined);
}

/** Some elements of an array, in their order. */
class Entries implements ElementSource {
	readonly count: number;
	readonly minimumElementSize: number;
	readonly #array: ElementSource;
	readonly #first: number;

	/** @param from first entry, counted from 1 @param to last entry; entries beyond the array's end are none */
	constructor(array: ElementSource, from: number, to: number) {
		this.#array = array;
		this.#first = from - 1;
		this.count = Math.max(0, Math.min(to, array.count) - this.#first);
		this.minimumElementSize = array.minimumElementSize ?? 1;
	}

	encodeElement(w: Writer, index: number): void {
		this.#array.encodeElement(w, this.#first + index);
	}
}

/** structure { array_object_id unsigned, structure { from_entry long-unsigned, to_entry long-unsigned } } */
function retrieve(r: Reader, call: Call, spec: ArrayManagerSpec): ElementSource | number {
	decodeStructure(r, 2);
	const id = decodeUnsigned(r);
	decodeStructure(r, 2);
	const from = decodeLongUnsigned(r);
	const to = decodeLongUnsigned(r);
	const array = entriesOf(id, call, spec);
	if (typeof array === "number") return array;
	if (from < 1 || from > to) return dataAccessResult.otherReason;
	return new Entries(array, from, to);
}

/** structure { array_object_id unsigned, structure { index long-unsigned, entry } }: what is measured is read only (G2). */
function refuseEntry(r: Reader, _w: Writer, call: Call, spec: ArrayManagerSpec): number {
	decodeStructure(r, 2);
	const id = decodeUnsigned(r);
	decodeStructure(r, 2);
	decodeLongUnsigned(r);
	skipValue(r);
	return refuse(id, call, spec);
}

function refuse(id: number, call: Call, spec: ArrayManagerSpec): number {
	return findArray(id, call, spec) === undefined ? dataAccessResult.otherReason : dataAccessResult.readWriteDenied;
}

/** Array manager, class_id 123, version 0: arrays of other objects in parts (docs/decisions/0044). */
export const arrayManager = defineClass<ArrayManagerSpec>({
	classId: arrayManagerClass,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "arrayObjectList",
			encode(w, call, { arrays }) {
				let count = 0;
				for (let n = 0; n < arrays.length; n++) if (isReadable(arrays[n]!, call)) count++;
				encodeArray(w, count);
				for (let n = 0; n < arrays.length; n++) {
					const array = arrays[n]!;
					if (!isReadable(array, call)) continue;
					encodeStructure(w, 2);
					encodeUnsigned(w, array.id);
					encodeStructure(w, 3);
					encodeLongUnsigned(w, array.classId);
					encodeLogicalName(w, array.logicalName);
					encodeInteger(w, array.attributeId);
				}
			},
		},
	],
	methods: [
		{
			id: 1,
			name: "retrieveNumberOfEntries",
			invoke(r, w, call, spec) {
				const array = entriesOf(decodeUnsigned(r), call, spec);
				if (typeof array === "number") return array;
				encodeDoubleLongUnsigned(w, array.count);
				return dataAccessResult.success;
			},
		},
		{ id: 2, name: "retrieveEntries", elements: retrieve },
		{ id: 3, name: "insertEntry", invoke: refuseEntry },
		{ id: 4, name: "updateEntry", invoke: refuseEntry },
		{
			id: 5,
			name: "removeEntries",
			invoke(r, _w, call, spec) {
				decodeStructure(r, 2);
				const id = decodeUnsigned(r);
				decodeStructure(r, 2);
				decodeLongUnsigned(r);
				decodeLongUnsigned(r);
				return refuse(id, call, spec);
			},
		},
	],
});

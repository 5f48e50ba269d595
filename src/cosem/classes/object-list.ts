// SPDX-License-Identifier: Apache-2.0
import { invocableBits, isVisible, readableBits, writableBits } from "../access.js";
import {
	decodeArray,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeNull,
	decodeStructure,
	encodeArray,
	encodeInteger,
	encodeStructure,
} from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import type { CosemObject, ElementSource, Selection } from "../model.js";
import type { ObjectDirectory } from "../object-directory.js";
import { dataAccessResult } from "../result.js";

/** Selective access to object_list (Blue Book, class 15). */
const selector = Object.freeze({
	/** null-data: every object, without access rights. */
	all: 1,
	/** Array of class_id: objects of these classes, without access rights. */
	classes: 2,
	/** Array of object_id: these objects, as far as the client sees them. */
	objects: 3,
	/** One object_id. */
	object: 4,
});

export const objectListSelectors: readonly number[] = Object.freeze([1, 2, 3, 4]);

/** Heads, and the descriptor of the logical name; the heads alone. */
const sizeWithRights = 28;
const sizeWithoutRights = 21;

/**
 * object_list as one client sees it: the objects it has a right on, with these rights (version 3 encoding). Where rights
 * are not to be given an element keeps its type: both lists of it are empty.
 *
 * @param selection undefined for the whole attribute
 * @returns a `dataAccessResult` for an unknown selector
 */
export function selectObjects(
	directory: ObjectDirectory,
	client: number,
	selection: Selection | undefined,
): ElementSource | number {
	if (selection === undefined) return new VisibleObjects(directory, client, true);
	const r = selection.parameters;
	switch (selection.selector) {
		case selector.all:
			decodeNull(r);
			return new VisibleObjects(directory, client, false);
		case selector.classes:
			return new VisibleObjects(directory, client, false, decodeClasses(r));
		case selector.objects:
			return new NamedObjects(directory, client, r, decodeArray(r));
		case selector.object:
			return new NamedObjects(directory, client, r, 1);
		default:
			return dataAccessResult.scopeOfAccessViolated;
	}
}

function decodeClasses(r: Reader): Uint16Array {
	const classes = new Uint16Array(decodeArray(r));
	for (let n = 0; n < classes.length; n++) classes[n] = decodeLongUnsigned(r);
	return classes;
}

/** All objects that a client sees, or those of some classes, in table order. */
class VisibleObjects implements ElementSource {
	readonly count: number;
	readonly minimumElementSize: number;
	readonly #directory: ObjectDirectory;
	readonly #client: number;
	readonly #hasRights: boolean;
	readonly #options: number;
	readonly #hidden: readonly number[] | null;
	readonly #classes: Uint16Array | undefined;
	/** Element asked for last, and its row. */
	#index = -1;
	#row = -1;

	constructor(directory: ObjectDirectory, client: number, hasRights: boolean, classes?: Uint16Array) {
		this.#directory = directory;
		this.#client = client;
		this.#hasRights = hasRights;
		this.#options = directory.options;
		this.#hidden = directory.hidden;
		this.#classes = classes;
		this.minimumElementSize = hasRights ? sizeWithRights : sizeWithoutRights;
		this.count = classes === undefined ? directory.countVisible(client) : this.countSelected();
	}

	encodeElement(w: Writer, index: number): void {
		if (index < this.#index) this.#index = this.#row = -1;
		while (this.#index < index) {
			this.#row = this.next(this.#row + 1);
			this.#index++;
		}
		encodeObject(w, this.#directory.at(this.#row)!, this.#client, this.#hasRights);
	}

	private next(from: number): number {
		let row = this.#directory.nextVisible(from, this.#client, this.#options, this.#hidden);
		if (this.#classes === undefined) return row;
		while (row >= 0 && !this.#classes.includes(this.#directory.at(row)!.definition.classId)) {
			row = this.#directory.nextVisible(row + 1, this.#client, this.#options, this.#hidden);
		}
		return row;
	}

	private countSelected(): number {
		let count = 0;
		for (let row = this.next(0); row >= 0; row = this.next(row + 1)) count++;
		return count;
	}
}

/** The objects of a list of object_id that the client sees, in the order of that list. */
class NamedObjects implements ElementSource {
	readonly count: number;
	readonly minimumElementSize = sizeWithRights;
	readonly #directory: ObjectDirectory;
	readonly #client: number;
	readonly #names: Float64Array;

	/** @param r on `count` structures { class_id long-unsigned, logical_name octet-string } */
	constructor(directory: ObjectDirectory, client: number, r: Reader, count: number) {
		this.#directory = directory;
		this.#client = client;
		this.#names = new Float64Array(count);
		let found = 0;
		for (let n = 0; n < count; n++) {
			decodeStructure(r, 2);
			const classId = decodeLongUnsigned(r);
			const name = decodeLogicalName(r);
			const object = directory.find(name);
			if (object === undefined || object.definition.classId !== classId || !isVisible(object.access, client)) continue;
			this.#names[found++] = name;
		}
		this.count = found;
	}

	encodeElement(w: Writer, index: number): void {
		encodeObject(w, this.#directory.ordered(this.#names[index]!)!, this.#client, true);
	}
}

const readBit = 1;
const writeBit = 2;

/** One element; there are hundreds in an object list, so rights are taken as bits and descriptors written at once. */
function encodeObject(w: Writer, object: CosemObject, client: number, hasRights: boolean): void {
	const { attributes, methods, classId, version } = object.definition;
	const reads = readableBits(object.access, client);
	const writes = writableBits(object.access, client);
	const invocations = invocableBits(object.access, client);
	const at = w.claim(9);
	const { bytes } = w;
	bytes[at] = dataTag.structure;
	bytes[at + 1] = 4;
	bytes[at + 2] = dataTag.longUnsigned;
	bytes[at + 3] = classId >>> 8;
	bytes[at + 4] = classId;
	bytes[at + 5] = dataTag.unsigned;
	bytes[at + 6] = version;
	bytes[at + 7] = dataTag.octetString;
	bytes[at + 8] = 6;
	w.u48(object.logicalName);
	encodeStructure(w, 2);
	if (!hasRights) {
		encodeArray(w, 0);
		encodeArray(w, 0);
		return;
	}
	encodeArray(w, attributes.length + 1);
	encodeDescriptor(w, 1, reads !== 0 ? readBit : 0, withSelectors);
	for (let n = 0; n < attributes.length; n++) {
		const { id, encode, elements, set, selectors } = attributes[n]!;
		let mode = 0;
		if (((reads >>> id) & 1) !== 0 && (encode !== undefined || elements !== undefined)) mode = readBit;
		if (((writes >>> id) & 1) !== 0 && set !== undefined) mode |= writeBit;
		encodeDescriptor(w, id, mode, withSelectors);
		if (selectors !== undefined) encodeSelectors(w, selectors);
	}
	encodeArray(w, methods.length);
	for (let n = 0; n < methods.length; n++) {
		const { id } = methods[n]!;
		encodeDescriptor(w, id, (invocations >>> id) & 1, withoutSelectors);
	}
}

/** Fields of a method and of an attribute access descriptor. */
const withoutSelectors = 2;
const withSelectors = 3;

/** structure { id integer, access_mode enum, access_selectors null }, or the same without the last field. */
function encodeDescriptor(w: Writer, id: number, mode: number, fields: number): void {
	const at = w.claim(fields === withSelectors ? 7 : 6);
	const { bytes } = w;
	bytes[at] = dataTag.structure;
	bytes[at + 1] = fields;
	bytes[at + 2] = dataTag.integer;
	bytes[at + 3] = id;
	bytes[at + 4] = dataTag.enum;
	bytes[at + 5] = mode;
	if (fields === withSelectors) bytes[at + 6] = dataTag.nullData;
}

/** In place of the null just written. */
function encodeSelectors(w: Writer, selectors: readonly number[]): void {
	w.position--;
	encodeArray(w, selectors.length);
	for (let n = 0; n < selectors.length; n++) encodeInteger(w, selectors[n]!);
}

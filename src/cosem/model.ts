// SPDX-License-Identifier: Apache-2.0
import type { Application } from "./application.js";
import type { Association } from "./association/association.js";
import type { Reader } from "./codec/reader.js";
import type { Writer } from "./codec/writer.js";
import type { Pieces } from "./pieces.js";

/** What a request may use: the meter behind the object model, and who asks. Reused; never kept by a class file. */
export interface Call {
	readonly application: Application;
	readonly association: Association;
}

/** Selective access as it came: the selector, and a reader on its parameter; the class decodes what it supports. */
export interface Selection {
	readonly selector: number;
	readonly parameters: Reader;
}

/**
 * A long array, encoded element by element (design 1.7). Made once per request; content is fixed when it is made, by
 * absolute entry numbers where the store is a ring. An element is mostly shorter than `maximumElementSize`;
 * each that is not takes memory of its own.
 */
export interface ElementSource {
	/** Number of array elements. */
	readonly count: number;
	/** The elements stand alone, without an array around them. */
	readonly isBare?: boolean;
	/** What an element takes, octets, 1 unless given: an array that must be longer than an APDU is not tried in one. */
	readonly minimumElementSize?: number;
	/** Writes element `index` (0-based). Called in order; may be called again for the same index. */
	encodeElement(w: Writer, index: number): void;
}

/** Largest encoded array element, and largest plain attribute value, in octets. */
export const maximumElementSize = 1024;

/**
 * One attribute. A bounded value has `encode`, a long array has `elements`; an attribute with neither cannot be read
 * and one without `set` cannot be written, whatever the access table says. Method syntax, so that tables may mix classes.
 */
export interface AttributeDefinition<Spec> {
	readonly id: number;
	/** Blue Book name in camelCase. */
	readonly name: string;
	/** Selectors that `elements` understands; published in the object list. */
	readonly selectors?: readonly number[];
	/** Most octets that `encode` can write, where the value of one moment does not tell; for columns of profiles. */
	maximumSize?(spec: Spec): number | undefined;
	/** Writes tag and value. */
	encode?(w: Writer, call: Call, spec: Spec): void;
	/**
	 * @param selection undefined for the whole attribute
	 * @returns a source, or a `dataAccessResult` when the selection is refused
	 */
	elements?(call: Call, spec: Spec, selection: Selection | undefined): ElementSource | number;
	/**
	 * Decodes, checks, stores, in this order; nothing has changed unless it returns success.
	 * A value of the wrong type is `CodecError("type", …)` from the reader, answered as type-unmatched.
	 * A long value is decoded and checked in pieces, and stored by the last of them: other work of the meter, but no other
	 * request, comes in between.
	 * @returns a `dataAccessResult`, or the pieces that end in one
	 */
	set?(r: Reader, call: Call, spec: Spec): number | Pieces;
}

/** One method, with either `invoke` or `elements`. */
export interface MethodDefinition<Spec> {
	readonly id: number;
	readonly name: string;
	/**
	 * @param r on the parameter; at its end when the request had none
	 * @param w takes the return value, if the method defines one
	 * @returns an `actionResult`, or the pieces that end in one, as of `set`; those have no return value
	 */
	invoke?(r: Reader, w: Writer, call: Call, spec: Spec): number | Pieces;
	/**
	 * Of a method that changes nothing and returns a long array.
	 * @param r as of `invoke`
	 * @returns a source, or an `actionResult`
	 */
	elements?(r: Reader, call: Call, spec: Spec): ElementSource | number;
}

/** An interface class. Attribute 1 (logical_name) is common to all and answered by the server. */
export interface ClassDefinition<Spec> {
	readonly classId: number;
	readonly version: number;
	readonly attributes: readonly AttributeDefinition<Spec>[];
	readonly methods: readonly MethodDefinition<Spec>[];
}

/** Checks ids once, when the module is evaluated (on the board: when it is linked), and freezes the table. */
export function defineClass<Spec>(definition: ClassDefinition<Spec>): ClassDefinition<Spec> {
	let previous = 1;
	for (const attribute of definition.attributes) {
		if (attribute.id <= previous) throw new RangeError(`class ${definition.classId}: attribute ids must rise from 2`);
		previous = attribute.id;
		Object.freeze(attribute);
	}
	previous = 0;
	for (const method of definition.methods) {
		if (method.id <= previous) throw new RangeError(`class ${definition.classId}: method ids must rise from 1`);
		if ((method.invoke === undefined) === (method.elements === undefined))
			throw new RangeError(`class ${definition.classId}: method ${method.id} has to do one thing`);
		previous = method.id;
		Object.freeze(method);
	}
	Object.freeze(definition.attributes);
	Object.freeze(definition.methods);
	return Object.freeze(definition);
}

/** One object: facts only; live state is reached through the call. */
export interface CosemObject {
	/** Six octets packed into one number, `0-0:1.0.0.255` = 0x0000010000FF. */
	readonly logicalName: number;
	readonly definition: ClassDefinition<never>;
	readonly spec: unknown;
	/** Rights of each client (access.ts). */
	readonly access: AccessTable;
	/** Sum of `ModelDescriptor.bit`. */
	readonly models: number;
	/** Sum of `optionBit`; present when the meter has at least one of them. */
	readonly options: number;
}

/** The definition of attribute 2 and above, usually at the place of its number; undefined where the class has none. */
export function findAttribute(object: CosemObject, id: number): AttributeDefinition<never> | undefined {
	return findById(object.definition.attributes, id, 2);
}

/**
 * The definition with this number, usually at the place of its number. The number may be a client's: an array asked for an
 * index below 0 would make a name of it, which the engine keeps for good.
 *
 * @param first number of the one at place 0 of a list without gaps
 */
export function findById<T extends { readonly id: number }>(
	list: readonly T[],
	id: number,
	first: number,
): T | undefined {
	const likely = id < first ? undefined : list[id - first];
	if (likely?.id === id) return likely;
	for (let n = 0; n < list.length; n++) if (list[n]!.id === id) return list[n];
	return undefined;
}

/** Column of the access tables. */
export const clientIndex = Object.freeze({
	public: 0,
	management: 1,
	preEstablished: 2,
	reader: 3,
	technician: 4,
	consumer: 5,
	metrology: 6,
});

/** `[reads, writes, methods]` for each client in the order of `clientIndex`; bit n = attribute or method n. */
export type AccessTable = readonly number[];

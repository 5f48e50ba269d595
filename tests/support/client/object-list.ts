// SPDX-License-Identifier: Apache-2.0
import type { Data } from "./axdr.js";
import { asNumber, asOctets, decodeLogicalName, elementsOf, type ObjectRef } from "./data.js";

/** One element of the object list of an association. */
export interface ListedObject extends ObjectRef {
	readonly version: number;
	/** Access mode of each attribute: bit 0 read, bit 1 write (Association LN version 3). */
	readonly attributes: ReadonlyMap<number, number>;
	/** Access mode of each method: bit 0. */
	readonly methods: ReadonlyMap<number, number>;
	/** Access selectors of the attributes that have some. */
	readonly selectors: ReadonlyMap<number, readonly number[]>;
}

export const accessBit = Object.freeze({ read: 1, write: 2, invoke: 1 });

function decodeElement(found: Data): ListedObject {
	const [classId, version, logicalName, rights] = elementsOf(found, 4);
	const [attributeAccess, methodAccess] = elementsOf(rights!, 2);
	const attributes = new Map<number, number>();
	const selectors = new Map<number, readonly number[]>();
	for (const item of elementsOf(attributeAccess!)) {
		const [id, mode, selector] = elementsOf(item, 3);
		attributes.set(asNumber(id!), asNumber(mode!));
		if (selector!.value !== null) selectors.set(asNumber(id!), elementsOf(selector!).map(asNumber));
	}
	const methods = new Map<number, number>();
	for (const item of elementsOf(methodAccess!)) {
		const [id, mode] = elementsOf(item, 2);
		methods.set(asNumber(id!), asNumber(mode!));
	}
	return {
		classId: asNumber(classId!),
		version: asNumber(version!),
		logicalName: decodeLogicalName(asOctets(logicalName!)),
		attributes,
		methods,
		selectors,
	};
}

export function decodeObjectList(found: Data): readonly ListedObject[] {
	return elementsOf(found).map(decodeElement);
}

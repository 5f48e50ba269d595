// SPDX-License-Identifier: Apache-2.0
import { mayRead } from "../access.js";
import type { Application } from "../application.js";
import {
	dataTag,
	decodeArray,
	decodeEnum,
	decodeInteger,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeNull,
	decodeStructure,
	encodeArray,
	encodeLogicalName,
	encodeNull,
	skipValue,
} from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type Call, type CosemObject, findAttribute } from "../model.js";
import { profileClass } from "./push-table.js";

/** Most elements of a push_object_list. */
export const maximumPushObjects = 32;
const restrictedByEntry = 2;
const bufferAttribute = 2;
/** Associations: their values belong to whoever reads them. */
const associationClass = 15;

/** One element of a push_object_list (Blue Book 4.4.8.2.2). */
export interface PushObject {
	readonly classId: number;
	readonly logicalName: number;
	readonly attribute: number;
	/** 0 = the whole attribute, n = element n of a structure or array. */
	readonly dataIndex: number;
	/** Entries of a profile, counted from the newest, which is 1; 0 and 0 = all. */
	readonly fromEntry: number;
	readonly toEntry: number;
}

/**
 * @returns undefined for a restriction that this meter does not have: by date, by columns, or by entries of what is no profile
 * @throws CodecError for another type
 */
export function decodePushObject(r: Reader): PushObject | undefined {
	decodeStructure(r, 6);
	const classId = decodeLongUnsigned(r);
	const logicalName = decodeLogicalName(r);
	const attribute = decodeInteger(r);
	const dataIndex = decodeLongUnsigned(r);
	decodeStructure(r, 2);
	const restriction = decodeEnum(r);
	let fromEntry = 0;
	let toEntry = 0;
	let isKnown = true;
	if (restriction === 0) decodeNull(r);
	else if (restriction === restrictedByEntry) {
		decodeStructure(r, 2);
		fromEntry = decodeLongUnsigned(r);
		toEntry = decodeLongUnsigned(r);
		isKnown = classId === profileClass && attribute === bufferAttribute && fromEntry >= 1 && fromEntry <= toEntry;
	} else {
		skipValue(r);
		isKnown = false;
	}
	if (decodeArray(r) !== 0) {
		r.position = r.end;
		return undefined;
	}
	return isKnown ? { classId, logicalName, attribute, dataIndex, fromEntry, toEntry } : undefined;
}

/** Nothing is pushed that its configurer may not read (SEC-deputy). */
export function mayPush(element: PushObject, call: Call): boolean {
	const found = objectOf(element, call.application);
	if (found === undefined || element.classId === associationClass) return false;
	if (element.attribute !== 1) {
		const attribute = findAttribute(found, element.attribute);
		if (attribute?.encode === undefined && attribute?.elements === undefined) return false;
	}
	return mayRead(found.access, call.association.client.index, element.attribute);
}

function objectOf(element: PushObject, { directory }: Application): CosemObject | undefined {
	const found = directory.find(element.logicalName);
	return found?.definition.classId === element.classId ? found : undefined;
}

/**
 * Appends the value of an element, null-data where it has none or does not fit.
 * @param left octets that must stay free behind it
 */
export function encodePushValue(w: Writer, element: PushObject, call: Call, left: number): void {
	const { limit } = w;
	const start = w.position;
	w.limit = limit - left;
	try {
		const found = objectOf(element, call.application);
		if (found === undefined || !encodeWhole(w, found, element, call)) throw new CodecError("value", start);
		if (element.dataIndex !== 0) takePart(w, start, element.dataIndex);
	} catch (error) {
		if (!(error instanceof CodecError)) throw error;
		w.position = start;
		w.limit = limit;
		encodeNull(w);
	} finally {
		w.limit = limit;
	}
}

function encodeWhole(w: Writer, found: CosemObject, element: PushObject, call: Call): boolean {
	if (element.attribute === 1) {
		encodeLogicalName(w, found.logicalName);
		return true;
	}
	const attribute = findAttribute(found, element.attribute);
	if (attribute?.encode !== undefined) {
		attribute.encode(w, call, found.spec as never);
		return true;
	}
	const source = attribute?.elements?.(call, found.spec as never, undefined);
	if (source === undefined || typeof source === "number") return false;
	const { count } = source;
	const from = element.toEntry === 0 ? 0 : Math.max(count - element.toEntry, 0);
	const to = element.fromEntry === 0 ? count : Math.max(count - element.fromEntry + 1, 0);
	encodeArray(w, Math.max(to - from, 0));
	for (let n = from; n < to; n++) source.encodeElement(w, n);
	return true;
}

/** Replaces the structure or array at `start` by its element `index`, 1-based. */
function takePart(w: Writer, start: number, index: number): void {
	const r = new Reader(w.bytes, start, w.position);
	const tag = r.u8();
	if ((tag !== dataTag.structure && tag !== dataTag.array) || r.u8() < index) throw new CodecError("value", start);
	for (let n = 1; n < index; n++) skipValue(r);
	const from = r.position;
	skipValue(r);
	w.bytes.copyWithin(start, from, r.position);
	w.position = start + r.position - from;
}

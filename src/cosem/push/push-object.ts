// SPDX-License-Identifier: Apache-2.0
import { mayRead } from "../access.js";
import type { Application } from "../application.js";
import { associationClass, profileClass } from "../class-ids.js";
import { decodeCaptureObject, passNoRestriction } from "../classes/capture-objects.js";
import { type ProfileSpec, profileGeneric, profileOf } from "../classes/profile-generic.js";
import { decodeColumns, decodeTimeRange, selectByTime, selectNewest } from "../classes/profile-selection.js";
import {
	decodeArray,
	decodeEnum,
	decodeLongUnsigned,
	decodeNull,
	decodeStructure,
	encodeArray,
	encodeLogicalName,
	encodeNull,
} from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { dataTag } from "../codec/data-tag.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import { type Call, type CosemObject, type ElementSource, findAttribute } from "../model.js";

/** Most elements of a push_object_list. */
export const maximumPushObjects = 32;
const restrictionType = Object.freeze({ none: 0, date: 1, entry: 2 });
const bufferAttribute = 2;

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
	/** On both ends of a restriction by date, and the columns behind them; else undefined. */
	readonly dates: Reader | undefined;
	/** On the columns of a profile, where not all of them are told. */
	readonly columns: Reader | undefined;
}

/**
 * @returns undefined for a restriction that is none, or that of something else than the buffer of a profile
 * @throws CodecError for another type
 */
export function decodePushObject(r: Reader): PushObject | undefined {
	const { classId, logicalName, attributeIndex: attribute, dataIndex } = decodeCaptureObject(r, 6);
	const isFree = passNoRestriction(r);
	if (isFree && r.bytes[r.position] === dataTag.array && r.bytes[r.position + 1] === 0) {
		r.skip(2);
		return {
			classId,
			logicalName,
			attribute,
			dataIndex,
			fromEntry: 0,
			toEntry: 0,
			dates: undefined,
			columns: undefined,
		};
	}
	if (!isFree) decodeStructure(r, 2);
	const restriction = isFree ? restrictionType.none : decodeEnum(r);
	let fromEntry = 0;
	let toEntry = 0;
	let datesAt = -1;
	let isKnown = true;
	if (restriction === restrictionType.none) {
		if (!isFree) decodeNull(r);
	} else if (restriction === restrictionType.entry) {
		decodeStructure(r, 2);
		fromEntry = decodeLongUnsigned(r);
		toEntry = decodeLongUnsigned(r);
		isKnown = fromEntry >= 1 && fromEntry <= toEntry;
	} else if (restriction === restrictionType.date) {
		decodeStructure(r, 2);
		datesAt = r.position;
		isKnown = decodeTimeRange(r);
	} else {
		skipValue(r);
		isKnown = false;
	}
	const columnsAt = r.position;
	const columnCount = decodeArray(r);
	for (let n = 0; n < columnCount; n++) decodeCaptureObject(r);
	const isWhole = restriction === restrictionType.none && columnCount === 0;
	if (!isKnown || !(isWhole || (classId === profileClass && attribute === bufferAttribute))) return undefined;
	const dates = datesAt < 0 ? undefined : new Reader(r.bytes, datesAt, r.position);
	const columns = columnCount === 0 ? undefined : new Reader(r.bytes, columnsAt, r.position);
	return { classId, logicalName, attribute, dataIndex, fromEntry, toEntry, dates, columns };
}

/** Nothing is pushed that its configurer may not read (SEC-deputy). */
export function mayPush(element: PushObject, call: Call): boolean {
	const found = objectOf(element, call.application);
	if (found === undefined || element.classId === associationClass) return false;
	if (element.attribute !== 1) {
		const attribute = findAttribute(found, element.attribute);
		if (attribute?.encode === undefined && attribute?.elements === undefined) return false;
	}
	if (!maySelect(element, found, call)) return false;
	return mayRead(found.access, call.association.client.index, element.attribute);
}

/** Dates and columns are those of a profile that stores its rows; columns it has not got are none. */
function maySelect({ dates, columns }: PushObject, { definition, spec }: CosemObject, call: Call): boolean {
	if (dates === undefined && columns === undefined) return true;
	if (definition !== profileGeneric) return false;
	if (columns === undefined) return true;
	const { position } = columns;
	const isKnown = typeof decodeColumns(profileOf(call, spec as ProfileSpec), columns) !== "number";
	columns.position = position;
	return isKnown;
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
	const selected = select(element, found, call);
	const source = selected ?? attribute?.elements?.(call, found.spec as never, undefined);
	if (source === undefined || typeof source === "number") return false;
	const { count } = source;
	const hasEntries = selected === undefined && element.toEntry !== 0;
	const from = hasEntries ? Math.max(count - element.toEntry, 0) : 0;
	const to = hasEntries ? Math.max(count - element.fromEntry + 1, 0) : count;
	if (!source.isBare) encodeArray(w, Math.max(to - from, 0));
	for (let n = from; n < to; n++) source.encodeElement(w, n);
	return true;
}

/** The rows that are selected; undefined where all are wanted, or those of another class, a number where the profile has other columns by now. */
function select(
	{ fromEntry, toEntry, dates, columns }: PushObject,
	{ definition, spec }: CosemObject,
	call: Call,
): ElementSource | number | undefined {
	if (definition !== profileGeneric || (toEntry === 0 && (dates ?? columns) === undefined)) return undefined;
	const profile = profileOf(call, spec as ProfileSpec);
	if (dates !== undefined) return selectByTime(profile, call, dates);
	return selectNewest(profile, call, Math.max(fromEntry, 1), toEntry, columns);
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

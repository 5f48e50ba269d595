// SPDX-License-Identifier: Apache-2.0
import { areSame } from "../../core/same-octets.js";
import { features, isOfFeatures } from "../../models/features.js";
import type { Application } from "../application.js";
import { functionControlClass } from "../class-ids.js";
import {
	decodeArray,
	decodeBoolean,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeOctetString,
	decodeStructure,
	encodeArray,
	encodeBoolean,
	encodeOctetString,
	encodeStructure,
} from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { objectIdSize } from "../functions/feature-objects.js";
import { FunctionElements } from "../functions/function-elements.js";
import {
	type FunctionList,
	findFunction,
	longestFunctionName,
	type MeterFunction,
	maximumFunctionObjects,
	maximumFunctions,
} from "../functions/function-list.js";
import { switchesFollow } from "../functions/function-switches.js";
import { type Call, defineClass } from "../model.js";
import type { ObjectDirectory } from "../object-directory.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";

/** function_status: array of structure { function_name octet-string, function_status boolean }. */
function encodeStatus(w: Writer, { application }: Call): void {
	const { functions } = application.functions();
	encodeArray(w, functions.length);
	for (let n = 0; n < functions.length; n++) {
		encodeStructure(w, 2);
		encodeOctetString(w, functions[n]!.name);
		encodeBoolean(w, functions[n]!.isOn);
	}
}

/**
 * Reads one function. One that names all objects of an ordered feature is that feature; else they are few, and each belongs
 * to features alone: what every meter has cannot be as if it had not been ordered.
 *
 * @param list what the function is on or off in; a new one is on
 * @returns undefined for one that the meter cannot have
 */
function decodeFunction(r: Reader, application: Application, list: FunctionList): MeterFunction | undefined {
	const { directory } = application;
	decodeStructure(r, 2);
	const name = decodeOctetString(r);
	const isNamed = name.length > 0 && name.length <= longestFunctionName && isVisible(name);
	const isOn = list.find(name)?.isOn ?? true;
	const count = decodeArray(r);
	for (let feature = 0; feature < features.length; feature++) {
		if (!isListOf(r, count, directory, feature)) continue;
		r.skip(count * objectIdSize);
		return isNamed ? { name, isOn, feature, objects: [] } : undefined;
	}
	const named: number[] = [];
	let isSound = isNamed;
	for (let n = 0; n < count; n++) {
		decodeStructure(r, 2);
		const classId = decodeLongUnsigned(r);
		const logicalName = decodeLogicalName(r);
		const object = directory.ordered(logicalName);
		const isThere = object?.definition.classId === classId && isOfFeatures(object.options);
		if (!isThere || named.includes(logicalName)) isSound = false;
		else named.push(logicalName);
	}
	if (!isSound) return undefined;
	for (let feature = 0; feature < features.length; feature++)
		if (areOf(named, directory, feature)) return { name, isOn, feature, objects: [] };
	return named.length > maximumFunctionObjects ? undefined : { name, isOn, feature: -1, objects: named };
}

/** The next `count` object_id are all those of an ordered feature, as they are read. */
function isListOf(r: Reader, count: number, directory: ObjectDirectory, feature: number): boolean {
	if (!directory.isOrdered(features[feature]!.options) || count * objectIdSize > r.remaining) return false;
	const { ids } = directory.ofFeature(feature);
	const { bytes, position } = r;
	let known = 0;
	for (let at = directory.nextOfFeature(feature, 0); at >= 0; ) {
		const offset = position + known * objectIdSize;
		// another feature begins with another object
		if (known === count || !areSame(bytes, offset, ids, at * objectIdSize, objectIdSize)) return false;
		const end = directory.endOfRun(feature, at);
		const length = end - at;
		known += length;
		if (known > count || !areSame(bytes, offset, ids, at * objectIdSize, length * objectIdSize)) return false;
		at = directory.nextOfFeature(feature, end);
	}
	return known === count;
}

/** They are all those of an ordered feature, in any order. @param names without repetition */
function areOf(names: readonly number[], directory: ObjectDirectory, feature: number): boolean {
	if (!directory.isOrdered(features[feature]!.options)) return false;
	const { rows } = directory.ofFeature(feature);
	let known = 0;
	for (let at = directory.nextOfFeature(feature, 0); at >= 0; at = directory.nextOfFeature(feature, at + 1)) {
		if (!names.includes(rows[at]!.logicalName)) return false;
		known++;
	}
	return known === names.length;
}

/** Printable ASCII. */
function isVisible(text: Uint8Array): boolean {
	for (let n = 0; n < text.length; n++) if (text[n]! < 0x20 || text[n]! > 0x7e) return false;
	return true;
}

function changed(application: Application, list: FunctionList, functions: readonly MeterFunction[]): number {
	list.change(functions);
	switchesFollow(application);
	// what is there again has to know when it is due
	application.schedules.localTimeChanged();
	application.calendars.localTimeChanged();
	application.parameterChanged();
	return dataAccessResult.success;
}

const setFunctions = inPieces(function* (r: Reader, { application }: Call): Pieces {
	const list = application.functions();
	const functions: MeterFunction[] = [];
	let isSound = true;
	for (let count = decodeArray(r); count > 0; count--) {
		const decoded = decodeFunction(r, application, list);
		if (decoded === undefined || findFunction(functions, decoded.name) !== undefined) isSound = false;
		else functions.push(decoded);
		yield pause.whenSpent;
	}
	yield pause.always;
	if (!isSound || functions.length > maximumFunctions) return dataAccessResult.otherReason;
	return changed(application, list, functions);
});

function setStatus(r: Reader, { application }: Call): number {
	const list = application.functions();
	let isKnown = true;
	for (let count = decodeArray(r); count > 0; count--) {
		decodeStructure(r, 2);
		const found = list.find(decodeOctetString(r));
		const isOn = decodeBoolean(r);
		if (found === undefined) isKnown = false;
		else found.isOn = isOn;
	}
	return isKnown ? changed(application, list, list.functions) : dataAccessResult.otherReason;
}

function addFunction(r: Reader, { application }: Call): number {
	const list = application.functions();
	const added = decodeFunction(r, application, list);
	const isSound = added !== undefined && list.find(added.name) === undefined;
	if (!isSound || list.functions.length >= maximumFunctions) return dataAccessResult.otherReason;
	return changed(application, list, [...list.functions, added]);
}

/** By its name alone, or as function_list has it. */
function removeFunction(r: Reader, { application }: Call): number {
	const list = application.functions();
	let name: Uint8Array | undefined;
	if (r.bytes[r.position] === dataTag.octetString) name = decodeOctetString(r);
	else name = decodeFunction(r, application, list)?.name;
	const found = name === undefined ? undefined : list.find(name);
	if (found === undefined) return dataAccessResult.otherReason;
	const left = list.functions.filter((one) => one !== found);
	return changed(application, list, left);
}

/** Function control, class_id 122, version 0: switches off features, whose objects are then as if not ordered. */
export const functionControl = defineClass<null>({
	classId: functionControlClass,
	version: 0,
	attributes: [
		{ id: 2, name: "activationStatus", encode: encodeStatus },
		{
			id: 3,
			name: "functionList",
			elements: (call) => new FunctionElements(call.application.functions()),
			set: setFunctions,
		},
	],
	methods: [
		{ id: 1, name: "setFunctionStatus", invoke: (r, _w, call) => setStatus(r, call) },
		{ id: 2, name: "addFunction", invoke: (r, _w, call) => addFunction(r, call) },
		{ id: 3, name: "removeFunction", invoke: (r, _w, call) => removeFunction(r, call) },
	],
});

// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../core/device-error.js";
import { areEqual } from "../../core/equal-octets.js";
import { features } from "../../models/features.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import type { Writer } from "../codec/writer.js";
import type { ObjectDirectory } from "../object-directory.js";
import { encodeObjectId, objectIdSize } from "./feature-objects.js";

const layoutVersion = 1;

export const maximumFunctions = 8;
export const longestFunctionName = 16;
/** Objects that a function of a client may name. */
export const maximumFunctionObjects = 12;

const nameSize = 6;
/** Status, feature, length of the name, number of objects. */
const headSize = 4;
const recordSize = 2 + maximumFunctions * (headSize + longestFunctionName + maximumFunctionObjects * nameSize);

/** One function of function control (class 122). */
export interface MeterFunction {
	/** ASCII, 1..16 octets. */
	readonly name: Uint8Array;
	isOn: boolean;
	/** Place in `features`; -1 for a function that names its objects. */
	readonly feature: number;
	/** Logical names, of a function that names them. */
	readonly objects: readonly number[];
}

/**
 * The functions of a meter: what is written, else the ordered features, all on. Made for a request from the record, and
 * dropped; what is off stands in the directory.
 *
 * Record: layout version, count; then of each function status, feature + 1, length of the name, the name, number of objects,
 * their logical names.
 */
export class FunctionList {
	readonly functions: readonly MeterFunction[];
	readonly #store: RecordStore;
	readonly #directory: ObjectDirectory;

	/** @throws DeviceError for a record of another layout */
	constructor(store: RecordStore, directory: ObjectDirectory) {
		this.#store = store;
		this.#directory = directory;
		const record = new Uint8Array(recordSize);
		const length = store.read(recordKey.functionControl, record);
		this.functions = length < 0 ? this.ordered() : decode(record, length);
	}

	/** The one of this name; undefined when there is none. */
	find(name: Uint8Array): MeterFunction | undefined {
		return findFunction(this.functions, name);
	}

	/** Place of the next object of a function, from `from` on, that this meter has, on or off; -1 when there is none. */
	nextObject({ feature, objects }: MeterFunction, from: number): number {
		if (feature >= 0) return this.#directory.nextOfFeature(feature, from);
		for (let n = from; n < objects.length; n++) if (this.#directory.ordered(objects[n]!) !== undefined) return n;
		return -1;
	}

	/** Appends the object_id of an object. @param place as of `nextObject` */
	encodeObject(w: Writer, { feature, objects }: MeterFunction, place: number): void {
		if (feature < 0) encodeObjectId(w, this.#directory.ordered(objects[place]!)!);
		else w.octets(this.#directory.ofFeature(feature).ids, place * objectIdSize, (place + 1) * objectIdSize);
	}

	/** Makes `functions` durable, then they take effect. @throws DeviceError, unchanged */
	change(functions: readonly MeterFunction[]): void {
		const record = new Uint8Array(recordSize);
		this.#store.write(recordKey.functionControl, record, encode(functions, record));
		switchOff(functions, this.#directory);
	}

	/** Lets the directory know what is off. */
	apply(): void {
		switchOff(this.functions, this.#directory);
	}

	private ordered(): MeterFunction[] {
		const functions: MeterFunction[] = [];
		for (let feature = 0; feature < features.length; feature++) {
			if (!this.#directory.isOrdered(features[feature]!.options)) continue;
			functions.push({ name: octetsOf(features[feature]!.name), isOn: true, feature, objects: [] });
		}
		return functions;
	}
}

/** @param name ASCII */
export function findFunction(functions: readonly MeterFunction[], name: Uint8Array): MeterFunction | undefined {
	for (let n = 0; n < functions.length; n++) if (areEqual(functions[n]!.name, name)) return functions[n];
	return undefined;
}

function switchOff(functions: readonly MeterFunction[], directory: ObjectDirectory): void {
	let options = 0;
	const names: number[] = [];
	for (let n = 0; n < functions.length; n++) {
		const { isOn, feature, objects } = functions[n]!;
		if (isOn) continue;
		if (feature >= 0) options |= features[feature]!.options;
		else names.push(...objects);
	}
	directory.switchOff(options, names);
}

function encode(functions: readonly MeterFunction[], record: Uint8Array): number {
	record[0] = layoutVersion;
	record[1] = functions.length;
	let at = 2;
	for (let n = 0; n < functions.length; n++) {
		const { name, isOn, feature, objects } = functions[n]!;
		record[at++] = isOn ? 1 : 0;
		record[at++] = feature + 1;
		record[at++] = name.length;
		record.set(name, at);
		at += name.length;
		record[at++] = objects.length;
		for (let m = 0; m < objects.length; m++) {
			let left = objects[m]!;
			for (let place = nameSize - 1; place >= 0; place--) {
				record[at + place] = left % 256;
				left = Math.floor(left / 256);
			}
			at += nameSize;
		}
	}
	return at;
}

function decode(record: Uint8Array, length: number): MeterFunction[] {
	if (record[0] !== layoutVersion || length < 2) throw new DeviceError("flash", "layout", "function control");
	const functions: MeterFunction[] = [];
	let at = 2;
	for (let count = record[1]!; count > 0; count--) {
		const isOn = record[at]! !== 0;
		const feature = record[at + 1]! - 1;
		const from = at + 3;
		at = from + record[at + 2]!;
		const name = record.slice(from, at);
		const objects: number[] = [];
		for (let m = record[at++]!; m > 0; m--) {
			let logicalName = 0;
			for (let place = 0; place < nameSize; place++) logicalName = logicalName * 256 + record[at + place]!;
			objects.push(logicalName);
			at += nameSize;
		}
		functions.push({ name, isOn, feature, objects });
	}
	return functions;
}

function octetsOf(text: string): Uint8Array {
	const octets = new Uint8Array(text.length);
	for (let n = 0; n < text.length; n++) octets[n] = text.charCodeAt(n);
	return octets;
}

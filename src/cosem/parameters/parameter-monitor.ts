// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { noOctets } from "../../core/no-octets.js";
import { areSame } from "../../core/same-octets.js";
import { longestParameterValue, rowLog } from "../../profile/row-log-table.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import { mayRead, mayWrite } from "../access.js";
import type { Application } from "../application.js";
import { clockClass, dataClass, registerClass } from "../class-ids.js";
import { isCapturable, plainAttribute } from "../classes/capture-objects.js";
import { encodeNull, encodeStructure } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import { type Call, type CosemObject, clientIndex } from "../model.js";
import { beginChangeRow, newestChange, type ParameterName, readParameterName } from "./change-rows.js";

/** hash_algorithm_id. */
export const hashAlgorithm = Object.freeze({ none: 0, sha256: 1, sha384: 2 });

/** Parameters that are watched at most: their values together are one plain value. */
export const maximumParameters = 20;
export const maximumListName = 32;

const value = 2;

function legal(classId: number, name: string): ParameterName {
	return Object.freeze({ classId, logicalName: parseLogicalName(name), attributeIndex: value });
}

/** The sealed parameters that have an object, of every model. They are always watched. */
export const legallyRelevant: readonly ParameterName[] = Object.freeze([
	legal(registerClass, "1-0:0.3.0.255"),
	legal(registerClass, "1-0:0.3.1.255"),
	legal(registerClass, "1-0:0.3.2.255"),
	legal(dataClass, "1-0:0.4.2.255"),
	legal(dataClass, "1-0:0.4.3.255"),
	legal(dataClass, "1-0:0.4.5.255"),
	legal(dataClass, "1-0:0.4.6.255"),
	legal(dataClass, "0-0:96.52.0.255"),
	legal(dataClass, "0-0:96.1.5.255"),
	legal(dataClass, "0-0:96.1.6.255"),
	legal(dataClass, "0-0:96.1.7.255"),
	legal(dataClass, "0-0:96.1.8.255"),
	legal(dataClass, "0-0:96.1.9.255"),
]);

/** Attributes 4 to 6. */
export interface MonitorSettings {
	readonly hashAlgorithm: number;
	readonly listName: Uint8Array;
	readonly parameters: readonly ParameterName[];
}

/** Layout: version · hash · length of the name · name · per parameter class (2), logical name (6), attribute. */
const version = 1;
const nameAt = 3;
const parameterSize = 9;
const longestSettings = nameAt + maximumListName + maximumParameters * parameterSize;

/** Layout: version · per parameter class (2), logical name (6), attribute, length of the value, value. */
const versionOfValues = 1;
const longestValues = 1 + maximumParameters * (parameterSize + 1 + longestParameterValue);

/** Who reads the monitor, and so must be able to read what it shows. */
const readers: readonly number[] = Object.freeze([
	clientIndex.management,
	clientIndex.reader,
	clientIndex.technician,
	clientIndex.metrology,
]);

const timeOfClock = 2;
/** Value groups C of alarm and error objects, which clients write, but the meter does too; and E of the filters among them. */
const groupOfAlarms = 97;
const firstFilter = 10;
const lastFilter = 19;

function isSame(a: ParameterName, b: ParameterName): boolean {
	return a.logicalName === b.logicalName && a.attributeIndex === b.attributeIndex && a.classId === b.classId;
}

function writeName(w: Writer, { classId, logicalName, attributeIndex }: ParameterName): void {
	w.u16(classId);
	w.u48(logicalName);
	w.u8(attributeIndex);
}

/** What is watched as from the factory, in the form of the record. */
const factoryList: Uint8Array = encodeNames(legallyRelevant);

function encodeNames(parameters: readonly ParameterName[]): Uint8Array {
	const w = new Writer(parameters.length * parameterSize);
	for (let n = 0; n < parameters.length; n++) writeName(w, parameters[n]!);
	return w.bytes;
}

function readName(r: Reader): ParameterName {
	const classId = r.u16();
	const logicalName = r.u48();
	return { classId, logicalName, attributeIndex: r.u8() };
}

/**
 * Watches parameters (class 65): whenever one of them has another value than the one known, a row with the new value goes
 * into the parameter monitor log, then the new value is known. That is done before a change is acknowledged, and at every
 * start: whatever way a parameter changed, and whenever power failed, each change has one row, and what was refused has none.
 *
 * At rest nothing is in RAM: the list and the known values are records.
 */
export class ParameterMonitor {
	readonly #application: Application;
	readonly #store: RecordStore;

	/** @param store of the parameters */
	constructor(application: Application, store: RecordStore) {
		this.#application = application;
		this.#store = store;
	}

	/** What is watched; of it this meter has. */
	settings(): MonitorSettings {
		const r = this.load();
		const hash = r === undefined ? hashAlgorithm.sha256 : r.u8();
		const listName = r === undefined ? noOctets : r.octets(r.u8());
		const names = r ?? factoryNames();
		const { directory } = this.#application;
		const parameters: ParameterName[] = [];
		while (names.remaining > 0) {
			const parameter = readName(names);
			if (directory.find(parameter.logicalName) !== undefined) parameters.push(parameter);
		}
		return { hashAlgorithm: hash, listName, parameters };
	}

	/** On what stands behind the version; undefined when no client has changed anything. */
	private load(): Reader | undefined {
		const bytes = new Uint8Array(longestSettings);
		const length = this.#store.read(recordKey.parameterMonitor, bytes);
		if (length < 0) return undefined;
		const r = new Reader(bytes, 0, length);
		if (r.u8() !== version) throw new DeviceError("flash", "layout", "parameter monitor");
		return r;
	}

	/** Settings that have been checked as `store` takes them, beside those that stay as they are. @throws DeviceError */
	changed({ hashAlgorithm: hash, listName, parameters }: Partial<MonitorSettings>): Uint8Array {
		const r = this.load();
		const oldHash = r === undefined ? hashAlgorithm.sha256 : r.u8();
		const oldName = r === undefined ? noOctets : r.octets(r.u8());
		const name = listName ?? oldName;
		const w = new Writer(longestSettings);
		w.u8(version);
		w.u8(hash ?? oldHash);
		w.u8(name.length);
		w.octets(name);
		if (parameters === undefined) {
			const names = r ?? factoryNames();
			w.octets(names.bytes, names.position, names.end);
		} else for (let n = 0; n < parameters.length; n++) writeName(w, parameters[n]!);
		return w.bytes.subarray(0, w.position);
	}

	/** Stores settings; `check` is to follow. @throws DeviceError, unchanged, when the medium refuses */
	store(settings: Uint8Array): void {
		this.#store.write(recordKey.parameterMonitor, settings);
	}

	/**
	 * Whether the parameter at place `n` of a list may be watched: it is not in front of it as well, some client can write it,
	 * everybody who reads the monitor can read it, and it is short.
	 */
	mayWatch(parameters: readonly ParameterName[], n: number): boolean {
		const parameter = parameters[n]!;
		if (indexOf(parameter, parameters) !== n) return false;
		if (indexOf(parameter, legallyRelevant) < 0) return this.isParameter(parameter);
		// what is always watched needs no other check, as long as the meter has it
		return this.#application.directory.find(parameter.logicalName) !== undefined;
	}

	/** At most 20 parameters, the legally relevant ones among them. @param parameters each may be watched */
	isComplete(parameters: readonly ParameterName[]): boolean {
		if (parameters.length > maximumParameters) return false;
		const { directory } = this.#application;
		for (let n = 0; n < legallyRelevant.length; n++) {
			const parameter = legallyRelevant[n]!;
			if (directory.find(parameter.logicalName) !== undefined && indexOf(parameter, parameters) < 0) return false;
		}
		return true;
	}

	/** Appends the values of all, as a structure. */
	encodeValues(w: Writer, { parameters }: MonitorSettings): void {
		encodeStructure(w, parameters.length);
		const one = new Writer(longestParameterValue);
		for (let n = 0; n < parameters.length; n++) {
			const parameter = parameters[n]!;
			this.encodeValue(one, parameter, this.#application.directory.find(parameter.logicalName)!);
			w.octets(one.bytes, 0, one.position);
		}
	}

	/**
	 * Gives each parameter that has changed its row.
	 * @param addressed logical name of the only object that can have changed; 0 when any can have
	 * @throws DeviceError when the medium refuses; the next call tries again
	 */
	check(addressed = 0): void {
		const list = this.load();
		// as from the factory only their own objects change the parameters; of a list of a client that is not known
		if (list === undefined && addressed !== 0 && !isLegallyRelevant(addressed)) return;
		list?.skip(1); // hash
		list?.skip(list.u8());
		const names = list ?? factoryNames();
		const from = names.position;
		while (this.settleOne(names)) names.position = from;
	}

	/** As `check`, at start. */
	start(): void {
		try {
			this.check();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#application.events.memoryFailed();
		}
	}

	/**
	 * Settles the first parameter that has changed; others keep the value that was known. Mostly none has, in the order of the
	 * list: then nothing is written.
	 * @param names on the first of those that are watched
	 * @returns whether there is another one
	 */
	private settleOne(names: Reader): boolean {
		const { directory } = this.#application;
		const known = this.knownValues();
		const present = new Writer(longestParameterValue);
		let after: Writer | undefined;
		let changes = 0;
		/** Behind what is known of the parameter before. */
		let at = 1;
		while (names.remaining > 0) {
			const name = names.position;
			const parameter = readName(names);
			const object = directory.find(parameter.logicalName);
			if (object === undefined) continue;
			this.encodeValue(present, parameter, object);
			const entry = known === undefined ? -1 : findEntry(known, at, names.bytes, name);
			const isChanged = entry >= 0 && !hasValue(known!, entry, present);
			if (isChanged && ++changes === 1) this.enter(parameter, present);
			const isKept = isChanged && changes > 1;
			if (after === undefined && entry === at && !isChanged) {
				at = endOf(known!, entry);
				continue;
			}
			after ??= firstEntries(known, at);
			if (isKept) after.octets(known!.bytes, entry, endOf(known!, entry));
			else {
				after.octets(names.bytes, name, name + parameterSize);
				after.u8(present.position);
				after.octets(present.bytes, 0, present.position);
			}
			if (entry >= 0) at = endOf(known!, entry);
		}
		if (after === undefined && known !== undefined && at === known.end) return false;
		after ??= firstEntries(known, at);
		this.#store.write(recordKey.watchedValues, after.bytes, after.position);
		return changes > 1;
	}

	/** The row of a change, unless it is the newest row already: then power failed behind it. */
	private enter(parameter: ParameterName, present: Writer): void {
		const { rowLogs } = this.#application;
		const newest = newestChange(this.#application, rowLog.parameters);
		if (newest !== undefined && isSame(readParameterName(newest), parameter) && areEqual(newest, present)) return;
		beginChangeRow(this.#application, rowLog.parameters, parameter);
		rowLogs.octets(present.bytes, present.position);
		rowLogs.end();
	}

	/** Reader on the values that are known; undefined before the first start, and when they cannot be read any more. */
	private knownValues(): Reader | undefined {
		const bytes = new Uint8Array(longestValues);
		let length: number;
		try {
			length = this.#store.read(recordKey.watchedValues, bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#application.events.memoryFailed();
			return undefined;
		}
		return length < 1 || bytes[0] !== versionOfValues ? undefined : new Reader(bytes, 0, length);
	}

	/** The value alone; null-data for one that is longer than it was when its parameter came into the list. */
	private encodeValue(w: Writer, { classId, attributeIndex }: ParameterName, object: CosemObject): void {
		const attribute = isCapturable(object, classId) ? plainAttribute(object, attributeIndex) : undefined;
		w.reset();
		try {
			const call: Call = { application: this.#application, association: undefined as never };
			if (attribute === undefined) encodeNull(w);
			else attribute.encode(w, call, object.spec as never);
		} catch (error) {
			if (!(error instanceof CodecError) || error.code !== "overflow") throw error;
			w.reset();
			encodeNull(w);
		}
	}

	private isParameter(parameter: ParameterName): boolean {
		const { classId, logicalName, attributeIndex } = parameter;
		const object = this.#application.directory.find(logicalName);
		if (object === undefined || !isCapturable(object, classId)) return false;
		const attribute = plainAttribute(object, attributeIndex);
		if (attribute?.set === undefined) return false;
		if (classId === clockClass && attributeIndex === timeOfClock) return false;
		const e = Math.floor(logicalName / 2 ** 8) % 256;
		const isFilter = e >= firstFilter && e <= lastFilter;
		if (Math.floor(logicalName / 2 ** 24) % 256 === groupOfAlarms && !isFilter) return false;
		const { access } = object;
		if (!readers.some((client) => mayWrite(access, client, attributeIndex))) return false;
		if (!readers.every((client) => mayRead(access, client, attributeIndex))) return false;
		if ((attribute.maximumSize?.(object.spec as never) ?? 0) > longestParameterValue) return false;
		const w = new Writer(longestParameterValue);
		this.encodeValue(w, parameter, object);
		return w.position > 1;
	}
}

/** Place of a parameter in a list; -1 when it is not in it. */
function indexOf(parameter: ParameterName, list: readonly ParameterName[]): number {
	const { logicalName } = parameter;
	for (let n = 0; n < list.length; n++)
		if (list[n]!.logicalName === logicalName && isSame(list[n]!, parameter)) return n;
	return -1;
}

function isLegallyRelevant(logicalName: number): boolean {
	for (let n = 0; n < legallyRelevant.length; n++) if (legallyRelevant[n]!.logicalName === logicalName) return true;
	return false;
}

/** On the names of what is watched as from the factory. */
function factoryNames(): Reader {
	return new Reader(factoryList);
}

/** Place of what is known of a parameter, looked for from `at` on first; -1 when nothing is. @param name its name in `bytes` */
function findEntry(known: Reader, at: number, bytes: Uint8Array, name: number): number {
	const found = findWithin(known.bytes, at, known.end, bytes, name);
	return found >= 0 ? found : findWithin(known.bytes, 1, at, bytes, name);
}

function findWithin(entries: Uint8Array, from: number, to: number, bytes: Uint8Array, name: number): number {
	for (let entry = from; entry < to; entry += parameterSize + 1 + entries[entry + parameterSize]!)
		if (areSame(entries, entry, bytes, name, parameterSize)) return entry;
	return -1;
}

function endOf({ bytes }: Reader, entry: number): number {
	return entry + parameterSize + 1 + bytes[entry + parameterSize]!;
}

/** Whether what is known at `entry` is the value that has been written. */
function hasValue(known: Reader, entry: number, { bytes, position }: Writer): boolean {
	const value = entry + parameterSize + 1;
	return known.bytes[value - 1] === position && areSame(known.bytes, value, bytes, 0, position);
}

/** A record that goes on behind those entries of the old one that end at `end`. */
function firstEntries(known: Reader | undefined, end: number): Writer {
	const w = new Writer(longestValues);
	if (known === undefined) w.u8(versionOfValues);
	else w.octets(known.bytes, 0, end);
	return w;
}

/** Whether the reader, which is not moved, is on the octets that have been written, and on nothing else. */
function areEqual(r: Reader, w: Writer): boolean {
	return r.remaining === w.position && areSame(r.bytes, r.position, w.bytes, 0, w.position);
}

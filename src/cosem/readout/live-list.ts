// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "../../profile/capture-column.js";
import { ProfileConfiguration } from "../../profile/profile-configuration.js";
import type { RecordStore } from "../../storage/record-store.js";
import { captureAttribute, captureObject } from "../classes/capture-objects.js";
import { CodecError } from "../codec/codec-error.js";
import type { Writer } from "../codec/writer.js";
import { type Call, type CosemObject, findAttribute } from "../model.js";

/**
 * A list of attributes that is configured like the columns of a profile, but read live: the data readout of the optical
 * port. Nothing of it is held in RAM.
 */
export class LiveList {
	readonly #store: RecordStore;
	readonly #key: number;
	readonly #factory: readonly CaptureColumn[];

	/** @param key record of the list @param factory what it holds until a client has written */
	constructor(store: RecordStore, key: number, factory: readonly CaptureColumn[]) {
		this.#store = store;
		this.#key = key;
		this.#factory = factory;
	}

	/** What the list names, whether this meter has it or not. */
	named(): readonly CaptureColumn[] {
		const configuration = new ProfileConfiguration();
		return configuration.load(this.#store, this.#key) ? configuration.columns() : this.#factory;
	}

	/** What the list names and this meter has. */
	columns(call: Call): readonly CaptureColumn[] {
		return this.named().filter((column) => hasLiveValue(column, call));
	}

	/** What the list names at place `n`, whether this meter has it or not; undefined beyond its end. */
	at(n: number): CaptureColumn | undefined {
		const configuration = new ProfileConfiguration();
		if (!configuration.load(this.#store, this.#key)) return this.#factory[n];
		return n < configuration.count ? configuration.column(n) : undefined;
	}

	/** @throws DeviceError, and nothing changed */
	change(columns: readonly CaptureColumn[]): void {
		const configuration = new ProfileConfiguration();
		configuration.entries = 1;
		configuration.count = columns.length;
		for (let n = 0; n < columns.length; n++) configuration.setColumn(n, columns[n]!);
		configuration.store(this.#store, this.#key);
	}
}

/** An attribute with the object it belongs to. */
export interface LiveValue {
	readonly object: CosemObject;
	/** Octets that it can have at most; undefined where it always has as many as now. */
	readonly maximumSize: number | undefined;
	/** Writes tag and value. */
	encode(w: Writer): void;
	/** As `encode`, for another attribute of the object; false when that has no plain value. */
	encodeOther(w: Writer, attribute: number): boolean;
}

/** The meter has the attribute behind a column, and that has a plain value. */
export function hasLiveValue(column: CaptureColumn, call: Call): boolean {
	const object = captureObject(column, call.application.directory);
	return object !== undefined && captureAttribute(object, column) !== undefined;
}

/** Writes tag and value of the attribute behind a column; false, with nothing written, where `hasLiveValue` is. */
export function encodeLiveValue(w: Writer, column: CaptureColumn, call: Call): boolean {
	const object = captureObject(column, call.application.directory);
	const attribute = object && captureAttribute(object, column);
	if (object === undefined || attribute === undefined) return false;
	attribute.encode(w, call, object.spec as never);
	return true;
}

/** Writes tag and value into `w`, which is empty; false, with nothing written, where that has no room for them. */
export function encodeIfFits(value: LiveValue, w: Writer): boolean {
	try {
		value.encode(w);
		return true;
	} catch (error) {
		if (!(error instanceof CodecError && error.code === "overflow")) throw error;
		w.reset();
		return false;
	}
}

/** The attribute behind a column, to look at more than its value; undefined when the meter has none, or none with a plain value. */
export function liveValueOf(column: CaptureColumn, call: Call): LiveValue | undefined {
	const object = captureObject(column, call.application.directory);
	const attribute = object && captureAttribute(object, column);
	if (object === undefined || attribute === undefined) return undefined;
	const spec = object.spec as never;
	return {
		object,
		maximumSize: attribute.maximumSize?.(spec),
		encode: (w) => attribute.encode(w, call, spec),
		encodeOther(w, id) {
			const other = findAttribute(object, id);
			if (other?.encode === undefined) return false;
			other.encode(w, call, spec);
			return true;
		},
	};
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import type { RecordStore } from "../../storage/record-store.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";

/** Version, octets of each value, the values: each is found without decoding those in front of it. */
const layoutVersion = 2;
/** Version, the values; as earlier versions wrote it. */
const layoutWithoutLengths = 1;

/** Which attributes of an object are kept, and what they are until a client has written one. */
export interface AttributeShape {
	readonly first: number;
	readonly last: number;
	/** Octets of all values together. */
	readonly maximum: number;
	/** Appends the value as from the factory, with its tag. */
	factory(attribute: number, w: Writer): void;
}

/**
 * Attributes that clients write and that are looked at now and then: one record holds them as they are on the wire. Made
 * when it is needed, and dropped: it reads the record once, and nothing stays in RAM.
 */
export class StoredAttributes {
	readonly #store: RecordStore;
	readonly #key: number;
	readonly #shape: AttributeShape;
	readonly #count: number;
	/** The record, once it is looked at; null where there is none: the object is as from the factory. */
	#record: Uint8Array | null | undefined;
	/** Where each value begins in it, and where the last one ends. */
	#places: Uint16Array | undefined;

	constructor(store: RecordStore, key: number, shape: AttributeShape) {
		this.#store = store;
		this.#key = key;
		this.#shape = shape;
		this.#count = shape.last - shape.first + 1;
	}

	/** Nobody has written any of them. */
	get isAsFromFactory(): boolean {
		return this.load() === null;
	}

	/** Appends the value of an attribute, with its tag. */
	write(attribute: number, w: Writer): void {
		const record = this.load();
		if (record === null) this.#shape.factory(attribute, w);
		else w.octets(record, this.start(attribute), this.start(attribute + 1));
	}

	/** A reader on the value of an attribute, with its tag. */
	read(attribute: number): Reader {
		const record = this.load();
		if (record !== null) return new Reader(record, this.start(attribute), this.start(attribute + 1));
		const w = new Writer(this.#shape.maximum);
		this.#shape.factory(attribute, w);
		return new Reader(w.bytes, 0, w.position);
	}

	/**
	 * Stores a value that has been checked.
	 * @param value its octets with tag
	 * @returns false, unchanged, when all attributes together are too long
	 * @throws DeviceError, unchanged, when the medium refuses
	 */
	change(attribute: number, value: Uint8Array): boolean {
		return this.changeTogether(new Map([[attribute, value]]));
	}

	/** The same for several attributes by their number, in one step. */
	changeTogether(values: ReadonlyMap<number, Uint8Array>): boolean {
		const { first, last, maximum } = this.#shape;
		const head = this.headSize;
		const record = new Writer(head + maximum);
		const before = this.load();
		record.u8(layoutVersion);
		record.claim(head - 1);
		for (let id = first; id <= last; id++) {
			const from = record.position;
			const value = values.get(id) ?? before?.subarray(this.start(id), this.start(id + 1));
			if (value === undefined) this.#shape.factory(id, record);
			else if (value.length > record.remaining) return false;
			else record.octets(value);
			const length = record.position - from;
			record.bytes[1 + 2 * (id - first)] = length >>> 8;
			record.bytes[2 + 2 * (id - first)] = length;
		}
		this.#store.write(this.#key, record.bytes, record.position);
		this.#record = undefined;
		return true;
	}

	private get headSize(): number {
		return 1 + 2 * this.#count;
	}

	private start(attribute: number): number {
		return this.#places![attribute - this.#shape.first]!;
	}

	private load(): Uint8Array | null {
		if (this.#record !== undefined) return this.#record;
		const record = new Uint8Array(this.headSize + this.#shape.maximum);
		const length = this.#store.read(this.#key, record);
		if (length < 0) {
			this.#record = null;
			return null;
		}
		this.#places = this.findPlaces(record, length);
		this.#record = record;
		return record;
	}

	private findPlaces(record: Uint8Array, length: number): Uint16Array {
		const places = new Uint16Array(this.#count + 1);
		if (record[0] === layoutVersion) {
			places[0] = this.headSize;
			for (let n = 0; n < this.#count; n++) places[n + 1] = places[n]! + record[1 + 2 * n]! * 256 + record[2 + 2 * n]!;
		} else if (record[0] === layoutWithoutLengths) {
			const r = new Reader(record, 1, length);
			places[0] = r.position;
			for (let n = 0; n < this.#count; n++) {
				skipValue(r);
				places[n + 1] = r.position;
			}
		}
		if (length === 0 || places[this.#count] !== length)
			throw new DeviceError("flash", "layout", `attributes, record ${this.#key}`);
		return places;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import type { RecordStore } from "../../storage/record-store.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";

/** 1: the values alone; 2: the length of each (2 octets) in front of all. */
const layoutVersion = 2;
const withoutLengths = 1;
const lengthSize = 2;

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
 * Attributes that clients write and that are looked at now and then: one record holds their lengths, then their values, one
 * behind the other, as they are on the wire. Made when it is needed, and dropped; nothing is in RAM.
 */
export class StoredAttributes {
	readonly #store: RecordStore;
	readonly #key: number;
	readonly #shape: AttributeShape;

	constructor(store: RecordStore, key: number, shape: AttributeShape) {
		this.#store = store;
		this.#key = key;
		this.#shape = shape;
	}

	/** Appends the value of an attribute, with its tag. */
	write(attribute: number, w: Writer): void {
		const r = this.load();
		if (r === undefined) {
			this.#shape.factory(attribute, w);
			return;
		}
		for (let id = this.#shape.first; id < attribute; id++) this.pass(r, id);
		const from = r.position;
		w.octets(r.bytes, from, from + this.pass(r, attribute));
	}

	/** A reader on the value of an attribute, with its tag. */
	read(attribute: number): Reader {
		const w = new Writer(this.#shape.maximum);
		this.write(attribute, w);
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
		const before = this.load();
		const head = this.headLength;
		const record = new Writer(head + maximum);
		record.u8(layoutVersion);
		record.position = head;
		for (let id = first; id <= last; id++) {
			const from = record.position;
			const value = values.get(id);
			const old = before?.position ?? 0;
			const oldLength = before === undefined ? 0 : this.pass(before, id);
			if (value === undefined && before === undefined) this.#shape.factory(id, record);
			else {
				const length = value?.length ?? oldLength;
				if (length > record.remaining) return false;
				if (value !== undefined) record.octets(value);
				else record.octets(before!.bytes, old, old + length);
			}
			setLength(record.bytes, id - first, record.position - from);
		}
		this.#store.write(this.#key, record.bytes, record.position);
		return true;
	}

	/** Octets in front of the values. */
	private get headLength(): number {
		return 1 + lengthSize * (this.#shape.last - this.#shape.first + 1);
	}

	/** Passes the value of an attribute of the stored record. @returns its length */
	private pass(r: Reader, attribute: number): number {
		const from = r.position;
		if (r.bytes[0] === withoutLengths) skipValue(r);
		else r.skip(lengthOf(r.bytes, attribute - this.#shape.first));
		return r.position - from;
	}

	/** On the first attribute of the stored record; undefined for an object as from the factory. */
	private load(): Reader | undefined {
		const bytes = new Uint8Array(this.headLength + this.#shape.maximum);
		const length = this.#store.read(this.#key, bytes);
		if (length < 0) return undefined;
		const r = new Reader(bytes, 0, length);
		const version = r.u8();
		if (version < withoutLengths || version > layoutVersion)
			throw new DeviceError("flash", "layout", `attributes, record ${this.#key}`);
		if (version === layoutVersion) r.position = this.headLength;
		return r;
	}
}

/** Of value `n` of a record. */
function lengthOf(record: Uint8Array, n: number): number {
	const at = 1 + lengthSize * n;
	return record[at]! * 256 + record[at + 1]!;
}

function setLength(record: Uint8Array, n: number, length: number): void {
	const at = 1 + lengthSize * n;
	record[at] = length >> 8;
	record[at + 1] = length & 255;
}

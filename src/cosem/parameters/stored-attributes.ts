// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import type { RecordStore } from "../../storage/record-store.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";

const layoutVersion = 1;

/** Which attributes of an object are kept, and what they are until a client has written one. */
export interface AttributeShape {
	readonly first: number;
	readonly last: number;
	/** Octets of the longest record. */
	readonly maximum: number;
	/** Appends the value as from the factory, with its tag. */
	factory(attribute: number, w: Writer): void;
}

/**
 * Attributes that clients write and that are looked at now and then: one record holds them, one behind the other, as they
 * are on the wire. Made when it is needed, and dropped; nothing is in RAM.
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
		if (r === undefined) this.#shape.factory(attribute, w);
		else {
			for (let id = this.#shape.first; id < attribute; id++) skipValue(r);
			const from = r.position;
			skipValue(r);
			w.octets(r.bytes, from, r.position);
		}
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
		const record = new Writer(maximum);
		const before = this.load();
		record.u8(layoutVersion);
		for (let id = first; id <= last; id++) {
			const value = values.get(id);
			if (value !== undefined) {
				if (value.length > record.remaining) return false;
				record.octets(value);
				if (before !== undefined) skipValue(before);
			} else if (before !== undefined) {
				const from = before.position;
				skipValue(before);
				if (before.position - from > record.remaining) return false;
				record.octets(before.bytes, from, before.position);
			} else this.#shape.factory(id, record);
		}
		this.#store.write(this.#key, record.bytes, record.position);
		return true;
	}

	/** On the first attribute of the stored record; undefined for an object as from the factory. */
	private load(): Reader | undefined {
		const bytes = new Uint8Array(this.#shape.maximum);
		const length = this.#store.read(this.#key, bytes);
		if (length < 0) return undefined;
		const r = new Reader(bytes, 0, length);
		if (r.u8() !== layoutVersion) throw new DeviceError("flash", "layout", `attributes, record ${this.#key}`);
		return r;
	}
}

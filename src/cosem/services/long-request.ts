// SPDX-License-Identifier: Apache-2.0
import { Writer } from "../codec/writer.js";

/**
 * A SET or ACTION request that comes in blocks: descriptors and raw data are put one behind the other, as they would
 * stand in a request without blocks, and served when the last block is there.
 */
export class LongRequest {
	/** Tag of the plain request, 0xC1 or 0xC3. */
	readonly service: number;
	readonly isWithList: boolean;
	/** Number of the block taken last. */
	block = 0;
	readonly #maximum: number;
	#w: Writer;

	/** @param maximum most octets of descriptors and data together */
	constructor(service: number, isWithList: boolean, maximum: number) {
		this.service = service;
		this.isWithList = isWithList;
		this.#maximum = maximum;
		this.#w = new Writer(Math.min(256, maximum));
	}

	get bytes(): Uint8Array {
		return this.#w.bytes;
	}

	get length(): number {
		return this.#w.position;
	}

	/** Begins anew. */
	clear(): void {
		this.block = 0;
		this.#w.reset();
	}

	/** False when that would be too long; nothing is added then. */
	append(bytes: Uint8Array, from: number, to: number): boolean {
		const length = this.#w.position + to - from;
		if (length > this.#maximum) return false;
		if (length > this.#w.bytes.length) {
			const old = this.#w;
			this.#w = new Writer(Math.min(Math.max(length, 2 * old.bytes.length), this.#maximum));
			this.#w.octets(old.bytes, 0, old.position);
		}
		this.#w.octets(bytes, from, to);
		return true;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../core/no-octets.js";
import type { Flash } from "../ports/flash.js";

/** Octets taken from the start of every sector of a log. */
export const sectorHeaderSize = 32;

/** Octets in front of the payload of a record. */
export const recordHeaderSize = 12;

/** Keys of records are 0 to 255. */
export const keyCount = 256;

/** Octets copied or checked at a time. */
const chunkSize = 256;

/**
 * What a log on flash works with while a call lasts, and does not need between calls: one of these serves all the logs
 * of a meter, which call nothing of each other.
 */
export class LogBuffers {
	readonly sectorHeader: Uint8Array;
	readonly sectorView: DataView;
	readonly record: Uint8Array;
	readonly recordView: DataView;
	/** The record header behind its first octet. */
	readonly recordCommit: Uint8Array;
	readonly chunk: Uint8Array;
	/** Keys of records, as many as there can be. */
	readonly keys: Uint8Array;
	readonly #mark: Uint8Array;
	readonly #crc: Uint8Array;
	readonly #crcView: DataView;
	/** The last octets of what is copied, where they are no whole chunk. */
	#rest = noOctets;

	constructor() {
		const recordAt = sectorHeaderSize;
		const markAt = recordAt + recordHeaderSize;
		const crcAt = markAt + 1;
		const chunkAt = crcAt + 4;
		const keysAt = chunkAt + chunkSize;
		const buffer = new ArrayBuffer(keysAt + keyCount);
		this.sectorHeader = new Uint8Array(buffer, 0, sectorHeaderSize);
		this.sectorView = new DataView(buffer, 0, sectorHeaderSize);
		this.record = new Uint8Array(buffer, recordAt, recordHeaderSize);
		this.recordView = new DataView(buffer, recordAt, recordHeaderSize);
		this.recordCommit = new Uint8Array(buffer, recordAt + 1, recordHeaderSize - 1);
		this.chunk = new Uint8Array(buffer, chunkAt, chunkSize);
		this.keys = new Uint8Array(buffer, keysAt, keyCount);
		this.#mark = new Uint8Array(buffer, markAt, 1);
		this.#crc = new Uint8Array(buffer, crcAt, 4);
		this.#crcView = new DataView(buffer, crcAt, 4);
	}

	/** Programs a mark, which stands alone. */
	programMark(flash: Flash, address: number, mark: number): void {
		this.#mark[0] = mark;
		flash.program(address, this.#mark);
	}

	readMark(flash: Flash, address: number): number {
		flash.read(address, this.#mark);
		return this.#mark[0]!;
	}

	/** Programs a CRC-32, high octet first. */
	programCrc(flash: Flash, address: number, crc: number): void {
		this.#crcView.setUint32(0, crc);
		flash.program(address, this.#crc);
	}

	/** The first octets of the chunk, `length` at most. */
	piece(length: number): Uint8Array {
		if (length >= chunkSize) return this.chunk;
		if (this.#rest.length !== length) this.#rest = this.chunk.subarray(0, length);
		return this.#rest;
	}
}

// SPDX-License-Identifier: Apache-2.0
import { dataAccessResult } from "../result.js";
import type { Content } from "./content.js";

/** What an item of an answer is. */
export const itemKind = Object.freeze({
	/** Get-Data-Result. */
	get: 0,
	/** Action-Response-With-Optional-Data. */
	action: 1,
	/** Data of ACCESS, whose results stand apart. */
	access: 2,
});

/** Where the items of an answer stand in its plain octets, to change one afterwards. */
export class ListItems {
	/** Of each item, and behind the last one. */
	readonly #starts: Uint32Array;
	/** Numbers of the first source of each, likewise. */
	readonly #sources: Uint32Array;
	/** Of each item, whether all it has done is to read data, which it has. */
	readonly #isRead: Uint8Array;
	readonly #kind: number;
	/** Called with each item that is refused afterwards, and its result. */
	readonly #onRefusal: ((n: number, result: number) => void) | undefined;

	/** @param kind one of `itemKind` */
	constructor(count: number, kind: number, onRefusal?: (n: number, result: number) => void) {
		this.#starts = new Uint32Array(count + 1);
		this.#sources = new Uint32Array(count + 1);
		this.#isRead = new Uint8Array(count);
		this.#kind = kind;
		this.#onRefusal = onRefusal;
	}

	get count(): number {
		return this.#isRead.length;
	}

	/** Item `n` begins at the end of what `content` has; `count` of them: the last one ends there. */
	begin(n: number, content: Content): void {
		this.#starts[n] = content.w.position;
		this.#sources[n] = content.sourceCount;
	}

	/** Item `n` gives data that were read; of a method only an array, which is read while it is sent. */
	setRead(n: number): void {
		this.#isRead[n] = 1;
	}

	/** The item that source number `source` belongs to. */
	itemOf(source: number): number {
		let n = 0;
		while (this.#sources[n + 1]! <= source) n++;
		return n;
	}

	/** Some item gives data that were read, which only count once the registers are stored. */
	get hasRead(): boolean {
		return this.#isRead.includes(1);
	}

	/** Item `n` has `result` and no data. */
	refuse(content: Content, n: number, result: number): void {
		if (this.#kind === itemKind.get) this.replace(content, n, [1, result]);
		else if (this.#kind === itemKind.action) this.replace(content, n, [result, 0]);
		else this.replace(content, n, [0]);
		this.#isRead[n] = 0;
		this.#onRefusal?.(n, result);
	}

	/** So has every item that was only to be read. What a method has done is told all the same. */
	refuseRead(content: Content, result: number): void {
		for (let n = 0; n < this.count; n++) if (this.#isRead[n] === 1) this.refuse(content, n, result);
	}

	/** No item gives data any more: there is no room for them. */
	shorten(content: Content): void {
		const { otherReason, success } = dataAccessResult;
		this.refuseRead(content, otherReason);
		for (let n = 0; n < this.count; n++) {
			const from = this.#starts[n]!;
			if (this.#kind === itemKind.access) this.replace(content, n, [0]);
			else if (this.#kind === itemKind.action && content.w.bytes[from] === success && content.w.bytes[from + 1] === 1)
				this.replace(content, n, [success, 1, 1, otherReason]);
		}
	}

	private replace(content: Content, n: number, octets: readonly number[]): void {
		const from = this.#starts[n]!;
		const source = this.#sources[n]!;
		const count = this.#sources[n + 1]! - source;
		const moved = content.replace(from, this.#starts[n + 1]!, source, count, octets);
		for (let after = n + 1; after <= this.count; after++) {
			this.#starts[after]! += moved;
			this.#sources[after]! -= count;
		}
	}
}

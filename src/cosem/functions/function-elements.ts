// SPDX-License-Identifier: Apache-2.0
import { encodeArray, encodeOctetString, encodeStructure } from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import type { ElementSource } from "../model.js";
import type { FunctionList } from "./function-list.js";

/**
 * function_list: array of structure { function_name octet-string, array of object_id }. A feature may have a hundred objects,
 * so each of them, and each head in front of them, is an element of its own.
 */
export class FunctionElements implements ElementSource {
	readonly isBare = true;
	readonly count: number;
	readonly #list: FunctionList;
	/** Objects of each function. */
	readonly #sizes: Uint16Array;
	/** The element that was asked for last: of which function, -1 in front of all; which of its objects, -1 its head. */
	#index = 0;
	#function = -1;
	#place = -1;

	/** @param list is not changed any more */
	constructor(list: FunctionList) {
		const { functions } = list;
		this.#list = list;
		this.#sizes = new Uint16Array(functions.length);
		let count = 1;
		for (let n = 0; n < functions.length; n++) {
			for (let at = list.nextObject(functions[n]!, 0); at >= 0; at = list.nextObject(functions[n]!, at + 1))
				this.#sizes[n]!++;
			count += 1 + this.#sizes[n]!;
		}
		this.count = count;
	}

	encodeElement(w: Writer, index: number): void {
		if (index < this.#index) {
			this.#index = 0;
			this.#function = -1;
			this.#place = -1;
		}
		while (this.#index < index) this.advance();
		const { functions } = this.#list;
		if (this.#function < 0) {
			encodeArray(w, functions.length);
			return;
		}
		const one = functions[this.#function]!;
		if (this.#place >= 0) {
			this.#list.encodeObject(w, one, this.#place);
			return;
		}
		encodeStructure(w, 2);
		encodeOctetString(w, one.name);
		encodeArray(w, this.#sizes[this.#function]!);
	}

	private advance(): void {
		this.#index++;
		if (this.#function >= 0) {
			this.#place = this.#list.nextObject(this.#list.functions[this.#function]!, this.#place + 1);
			if (this.#place >= 0) return;
		}
		this.#function++;
	}
}

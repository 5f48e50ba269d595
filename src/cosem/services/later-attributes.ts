// SPDX-License-Identifier: Apache-2.0
import type { Writer } from "../codec/writer.js";
import type { AttributeDefinition, Call, CosemObject, ElementSource } from "../model.js";

/** The values of attributes one behind the other, each encoded when its block goes out. */
export class LaterAttributes implements ElementSource {
	readonly isBare = true;
	readonly #call: Call;
	readonly #object: CosemObject;
	readonly #attributes: AttributeDefinition<unknown>[] = [];

	constructor({ application, association }: Call, object: CosemObject) {
		this.#call = { application, association };
		this.#object = object;
	}

	get count(): number {
		return this.#attributes.length;
	}

	/** @param attribute has `encode` */
	add(attribute: AttributeDefinition<unknown>): void {
		this.#attributes.push(attribute);
	}

	encodeElement(w: Writer, index: number): void {
		this.#attributes[index]!.encode!(w, this.#call, this.#object.spec);
	}
}

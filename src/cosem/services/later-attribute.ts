// SPDX-License-Identifier: Apache-2.0
import type { Writer } from "../codec/writer.js";
import type { AttributeDefinition, Call, CosemObject, ElementSource } from "../model.js";

/** The value of an attribute, encoded when its block goes out. */
export class LaterAttribute implements ElementSource {
	readonly count = 1;
	readonly isBare = true;
	readonly #call: Call;
	readonly #object: CosemObject;
	readonly #attribute: AttributeDefinition<unknown>;

	/** @param attribute has `encode` */
	constructor({ application, association }: Call, object: CosemObject, attribute: AttributeDefinition<unknown>) {
		this.#call = { application, association };
		this.#object = object;
		this.#attribute = attribute;
	}

	encodeElement(w: Writer): void {
		this.#attribute.encode!(w, this.#call, this.#object.spec);
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { Pace } from "../ports/pace.js";
import type { LateAnswer } from "./apdu-handler.js";
import type { Association } from "./association/association.js";
import type { Writer } from "./codec/writer.js";
import { type Pieces, pause } from "./pieces.js";

/** A request whose service does it in pieces, from its first piece to the protection of its answer. */
export class RequestInPieces {
	readonly association: Association;
	/** Handle of the link it came on. */
	readonly link: number;
	readonly response: Writer;
	/** Who is told when the answer comes later. */
	late: LateAnswer | undefined;
	readonly #pieces: Pieces;
	readonly #conclude: (outcome: number) => boolean;

	/** @param conclude completes the response of an `outcome`; true when there is one */
	constructor(association: Association, response: Writer, pieces: Pieces, conclude: (outcome: number) => boolean) {
		this.association = association;
		this.link = association.link;
		this.response = response;
		this.#pieces = pieces;
		this.#conclude = conclude;
	}

	/**
	 * Does pieces as long as there is time.
	 * @param pace undefined: to the end @returns whether `response` holds an answer; undefined while there is more to do
	 */
	goOn(pace: Pace | undefined): boolean | undefined {
		for (;;) {
			const { done, value } = this.#pieces.next();
			if (done === true) return this.#conclude(value);
			if (pace !== undefined && (value === pause.always || pace.isSpent)) return undefined;
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
import { mayRead } from "../../../src/cosem/access.js";
import { type CosemObject, clientIndex } from "../../../src/cosem/model.js";
import { toHex } from "../client/bytes.js";
import type { Attack } from "./attacks.js";

/** Looks for data that the public client was given without the right to it. */
export class RightsJudge {
	readonly #directory: { find(logicalName: number): CosemObject | undefined };
	/** The last data that was given over each link to a request that had the right to it. */
	readonly #allowed = new Map<Attack, string>();
	/** Where an answer is still to come that the client has the right to. */
	readonly #late = new Set<Attack>();

	constructor(directory: { find(logicalName: number): CosemObject | undefined }) {
		this.#directory = directory;
	}

	/**
	 * @param apdu what was meant to be asked @param octets how it stood on the line @param sent what came back
	 * @returns what is wrong
	 */
	judge(attack: Attack, apdu: Uint8Array, octets: Uint8Array, sent: Uint8Array): string | undefined {
		const answer = toHex(sent);
		// GET-response-normal with data to a GET-request-normal; a frame without it is answered with what was asked before
		const isGet = apdu.length >= 13 && apdu[0] === 0xc0 && apdu[1] === 1;
		const isAsked = isGet && toHex(octets).includes(toHex(apdu.subarray(0, 13)));
		const isAllowed = isAsked && this.isAllowed(apdu);
		if (!/c401..00/.test(answer)) {
			// with a closed window it waits until the frame before it is acknowledged
			if (isAllowed && attack.answersLate) this.#late.add(attack);
			return undefined;
		}
		// a frame whose number was taken before is answered with what was answered then
		if (isAllowed || this.#late.delete(attack)) this.#allowed.set(attack, answer);
		else if (
			isAsked &&
			this.#allowed.get(attack) !== answer &&
			new RegExp(`c401${toHex(apdu.subarray(2, 3))}00`).test(answer)
		)
			return `${attack.name} ${toHex(octets)}: no right to ${answer}`;
		return undefined;
	}

	private isAllowed(apdu: Uint8Array): boolean {
		let name = 0;
		for (let n = 5; n < 11; n++) name = name * 256 + apdu[n]!;
		const found = this.#directory.find(name);
		const attribute = (apdu[11]! << 24) >> 24;
		return found !== undefined && (attribute === 0 || mayRead(found.access, clientIndex.public, attribute));
	}
}

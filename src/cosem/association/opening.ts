// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";

export const longestClientChallenge = 64;
export const serverChallengeLength = 32;

/** What an association needs until it is open: from the AARQ to pass 4 of its handshake. */
export class Opening {
	/** Authentication mechanism number. */
	readonly mechanism: number;
	/** Of the client, 8..64 octets. */
	clientChallenge: Uint8Array = noOctets;
	serverChallenge: Uint8Array = noOctets;
	/** Last counter accepted before pass 3. */
	counterAtOpening = 0;
	/** When a pending handshake is given up; `Infinity` before there is one. */
	until_ms = Infinity;

	constructor(mechanism: number) {
		this.mechanism = mechanism;
	}
}

// SPDX-License-Identifier: Apache-2.0

/** What the runner does for a scenario in place of native code of the board; the numbers travel in `callRunner`. */
export const runnerOperation = Object.freeze({
	/** key, iv, aad, text (replaced), tag (replaced) */
	gcmSeal: 1,
	/** key, iv, aad, text (replaced), tag; status 0 when the tag is wrong */
	gcmOpen: 2,
	/** key encryption key, key, wrapped (replaced) */
	wrapKey: 3,
	/** key encryption key, wrapped, key (replaced); status 0 when the check value is wrong */
	unwrapKey: 4,
	/** data, digest (replaced) */
	sha256: 5,
	/** octets (replaced): the next ones of a fixed sequence */
	random: 6,
	/** time of the meter (float64, seconds), SPI frame (replaced): one transfer of the front-end model */
	spi: 7,
	/**
	 * response to the last request (empty at first), request (replaced): the next one of the clients, number of their visit at
	 * first, then (replaced) of the link, and length of the request; status 1 for one that reads, 2 for one that makes the meter
	 * write, 4 more where the heap is to be read before it, 8 more where the link is to begin anew, 0 at the end
	 */
	exchange: 8,
	/** name of the hash (ASCII), data, digest (replaced) */
	digest: 9,
	/** private key, public key (replaced); status 0 when it is none */
	publicKeyOf: 10,
	/** private key, message, signature (replaced) */
	sign: 11,
	/** public key, message, signature; status 0 when it is wrong */
	verify: 12,
	/** private key, public key of the other, shared secret (replaced); status 0 when that is no point of the curve */
	agree: 13,
	/** address (4 octets), octets (replaced): of the FRAM */
	framRead: 14,
	/** address (4 octets), octets: to the FRAM */
	framWrite: 15,
});

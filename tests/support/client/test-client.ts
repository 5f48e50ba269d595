// SPDX-License-Identifier: Apache-2.0
import { fromAscii, fromHex } from "./bytes.js";
import type { ClientSecurity, InvocationCounter } from "./security.js";

/** Client SAPs of the meter family. */
export const clientSap = Object.freeze({
	public: 16,
	management: 1,
	preEstablished: 102,
	reader: 2,
	technician: 3,
	consumer: 103,
	metrology: 4,
});

/** Published keys of a meter with test keys, the same for every client. */
export const testKeys = Object.freeze({
	unicastKey: fromHex("000102030405060708090a0b0c0d0e0f"),
	authenticationKey: fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"),
	broadcastKey: fromHex("0f0e0d0c0b0a09080706050403020100"),
	masterKey: fromHex("00112233445566778899aabbccddeeff"),
});

/** System title of the client in all our tests. */
export const clientTitle = fromHex("4d4d4d0000bc614e");

export const lowLevelPassword = fromAscii("12345678");

/**
 * Authenticated and encrypted with the test keys, counting from `first`. Sessions that use the same keys of the same
 * meter one after the other must share one of these.
 */
export function testSecurity(given: Partial<ClientSecurity> & { readonly first?: number } = {}): ClientSecurity {
	const { first = 1, ...changed } = given;
	const counter: InvocationCounter = { next: first };
	return { systemTitle: clientTitle, ...testKeys, counter, ...changed };
}

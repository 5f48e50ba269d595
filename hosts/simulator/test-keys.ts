// SPDX-License-Identifier: Apache-2.0

function octets(hex: string): Uint8Array {
	return Uint8Array.from(Buffer.from(hex, "hex"));
}

/**
 * Published keys, the same for every simulated meter and client until changed. They protect nothing: the start prints
 * them as TEST KEYS, and a device build refuses them.
 */
export const testKeys = Object.freeze({
	globalUnicastEncryptionKey: octets("000102030405060708090A0B0C0D0E0F"),
	authenticationKey: octets("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
	globalBroadcastEncryptionKey: octets("0F0E0D0C0B0A09080706050403020100"),
	masterKey: octets("00112233445566778899AABBCCDDEEFF"),
	secret: Uint8Array.from("1234567812345678", (character) => character.charCodeAt(0)),
	password: Uint8Array.from("12345678", (character) => character.charCodeAt(0)),
});

/** The test keys as a suite has them: those of 32 octets are the value twice. */
export function testKeysOf(suite: number): typeof testKeys {
	if (suite !== 2) return testKeys;
	const twice = (key: Uint8Array): Uint8Array => Uint8Array.from([...key, ...key]);
	return {
		...testKeys,
		globalUnicastEncryptionKey: twice(testKeys.globalUnicastEncryptionKey),
		authenticationKey: twice(testKeys.authenticationKey),
		globalBroadcastEncryptionKey: twice(testKeys.globalBroadcastEncryptionKey),
		masterKey: twice(testKeys.masterKey),
	};
}

// SPDX-License-Identifier: Apache-2.0

/**
 * Cryptographic primitives. Libraries stand behind this port, never in front of it: node:crypto in the simulator,
 * mbedTLS on the board, the audited pure TypeScript `@noble` packages on the engine harness as the reference.
 *
 * Buffers belong to the caller; nothing is kept after a call. Keys are 16 octets (suites 0 and 1) or 32 (suite 2).
 */
export interface Cipher {
	/**
	 * AES-GCM, in place: `text` is replaced by the cipher text, `tag` (12 octets) is filled.
	 * @param iv 12 octets: system title, invocation counter
	 * @param aad additional authenticated data, may be empty
	 */
	gcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): void;
	/** The reverse. Returns false when the tag is wrong; `text` must then not be used. Compares in constant time. */
	gcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): boolean;
	/** RFC 3394 wrap; `into` is `key.length + 8` octets. */
	wrapKey(keyEncryptionKey: Uint8Array, key: Uint8Array, into: Uint8Array): void;
	/** RFC 3394 unwrap; `into` is `wrapped.length - 8` octets. False when the integrity check fails. */
	unwrapKey(keyEncryptionKey: Uint8Array, wrapped: Uint8Array, into: Uint8Array): boolean;
	/** SHA-256 of `data`; `into` is 32 octets. */
	sha256(data: Uint8Array, into: Uint8Array): void;
}

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
	/** Digest of `data` with another hash; `into` has the length of `hashLength`. */
	digest(hash: HashName, data: Uint8Array, into: Uint8Array): void;

	// Elliptic curves: the length of the private key tells which, 32 octets NIST P-256 with SHA-256 (suite 1),
	// 48 octets NIST P-384 with SHA-384 (suite 2). Public keys are x || y, signatures r || s, each twice that long.

	/**
	 * The public key of a private one.
	 * @returns false when the octets are no private key of the curve: zero, or not below its order
	 */
	publicKeyOf(privateKey: Uint8Array, into: Uint8Array): boolean;
	/** ECDSA signature of `message`, which is hashed here; the nonce is random or that of RFC 6979. */
	sign(privateKey: Uint8Array, message: Uint8Array, into: Uint8Array): void;
	/** Checks a signature; false as well when `publicKey` is no point of the curve. */
	verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
	/**
	 * ECDH: the x coordinate of the shared point, as long as the private key.
	 * @returns false when `publicKey` is no point of the curve
	 */
	agree(privateKey: Uint8Array, publicKey: Uint8Array, into: Uint8Array): boolean;
}

/** Hashes beside SHA-256: of HLS mechanisms 3 and 4, and of suite 2. */
export type HashName = "md5" | "sha1" | "sha384";

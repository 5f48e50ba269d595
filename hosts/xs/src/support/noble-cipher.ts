// SPDX-License-Identifier: Apache-2.0
import { aeskw, gcm } from "@noble/ciphers/aes.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Cipher } from "../../../../src/ports/cipher.js";

const tagLength = 12;
const fullTagLength = 16;

/**
 * Cipher port in pure TypeScript on the audited `@noble` packages: the reference for the other implementations. The
 * packages know tags of 16 octets only, so opening computes the whole tag from the recovered text and compares 12.
 */
export class NobleCipher implements Cipher {
	gcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): void {
		const sealed = gcm(key, iv, aad).encrypt(text);
		text.set(sealed.subarray(0, text.length));
		tag.set(sealed.subarray(text.length, text.length + tagLength));
	}

	gcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): boolean {
		// GCM is a stream cipher: sealing the cipher text gives the plain text, and sealing that gives the tag.
		const plain = gcm(key, iv, aad).encrypt(text).subarray(0, text.length);
		const sealed = gcm(key, iv, aad).encrypt(plain);
		let difference = tag.length ^ tagLength;
		for (let n = 0; n < tagLength; n++) difference |= sealed[sealed.length - fullTagLength + n]! ^ tag[n]!;
		text.set(plain);
		return difference === 0;
	}

	wrapKey(keyEncryptionKey: Uint8Array, key: Uint8Array, into: Uint8Array): void {
		into.set(aeskw(keyEncryptionKey).encrypt(key));
	}

	unwrapKey(keyEncryptionKey: Uint8Array, wrapped: Uint8Array, into: Uint8Array): boolean {
		try {
			into.set(aeskw(keyEncryptionKey).decrypt(wrapped));
			return true;
		} catch {
			return false;
		}
	}

	sha256(data: Uint8Array, into: Uint8Array): void {
		into.set(sha256(data));
	}
}

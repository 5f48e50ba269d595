// SPDX-License-Identifier: Apache-2.0
import { type CipherGCMTypes, createCipheriv, createDecipheriv, createHash } from "node:crypto";
import type { Cipher } from "../../../src/ports/cipher.js";

const tagLength = 12;
/** Initial value of RFC 3394, 2.2.3.1. */
const wrapInitialValue = Buffer.alloc(8, 0xa6);

function gcmName(key: Uint8Array): CipherGCMTypes {
	return key.length === 32 ? "aes-256-gcm" : "aes-128-gcm";
}

function wrapName(key: Uint8Array): string {
	return `id-aes${key.length * 8}-wrap`;
}

/** Cipher port on OpenSSL. */
export class NodeCipher implements Cipher {
	gcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): void {
		const cipher = createCipheriv(gcmName(key), key, iv, { authTagLength: tagLength });
		cipher.setAAD(aad);
		text.set(cipher.update(text));
		cipher.final();
		tag.set(cipher.getAuthTag());
	}

	gcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): boolean {
		if (tag.length !== tagLength) return false;
		const decipher = createDecipheriv(gcmName(key), key, iv, { authTagLength: tagLength });
		decipher.setAAD(aad);
		decipher.setAuthTag(tag);
		text.set(decipher.update(text));
		try {
			decipher.final();
			return true;
		} catch {
			return false; // the only failure left is a wrong tag
		}
	}

	wrapKey(keyEncryptionKey: Uint8Array, key: Uint8Array, into: Uint8Array): void {
		into.set(createCipheriv(wrapName(keyEncryptionKey), keyEncryptionKey, wrapInitialValue).update(key));
	}

	unwrapKey(keyEncryptionKey: Uint8Array, wrapped: Uint8Array, into: Uint8Array): boolean {
		if (wrapped.length % 8 !== 0 || wrapped.length < 24) return false;
		try {
			into.set(createDecipheriv(wrapName(keyEncryptionKey), keyEncryptionKey, wrapInitialValue).update(wrapped));
			return true;
		} catch {
			return false;
		}
	}

	sha256(data: Uint8Array, into: Uint8Array): void {
		into.set(createHash("sha256").update(data).digest());
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { Cipher, HashName } from "../../../src/ports/cipher.js";

declare function native(name: string): (...items: unknown[]) => unknown;

// esp-cipher.c; every buffer is checked for its size there

function gcmSeal(
	this: unknown,
	key: Uint8Array,
	iv: Uint8Array,
	aad: Uint8Array,
	text: Uint8Array,
	tag: Uint8Array,
): void {
	native("sx402_gcmSeal").call(this, key, iv, aad, text, tag);
}

function gcmOpen(
	this: unknown,
	key: Uint8Array,
	iv: Uint8Array,
	aad: Uint8Array,
	text: Uint8Array,
	tag: Uint8Array,
): unknown {
	return native("sx402_gcmOpen").call(this, key, iv, aad, text, tag);
}

function wrapKey(this: unknown, keyEncryptionKey: Uint8Array, key: Uint8Array, into: Uint8Array): void {
	native("sx402_wrapKey").call(this, keyEncryptionKey, key, into);
}

function unwrapKey(this: unknown, keyEncryptionKey: Uint8Array, wrapped: Uint8Array, into: Uint8Array): unknown {
	return native("sx402_unwrapKey").call(this, keyEncryptionKey, wrapped, into);
}

function sha256(this: unknown, data: Uint8Array, into: Uint8Array): void {
	native("sx402_sha256").call(this, data, into);
}

function digest(this: unknown, hash: number, data: Uint8Array, into: Uint8Array): void {
	native("sx402_digest").call(this, hash, data, into);
}

function publicKeyOf(this: unknown, privateKey: Uint8Array, into: Uint8Array): unknown {
	return native("sx402_publicKeyOf").call(this, privateKey, into);
}

function sign(this: unknown, privateKey: Uint8Array, message: Uint8Array, into: Uint8Array): void {
	native("sx402_sign").call(this, privateKey, message, into);
}

function verify(this: unknown, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): unknown {
	return native("sx402_verify").call(this, publicKey, message, signature);
}

function agree(this: unknown, privateKey: Uint8Array, publicKey: Uint8Array, into: Uint8Array): unknown {
	return native("sx402_agree").call(this, privateKey, publicKey, into);
}

/** Places in the table of esp-cipher.c. */
const hashNumber = Object.freeze({ md5: 0, sha1: 1, sha384: 2 });

/** Mbed TLS through its PSA interface, on the chip's AES, SHA and big-number units. */
export class EspCipher implements Cipher {
	gcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): void {
		gcmSeal.call(undefined, key, iv, aad, text, tag);
	}

	gcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): boolean {
		return gcmOpen.call(undefined, key, iv, aad, text, tag) === true;
	}

	wrapKey(keyEncryptionKey: Uint8Array, key: Uint8Array, into: Uint8Array): void {
		wrapKey.call(undefined, keyEncryptionKey, key, into);
	}

	unwrapKey(keyEncryptionKey: Uint8Array, wrapped: Uint8Array, into: Uint8Array): boolean {
		return unwrapKey.call(undefined, keyEncryptionKey, wrapped, into) === true;
	}

	sha256(data: Uint8Array, into: Uint8Array): void {
		sha256.call(undefined, data, into);
	}

	digest(hash: HashName, data: Uint8Array, into: Uint8Array): void {
		digest.call(undefined, hashNumber[hash], data, into);
	}

	publicKeyOf(privateKey: Uint8Array, into: Uint8Array): boolean {
		return publicKeyOf.call(undefined, privateKey, into) === true;
	}

	sign(privateKey: Uint8Array, message: Uint8Array, into: Uint8Array): void {
		sign.call(undefined, privateKey, message, into);
	}

	// native code throws for lengths that belong to no curve
	verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
		if (signature.length !== publicKey.length) return false;
		return verify.call(undefined, publicKey, message, signature) === true;
	}

	agree(privateKey: Uint8Array, publicKey: Uint8Array, into: Uint8Array): boolean {
		if (publicKey.length !== 2 * privateKey.length) return false;
		return agree.call(undefined, privateKey, publicKey, into) === true;
	}
}

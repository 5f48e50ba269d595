// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../../src/ports/cipher.js";

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

/** Mbed TLS through its PSA interface, on the chip's AES and SHA units. */
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
}

// SPDX-License-Identifier: Apache-2.0
import "./text-encoder.js";
import { aeskw, gcm } from "@noble/ciphers/aes.js";
import { p256, p384 } from "@noble/curves/nist.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384 } from "@noble/hashes/sha2.js";
import type { Cipher, HashName } from "../../../../src/ports/cipher.js";

const tagLength = 12;
const fullTagLength = 16;

const hashes = { md5, sha1, sha384 };

function curveOf(size: number): typeof p256 {
	if (size !== 32 && size !== 48) throw new RangeError(`no curve has keys of ${size} octets`);
	return size === 32 ? p256 : p384;
}

/** With the octet of the uncompressed form in front. */
function point(publicKey: Uint8Array): Uint8Array {
	const octets = new Uint8Array(1 + publicKey.length);
	octets[0] = 4;
	octets.set(publicKey, 1);
	return octets;
}

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

	digest(hash: HashName, data: Uint8Array, into: Uint8Array): void {
		into.set(hashes[hash](data));
	}

	publicKeyOf(privateKey: Uint8Array, into: Uint8Array): boolean {
		const curve = curveOf(privateKey.length);
		if (!curve.utils.isValidSecretKey(privateKey)) return false;
		into.set(curve.getPublicKey(privateKey, false).subarray(1));
		return true;
	}

	sign(privateKey: Uint8Array, message: Uint8Array, into: Uint8Array): void {
		// the curve's own hash and the nonce of RFC 6979; DLMS knows nothing of low s
		into.set(curveOf(privateKey.length).sign(message, privateKey, { lowS: false }));
	}

	verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
		if (signature.length !== publicKey.length) return false;
		try {
			return curveOf(publicKey.length / 2).verify(signature, message, point(publicKey), { lowS: false });
		} catch {
			return false;
		}
	}

	agree(privateKey: Uint8Array, publicKey: Uint8Array, into: Uint8Array): boolean {
		if (publicKey.length !== 2 * privateKey.length) return false;
		try {
			into.set(curveOf(privateKey.length).getSharedSecret(privateKey, point(publicKey)).subarray(1));
			return true;
		} catch {
			return false;
		}
	}
}

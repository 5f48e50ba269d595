// SPDX-License-Identifier: Apache-2.0
import {
	type CipherGCMTypes,
	createCipheriv,
	createDecipheriv,
	createECDH,
	createHash,
	createPrivateKey,
	createPublicKey,
	type KeyObject,
	sign,
	verify,
} from "node:crypto";
import type { Cipher, HashName } from "../../../src/ports/cipher.js";

const tagLength = 12;
/** Initial value of RFC 3394, 2.2.3.1. */
const wrapInitialValue = Buffer.alloc(8, 0xa6);

function gcmName(key: Uint8Array): CipherGCMTypes {
	return key.length === 32 ? "aes-256-gcm" : "aes-128-gcm";
}

function wrapName(key: Uint8Array): string {
	return `id-aes${key.length * 8}-wrap`;
}

/** What OpenSSL and JSON Web Key call a curve. */
interface Curve {
	readonly name: string;
	readonly crv: string;
	readonly hash: string;
}

const curveOfSize: ReadonlyMap<number, Curve> = new Map([
	[32, { name: "prime256v1", crv: "P-256", hash: "sha256" }],
	[48, { name: "secp384r1", crv: "P-384", hash: "sha384" }],
]);

function curveOf(size: number): Curve {
	const curve = curveOfSize.get(size);
	if (curve === undefined) throw new RangeError(`no curve has keys of ${size} octets`);
	return curve;
}

function base64url(octets: Uint8Array): string {
	return Buffer.from(octets).toString("base64url");
}

/** Uncompressed point. */
const pointTag = Buffer.of(4);

/** @throws when the octets are no point of the curve */
function publicKeyObject(publicKey: Uint8Array): KeyObject {
	const size = publicKey.length / 2;
	const jwk = { kty: "EC", crv: curveOf(size).crv, x: base64url(publicKey.subarray(0, size)) };
	return createPublicKey({ key: { ...jwk, y: base64url(publicKey.subarray(size)) }, format: "jwk" });
}

function privateKeyObject(privateKey: Uint8Array, publicKey: Uint8Array): KeyObject {
	const { crv } = curveOf(privateKey.length);
	const [x, y] = [publicKey.subarray(0, privateKey.length), publicKey.subarray(privateKey.length)].map(base64url);
	return createPrivateKey({
		key: { kty: "EC", crv, x: x as string, y: y as string, d: base64url(privateKey) },
		format: "jwk",
	});
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

	digest(hash: HashName, data: Uint8Array, into: Uint8Array): void {
		into.set(createHash(hash).update(data).digest());
	}

	publicKeyOf(privateKey: Uint8Array, into: Uint8Array): boolean {
		const ecdh = createECDH(curveOf(privateKey.length).name);
		try {
			ecdh.setPrivateKey(privateKey);
		} catch {
			return false; // zero, or not below the order of the curve
		}
		into.set(ecdh.getPublicKey().subarray(1));
		return true;
	}

	sign(privateKey: Uint8Array, message: Uint8Array, into: Uint8Array): void {
		const publicKey = new Uint8Array(2 * privateKey.length);
		if (!this.publicKeyOf(privateKey, publicKey)) throw new RangeError("no private key of the curve");
		const key = privateKeyObject(privateKey, publicKey);
		into.set(sign(curveOf(privateKey.length).hash, message, { key, dsaEncoding: "ieee-p1363" }));
	}

	verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
		if (signature.length !== publicKey.length) return false;
		try {
			const key = publicKeyObject(publicKey);
			return verify(curveOf(publicKey.length / 2).hash, message, { key, dsaEncoding: "ieee-p1363" }, signature);
		} catch {
			return false; // not on the curve
		}
	}

	agree(privateKey: Uint8Array, publicKey: Uint8Array, into: Uint8Array): boolean {
		if (publicKey.length !== 2 * privateKey.length) return false;
		const ecdh = createECDH(curveOf(privateKey.length).name);
		try {
			ecdh.setPrivateKey(privateKey);
			into.set(ecdh.computeSecret(Buffer.concat([pointTag, publicKey])));
			return true;
		} catch {
			return false;
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { Cipher, HashName } from "../../../../src/ports/cipher.js";
import type { Random } from "../../../../src/ports/random.js";
import { runnerOperation } from "./runner-operation.js";

/** Cipher port outside the JavaScript heap, as on the board: the runner computes with node:crypto. */
export class RunnerCipher implements Cipher {
	gcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): void {
		callRunner(runnerOperation.gcmSeal, key, iv, aad, text, tag);
	}

	gcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array, tag: Uint8Array): boolean {
		return callRunner(runnerOperation.gcmOpen, key, iv, aad, text, tag) !== 0;
	}

	wrapKey(keyEncryptionKey: Uint8Array, key: Uint8Array, into: Uint8Array): void {
		callRunner(runnerOperation.wrapKey, keyEncryptionKey, key, into);
	}

	unwrapKey(keyEncryptionKey: Uint8Array, wrapped: Uint8Array, into: Uint8Array): boolean {
		return callRunner(runnerOperation.unwrapKey, keyEncryptionKey, wrapped, into) !== 0;
	}

	sha256(data: Uint8Array, into: Uint8Array): void {
		callRunner(runnerOperation.sha256, data, into);
	}

	digest(hash: HashName, data: Uint8Array, into: Uint8Array): void {
		const name = new Uint8Array(hash.length);
		for (let n = 0; n < hash.length; n++) name[n] = hash.charCodeAt(n);
		callRunner(runnerOperation.digest, name, data, into);
	}

	publicKeyOf(privateKey: Uint8Array, into: Uint8Array): boolean {
		return callRunner(runnerOperation.publicKeyOf, privateKey, into) !== 0;
	}

	sign(privateKey: Uint8Array, message: Uint8Array, into: Uint8Array): void {
		callRunner(runnerOperation.sign, privateKey, message, into);
	}

	verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
		return callRunner(runnerOperation.verify, publicKey, message, signature) !== 0;
	}

	agree(privateKey: Uint8Array, publicKey: Uint8Array, into: Uint8Array): boolean {
		return callRunner(runnerOperation.agree, privateKey, publicKey, into) !== 0;
	}
}

/** Random port: a fixed sequence, the same in every run. */
export class RunnerRandom implements Random {
	fill(into: Uint8Array): void {
		callRunner(runnerOperation.random, into);
	}
}

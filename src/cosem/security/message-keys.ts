// SPDX-License-Identifier: Apache-2.0
import { concat } from "../../core/concat.js";
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import { decodeLength, encodeLength, sizeOfLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { curveSize } from "./certificate.js";
import { deriveKey } from "./key-derivation.js";
import type { KeyPair, PublicKeys } from "./public-keys.js";
import { keyId, type SecuritySetupState } from "./security-setup-state.js";

/** How the key of a general-ciphering APDU is found: the choices of key-info, with the schemes of an agreed key. */
export const keyKind = Object.freeze({
	/** GUEK: by its name, or because nothing else is known. */
	unicast: 0,
	/** GBEK, by its name. */
	broadcast: 1,
	/** Random, wrapped under the master key. */
	wrapped: 2,
	/** C(1e, 1s): an ephemeral key of the sender, signed by it, and the certified key of the receiver. */
	onePass: 3,
	/** C(0e, 2s): the certified keys of both, and the transaction-id as nonce. */
	unified: 4,
});

/** Choices of key-info. */
export const keyChoice = Object.freeze({ identified: 0, wrapped: 1, agreed: 2 });
/** key-parameters of an agreed key. */
export const keyScheme = Object.freeze({ onePass: 1, unified: 2 });
/** Octets that the key wrap adds (RFC 3394). */
export const wrapOverhead = 8;

/** Who protects an APDU and for whom: titles of the sender and of the receiver, and the transaction-id with its length. */
export interface Parties {
	readonly sender: Uint8Array;
	readonly receiver: Uint8Array;
	readonly transaction: Uint8Array;
}

/** Finds and makes the keys that single APDUs are ciphered with. Lives as long as one APDU is worked on. */
export class MessageKeys {
	readonly #setup: SecuritySetupState;
	readonly #cipher: Cipher;
	readonly #random: Random;
	/** Undefined in suite 0. */
	readonly #keys: PublicKeys | undefined;

	constructor(setup: SecuritySetupState, cipher: Cipher, random: Random, keys: PublicKeys | undefined) {
		this.#setup = setup;
		this.#cipher = cipher;
		this.#random = random;
		this.#keys = keys;
	}

	/**
	 * The key that a client's key-info leads to. Of agreed keys also that the answer could be protected the same way.
	 *
	 * @param r behind the flag that says there is one
	 * @param clientKey the client's signature key, where its association has one of its own
	 * @returns kind and key; undefined when the key cannot be had, or is not what it says
	 * @throws CodecError when it is malformed
	 */
	take(r: Reader, parties: Parties, clientKey: Uint8Array | undefined): [number, Uint8Array] | undefined {
		const setup = this.#setup;
		switch (r.u8()) {
			case keyChoice.identified: {
				const id = r.u8();
				if (id > keyId.globalBroadcastEncryption) return undefined;
				return [id === 0 ? keyKind.unicast : keyKind.broadcast, setup.key(id)];
			}
			case keyChoice.wrapped: {
				const isMaster = r.u8() === 0;
				const wrapped = r.octets(decodeLength(r));
				const key = new Uint8Array(setup.key(0).length);
				if (!isMaster || wrapped.length !== key.length + wrapOverhead) return undefined;
				return this.#cipher.unwrapKey(setup.key(keyId.master), wrapped, key) ? [keyKind.wrapped, key] : undefined;
			}
			case keyChoice.agreed: {
				const parameters = r.octets(decodeLength(r));
				const data = r.octets(decodeLength(r));
				if (parameters.length !== 1) return undefined;
				if (parameters[0] === keyScheme.onePass) return this.takeOnePass(data, parties, clientKey);
				return parameters[0] === keyScheme.unified && data.length === 0 ? this.takeUnified(parties) : undefined;
			}
			default:
				return undefined;
		}
	}

	private takeOnePass(
		data: Uint8Array,
		parties: Parties,
		clientKey: Uint8Array | undefined,
	): [number, Uint8Array] | undefined {
		const keys = this.#keys;
		if (keys === undefined || data.length !== 4 * keys.size) return undefined;
		const publicKey = data.subarray(0, 2 * keys.size);
		const signature = data.subarray(2 * keys.size);
		if (keys.agreementKeyOf(parties.sender) === undefined || !keys.canSign()) return undefined;
		if (!isSigned(keys, parties.sender, publicKey, signature, clientKey)) return undefined;
		const key = this.derive(keys.agreementPair(), publicKey, parties.sender, parties.receiver);
		return key === undefined ? undefined : [keyKind.onePass, key];
	}

	private takeUnified({ sender, receiver, transaction }: Parties): [number, Uint8Array] | undefined {
		const keys = this.#keys;
		const publicKey = keys?.agreementKeyOf(sender);
		if (keys === undefined || publicKey === undefined || transaction.length < 2) return undefined;
		const key = this.derive(keys.agreementPair(), publicKey, concat(sender, transaction), receiver);
		return key === undefined ? undefined : [keyKind.unified, key];
	}

	/**
	 * The key that the meter ciphers an APDU with, and its key-info with the flag before it.
	 * @returns undefined when there is none: a certificate has ended
	 */
	give(w: Writer, kind: number, { sender, receiver, transaction }: Parties): Uint8Array | undefined {
		const setup = this.#setup;
		w.u8(1);
		if (kind === keyKind.unicast) {
			w.u8(keyChoice.identified);
			w.u8(keyId.globalUnicastEncryption);
			return setup.key(keyId.globalUnicastEncryption);
		}
		if (kind === keyKind.wrapped) {
			const key = new Uint8Array(setup.key(0).length);
			this.#random.fill(key);
			w.u8(keyChoice.wrapped);
			w.u8(0);
			encodeLength(w, key.length + wrapOverhead);
			const at = w.claim(key.length + wrapOverhead);
			this.#cipher.wrapKey(setup.key(keyId.master), key, w.bytes.subarray(at, w.position));
			return key;
		}
		const keys = this.#keys;
		const publicKey = keys?.agreementKeyOf(receiver);
		if (keys === undefined || publicKey === undefined) return undefined;
		w.u8(keyChoice.agreed);
		w.u8(1);
		if (kind === keyKind.unified) {
			w.u8(keyScheme.unified);
			w.u8(0);
			return this.derive(keys.agreementPair(), publicKey, concat(sender, transaction), receiver);
		}
		w.u8(keyScheme.onePass);
		const own = keys.generate();
		const signature = keys.sign(own.publicKey);
		if (signature === undefined) return undefined;
		encodeLength(w, own.publicKey.length + signature.length);
		w.octets(own.publicKey);
		w.octets(signature);
		return this.derive(own, publicKey, sender, receiver);
	}

	private derive(
		own: KeyPair | undefined,
		publicKey: Uint8Array,
		partyU: Uint8Array,
		partyV: Uint8Array,
	): Uint8Array | undefined {
		const z = own === undefined ? undefined : this.#keys!.agree(own.privateKey, publicKey);
		own?.privateKey.fill(0);
		if (z === undefined) return undefined;
		const key = deriveKey(this.#cipher, this.#setup.suite, z, partyU, partyV, false);
		z.fill(0);
		return key;
	}
}

/** Octets of the key-info that `MessageKeys.give` writes, with its flag. */
export function keyInfoLength(kind: number, suite: number): number {
	const size = curveSize(suite);
	switch (kind) {
		case keyKind.wrapped:
			return 4 + (suite === 2 ? 32 : 16) + wrapOverhead;
		case keyKind.onePass:
			return 4 + sizeOfLength(4 * size) + 4 * size;
		case keyKind.unified:
			return 5;
		default:
			return 3;
	}
}

/**
 * The ephemeral key of a client is signed as it is; some clients sign key-parameters with it (docs/decisions/0022).
 */
function isSigned(
	keys: PublicKeys,
	title: Uint8Array,
	publicKey: Uint8Array,
	signature: Uint8Array,
	clientKey: Uint8Array | undefined,
): boolean {
	if (keys.verify(title, publicKey, signature, clientKey)) return true;
	return keys.verify(title, concat(Uint8Array.of(keyScheme.onePass), publicKey), signature, clientKey);
}

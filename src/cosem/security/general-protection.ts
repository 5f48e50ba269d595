// SPDX-License-Identifier: Apache-2.0
import { concat } from "../../core/concat.js";
import { noOctets } from "../../core/no-octets.js";
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import type { Application } from "../application.js";
import { decodeLength, encodeLength, sizeOfLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { curveSize } from "./certificate.js";
import { GeneralHeader } from "./general-header.js";
import { keyInfoLength, keyKind, MessageKeys } from "./message-keys.js";
import { type Protection, securityHeaderLength, tagLength } from "./protection.js";
import type { PublicKeys } from "./public-keys.js";
import type { SecuritySetupState } from "./security-setup-state.js";

export const generalCipheringTag = 0xdd;
export const generalSigningTag = 0xdf;

/** Where the signature of an APDU stands in relation to its ciphering. */
export const signing = Object.freeze({
	none: 0,
	/** Signed, then ciphered. */
	inside: 1,
	/** Ciphered, then signed. */
	outside: 2,
});

/** Ciphers and random numbers, which a server shares. */
export interface GeneralPorts {
	readonly cipher: Cipher;
	readonly random: Random;
}

/** Who the meter is, and what time it is. */
export type GeneralOwner = Pick<Application, "security" | "identity" | "clock">;

/** The other side of an APDU. */
export interface Peer {
	readonly title: Uint8Array;
	readonly setup: SecuritySetupState;
	/** Signature key that came with the association. */
	readonly clientKey: Uint8Array | undefined;
}

/** The head of a general-ciphering APDU that has been read. */
export interface OpenedHead {
	readonly fields: Uint8Array;
	/** One of `keyKind`. */
	readonly kind: number;
	readonly key: Uint8Array;
	/** The key came with this APDU. */
	readonly isNew: boolean;
}

/**
 * general-ciphering and general-signing (Green Book 9.2.7.2.4.8, 9.2.7.2.5): their heads, keys and signatures. Remembers of a
 * request what its answer repeats. Made when a client first comes with one of them.
 */
export class GeneralProtection {
	readonly ciphering = new GeneralHeader();
	readonly signing = new GeneralHeader();
	/** How the key of the answer is found, one of `keyKind`. */
	kind: number = keyKind.unicast;
	/** The signature is also over the length of the content (docs/decisions/0022). */
	isLengthSigned = false;
	readonly #ports: GeneralPorts;
	readonly #owner: GeneralOwner;
	/** What a signature is over, and where in it the length of the content stands. */
	#message: Uint8Array = noOctets;
	#lengthAt = 0;
	#lengthSize = 0;

	constructor(ports: GeneralPorts, owner: GeneralOwner) {
		this.#ports = ports;
		this.#owner = owner;
	}

	/** The public-key functions under a setup; undefined in suite 0. */
	keys(setup: SecuritySetupState): PublicKeys | undefined {
		if (setup.suite === 0) return undefined;
		return this.#owner.security.publicKeys(setup.suite, this.#ports, this.#owner);
	}

	private messageKeys(setup: SecuritySetupState): MessageKeys {
		return new MessageKeys(setup, this.#ports.cipher, this.#ports.random, this.keys(setup));
	}

	/**
	 * Reads the head of general-ciphering up to the ciphered content.
	 *
	 * @param r behind the tag
	 * @param known kind and key for an APDU without key-info
	 * @param isOpen the client needs no association: its keys alone say who it is, and its APDU may be for many meters
	 * @returns undefined when a title is wrong or there is no such key
	 * @throws CodecError when it is malformed
	 */
	openHead(r: Reader, peer: Peer, known: readonly [number, Uint8Array], isOpen: boolean): OpenedHead | undefined {
		const { systemTitle } = this.#owner.identity;
		const fields = this.ciphering.decode(r, peer.title, systemTitle, isOpen);
		if (fields === undefined) return undefined;
		const flag = r.u8();
		if (flag > 1) return undefined;
		if (flag === 0) return { fields, kind: known[0], key: known[1], isNew: false };
		// work for public keys only behind an association, and keys that only a master key protects neither
		if (isOpen && r.peek() !== 0) return undefined;
		const transaction = fields.subarray(0, 1 + fields[0]!);
		const parties = { sender: peer.title, receiver: systemTitle, transaction };
		const taken = this.messageKeys(peer.setup).take(r, parties, peer.clientKey);
		return taken === undefined ? undefined : { fields, kind: taken[0], key: taken[1], isNew: true };
	}

	/** Octets before and behind a text in general-ciphering whose whole has at most `pduSize` octets. */
	cipheringOverhead(suite: number, pduSize: number): number {
		return 1 + this.ciphering.length + keyInfoLength(this.kind, suite) + sizeOfLength(pduSize) + securityHeaderLength;
	}

	/**
	 * Ciphers the text `from` … `w.position` with a key of this APDU alone, and puts the whole at `start`.
	 * @returns false when there is no key
	 */
	seal(
		w: Writer,
		start: number,
		from: number,
		control: number,
		counter: number,
		peer: Peer,
		protection: Protection,
		authenticationKey: Uint8Array,
	): boolean {
		const { systemTitle } = this.#owner.identity;
		const head = new Writer(from - start + 1);
		head.u8(generalCipheringTag);
		this.ciphering.encode(head, systemTitle, peer.title, this.#owner.clock);
		const fields = head.bytes.slice(1, head.position);
		const transaction = fields.subarray(0, 1 + fields[0]!);
		const parties = { sender: systemTitle, receiver: peer.title, transaction };
		const key = this.messageKeys(peer.setup).give(head, this.kind, parties);
		if (key === undefined) return false;
		const end = protection.seal(
			w.bytes,
			from,
			w.position,
			control,
			counter,
			systemTitle,
			key,
			authenticationKey,
			fields,
		);
		if (this.kind !== keyKind.unicast) key.fill(0);
		w.position = start;
		w.octets(head.bytes, 0, head.position);
		encodeLength(w, securityHeaderLength + end - from);
		w.u8(control);
		w.u32(counter);
		const at = w.position;
		if (at !== from) w.bytes.copyWithin(at, from, end);
		w.position = at + end - from;
		return true;
	}

	/**
	 * Reads general-signing; the signature is left to `isSigned`, so that the content can be deciphered in place before.
	 *
	 * @param r behind the tag
	 * @returns where the content begins and ends, and where the signature begins; undefined when a title is wrong
	 * @throws CodecError when it is malformed
	 */
	openSigned(r: Reader, peer: Peer, isOpen: boolean): readonly [number, number, number] | undefined {
		const fields = this.signing.decode(r, peer.title, this.#owner.identity.systemTitle, isOpen);
		if (fields === undefined) return undefined;
		const lengthFrom = r.position;
		const length = decodeLength(r);
		const from = r.skip(length);
		const to = r.position;
		const signatureLength = decodeLength(r);
		const signatureFrom = r.skip(signatureLength);
		r.expectEnd();
		this.#message = concat(fields, r.bytes.subarray(lengthFrom, to));
		this.#lengthAt = fields.length;
		this.#lengthSize = from - lengthFrom;
		return [from, to, signatureFrom];
	}

	/** The signature of what `openSigned` has read last is that of the peer. */
	isSigned(peer: Peer, signature: Uint8Array): boolean {
		const keys = this.keys(peer.setup);
		const whole = this.#message;
		this.#message = noOctets;
		if (keys === undefined) return false;
		const without = concat(whole.subarray(0, this.#lengthAt), whole.subarray(this.#lengthAt + this.#lengthSize));
		this.isLengthSigned = false;
		if (keys.verify(peer.title, without, signature, peer.clientKey)) return true;
		this.isLengthSigned = true;
		return keys.verify(peer.title, whole, signature, peer.clientKey);
	}

	/** The answer is signed though the request was not: it repeats what the ciphering says, or nothing. */
	signUnasked(isCiphering: boolean): void {
		this.signing.transaction = isCiphering ? this.ciphering.transaction : noOctets;
		this.signing.hasTime = false;
		this.isLengthSigned = false;
	}

	/** Octets before a content in general-signing whose whole has at most `pduSize` octets. */
	signingHead(pduSize: number): number {
		return 1 + this.signing.length + sizeOfLength(pduSize);
	}

	/**
	 * Signs the content `from` … `w.position` and puts the whole at `start`.
	 * @returns false when the meter has no key to sign with
	 */
	sign(w: Writer, start: number, from: number, peer: Peer): boolean {
		const { systemTitle } = this.#owner.identity;
		const content = w.bytes.slice(from, w.position);
		w.position = start;
		w.u8(generalSigningTag);
		this.signing.encode(w, systemTitle, peer.title, this.#owner.clock);
		const fields = w.bytes.subarray(start + 1, w.position);
		const lengthFrom = w.position;
		encodeLength(w, content.length);
		const message = this.isLengthSigned
			? concat(fields, w.bytes.subarray(lengthFrom, w.position), content)
			: concat(fields, content);
		const signature = this.keys(peer.setup)?.sign(message);
		if (signature === undefined) return false;
		w.octets(content);
		encodeLength(w, signature.length);
		w.octets(signature);
		return true;
	}
}

/** Octets that a signature with its length takes. */
export function signatureLength(suite: number): number {
	const size = 2 * curveSize(suite);
	return sizeOfLength(size) + size;
}

/** Octets behind a text that is protected, and signed where `isSigned`. */
export function tailLength(suite: number, isSigned: boolean): number {
	return tagLength + (isSigned ? signatureLength(suite) : 0);
}

// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import { titleLength } from "./protection.js";

/** certificate_entity and certificate_type (Blue Book, class 64). */
export const certificateEntity = Object.freeze({ server: 0, client: 1, authority: 2, other: 3 });
export const certificateType = Object.freeze({ digitalSignature: 0, keyAgreement: 1, tls: 2, other: 3 });

/** A root, 2 sub-CA, 3 of the server, 8 of clients. */
export const certificateCapacity = 14;
/** Longest certificate that is kept, DER. */
export const longestCertificate = 1000;

const layoutVersion = 1;
/** Layout version, then for each place: entity, type, system title. */
const entrySize = 2 + titleLength;
const free = 0xff;
/** Layout version and a key pair: length of a private key (0 = none), private key, public key. */
const longestPair = 3 * 48;
const pairOffset = Object.freeze([1, 2 + longestPair] as const);

/**
 * Certificates and own key pairs in non-volatile memory; an object of this class lives as long as it is needed, and
 * nothing of it stays in RAM. The record of places alone decides which certificates there are, so putting one in the
 * place of another is one atomic write.
 */
export class CertificateStore {
	readonly #store: RecordStore;
	readonly #places = new Uint8Array(1 + certificateCapacity * entrySize);

	constructor(store: RecordStore) {
		this.#store = store;
		const length = store.read(recordKey.certificatePlaces, this.#places);
		if (length !== this.#places.length || this.#places[0] !== layoutVersion) {
			this.#places.fill(free);
			this.#places[0] = layoutVersion;
		}
	}

	/** `free` entity at a place without certificate. */
	entityAt(place: number): number {
		return this.#places[1 + place * entrySize]!;
	}

	typeAt(place: number): number {
		return this.#places[2 + place * entrySize]!;
	}

	isUsed(place: number): boolean {
		return this.entityAt(place) !== free;
	}

	/** The next place from `from` on with a certificate of this kind; -1 when there is none. */
	find(entity: number, type: number, title: Uint8Array | undefined, from = 0): number {
		for (let place = from; place < certificateCapacity; place++) {
			if (this.entityAt(place) !== entity || this.typeAt(place) !== type) continue;
			if (title === undefined || this.hasTitle(place, title)) return place;
		}
		return -1;
	}

	/** DER. @throws DeviceError when it can no longer be read */
	read(place: number): Uint8Array {
		const bytes = new Uint8Array(longestCertificate);
		const length = this.#store.read(recordKey.certificates + place, bytes);
		return length < 0 ? noOctets : bytes.subarray(0, length);
	}

	/**
	 * Stores a certificate, in the place of `replaced` unless that is -1.
	 * @param title eight octets, or none
	 * @returns false when there is no room
	 */
	add(entity: number, type: number, title: Uint8Array, der: Uint8Array, replaced: number): boolean {
		// the new one never overwrites the old one: which of them counts is decided by the places
		let place = 0;
		while (place < certificateCapacity && this.isUsed(place)) place++;
		if (place >= certificateCapacity) {
			if (replaced < 0) return false;
			place = replaced;
		}
		this.#store.write(recordKey.certificates + place, der);
		const at = 1 + place * entrySize;
		if (replaced >= 0) this.#places[1 + replaced * entrySize] = free;
		this.#places[at] = entity;
		this.#places[at + 1] = type;
		this.#places.fill(0, at + 2, at + entrySize);
		this.#places.set(title, at + 2);
		this.#store.write(recordKey.certificatePlaces, this.#places);
		return true;
	}

	remove(place: number): void {
		this.#places[1 + place * entrySize] = free;
		this.#store.write(recordKey.certificatePlaces, this.#places);
	}

	/** An own key pair, private then public key: that in use, or the one that waits for its certificate; empty without. */
	readPair(type: number, isPending: boolean): Uint8Array {
		const record = this.readPairs(type);
		const at = pairOffset[isPending ? 1 : 0];
		return record.slice(at + 1, at + 1 + 3 * record[at]!);
	}

	/** Keeps a new pair beside the one in use, or puts it in use. */
	writePair(type: number, isPending: boolean, privateKey: Uint8Array, publicKey: Uint8Array): void {
		const record = this.readPairs(type);
		const at = pairOffset[isPending ? 1 : 0];
		record[at] = privateKey.length;
		record.set(privateKey, at + 1);
		record.set(publicKey, at + 1 + privateKey.length);
		if (!isPending) record.fill(0, pairOffset[1]);
		try {
			this.#store.write(recordKey.keyPairs + type, record);
		} finally {
			record.fill(0);
		}
	}

	private readPairs(type: number): Uint8Array {
		const record = new Uint8Array(pairOffset[1] + 1 + longestPair);
		const length = this.#store.read(recordKey.keyPairs + type, record);
		if (length !== record.length || record[0] !== layoutVersion) {
			record.fill(0);
			record[0] = layoutVersion;
		}
		return record;
	}

	private hasTitle(place: number, title: Uint8Array): boolean {
		const at = 3 + place * entrySize;
		for (let n = 0; n < titleLength; n++) if (this.#places[at + n] !== title[n]) return false;
		return true;
	}
}

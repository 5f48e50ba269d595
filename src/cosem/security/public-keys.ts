// SPDX-License-Identifier: Apache-2.0
import { areEqual } from "../../core/equal-octets.js";
import { noOctets } from "../../core/no-octets.js";
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import type { RecordStore } from "../../storage/record-store.js";
import { CodecError } from "../codec/codec-error.js";
import { Certificate, curveSize, keyUsage } from "./certificate.js";
import {
	CertificateStore,
	certificateCapacity,
	certificateEntity,
	certificateType,
	longestCertificate,
} from "./certificate-store.js";

/** What the public-key functions of a meter work with. */
export interface PublicKeyWorld {
	readonly store: RecordStore;
	readonly cipher: Cipher;
	readonly random: Random;
	/** System title of the meter. */
	readonly title: Uint8Array;
	/** Suite 1 or 2: decides the curve. */
	readonly suite: number;
	/** Seconds since 2000 UTC; undefined while the clock is not to be trusted. */
	readonly now_s: number | undefined;
}

/** A certificate that ends within this time is reported when it is used. */
const warningTime_s = 30 * 86_400;

/** A private key with its public one. */
export interface KeyPair {
	readonly privateKey: Uint8Array;
	readonly publicKey: Uint8Array;
}

/**
 * Signatures, agreements and certificates of suites 1 and 2. Made when a client of these suites needs it and dropped
 * afterwards, so that a meter without one pays nothing.
 */
export class PublicKeys {
	readonly certificates: CertificateStore;
	/** A certificate that was used ends soon. */
	isExpiring = false;
	readonly #world: PublicKeyWorld;

	constructor(world: PublicKeyWorld) {
		this.#world = world;
		this.certificates = new CertificateStore(world.store);
	}

	/** Octets of a private key. */
	get size(): number {
		return curveSize(this.#world.suite);
	}

	/** Signs with the meter's key; undefined without one that has a certificate. */
	sign(message: Uint8Array): Uint8Array | undefined {
		const pair = this.certifiedPair(certificateType.digitalSignature);
		if (pair === undefined) return undefined;
		const signature = new Uint8Array(2 * this.size);
		this.#world.cipher.sign(pair.privateKey, message, signature);
		pair.privateKey.fill(0);
		return signature;
	}

	/** The meter has a key to sign with, and a certificate of it. */
	canSign(): boolean {
		const pair = this.certifiedPair(certificateType.digitalSignature);
		pair?.privateKey.fill(0);
		return pair !== undefined;
	}

	/** There is a certificate to check signatures of this client with. */
	canVerify(title: Uint8Array): boolean {
		return this.ofClient(certificateType.digitalSignature, title) !== undefined;
	}

	/**
	 * Checks a client's signature with its certificate; false as well when the meter has none of it.
	 * @param given the client's public key, where it came in a certificate with the association
	 */
	verify(title: Uint8Array, message: Uint8Array, signature: Uint8Array, given?: Uint8Array): boolean {
		const publicKey = given ?? this.ofClient(certificateType.digitalSignature, title)?.publicKey;
		if (publicKey === undefined || signature.length !== 2 * this.size) return false;
		return this.#world.cipher.verify(publicKey, message, signature);
	}

	/**
	 * The signature key in a certificate that a client has sent of itself; undefined when it is not good for that: of
	 * another title, for another use, of an authority the meter does not know, not valid now.
	 */
	signatureKeyIn(der: Uint8Array, title: Uint8Array): Uint8Array | undefined {
		const certificate = der.length > longestCertificate ? undefined : this.parse(der);
		if (certificate === undefined || certificate.isCa || !areEqual(certificate.title, title)) return undefined;
		if (typeOf(certificate) !== certificateType.digitalSignature) return undefined;
		if (!certificate.isValidAt(this.#world.now_s) || !this.isTrusted(certificate)) return undefined;
		return certificate.publicKey.slice();
	}

	/** The certified key of a client for agreements. */
	agreementKeyOf(title: Uint8Array): Uint8Array | undefined {
		return this.ofClient(certificateType.keyAgreement, title)?.publicKey;
	}

	/** The meter's key pair for agreements. */
	agreementPair(): KeyPair | undefined {
		return this.certifiedPair(certificateType.keyAgreement);
	}

	/** The shared secret; undefined when `publicKey` is no point of the curve. */
	agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		const z = new Uint8Array(this.size);
		return this.#world.cipher.agree(privateKey, publicKey, z) ? z : undefined;
	}

	/** A new pair: random octets until they are a private key of the curve (FIPS 186-5, A.2.2). */
	generate(): KeyPair {
		const privateKey = new Uint8Array(this.size);
		const publicKey = new Uint8Array(2 * this.size);
		do this.#world.random.fill(privateKey);
		while (!this.#world.cipher.publicKeyOf(privateKey, publicKey));
		return { privateKey, publicKey };
	}

	/** The pair that waits for its certificate, else the one in use; undefined without any. */
	requestPair(type: number): KeyPair | undefined {
		return this.readPair(type, true) ?? this.readPair(type, false);
	}

	/**
	 * Takes a certificate in: that of the meter's new key pair, of a client, or of a further authority. It must be signed
	 * by an authority the meter knows, be meant for its use, and be valid now.
	 *
	 * @returns false, and nothing has changed, when it is not good for this meter
	 */
	import(der: Uint8Array): boolean {
		const certificate = this.parse(der);
		if (certificate === undefined || der.length > longestCertificate) return false;
		if (!certificate.isValidAt(this.#world.now_s) || !this.isTrusted(certificate)) return false;
		if (certificate.isCa) return this.importAuthority(certificate, der);
		const type = typeOf(certificate);
		if (type < 0 || certificate.title.length === 0) return false;
		if (!areEqual(certificate.title, this.#world.title))
			return this.keep(certificateEntity.client, type, certificate, der);
		const pair = this.pairOf(type, certificate.publicKey);
		if (pair === undefined || !this.keep(certificateEntity.server, type, certificate, der)) return false;
		this.certificates.writePair(type, false, pair.privateKey, pair.publicKey);
		pair.privateKey.fill(0);
		return true;
	}

	/**
	 * Takes a certificate out, but neither that of the meter's signature key nor the last authority: nobody who signs could
	 * associate any more, or bring another certificate, and nothing in the field would ever mend that.
	 *
	 * @returns false, and nothing has changed, for one of these
	 */
	remove(place: number): boolean {
		const { certificates } = this;
		const entity = certificates.entityAt(place);
		if (entity === certificateEntity.server && certificates.typeAt(place) === certificateType.digitalSignature)
			return false;
		if (entity === certificateEntity.authority) {
			const isOther = (n: number) => n !== place && certificates.entityAt(n) === entity;
			let n = 0;
			while (n < certificateCapacity && !isOther(n)) n++;
			if (n === certificateCapacity) return false;
		}
		certificates.remove(place);
		return true;
	}

	/** Place of a certificate by entity, type and title; -1 when there is none. */
	findByEntity(entity: number, type: number, title: Uint8Array): number {
		return this.certificates.find(entity, type, entity === certificateEntity.authority ? undefined : title);
	}

	/** Place of a certificate by serial number and issuer; -1 when there is none. */
	findBySerial(serial: Uint8Array, issuer: Uint8Array): number {
		for (let place = 0; place < certificateCapacity; place++) {
			const certificate = this.at(place);
			if (certificate === undefined) continue;
			if (areEqual(certificate.serial, serial) && areEqual(certificate.issuer, issuer)) return place;
		}
		return -1;
	}

	/** The certificate at a place; undefined when the place is free. */
	at(place: number): Certificate | undefined {
		return this.certificates.isUsed(place) ? this.parse(this.certificates.read(place)) : undefined;
	}

	private parse(der: Uint8Array): Certificate | undefined {
		try {
			return new Certificate(der, this.size);
		} catch (error) {
			if (error instanceof CodecError) return undefined;
			throw error;
		}
	}

	private ofClient(type: number, title: Uint8Array): Certificate | undefined {
		return this.usable(this.certificates.find(certificateEntity.client, type, title));
	}

	/** The certificate at a place if it is valid now. */
	private usable(place: number): Certificate | undefined {
		const certificate = place < 0 ? undefined : this.at(place);
		const { now_s } = this.#world;
		if (certificate === undefined || !certificate.isValidAt(now_s)) return undefined;
		if (now_s !== undefined && certificate.notAfter_s - now_s < warningTime_s) this.isExpiring = true;
		return certificate;
	}

	/** The meter's own pair that its certificate speaks of. */
	private certifiedPair(type: number): KeyPair | undefined {
		const certificate = this.usable(this.certificates.find(certificateEntity.server, type, this.#world.title));
		return certificate === undefined ? undefined : this.pairOf(type, certificate.publicKey);
	}

	private pairOf(type: number, publicKey: Uint8Array): KeyPair | undefined {
		for (const isPending of [false, true]) {
			const pair = this.readPair(type, isPending);
			if (pair !== undefined && areEqual(pair.publicKey, publicKey)) return pair;
		}
		return undefined;
	}

	private readPair(type: number, isPending: boolean): KeyPair | undefined {
		const octets = this.certificates.readPair(type, isPending);
		const { size } = this;
		if (octets.length !== 3 * size) return undefined;
		return { privateKey: octets.subarray(0, size), publicKey: octets.subarray(size) };
	}

	private isTrusted(certificate: Certificate): boolean {
		for (let place = 0; place < certificateCapacity; place++) {
			if (this.certificates.entityAt(place) !== certificateEntity.authority) continue;
			const authority = this.at(place);
			if (authority === undefined || !authority.isValidAt(this.#world.now_s)) continue;
			if (!areEqual(authority.subject, certificate.issuer)) continue;
			if (certificate.isSignedBy(authority.publicKey, this.#world.cipher)) return true;
		}
		return false;
	}

	private importAuthority(certificate: Certificate, der: Uint8Array): boolean {
		if ((certificate.usage & keyUsage.keyCertSign) === 0) return false;
		let replaced = -1;
		for (let place = 0; place < certificateCapacity; place++) {
			if (this.certificates.entityAt(place) !== certificateEntity.authority) continue;
			if (areEqual(this.at(place)?.subject ?? noOctets, certificate.subject)) replaced = place;
		}
		return this.certificates.add(certificateEntity.authority, certificateType.other, noOctets, der, replaced);
	}

	private keep(entity: number, type: number, certificate: Certificate, der: Uint8Array): boolean {
		const replaced = this.certificates.find(entity, type, certificate.title);
		return this.certificates.add(entity, type, certificate.title, der, replaced);
	}
}

/** What a certificate is for, by its key usage: one thing; -1 for anything else. */
function typeOf(certificate: Certificate): number {
	const signs = (certificate.usage & keyUsage.digitalSignature) !== 0;
	const agrees = (certificate.usage & keyUsage.keyAgreement) !== 0;
	if (signs === agrees) return -1;
	return signs ? certificateType.digitalSignature : certificateType.keyAgreement;
}

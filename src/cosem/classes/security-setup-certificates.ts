// SPDX-License-Identifier: Apache-2.0
import {
	decodeArray,
	decodeEnum,
	decodeOctetString,
	decodeStructure,
	encodeArray,
	encodeEnum,
	encodeOctetString,
	encodeStructure,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import type { Call, ElementSource } from "../model.js";
import { dataAccessResult } from "../result.js";
import { writeCertificateRequest } from "../security/certificate.js";
import { certificateCapacity, certificateType } from "../security/certificate-store.js";
import { deriveKey } from "../security/key-derivation.js";
import { securityControl, titleLength } from "../security/protection.js";
import type { PublicKeys } from "../security/public-keys.js";
import { securityEvent } from "../security/security-event.js";
import { keyId, numberOfKeys, type SecuritySetupState } from "../security/security-setup-state.js";

/** Longest request the meter writes (P-384). */
const requestCapacity = 512;

const identification = Object.freeze({ entity: 0, serial: 1 });

/** The public-key functions under a setup; undefined in suite 0, which has none. */
function keysOf(call: Call, state: SecuritySetupState): PublicKeys | undefined {
	if (state.suite === 0) return undefined;
	return call.application.security.publicKeys(state.suite, call.association.home, call.application);
}

function hasFullProtection(call: Call): boolean {
	const both = securityControl.authenticated | securityControl.encrypted;
	return (call.association.home.requestControl & both) === both;
}

function changed(call: Call, state: SecuritySetupState, event: number): number {
	call.application.protectedParameterChanged();
	call.application.security.report(event, state.number);
	return dataAccessResult.success;
}

/** Signature types that the meter has keys for; it uses none for TLS. */
function isOwnType(type: number): boolean {
	return type === certificateType.digitalSignature || type === certificateType.keyAgreement;
}

/**
 * key_agreement: ephemeral unified model C(2e, 0s). Each side sends an ephemeral public key and its signature over key_id
 * and that key; all keys of the request change, or none. In force with the response, which goes out under the old ones.
 * A wrong signature is an event, like a wrong wrapping.
 */
export function agreeOnKeys(r: Reader, w: Writer, call: Call, state: SecuritySetupState): number {
	const keys = keysOf(call, state);
	const agreed: (Uint8Array | undefined)[] = new Array(numberOfKeys).fill(undefined);
	const answers: (Uint8Array | undefined)[] = new Array(numberOfKeys).fill(undefined);
	const order: number[] = [];
	const count = decodeArray(r);
	let result: number = count === 0 || keys === undefined ? dataAccessResult.otherReason : dataAccessResult.success;
	if (keys !== undefined && !hasFullProtection(call)) result = dataAccessResult.scopeOfAccessViolated;
	for (let n = 0; n < count; n++) {
		decodeStructure(r, 2);
		const id = decodeEnum(r);
		const data = decodeOctetString(r);
		if (result !== dataAccessResult.success) continue; // the rest must still be of the right type
		const isTaken = id >= numberOfKeys || order.includes(id) || state.isPending(id);
		if (keys === undefined || isTaken) result = dataAccessResult.otherReason;
		else if (!agreeOnKey(call, state, keys, id, data, agreed, answers)) result = dataAccessResult.otherReason;
		order.push(id);
	}
	if (result === dataAccessResult.success) {
		state.replaceKeys(agreed);
		encodeArray(w, order.length);
		for (const id of order) {
			encodeStructure(w, 2);
			encodeEnum(w, id);
			encodeOctetString(w, answers[id]!);
		}
		return changed(call, state, securityEvent.keysChanged);
	}
	for (const key of agreed) key?.fill(0);
	return result;
}

function agreeOnKey(
	call: Call,
	state: SecuritySetupState,
	keys: PublicKeys,
	id: number,
	data: Uint8Array,
	agreed: (Uint8Array | undefined)[],
	answers: (Uint8Array | undefined)[],
): boolean {
	const { association, application } = call;
	const length = 2 * keys.size; // of a public key, and of a signature
	if (data.length !== 2 * length) return false;
	const publicKey = data.subarray(0, length);
	if (!keys.verify(association.clientTitle, signedKey(id, publicKey), data.subarray(length))) {
		application.security.report(securityEvent.decipheringFailure, state.number);
		return false;
	}
	const own = keys.generate();
	const z = keys.agree(own.privateKey, publicKey);
	own.privateKey.fill(0);
	const signature = keys.sign(signedKey(id, own.publicKey));
	if (z === undefined || signature === undefined) return false;
	const title = application.identity.systemTitle;
	agreed[id] = deriveKey(association.home.cipher, state.suite, z, association.clientTitle, title, id === keyId.master);
	z.fill(0);
	const answer = new Uint8Array(2 * length);
	answer.set(own.publicKey);
	answer.set(signature, length);
	answers[id] = answer;
	return true;
}

/** What is signed in a key agreement. */
function signedKey(id: number, publicKey: Uint8Array): Uint8Array {
	const message = new Uint8Array(1 + publicKey.length);
	message[0] = id;
	message.set(publicKey, 1);
	return message;
}

/** generate_key_pair: the new pair waits for its certificate; the old one stays in use until that is imported. */
export function generateKeyPair(r: Reader, call: Call, state: SecuritySetupState): number {
	const type = decodeEnum(r);
	const keys = keysOf(call, state);
	if (keys === undefined || !isOwnType(type)) return dataAccessResult.otherReason;
	const pair = keys.generate();
	keys.certificates.writePair(type, true, pair.privateKey, pair.publicKey);
	pair.privateKey.fill(0);
	return changed(call, state, securityEvent.keyPairGenerated);
}

/** generate_certificate_request: PKCS#10 for the pair that waits, signed with itself; for the one in use without such. */
export function generateRequest(r: Reader, w: Writer, call: Call, state: SecuritySetupState): number {
	const type = decodeEnum(r);
	const keys = keysOf(call, state);
	const pair = keys === undefined || !isOwnType(type) ? undefined : keys.requestPair(type);
	if (pair === undefined) return dataAccessResult.otherReason;
	const { home } = call.association;
	const request = new Writer(requestCapacity);
	writeCertificateRequest(request, call.application.identity.systemTitle, pair.publicKey, (message) => {
		const signature = new Uint8Array(pair.publicKey.length);
		home.cipher.sign(pair.privateKey, message, signature);
		return signature;
	});
	pair.privateKey.fill(0);
	encodeOctetString(w, request.bytes, 0, request.position);
	return dataAccessResult.success;
}

/** import_certificate: see `PublicKeys.import`. */
export function importOne(r: Reader, call: Call, state: SecuritySetupState): number {
	const der = decodeOctetString(r);
	const keys = keysOf(call, state);
	if (keys === undefined || !keys.import(der)) return dataAccessResult.otherReason;
	return changed(call, state, securityEvent.certificateImported);
}

/** Place of the certificate that the parameter of export and remove names; -1 when there is none. */
function findOne(r: Reader, call: Call, state: SecuritySetupState): number {
	decodeStructure(r, 2);
	const kind = decodeEnum(r);
	const keys = keysOf(call, state);
	if (kind === identification.entity) {
		decodeStructure(r, 3);
		const entity = decodeEnum(r);
		const type = decodeEnum(r);
		const title = decodeOctetString(r);
		if (keys === undefined || (title.length !== titleLength && title.length !== 0)) return -1;
		return keys.findByEntity(entity, type, title);
	}
	decodeStructure(r, 2);
	const serial = decodeOctetString(r);
	const issuer = decodeOctetString(r);
	return keys === undefined || kind !== identification.serial ? -1 : keys.findBySerial(serial, issuer);
}

/** export_certificate: the DER as it was imported. */
export function exportOne(r: Reader, w: Writer, call: Call, state: SecuritySetupState): number {
	const place = findOne(r, call, state);
	if (place < 0) return dataAccessResult.otherReason;
	encodeOctetString(w, keysOf(call, state)!.certificates.read(place));
	return dataAccessResult.success;
}

/** remove_certificate: see `PublicKeys.remove`. */
export function removeOne(r: Reader, call: Call, state: SecuritySetupState): number {
	const place = findOne(r, call, state);
	if (place < 0 || keysOf(call, state)?.remove(place) !== true) return dataAccessResult.otherReason;
	return changed(call, state, securityEvent.certificateRemoved);
}

/** The certificates as they are when the list is asked for; each is read when its turn comes. */
class CertificateList implements ElementSource {
	readonly #keys: PublicKeys | undefined;
	readonly #places: readonly number[];

	constructor(keys: PublicKeys | undefined) {
		const places: number[] = [];
		for (let n = 0; n < certificateCapacity; n++) if (keys?.certificates.isUsed(n) === true) places.push(n);
		this.#keys = keys;
		this.#places = places;
	}

	get count(): number {
		return this.#places.length;
	}

	encodeElement(w: Writer, index: number): void {
		const place = this.#places[index]!;
		const { certificates } = this.#keys!;
		const certificate = this.#keys!.at(place)!;
		encodeStructure(w, 6);
		encodeEnum(w, certificates.entityAt(place));
		encodeEnum(w, certificates.typeAt(place));
		encodeOctetString(w, certificate.serial);
		encodeOctetString(w, certificate.issuer);
		encodeOctetString(w, certificate.subject);
		encodeOctetString(w, certificate.subjectAltName);
	}
}

/** Attribute 6 of class 64: what is known of each certificate, one by one. */
export function listCertificates(call: Call, state: SecuritySetupState): ElementSource {
	return new CertificateList(keysOf(call, state));
}

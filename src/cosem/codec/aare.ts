// SPDX-License-Identifier: Apache-2.0
import {
	closeElement,
	expectElement,
	nextElement,
	objectIdentifierKind,
	openElement,
	readObjectIdentifier,
	readSmallInteger,
	writeObjectIdentifier,
} from "./ber.js";
import { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

export const aareTag = 0x61;

const tag = Object.freeze({
	applicationContextName: 0xa1,
	result: 0xa2,
	resultSourceDiagnostic: 0xa3,
	respondingApTitle: 0xa4,
	responderAcseRequirements: 0x88,
	mechanismName: 0x89,
	respondingAuthenticationValue: 0xaa,
	userInformation: 0xbe,
	objectIdentifier: 0x06,
	octetString: 0x04,
	charstring: 0x80,
	acseServiceUser: 0xa1,
});

export const associationResult = Object.freeze({ accepted: 0, rejectedPermanent: 1, rejectedTransient: 2 });

/** acse-service-user diagnostics. */
export const diagnostic = Object.freeze({
	null: 0,
	noReasonGiven: 1,
	applicationContextNameNotSupported: 2,
	callingApTitleNotRecognized: 3,
	authenticationMechanismNameNotRecognised: 11,
	authenticationMechanismNameRequired: 12,
	authenticationFailure: 13,
	authenticationRequired: 14,
});

/** Association response. Octet views belong to whoever filled it. Reused. */
export class Aare {
	applicationContext = 1;
	result = 0;
	diagnostic = 0;
	respondingApTitle: Uint8Array | undefined;
	mechanism: number | undefined;
	authenticationValue: Uint8Array | undefined;
	/** Initiate response or confirmed service error, plain or ciphered. */
	userInformation: Uint8Array | undefined;

	clear(): void {
		this.applicationContext = 1;
		this.result = 0;
		this.diagnostic = 0;
		this.respondingApTitle = undefined;
		this.mechanism = undefined;
		this.authenticationValue = undefined;
		this.userInformation = undefined;
	}
}

const inner = (r: Reader): Reader => new Reader(r.bytes, r.position, r.end);

export function encodeAare(w: Writer, aare: Aare): void {
	const all = openElement(w, aareTag);
	const context = openElement(w, tag.applicationContextName);
	const name = openElement(w, tag.objectIdentifier);
	writeObjectIdentifier(w, objectIdentifierKind.applicationContext, aare.applicationContext);
	closeElement(w, name);
	closeElement(w, context);
	const result = openElement(w, tag.result);
	writeInteger(w, aare.result);
	closeElement(w, result);
	const source = openElement(w, tag.resultSourceDiagnostic);
	const user = openElement(w, tag.acseServiceUser);
	writeInteger(w, aare.diagnostic);
	closeElement(w, user);
	closeElement(w, source);
	if (aare.respondingApTitle !== undefined) {
		writeOctets(w, tag.respondingApTitle, tag.octetString, aare.respondingApTitle);
	}
	if (aare.mechanism !== undefined) {
		w.u8(tag.responderAcseRequirements);
		w.u8(2);
		w.u16(0x0780);
		const mechanism = openElement(w, tag.mechanismName);
		writeObjectIdentifier(w, objectIdentifierKind.mechanism, aare.mechanism);
		closeElement(w, mechanism);
	}
	if (aare.authenticationValue !== undefined) {
		writeOctets(w, tag.respondingAuthenticationValue, tag.charstring, aare.authenticationValue);
	}
	if (aare.userInformation !== undefined) writeOctets(w, tag.userInformation, tag.octetString, aare.userInformation);
	closeElement(w, all);
}

/** @throws CodecError when this is no well-formed AARE */
export function decodeAare(r: Reader, into: Aare): void {
	into.clear();
	const all = inner(r);
	expectElement(r, aareTag, all);
	r.expectEnd();
	const element = inner(all);
	const value = inner(all);
	while (all.remaining > 0) {
		switch (nextElement(all, element)) {
			case tag.applicationContextName:
				expectElement(element, tag.objectIdentifier, value);
				into.applicationContext = readObjectIdentifier(value, objectIdentifierKind.applicationContext);
				break;
			case tag.result:
				into.result = readSmallInteger(element);
				break;
			case tag.resultSourceDiagnostic:
				nextElement(element, value);
				into.diagnostic = readSmallInteger(value);
				break;
			case tag.respondingApTitle:
				expectElement(element, tag.octetString, value);
				into.respondingApTitle = value.octets(value.remaining);
				break;
			case tag.mechanismName:
				into.mechanism = readObjectIdentifier(element, objectIdentifierKind.mechanism);
				break;
			case tag.respondingAuthenticationValue:
				expectElement(element, tag.charstring, value);
				into.authenticationValue = value.octets(value.remaining);
				break;
			case tag.userInformation:
				expectElement(element, tag.octetString, value);
				into.userInformation = value.octets(value.remaining);
				break;
			default:
				break;
		}
	}
}

function writeInteger(w: Writer, value: number): void {
	w.u8(0x02);
	w.u8(1);
	w.u8(value);
}

function writeOctets(w: Writer, outerTag: number, innerTag: number, octets: Uint8Array): void {
	const outer = openElement(w, outerTag);
	const at = openElement(w, innerTag);
	w.octets(octets);
	closeElement(w, at);
	closeElement(w, outer);
}

// SPDX-License-Identifier: Apache-2.0
import { acseTag, sameView, writeApplicationContext, writeMechanism } from "./acse.js";
import {
	closeElement,
	expectElement,
	nextElement,
	objectIdentifierKind,
	openElement,
	readObjectIdentifier,
	readOctets,
	readSmallInteger,
	writeOctets,
	writeSmallInteger,
} from "./ber.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

export const aareTag = 0x61;

const tag = Object.freeze({
	result: 0xa2,
	resultSourceDiagnostic: 0xa3,
	respondingApTitle: 0xa4,
	responderAcseRequirements: 0x88,
	mechanismName: 0x89,
	respondingAuthenticationValue: 0xaa,
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

export function encodeAare(w: Writer, aare: Aare): void {
	const all = openElement(w, aareTag);
	writeApplicationContext(w, aare.applicationContext);
	writeSmallInteger(w, tag.result, aare.result);
	const source = openElement(w, tag.resultSourceDiagnostic);
	writeSmallInteger(w, tag.acseServiceUser, aare.diagnostic);
	closeElement(w, source);
	if (aare.respondingApTitle !== undefined) {
		writeOctets(w, tag.respondingApTitle, acseTag.octetString, aare.respondingApTitle);
	}
	if (aare.mechanism !== undefined) writeMechanism(w, tag.responderAcseRequirements, tag.mechanismName, aare.mechanism);
	if (aare.authenticationValue !== undefined) {
		writeOctets(w, tag.respondingAuthenticationValue, acseTag.charstring, aare.authenticationValue);
	}
	if (aare.userInformation !== undefined)
		writeOctets(w, acseTag.userInformation, acseTag.octetString, aare.userInformation);
	closeElement(w, all);
}

/** @throws CodecError when this is no well-formed AARE */
export function decodeAare(r: Reader, into: Aare): void {
	into.clear();
	const all = sameView(r);
	expectElement(r, aareTag, all);
	r.expectEnd();
	const element = sameView(all);
	const value = sameView(all);
	while (all.remaining > 0) {
		switch (nextElement(all, element)) {
			case acseTag.applicationContextName:
				expectElement(element, acseTag.objectIdentifier, value);
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
				into.respondingApTitle = readOctets(element, acseTag.octetString, value);
				break;
			case tag.mechanismName:
				into.mechanism = readObjectIdentifier(element, objectIdentifierKind.mechanism);
				break;
			case tag.respondingAuthenticationValue:
				into.authenticationValue = readOctets(element, acseTag.charstring, value);
				break;
			case acseTag.userInformation:
				into.userInformation = readOctets(element, acseTag.octetString, value);
				break;
			default:
				break;
		}
	}
}

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
import { CodecError } from "./codec-error.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

export const aarqTag = 0x60;

const tag = Object.freeze({
	callingApTitle: 0xa6,
	callingAeQualifier: 0xa7,
	callingAeInvocationId: 0xa9,
	senderAcseRequirements: 0x8a,
	mechanismName: 0x8b,
	callingAuthenticationValue: 0xac,
});

/** Association request. Octet views point into the request. Reused. */
export class Aarq {
	/** 1 LN, 2 SN, 3 LN ciphered, 4 SN ciphered; -1 for an unknown name. */
	applicationContext = -1;
	/** Mechanism number; -1 for an unknown name, undefined when absent. */
	mechanism: number | undefined;
	callingApTitle: Uint8Array | undefined;
	/** Signature certificate of the client, DER. */
	callingAeQualifier: Uint8Array | undefined;
	/** User id, undefined when absent. */
	userId: number | undefined;
	/** Password or challenge. */
	authenticationValue: Uint8Array | undefined;
	/** Initiate request, plain or ciphered. */
	userInformation: Uint8Array | undefined;

	clear(): void {
		this.applicationContext = -1;
		this.mechanism = undefined;
		this.callingApTitle = undefined;
		this.callingAeQualifier = undefined;
		this.userId = undefined;
		this.authenticationValue = undefined;
		this.userInformation = undefined;
	}
}

export function encodeAarq(w: Writer, aarq: Aarq): void {
	const all = openElement(w, aarqTag);
	writeApplicationContext(w, aarq.applicationContext);
	if (aarq.callingApTitle !== undefined) writeOctets(w, tag.callingApTitle, acseTag.octetString, aarq.callingApTitle);
	if (aarq.callingAeQualifier !== undefined) {
		writeOctets(w, tag.callingAeQualifier, acseTag.octetString, aarq.callingAeQualifier);
	}
	if (aarq.userId !== undefined) writeSmallInteger(w, tag.callingAeInvocationId, aarq.userId);
	if (aarq.mechanism !== undefined) writeMechanism(w, tag.senderAcseRequirements, tag.mechanismName, aarq.mechanism);
	if (aarq.authenticationValue !== undefined) {
		writeOctets(w, tag.callingAuthenticationValue, acseTag.charstring, aarq.authenticationValue);
	}
	if (aarq.userInformation !== undefined)
		writeOctets(w, acseTag.userInformation, acseTag.octetString, aarq.userInformation);
	closeElement(w, all);
}

/**
 * Elements that the meter has no use for are passed over.
 * @throws CodecError when this is no well-formed AARQ, or an element that counts is there twice
 */
export function decodeAarq(r: Reader, into: Aarq): void {
	into.clear();
	const all = sameView(r);
	expectElement(r, aarqTag, all);
	r.expectEnd();
	const element = sameView(all);
	const value = sameView(all);
	let seen = 0;
	while (all.remaining > 0) {
		const at = all.position;
		const kind = nextElement(all, element);
		const bit = 2 ** (kind & 0x1f);
		if (seen & bit) throw new CodecError("value", at);
		seen |= bit;
		switch (kind) {
			case acseTag.applicationContextName:
				expectElement(element, acseTag.objectIdentifier, value);
				into.applicationContext = readObjectIdentifier(value, objectIdentifierKind.applicationContext);
				break;
			case tag.callingApTitle:
				into.callingApTitle = readOctets(element, acseTag.octetString, value);
				break;
			case tag.callingAeQualifier:
				into.callingAeQualifier = readOctets(element, acseTag.octetString, value);
				break;
			case tag.callingAeInvocationId:
				into.userId = readSmallInteger(element);
				break;
			case tag.mechanismName:
				into.mechanism = readObjectIdentifier(element, objectIdentifierKind.mechanism);
				break;
			case tag.callingAuthenticationValue:
				into.authenticationValue = readOctets(element, acseTag.charstring, value);
				break;
			case acseTag.userInformation:
				into.userInformation = readOctets(element, acseTag.octetString, value);
				break;
			default:
				break;
		}
	}
	const hasContext = (seen & (1 << (acseTag.applicationContextName & 0x1f))) !== 0;
	if (!hasContext) throw new CodecError("truncated", all.position);
}

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
import { CodecError } from "./codec-error.js";
import { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

export const aarqTag = 0x60;

const tag = Object.freeze({
	applicationContextName: 0xa1,
	callingApTitle: 0xa6,
	callingAeInvocationId: 0xa9,
	senderAcseRequirements: 0x8a,
	mechanismName: 0x8b,
	callingAuthenticationValue: 0xac,
	userInformation: 0xbe,
	objectIdentifier: 0x06,
	octetString: 0x04,
	charstring: 0x80,
});

/** Association request. Octet views point into the request. Reused. */
export class Aarq {
	/** 1 LN, 2 SN, 3 LN ciphered, 4 SN ciphered; -1 for an unknown name. */
	applicationContext = -1;
	/** Mechanism number; -1 for an unknown name, undefined when absent. */
	mechanism: number | undefined;
	callingApTitle: Uint8Array | undefined;
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
		this.userId = undefined;
		this.authenticationValue = undefined;
		this.userInformation = undefined;
	}
}

const inner = (r: Reader): Reader => new Reader(r.bytes, r.position, r.end);

export function encodeAarq(w: Writer, aarq: Aarq): void {
	const all = openElement(w, aarqTag);
	const context = openElement(w, tag.applicationContextName);
	const name = openElement(w, tag.objectIdentifier);
	writeObjectIdentifier(w, objectIdentifierKind.applicationContext, aarq.applicationContext);
	closeElement(w, name);
	closeElement(w, context);
	if (aarq.callingApTitle !== undefined) writeOctets(w, tag.callingApTitle, tag.octetString, aarq.callingApTitle);
	if (aarq.userId !== undefined) {
		const user = openElement(w, tag.callingAeInvocationId);
		w.u8(0x02);
		w.u8(1);
		w.u8(aarq.userId);
		closeElement(w, user);
	}
	if (aarq.mechanism !== undefined) {
		w.u8(tag.senderAcseRequirements);
		w.u8(2);
		w.u16(0x0780);
		const mechanism = openElement(w, tag.mechanismName);
		writeObjectIdentifier(w, objectIdentifierKind.mechanism, aarq.mechanism);
		closeElement(w, mechanism);
	}
	if (aarq.authenticationValue !== undefined) {
		writeOctets(w, tag.callingAuthenticationValue, tag.charstring, aarq.authenticationValue);
	}
	if (aarq.userInformation !== undefined) writeOctets(w, tag.userInformation, tag.octetString, aarq.userInformation);
	closeElement(w, all);
}

/**
 * Elements that the meter has no use for are passed over.
 * @throws CodecError when this is no well-formed AARQ, or an element that counts is there twice
 */
export function decodeAarq(r: Reader, into: Aarq): void {
	into.clear();
	const all = inner(r);
	expectElement(r, aarqTag, all);
	r.expectEnd();
	const element = inner(all);
	const value = inner(all);
	let seen = 0;
	while (all.remaining > 0) {
		const at = all.position;
		const kind = nextElement(all, element);
		const bit = 2 ** (kind & 0x1f);
		if (seen & bit) throw new CodecError("value", at);
		seen |= bit;
		switch (kind) {
			case tag.applicationContextName:
				expectElement(element, tag.objectIdentifier, value);
				into.applicationContext = readObjectIdentifier(value, objectIdentifierKind.applicationContext);
				break;
			case tag.callingApTitle:
				into.callingApTitle = readOctets(element, tag.octetString, value);
				break;
			case tag.callingAeInvocationId:
				into.userId = readSmallInteger(element);
				break;
			case tag.mechanismName:
				into.mechanism = readObjectIdentifier(element, objectIdentifierKind.mechanism);
				break;
			case tag.callingAuthenticationValue:
				into.authenticationValue = readOctets(element, tag.charstring, value);
				break;
			case tag.userInformation:
				into.userInformation = readOctets(element, tag.octetString, value);
				break;
			default:
				break;
		}
	}
	const hasContext = (seen & (1 << (tag.applicationContextName & 0x1f))) !== 0;
	if (!hasContext) throw new CodecError("truncated", all.position);
}

function writeOctets(w: Writer, outerTag: number, innerTag: number, octets: Uint8Array): void {
	const outer = openElement(w, outerTag);
	const at = openElement(w, innerTag);
	w.octets(octets);
	closeElement(w, at);
	closeElement(w, outer);
}

function readOctets(r: Reader, innerTag: number, value: Reader): Uint8Array {
	expectElement(r, innerTag, value);
	r.expectEnd();
	return value.octets(value.remaining);
}

// SPDX-License-Identifier: Apache-2.0
import { areEqual } from "../../core/equal-octets.js";
import { noOctets } from "../../core/no-octets.js";
import { decodeArray, decodeEnum, decodeOctetString, decodeStructure } from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { longestTransaction } from "../security/general-header.js";
import { signing } from "../security/general-protection.js";
import { keyChoice, keyKind, keyScheme } from "../security/message-keys.js";
import { securityControl, titleLength } from "../security/protection.js";

/** protection_type of push_protection_parameters. */
const protectionType = Object.freeze({ authentication: 0, encryption: 1, both: 2, signature: 3 });

/** What push_protection_parameters ask for. Octets are views on the setting. */
export class PushProtection {
	/** Bits of the security control octet. */
	control = 0;
	/** How the key is found, one of `keyKind`. */
	kind: number = keyKind.unicast;
	/** Where the signature stands, one of `signing`. */
	signing: number = signing.none;
	/** transaction-id of ciphering and signature; empty = the number of the notification. */
	transaction: Uint8Array = noOctets;
	signedTransaction: Uint8Array = noOctets;
	/** recipient_system_title; empty = that of the client the push is for. */
	recipient: Uint8Array = noOctets;

	/** The receiver needs certificates, and the meter too. */
	get needsCertificates(): boolean {
		return this.kind >= keyKind.onePass || this.signing !== signing.none;
	}
}

/**
 * Reads push_protection_parameters: nothing, or ciphering with a signature before or behind it, in the order in which they
 * are applied. Both are for the same recipient.
 *
 * @param title system title of the meter, the only originator there can be
 * @returns undefined for what this meter cannot do; null when the list is empty
 * @throws CodecError for another type
 */
export function decodePushProtection(r: Reader, title: Uint8Array): PushProtection | null | undefined {
	const count = decodeArray(r);
	const protection = new PushProtection();
	let isKnown = count <= 2;
	for (let n = 0; n < count; n++) {
		decodeStructure(r, 2);
		const type = decodeEnum(r);
		decodeStructure(r, 5);
		const transaction = decodeOctetString(r);
		const originator = decodeOctetString(r);
		const recipient = decodeOctetString(r);
		const other = decodeOctetString(r);
		const kind = decodeKeyInfo(r);
		if (transaction.length > longestTransaction || other.length > 0) isKnown = false;
		if (originator.length !== 0 && !areEqual(originator, title)) isKnown = false;
		if (recipient.length !== 0 && recipient.length !== titleLength) isKnown = false;
		if (n > 0 && !areEqual(recipient, protection.recipient)) isKnown = false;
		protection.recipient = recipient;
		if (type === protectionType.signature && protection.signing === signing.none) {
			protection.signing = n === 0 ? signing.inside : signing.outside;
			protection.signedTransaction = transaction;
		} else if ((type === protectionType.authentication || type === protectionType.both) && protection.control === 0) {
			protection.control =
				securityControl.authenticated | (type === protectionType.both ? securityControl.encrypted : 0);
			protection.kind = kind;
			protection.transaction = transaction;
			if (kind < 0) isKnown = false;
		} else isKnown = false;
	}
	if (count === 0) return null;
	// a signature alone would send in clear, and nothing in it counts up
	return isKnown && protection.control !== 0 ? protection : undefined;
}

/** The kind of key that key_info asks for, -1 for one the meter cannot make. What would come with the key is not given. */
function decodeKeyInfo(r: Reader): number {
	if (r.remaining > 1 && r.bytes[r.position + 1] === 0) {
		decodeStructure(r, 0); // nothing in it, as earlier releases kept it
		return keyKind.unicast;
	}
	decodeStructure(r, 2);
	switch (decodeEnum(r)) {
		case keyChoice.identified:
			decodeStructure(r, 1);
			return decodeEnum(r) === 0 ? keyKind.unicast : -1;
		case keyChoice.wrapped: {
			decodeStructure(r, 2);
			const isMaster = decodeEnum(r) === 0;
			return decodeOctetString(r).length === 0 && isMaster ? keyKind.wrapped : -1;
		}
		default: {
			decodeStructure(r, 2);
			const parameters = decodeOctetString(r);
			if (decodeOctetString(r).length !== 0 || parameters.length !== 1) return -1;
			if (parameters[0] === keyScheme.onePass) return keyKind.onePass;
			return parameters[0] === keyScheme.unified ? keyKind.unified : -1;
		}
	}
}

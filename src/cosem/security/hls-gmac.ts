// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../application.js";
import { type Association, associationStatus, type Handshake } from "../association/association.js";
import { decodeOctetString } from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { dataAccessResult } from "../result.js";
import { type Protection, securityControl, securityHeaderLength, tagLength } from "./protection.js";
import { keyId } from "./security-setup-state.js";

const replyLength = securityHeaderLength + tagLength;

/** Passes 3 and 4 of HLS mechanism 5: security control, invocation counter, GMAC over the peer's challenge. */
export class HlsGmac implements Handshake {
	readonly #protection: Protection;
	readonly #application: Application;
	readonly #tag = new Uint8Array(tagLength);

	constructor(protection: Protection, application: Application) {
		this.#protection = protection;
		this.#application = application;
	}

	reply(association: Association, r: Reader, w: Writer): number {
		const { opening, setup } = association;
		if (association.status !== associationStatus.pending || opening === undefined || setup === undefined) {
			return dataAccessResult.scopeOfAccessViolated;
		}
		const reply = decodeOctetString(r);
		if (reply.length !== replyLength) return dataAccessResult.otherReason;
		const control = securityControl.authenticated | setup.suite;
		const counter = ((reply[1]! << 24) | (reply[2]! << 16) | (reply[3]! << 8) | reply[4]!) >>> 0;
		const encryptionKey = setup.key(keyId.globalUnicastEncryption);
		const authenticationKey = setup.key(keyId.authentication);
		this.#tag.set(reply.subarray(securityHeaderLength));
		const isRight = this.#protection.isGmac(
			opening.serverChallenge,
			control,
			counter,
			association.clientTitle,
			encryptionKey,
			authenticationKey,
			this.#tag,
		);
		// the request around it has used a counter of its own: a client may count the GMAC before or after it
		const isFresh = counter > opening.counterAtOpening;
		if (!isRight || !isFresh || reply[0] !== control) return dataAccessResult.otherReason;
		if (counter > setup.lastReceived(keyId.globalUnicastEncryption)) {
			setup.acceptReceived(keyId.globalUnicastEncryption, counter);
			setup.storeReceived();
		}
		const ownCounter = setup.takeSendCounter(this.#application.security);
		if (ownCounter < 0) return dataAccessResult.otherReason;
		const { clientChallenge } = opening;
		this.#protection.gmac(
			clientChallenge,
			control,
			ownCounter,
			this.#application.identity.systemTitle,
			encryptionKey,
			authenticationKey,
			this.#tag,
		);
		w.u8(dataTag.octetString);
		w.u8(replyLength);
		w.u8(control);
		w.u32(ownCounter);
		w.octets(this.#tag);
		association.succeed();
		return dataAccessResult.success;
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association.js";
import { decodeLength } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { serviceError } from "../codec/exception.js";
import { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { conformanceBit } from "../conformance.js";
import {
	finishProtected,
	headroom,
	type Protection,
	plainCapacity,
	securityControl,
	tagLength,
	titleLength,
} from "./protection.js";
import { securityEvent } from "./security-event.js";
import { keyId, lastCounter, policyBit, type SecuritySetupState } from "./security-setup-state.js";
import type { SecurityState } from "./security-state.js";

/** How an APDU is wrapped; the response takes the form of its request. */
export const protectionForm = Object.freeze({
	plain: 0,
	global: 1,
	dedicated: 2,
	generalGlobal: 3,
	generalDedicated: 4,
});

const apduTag = Object.freeze({
	globalInitiateRequest: 0x21,
	globalInitiateResponse: 0x28,
	globalFirst: 0xc8,
	globalLast: 0xcf,
	dedicatedFirst: 0xd0,
	dedicatedLast: 0xd7,
	generalGlobal: 0xdb,
	generalDedicated: 0xdc,
});

/** Tag of a plain service to the tag of its ciphered form. */
const globalOffset = 0x08;
const dedicatedOffset = 0x10;

/** A step of the counter that is taken, but noted. */
const notedJump = 2 ** 20;

/** The form of an APDU by its tag; -1 for a tag that is none of them. */
export function formOf(tag: number): number {
	if (tag === apduTag.globalInitiateRequest) return protectionForm.global;
	if (tag >= apduTag.globalFirst && tag <= apduTag.globalLast) return protectionForm.global;
	if (tag >= apduTag.dedicatedFirst && tag <= apduTag.dedicatedLast) return protectionForm.dedicated;
	if (tag === apduTag.generalGlobal) return protectionForm.generalGlobal;
	if (tag === apduTag.generalDedicated) return protectionForm.generalDedicated;
	return -1;
}

/** Security control bits that requests must have under a policy. */
function requiredOfRequests(policy: number): number {
	return (
		((policy & policyBit.authenticatedRequest) !== 0 ? securityControl.authenticated : 0) |
		((policy & policyBit.encryptedRequest) !== 0 ? securityControl.encrypted : 0)
	);
}

function requiredOfResponses(policy: number): number {
	return (
		((policy & policyBit.authenticatedResponse) !== 0 ? securityControl.authenticated : 0) |
		((policy & policyBit.encryptedResponse) !== 0 ? securityControl.encrypted : 0)
	);
}

/**
 * Takes the protection off requests and puts it on responses, with policy and invocation counters. Of a request the
 * result is in `form`, `from` and `to` until the next one.
 */
export class SecureChannel {
	/** One of `protectionForm`. */
	form = 0;
	/** The plain APDU stands at `from` … `to` of the request's own buffer. */
	from = 0;
	to = 0;
	readonly #protection: Protection;
	readonly #security: SecurityState;
	readonly #title: Uint8Array;
	readonly #reader = new Reader();

	/** @param title system title of the meter */
	constructor(protection: Protection, security: SecurityState, title: Uint8Array) {
		this.#protection = protection;
		this.#security = security;
		this.#title = title;
	}

	/**
	 * Deciphers in place and checks: form, system title, policy, tag, then counter. Whatever is wrong with the protection
	 * has one answer, so that a sender without the key learns nothing.
	 *
	 * @returns 0, or the `serviceError` of the exception response
	 */
	receive(association: Association, bytes: Uint8Array, from: number, to: number): number {
		const { setup } = association;
		const tag = bytes[from]!;
		const form = formOf(tag);
		if (setup === undefined || form <= protectionForm.plain) return serviceError.decipheringError;
		const isGeneral = form >= protectionForm.generalGlobal;
		const isInitiate = tag === apduTag.globalInitiateRequest;
		if (isGeneral && association.status !== 0 && !association.allows(conformanceBit.generalProtection)) {
			return serviceError.serviceNotSupported;
		}
		const r = this.#reader;
		r.reset(bytes, from + 1, to);
		const isAlwaysOpen = association.client.isAlwaysOpen === true;
		if (isAlwaysOpen) {
			if (!this.takeTitle(r, association, isGeneral)) return serviceError.decipheringError;
		} else if (isGeneral && !this.isClientTitle(r, association)) return serviceError.decipheringError;
		let control: number;
		let counter: number;
		try {
			if (decodeLength(r) !== r.remaining) return serviceError.decipheringError;
			control = r.u8();
			counter = r.u32();
		} catch (error) {
			if (error instanceof CodecError) return serviceError.decipheringError;
			throw error;
		}
		const required = requiredOfRequests(setup.policy) | securityControl.authenticated;
		const keySet = isAlwaysOpen ? securityControl.broadcastKey : 0;
		const allowed = securityControl.authenticated | securityControl.encrypted | keySet | setup.suite;
		if ((control & required) !== required || (control & ~allowed) !== 0) return serviceError.decipheringError;
		if ((control & securityControl.suiteMask) !== setup.suite) return serviceError.decipheringError;
		const isDedicated = form === protectionForm.dedicated || form === protectionForm.generalDedicated;
		const isBroadcast = (control & securityControl.broadcastKey) !== 0;
		const global = isBroadcast ? keyId.globalBroadcastEncryption : keyId.globalUnicastEncryption;
		const key = isDedicated ? association.dedicatedKey : setup.key(global);
		if (key === undefined) return serviceError.decipheringError;
		const at = r.position;
		const authenticationKey = setup.key(keyId.authentication);
		const end = this.#protection.open(bytes, at, to, control, counter, association.clientTitle, key, authenticationKey);
		if (end < 0) return serviceError.decipheringError;
		const last = isDedicated ? association.dedicatedReceived : setup.lastReceived(global);
		if (counter <= last) {
			this.#security.report(securityEvent.replay, setup.number);
			return serviceError.invocationCounterError;
		}
		if (isDedicated) association.dedicatedReceived = counter;
		else this.accept(setup, global, counter, last);
		if (isAlwaysOpen) setup.clientSystemTitle.set(association.clientTitle);
		association.isUnderBroadcastKey = isBroadcast;
		const plainTag = end > at ? bytes[at]! : -1;
		if (!isGeneral && !isInitiate) {
			const offset = isDedicated ? dedicatedOffset : globalOffset;
			if (plainTag !== tag - offset) return serviceError.otherReason;
		}
		association.requestControl = control;
		this.form = form;
		this.from = at;
		this.to = end;
		return 0;
	}

	/** The lowest counter that would be taken, for the exception response. */
	expectedCounter(association: Association, tag: number): number {
		const form = formOf(tag);
		const isDedicated = form === protectionForm.dedicated || form === protectionForm.generalDedicated;
		const last = isDedicated
			? association.dedicatedReceived
			: (association.setup?.lastReceived(keyId.globalUnicastEncryption) ?? 0);
		return Math.min(last + 1, lastCounter);
	}

	/**
	 * Makes room for the protection of a response of form `form`: from here on the plain response is written to `w`,
	 * whose limit is set so that the protected one fits `pduSize` octets and the buffer.
	 */
	begin(w: Writer, form: number, pduSize: number): void {
		const start = w.position;
		if (form === protectionForm.plain) {
			w.limit = Math.min(w.limit, start + pduSize);
			return;
		}
		const isGeneral = form >= protectionForm.generalGlobal;
		const bufferEnd = w.limit - tagLength;
		w.position = start + headroom(isGeneral, pduSize);
		w.limit = Math.min(bufferEnd, w.position + plainCapacity(isGeneral, pduSize));
	}

	/**
	 * Protects the plain response that was written since `begin`, like the request and at least as the policy demands.
	 *
	 * @param start where `begin` found the position
	 * @param tag of the protected APDU; 0 = from the plain one
	 * @returns false when the key is used up; nothing must be sent then
	 */
	finish(association: Association, w: Writer, form: number, start: number, pduSize: number, tag = 0): boolean {
		if (form === protectionForm.plain) return true;
		const setup = association.setup!;
		const isGeneral = form >= protectionForm.generalGlobal;
		const isDedicated = form === protectionForm.dedicated || form === protectionForm.generalDedicated;
		const counter = setup.takeSendCounter();
		if (counter < 0) {
			this.#security.report(securityEvent.counterUsedUp, setup.number);
			return false;
		}
		const control =
			setup.suite |
			securityControl.authenticated |
			(association.requestControl & securityControl.encrypted) |
			requiredOfResponses(setup.policy);
		const from = start + headroom(isGeneral, pduSize);
		const plainTag = w.bytes[from]!;
		const key = isDedicated ? association.dedicatedKey! : setup.key(keyId.globalUnicastEncryption);
		const authenticationKey = setup.key(keyId.authentication);
		w.limit = w.bytes.length;
		w.position = this.#protection.seal(
			w.bytes,
			from,
			w.position,
			control,
			counter,
			this.#title,
			key,
			authenticationKey,
		);
		const outer = tag !== 0 ? tag : this.responseTag(form, plainTag);
		finishProtected(w, start, from, outer, isGeneral ? this.#title : undefined, control, counter);
		return true;
	}

	/** Tag of the protected InitiateResponse in the form of its request. */
	initiateResponseTag(form: number): number {
		return form === protectionForm.generalGlobal ? apduTag.generalGlobal : apduTag.globalInitiateResponse;
	}

	private responseTag(form: number, plainTag: number): number {
		switch (form) {
			case protectionForm.global:
				return plainTag + globalOffset;
			case protectionForm.dedicated:
				return plainTag + dedicatedOffset;
			case protectionForm.generalGlobal:
				return apduTag.generalGlobal;
			default:
				return apduTag.generalDedicated;
		}
	}

	private isClientTitle(r: Reader, association: Association): boolean {
		if (r.remaining < 1 + titleLength || r.u8() !== titleLength) return false;
		const at = r.skip(titleLength);
		for (let n = 0; n < titleLength; n++) if (r.bytes[at + n] !== association.clientTitle[n]) return false;
		return true;
	}

	/** Of a client without an opening the title comes with each APDU, or was agreed before. */
	private takeTitle(r: Reader, association: Association, isGeneral: boolean): boolean {
		const { clientTitle } = association;
		clientTitle.set(association.setup!.clientSystemTitle);
		if (!isGeneral) return true;
		if (r.remaining < 1 + titleLength || r.u8() !== titleLength) return false;
		const at = r.skip(titleLength);
		let isOwn = true;
		for (let n = 0; n < titleLength; n++) {
			clientTitle[n] = r.bytes[at + n]!;
			if (clientTitle[n] !== this.#title[n]) isOwn = false;
		}
		return !isOwn;
	}

	/** @param key `keyId` of the encryption key */
	private accept(setup: SecuritySetupState, key: number, counter: number, last: number): void {
		setup.acceptReceived(key, counter);
		if (counter - last > notedJump) this.#security.report(securityEvent.counterJumped, setup.number);
		if (counter === lastCounter) this.#security.report(securityEvent.counterUsedUp, setup.number);
	}
}

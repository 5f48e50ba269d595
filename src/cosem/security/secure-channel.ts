// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association/association.js";
import { conformanceBit } from "../association/conformance.js";
import { CodecError } from "../codec/codec-error.js";
import { serviceError } from "../codec/exception.js";
import { initiateRequestTag } from "../codec/initiate.js";
import { decodeLength } from "../codec/length.js";
import { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import {
	type GeneralOwner,
	type GeneralPorts,
	GeneralProtection,
	generalSigningTag,
	type OpenedHead,
	type Peer,
	signing,
	tailLength,
} from "./general-protection.js";
import { keyKind } from "./message-keys.js";
import {
	finishProtected,
	headroom,
	type Protection,
	plainCapacity,
	securityControl,
	titleLength,
} from "./protection.js";
import { apduTag, formOf, isDedicatedForm, protectionForm, responseTag, serviceTagIn } from "./protection-form.js";
import { countMessage, countReceived } from "./received-counters.js";
import { securityEvent } from "./security-event.js";
import { keyId, policyBit, type SecuritySetupState } from "./security-setup-state.js";

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
	/** Where the signature of the answer to the request in progress stands, one of `signing`. */
	#signing: number = signing.none;
	/** The plain APDU stands at `from` … `to` of the request's own buffer. */
	from = 0;
	to = 0;
	readonly #protection: Protection;
	readonly #ports: GeneralPorts;
	readonly #owner: GeneralOwner;
	readonly #reader = new Reader();
	/** Made when first needed. */
	#general: GeneralProtection | undefined;

	/** @param owner the meter, whose system title and keys count */
	constructor(protection: Protection, ports: GeneralPorts, owner: GeneralOwner) {
		this.#protection = protection;
		this.#ports = ports;
		this.#owner = owner;
	}

	/**
	 * Deciphers in place and checks: form, system title, policy, tag, then counter, then signature. Whatever is wrong with
	 * the protection has one answer, so that a sender without the key learns nothing.
	 *
	 * @returns 0, or the `serviceError` of the exception response
	 */
	receive(association: Association, bytes: Uint8Array, from: number, to: number): number {
		this.#signing = signing.none;
		try {
			if (bytes[from] === generalSigningTag) return this.receiveSigned(association, bytes, from, to);
			const error = this.decipher(association, bytes, from, to);
			if (error !== 0) return error;
			if (bytes[this.from] === generalSigningTag && this.to > this.from) return this.verifyInside(association, bytes);
			return this.checkSigning(association, bytes);
		} catch (error) {
			if (error instanceof CodecError) return serviceError.decipheringError;
			throw error;
		}
	}

	/** Signed outside: ciphered content, then the signature over it. */
	private receiveSigned(association: Association, bytes: Uint8Array, from: number, to: number): number {
		const { setup } = association;
		// a client without an association would have the meter work on signatures before its key has been seen
		if (setup === undefined || association.client.isAlwaysOpen === true) return serviceError.decipheringError;
		if (!mayBeGeneral(association)) return serviceError.serviceNotSupported;
		const general = this.general();
		const peer = peerOf(association, setup);
		this.#reader.reset(bytes, from + 1, to);
		const parts = general.openSigned(this.#reader, peer, false);
		if (parts === undefined) return serviceError.decipheringError;
		const signature = bytes.subarray(parts[2], to);
		const error = this.decipher(association, bytes, parts[0], parts[1]);
		if (error !== 0) return error;
		if (!general.isSigned(peer, signature)) return serviceError.decipheringError;
		this.#signing = signing.outside;
		return this.checkSigning(association, bytes);
	}

	/** Signed inside: what has been deciphered is general-signing with the plain APDU in it. */
	private verifyInside(association: Association, bytes: Uint8Array): number {
		const general = this.general();
		const peer = peerOf(association, association.setup!);
		this.#reader.reset(bytes, this.from + 1, this.to);
		const parts = general.openSigned(this.#reader, peer, association.client.isAlwaysOpen === true);
		if (parts === undefined) return serviceError.decipheringError;
		if (!general.isSigned(peer, bytes.subarray(parts[2], this.to))) return serviceError.decipheringError;
		this.from = parts[0];
		this.to = parts[1];
		this.#signing = signing.inside;
		return this.checkSigning(association, bytes);
	}

	/**
	 * Signed as the policy demands. The answer is signed like the request, and where the policy demands it; the meter must be
	 * able to, before anything is done. InitiateRequest is never signed: the mechanism proves who sends it.
	 */
	private checkSigning(association: Association, bytes: Uint8Array): number {
		const setup = association.setup!;
		if (bytes[this.from] === initiateRequestTag) return 0;
		const isSigned = this.#signing !== signing.none;
		if ((setup.policy & policyBit.signedRequest) !== 0 && !isSigned) return serviceError.decipheringError;
		if (association.client.isAlwaysOpen === true) return 0;
		if (!isSigned && (setup.policy & policyBit.signedResponse) === 0) return 0;
		const general = this.general();
		if (!isSigned) {
			general.signUnasked(this.form === protectionForm.generalCiphering);
			// the forms of single services have no room for another APDU
			this.#signing = this.form >= protectionForm.generalGlobal ? signing.inside : signing.outside;
		}
		return general.keys(setup)?.canSign() === true ? 0 : serviceError.decipheringError;
	}

	private general(): GeneralProtection {
		this.#general ??= new GeneralProtection(this.#ports, this.#owner);
		return this.#general;
	}

	private decipher(association: Association, bytes: Uint8Array, from: number, to: number): number {
		const { setup } = association;
		const tag = from < to ? bytes[from]! : -1;
		const form = formOf(tag);
		if (setup === undefined || form <= protectionForm.plain || form === protectionForm.generalSigning) {
			return serviceError.decipheringError;
		}
		const isGeneral = form >= protectionForm.generalGlobal;
		const isInitiate = tag === apduTag.globalInitiateRequest;
		if (isGeneral && !mayBeGeneral(association)) return serviceError.serviceNotSupported;
		const r = this.#reader;
		r.reset(bytes, from + 1, to);
		const isAlwaysOpen = association.client.isAlwaysOpen === true;
		const head = form === protectionForm.generalCiphering ? this.openHead(association, setup, r) : undefined;
		if (form === protectionForm.generalCiphering) {
			if (head === undefined) return serviceError.decipheringError;
		} else if (isAlwaysOpen) {
			if (!this.takeTitle(r, association, isGeneral)) return serviceError.decipheringError;
		} else if (isGeneral && !this.isClientTitle(r, association)) return serviceError.decipheringError;
		if (decodeLength(r) !== r.remaining) return refused(head, serviceError.decipheringError);
		const control = r.u8();
		const counter = r.u32();
		const required = requiredOfRequests(setup.policy) | securityControl.authenticated;
		const keySet = isAlwaysOpen && head === undefined ? securityControl.broadcastKey : 0;
		const allowed = securityControl.authenticated | securityControl.encrypted | keySet | setup.suite;
		if ((control & required) !== required || (control & ~allowed) !== 0) {
			return refused(head, serviceError.decipheringError);
		}
		if ((control & securityControl.suiteMask) !== setup.suite) {
			return refused(head, serviceError.decipheringError);
		}
		const isDedicated = isDedicatedForm(form);
		const isBroadcast = (control & securityControl.broadcastKey) !== 0 || head?.kind === keyKind.broadcast;
		const global = isBroadcast ? keyId.globalBroadcastEncryption : keyId.globalUnicastEncryption;
		const key = head !== undefined ? head.key : isDedicated ? association.keys?.dedicatedKey : setup.key(global);
		if (key === undefined) return serviceError.decipheringError;
		const at = r.position;
		const end = this.#protection.open(
			bytes,
			at,
			to,
			control,
			counter,
			association.clientTitle,
			key,
			setup.key(keyId.authentication),
			head?.fields,
		);
		if (end < 0) return refused(head, serviceError.decipheringError);
		const isCounted =
			head !== undefined && head.kind >= keyKind.wrapped
				? countMessage(this.#owner.security, association, setup, head, this.general().ciphering.transaction, counter)
				: countReceived(this.#owner.security, association, setup, isDedicated, global, counter);
		if (!isCounted) {
			this.#owner.security.report(securityEvent.replay, setup.number);
			return refused(head, serviceError.invocationCounterError);
		}
		if (head?.isNew === true && head.kind < keyKind.wrapped) association.keys?.forgetMessageKey();
		if (isAlwaysOpen) setup.clientSystemTitle.set(association.clientTitle);
		association.home.isUnderBroadcastKey = isBroadcast;
		const plainTag = end > at ? bytes[at]! : -1;
		if (!isGeneral && !isInitiate) {
			if (tag !== serviceTagIn(form, plainTag)) return serviceError.otherReason;
		}
		association.home.requestControl = control;
		this.form = form;
		this.from = at;
		this.to = end;
		return 0;
	}

	/** Head and key of general-ciphering; of a client without an opening the title comes with it. */
	private openHead(association: Association, setup: SecuritySetupState, r: Reader): OpenedHead | undefined {
		const isOpen = association.client.isAlwaysOpen === true;
		const from = r.position;
		if (isOpen) {
			r.skip(decodeLength(r)); // transaction-id
			if (!this.takeTitle(r, association, true)) return undefined;
			r.position = from;
		}
		const general = this.general();
		const known = association.keys?.messageKey ?? [keyKind.unicast, setup.key(keyId.globalUnicastEncryption)];
		const head = general.openHead(r, peerOf(association, setup), known, isOpen);
		if (head === undefined || (head.kind === keyKind.broadcast && !isOpen)) return undefined;
		general.kind = head.kind;
		return head;
	}

	/**
	 * Makes room for the protection of a response of form `form`: from here on the plain response is written to `w`,
	 * whose limit is set so that the protected one fits `pduSize` octets and the buffer.
	 *
	 * @param isInitiate the response opens or ends an association; it is never signed
	 */
	begin(association: Association, w: Writer, form: number, pduSize: number, isInitiate = false): void {
		const start = w.position;
		if (form === protectionForm.plain) {
			w.limit = Math.min(w.limit, start + pduSize);
			return;
		}
		const { suite } = association.setup!;
		const isSigned = !isInitiate && this.#signing !== signing.none;
		const isPlainForm = !isSigned && form !== protectionForm.generalCiphering;
		const tail = tailLength(suite, isSigned);
		const bufferEnd = w.limit - tail;
		const front = this.frontOf(suite, form, isSigned, pduSize);
		w.position = start + front;
		const capacity = isPlainForm
			? plainCapacity(form >= protectionForm.generalGlobal, pduSize)
			: pduSize - front - tail;
		w.limit = Math.min(bufferEnd, w.position + capacity);
	}

	/** Octets before the plain response. */
	private frontOf(suite: number, form: number, isSigned: boolean, pduSize: number): number {
		return this.cipheringFront(suite, form, pduSize) + (isSigned ? this.general().signingHead(pduSize) : 0);
	}

	private cipheringFront(suite: number, form: number, pduSize: number): number {
		if (form === protectionForm.generalCiphering) return this.general().cipheringOverhead(suite, pduSize);
		return headroom(form >= protectionForm.generalGlobal, pduSize);
	}

	/**
	 * Protects the plain response that was written since `begin`, like the request and at least as the policy demands.
	 *
	 * @param start where `begin` found the position
	 * @param tag of the protected APDU in the forms of single services, of a response that opens or ends an association; 0 =
	 *        from the plain one
	 * @returns false when the key is used up, or a certificate has ended; nothing must be sent then
	 */
	finish(association: Association, w: Writer, form: number, start: number, pduSize: number, tag = 0): boolean {
		if (form === protectionForm.plain) return true;
		const setup = association.setup!;
		const way = tag !== 0 ? signing.none : this.#signing;
		const isOutside = way === signing.outside;
		const peer = peerOf(association, setup);
		w.limit = w.bytes.length;
		let from = start + this.frontOf(setup.suite, form, way !== signing.none, pduSize);
		const plainTag = w.bytes[from]!;
		if (way === signing.inside) {
			const at = start + this.cipheringFront(setup.suite, form, pduSize);
			if (!this.general().sign(w, at, from, peer)) return false;
			from = at;
		}
		const counter = setup.takeSendCounter(this.#owner.security);
		if (counter < 0) {
			this.#owner.security.report(securityEvent.counterUsedUp, setup.number);
			return false;
		}
		const begin = isOutside ? start + this.general().signingHead(pduSize) : start;
		if (!this.seal(association, w, form, begin, from, counter, tag !== 0 ? tag : responseTag(form, plainTag))) {
			return false;
		}
		return !isOutside || this.general().sign(w, start, begin, peer);
	}

	/** Ciphers the text `from` … `w.position` and puts the whole at `start`. */
	private seal(
		association: Association,
		w: Writer,
		form: number,
		start: number,
		from: number,
		counter: number,
		tag: number,
	): boolean {
		const setup = association.setup!;
		const { systemTitle } = this.#owner.identity;
		const control =
			setup.suite |
			securityControl.authenticated |
			(association.home.requestControl & securityControl.encrypted) |
			requiredOfResponses(setup.policy);
		const protection = this.#protection;
		const authenticationKey = setup.key(keyId.authentication);
		if (form === protectionForm.generalCiphering) {
			const peer = peerOf(association, setup);
			return this.general().seal(w, start, from, control, counter, peer, protection, authenticationKey);
		}
		const isDedicated = isDedicatedForm(form);
		const key = isDedicated ? association.keys!.dedicatedKey! : setup.key(keyId.globalUnicastEncryption);
		w.position = protection.seal(w.bytes, from, w.position, control, counter, systemTitle, key, authenticationKey);
		const title = form >= protectionForm.generalGlobal ? systemTitle : undefined;
		finishProtected(w, start, from, tag, title, control, counter);
		return true;
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
			if (clientTitle[n] !== this.#owner.identity.systemTitle[n]) isOwn = false;
		}
		return !isOwn && this.#owner.security.isTitleAllowed(association.client.name, clientTitle);
	}
}

/** General protection was negotiated, or nothing has been yet. */
function mayBeGeneral(association: Association): boolean {
	return association.status === 0 || association.allows(conformanceBit.generalProtection);
}

function peerOf(association: Association, setup: SecuritySetupState): Peer {
	return { title: association.clientTitle, setup, clientKey: association.keys?.clientKey };
}

/** Overwrites a key that came with the APDU, which is not taken. @returns `error` */
function refused(head: OpenedHead | undefined, error: number): number {
	if (head?.isNew === true && head.kind >= keyKind.wrapped) head.key.fill(0);
	return error;
}

// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../ports/cipher.js";
import { encodeLength, sizeOfLength } from "../codec/length.js";
import type { Writer } from "../codec/writer.js";

/** Security control octet: bits 0..3 suite. */
export const securityControl = Object.freeze({
	suiteMask: 0x0f,
	authenticated: 0x10,
	encrypted: 0x20,
	broadcastKey: 0x40,
	compressed: 0x80,
});

export const titleLength = 8;
export const tagLength = 12;
/** Security control and invocation counter. */
export const securityHeaderLength = 5;

const ivLength = titleLength + 4;
const longestKey = 32;

/**
 * AES-GCM as DLMS uses it (Green Book 9.2.7.2): what goes into the additional data, and where the tag stands.
 *
 * - authenticated and encrypted: additional data = security control, authentication key
 * - authenticated only: the same followed by the text, which stays readable
 * - encrypted only: no additional data and no tag
 *
 * The fields of general-ciphering stand behind the authentication key in the additional data.
 */
export class Protection {
	readonly #cipher: Cipher;
	readonly #iv = new Uint8Array(ivLength);
	readonly #ivView = new DataView(this.#iv.buffer);
	readonly #aad = new Uint8Array(1 + longestKey);
	readonly #tag = new Uint8Array(tagLength);
	/** Of this object, not of the module: a cipher writes into its text, even when there is none. */
	readonly #nothing = new Uint8Array(0);

	constructor(cipher: Cipher) {
		this.#cipher = cipher;
	}

	/**
	 * Protects the text `from` … `to` in place; the tag, if there is one, is put behind it.
	 * @param fields of general-ciphering, with their length octets
	 * @returns end of text and tag
	 */
	seal(
		bytes: Uint8Array,
		from: number,
		to: number,
		control: number,
		counter: number,
		title: Uint8Array,
		encryptionKey: Uint8Array,
		authenticationKey: Uint8Array,
		fields: Uint8Array = this.#nothing,
	): number {
		this.setIv(title, counter);
		const text = bytes.subarray(from, to);
		const isAuthenticated = (control & securityControl.authenticated) !== 0;
		if ((control & securityControl.encrypted) !== 0) {
			const aad = isAuthenticated
				? this.additionalData(control, authenticationKey, fields, this.#nothing)
				: this.#nothing;
			this.#cipher.gcmSeal(encryptionKey, this.#iv, aad, text, this.#tag);
		} else if (isAuthenticated) {
			const aad = this.additionalData(control, authenticationKey, fields, text);
			this.#cipher.gcmSeal(encryptionKey, this.#iv, aad, this.#nothing, this.#tag);
		}
		if (!isAuthenticated) return to;
		bytes.set(this.#tag, to);
		return to + tagLength;
	}

	/**
	 * The reverse: `from` … `to` are text and tag; the text is replaced by the plain one.
	 * @returns end of the plain text; -1 when the tag is wrong, missing, or the text is not authenticated
	 */
	open(
		bytes: Uint8Array,
		from: number,
		to: number,
		control: number,
		counter: number,
		title: Uint8Array,
		encryptionKey: Uint8Array,
		authenticationKey: Uint8Array,
		fields: Uint8Array = this.#nothing,
	): number {
		const end = to - tagLength;
		if ((control & securityControl.authenticated) === 0 || end < from) return -1;
		this.setIv(title, counter);
		const text = bytes.subarray(from, end);
		const isEncrypted = (control & securityControl.encrypted) !== 0;
		const aad = this.additionalData(control, authenticationKey, fields, isEncrypted ? this.#nothing : text);
		this.#tag.set(bytes.subarray(end, to));
		const isRight = this.#cipher.gcmOpen(encryptionKey, this.#iv, aad, isEncrypted ? text : this.#nothing, this.#tag);
		return isRight ? end : -1;
	}

	/** Authentication tag over a challenge (HLS mechanism 5), into `into` (12 octets). */
	gmac(
		challenge: Uint8Array,
		control: number,
		counter: number,
		title: Uint8Array,
		encryptionKey: Uint8Array,
		authenticationKey: Uint8Array,
		into: Uint8Array,
	): void {
		this.setIv(title, counter);
		const aad = this.additionalData(control, authenticationKey, this.#nothing, challenge);
		this.#cipher.gcmSeal(encryptionKey, this.#iv, aad, this.#nothing, into);
	}

	/** Checks such a tag, in constant time. */
	isGmac(
		challenge: Uint8Array,
		control: number,
		counter: number,
		title: Uint8Array,
		encryptionKey: Uint8Array,
		authenticationKey: Uint8Array,
		tag: Uint8Array,
	): boolean {
		this.setIv(title, counter);
		const aad = this.additionalData(control, authenticationKey, this.#nothing, challenge);
		return this.#cipher.gcmOpen(encryptionKey, this.#iv, aad, this.#nothing, tag);
	}

	private setIv(title: Uint8Array, counter: number): void {
		this.#iv.set(title);
		this.#ivView.setUint32(titleLength, counter);
	}

	/** Valid until the next call. */
	private additionalData(
		control: number,
		authenticationKey: Uint8Array,
		fields: Uint8Array,
		text: Uint8Array,
	): Uint8Array {
		const keyEnd = 1 + authenticationKey.length;
		const end = keyEnd + fields.length + text.length;
		// more in it is rare (challenges, general-ciphering, requests that the policy leaves readable): not worth a buffer for good
		const aad = end === keyEnd ? this.#aad : new Uint8Array(end);
		aad[0] = control;
		aad.set(authenticationKey, 1);
		aad.set(fields, keyEnd);
		aad.set(text, keyEnd + fields.length);
		return aad.length === end ? aad : aad.subarray(0, end);
	}
}

/** Octets before the protected text: tag, length, header, and in the general form the system title with its length. */
export function headroom(isGeneral: boolean, pduSize: number): number {
	return 1 + (isGeneral ? 1 + titleLength : 0) + sizeOfLength(pduSize) + securityHeaderLength;
}

/** Longest plain APDU whose protected form has at most `pduSize` octets; may be negative. */
export function plainCapacity(isGeneral: boolean, pduSize: number): number {
	const room = pduSize - 1 - (isGeneral ? 1 + titleLength : 0);
	let content = room - sizeOfLength(room);
	if (sizeOfLength(content + 1) + content + 1 <= room) content++;
	return content - securityHeaderLength - tagLength;
}

/**
 * Puts the header before a protected text that was sealed at `from` … `w.position`, and moves it down to follow the
 * header at octet `start` without a gap.
 */
export function finishProtected(
	w: Writer,
	start: number,
	from: number,
	apduTag: number,
	title: Uint8Array | undefined,
	control: number,
	counter: number,
): void {
	const end = w.position;
	w.position = start;
	w.u8(apduTag);
	if (title !== undefined) {
		w.u8(titleLength);
		w.octets(title);
	}
	encodeLength(w, securityHeaderLength + end - from);
	w.u8(control);
	w.u32(counter);
	const at = w.position;
	if (at !== from) w.bytes.copyWithin(at, from, end);
	w.position = at + end - from;
}

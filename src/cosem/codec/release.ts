// SPDX-License-Identifier: Apache-2.0
import { closeElement, expectElement, nextElement, openElement, readSmallInteger } from "./ber.js";
import { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** Release request and response differ in their tag alone. */
export const rlrqTag = 0x62;
export const rlreTag = 0x63;

const tag = Object.freeze({ reason: 0x80, userInformation: 0xbe, octetString: 0x04 });

/** Reused; octet views point into the APDU. */
export class Release {
	/** 0 normal, 1 urgent, 30 user defined; -1 when absent. */
	reason = -1;
	/** Ciphered initiate request or response. */
	userInformation: Uint8Array | undefined;
}

/** @param apduTag `rlrqTag` or `rlreTag` */
export function encodeRelease(w: Writer, apduTag: number, release: Release): void {
	const all = openElement(w, apduTag);
	if (release.reason >= 0) {
		w.u8(tag.reason);
		w.u8(1);
		w.u8(release.reason);
	}
	if (release.userInformation !== undefined) {
		const outer = openElement(w, tag.userInformation);
		const at = openElement(w, tag.octetString);
		w.octets(release.userInformation);
		closeElement(w, at);
		closeElement(w, outer);
	}
	closeElement(w, all);
}

export function decodeRelease(r: Reader, apduTag: number, into: Release): void {
	into.reason = -1;
	into.userInformation = undefined;
	const all = new Reader(r.bytes, r.position, r.end);
	expectElement(r, apduTag, all);
	r.expectEnd();
	const element = new Reader(all.bytes, all.position, all.end);
	const value = new Reader(all.bytes, all.position, all.end);
	while (all.remaining > 0) {
		const kind = nextElement(all, element);
		if (kind === tag.reason) {
			into.reason = readSmallInteger(element);
		} else if (kind === tag.userInformation) {
			expectElement(element, tag.octetString, value);
			into.userInformation = value.octets(value.remaining);
		}
	}
}

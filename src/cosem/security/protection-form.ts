// SPDX-License-Identifier: Apache-2.0
import { generalCipheringTag, generalSigningTag } from "./general-protection.js";

/** How an APDU is wrapped; the response takes the form of its request. */
export const protectionForm = Object.freeze({
	plain: 0,
	global: 1,
	dedicated: 2,
	generalGlobal: 3,
	generalDedicated: 4,
	/** With key-info of its own. */
	generalCiphering: 5,
	/** As a tag only: what is signed has a form of its own. */
	generalSigning: 6,
});

export const apduTag = Object.freeze({
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

/** The form of an APDU by its tag; -1 for a tag that is none of them. */
export function formOf(tag: number): number {
	if (tag === apduTag.globalInitiateRequest) return protectionForm.global;
	if (tag >= apduTag.globalFirst && tag <= apduTag.globalLast) return protectionForm.global;
	if (tag >= apduTag.dedicatedFirst && tag <= apduTag.dedicatedLast) return protectionForm.dedicated;
	if (tag === apduTag.generalGlobal) return protectionForm.generalGlobal;
	if (tag === apduTag.generalDedicated) return protectionForm.generalDedicated;
	if (tag === generalCipheringTag) return protectionForm.generalCiphering;
	if (tag === generalSigningTag) return protectionForm.generalSigning;
	return -1;
}

/** Under the key that belongs to one association alone. */
export function isDedicatedForm(form: number): boolean {
	return form === protectionForm.dedicated || form === protectionForm.generalDedicated;
}

/** Tag of a plain service in the form of one service, which names it. */
export function serviceTagIn(form: number, plainTag: number): number {
	return plainTag + (form === protectionForm.dedicated ? dedicatedOffset : globalOffset);
}

/** Tag of a protected response whose request came in `form`. */
export function responseTag(form: number, plainTag: number): number {
	switch (form) {
		case protectionForm.global:
		case protectionForm.dedicated:
			return serviceTagIn(form, plainTag);
		case protectionForm.generalGlobal:
			return apduTag.generalGlobal;
		case protectionForm.generalCiphering:
			return generalCipheringTag;
		default:
			return apduTag.generalDedicated;
	}
}

/** Tag of the protected InitiateResponse in the form of its request. */
export function initiateResponseTagIn(form: number): number {
	return form >= protectionForm.generalGlobal ? responseTag(form, 0) : apduTag.globalInitiateResponse;
}

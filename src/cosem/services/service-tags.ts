// SPDX-License-Identifier: Apache-2.0
import { formOf, protectionForm } from "../security/protection-form.js";
import { serviceTag } from "./service.js";

/** Requests that this server can be asked for, plain. */
export function isPlainService(tag: number): boolean {
	return (
		tag === serviceTag.getRequest ||
		tag === serviceTag.setRequest ||
		tag === serviceTag.actionRequest ||
		tag === serviceTag.accessRequest
	);
}

const getOffset = 0;
const setOffset = 1;
const actionOffset = 3;

/** A request the server knows, in any form; ACCESS has no ciphered tag of its own. */
export function isServiceTag(tag: number): boolean {
	switch (formOf(tag)) {
		case protectionForm.global:
		case protectionForm.dedicated: {
			const offset = tag & 7;
			return tag >= 0xc8 && (offset === getOffset || offset === setOffset || offset === actionOffset);
		}
		case protectionForm.generalGlobal:
		case protectionForm.generalDedicated:
		case protectionForm.generalCiphering:
		case protectionForm.generalSigning:
			return true;
		default:
			return isPlainService(tag);
	}
}

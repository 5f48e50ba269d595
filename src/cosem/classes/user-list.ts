// SPDX-License-Identifier: Apache-2.0
import { areEqual } from "../../core/equal-octets.js";
import { noOctets } from "../../core/no-octets.js";
import {
	decodeArray,
	decodeStructure,
	decodeUnsigned,
	decodeVisibleString,
	encodeArray,
	encodeStructure,
	encodeUnsigned,
	encodeVisibleString,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import type { Call } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";

/** user_list: array of structure { user_id unsigned, user_name visible-string }. */
export function encodeUserList(w: Writer, call: Call, association: number): void {
	const { users } = call.application;
	users.load(association);
	encodeArray(w, users.count);
	for (let n = 0, place = users.first; n < users.count; n++, place = users.after(place)) {
		encodeUser(w, users.idAt(place), users.nameAt(place));
	}
}

function encodeUser(w: Writer, id: number, name: Uint8Array): void {
	encodeStructure(w, 2);
	encodeUnsigned(w, id);
	encodeVisibleString(w, name);
}

/** current_user; the name is empty while the list does not know the user. */
export function encodeCurrentUser(w: Writer, call: Call, association: number, userId: number): void {
	const { users } = call.application;
	users.load(association);
	const place = users.find(userId);
	encodeUser(w, userId, place < 0 ? noOctets : users.nameAt(place));
}

/** Replaces the list: all of it or nothing. Only requests look at lists, so that it is no other's meanwhile. */
export const setUserList: (r: Reader, call: Call, association: number) => Pieces = inPieces(function* (
	r: Reader,
	call: Call,
	association: number,
): Pieces {
	const { users } = call.application;
	users.clear();
	let isGood = true;
	for (let count = decodeArray(r); count > 0; count--) {
		decodeStructure(r, 2);
		const id = decodeUnsigned(r);
		const name = decodeVisibleString(r);
		isGood = isGood && isVisible(name) && users.add(id, name);
		yield pause.whenSpent;
	}
	if (!isGood) return dataAccessResult.otherReason;
	yield pause.always;
	return stored(call, association);
});

/** add_user of class 15. @returns a `dataAccessResult` */
export function addUser(r: Reader, call: Call, association: number): number {
	decodeStructure(r, 2);
	const id = decodeUnsigned(r);
	const name = decodeVisibleString(r);
	const { users } = call.application;
	users.load(association);
	return isVisible(name) && users.add(id, name) ? stored(call, association) : dataAccessResult.otherReason;
}

/** The user must be given as the list has it. */
export function removeUser(r: Reader, call: Call, association: number): number {
	decodeStructure(r, 2);
	const id = decodeUnsigned(r);
	const name = decodeVisibleString(r);
	const { users } = call.application;
	users.load(association);
	const place = users.find(id);
	if (place < 0 || !areEqual(users.nameAt(place), name)) return dataAccessResult.otherReason;
	users.removeAt(place);
	return stored(call, association);
}

function stored(call: Call, association: number): number {
	call.application.users.store(association);
	call.application.protectedParameterChanged();
	return dataAccessResult.success;
}

/** Printable ASCII. */
function isVisible(text: Uint8Array): boolean {
	for (let n = 0; n < text.length; n++) if (text[n]! < 0x20 || text[n]! > 0x7e) return false;
	return true;
}

// SPDX-License-Identifier: Apache-2.0
import { blockCheck, character, putText } from "./characters.js";

/** Request message with the longest address: `/?` 32 characters `!` CR LF. */
export const longestMessage = 37;

/** `/` manufacturer 3, rate 1, `\2`, identification 16, CR LF. */
export const identificationSize = 25;

/** Acknowledgement or option select message: ACK V Z Y CR LF. */
export const optionSelectSize = 6;

/** SOH B0 ETX BCC. */
export const breakSize = 5;

/**
 * True when `bytes[0 … length-1]` is a request message for this device: `/?` address `!` CR LF, the address absent or
 * equal to `address` but for leading zeros.
 */
export function isRequestFor(bytes: Uint8Array, length: number, address: Uint8Array): boolean {
	if (length < 5 || bytes[0] !== character.slash || bytes[1] !== character.question) return false;
	const end = length - 3;
	if (bytes[end] !== character.exclamation || bytes[end + 1] !== character.carriageReturn) return false;
	if (bytes[end + 2] !== character.lineFeed) return false;
	if (end === 2) return true;
	const from = skipZeros(bytes, 2, end);
	const addressFrom = skipZeros(address, 0, address.length);
	if (end - from !== address.length - addressFrom || address.length === 0) return false;
	for (let n = from; n < end; n++) if (bytes[n] !== address[addressFrom + n - from]) return false;
	return true;
}

/** Digit `n` (0 … 2) of an option select message, -1 when it is none. The message is V, Z, Y. */
export function optionDigit(bytes: Uint8Array, length: number, n: 0 | 1 | 2): number {
	if (length !== optionSelectSize || bytes[0] !== character.acknowledge) return -1;
	if (bytes[4] !== character.carriageReturn || bytes[5] !== character.lineFeed) return -1;
	const digit = bytes[1 + n]! - character.zero;
	return digit >= 0 && digit <= 9 ? digit : -1;
}

/**
 * Writes the identification message; `\2` announces mode E. A lower case third letter of the manufacturer says that
 * the device answers after 20 ms (IEC 62056-21).
 *
 * @param manufacturer FLAG identification, three letters @param rate 0 … 6
 * @returns octets written, at most `identificationSize`
 */
export function putIdentification(
	manufacturer: string,
	isFast: boolean,
	rate: number,
	identification: string,
	into: Uint8Array,
): number {
	into[0] = character.slash;
	let at = putText(manufacturer, into, 1);
	if (isFast) into[at - 1]! |= 0x20;
	into[at++] = character.zero + rate;
	into[at++] = character.backslash;
	into[at++] = character.zero + 2;
	at = putText(identification, into, at);
	return putLineEnd(into, at);
}

/** Writes ACK V Z Y CR LF; returns the octets written. */
export function putOptionSelect(v: number, z: number, y: number, into: Uint8Array): number {
	into[0] = character.acknowledge;
	into[1] = character.zero + v;
	into[2] = character.zero + z;
	into[3] = character.zero + y;
	return putLineEnd(into, 4);
}

/** Writes the break message SOH B0 ETX BCC: complete sign-off, or refusal. Returns the octets written. */
export function putBreak(into: Uint8Array): number {
	into[0] = character.startOfHeader;
	let at = putText("B0", into, 1);
	into[at++] = character.endOfText;
	into[at] = blockCheck(into, 1, at);
	return at + 1;
}

/** Writes CR LF; returns the offset after them. */
export function putLineEnd(into: Uint8Array, at: number): number {
	into[at] = character.carriageReturn;
	into[at + 1] = character.lineFeed;
	return at + 2;
}

function skipZeros(bytes: Uint8Array, from: number, to: number): number {
	let at = from;
	while (at < to - 1 && bytes[at] === character.zero) at++;
	return at;
}

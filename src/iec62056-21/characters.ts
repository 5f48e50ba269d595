// SPDX-License-Identifier: Apache-2.0

/** Characters that mean something to IEC 62056-21. */
export const character = Object.freeze({
	nul: 0x00,
	startOfHeader: 0x01,
	startOfText: 0x02,
	endOfText: 0x03,
	endOfTransmission: 0x04,
	acknowledge: 0x06,
	lineFeed: 0x0a,
	carriageReturn: 0x0d,
	negativeAcknowledge: 0x15,
	exclamation: 0x21,
	openingBracket: 0x28,
	closingBracket: 0x29,
	slash: 0x2f,
	zero: 0x30,
	question: 0x3f,
	backslash: 0x5c,
});

/** Characters have seven bits; the eighth is parity where it is not taken off by the port. */
export const characterMask = 0x7f;

/** Block check character: XOR of everything after the first STX or SOH up to and including ETX (IEC 62056-21). */
export function blockCheck(bytes: Uint8Array, from: number, to: number, seed = 0): number {
	let check = seed;
	for (let n = from; n < to; n++) check ^= bytes[n]! & characterMask;
	return check;
}

/** Writes ASCII `text`; returns the offset after it. */
export function putText(text: string, into: Uint8Array, at: number): number {
	for (let n = 0; n < text.length; n++) into[at + n] = text.charCodeAt(n) & characterMask;
	return at + text.length;
}

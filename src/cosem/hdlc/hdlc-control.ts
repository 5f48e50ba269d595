// SPDX-License-Identifier: Apache-2.0

/** Control octets of IEC 62056-46 (ISO/IEC 13239, modulo 8) with the poll/final bit at 0. */
export const control = Object.freeze({
	receiveReady: 0x01,
	receiveNotReady: 0x05,
	unnumberedInformation: 0x03,
	disconnectedMode: 0x0f,
	disconnect: 0x43,
	unnumberedAcknowledge: 0x63,
	setNormalResponseMode: 0x83,
	frameReject: 0x87,
});

/** Poll in commands, final in responses. */
export const pollFinal = 0x10;

/** I frame: N(R), P/F, N(S), 0. */
export function informationControl(receiveNumber: number, sendNumber: number): number {
	return (receiveNumber << 5) | (sendNumber << 1);
}

/** RR or RNR with its N(R). */
export function supervisoryControl(code: number, receiveNumber: number): number {
	return (receiveNumber << 5) | code;
}

export function isInformation(octet: number): boolean {
	return (octet & 1) === 0;
}

export function isSupervisory(octet: number): boolean {
	return (octet & 3) === 1;
}

export function sendNumberOf(octet: number): number {
	return (octet >> 1) & 7;
}

export function receiveNumberOf(octet: number): number {
	return octet >> 5;
}

/** Reasons in the third octet of an FRMR information field (ISO/IEC 13239). */
export const rejection = Object.freeze({
	/** W: control field undefined or not implemented. */
	undefinedControl: 1,
	/** X: an information field where none is permitted. */
	unexpectedInformation: 2,
	/** Y: information field longer than the receiver takes. */
	informationTooLong: 4,
	/** Z: N(R) acknowledges what was never sent. */
	invalidReceiveNumber: 8,
});

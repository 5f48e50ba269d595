// SPDX-License-Identifier: Apache-2.0

/** What SNRM and UA negotiate; "transmit" and "receive" are those of the station that sends the frame. */
export interface HdlcParameters {
	maximumTransmit: number;
	maximumReceive: number;
	windowTransmit: number;
	windowReceive: number;
}

export const minimumInformation = 32;
export const maximumInformation = 2030;
/** Modulo 8: seven frames may wait for their acknowledgement. */
export const maximumWindow = 7;

const formatIdentifier = 0x81;
const parameterGroup = 0x80;
const identifier = Object.freeze({
	maximumTransmit: 0x05,
	maximumReceive: 0x06,
	windowTransmit: 0x07,
	windowReceive: 0x08,
});

/** Octets `encodeHdlcParameters` writes at most. */
export const parameterFieldSize = 23;

/** What holds when a parameter is not negotiated (IEC 62056-46). */
export function setDefaultParameters(into: HdlcParameters): void {
	into.maximumTransmit = 128;
	into.maximumReceive = 128;
	into.windowTransmit = 1;
	into.windowReceive = 1;
}

/**
 * Reads the information field of an SNRM or UA. A parameter that is absent, of a length other than 1, 2 or 4 octets or
 * behind a broken part keeps its default; unknown ones are passed over.
 */
export function decodeHdlcParameters(bytes: Uint8Array, from: number, to: number, into: HdlcParameters): void {
	setDefaultParameters(into);
	if (to - from < 3 || bytes[from] !== formatIdentifier) return;
	let at = from + 1;
	while (at + 2 <= to) {
		const end = at + 2 + bytes[at + 1]!;
		if (end > to) return;
		if (bytes[at] === parameterGroup) decodeGroup(bytes, at + 2, end, into);
		at = end;
	}
}

/** Writes format identifier, group and the four parameters; returns the offset after them. */
export function encodeHdlcParameters(p: HdlcParameters, into: Uint8Array, at: number): number {
	into[at] = formatIdentifier;
	into[at + 1] = parameterGroup;
	let end = putLength(into, at + 3, identifier.maximumTransmit, p.maximumTransmit);
	end = putLength(into, end, identifier.maximumReceive, p.maximumReceive);
	end = putWindow(into, end, identifier.windowTransmit, p.windowTransmit);
	end = putWindow(into, end, identifier.windowReceive, p.windowReceive);
	into[at + 2] = end - at - 3;
	return end;
}

/**
 * Own side of the agreement: what the peer sends limits what we receive and the reverse. A proposal outside the
 * permitted range, or above our own limit, becomes the nearest value we can offer.
 */
export function negotiate(own: HdlcParameters, peer: HdlcParameters, into: HdlcParameters): void {
	into.maximumTransmit = nearest(peer.maximumReceive, minimumInformation, own.maximumTransmit);
	into.maximumReceive = nearest(peer.maximumTransmit, minimumInformation, own.maximumReceive);
	into.windowTransmit = nearest(peer.windowReceive, 1, own.windowTransmit);
	into.windowReceive = nearest(peer.windowTransmit, 1, own.windowReceive);
}

function nearest(proposed: number, minimum: number, own: number): number {
	return Math.max(minimum, Math.min(proposed, own));
}

function decodeGroup(bytes: Uint8Array, from: number, to: number, into: HdlcParameters): void {
	let at = from;
	while (at + 2 <= to) {
		const size = bytes[at + 1]!;
		const end = at + 2 + size;
		if (end > to) return;
		if (size === 1 || size === 2 || size === 4) {
			let value = 0;
			for (let n = at + 2; n < end; n++) value = value * 256 + bytes[n]!;
			switch (bytes[at]) {
				case identifier.maximumTransmit:
					into.maximumTransmit = value;
					break;
				case identifier.maximumReceive:
					into.maximumReceive = value;
					break;
				case identifier.windowTransmit:
					into.windowTransmit = value;
					break;
				case identifier.windowReceive:
					into.windowReceive = value;
					break;
			}
		}
		at = end;
	}
}

/** Lengths take one octet where that is enough, else two: old masters read either, but not four. */
function putLength(into: Uint8Array, at: number, id: number, value: number): number {
	into[at] = id;
	if (value < 0x100) {
		into[at + 1] = 1;
		into[at + 2] = value;
		return at + 3;
	}
	into[at + 1] = 2;
	into[at + 2] = value >> 8;
	into[at + 3] = value;
	return at + 4;
}

function putWindow(into: Uint8Array, at: number, id: number, value: number): number {
	into[at] = id;
	into[at + 1] = 4;
	into[at + 2] = 0;
	into[at + 3] = 0;
	into[at + 4] = 0;
	into[at + 5] = value;
	return at + 6;
}

// SPDX-License-Identifier: Apache-2.0
import { crc16X25 } from "../../core/crc.js";

/** Server addresses have an upper (logical device) and, from two octets on, a lower (physical device) part. */
export interface HdlcAddress {
	/** Octets on the line: 1, 2 or 4. */
	size: 1 | 2 | 4;
	/** 7 bits; 14 bits in the four-octet form. */
	upper: number;
	/** Same width as `upper`; 0 when the address has one octet. */
	lower: number;
}

/** One frame of format type 3. Offsets of the information field point into the buffer the frame was decoded from. */
export interface HdlcFrame {
	isSegmented: boolean;
	readonly destination: HdlcAddress;
	readonly source: HdlcAddress;
	control: number;
	informationFrom: number;
	informationTo: number;
}

/** An empty one, to be filled time and again. */
export function newHdlcFrame(): HdlcFrame {
	return {
		isSegmented: false,
		destination: { size: 1, upper: 0, lower: 0 },
		source: { size: 1, upper: 0, lower: 0 },
		control: 0,
		informationFrom: 0,
		informationTo: 0,
	};
}

export const flag = 0x7e;

/** Format 2, destination 4, source 4, control 1, HCS 2, FCS 2: what a frame has around its information field at most. */
export const maximumFrameOverhead = 15;

/** The 11-bit length field counts everything between the flags. */
export const maximumFrameLength = 0x7ff;

/** `decodeHdlcHeader`: more octets are needed to tell. */
export const isIncomplete = 0;
/** `decodeHdlcHeader`: no frame begins here. */
export const isNoFrame = -1;

const sequenceSize = 2;

/**
 * Decodes the header that follows an opening flag and checks its HCS, if it has an information field.
 *
 * @param from offset of the format field @param to end of the octets received so far
 * @returns octets between the flags, or `isIncomplete`, or `isNoFrame`. The FCS has not been looked at.
 */
export function decodeHdlcHeader(bytes: Uint8Array, from: number, to: number, into: HdlcFrame): number {
	if (to - from < 1) return isIncomplete;
	if ((bytes[from]! & 0xf0) !== 0xa0) return isNoFrame;
	if (to - from < 2) return isIncomplete;
	const length = ((bytes[from]! & 7) << 8) | bytes[from + 1]!;
	let at = from + 2;
	const destinationSize = decodeAddress(bytes, at, to, into.destination);
	if (destinationSize <= 0) return destinationSize;
	at += destinationSize;
	const sourceSize = decodeAddress(bytes, at, to, into.source);
	if (sourceSize <= 0) return sourceSize;
	at += sourceSize;
	const informationLength = length - (at + 1 - from) - 2 * sequenceSize;
	if (informationLength < 0 && informationLength !== -sequenceSize) return isNoFrame;
	if (to <= at) return isIncomplete;
	into.isSegmented = (bytes[from]! & 8) !== 0;
	into.control = bytes[at]!;
	at++;
	into.informationFrom = at;
	into.informationTo = at;
	if (informationLength < 0) return length;
	if (to < at + sequenceSize) return isIncomplete;
	if (!hasSequence(bytes, from, at)) return isNoFrame;
	into.informationFrom = at + sequenceSize;
	into.informationTo = into.informationFrom + informationLength;
	return length;
}

/** True when the last two of the `length` octets after the opening flag are their frame check sequence. */
export function isFrameIntact(bytes: Uint8Array, from: number, length: number): boolean {
	return hasSequence(bytes, from, from + length - sequenceSize);
}

/**
 * Writes a whole frame, both flags included; the information field is `information[from … to-1]`, none when empty.
 *
 * @param frame addresses, control and segmentation bit; its offsets are not used
 * @returns octets written; `into` must have room for `to - from` + `maximumFrameOverhead` + 2
 */
export function encodeHdlcFrame(
	frame: HdlcFrame,
	information: Uint8Array,
	from: number,
	to: number,
	into: Uint8Array,
): number {
	const headerSize = 3 + frame.destination.size + frame.source.size;
	const count = to - from;
	const length = headerSize + sequenceSize + (count > 0 ? count + sequenceSize : 0);
	if (length > maximumFrameLength) throw new RangeError(`HDLC frame of ${length} octets`);
	into[0] = flag;
	into[1] = 0xa0 | (frame.isSegmented ? 8 : 0) | (length >> 8);
	into[2] = length;
	let at = encodeAddress(frame.destination, into, 3);
	at = encodeAddress(frame.source, into, at);
	into[at] = frame.control;
	at = putSequence(into, at + 1);
	if (count > 0) {
		into.set(information.subarray(from, to), at);
		at = putSequence(into, at + count);
	}
	into[at] = flag;
	return at + 1;
}

/** Each octet carries seven bits; the lowest bit is 1 in the last one only. Returns the size or a code. */
function decodeAddress(bytes: Uint8Array, from: number, to: number, into: HdlcAddress): number {
	let size = 1;
	while (size <= 4) {
		if (from + size > to) return isIncomplete;
		if (bytes[from + size - 1]! & 1) break;
		size++;
	}
	if (size === 1) {
		into.upper = bytes[from]! >> 1;
		into.lower = 0;
	} else if (size === 2) {
		into.upper = bytes[from]! >> 1;
		into.lower = bytes[from + 1]! >> 1;
	} else if (size === 4) {
		into.upper = ((bytes[from]! >> 1) << 7) | (bytes[from + 1]! >> 1);
		into.lower = ((bytes[from + 2]! >> 1) << 7) | (bytes[from + 3]! >> 1);
	} else return isNoFrame;
	into.size = size;
	return size;
}

function encodeAddress(address: HdlcAddress, into: Uint8Array, at: number): number {
	const { size, upper, lower } = address;
	if (size === 1) into[at] = (upper << 1) | 1;
	else if (size === 2) {
		into[at] = upper << 1;
		into[at + 1] = (lower << 1) | 1;
	} else {
		into[at] = (upper >> 7) << 1;
		into[at + 1] = (upper & 0x7f) << 1;
		into[at + 2] = (lower >> 7) << 1;
		into[at + 3] = ((lower & 0x7f) << 1) | 1;
	}
	return at + size;
}

/** Check sequences count from the octet after the flag and go low octet first. */
function hasSequence(bytes: Uint8Array, from: number, at: number): boolean {
	const sequence = crc16X25(bytes, from, at);
	return bytes[at] === (sequence & 0xff) && bytes[at + 1] === sequence >> 8;
}

function putSequence(into: Uint8Array, at: number): number {
	const sequence = crc16X25(into, 1, at);
	into[at] = sequence;
	into[at + 1] = sequence >> 8;
	return at + sequenceSize;
}

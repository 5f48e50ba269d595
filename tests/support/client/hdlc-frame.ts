// SPDX-License-Identifier: Apache-2.0
import { ByteReader, bigEndian, concat, DecodeError } from "./bytes.js";
import type { Taken } from "./duplex.js";

export const flag = 0x7e;

/** Addresses in the bytes of the line: seven bits each, the last with its low bit set. */
export interface Frame {
	readonly destination: Uint8Array;
	readonly source: Uint8Array;
	readonly control: number;
	/** Another frame with the rest of the APDU follows. */
	readonly isSegmented: boolean;
	readonly information: Uint8Array;
}

/** Control octets without the poll/final bit. */
export const control = Object.freeze({ snrm: 0x83, ua: 0x63, disc: 0x43, dm: 0x0f, frmr: 0x87, ui: 0x03 });

export const pollFinal = 0x10;

/** CRC-16/X.25, low octet first on the line. */
export function checkSequence(bytes: Uint8Array): Uint8Array {
	let crc = 0xffff;
	for (const octet of bytes) {
		crc ^= octet;
		for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
	}
	crc = ~crc & 0xffff;
	return Uint8Array.of(crc & 0xff, crc >>> 8);
}

export type AddressSize = 1 | 2 | 4;

/** Server address of one, two or four octets; the one-octet form has no lower address. */
export function encodeServerAddress(upper: number, lower: number, size: AddressSize): Uint8Array {
	if (size === 1) return Uint8Array.of((upper << 1) | 1);
	if (size === 2) return Uint8Array.of(upper << 1, (lower << 1) | 1);
	const half = (value: number) => [(value >>> 7) << 1, (value & 0x7f) << 1];
	const octets = Uint8Array.from([...half(upper), ...half(lower)]);
	octets[3]! |= 1;
	return octets;
}

export function encodeClientAddress(sap: number): Uint8Array {
	return Uint8Array.of((sap << 1) | 1);
}

export function encodeFrame(frame: Frame): Uint8Array {
	const { destination, source, information } = frame;
	const hasInformation = information.length > 0;
	const headerSize = 2 + destination.length + source.length + 1 + 2;
	const length = headerSize + (hasInformation ? information.length + 2 : 0);
	if (length > 0x7ff) throw new RangeError(`frame of ${length} octets`);
	const format = 0xa000 | (frame.isSegmented ? 0x0800 : 0) | length;
	const header = concat(bigEndian(format, 2), destination, source, frame.control);
	const checked = concat(header, checkSequence(header));
	if (!hasInformation) return concat(flag, checked, flag);
	const whole = concat(checked, information);
	return concat(flag, whole, checkSequence(whole), flag);
}

function readAddress(r: ByteReader): Uint8Array {
	const from = r.offset;
	for (let size = 1; size <= 4; size++) {
		if ((r.unsigned(1) & 1) === 0) continue;
		if (size === 3) break;
		return r.bytes.slice(from, r.offset);
	}
	throw new DecodeError("address", from);
}

function checkHere(r: ByteReader, what: string): void {
	const expected = checkSequence(r.bytes.subarray(0, r.offset));
	const found = r.take(2);
	if (found[0] !== expected[0] || found[1] !== expected[1]) throw new DecodeError(what, r.offset - 2);
}

/** @param bytes what is between the flags */
export function decodeFrame(bytes: Uint8Array): Frame {
	const r = new ByteReader(bytes);
	const format = r.unsigned(2);
	if (format >>> 12 !== 0x0a) throw new DecodeError("frame format", 0);
	if ((format & 0x7ff) !== bytes.length) throw new DecodeError("frame length", 0);
	const destination = readAddress(r);
	const source = readAddress(r);
	const controlOctet = r.unsigned(1);
	checkHere(r, "header check sequence");
	let information = new Uint8Array(0);
	if (r.left > 0) {
		if (r.left < 2) throw new DecodeError("information field", r.offset);
		information = r.take(r.left - 2).slice();
		checkHere(r, "frame check sequence");
	}
	return { destination, source, control: controlOctet, isSegmented: (format & 0x0800) !== 0, information };
}

/** First whole frame; what is in front of it is dropped. Undefined while there is none. */
export function takeFrame(pending: Uint8Array): Taken<Frame> | undefined {
	for (let at = pending.indexOf(flag); at >= 0; at = pending.indexOf(flag, at + 1)) {
		const length = (((pending[at + 1] ?? 0) & 0x07) << 8) | (pending[at + 2] ?? 0);
		if (((pending[at + 1] ?? 0xa0) & 0xf0) !== 0xa0) continue; // one flag between two frames, or the end of one
		const end = at + 1 + length;
		if (pending.length < at + 3 || pending.length <= end) return undefined;
		if (pending[end] !== flag) continue;
		// the closing flag may open the next frame too, so it stays
		return { message: decodeFrame(pending.slice(at + 1, end)), used: end };
	}
	return undefined;
}

/** Sizes and windows of both directions, seen from the sender of the parameters. */
export interface LinkParameters {
	/** Octets of the information field, 32..2030. */
	readonly informationTransmit: number;
	readonly informationReceive: number;
	/** Frames in a row, 1..7. */
	readonly windowTransmit: number;
	readonly windowReceive: number;
}

export const defaultParameters: LinkParameters = Object.freeze({
	informationTransmit: 128,
	informationReceive: 128,
	windowTransmit: 1,
	windowReceive: 1,
});

const parameterIds = [
	["informationTransmit", 5],
	["informationReceive", 6],
	["windowTransmit", 7],
	["windowReceive", 8],
] as const;

/** Parameter field of SNRM and UA: sizes in one or two octets, windows in four. */
export function encodeParameters(parameters: LinkParameters): Uint8Array {
	const list = parameterIds.map(([name, id]) => {
		const size = id >= 7 ? 4 : parameters[name] > 255 ? 2 : 1;
		return concat(id, size, bigEndian(parameters[name], size));
	});
	const group = concat(...list);
	return concat(0x81, 0x80, group.length, group);
}

/** What is left out has its default. */
export function decodeParameters(bytes: Uint8Array): LinkParameters {
	const found: { -readonly [name in keyof LinkParameters]: number } = { ...defaultParameters };
	if (bytes.length === 0) return found;
	const r = new ByteReader(bytes);
	r.expect(0x81, "format identifier");
	r.expect(0x80, "group identifier");
	if (r.unsigned(1) !== r.left) throw new DecodeError("group length", 2);
	while (r.left > 0) {
		const id = r.unsigned(1);
		const value = r.unsigned(r.unsigned(1));
		const name = parameterIds.find(([, number]) => number === id)?.[0];
		if (name !== undefined) found[name] = value;
	}
	return found;
}

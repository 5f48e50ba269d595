// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import { type EnergyRegisters, unitsWrap } from "./energy-registers.js";

/**
 * Layouts of the two records, most significant octet first:
 *
 *   full:  version 1 · number of registers · sequence (4) · numerator (6) · denominator (4) · directions, one octet per
 *          scope · per register count (5), remainder (6) · CRC-32 (4)
 *   given: version 1 · number of registers · sequence (4) · per register count (5) · CRC-32 (4)
 *
 * The sequence rises with every record of either kind; 2^32 of them outlast the flash.
 */
const version = 1;
const header = 6;
const unitLength = 10;
const countLength = 5;
const remainderLength = 6;
const checksumLength = 4;

export function fullRecordLength(registers: EnergyRegisters): number {
	const perRegister = countLength + remainderLength;
	return header + unitLength + registers.scopes + registers.counts.length * perRegister + checksumLength;
}

export function givenRecordLength(registers: EnergyRegisters): number {
	return header + registers.counts.length * countLength + checksumLength;
}

const high = 0x1_0000_0000;

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function putCount(view: DataView, at: number, value: number): void {
	const upper = value < high ? 0 : Math.floor(value / high);
	view.setUint8(at, upper);
	view.setUint32(at + 1, value - upper * high);
}

function getCount(view: DataView, at: number): number {
	return view.getUint8(at) * high + view.getUint32(at + 1);
}

/** 6 octets. */
function putLong(view: DataView, at: number, value: number): void {
	const upper = value < high ? 0 : Math.floor(value / high);
	view.setUint16(at, upper);
	view.setUint32(at + 2, value - upper * high);
}

function getLong(view: DataView, at: number): number {
	return view.getUint16(at) * high + view.getUint32(at + 2);
}

/** Puts the checksum behind the first `length` octets. @returns the length of the record */
function seal(into: Uint8Array, view: DataView, length: number): number {
	view.setUint32(length, crc32(into, 0, length));
	return length + checksumLength;
}

function isSealed(bytes: Uint8Array, view: DataView, length: number, registers: EnergyRegisters): boolean {
	const end = length - checksumLength;
	return bytes[0] === version && bytes[1] === registers.counts.length && view.getUint32(end) === crc32(bytes, 0, end);
}

/** @returns the length of the record. Throws RangeError when `into` is too small. */
export function encodeFull(registers: EnergyRegisters, sequence: number, into: Uint8Array): number {
	if (into.length < fullRecordLength(registers)) throw new RangeError("record buffer");
	const view = viewOf(into);
	into[0] = version;
	into[1] = registers.counts.length;
	view.setUint32(2, sequence);
	putLong(view, header, registers.numerator);
	view.setUint32(header + 6, registers.denominator);
	let at = header + unitLength;
	for (let scope = 0; scope < registers.scopes; scope++) into[at++] = registers.directions[scope]!;
	for (let n = 0; n < registers.counts.length; n++) {
		putCount(view, at, registers.counts[n]!);
		putLong(view, at + countLength, registers.remainders[n]!);
		at += countLength + remainderLength;
	}
	return seal(into, view, at);
}

/**
 * Puts the registers of a full record into `registers`; they are untouched when the record is refused (checksum, shape,
 * value out of range). Remainders are dropped when the unit has changed since (calibration): at most 0.1 Wh each.
 * @returns the sequence of the record, -1 when it is refused
 */
export function decodeFull(bytes: Uint8Array, length: number, registers: EnergyRegisters): number {
	const view = viewOf(bytes);
	if (length !== fullRecordLength(registers) || !isSealed(bytes, view, length, registers)) return -1;
	const numerator = getLong(view, header);
	const perRegister = countLength + remainderLength;
	const first = header + unitLength + registers.scopes;
	for (let n = 0, at = first; n < registers.counts.length; n++, at += perRegister) {
		if (getCount(view, at) >= unitsWrap) return -1;
		if (getLong(view, at + countLength) >= numerator) return -1;
	}
	const isSameUnit = numerator === registers.numerator && view.getUint32(header + 6) === registers.denominator;
	for (let scope = 0; scope < registers.scopes; scope++) {
		registers.directions[scope] = bytes[header + unitLength + scope]! & 3;
	}
	for (let n = 0, at = first; n < registers.counts.length; n++, at += perRegister) {
		registers.counts[n] = getCount(view, at);
		registers.remainders[n] = isSameUnit ? getLong(view, at + countLength) : 0;
	}
	return view.getUint32(2);
}

/** @returns the length of the record. Throws RangeError when `into` is too small. */
export function encodeGiven(registers: EnergyRegisters, sequence: number, into: Uint8Array): number {
	if (into.length < givenRecordLength(registers)) throw new RangeError("record buffer");
	const view = viewOf(into);
	into[0] = version;
	into[1] = registers.counts.length;
	view.setUint32(2, sequence);
	let at = header;
	for (let n = 0; n < registers.counts.length; n++, at += countLength) putCount(view, at, registers.counts[n]!);
	return seal(into, view, at);
}

/**
 * Puts the counts of a given-record over those of the full record restored before, if it is newer. A register whose count
 * came from here starts without remainder, so that it is never above the energy that really flowed.
 * @returns the sequence of the record, -1 when it is refused or not newer than `fullSequence`
 */
export function decodeGiven(
	bytes: Uint8Array,
	length: number,
	fullSequence: number,
	registers: EnergyRegisters,
): number {
	const view = viewOf(bytes);
	if (length !== givenRecordLength(registers) || !isSealed(bytes, view, length, registers)) return -1;
	const sequence = view.getUint32(2);
	if (sequence <= fullSequence) return -1;
	for (let n = 0; n < registers.counts.length; n++) {
		if (getCount(view, header + n * countLength) >= unitsWrap) return -1;
	}
	for (let n = 0; n < registers.counts.length; n++) {
		const count = getCount(view, header + n * countLength);
		if (count === registers.counts[n]) continue;
		registers.counts[n] = count;
		registers.remainders[n] = 0;
	}
	return sequence;
}

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

function putUint(into: Uint8Array, at: number, length: number, value: number): number {
	let rest = value;
	for (let n = at + length - 1; n >= at; n--) {
		const high = Math.floor(rest / 256);
		into[n] = rest - high * 256;
		rest = high;
	}
	return at + length;
}

function getUint(bytes: Uint8Array, at: number, length: number): number {
	let value = 0;
	for (let n = at; n < at + length; n++) value = value * 256 + bytes[n]!;
	return value;
}

function seal(into: Uint8Array, length: number): number {
	return putUint(into, length, checksumLength, crc32(into, 0, length));
}

function isSealed(bytes: Uint8Array, length: number, registers: EnergyRegisters): boolean {
	const end = length - checksumLength;
	return (
		bytes[0] === version &&
		bytes[1] === registers.counts.length &&
		getUint(bytes, end, checksumLength) === crc32(bytes, 0, end)
	);
}

/** @returns the length of the record. Throws RangeError when `into` is too small. */
export function encodeFull(registers: EnergyRegisters, sequence: number, into: Uint8Array): number {
	if (into.length < fullRecordLength(registers)) throw new RangeError("record buffer");
	into[0] = version;
	into[1] = registers.counts.length;
	let at = putUint(into, 2, 4, sequence);
	at = putUint(into, at, 6, registers.numerator);
	at = putUint(into, at, 4, registers.denominator);
	for (let scope = 0; scope < registers.scopes; scope++) into[at++] = registers.directions[scope]!;
	for (let n = 0; n < registers.counts.length; n++) {
		at = putUint(into, at, countLength, registers.counts[n]!);
		at = putUint(into, at, remainderLength, registers.remainders[n]!);
	}
	return seal(into, at);
}

/**
 * Puts the registers of a full record into `registers`; they are untouched when the record is refused (checksum, shape,
 * value out of range). Remainders are dropped when the unit has changed since (calibration): at most 0.1 Wh each.
 * @returns the sequence of the record, -1 when it is refused
 */
export function decodeFull(bytes: Uint8Array, length: number, registers: EnergyRegisters): number {
	if (length !== fullRecordLength(registers) || !isSealed(bytes, length, registers)) return -1;
	const numerator = getUint(bytes, header, 6);
	const perRegister = countLength + remainderLength;
	const first = header + unitLength + registers.scopes;
	for (let n = 0, at = first; n < registers.counts.length; n++, at += perRegister) {
		if (getUint(bytes, at, countLength) >= unitsWrap) return -1;
		if (getUint(bytes, at + countLength, remainderLength) >= numerator) return -1;
	}
	const isSameUnit = numerator === registers.numerator && getUint(bytes, header + 6, 4) === registers.denominator;
	for (let scope = 0; scope < registers.scopes; scope++) {
		registers.directions[scope] = bytes[header + unitLength + scope]! & 3;
	}
	for (let n = 0, at = first; n < registers.counts.length; n++, at += perRegister) {
		registers.counts[n] = getUint(bytes, at, countLength);
		registers.remainders[n] = isSameUnit ? getUint(bytes, at + countLength, remainderLength) : 0;
	}
	return getUint(bytes, 2, 4);
}

/** @returns the length of the record. Throws RangeError when `into` is too small. */
export function encodeGiven(registers: EnergyRegisters, sequence: number, into: Uint8Array): number {
	if (into.length < givenRecordLength(registers)) throw new RangeError("record buffer");
	into[0] = version;
	into[1] = registers.counts.length;
	let at = putUint(into, 2, 4, sequence);
	for (let n = 0; n < registers.counts.length; n++) at = putUint(into, at, countLength, registers.counts[n]!);
	return seal(into, at);
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
	if (length !== givenRecordLength(registers) || !isSealed(bytes, length, registers)) return -1;
	const sequence = getUint(bytes, 2, 4);
	if (sequence <= fullSequence) return -1;
	for (let n = 0; n < registers.counts.length; n++) {
		if (getUint(bytes, header + n * countLength, countLength) >= unitsWrap) return -1;
	}
	for (let n = 0; n < registers.counts.length; n++) {
		const count = getUint(bytes, header + n * countLength, countLength);
		if (count === registers.counts[n]) continue;
		registers.counts[n] = count;
		registers.remainders[n] = 0;
	}
	return sequence;
}

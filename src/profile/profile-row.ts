// SPDX-License-Identifier: Apache-2.0
import { maximumColumnsSize } from "./capture-column.js";
import { StampedRow } from "./stamped-row.js";

const offset = Object.freeze({
	status: StampedRow.stampSize,
	columnsLength: 10,
	columns: 12,
});

/** Status bits of an entry (AMR profile status of IDIS). */
export const profileStatus = Object.freeze({
	/** A critical error was active, or an entry before this one could not be stored. */
	criticalError: 0x01,
	clockInvalid: 0x02,
	dataNotValid: 0x04,
	daylightSaving: 0x08,
	clockAdjusted: 0x20,
	powerDown: 0x80,
});

/** Bit of the columns' length that marks an entry made by the method `capture`. */
const extraFlag = 0x8000;
/** Bits 10 … 14 of the same field: what the running interval had latched when the extra entry was made. */
const pendingShift = 10;
const lengthMask = 0x03ff;

/** Latched bits in five: the others are not latched. */
const latchedBits = Object.freeze([
	profileStatus.criticalError,
	profileStatus.clockInvalid,
	profileStatus.dataNotValid,
	profileStatus.clockAdjusted,
	profileStatus.powerDown,
]);

/**
 * One entry as it lies in the store: a header for search, then the encoded columns. Made once and reused.
 *
 * `bytes[columnsAt … columnsAt + length - 1]` are the A-XDR values of the columns, one after the other.
 */
export class ProfileRow extends StampedRow {
	static readonly headerSize: number = offset.columns;
	static readonly maximumSize: number = offset.columns + maximumColumnsSize;
	static readonly serialSize: number = 4;
	readonly columnsAt: number = offset.columns;

	constructor() {
		super(ProfileRow.maximumSize);
	}

	/** Bits of `profileStatus`. */
	get status(): number {
		return this.bytes[offset.status]!;
	}

	/** Octets of the columns. */
	get length(): number {
		return this.view.getUint16(offset.columnsLength) & lengthMask;
	}

	/** True for an entry made by the method `capture`, not by the schedule. */
	get isExtra(): boolean {
		return (this.view.getUint16(offset.columnsLength) & extraFlag) !== 0;
	}

	/** Of an extra entry: status bits that its interval had latched and the next scheduled entry still owes. */
	get pending(): number {
		const packed = this.view.getUint16(offset.columnsLength) >> pendingShift;
		let bits = 0;
		for (let n = 0; n < latchedBits.length; n++) if (packed & (1 << n)) bits |= latchedBits[n]!;
		return bits;
	}

	setStamp(utc_s: number, deviation_min: number, run: number, clockStatus: number, status: number): void {
		this.writeStamp(utc_s, deviation_min, run, clockStatus);
		this.view.setUint8(offset.status, status);
	}

	/** Of a row of a sorted profile, which has it as its last octets. @param size octets of the stored row */
	serial(size: number): number {
		return this.view.getUint32(size - ProfileRow.serialSize);
	}

	setSerial(size: number, serial: number): void {
		this.view.setUint32(size - ProfileRow.serialSize, serial);
	}

	setLength(length: number, isExtra: boolean, pending: number): void {
		let packed = 0;
		for (let n = 0; n < latchedBits.length; n++) if (pending & latchedBits[n]!) packed |= 1 << n;
		this.view.setUint16(
			offset.columnsLength,
			length | (isExtra ? extraFlag | ((packed << pendingShift) & ~extraFlag) : 0),
		);
	}
}

// SPDX-License-Identifier: Apache-2.0
import { DateTime, dateTimeLength } from "../../clock/date-time.js";
import { noOctets } from "../../core/no-octets.js";
import { decodeLength, encodeLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { titleLength } from "./protection.js";

/** Longest transaction-id that is taken, octets. */
export const longestTransaction = 32;
/** Longest other-information that is taken, octets; nothing is done with it. */
const longestOther = 64;

/** Who gives the time of an answer. */
interface Clock {
	stamp(utc_s: number, into: DateTime): DateTime;
	utc_s(): number;
}

/**
 * The five fields that general-ciphering and general-signing begin with (Green Book 9.2.7.2.4.8 and 9.2.7.2.5), and what
 * an answer repeats of them. Tag and signature are over these fields with their length octets.
 */
export class GeneralHeader {
	/** transaction-id, a copy. */
	transaction: Uint8Array = noOctets;
	/** The request says when it was made; so does the answer. */
	hasTime = false;

	/**
	 * Reads the fields.
	 * @param originator who must have protected it
	 * @param recipient who must be meant; `mayBeForAll`: or nobody by name
	 * @returns the fields with their length octets, a view; undefined when a title is another one, or a field is no such thing
	 * @throws CodecError when they are cut short
	 */
	decode(r: Reader, originator: Uint8Array, recipient: Uint8Array, mayBeForAll: boolean): Uint8Array | undefined {
		const from = r.position;
		const transactionLength = decodeLength(r);
		if (transactionLength > longestTransaction) return undefined;
		const transaction = r.octets(transactionLength);
		let isRight = isTitle(r, originator, false);
		if (!isTitle(r, recipient, mayBeForAll)) isRight = false;
		const timeLength = decodeLength(r);
		if (timeLength !== 0 && timeLength !== dateTimeLength) return undefined;
		r.skip(timeLength);
		const otherLength = decodeLength(r);
		if (otherLength > longestOther) return undefined;
		r.skip(otherLength);
		if (!isRight) return undefined;
		this.transaction = transaction.slice();
		this.hasTime = timeLength !== 0;
		return r.bytes.subarray(from, r.position);
	}

	/** Octets that `encode` writes. */
	get length(): number {
		return 1 + this.transaction.length + 2 * (1 + titleLength) + 1 + (this.hasTime ? dateTimeLength : 0) + 1;
	}

	encode(w: Writer, originator: Uint8Array, recipient: Uint8Array, clock: Clock): void {
		encodeLength(w, this.transaction.length);
		w.octets(this.transaction);
		w.u8(titleLength);
		w.octets(originator);
		w.u8(titleLength);
		w.octets(recipient);
		if (this.hasTime) {
			w.u8(dateTimeLength);
			const at = w.claim(dateTimeLength);
			clock.stamp(clock.utc_s(), new DateTime()).encode(w.bytes, at);
		} else w.u8(0);
		w.u8(0);
	}
}

function isTitle(r: Reader, title: Uint8Array, mayBeAbsent: boolean): boolean {
	const length = decodeLength(r);
	const at = r.skip(length);
	if (length !== titleLength) return length === 0 && mayBeAbsent;
	for (let n = 0; n < titleLength; n++) if (r.bytes[at + n] !== title[n]) return false;
	return true;
}

// SPDX-License-Identifier: Apache-2.0
import type { DateTime } from "../clock/date-time.js";
import { dateTimeLength } from "../clock/date-time.js";
import type { ProfileRow } from "../profile/profile-row.js";
import { StampedRow } from "../profile/stamped-row.js";
import { eventRowSize } from "../storage/layout.js";
import { type EventEntry, maximumContextLength } from "./event-entry.js";
import { thirdColumn } from "./event-log-table.js";

const offset = Object.freeze({
	code: StampedRow.stampSize,
	/** Events of the log so far, those that were compressed away included. */
	count: 10,
	/** Rises with every entry of any log. */
	sequence: 14,
	contextLength: 18,
	context: 19,
	threshold: 30,
});

/** A threshold that is not known, or switched off: the value of the limiter that is off. */
export const noThreshold = 0xffff_ffff;

/** A-XDR tags. */
const tag = Object.freeze({ null: 0, doubleLongUnsigned: 6, octetString: 9, unsigned: 17 });

/** One entry of an event log as it lies in the store. Made once and reused. */
export class EventRow extends StampedRow {
	constructor() {
		super(eventRowSize);
	}

	get code(): number {
		return this.bytes[offset.code]!;
	}

	get count(): number {
		return this.view.getUint32(offset.count);
	}

	get sequence(): number {
		return this.view.getUint32(offset.sequence);
	}

	get contextLength(): number {
		return Math.min(this.bytes[offset.contextLength]!, maximumContextLength);
	}

	/**
	 * @param count events of the log so far, this one included
	 * @param threshold of the limiter, or `noThreshold`
	 */
	set(entry: EventEntry, deviation_min: number, run: number, count: number, sequence: number, threshold: number): void {
		this.writeStamp(entry.utc_s, deviation_min, run, entry.clockStatus);
		const v = this.view;
		this.bytes[offset.code] = entry.code;
		v.setUint32(offset.count, count);
		v.setUint32(offset.sequence, sequence);
		v.setUint32(offset.threshold, threshold);
		const length = entry.contextLength;
		this.bytes[offset.contextLength] = length;
		this.bytes.set(entry.context, offset.context);
		this.bytes.fill(0xff, offset.context + length, offset.context + maximumContextLength);
	}

	/** Copies the context into `into`; returns its length. */
	copyContext(into: Uint8Array): number {
		const length = this.contextLength;
		for (let n = 0; n < length; n++) into[n] = this.bytes[offset.context + n]!;
		return length;
	}

	/**
	 * Makes an entry of a profile out of it: clock, code, and what the log has as its third column.
	 * @param third one of `thirdColumn`
	 * @param time scratch
	 */
	toProfileRow(into: ProfileRow, third: number, time: DateTime): void {
		const { bytes, columnsAt } = into;
		into.setStamp(this.utc_s, this.deviation_min, this.run, this.clockStatus, 0);
		let at = columnsAt;
		bytes[at++] = tag.octetString;
		bytes[at++] = dateTimeLength;
		time.setLocal_s(this.local_s, this.deviation_min, this.clockStatus).encode(bytes, at);
		at += dateTimeLength;
		bytes[at++] = tag.unsigned;
		bytes[at++] = this.code;
		if (third === thirdColumn.context) {
			const length = this.contextLength;
			bytes[at++] = tag.octetString;
			bytes[at++] = length;
			for (let n = 0; n < length; n++) bytes[at++] = this.bytes[offset.context + n]!;
		} else if (third === thirdColumn.threshold) {
			bytes[at++] = tag.doubleLongUnsigned;
			for (let n = 0; n < 4; n++) bytes[at++] = this.bytes[offset.threshold + n]!;
		}
		into.setLength(at - columnsAt, false, 0);
	}
}

// SPDX-License-Identifier: Apache-2.0

/** A moment with what its time stamp says besides: fixed when it happened, whatever zone or validity the clock has later. */
export interface Stamp {
	/** UTC seconds since 2000-01-01; `noMoment` when there is none. */
	utc_s: number;
	/** Minutes from local time to UTC. */
	deviation_min: number;
	/** Clock status octet: bit 0 invalid, bit 7 daylight saving. */
	status: number;
}

/** "Not specified", as after a reset. Behind the last second that four octets can count. */
export const noMoment = 0xffff_ffff;

/** Octets of `encodeStamp`. */
export const stampLength = 7;

export function createStamp(): Stamp {
	return { utc_s: noMoment, deviation_min: 0, status: 0 };
}

/** Writes 7 octets: UTC (4), deviation (2), status (1). */
export function encodeStamp(view: DataView, at: number, stamp: Stamp): void {
	view.setUint32(at, stamp.utc_s);
	view.setInt16(at + 4, stamp.deviation_min);
	view.setUint8(at + 6, stamp.status);
}

export function decodeStamp(view: DataView, at: number, into: Stamp): Stamp {
	into.utc_s = view.getUint32(at);
	into.deviation_min = view.getInt16(at + 4);
	into.status = view.getUint8(at + 6);
	return into;
}

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DateTime as MeterTime } from "../../src/clock/date-time.js";
import { encodeDoubleLongUnsigned, encodeUnsigned } from "../../src/cosem/codec/axdr.js";
import { encodeDateTime } from "../../src/cosem/codec/date-time.js";
import { Writer } from "../../src/cosem/codec/writer.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { type Data, readData } from "./client/axdr.js";
import { ByteReader, concat, DecodeError } from "./client/bytes.js";
import type { DlmsClient } from "./client/client.js";
import { asOctets, data, elementsOf, ref } from "./client/data.js";
import { type DateTime, decodeDateTime, fromUnix_ms, toUnix_ms } from "./client/date-time.js";
import { RefusedError } from "./client/errors.js";
import { type CaptureObject, clockColumn, encodeCaptureObject } from "./client/profile.js";
import { decodeResponse, encodeGet, encodeGetNext, type Selection } from "./client/services.js";
import type { RunningMeter } from "./running-meter.js";

export const loadProfile = ref(7, "1-0:99.1.0.255");
export const period_s = 900;
const arrayTag = 1;
/** Structure of clock, status and eight double-long-unsigned. */
const rowSize = 2 + 14 + 2 + 8 * 5;
/** 2000 in seconds since 1970. */
const epoch_s = Date.UTC(2000, 0, 1) / 1000;

function register(name: string): CaptureObject {
	return { ...ref(3, name), attribute: 2, dataIndex: 0 };
}

/** Clock, status and eight energies: ten columns. */
export const tenColumns: readonly CaptureObject[] = Object.freeze([
	clockColumn,
	{ ...ref(1, "0-0:96.10.1.255"), attribute: 2, dataIndex: 0 },
	...["1.8.0", "2.8.0", "3.8.0", "4.8.0", "5.8.0", "6.8.0", "7.8.0", "8.8.0"].map((name) =>
		register(`1-0:${name}.255`),
	),
]);

/** Energies of the row of number `n`, so that a row that is lost, doubled or mixed up shows in each of them. */
export function energyOf(n: number, column: number): number {
	return 1_000_000 * column + n;
}

/** Seconds since 2000 of a captured clock. */
export function secondsOf(value: Data): number {
	return toUnix_ms(decodeDateTime(asOctets(value))) / 1000 - epoch_s;
}

/** A time as a client writes it: UTC. */
export function timeOf(utc_s: number): DateTime {
	return fromUnix_ms((utc_s + epoch_s) * 1000, 0, 0);
}

/**
 * A load profile as after years: the client sets its columns and its depth, then `rows` rows of its period are put into the
 * store, the last of them at `end_s`, and the meter starts again on that store with its clock just behind.
 */
export async function fillLoadProfile(
	meter: RunningMeter,
	rows: number,
	entries: number,
	end_s: number,
): Promise<void> {
	await meter.with("management", async (client) => {
		assert.equal(await client.set(loadProfile, 3, data.array(...tenColumns.map(encodeCaptureObject))), 0);
		assert.equal(await client.set(loadProfile, 8, data.doubleLongUnsigned(entries)), 0);
	});
	const { simulated } = meter.simulator;
	const { application } = simulated.meter;
	const log = application.profiles.log(0);
	const row = new ProfileRow();
	const w = new Writer(row.bytes);
	const time = new MeterTime();
	let run = 0;
	let lastLocal_s = 0;
	for (let n = 0; n < rows; n++) {
		const stamp_s = end_s - (rows - 1 - n) * period_s;
		const deviation_min = application.clock.deviation_min(stamp_s);
		const local_s = stamp_s - deviation_min * 60;
		if (local_s < lastLocal_s) run++;
		lastLocal_s = local_s;
		row.bytes.fill(0xff);
		row.setStamp(stamp_s, deviation_min, run, application.clock.status(stamp_s), 0);
		w.position = row.columnsAt;
		encodeDateTime(w, application.clock.stamp(stamp_s, time));
		encodeUnsigned(w, 0);
		for (let column = 2; column < tenColumns.length; column++) encodeDoubleLongUnsigned(w, energyOf(n, column));
		row.setLength(w.position - row.columnsAt, false, 0);
		log.append(row.bytes.subarray(0, log.rowSize));
	}
	simulated.cutPower();
	simulated.rtc.set(end_s + 1);
	simulated.restorePower();
}

/** A number of an array as its header tells it, and where the elements begin. */
function arrayHeader(raw: Uint8Array): { readonly count: number; readonly size: number } {
	const r = new ByteReader(raw);
	if (r.unsigned(1) !== arrayTag) throw new DecodeError("no array", 0);
	const count = r.length();
	return { count, size: raw.length - r.left };
}

/**
 * Reads the buffer of the load profile in blocks and keeps nothing of it: each row is given to `take`, in the order in which
 * they come. `between` is called after each block.
 * @returns the number of blocks
 */
export async function streamRows(
	client: DlmsClient,
	selection: Selection | undefined,
	take: (row: readonly Data[]) => void,
	between: (block: number) => void,
): Promise<number> {
	const invocation = client.nextInvocation();
	let request = encodeGet(invocation, { ref: loadProfile, attribute: 2, selection });
	let pending: Uint8Array = new Uint8Array(0);
	let announced: number | undefined;
	let taken = 0;
	for (let block = 1; ; block++) {
		const response = decodeResponse(await client.association.exchange(request));
		if (response.kind !== "getBlock" || response.block === undefined)
			throw new RefusedError("GET of the buffer", response.kind === "getBlock" ? response.result : -1);
		assert.equal(response.block.number, block);
		pending = concat(pending, response.block.raw);
		if (announced === undefined) {
			const { count, size } = arrayHeader(pending);
			announced = count;
			pending = pending.subarray(size);
		}
		const r = new ByteReader(pending);
		// rows of ten columns without any null-data have one length
		while (r.left >= rowSize) {
			take(elementsOf(readData(r), tenColumns.length));
			taken++;
		}
		pending = r.rest();
		if (response.isLast) {
			assert.equal(taken, announced);
			assert.equal(pending.length, 0);
			return block;
		}
		between(block);
		request = encodeGetNext(invocation, block);
	}
}

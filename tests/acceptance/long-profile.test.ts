// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Data } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber } from "../support/client/data.js";
import { byEntry, byRange } from "../support/client/profile.js";
import type { Selection } from "../support/client/services.js";
import {
	energyOf,
	fillLoadProfile,
	loadProfile,
	period_s,
	secondsOf,
	streamRows,
	timeOf,
} from "../support/filled-profile.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

/** A year of quarters of an hour. */
const rows = 35_040;
const maximumPduSize = 512;
/** 2024-12-31 00:00 UTC: the rows before cross both ends of summer time. */
const end_s = since2000_s(Date.UTC(2024, 11, 31));
const first_s = end_s - (rows - 1) * period_s;
/** So much time passes every so many blocks: less than what ends a connection or a transfer. */
const step_s = 60;
const blocksPerStep = 25;
const blocksPerLook = 1000;
/** Half of what is read: the rest of the growth is compiled code and sectors of the simulated flash that are used. */
const noise_KiB = 1024;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Octets of JavaScript objects and of buffers that are in use. */
function memory_KiB(): number {
	collect();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return (heapUsed + arrayBuffers) / 1024;
}

describe("a profile of a year", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0, rs485: false });
		await fillLoadProfile(meter, rows, rows, end_s);
	});
	after(() => meter.close());

	/** Rows that the meter has captured since, each in the place of the oldest. */
	function captured(): number {
		return Math.floor((meter.simulator.simulated.rtc.utc_s()! - end_s) / period_s);
	}

	/** Reads rows `first` to `last`, 0-based, while the meter goes on capturing. */
	async function read(selection: Selection | undefined, first: number, last: number): Promise<void> {
		await meter.with("management", (client) => readBy(client, selection, first, last), "wrapper", { maximumPduSize });
	}

	async function readBy(client: DlmsClient, selection: Selection | undefined, first: number, last: number) {
		const before = captured();
		let next = first;
		const take = (row: readonly Data[]): void => {
			assert.equal(secondsOf(row[0]!), first_s + next * period_s);
			if (next < rows)
				for (let column = 2; column < row.length; column++)
					assert.equal(asNumber(row[column]!), energyOf(next, column));
			next++;
		};
		const levels: number[] = [];
		let longest = 0;
		client.association.trace = (_, apdu) => {
			longest = Math.max(longest, apdu.length);
		};
		await streamRows(client, selection, take, (block) => {
			if (block % blocksPerStep === 0) meter.simulator.pacer.step(step_s * 1000);
			if (block % blocksPerLook === 0) levels.push(memory_KiB());
		});
		assert.equal(next, last + 1);
		assert.ok(longest <= maximumPduSize, `${longest} octets`);
		assert.ok(captured() >= before + 5, "the meter went on");
		assert.equal(asNumber(await client.read(loadProfile, 7)), rows);
		const growth_KiB = Math.max(...levels) - levels[0]!;
		assert.ok(growth_KiB < noise_KiB, `${growth_KiB.toFixed(0)} KiB more than after the first blocks`);
	}

	it(`F163: ${rows} rows of 10 columns are read whole, ciphered, in PDUs of ${maximumPduSize} octets`, () => {
		const oldest = captured();
		return read(undefined, oldest, oldest + rows - 1);
	}).timeout(60_000);

	it("F163: the same by range", async () => {
		const from = 1000;
		const to = rows - 1000;
		await read(byRange(timeOf(first_s + from * period_s), timeOf(first_s + to * period_s)), from, to);
	}).timeout(60_000);

	it("F163: the same by entry", async () => {
		const oldest = captured();
		await read(byEntry(500, rows - 500), oldest + 499, oldest + rows - 501);
	}).timeout(60_000);
});

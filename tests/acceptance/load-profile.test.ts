// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type Data, readData } from "../support/client/axdr.js";
import { ByteReader, concat } from "../support/client/bytes.js";
import type { DlmsClient, Profile } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { type DateTime, decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { byEntry, byRange, clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import {
	decodeResponse,
	encodeGet,
	encodeGetNext,
	result,
	type Selection,
	type ServiceResponse,
} from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const name = "1-0:99.1.0.255";
const profile = ref(7, name);
const period_s = 900;
const hour_ms = 3_600_000;
const winter = -60;
const summer = -120;

const importActive = { classId: 3, logicalName: "1-0:1.8.0.255", attribute: 2, dataIndex: 0 };
const exportActive = { classId: 3, logicalName: "1-0:2.8.0.255", attribute: 2, dataIndex: 0 };

/** Starts a meter whose clock shows `utc` and lets it run for so long; afterwards time stands still. */
async function startAt(utc: string, duration_ms: number): Promise<RunningMeter> {
	const clock_s = since2000_s(utc);
	const meter = await RunningMeter.start("ST402D", { clock_s, speed: 0, seed: 7 });
	meter.simulator.pacer.step(duration_ms);
	return meter;
}

/** Instants of the rows. */
function stamps(rows: Profile["rows"]): string[] {
	return rows.map(([clock]) => new Date(toUnix_ms(decodeDateTime(asOctets(clock!)))).toISOString().slice(0, 19));
}

function at(utc: string, deviation = winter): DateTime {
	return fromUnix_ms(Date.parse(utc), deviation, 0xff);
}

async function rowsOf(client: DlmsClient, selection?: Selection): Promise<Profile["rows"]> {
	return elementsOf(await client.read(profile, 2, selection)).map((row) => elementsOf(row));
}

function blockOf(response: ServiceResponse) {
	assert.equal(response.kind, "getBlock");
	assert.ok(response.kind === "getBlock" && response.block !== undefined);
	return response.block;
}

describe("load profile 1 read selectively", () => {
	let meter: RunningMeter;
	let client: DlmsClient;
	let all: Profile["rows"];
	before(async () => {
		meter = await startAt("2026-03-10T11:50:00Z", 2.5 * hour_ms);
		client = await meter.connect("management");
		all = await rowsOf(client);
	});
	after(async () => {
		await client.close();
		await meter.close();
	});

	it("F100, F104: has a row at each quarter of an hour of local time, and as many as it says", async () => {
		assert.deepEqual(
			stamps(all),
			Array.from({ length: 10 }, (_, n) =>
				new Date(Date.parse("2026-03-10T12:00:00Z") + n * period_s * 1000).toISOString().slice(0, 19),
			),
		);
		assert.equal(asNumber(await client.read(profile, 7)), all.length);
		assert.equal(asNumber(await client.read(profile, 4)), period_s);
		for (const [clock] of all) assert.equal(decodeDateTime(asOctets(clock!)).deviation, winter);
	});

	it("F104, F163: tells by which selectors a buffer can be read", async () => {
		const profiles = (await client.readObjectList()).filter(({ classId }) => classId === 7);
		assert.ok(profiles.length > 1);
		for (const { logicalName, selectors } of profiles) assert.deepEqual([...selectors], [[2, [1, 2]]], logicalName);
	});

	it("F101, F104: rows have the columns that capture_objects names, and registers never fall", async () => {
		const { columns, rows } = await client.readProfile(name);
		assert.equal(columns[0]!.logicalName, clockColumn.logicalName);
		for (const row of rows) assert.equal(row.length, columns.length);
		for (const [column, { classId }] of columns.entries()) {
			if (classId !== 3) continue;
			const values = rows.map((row) => asNumber(row[column]!));
			assert.deepEqual(
				values,
				[...values].sort((a, b) => a - b),
			);
		}
		assert.ok(asNumber(rows.at(-1)![2]!) + asNumber(rows.at(-1)![3]!) > 0, "energy flowed");
	});

	it("F101, F104: a row holds the registers as they are read at its instant", async () => {
		const exact = await startAt("2026-03-10T18:50:00Z", 10 * 60_000);
		try {
			await exact.with("management", async (opened) => {
				const { columns, rows } = await opened.readProfile(name);
				const row = rows.at(-1)!;
				assert.deepEqual(stamps([row]), ["2026-03-10T19:00:00"]);
				for (const [n, { classId, logicalName }] of columns.entries()) {
					if (classId === 3) assert.deepEqual(row[n], await opened.read(ref(3, logicalName), 2), logicalName);
				}
			});
		} finally {
			await exact.close();
		}
	});

	it("F104: by range, both ends belong to it", async () => {
		const rows = await rowsOf(client, byRange(at("2026-03-10T12:30:00Z"), at("2026-03-10T13:15:00Z")));
		assert.deepEqual(rows, all.slice(2, 6));
		const between = await rowsOf(client, byRange(at("2026-03-10T12:30:01Z"), at("2026-03-10T13:14:59Z")));
		assert.deepEqual(between, all.slice(3, 5));
	});

	it("F104: by range in another time zone, or in local time without deviation, finds the same rows", async () => {
		const elsewhere = byRange(at("2026-03-10T12:30:00Z", 300), at("2026-03-10T13:15:00Z", 300));
		assert.deepEqual(await rowsOf(client, elsewhere), all.slice(2, 6));
		const local = (utc: string) => ({ ...at(utc), deviation: null });
		const here = byRange(local("2026-03-10T12:30:00Z"), local("2026-03-10T13:15:00Z"));
		assert.deepEqual(await rowsOf(client, here), all.slice(2, 6));
	});

	it("F104: the ends of a range may be of type date-time", async () => {
		const dateTime = (utc: string): Data => ({ type: "date-time", value: encodeDateTime(at(utc)) });
		const parameters = data.structure(
			encodeCaptureObject(clockColumn),
			dateTime("2026-03-10T12:30:00Z"),
			dateTime("2026-03-10T13:15:00Z"),
			data.array(),
		);
		assert.deepEqual(await rowsOf(client, { selector: 1, parameters }), all.slice(2, 6));
	});

	it("F104: what an end of the range leaves open is the least there can be in the first end and the greatest in the last", async () => {
		const range = (from: readonly number[], to: readonly number[]) => {
			const end = (octets: readonly number[]) => data.octetString(Uint8Array.from(octets));
			const parameters = data.structure(encodeCaptureObject(clockColumn), end(from), end(to), data.array());
			return rowsOf(client, { selector: 1, parameters });
		};
		const day = [0x07, 0xea, 3, 10, 0xff];
		const local = [0xff, 0x80, 0, 0xff];
		const open = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...local];
		// by the clock on the wall it is an hour later
		const one = [...day, 13, 0xff, 0xff, ...local];
		const two = [...day, 14, 0xff, 0xff, ...local];
		assert.deepEqual(await range(one, two), all.slice(0, 8));
		assert.deepEqual(await range(two, open), all.slice(4));
		assert.deepEqual(await range(open, one), all.slice(0, 4));
		assert.deepEqual(await range(open, open), all);
		const half = [...day, 14, 30, 0xff, ...local];
		assert.deepEqual(await range(half, half), [all[6]], "any second of 14:30");
	});

	it("F104: nothing in the range, or a range that runs backwards, is an empty array", async () => {
		const later = byRange(at("2026-03-11T00:00:00Z"), at("2026-03-12T00:00:00Z"));
		assert.deepEqual(await client.read(profile, 2, later), data.array());
		const backwards = byRange(at("2026-03-10T13:15:00Z"), at("2026-03-10T12:30:00Z"));
		assert.deepEqual(await client.read(profile, 2, backwards), data.array());
	});

	it("F104: by range with chosen columns", async () => {
		const selection = byRange(at("2026-03-10T12:30:00Z"), at("2026-03-10T13:15:00Z"), [clockColumn, exportActive]);
		assert.deepEqual(
			await rowsOf(client, selection),
			all.slice(2, 6).map((row) => [row[0], row[3]]),
		);
		const single = byRange(at("2026-03-10T12:30:00Z"), at("2026-03-10T12:30:00Z"), [importActive]);
		assert.deepEqual(await rowsOf(client, single), [[all[2]![2]]]);
	});

	it("F104: by range of another column than the clock, whose ends may be of another type of number", async () => {
		const values = all.map((row) => asNumber(row[2]!));
		const search = (
			column: typeof importActive,
			from: Data,
			to: Data,
			columns: readonly (typeof importActive)[] = [],
		) => ({
			selector: 1,
			parameters: data.structure(
				encodeCaptureObject(column),
				from,
				to,
				data.array(...columns.map((wanted) => encodeCaptureObject(wanted))),
			),
		});
		const [from, to] = [values[3]!, values[6]!];
		const found = await rowsOf(
			client,
			search(importActive, data.doubleLongUnsigned(from), data.doubleLongUnsigned(to)),
		);
		assert.deepEqual(
			found,
			all.filter((row) => asNumber(row[2]!) >= from && asNumber(row[2]!) <= to),
		);
		assert.ok(found.length >= 4 && found.length < all.length);
		const long = search(
			importActive,
			{ type: "long64-unsigned", value: 0n },
			{ type: "long64-unsigned", value: 2n ** 40n },
			[clockColumn],
		);
		assert.deepEqual(
			await rowsOf(client, long),
			all.map((row) => [row[0]]),
		);
		const backwards = search(importActive, data.doubleLongUnsigned(to + 1), data.doubleLongUnsigned(to));
		assert.deepEqual(await client.read(profile, 2, backwards), data.array());
		const codeOf = async (selection: Selection) => (await client.get(profile, 2, selection)).result;
		const foreign = { ...importActive, logicalName: "1-0:1.7.0.255" };
		const any = data.unsigned(0);
		assert.equal(await codeOf(search(foreign, any, any)), result.scopeOfAccessViolated);
		assert.equal(await codeOf(search(importActive, any, any, [foreign])), result.scopeOfAccessViolated);
		assert.equal(await codeOf(search(importActive, any, data.octetString("x"))), result.typeUnmatched);
		assert.equal(await codeOf(search(importActive, data.array(), any)), result.typeUnmatched);
		const octets = search(importActive, data.octetString(""), data.octetString("zzzz"));
		assert.deepEqual(await client.read(profile, 2, octets), data.array(), "a number is not among texts");
	});

	it("F104: by entry, rows and columns count from 1, and 0 is the last", async () => {
		assert.deepEqual(await rowsOf(client, byEntry(1, 0)), all);
		assert.deepEqual(await rowsOf(client, byEntry(2, 4)), all.slice(1, 4));
		assert.deepEqual(await rowsOf(client, byEntry(10, 10)), all.slice(9));
		assert.deepEqual(
			await rowsOf(client, byEntry(9, 0, 2, 4)),
			all.slice(8).map((row) => row.slice(1, 4)),
		);
		assert.deepEqual(
			await rowsOf(client, byEntry(3, 3, 3, 0)),
			all.slice(2, 3).map((row) => row.slice(2)),
		);
	});

	it("F104: entries beyond the last one are not there", async () => {
		assert.deepEqual(await client.read(profile, 2, byEntry(11, 20)), data.array());
		assert.deepEqual(await rowsOf(client, byEntry(9, 200)), all.slice(8));
	});

	it("F104: what is not captured, no selector and no descriptor are refused", async () => {
		const codeOf = async (selection: Selection) => (await client.get(profile, 2, selection)).result;
		const foreign = { ...importActive, logicalName: "1-0:1.7.0.255" };
		const range = byRange(at("2026-03-10T12:30:00Z"), at("2026-03-10T13:15:00Z"), [foreign]);
		assert.equal(await codeOf(range), result.scopeOfAccessViolated);
		assert.equal(await codeOf({ selector: 3, parameters: data.nullData() }), result.scopeOfAccessViolated);
		assert.equal(await codeOf({ selector: 2, parameters: data.structure() }), result.typeUnmatched);
		assert.equal(await codeOf({ selector: 1, parameters: data.unsigned(1) }), result.typeUnmatched);
	});

	for (const maximumPduSize of [64, 128, 1024]) {
		it(`F104: comes complete in PDUs of ${maximumPduSize} octets, whole or selected`, async () => {
			await meter.with(
				"reader",
				async (small) => {
					assert.deepEqual(await rowsOf(small), all);
					const selection = byRange(at("2026-03-10T12:30:00Z"), at("2026-03-10T13:15:00Z"), [exportActive]);
					assert.deepEqual(
						await rowsOf(small, selection),
						all.slice(2, 6).map((row) => [row[3]]),
					);
				},
				"wrapper",
				{ maximumPduSize },
			);
		});
	}

	it("F104, G12: rows captured while it is read in blocks do not change what is read", async () => {
		const busy = await startAt("2026-03-10T11:50:00Z", 2.5 * hour_ms);
		try {
			await busy.with(
				"management",
				async (opened) => {
					const exchange = async (apdu: Uint8Array) => blockOf(decodeResponse(await opened.association.exchange(apdu)));
					const before = await rowsOf(opened);
					let block = await exchange(encodeGet({ id: 1 }, { ref: profile, attribute: 2 }));
					const parts = [block.raw];
					while (!block.isLast) {
						busy.simulator.pacer.step(100_000); // shorter than the inactivity time-out
						block = await exchange(encodeGetNext({ id: 1 }, block.number));
						parts.push(block.raw);
					}
					const read = elementsOf(readData(new ByteReader(concat(...parts))));
					assert.ok(parts.length > 3);
					assert.deepEqual(
						read.map((row) => elementsOf(row)),
						before,
					);
					assert.ok((await rowsOf(opened)).length > before.length);
				},
				"wrapper",
				{ maximumPduSize: 64 },
			);
		} finally {
			await busy.close();
		}
	});
});

describe("load profile 1 in the night when the hour is repeated", () => {
	let meter: RunningMeter;
	let client: DlmsClient;
	before(async () => {
		meter = await startAt("2026-10-24T23:40:00Z", 3 * hour_ms);
		client = await meter.connect("management");
	});
	after(async () => {
		await client.close();
		await meter.close();
	});

	/** 02:00 to 02:45 of the 25th, in the time with this deviation. */
	async function rowsWith(deviation: number | null): Promise<string[]> {
		const local = (minute: number): DateTime => ({
			year: 2026,
			month: 10,
			day: 25,
			weekday: 7,
			hour: 2,
			minute,
			second: 0,
			hundredths: 0,
			deviation,
			status: 0xff,
		});
		return stamps(await rowsOf(client, byRange(local(0), local(45))));
	}

	const firstPass = ["2026-10-25T00:00:00", "2026-10-25T00:15:00", "2026-10-25T00:30:00", "2026-10-25T00:45:00"];
	const secondPass = ["2026-10-25T01:00:00", "2026-10-25T01:15:00", "2026-10-25T01:30:00", "2026-10-25T01:45:00"];

	it("F42, F104, F106: no quarter is missing or invented", async () => {
		assert.deepEqual(stamps(await rowsOf(client)).slice(0, 13), [
			"2026-10-24T23:45:00",
			...firstPass,
			...secondPass,
			"2026-10-25T02:00:00",
			"2026-10-25T02:15:00",
			"2026-10-25T02:30:00",
		]);
	});

	it("F102, F104: the deviation tells the passes apart, and so does the status of the entry", async () => {
		assert.deepEqual(await rowsWith(summer), firstPass);
		assert.deepEqual(await rowsWith(winter), secondPass);
		assert.deepEqual(await rowsWith(null), [...firstPass, ...secondPass]);
		const statuses = (await rowsOf(client)).map(([clock, status]) => [
			decodeDateTime(asOctets(clock!)).deviation,
			(asNumber(status!) >> 3) & 1,
		]);
		for (const [deviation, bit] of statuses) assert.equal(bit, deviation === summer ? 1 : 0);
	});
});

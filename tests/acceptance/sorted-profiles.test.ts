// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { ProfileRow } from "../../src/cosem/objects/profiles.js";
import { MeterBench } from "../events/meter-bench.js";
import { seededRandom } from "../storage/random.js";
import { AddedProfile } from "../support/added-profile.js";
import type { encodeData } from "../support/client/axdr.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { byEntry, byRange, clockColumn, decodeCaptureObject, encodeCaptureObject } from "../support/client/profile.js";
import { result, type Selection } from "../support/client/services.js";
import { clientSap } from "../support/client/test-client.js";
import { readInBlocks } from "../support/read-in-blocks.js";

const name = "1-0:99.3.0";
const profile = ref(7, `${name}.255`);
const valueColumn = { ...ref(3, "0-0:128.1.0.255"), attribute: 2, dataIndex: 0 };
const energyColumn = { ...ref(3, "1-0:1.8.0.255"), attribute: 2, dataIndex: 0 };
const rtc_s = 826_000_000;
const start_ms = Date.UTC(2000, 0, 1) + rtc_s * 1000;
const at = (unix_ms: number) => fromUnix_ms(unix_ms, 0, 0xff);
const entries = 12;

/** A row as the tests look at it: `n` seconds after the first one, in the order of capture. */
interface Captured {
	readonly unix_s: number;
	readonly value: number | null;
}

/** Whether `a` stands in front of `b`, of which it was captured later. */
const orders: Readonly<Record<number, (a: number, b: number) => boolean>> = {
	3: (a, b) => a > b,
	4: (a, b) => a < b,
	5: (a, b) => Math.abs(a) < Math.abs(b),
	6: (a, b) => Math.abs(a) > Math.abs(b),
};

function rowOf(method: number): ProfileRow {
	return {
		name,
		periods: [],
		capturePeriod_s: 0,
		board: entries,
		desktop: entries,
		columns: [AddedProfile.column, { ...AddedProfile.column, logicalName: 0x0100_0108_00ff }],
		sortMethod: method,
		...(method > 2 && { sortObject: AddedProfile.column }),
	};
}

/** A meter with a sorted profile, and the list that it should have. */
class SortedBench {
	readonly bench = new MeterBench({ rtc_s });
	readonly added: AddedProfile;
	readonly method: number;
	expected: Captured[] = [];

	constructor(method: number, size: "board" | "desktop" = "desktop") {
		this.method = method;
		this.added = new AddedProfile(rowOf(method), size);
		this.added.addTo(this.bench.simulated);
	}

	get unix_s(): number {
		return start_ms / 1000 + Math.floor(this.bench.simulated.monotonic_ms() / 1000);
	}

	async capture(client: DlmsClient, value: number | null): Promise<void> {
		this.bench.run(1);
		this.added.value = value;
		assert.equal((await client.action(profile, 2, data.integer(0))).result, result.success);
		const row = { unix_s: toUnix_s(await client.read(ref(8, "0-0:1.0.0.255"), 2)), value };
		const isBefore = (other: Captured) =>
			this.method === 2 || (value !== null && (other.value === null || orders[this.method]!(value, other.value)));
		const found = this.expected.findIndex(isBefore);
		this.expected.splice(found < 0 ? this.expected.length : found, 0, row);
		this.expected.length = Math.min(this.expected.length, entries);
	}

	async rows(client: DlmsClient, selection?: Selection): Promise<Captured[]> {
		return elementsOf(await client.read(profile, 2, selection)).map(asCaptured);
	}

	restart(): void {
		this.bench.cutPower(5);
		this.added.addTo(this.bench.simulated);
	}
}

function toUnix_s(clock: Parameters<typeof asOctets>[0]): number {
	return toUnix_ms(decodeDateTime(asOctets(clock))) / 1000;
}

function asCaptured(row: Parameters<typeof elementsOf>[0]): Captured {
	const [clock, value] = elementsOf(row, 3);
	return { unix_s: toUnix_s(clock!), value: value!.type === "null-data" ? null : asNumber(value!) };
}

function byValue(column: typeof valueColumn, from: number, to: number): Selection {
	return {
		selector: 1,
		parameters: data.structure(
			encodeCaptureObject(column),
			data.doubleLong(from),
			data.doubleLong(to),
			data.array(encodeCaptureObject(clockColumn), encodeCaptureObject(valueColumn), encodeCaptureObject(energyColumn)),
		),
	};
}

const drawn = [5, -3, 40, 5, null, -40, 0, 17, 5, -18, 33, null, 2, -1, 40, 12, -40, 9];

describe("profiles of sort methods 2 to 6", () => {
	for (const method of [2, 3, 4, 5, 6]) {
		for (const size of ["desktop", "board"] as const) {
			it(`F104, 10.3: method ${method} on a ${size}: whole, by entry, by range and after a restart in its order`, async () => {
				const sorted = new SortedBench(method, size);
				const { bench } = sorted;
				const check =
					(client: DlmsClient) => async (selection: Selection | undefined, expected: Captured[], what: string) =>
						assert.deepEqual(await sorted.rows(client, selection), expected, what);
				await bench.with(async (client) => {
					const is = check(client);
					assert.equal(asNumber(await client.read(profile, 5)), method);
					const sortObject = decodeCaptureObject(await client.read(profile, 6));
					assert.deepEqual(sortObject, method === 2 ? clockColumn : valueColumn);
					assert.equal(asNumber(await client.read(profile, 8)), entries);
					await is(undefined, [], "empty");
					for (const [n, value] of drawn.entries()) {
						await sorted.capture(client, value);
						assert.equal(asNumber(await client.read(profile, 7)), Math.min(n + 1, entries));
						if (n % 5 === 0) await is(undefined, sorted.expected, `after ${n + 1}`);
					}
					const { expected } = sorted;
					await is(undefined, expected, "whole");
					await is(byEntry(1, 1), expected.slice(0, 1), "entry 1 is the first of the order");
					await is(byEntry(3, 7), expected.slice(2, 7), "entries 3 to 7");
					await is(byEntry(entries, 0), expected.slice(-1), "the last one");
					await is(byEntry(entries + 1, 0), [], "behind the last one");
					const values = elementsOf(await client.read(profile, 2, byEntry(2, 4, 2, 2)));
					assert.deepEqual(
						values.map((row) => elementsOf(row, 1)[0]!.value ?? null),
						expected.slice(1, 4).map(({ value }) => value),
					);
					const times = expected.map(({ unix_s }) => unix_s).sort((a, b) => a - b);
					const [from, to] = [times[2]!, times[8]!];
					const between = expected.filter(({ unix_s }) => unix_s >= from && unix_s <= to);
					assert.ok(between.length >= 7);
					await is(byRange(at(from * 1000), at(to * 1000)), between, "by the clock in UTC");
					await is(byRange(at(to * 1000), at(from * 1000)), [], "from behind to");
					if (method > 2) {
						const inside = expected.filter(({ value }) => value !== null && value >= -18 && value <= 17);
						await is(byValue(valueColumn, -18, 17), inside, "by the sort object");
						await is(byValue(valueColumn, 1000, 2000), [], "nothing by the sort object");
					}
					// energies of a meter without load are 0
					const other = await client.get(profile, 2, byValue(method === 2 ? valueColumn : energyColumn, -18, 17));
					assert.equal(other.result, size === "board" ? result.otherReason : result.success);
					if (size === "desktop" && method > 2) await is(byValue(energyColumn, 0, 0), expected, "by another column");
				});
				sorted.restart();
				await bench.with(async (client) => {
					const is = check(client);
					await is(undefined, sorted.expected, "after a restart");
					for (const value of [6, 41, -41, 0]) await sorted.capture(client, value);
					await is(undefined, sorted.expected, "after a restart and more rows");
					assert.equal((await client.action(profile, 1, data.integer(0))).result, result.success);
					sorted.expected = [];
					await is(undefined, [], "after a reset");
					for (const value of [6, 41, -41, 0]) await sorted.capture(client, value);
					await is(undefined, sorted.expected, "after a reset and more rows");
				});
			});
		}

		if (method === 2) continue; // rows that are overwritten are looked at below
		it(`F104, G12: method ${method}: what is read in blocks is what it was at the first, while rows come and go`, async () => {
			const random = seededRandom(method);
			const sorted = new SortedBench(method);
			const { bench } = sorted;
			const other = await bench.connect("management", "optical");
			const draw = () => Math.floor(random() * 201) - 100;
			for (let n = 0; n < 50; n++) await sorted.capture(other, draw());
			const client = DlmsClient.overWrapper(bench.duplex("tcp"), {
				clientSap: clientSap.management,
				security: bench.security(clientSap.management),
				maximumPduSize: 80,
			});
			await client.associate();
			for (let round = 0; round < 6; round++) {
				const before = [...sorted.expected];
				let left = entries;
				const answer = await readInBlocks(client, { ref: profile, attribute: 2 }, async () => {
					for (let n = 0; n < 2 && left > 0; n++, left--) await sorted.capture(other, draw());
				});
				assert.deepEqual(elementsOf(answer).map(asCaptured), before);
				assert.deepEqual(await sorted.rows(other), sorted.expected);
			}
			await client.close();
			await other.close();
		});
	}

	it("F104: a row that a full last-in-first-out profile overwrites while it is read is null-data, never another", async () => {
		const sorted = new SortedBench(2);
		const { bench } = sorted;
		const other = await bench.connect("management", "optical");
		for (let n = 0; n < entries; n++) await sorted.capture(other, n);
		const before = [...sorted.expected];
		const client = DlmsClient.overWrapper(bench.duplex("tcp"), {
			clientSap: clientSap.management,
			security: bench.security(clientSap.management),
			maximumPduSize: 80,
		});
		await client.associate();
		const answer = await readInBlocks(client, { ref: profile, attribute: 2 }, async (block) => {
			if (block === 1) for (let n = 0; n < 3; n++) await sorted.capture(other, 100 + n);
		});
		const rows = elementsOf(answer);
		assert.equal(rows.length, before.length);
		assert.deepEqual(rows.slice(0, -3).map(asCaptured), before.slice(0, -3));
		for (const row of rows.slice(-3)) for (const cell of elementsOf(row, 3)) assert.equal(cell.type, "null-data");
		await client.close();
		await other.close();
	});

	it("10.3: the sort object must stay a column, and entries within what is sorted; the rows are as before", async () => {
		for (const size of ["desktop", "board"] as const) {
			const sorted = new SortedBench(3, size);
			await sorted.bench.with(async (client) => {
				for (const value of drawn) await sorted.capture(client, value);
				const columns = elementsOf(await client.read(profile, 3));
				const set = (attribute: number, value: Parameters<typeof encodeData>[0]) =>
					client.set(profile, attribute, value);
				assert.equal(await set(3, data.array(columns[0]!, columns[2]!)), result.otherReason);
				const most = size === "board" ? 128 : 4096;
				for (const wanted of [0, most + 1, 0xffff_ffff])
					assert.equal(await set(8, data.doubleLongUnsigned(wanted)), result.otherReason);
				assert.deepEqual(elementsOf(await client.read(profile, 3)), columns);
				assert.deepEqual(await sorted.rows(client), sorted.expected);
				assert.equal(await set(8, data.doubleLongUnsigned(100)), result.success);
				assert.deepEqual(await sorted.rows(client), []);
				assert.equal(await set(3, data.array(columns[0]!, columns[1]!)), result.success);
				assert.equal(asNumber(await client.read(profile, 8)), 100);
			});
		}
	});

	it("F44, 10.4: sorted by the clock, which was set back: rows of a range in the order of their time", async () => {
		const bench = new MeterBench({ rtc_s });
		const row: ProfileRow = { ...rowOf(4), sortMethod: 4 };
		const added = new AddedProfile({
			...row,
			sortObject: { ...AddedProfile.column, classId: 8, logicalName: 0x0000_0100_00ff },
		});
		added.addTo(bench.simulated);
		await bench.with(async (client) => {
			const clock = ref(8, "0-0:1.0.0.255");
			const minutes = [0, 50, 20, 70, 10, 40, 60, 30];
			for (const [n, minute] of minutes.entries()) {
				const time = at(start_ms + minute * 60_000);
				assert.equal(await client.set(clock, 2, data.octetString(encodeDateTime(time))), result.success);
				added.value = n;
				assert.equal((await client.action(profile, 2, data.integer(0))).result, result.success);
			}
			const valuesOf = async (selection?: Selection) =>
				elementsOf(await client.read(profile, 2, selection)).map((found) => asCaptured(found).value);
			assert.deepEqual(await valuesOf(), [0, 4, 2, 7, 5, 1, 6, 3]);
			const selection = byRange(at(start_ms + 15 * 60_000), at(start_ms + 45 * 60_000));
			assert.deepEqual(await valuesOf(selection), [2, 7, 5]);
		});
	});
});

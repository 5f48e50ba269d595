// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { byRange } from "../support/client/profile.js";
import { result } from "../support/client/services.js";
import { since2000_s } from "../support/since-2000.js";

const load1 = ref(7, "1-0:99.1.0.255");
const loadPeriods = [300, 600, 900, 1800, 3600, 86_400];
const kinds: readonly (readonly [string, readonly number[], number])[] = [
	["1-0:99.1.0.255", loadPeriods, result.otherReason],
	["1-0:99.2.0.255", loadPeriods, result.otherReason],
	["1-0:99.1.1.255", loadPeriods, result.otherReason],
	["1-0:99.2.1.255", loadPeriods, result.otherReason],
	["1-0:99.14.0.255", [600], result.otherReason],
	["0-0:98.1.0.255", [], result.readWriteDenied],
	["0-0:98.2.0.255", [], result.readWriteDenied],
	["0-0:99.98.0.255", [], result.readWriteDenied],
];
const profileCleared = 254;
const logCleared = 255;
const parameterChanged = 47;
const quarter_s = 900;

function benchAt(iso: string): MeterBench {
	return new MeterBench({ model: st402d, rtc_s: since2000_s(iso) });
}

/** Events of the standard log that tell of profiles and parameters. */
async function eventsOf(bench: MeterBench): Promise<number[]> {
	const told = [profileCleared, logCleared, parameterChanged];
	return (await bench.codes(0)).filter((code) => told.includes(code));
}

const rowCount = async (client: DlmsClient): Promise<number> => asNumber(await client.read(load1, 7));

describe("settings of the profiles, from outside", () => {
	it("F100, 10.1: each takes the periods of its kind and no other; a refused one changes nothing", async () => {
		const bench = benchAt("2026-03-10T11:59:00Z");
		bench.run(quarter_s);
		await bench.with(async (client) => {
			const rows = await rowCount(client);
			assert.ok(rows > 0);
			for (const [name, allowed, refusal] of kinds) {
				const profile = ref(7, name);
				const before = asNumber(await client.read(profile, 4));
				assert.equal(before === 0, allowed.length === 0);
				for (const period of [0, 1, 60, 299, 301, 1200, 7200, 86_399, 172_800, 0xffff_ffff])
					assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(period)), refusal, `${name} ${period}`);
				if (allowed.length === 1) assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(300)), refusal);
				assert.equal(asNumber(await client.read(profile, 4)), before);
			}
			assert.equal(await rowCount(client), rows);
		});
		assert.deepEqual(await eventsOf(bench), []);
		await bench.with(async (client) => {
			for (const [name, allowed] of kinds)
				for (const period of allowed) {
					assert.equal(await client.set(ref(7, name), 4, data.doubleLongUnsigned(period)), result.success);
					assert.equal(asNumber(await client.read(ref(7, name), 4)), period);
				}
		});
	});

	it("F101, 10.5: a change of columns, period or entries clears the profile, with events 254 and 47; a reset is 254, of a log 255", async () => {
		const bench = benchAt("2026-03-10T11:59:00Z");
		const { columns, entries } = await bench.with(async (client) => ({
			columns: elementsOf(await client.read(load1, 3)),
			entries: asNumber(await client.read(load1, 8)),
		}));
		const changes: readonly ((client: DlmsClient) => Promise<number>)[] = [
			(client) => client.set(load1, 3, data.array(...columns.slice(0, -1))),
			(client) => client.set(load1, 4, data.doubleLongUnsigned(300)),
			(client) => client.set(load1, 8, data.doubleLongUnsigned(entries - 1)),
			async (client) => (await client.action(load1, 1, data.integer(0))).result,
		];
		for (const [n, change] of changes.entries()) {
			bench.run(quarter_s);
			const before = await eventsOf(bench);
			await bench.with(async (client) => {
				assert.ok((await rowCount(client)) > 0);
				assert.equal(await change(client), result.success);
				assert.equal(await rowCount(client), 0);
				assert.deepEqual(elementsOf(await client.read(load1, 2)), []);
			});
			const isReset = n === changes.length - 1;
			const expected = isReset ? [profileCleared] : [parameterChanged, profileCleared];
			const told = (await eventsOf(bench)).slice(before.length);
			assert.deepEqual(
				told.sort((a, b) => a - b),
				expected,
			);
		}
		await bench.with(async (client) => {
			assert.equal((await client.action(ref(7, "0-0:99.98.0.255"), 1, data.integer(0))).result, result.success);
		});
		assert.deepEqual(await eventsOf(bench), [logCleared]);
	});

	it("F102, 10.5: capture on request is a row more, not valid, in a profile with intervals; the interval goes on", async () => {
		const bench = benchAt("2026-03-10T11:59:00Z");
		bench.run(quarter_s + 120);
		await bench.with(async (client) => {
			assert.equal((await client.action(load1, 2, data.integer(0))).result, result.success);
		});
		bench.run(quarter_s);
		const { rows } = await bench.with((client) => client.readProfile(load1.logicalName));
		const stamps = rows.map((row) =>
			new Date(toUnix_ms(decodeDateTime(asOctets(row[0]!)))).toISOString().slice(11, 16),
		);
		assert.deepEqual(stamps, ["12:00", "12:15", "12:16", "12:30"]);
		assert.deepEqual(
			rows.map((row) => asNumber(row[1]!)),
			[4, 0, 4, 0],
		);
	});

	it("F45, 10.4: rows of a clock without valid time keep the time it showed, and are found by it, also when it was set", async () => {
		const bench = new MeterBench({ model: st402d, rtc_s: undefined });
		const start_ms = Date.UTC(2000, 0, 1);
		const at = (unix_ms: number) => fromUnix_ms(unix_ms, 0, 0xff);
		bench.run(2000);
		const found = (from_ms: number, to_ms: number) =>
			bench.with(async (client) =>
				elementsOf(await client.read(load1, 2, byRange(at(from_ms), at(to_ms)))).map((row) => {
					const [clock, status] = elementsOf(row);
					const time = decodeDateTime(asOctets(clock!));
					return [(toUnix_ms(time) - start_ms) / 1000, time.status, asNumber(status!) & 2];
				}),
			);
		const without = [
			[quarter_s, 1, 2],
			[2 * quarter_s, 1, 2],
		];
		assert.deepEqual(await found(start_ms, start_ms + 3_600_000), without);
		assert.deepEqual(await found(start_ms + quarter_s * 1000, start_ms + quarter_s * 1000), without.slice(0, 1));
		await bench.with(async (client) => {
			const time = at(Date.UTC(2026, 2, 10, 10, 7));
			assert.equal(
				await client.set(ref(8, "0-0:1.0.0.255"), 2, data.octetString(encodeDateTime(time))),
				result.success,
			);
		});
		bench.run(2 * quarter_s);
		assert.deepEqual(await found(start_ms, start_ms + 3_600_000), without);
		const later = await found(Date.UTC(2026, 2, 10), Date.UTC(2026, 2, 11));
		assert.deepEqual(
			later.map(([, clockStatus]) => clockStatus),
			later.map(() => 0),
		);
		// the interval that the setting ended, the one that was entered in its middle, and a whole one
		assert.deepEqual(
			later.map(([, , invalid]) => invalid),
			[2, 0, 0],
		);
	});
});

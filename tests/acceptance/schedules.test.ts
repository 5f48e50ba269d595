// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../support/client/axdr.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const octets = (...bytes: number[]) => data.octetString(Uint8Array.from(bytes));
const mainSwitch = ref(70, "0-0:96.3.10.255");
const clock = ref(8, "0-0:1.0.0.255");
const limiter = ref(71, "0-0:17.0.0.255");
const switchTable = octets(0, 0, 10, 0, 106, 255);
const any = 0xff;
const zero = data.integer(0);

/** Execution time of a schedule; years above 2100 are any. */
function executionTime(hour: number, minute: number, year: number, month: number, day: number): Data {
	return data.structure(octets(hour, minute, 0, 0), octets(year >> 8, year & any, month, day, any));
}

describe("schedules and calendars that switch, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	async function start(utc = "2026-03-10T10:00:00Z"): Promise<void> {
		meter = await RunningMeter.start("ST402D", { clock_s: since2000_s(utc), speed: 0, seed: 3 });
		meter.simulator.simulated.household?.stop();
		meter.simulator.simulated.household = undefined;
		step(2);
	}

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const ask = <Value>(use: Parameters<typeof meter.with<Value>>[1]) => meter.with("management", use);
	const state = () => ask(async (client) => asNumber(await client.read(mainSwitch, 3)));
	const setClock = (utc: string) =>
		ask((client) => client.set(clock, 2, data.octetString(encodeDateTime(fromUnix_ms(Date.parse(utc), -60, 0)))));
	const codes = (log: number) =>
		ask(async (client) => (await client.readProfile(`0-0:99.98.${log}.255`)).rows.map((row) => asNumber(row[1]!)));
	const plan = (script: number, ...times: Data[]) =>
		ask(async (client) => {
			const schedule = ref(22, "0-0:15.0.1.255");
			assert.equal(
				await client.set(schedule, 2, data.structure(switchTable, data.longUnsigned(script))),
				result.success,
			);
			assert.equal(await client.set(schedule, 4, data.array(...times)), result.success);
		});
	/** The clock comes back from an outage without the time. */
	function loseTime(): void {
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.exhaustBackup();
		simulated.runTo(simulated.monotonic_ms() + 60_000);
		simulated.restorePower();
		step(3);
	}

	it("F89 F94: types of a schedule and its times fit each other, up to 32 of them; what does not is refused and changes nothing", async () => {
		await start();
		const wild = 0xffff;
		const cases: [number, Data[], boolean][] = [
			[1, [executionTime(1, 0, wild, any, any)], true],
			[1, [executionTime(1, 0, wild, any, any), executionTime(2, 0, wild, any, any)], false],
			[2, [executionTime(1, 0, 2027, 1, 1), executionTime(1, 0, 2027, 2, 1)], true],
			[2, [executionTime(1, 0, 2027, 1, 1), executionTime(2, 0, 2027, 2, 1)], false],
			[2, [executionTime(1, 0, wild, 1, 1)], false],
			[3, [executionTime(1, 0, wild, 1, 1), executionTime(1, 0, 2027, any, 1)], true],
			[3, [executionTime(1, 0, wild, 1, 1), executionTime(2, 0, wild, 2, 1)], false],
			[4, [executionTime(1, 0, 2027, 1, 1), executionTime(2, 0, 2027, 1, 1)], true],
			[4, [executionTime(1, 0, wild, 1, 1)], false],
			[5, [executionTime(1, 0, wild, 1, 1), executionTime(2, 0, 2027, any, 1)], true],
			[5, [executionTime(1, 0, 2027, 2, 29)], false],
			[5, [executionTime(1, 0, 2028, 2, 29)], true],
			[5, Array.from({ length: 32 }, (_, n) => executionTime(1, n, 2027, 1, 1)), true],
			[5, Array.from({ length: 33 }, (_, n) => executionTime(1, n, 2027, 1, 1)), false],
		];
		await ask(async (client) => {
			const schedule = ref(22, "0-0:15.0.1.255");
			for (const [type, times, fits] of cases) {
				assert.equal(await client.set(schedule, 4, data.array()), result.success);
				assert.equal(await client.set(schedule, 3, data.enum(type)), result.success);
				const code = await client.set(schedule, 4, data.array(...times));
				assert.equal(code, fits ? result.success : result.otherReason, `type ${type}, ${times.length} times`);
				assert.deepEqual(await client.read(schedule, 4), data.array(...(fits ? times : [])));
			}
			const apart = data.array(executionTime(1, 0, 2027, 1, 1), executionTime(2, 0, 2027, 1, 1));
			assert.equal(await client.set(schedule, 4, apart), result.success);
			assert.equal(await client.set(schedule, 3, data.enum(6)), result.otherReason);
			assert.equal(
				await client.set(schedule, 3, data.enum(2)),
				result.otherReason,
				"times of different hours are there",
			);
		});
	});

	it("F45 F89: what was due while the clock is invalid is not done, neither then nor after it was set", async () => {
		await start();
		await plan(1, executionTime(11, 5, 2026, 3, 10));
		loseTime();
		step(600);
		assert.equal(asNumber(await ask((client) => client.read(clock, 4))) & 1, 1);
		assert.equal(await state(), 1);
		assert.equal(await setClock("2026-03-10T11:00:00Z"), result.success);
		step(60);
		assert.equal(await state(), 1);
		await plan(1, executionTime(12, 5, 2026, 3, 10));
		step(360);
		assert.equal(await state(), 0, "and the next one is");
	});

	it("F89: of what an outage or a jump of the clock left out the latest is done, once; set back by more than a day it is done again", async () => {
		await start();
		await plan(1, executionTime(11, 5, 0xffff, any, any));
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + (3 * 86_400 + 600) * 1000);
		simulated.restorePower();
		step(5);
		assert.equal(await state(), 0);
		assert.deepEqual(await codes(2), [62]);
		step(10);
		const reconnect = () => ask(async (client) => (await client.action(mainSwitch, 2, zero)).result);
		assert.equal(await reconnect(), result.success);
		step(15);
		assert.equal(await setClock("2026-03-13T09:00:00Z"), result.success, "an hour back");
		step(2 * 3600);
		assert.equal(await state(), 1, "it has run on that day");
		assert.equal(await setClock("2026-03-14T12:00:00Z"), result.success);
		step(5);
		assert.equal(await state(), 0, "jumped over");
		step(10);
		assert.equal(await reconnect(), result.success);
		step(15);
		assert.equal(await setClock("2026-03-12T09:00:00Z"), result.success);
		step(2 * 3600);
		assert.equal(await state(), 0, "the clock was wrong by more than a day");
		assert.deepEqual(await codes(2), [62, 63, 62, 63, 62]);
	}).timeout(20_000);

	it("F90 F109: the calendar of the switch takes supply and gives it back as a function of the meter; events 96 and 95", async () => {
		await start();
		const calendar = ref(20, "0-1:13.0.0.255");
		const point = (hour: number, minute: number, script: number, table: Data = switchTable) =>
			data.structure(octets(hour, minute, 0, 0), table, data.longUnsigned(script));
		const day = (...points: Data[]) => data.array(data.structure(data.unsigned(1), data.array(...points)));
		await ask(async (client) => {
			const week = data.structure(octets(0x77), ...Array.from({ length: 7 }, () => data.unsigned(1)));
			const season = data.structure(octets(0x73), octets(any, any, 1, 1, any, 0, 0, 0, 0, 0x80, 0, 0), octets(0x77));
			assert.equal(await client.set(mainSwitch, 4, data.enum(6)), result.success);
			const before = await client.read(calendar, 9);
			for (const wrong of [point(0, 0, 1, octets(0, 0, 10, 0, 1, 255)), point(0, 0, 9), point(24, 0, 4)])
				assert.equal(await client.set(calendar, 9, day(wrong)), result.otherReason);
			assert.deepEqual(await client.read(calendar, 9), before);
			assert.equal(
				await client.set(calendar, 9, day(point(0, 0, 4), point(11, 5, 3), point(11, 10, 4))),
				result.success,
			);
			assert.equal(await client.set(calendar, 8, data.array(week)), result.success);
			assert.equal(await client.set(calendar, 7, data.array(season)), result.success);
			assert.equal((await client.action(calendar, 1, zero)).result, result.success);
		});
		step(240);
		assert.equal(await state(), 1);
		step(120);
		assert.equal(await state(), 2);
		step(300);
		assert.equal(await state(), 1);
		assert.deepEqual(await codes(2), [96, 96, 96, 95, 64, 69]);
	});

	it("F140: an emergency profile that comes while the clock is invalid begins at once and lasts as long as it says", async () => {
		await start();
		loseTime();
		await ask(async (client) => {
			const far = data.octetString(encodeDateTime(fromUnix_ms(Date.parse("2030-03-10T11:00:00Z"), -60, 0)));
			assert.equal(await client.set(limiter, 9, data.array(data.longUnsigned(5))), result.success);
			assert.equal(await client.set(limiter, 5, data.doubleLongUnsigned(1000)), result.success);
			const profile = data.structure(data.longUnsigned(5), far, data.doubleLongUnsigned(300));
			assert.equal(await client.set(limiter, 8, profile), result.success);
		});
		const isActive = () => ask(async (client) => (await client.read(limiter, 10)).value);
		step(3);
		assert.equal(await isActive(), true);
		assert.equal(asNumber(await ask((client) => client.read(limiter, 3))), 1000);
		step(290);
		assert.equal(await isActive(), true);
		step(10);
		assert.equal(await isActive(), false);
		assert.deepEqual(await codes(2), [67, 237, 238]);
	});

	it("F89 F38 F94: group scripts of 0-0:10.0.125 switch, activate the passive calendar and end the billing period; a reader runs none", async () => {
		await start();
		const group = ref(9, "0-0:10.0.125.255");
		const run = (script: number, client: "management" | "reader" = "management") =>
			meter.with(client, async (opened) => (await opened.action(group, 1, data.longUnsigned(script))).result);
		for (const script of [1, 2, 3, 5]) assert.equal(await run(script, "reader"), result.readWriteDenied);
		assert.equal(await run(9), result.otherReason);
		assert.equal(await run(1), result.success);
		step(15);
		assert.equal(await state(), 0);
		assert.equal(await run(2), result.success);
		step(5);
		assert.equal(await state(), 1);
		const calendar = ref(20, "0-0:13.0.0.255");
		await ask(async (client) => {
			assert.equal(await client.set(calendar, 6, octets(0x4e, 0x45, 0x57)), result.success);
			assert.notDeepEqual(asOctets(await client.read(calendar, 2)), Uint8Array.of(0x4e, 0x45, 0x57));
		});
		assert.equal(await run(3), result.success);
		assert.equal(await run(5), result.success);
		await ask(async (client) => {
			assert.equal(Buffer.from(asOctets(await client.read(calendar, 2))).toString(), "NEW");
			assert.equal(Buffer.from(asOctets(await client.read(ref(1, "1-0:0.2.2.255"), 2))).toString(), "NEW");
			assert.equal(asNumber(await client.read(ref(7, "0-0:98.1.0.255"), 7)), 1);
			assert.ok(elementsOf(await client.read(group, 2)).length >= 4);
		});
	});
});

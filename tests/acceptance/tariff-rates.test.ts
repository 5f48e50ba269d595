// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MeterBench } from "../events/meter-bench.js";
import {
	activeTariff,
	day,
	everyDay,
	programCalendar,
	rateEnergies,
	season,
	tariffCalendar,
	week,
} from "../support/client/calendar.js";
import { asNumber, data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";
import { since2000_s } from "../support/since-2000.js";

const clock = ref(8, "0-0:1.0.0.255");
const zero = data.integer(0);
/** A+, A−, |A|, R+, R−, R1 … R4, S+, S−. */
const rated = [1, 2, 15, 3, 4, 5, 6, 7, 8, 9, 10];
const demands = [1, 2, 3, 4, 9, 10, 15];

const benchAt = (utc: string): MeterBench => new MeterBench({ rtc_s: since2000_s(utc) });

/** Half of the maximum, which is 11.5 Wh a second at PF 1. */
function load(bench: MeterBench, angle_deg: number): void {
	for (const phase of [1, 2, 3] as const) bench.grid.setPhase(phase, { voltage_V: 230, current_A: 60, angle_deg });
}

describe("rates and seasons, from outside", () => {
	it("F32 G15: the rates of every quantity add up to its total at any instant, over quadrants, switch points and cuts in their very second", async () => {
		const bench = benchAt("2026-01-14T22:59:30Z");
		load(bench, 30);
		// a change of rate each minute from midnight on
		const points = Array.from({ length: 48 }, (_, n) => [n, (n % 8) + 1] as const);
		await bench.with(async (client) => {
			await programCalendar(client, [season("s", 1, 1, "w")], [week("w", everyDay(1))], [day(1, points)]);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
		});
		const now_ms = () => bench.simulated.monotonic_ms();
		for (let minute = 0; minute < 24; minute++) {
			bench.simulated.runTo(30_000 + minute * 60_000 + (minute % 3) * 400);
			if (minute % 2 === 1) bench.cutPower(minute % 4 === 1 ? 0.5 : 3);
			load(bench, [30, 150, 210, 330][minute % 4]!);
			bench.simulated.runTo(now_ms() + 7000);
			await bench.with(async (client) => {
				for (const c of rated) {
					const values = await rateEnergies(client, c);
					const total = values.pop()!;
					const sum = values.reduce((a, b) => a + b, 0);
					// each is truncated by itself
					assert.ok(total - sum >= 0 && total - sum < 8, `minute ${minute}, ${c}: ${values} of ${total}`);
				}
			});
		}
		await bench.with(async (client) => {
			for (const c of rated)
				assert.ok(
					(await rateEnergies(client, c)).slice(0, 8).filter((value) => value > 0).length >= 2,
					`${c}: more than one rate has counted`,
				);
		});
	}).timeout(60_000);

	it("F32 F37: a second of energy belongs to the rate in force at its begin", async () => {
		const bench = benchAt("2026-01-14T22:59:30Z");
		load(bench, 0);
		await bench.with(async (client) => {
			const points = [[0, 4]] as const;
			await programCalendar(client, [season("s", 1, 1, "w")], [week("w", everyDay(1))], [day(1, points)]);
			// from the evening before the last point of a day is in force
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
			bench.run(1);
			assert.equal(await activeTariff(client), "4", "the last point of the day before");
			const changed = [
				[0, 5],
				[23 * 60, 6],
			] as const;
			await programCalendar(client, [season("s", 1, 1, "w")], [week("w", everyDay(1))], [day(1, changed)]);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
			bench.run(1);
			assert.equal(await activeTariff(client), "6");
		});
		bench.run(38);
		await bench.with(async (client) => {
			const values = await rateEnergies(client, 1);
			const second_Wh = (3 * 230 * 60) / 3600;
			assert.equal(await activeTariff(client), "5");
			assert.ok(Math.abs(values[4]! - 10 * second_Wh) <= second_Wh + 1, `${values[4]} Wh in ten seconds`);
			assert.ok(values[5]! > 20 * second_Wh);
		});
	});

	it("F33 F34 F35: eight seasons, each with its week and its day, begin at their dates, in any year", async () => {
		const bench = benchAt("2026-01-01T10:00:00Z");
		const dates = [
			[1, 10],
			[2, 28],
			[4, 1],
			[5, 31],
			[7, 15],
			[9, 1],
			[10, 30],
			[12, 24],
		] as const;
		await bench.with(async (client) => {
			await programCalendar(
				client,
				dates.map(([month, dayOfMonth], n) => season(`s${n}`, month, dayOfMonth, `w${n}`)),
				dates.map((_, n) => week(`w${n}`, everyDay(n + 1))),
				dates.map((_, n) => day(n + 1, [[0, n + 1]])),
			);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
			bench.run(1);
			assert.equal(await activeTariff(client), "8", "the season of last Christmas");
		});
		for (const year of [2026, 2031]) {
			for (const [n, [month, dayOfMonth]] of dates.entries()) {
				const begin_ms = Date.UTC(year, month - 1, dayOfMonth) - (month > 3 && month < 10 ? 2 : 1) * 3_600_000;
				const before = encodeDateTime(fromUnix_ms(begin_ms - 10_000, 0, 0));
				await bench.with(async (client) => {
					assert.equal(await client.set(clock, 2, data.octetString(before)), result.success);
				});
				bench.run(5);
				const earlier = String(n === 0 ? 8 : n);
				await bench.with(async (client) => assert.equal(await activeTariff(client), earlier, `${year} ${month}`));
				bench.run(7);
				await bench.with(async (client) => assert.equal(await activeTariff(client), String(n + 1), `${year} ${month}`));
			}
		}
	});

	it("F33 F38: a set without a season is refused when it is to be activated; event 19 comes before 9", async () => {
		const bench = benchAt("2026-01-01T10:00:00Z");
		await bench.with(async (client) => {
			await programCalendar(client, [season("s", 1, 1, "w")], [week("w", everyDay(3))], [day(3, [[0, 7]])]);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
			bench.run(1);
			const before = await client.read(tariffCalendar, 3);
			assert.equal(await client.set(tariffCalendar, 7, data.array()), result.success);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.otherReason);
			assert.deepEqual(await client.read(tariffCalendar, 3), before);
			assert.equal(await activeTariff(client), "7");
		});
		const codes = (await bench.codes(0)).filter((code) => [9, 19, 231].includes(code));
		assert.deepEqual(codes, [19, 19, 19, 19, 9, 19, 231]);
	});

	it("F32: a calendar that comes to a script whose mask is gone leaves the rate as it was, with event 231 and error bit 3", async () => {
		const bench = benchAt("2026-01-14T10:59:30Z");
		load(bench, 0);
		await bench.with(async (client) => {
			const points = [
				[0, 2],
				[12 * 60, 7],
				[12 * 60 + 2, 3],
			] as const;
			await programCalendar(client, [season("s", 1, 1, "w")], [week("w", everyDay(1))], [day(1, points)]);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
			const activation = ref(6, "0-0:14.0.1.255");
			assert.equal((await client.action(activation, 3, data.octetString("7"))).result, result.success);
		});
		bench.run(60);
		await bench.with(async (client) => {
			assert.equal(await activeTariff(client), "2");
			assert.equal(asNumber(await client.read(ref(1, "0-0:97.97.0.255"), 2)) & 8, 8);
		});
		bench.run(120);
		await bench.with(async (client) => {
			assert.equal(await activeTariff(client), "3", "the next point");
			const values = await rateEnergies(client, 1);
			assert.equal(values[6], 0);
			assert.ok(values[1]! > 0 && values[2]! > 0);
		});
		assert.equal((await bench.codes(0)).filter((code) => code === 231).length, 1);
	});

	it("F32: a schedule that comes to such a script does the same", async () => {
		const bench = benchAt("2026-01-14T10:59:30Z");
		const schedule = ref(22, "0-0:15.1.0.255");
		await bench.with(async (client) => {
			const script = data.structure(data.octetString(encodeLogicalName("0-0:10.0.100.255")), data.longUnsigned(7));
			assert.equal(await client.set(schedule, 2, script), result.success);
			const noon = data.structure(
				data.octetString(Uint8Array.of(12, 0, 0, 0)),
				data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff)),
			);
			assert.equal(await client.set(schedule, 4, data.array(noon)), result.success);
			const activation = ref(6, "0-0:14.0.1.255");
			assert.equal((await client.action(activation, 3, data.octetString("7"))).result, result.success);
		});
		bench.run(60);
		await bench.with(async (client) => {
			assert.equal(await activeTariff(client), "1");
			assert.equal(asNumber(await client.read(ref(1, "0-0:97.97.0.255"), 2)) & 8, 8);
		});
		assert.equal((await bench.codes(0)).filter((code) => code === 231).length, 1);
	});

	it("F28 F95: the end of a billing period resets the maxima of every quantity and rate, and adds them to the cumulative ones", async () => {
		const bench = benchAt("2026-01-14T10:44:50Z");
		load(bench, 30);
		bench.run(930);
		await bench.with(async (client) => {
			const maximum = async (c: number, e: number) => asNumber(await client.read(ref(4, `1-0:${c}.6.${e}.255`), 2));
			const before = await maximum(1, 1);
			assert.ok(before > 30_000 && (await maximum(3, 0)) > 15_000 && (await maximum(9, 1)) > 35_000);
			const billing = ref(9, "0-0:10.0.1.255");
			assert.equal((await client.action(billing, 1, data.longUnsigned(1))).result, result.success);
			for (const c of demands) for (let e = 0; e <= 8; e++) assert.equal(await maximum(c, e), 0, `${c}.6.${e}`);
			assert.equal(asNumber(await client.read(ref(3, "1-0:1.2.1.255"), 2)), before);
			assert.ok(asNumber(await client.read(ref(3, "1-0:1.9.0.255"), 2)) <= 1, "increments begin anew");
			assert.equal(elementsOf(await client.read(ref(7, "0-0:98.1.0.255"), 2)).length, 1);
		});
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MeterBench } from "../events/meter-bench.js";
import type { Data } from "../support/client/axdr.js";
import {
	activeTariff,
	day,
	everyDay,
	programCalendar,
	rateEnergies,
	season,
	specialDay,
	tariffCalendar,
	week,
} from "../support/client/calendar.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";
import { since2000_s } from "../support/since-2000.js";

const special = ref(11, "0-0:11.0.0.255");
const scripts = ref(9, "0-0:10.0.100.255");
const energyActivation = ref(6, "0-0:14.0.1.255");
const demandActivation = ref(6, "0-0:14.0.2.255");
const source = ref(1, "0-0:96.50.5.255");
const clock = ref(8, "0-0:1.0.0.255");
const zero = data.integer(0);
const never = new Uint8Array(12).fill(255);
const { longUnsigned, octetString, structure, array, unsigned } = data;

function benchAt(utc: string): MeterBench {
	return new MeterBench({ rtc_s: since2000_s(utc) });
}

function dateTime(utc: string, deviation = -60): Uint8Array {
	return encodeDateTime(fromUnix_ms(Date.parse(utc), deviation, 0));
}

function load(bench: MeterBench, power_W: number): void {
	for (const phase of [1, 2, 3] as const) bench.grid.setPhase(phase, { voltage_V: 230, current_A: power_W / 690 });
}

describe("tariffs of a running meter", () => {
	it("F37 F32 F40: a day of 48 switch points changes the rate each half hour; the rates add up to the total", async () => {
		const bench = benchAt("2026-01-14T22:58:30Z");
		load(bench, 6900);
		await bench.with(async (client) => {
			await programCalendar(
				client,
				[season("s", 1, 1, "w")],
				[week("w", everyDay(1))],
				[
					day(
						1,
						Array.from({ length: 48 }, (_, n) => [30 * n, (n % 8) + 1] as const),
					),
				],
			);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
		});
		bench.run(86_400 + 90 - 45);
		await bench.with(async (client) => {
			for (const c of [1, 9]) {
				const values = await rateEnergies(client, c);
				const total = values.pop()!;
				const sum = values.reduce((a, b) => a + b, 0);
				assert.ok(total - sum >= 0 && total - sum < 8, `${values} of ${total}`);
				for (const value of values.slice(0, 7)) assert.ok(Math.abs(value - 20_700) < 10, `${values}`);
			}
			assert.deepEqual((await rateEnergies(client, 2)).slice(0, 8), [0, 0, 0, 0, 0, 0, 0, 0]);
			assert.equal(await activeTariff(client), "8");
			const maxima = await client.read(ref(4, "1-0:1.6.8.255"), 2);
			assert.ok(Math.abs(asNumber(maxima) - 6900) < 10);
			const seconds: number[] = [];
			for (let rate = 0; rate <= 8; rate++)
				seconds.push(asNumber(await client.read(ref(3, `0-0:96.8.${rate}.255`), 2)));
			assert.equal(
				seconds.slice(1).reduce((a, b) => a + b, 0),
				seconds[0],
			);
			assert.ok(Math.abs(seconds[2]! - 10_800) <= 2);
		});
		bench.run(60);
		await bench.with(async (client) => assert.equal(await activeTariff(client), "1"));
	}).timeout(60_000);

	it("F33 F34 F35 F36: calendars of the largest size go in blocks, read back the same, and survive a restart", async () => {
		const bench = benchAt("2026-03-01T10:00:00Z");
		const seasons = Array.from({ length: 8 }, (_, n) => season(`season${n}`, n + 1, 3, `week${7 - n}`));
		const weeks = Array.from({ length: 8 }, (_, n) => week(`week${n}`, [n, n, n, n, n, 22, 23]));
		const days = Array.from({ length: 24 }, (_, n) =>
			day(
				n,
				Array.from({ length: 48 }, (_, m) => [30 * m, ((n + m) % 8) + 1] as const),
			),
		);
		const specials = Array.from({ length: 31 }, (_, n) => specialDay(n + 1, [255, 255, 12, n + 1, 255], 7));
		await bench.with(async (client) => {
			await programCalendar(client, seasons, weeks, days);
			assert.equal(await client.set(special, 2, array(...specials)), result.success);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
		});
		bench.cutPower(5);
		bench.run(5);
		await bench.with(async (client) => {
			for (const offset of [0, 4]) {
				assert.deepEqual(await client.read(tariffCalendar, 3 + offset), array(...seasons));
				assert.deepEqual(await client.read(tariffCalendar, 4 + offset), array(...weeks));
				assert.deepEqual(await client.read(tariffCalendar, 5 + offset), array(...days));
			}
			assert.deepEqual(await client.read(special, 2), array(...specials));
			assert.equal(Buffer.from(asOctets(await client.read(ref(1, "1-0:0.2.2.255"), 2))).toString(), "new");
			// one more of each
			assert.equal(
				await client.set(tariffCalendar, 7, array(...seasons, season("x", 9, 9, "week0"))),
				result.otherReason,
			);
			assert.equal(await client.set(tariffCalendar, 8, array(...weeks, week("x", everyDay(1)))), result.otherReason);
			assert.equal(await client.set(tariffCalendar, 9, array(...days, day(99, [])), 1000), result.otherReason);
			assert.equal(
				await client.set(special, 2, array(...specials, specialDay(99, [255, 255, 1, 1, 255], 1))),
				result.otherReason,
			);
			assert.equal(
				(await client.action(special, 1, specialDay(99, [255, 255, 1, 1, 255], 1))).result,
				result.otherReason,
			);
			assert.deepEqual(await client.read(tariffCalendar, 9), array(...days));
			assert.deepEqual(await client.read(special, 2), array(...specials));
		});
	}).timeout(60_000);

	it("F33 F34 F36 F37: refuses calendars that contradict themselves, and changes nothing", async () => {
		const bench = benchAt("2026-03-01T10:00:00Z");
		await bench.with(async (client) => {
			const before = [];
			for (const id of [6, 7, 8, 9, 10]) before.push(await client.read(tariffCalendar, id));
			const points = (...minutes: number[]) => minutes.map((minute) => [minute, 1] as const);
			const bad: [number, Data][] = [
				[6, octetString("too long a name")],
				[7, array(season("a", 1, 1, "w"), season("a", 2, 1, "w"))],
				[7, array(season("a", 2, 30, "w"))],
				[7, array(season("a", 13, 1, "w"))],
				[8, array(week("a", everyDay(1)), week("a", everyDay(1)))],
				[9, array(day(1, points(0)), day(1, points(0)))],
				[
					9,
					array(
						day(
							1,
							Array.from({ length: 49 }, (_, n) => [n, 1] as const),
						),
					),
				],
				[9, array(day(1, points(60, 60)))],
				[9, array(day(1, points(60, 30)))],
				[9, array(day(1, [[0, 9]]))],
				[9, array(day(1, [[1440, 1]]))],
				[10, octetString(Uint8Array.of(7, 234, 2, 30, 255, 0, 0, 0, 0, 128, 0, 0))],
			];
			for (const [id, value] of bad)
				assert.equal(await client.set(tariffCalendar, id, value), result.otherReason, `${id}`);
			assert.equal(await client.set(tariffCalendar, 9, array(structure(unsigned(1)))), result.typeUnmatched);
			for (const id of [2, 3, 4, 5])
				assert.equal(await client.set(tariffCalendar, id, array()), result.readWriteDenied);
			for (const [n, id] of [6, 7, 8, 9, 10].entries())
				assert.deepEqual(await client.read(tariffCalendar, id), before[n]);
			const twice = [specialDay(1, [255, 255, 1, 1, 255], 1), specialDay(1, [255, 255, 1, 2, 255], 1)];
			assert.equal(await client.set(special, 2, array(...twice)), result.otherReason);
			assert.equal(
				(await client.action(special, 1, specialDay(1, [255, 255, 2, 31, 255], 1))).result,
				result.otherReason,
			);
			assert.equal((await client.action(special, 2, longUnsigned(5))).result, result.otherReason);
			assert.deepEqual(await client.read(special, 2), array());
		});
	});

	it("F36: a special day overrides the week for its whole day; the lower index counts", async () => {
		const bench = benchAt("2026-03-01T22:00:00Z");
		await bench.with(async (client) => {
			await programCalendar(
				client,
				[season("s", 1, 1, "w")],
				[week("w", everyDay(1))],
				[day(1, [[0, 1]]), day(2, [[0, 2]]), day(3, [[0, 3]])],
			);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.success);
			assert.equal((await client.action(special, 1, specialDay(9, [255, 255, 3, 2, 255], 3))).result, result.success);
			assert.equal((await client.action(special, 1, specialDay(4, [7, 234, 3, 2, 255], 2))).result, result.success);
			assert.equal(await activeTariff(client), "1");
		});
		bench.run(2 * 3600);
		await bench.with(async (client) => {
			assert.equal(await activeTariff(client), "2");
			assert.equal((await client.action(special, 2, longUnsigned(4))).result, result.success);
		});
		bench.run(2);
		await bench.with(async (client) => assert.equal(await activeTariff(client), "3"));
	}).timeout(60_000);

	it("F38: the passive set becomes active at its time; the old one is read until then", async () => {
		const bench = benchAt("2026-03-01T10:00:00Z");
		await bench.with(async (client) => {
			await programCalendar(client, [season("s", 1, 1, "w")], [week("w", everyDay(5))], [day(5, [[0, 6]])]);
			assert.equal(await client.set(tariffCalendar, 10, octetString(dateTime("2026-03-01T10:30:00Z"))), result.success);
		});
		bench.run(29 * 60);
		await bench.with(async (client) => {
			assert.equal(await activeTariff(client), "1");
			assert.equal(Buffer.from(asOctets(await client.read(tariffCalendar, 2))).toString(), "1");
		});
		bench.run(90);
		await bench.with(async (client) => {
			assert.equal(await activeTariff(client), "6");
			assert.equal(Buffer.from(asOctets(await client.read(tariffCalendar, 2))).toString(), "new");
			const when = asOctets(await client.read(ref(1, "0-0:96.2.7.255"), 2));
			assert.deepEqual([...when.subarray(0, 8)], [7, 234, 3, 1, 7, 11, 30, 0]);
			// a set that names a day which is not there
			assert.equal(await client.set(tariffCalendar, 8, array(week("w", everyDay(4)))), result.success);
			assert.equal((await client.action(tariffCalendar, 1, zero)).result, result.otherReason);
			assert.equal(await activeTariff(client), "6");
		});
		const codes = await bench.codes(0);
		assert.equal(codes.filter((code) => code === 9).length, 1);
		assert.ok(codes.filter((code) => code === 19).length >= 5);
		assert.equal(codes.filter((code) => code === 231).length, 1);
	});

	it("F39: energy and demand on different rates by the same switch point", async () => {
		const bench = benchAt("2026-03-01T10:00:00Z");
		load(bench, 6900);
		bench.run(5);
		const write = (name: Uint8Array, mask: string): Data =>
			structure(data.enum(1), longUnsigned(6), octetString(name), data.integer(4), octetString(mask));
		const both = (id: number, energy: string, demand: string): Data =>
			structure(
				longUnsigned(id),
				array(write(Uint8Array.of(0, 0, 14, 0, 1, 255), energy), write(Uint8Array.of(0, 0, 14, 0, 2, 255), demand)),
			);
		await bench.with(async (client) => {
			assert.equal(await client.set(scripts, 2, array(both(1, "1", "1"), both(2, "9", "1"))), result.otherReason);
			assert.equal(elementsOf(await client.read(scripts, 2)).length, 24);
			const good = array(both(1, "1", "1"), both(3, "3", "2"));
			assert.equal(await client.set(scripts, 2, good), result.success);
			assert.deepEqual(await client.read(scripts, 2), good);
			assert.equal((await client.action(scripts, 1, longUnsigned(3))).result, result.success);
			assert.deepEqual([await activeTariff(client, 0), await activeTariff(client, 1)], ["3", "2"]);
			assert.equal((await client.action(scripts, 1, longUnsigned(2))).result, result.otherReason);
			assert.equal(Buffer.from(asOctets(await client.read(demandActivation, 4))).toString(), "2");
			assert.equal(await client.set(energyActivation, 4, octetString("1")), result.readWriteDenied);
		});
		bench.run(1900);
		await bench.with(async (client) => {
			const values = [];
			for (let e = 0; e <= 8; e++) values.push(asNumber(await client.read(ref(4, `1-0:1.6.${e}.255`), 2)));
			assert.ok(Math.abs(values[2]! - 6900) < 10, `${values}`);
			assert.equal(asNumber(await client.read(ref(4, "1-0:1.6.3.255"), 2)), 0);
			assert.ok(asNumber(await client.read(ref(3, "1-0:1.8.3.255"), 2)) > 3400);
		});
		assert.ok((await bench.codes(0)).includes(56));
	});

	it("F39 F32: masks name what exists, and one rate of each quantity", async () => {
		const bench = benchAt("2026-03-01T10:00:00Z");
		const mask = (name: string, registers: number[]): Data =>
			structure(octetString(name), array(...registers.map((n) => unsigned(n))));
		const rate = (n: number): number[] => Array.from({ length: 11 }, (_, quantity) => 11 * (n - 1) + quantity + 1);
		await bench.with(async (client) => {
			assert.equal(elementsOf(await client.read(energyActivation, 2)).length, 88);
			assert.equal(elementsOf(await client.read(demandActivation, 2)).length, 56);
			const masks = elementsOf(await client.read(energyActivation, 3));
			assert.deepEqual(masks[2], mask("3", rate(3)));
			for (const bad of [
				mask("x", [...rate(1).slice(1), 89]),
				mask("x", rate(1).slice(1)),
				mask("x", [...rate(1).slice(1), 2]),
				mask("1", rate(1)),
				mask("", rate(1)),
			])
				assert.equal((await client.action(energyActivation, 2, bad)).result, result.otherReason);
			// import on rate 1, everything else on rate 2
			const mixed = mask("mixed", [1, ...rate(2).slice(1)]);
			assert.equal((await client.action(energyActivation, 2, mixed)).result, result.success);
			assert.deepEqual(elementsOf(await client.read(energyActivation, 3)).at(-1), mixed);
			assert.equal((await client.action(energyActivation, 3, octetString("1"))).result, result.otherReason, "active");
			assert.equal((await client.action(energyActivation, 3, octetString("7"))).result, result.success);
			assert.equal((await client.action(energyActivation, 3, octetString("7"))).result, result.otherReason);
			for (const activation of [energyActivation, demandActivation]) {
				const assignment = elementsOf(await client.read(activation, 2));
				const list = elementsOf(await client.read(activation, 3));
				const [one, ...others] = list as [Data, ...Data[]];
				const wrongOnes = [
					structure(longUnsigned(8), elementsOf(assignment[0]!)[1]!), // class
					structure(longUnsigned(3), octetString(Uint8Array.of(1, 0, 1, 7, 1, 255))), // group D
					structure(longUnsigned(3), octetString(Uint8Array.of(1, 0, 1, 8, 1, 254))), // group F
					assignment[1]!,
				];
				for (const wrong of wrongOnes)
					assert.equal(
						await client.set(activation, 2, array(wrong, ...assignment.slice(1))),
						result.otherReason,
						JSON.stringify(wrong),
					);
				const untyped = structure(unsigned(3), elementsOf(assignment[0]!)[1]!);
				assert.equal(await client.set(activation, 2, array(...assignment.slice(1), untyped)), result.typeUnmatched);
				const notNumbers = structure(elementsOf(one)[0]!, array(longUnsigned(1)));
				assert.equal(await client.set(activation, 3, array(...others, notNumbers)), result.typeUnmatched);
				assert.deepEqual(elementsOf(await client.read(activation, 2)), assignment);
				assert.equal(await client.set(activation, 2, array(...assignment)), result.success);
				assert.equal(await client.set(activation, 3, array(...others, one)), result.success);
				assert.deepEqual(elementsOf(await client.read(activation, 2)), assignment);
				assert.deepEqual(elementsOf(await client.read(activation, 3)), [...others, one]);
			}
			// a script that was there before its mask went
			assert.equal((await client.action(scripts, 1, longUnsigned(7))).result, result.otherReason);
			assert.equal(await activeTariff(client), "1");
			const none = structure(longUnsigned(3), octetString(Uint8Array.of(1, 0, 1, 8, 9, 255)));
			assert.equal((await client.action(energyActivation, 1, none)).result, result.otherReason);
		});
	});

	it("F40: a client overrides the calendar until its time, as configured and readable", async () => {
		const bench = benchAt("2026-03-01T10:00:00Z");
		const setting = (priority: number, forced: number, until: Uint8Array, standard: number): Data =>
			structure(data.enum(priority), unsigned(forced), octetString(until), unsigned(standard));
		await bench.with(async (client) => {
			const factory = elementsOf(await client.read(source, 2));
			assert.deepEqual([factory[0]!.value, factory[1]!.value, factory[3]!.value], [0, 0, 1]);
			for (const bad of [
				setting(3, 0, never, 1),
				setting(1, 9, never, 1),
				setting(1, 1, never, 0),
				setting(1, 1, never, 9),
			])
				assert.equal(await client.set(source, 2, bad), result.otherReason);
			assert.equal(await client.set(source, 2, setting(0, 4, never, 1)), result.success);
			assert.equal(await activeTariff(client), "1", "the calendar alone decides");
			const until = dateTime("2026-03-01T11:00:00Z");
			assert.equal(await client.set(source, 2, setting(1, 4, until, 1)), result.success);
			assert.equal(await activeTariff(client), "4");
			assert.deepEqual(await client.read(source, 2), setting(1, 4, until, 1));
		});
		bench.cutPower(60);
		bench.run(60);
		await bench.with(async (client) => assert.equal(await activeTariff(client), "4"));
		bench.run(3600);
		await bench.with(async (client) => assert.equal(await activeTariff(client), "1"));
		assert.equal((await bench.codes(0)).filter((code) => code === 230).length, 2);
	});

	it("F45: with an invalid clock totals go on, on the default rate; the first valid set ends it", async () => {
		const bench = new MeterBench({ rtc_s: undefined });
		load(bench, 6900);
		bench.run(60);
		await bench.with(async (client) => {
			assert.equal(asNumber(await client.read(clock, 4)) & 1, 1);
			assert.equal(await activeTariff(client), "1");
			const wanted = structure(data.enum(0), unsigned(0), octetString(never), unsigned(5));
			assert.equal(await client.set(source, 2, wanted), result.success);
			assert.equal(await activeTariff(client), "5");
		});
		bench.cutPower(5);
		bench.run(600);
		await bench.with(async (client) => {
			assert.equal(await activeTariff(client), "5");
			const values = await rateEnergies(client, 1);
			assert.ok(values[4]! > 1100 && Math.abs(values[0]! + values[4]! - values[8]!) <= 2);
			assert.equal(await client.set(clock, 2, octetString(dateTime("2026-03-02T10:00:00Z"))), result.success);
		});
		bench.run(2);
		await bench.with(async (client) => {
			assert.equal(asNumber(await client.read(clock, 4)) & 1, 0);
			assert.equal(await activeTariff(client), "1");
		});
	});

	it("lets the staff read, and nobody but management write", async () => {
		const bench = benchAt("2026-03-01T10:00:00Z");
		const staff = await bench.connect("technician", "optical");
		assert.equal(elementsOf(await staff.read(tariffCalendar, 5)).length, 1);
		assert.equal(await staff.set(tariffCalendar, 6, octetString("x")), result.readWriteDenied);
		assert.equal((await staff.action(scripts, 1, longUnsigned(1))).result, result.readWriteDenied);
		await staff.close();
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { FaultyFlash, PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import { seededRandom } from "../storage/random.js";
import type { Data } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import { decodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { byEntry, byRange, type CaptureObject, clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import { result } from "../support/client/services.js";
import { since2000_s as utc } from "../support/since-2000.js";

const hour_s = 3600;
const billing1 = "0-0:98.1.0.255";
const billing2 = "0-0:98.2.0.255";
const scripts = ref(9, "0-0:10.0.1.255");
const schedule = ref(22, "0-0:15.0.0.255");
const maximum = "1-0:1.6.0.255";
const importActive = "1-0:1.8.0.255";
const any = 0xff;

/** A meter with 2 kW import, its clock at `start` (UTC). */
function meterAt(start: string, flash: FaultyFlash | MemoryFlash = newFlash(), before?: MeterBench): MeterBench {
	const bench = new MeterBench({ rtc_s: utc(start), flash, ...(before && { before }) });
	for (const phase of [1, 2, 3] as const) bench.grid.setPhase(phase, { current_A: 2.9 });
	return bench;
}

function newFlash(): MemoryFlash {
	return new MemoryFlash(flashLayout("desktop").sectorCount);
}

function isoOf(clock: Data): string {
	return new Date(toUnix_ms(decodeDateTime(asOctets(clock)))).toISOString().slice(0, 19);
}

function column(classId: number, logicalName: string, attribute = 2): CaptureObject {
	return { classId, logicalName, attribute, dataIndex: 0 };
}

/** Rows of a profile as values of the named columns; the clock in ISO form. */
async function rowsOf(client: DlmsClient, name: string, wanted: readonly CaptureObject[] = []): Promise<unknown[][]> {
	const { columns, rows } = await client.readProfile(name);
	const places = wanted.map((w) =>
		columns.findIndex((c) => c.logicalName === w.logicalName && c.attribute === w.attribute),
	);
	assert.ok(places.every((place) => place >= 0));
	return rows.map((row) => [isoOf(row[0]!), ...places.map((place) => plainOf(row[place]!))]);
}

function plainOf(found: Data): unknown {
	return found.value instanceof Uint8Array ? Buffer.from(found.value).toString("hex") : found.value;
}

/** Execution times: hour, minute, second, then year, month, day; -1 for any. */
function times(...entries: readonly (readonly number[])[]): Data {
	return data.array(
		...entries.map(([hour, minute, second, year, month, day]) =>
			data.structure(
				data.octetString(Uint8Array.of(hour! & any, minute! & any, second! & any, 0)),
				data.octetString(Uint8Array.of((year! >> 8) & any, year! & any, month! & any, day! & any, any)),
			),
		),
	);
}

async function setTimes(client: DlmsClient, type: number, value: Data): Promise<void> {
	assert.equal(await client.set(schedule, 4, data.array()), result.success);
	assert.equal(await client.set(schedule, 3, data.enum(type)), result.success);
	assert.equal(await client.set(schedule, 4, value), result.success);
}

function execute(client: DlmsClient, script: number): Promise<number> {
	return client.action(scripts, 1, data.longUnsigned(script)).then((answer) => answer.result);
}

async function valueIn(client: DlmsClient, classId: number, name: string, attribute = 2): Promise<number> {
	return asNumber(await client.read(ref(classId, name), attribute));
}

async function stampIn(client: DlmsClient, name: string): Promise<string> {
	return isoOf(await client.read(ref(1, name), 2));
}

describe("billing, from outside", () => {
	it("F94 F95: on day 1 at 00:00 local time there is one row, with the registers and the maximum of that instant, which then is 0", async () => {
		const bench = meterAt("2028-02-29T22:29:50Z");
		bench.run(30 * 60 + 20);
		await bench.with(async (client) => {
			const [row, ...others] = await rowsOf(client, billing1, [
				column(3, importActive),
				column(4, maximum),
				column(4, maximum, 5),
			]);
			assert.deepEqual(others, []);
			assert.equal(row![0], "2028-02-29T23:00:00");
			const profile = await client.readProfile("1-0:99.1.0.255");
			const quarter = profile.rows.find(([clock]) => isoOf(clock!) === "2028-02-29T23:00:00")!;
			assert.equal(row![1], asNumber(quarter[2]!), "the row of the load profile at midnight has the same energy");
			assert.ok(Math.abs((row![2] as number) - 2000) < 20, `${row![2]} W`);
			assert.match(row![3] as string, /^07ec0(21d|301)/);
			assert.equal(await valueIn(client, 4, maximum), 0);
			assert.equal(await valueIn(client, 3, "1-0:1.2.0.255"), row![2], "cumulative demand has it");
			assert.equal(await valueIn(client, 1, "1-0:0.1.0.255"), 1);
			assert.equal(await valueIn(client, 1, "1-0:0.1.1.255"), 1);
			assert.equal(await stampIn(client, "1-0:0.1.2.255"), "2028-02-29T23:00:00");
			assert.equal(await valueIn(client, 3, "1-0:0.9.0.255"), 10);
			const total = await valueIn(client, 3, importActive);
			const increment = await valueIn(client, 3, "1-0:1.9.0.255");
			assert.ok(Math.abs(total - (row![1] as number) - increment) <= 1, "energy of the new period");
		});
		assert.ok(!(await bench.codes(0)).includes(21), "a periodic end makes no event");
	});

	it("F94: the period is monthly on any day and hour, weekly, daily, or a list of dates, 29 February too", async () => {
		const bench = meterAt("2028-02-28T20:00:00Z");
		const cases: [string, number, Data, string[]][] = [
			["daily", 1, times([21, 5, 0, -1, -1, -1]), ["2028-02-28T20:05:00"]],
			["hourly", 1, times([-1, 15, 0, -1, -1, -1]), ["2028-02-28T20:15:00", "2028-02-28T21:15:00"]],
			[
				"dates",
				4,
				times([22, 20, 0, 2028, 2, 28], [22, 25, 0, 2028, 2, 28], [9, 0, 0, 2031, 1, 1]),
				["2028-02-28T21:20:00", "2028-02-28T21:25:00"],
			],
			["29 February", 1, times([0, 0, 0, -1, 2, 29]), ["2028-02-28T23:00:00"]],
		];
		const expected: string[] = [];
		const until = ["2028-02-28T20:06:00Z", "2028-02-28T21:16:00Z", "2028-02-28T21:26:00Z", "2028-02-28T23:01:00Z"];
		for (const [n, [, type, value, rows]] of cases.entries()) {
			await bench.with((client) => setTimes(client, type, value));
			const now = await bench.with((client) => stampIn(client, "1-0:0.1.2.255").catch(() => ""));
			assert.equal(now, expected.at(-1) ?? "");
			const clock = await bench.with(async (client) => isoOf(await client.read(ref(8, "0-0:1.0.0.255"), 2)));
			bench.run(utc(until[n]!) - utc(`${clock}Z`));
			expected.push(...rows);
		}
		await bench.with(async (client) => assert.deepEqual((await rowsOf(client, billing1)).flat(), expected));
	});

	it("F94: contradictory schedules are refused, and nothing has changed", async () => {
		const bench = meterAt("2028-02-28T10:00:00Z");
		await bench.with(async (client) => {
			const before = await client.read(schedule, 4);
			const refused: Data[] = [
				times([0, 0, 0, -1, -1, 1], [1, 0, 0, -1, -1, 2]), // type 1 has one entry
				times([25, 0, 0, -1, -1, 1]),
				times([0, 0, 0, -1, 13, 1]),
				times([0, 0, 0, 2027, 2, 30]),
			];
			for (const value of refused) assert.equal(await client.set(schedule, 4, value), result.otherReason);
			assert.deepEqual(await client.read(schedule, 4), before);
			const denied = data.structure(data.octetString(encodeLogicalName("0-0:10.0.1.255")), data.longUnsigned(9));
			assert.notEqual(await client.set(schedule, 2, denied), result.success, "there is no script 9");
		});
	});

	it("F94: power away over the billing date gives one row at its return, marked, and the nominal time in the time stamp", async () => {
		const bench = meterAt("2028-02-29T22:00:00Z");
		await bench.with(async (client) => {
			const columns = [clockColumn, column(3, importActive), column(1, "0-0:96.10.1.255")];
			assert.equal(
				await client.set(ref(7, billing1), 3, data.array(...columns.map(encodeCaptureObject))),
				result.success,
			);
		});
		bench.run(1800);
		bench.cutPower(5 * hour_s);
		bench.run(60);
		await bench.with(async (client) => {
			const rows = await rowsOf(client, billing1, [column(3, importActive), column(1, "0-0:96.10.1.255")]);
			assert.equal(rows.length, 1);
			assert.match(rows[0]![0] as string, /^2028-03-01T03:30:0\d$/);
			assert.equal((rows[0]![2] as number) & 0x80, 0x80, "power down");
			assert.equal(await stampIn(client, "1-0:0.1.2.255"), "2028-02-29T23:00:00");
			assert.equal(await valueIn(client, 1, "1-0:0.1.0.255"), 1);
		});
		bench.cutPower(10);
		bench.run(60);
		await bench.with(async (client) => assert.equal((await rowsOf(client, billing1)).length, 1));
	});

	for (const [way, to, ends, power] of [
		["set back over the billing date does not end the period twice", "2028-02-29T22:57:00Z", 1, ""],
		["set back by more than a day ends it when the date comes", "2028-02-28T22:50:00Z", 2, ""],
		["set back by more than a day ends it after an outage, too", "2028-02-28T22:50:00Z", 2, "cut"],
	] as const)
		it(`F94: the clock ${way}`, async () => {
			const bench = meterAt("2028-02-29T22:58:00Z");
			bench.run(300);
			await bench.with(async (client) => {
				const back = fromUnix_ms(Date.parse(to), -60, 0);
				const octets = Buffer.alloc(12);
				octets.writeUInt16BE(back.year!, 0);
				octets.set([back.month!, back.day!, any, back.hour!, back.minute!, back.second!, any], 2);
				octets.writeInt16BE(-60, 9);
				assert.equal(await client.set(ref(8, "0-0:1.0.0.255"), 2, data.octetString(octets)), result.success);
			});
			bench.run(5);
			if (power === "cut") bench.cutPower(10);
			bench.run(ends > 1 ? 86_400 + 900 : 600);
			await bench.with(async (client) => {
				assert.deepEqual((await rowsOf(client, billing1)).flat(), Array(ends).fill("2028-02-29T23:00:00"));
				assert.equal(await valueIn(client, 1, "1-0:0.1.0.255"), ends);
			});
		});

	it("F30 F95: by command, with events 21 and 234, locked out for the time set, also over a power failure", async () => {
		const bench = meterAt("2028-02-10T09:44:50Z");
		bench.run(930);
		await bench.with(async (client) => {
			assert.equal(await client.set(ref(3, "1-0:0.9.12.255"), 2, data.doubleLongUnsigned(90_000)), result.otherReason);
			assert.equal(await client.set(ref(3, "1-0:0.9.12.255"), 2, data.doubleLongUnsigned(600)), result.success);
			assert.ok((await valueIn(client, 4, maximum)) > 1900);
			assert.equal(await execute(client, 1), result.success);
			assert.equal(await valueIn(client, 4, maximum), 0);
			assert.equal(await execute(client, 1), result.otherReason);
			assert.equal(await execute(client, 3), result.otherReason);
			assert.equal((await rowsOf(client, billing1)).length, 1);
			assert.equal(Buffer.from(asOctets(await client.read(ref(1, "1-0:0.9.6.255"), 2))).toString("hex"), "0b001400");
			assert.equal(Buffer.from(asOctets(await client.read(ref(1, "1-0:0.9.7.255"), 2))).toString("hex"), "07ec020a04");
		});
		const codes = await bench.codes(0);
		assert.ok(codes.includes(21) && codes.includes(234));
		assert.ok((await bench.codes(7)).includes(242), "a refused reset is logged");
		bench.cutPower(200);
		await bench.with(async (client) => assert.equal(await execute(client, 1), result.otherReason));
		bench.run(420);
		await bench.with(async (client) => {
			assert.equal(await execute(client, 3), result.success);
			assert.equal((await rowsOf(client, billing1)).length, 2);
			assert.equal(await valueIn(client, 1, "1-0:0.1.0.255"), 2);
		});
		await assert.rejects(async () => {
			const reader = await bench.connect("reader");
			const answer = await reader.action(scripts, 1, data.longUnsigned(1));
			assert.equal(answer.result, result.success);
		});
	});

	it("F30 F50: the sealed reset button resets the maxima once a press, by the rules of a command; stuck it is told once", async () => {
		const bench = meterAt("2028-02-10T09:44:50Z");
		bench.run(930);
		const { housing } = bench.simulated;
		const press = (seconds: number) => {
			housing.set({ resetButton: true });
			bench.run(seconds);
			housing.set({ resetButton: false });
			bench.run(3);
		};
		const state = () =>
			bench.with(async (client) => ({
				maximum: await valueIn(client, 4, maximum),
				cumulative: await valueIn(client, 3, "1-0:1.2.0.255"),
				periods: await valueIn(client, 1, "1-0:0.1.0.255"),
				rows: (await rowsOf(client, billing1)).length,
			}));
		const count = async (log: number, code: number) => (await bench.codes(log)).filter((one) => one === code).length;
		await bench.with(async (client) => {
			assert.equal(await client.set(ref(3, "1-0:0.9.12.255"), 2, data.doubleLongUnsigned(600)), result.success);
		});
		const before = await state();
		assert.ok(before.maximum > 1900);
		press(3);
		const reset = { maximum: 0, cumulative: before.maximum, periods: 1, rows: 1 };
		assert.deepEqual(await state(), reset);
		assert.deepEqual([await count(0, 21), await count(0, 234), await count(7, 242)], [1, 1, 0]);
		bench.run(300);
		press(3);
		assert.deepEqual(await state(), reset, "locked out");
		assert.equal(await count(7, 242), 1);
		bench.run(600);
		housing.set({ resetButton: true });
		bench.run(90);
		bench.cutPower(30);
		bench.run(90);
		assert.equal((await state()).periods, 2, "held on, and held at a start, it asks for nothing more");
		assert.equal(await count(0, 232), 2, "stuck: told once a start");
		housing.set({ resetButton: false });
		bench.run(700);
		press(3);
		assert.equal((await state()).periods, 3);
	});

	it("F95: script 3 stores a row and leaves the maxima", async () => {
		const bench = meterAt("2028-02-10T09:44:50Z");
		bench.run(930);
		await bench.with(async (client) => {
			const before = await valueIn(client, 4, maximum);
			assert.ok(before > 1900);
			assert.equal(await execute(client, 3), result.success);
			assert.equal(await valueIn(client, 4, maximum), before);
			assert.deepEqual(
				(await rowsOf(client, billing1, [column(4, maximum)])).map((row) => row[1]),
				[before],
			);
		});
		const codes = await bench.codes(0);
		assert.ok(codes.includes(21) && !codes.includes(234));
	});

	it("F95 G3: whatever write power fails in, the row is there and the maxima are reset, or neither", async () => {
		let isOver = false;
		let done = 0;
		for (let cut = 1; !isOver; cut += 2) {
			const part = newFlash();
			const flash = new FaultyFlash(part, seededRandom(cut));
			const bench = meterAt("2028-02-10T09:54:50Z", flash);
			bench.simulated.meter.application.demand.setPeriod(300);
			bench.run(330);
			const client = await bench.connect("management");
			const before = await valueIn(client, 4, maximum);
			assert.ok(before > 1900);
			flash.cutAfter(cut);
			try {
				assert.equal(await execute(client, 1), result.success);
				isOver = true;
			} catch (error) {
				if (!flash.isCut) throw error;
				assert.ok(error instanceof PowerCut || error instanceof Error);
			}
			flash.restore();
			const again = meterAt("2028-02-10T10:00:30Z", flash, bench);
			again.run(10);
			await again.with(async (opened) => {
				const rows = await rowsOf(opened, billing1, [column(4, maximum)]);
				const now = await valueIn(opened, 4, maximum);
				const isDone = rows.length === 1;
				if (isDone) done++;
				assert.equal(now, isDone ? 0 : before, `cut at ${cut}`);
				assert.equal(await valueIn(opened, 3, "1-0:1.2.0.255"), isDone ? before : 0, `cut at ${cut}`);
				assert.equal(await valueIn(opened, 1, "1-0:0.1.0.255"), rows.length, `cut at ${cut}`);
				if (isDone) assert.equal(rows[0]![1], before);
			});
			assert.equal(part.statistics.violations, 0);
		}
		assert.ok(done > 5, `${done} of the cuts came after the row`);
	}).timeout(60_000);

	it("F95 G3: the end that the schedule asked for is done once, whatever write power fails in", async () => {
		for (let cut = 1; cut < 60; cut += 3) {
			const flash = new FaultyFlash(newFlash(), seededRandom(cut));
			const bench = meterAt("2028-02-29T22:59:50Z", flash);
			bench.run(9);
			flash.cutAfter(cut);
			try {
				bench.run(30);
			} catch (error) {
				if (!flash.isCut) throw error;
			}
			flash.restore();
			const again = meterAt("2028-02-29T23:01:00Z", flash);
			again.run(90);
			await again.with(async (client) => {
				assert.equal((await rowsOf(client, billing1)).length, 1, `cut at ${cut}`);
				assert.equal(await valueIn(client, 1, "1-0:0.1.0.255"), 1, `cut at ${cut}`);
				assert.equal(await stampIn(client, "1-0:0.1.2.255"), "2028-02-29T23:00:00");
			});
		}
	}).timeout(60_000);

	it("F95: a row that cannot be stored resets nothing, makes an event, and is tried again", async () => {
		const flash = new FaultyFlash(newFlash(), seededRandom(1));
		const bench = meterAt("2028-02-29T22:29:50Z", flash);
		bench.run(30 * 60);
		flash.refuses = "program";
		bench.run(30);
		flash.refuses = "nothing";
		await bench.with(async (client) => {
			assert.ok((await valueIn(client, 4, maximum)) > 1900);
			assert.equal((await rowsOf(client, billing1)).length, 0);
		});
		bench.run(70);
		await bench.with(async (client) => {
			assert.equal((await rowsOf(client, billing1)).length, 1);
			assert.equal(await valueIn(client, 4, maximum), 0);
			assert.equal(await stampIn(client, "1-0:0.1.2.255"), "2028-02-29T23:00:00");
		});
		assert.ok((await bench.codes(0)).includes(14));
	});

	it("F96: takes the clock and 32 attributes, and no more; nor what is unknown, unbounded or not readable", async () => {
		const bench = meterAt("2028-02-10T10:00:00Z");
		await bench.with(async (client) => {
			assert.equal(await execute(client, 1), result.success);
			const profile = ref(7, billing1);
			const set = (columns: readonly CaptureObject[]) =>
				client.set(profile, 3, data.array(...columns.map(encodeCaptureObject)));
			const energies = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20];
			const all = [...energies, ...energies.map((c) => c + 20).filter((c) => c < 37 || c === 36)].slice(0, 32);
			const names = all.map((c) => column(3, `1-0:${c}.8.0.255`));
			const wide = [...names, ...names].slice(0, 32);
			const before = await client.read(profile, 3);
			assert.notEqual(await set([clockColumn, ...wide, names[0]!]), result.success, "33");
			assert.equal(await set([clockColumn, column(3, "1-0:99.99.99.255")]), result.otherReason);
			assert.equal(await set([clockColumn, column(7, "0-0:99.98.0.255")]), result.otherReason);
			assert.equal(await set([clockColumn, column(15, "0-0:40.0.0.255")]), result.otherReason);
			assert.equal(await set([column(3, importActive)]), result.otherReason, "the clock comes first");
			assert.equal(await set([]), result.otherReason);
			assert.deepEqual(await client.read(profile, 3), before);
			assert.equal(await valueIn(client, 7, billing1, 7), 1);
			assert.equal(await set([clockColumn, ...wide]), result.success);
			assert.deepEqual(await client.read(profile, 3), data.array(...[clockColumn, ...wide].map(encodeCaptureObject)));
			assert.equal(await valueIn(client, 7, billing1, 7), 0, "the buffer is cleared");
			assert.ok((await valueIn(client, 7, billing1, 8)) >= 36);
		});
		const codes = await bench.codes(0);
		assert.ok(codes.includes(254) && codes.includes(47));
	});

	it("F97: an enabled fraud makes one row of billing profile 2 per hold time, and no reset", async () => {
		const bench = meterAt("2028-02-10T11:59:50Z");
		bench.run(930);
		const { billing, events } = bench.simulated.meter.application;
		await bench.with(async (client) => {
			const before = await valueIn(client, 4, maximum);
			assert.ok(before > 1900);
			events.event(1, 44);
			assert.ok(billing.fraud(1));
			bench.run(5);
			assert.ok(!billing.fraud(1), "within the hold time");
			assert.ok(!billing.fraud(4), "not enabled");
			assert.ok(billing.fraud(0), "another cause");
			const rows = await rowsOf(client, billing2, [column(1, "0-0:96.11.1.255"), column(4, maximum)]);
			assert.deepEqual(
				rows.map((row) => [(row[0] as string).slice(0, 16), ...row.slice(1)]),
				[0, 1].map(() => ["2028-02-10T12:15", 44, before]),
			);
			assert.equal(await valueIn(client, 4, maximum), before, "demand is not reset");
			assert.equal(await valueIn(client, 1, "1-0:0.1.3.255"), 2);
			assert.equal(await valueIn(client, 1, "1-0:0.1.0.255"), 0);
			const mask = ref(1, "0-0:96.50.1.255");
			assert.equal(await client.set(mask, 2, data.bitString("0000000000000001")), result.otherReason);
			assert.equal(await client.set(mask, 2, data.bitString("0000100000000000")), result.success);
			assert.equal(await client.set(ref(3, "0-0:96.50.4.255"), 2, data.longUnsigned(60)), result.success);
			assert.ok(billing.fraud(4));
			assert.ok(!billing.fraud(1));
		});
		bench.cutPower(10);
		assert.ok(!bench.simulated.meter.application.billing.fraud(4), "the hold time goes on over a power failure");
		bench.run(60);
		assert.ok(bench.simulated.meter.application.billing.fraud(4));
	});

	it("F98: of 40 periods the last 36 are left, in order, and read by range and by entry", async () => {
		const bench = meterAt("2028-02-10T10:00:30Z");
		await bench.with((client) => setTimes(client, 1, times([-1, -1, 0, -1, -1, -1])));
		bench.run(40 * 60);
		await bench.with(async (client) => {
			assert.equal(await valueIn(client, 1, "1-0:0.1.0.255"), 40);
			assert.equal(await valueIn(client, 7, billing1, 7), 36);
			const rows = (await rowsOf(client, billing1)).map((row) => row[0]);
			const expected = Array.from({ length: 36 }, (_, n) =>
				new Date(Date.parse("2028-02-10T10:05:00Z") + n * 60_000).toISOString().slice(0, 19),
			);
			assert.deepEqual(rows, expected);
			const some = elementsOf(await client.read(ref(7, billing1), 2, byEntry(35, 99)));
			assert.deepEqual(
				some.map((row) => isoOf(elementsOf(row)[0]!)),
				expected.slice(34),
			);
			const at = (iso: string) => fromUnix_ms(Date.parse(iso), -60, any);
			const early = byRange(at("2028-02-09T00:00:00Z"), at("2028-02-10T10:06:00Z"), [clockColumn]);
			const found = elementsOf(await client.read(ref(7, billing1), 2, early));
			assert.deepEqual(
				found.map((row) => isoOf(elementsOf(row)[0]!)),
				expected.slice(0, 2),
			);
		});
	});

	it("F45: without time no period ends; afterwards the missed end is made up for, once", async () => {
		const flash = newFlash();
		meterAt("2028-02-29T22:50:00Z", flash).run(120);
		const bench = new MeterBench({ rtc_s: undefined, flash });
		bench.run(20 * 60);
		await bench.with(async (client) => {
			assert.equal((await rowsOf(client, billing1)).length, 0);
			const octets = Uint8Array.of(0x07, 0xec, 3, 2, any, 8, 0, 0, any, 0xff, 0xc4, 0);
			assert.equal(await client.set(ref(8, "0-0:1.0.0.255"), 2, data.octetString(octets)), result.success);
		});
		bench.run(120);
		await bench.with(async (client) => {
			const rows = (await rowsOf(client, billing1)).flat();
			assert.equal(rows.length, 1);
			assert.match(rows[0] as string, /^2028-03-02T07:00:0/);
			assert.equal(await stampIn(client, "1-0:0.1.2.255"), "2028-02-29T23:00:00");
		});
	});
});

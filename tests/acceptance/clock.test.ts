// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { ExceptionResponseError } from "../support/client/errors.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { epoch_ms, since2000_s } from "../support/since-2000.js";

const clock = ref(8, "0-0:1.0.0.255");
const lastChange = ref(1, "0-0:96.2.12.255");
const shiftLimit = ref(3, "1-0:0.9.11.255");
const standardLog = "0-0:99.98.0.255";
const loadProfile = "1-0:99.1.0.255";
const day_s = 86_400;
const noon = "2026-02-10T12:00:00Z";
const event = Object.freeze({ daylightSaving: 3, from: 4, to: 5, invalid: 6, replaceBattery: 7, batteryLow: 8 });
const status = Object.freeze({ clockInvalid: 0x02, dataNotValid: 0x04, clockAdjusted: 0x20 });
/** Octets of the clock status. */
const invalidTime = 0x01;
const summerTime = 0x80;

/** A time of day in winter or summer, as a client writes it. */
function wallTime(utc: string, deviation = -60): Uint8Array {
	return encodeDateTime(fromUnix_ms(Date.parse(utc), deviation, 0));
}

describe("the clock of a running meter", () => {
	let meter: RunningMeter;
	let world_ms: number;

	async function start(utc: string): Promise<void> {
		world_ms = Date.parse(utc);
		meter = await RunningMeter.start("SM402D", { clock_s: since2000_s(world_ms), speed: 0, seed: 3 });
		run(2);
	}
	afterEach(() => meter.close());

	const simulated = () => meter.simulator.simulated;
	/** UTC of the world, ms. */
	const truth_ms = (): number => world_ms + simulated().monotonic_ms();

	function run(seconds: number): void {
		simulated().runTo(simulated().monotonic_ms() + seconds * 1000);
	}

	/** The supply is away for a time. */
	function off(seconds: number): void {
		simulated().cutPower();
		run(seconds);
		simulated().restorePower();
		run(2);
	}

	const ask = <Value>(use: (client: DlmsClient) => Promise<Value>): Promise<Value> => meter.with("management", use);

	/** Seconds that the meter's clock is ahead of the world. */
	async function error_s(): Promise<number> {
		const found = await ask(async (client) => toUnix_ms(decodeDateTime(asOctets(await client.read(clock, 2)))));
		return (found - Math.floor(truth_ms() / 1000) * 1000) / 1000;
	}

	const clockStatus = (): Promise<number> => ask(async (client) => asNumber(await client.read(clock, 4)));

	/** Codes and times of the standard log, from the last power up on. */
	async function events(): Promise<{ code: number; unix_ms: number }[]> {
		const { rows } = await ask((client) => client.readProfile(standardLog));
		return rows.map((row) => ({ code: asNumber(row[1]!), unix_ms: toUnix_ms(decodeDateTime(asOctets(row[0]!))) }));
	}

	async function count(code: number): Promise<number> {
		return (await events()).filter((entry) => entry.code === code).length;
	}

	async function rowsOf(profile: string): Promise<{ unix_ms: number; status: number }[]> {
		const { rows } = await ask((client) => client.readProfile(profile));
		return rows.map((row) => ({
			unix_ms: toUnix_ms(decodeDateTime(asOctets(row[0]!))),
			status: asNumber(row[1]!),
		}));
	}

	const set = (utc: string, deviation = -60): Promise<number> =>
		ask((client) => client.set(clock, 2, data.octetString(wallTime(utc, deviation))));

	it("F41: at the compensated error of its quartz it is within 15 s after 30 days, measuring for half an hour of each (all of them: npm run year)", async () => {
		await start(noon);
		simulated().rtc.change({ temperature_degC: 23 });
		run(7200);
		for (let day = 0; day < 30; day++) {
			off(day_s - 1800);
			run(1798);
		}
		const error = await error_s();
		assert.ok(Math.abs(error) <= 15, `${error} s after 30 days`);
		assert.equal(await clockStatus(), 0);
	}).timeout(30_000);

	for (const temperature_degC of [-40, -25, 0, 23, 45, 70]) {
		it(`F41: at ${temperature_degC} °C within 0.5 s and 0.15 s for each K from 23 °C a day, and within 2 s a day`, async () => {
			await start(noon);
			const days = 10;
			simulated().rtc.change({ temperature_degC });
			off(days * day_s);
			const error = await error_s();
			const limit = Math.min(2, 0.5 + 0.15 * Math.abs(temperature_degC - 23));
			// the clock is read in whole seconds
			assert.ok(Math.abs(error) <= days * limit + 1, `${error} s in ${days} days`);
		});
	}

	it("F41: without compensation the quartz leaves the limit in the cold: the world has a parabola", async () => {
		await start(noon);
		simulated().rtc.change({ temperature_degC: -40, isCompensated: false });
		off(10 * day_s);
		const error = await error_s();
		assert.ok(error < -100 && error > -130, `${error} s`);
	});

	it("F41: the clock of a meter that measures follows its part, and no second is there twice", async () => {
		await start(noon);
		simulated().rtc.change({ error_ppm: 250 });
		const seconds = new Set<number>();
		const { application } = simulated().meter;
		let before = application.clock.utc_s();
		for (let minute = 0; minute < 600; minute++) {
			run(60);
			const now = application.clock.utc_s();
			assert.ok(now > before && !seconds.has(now));
			seconds.add(now);
			before = now;
		}
		const error = await error_s();
		const part = 250e-6 * 36_002;
		assert.ok(Math.abs(error - part) <= 3, `${error} s, the part ${part} s`);
		assert.equal(await count(event.from), 0);
	}).timeout(60_000);

	it("F42: in spring 01:59:59 is followed by 03:00:00, in autumn 02:59:59 by 02:00:00, with bit 7 and one event 3 each", async () => {
		await start("2026-03-29T00:59:50Z");
		run(7);
		const local = async (): Promise<string> => {
			const time = decodeDateTime(asOctets(await ask((client) => client.read(clock, 2))));
			return `${time.hour}:${time.minute}:${time.second}`;
		};
		assert.equal(await local(), "1:59:59");
		assert.equal((await clockStatus()) & summerTime, 0);
		run(1);
		assert.equal(await local(), "3:0:0");
		assert.equal((await clockStatus()) & summerTime, summerTime);
		assert.equal(await count(event.daylightSaving), 1);
		await meter.close();
		await start("2026-10-25T00:59:50Z");
		run(7);
		assert.equal(await local(), "2:59:59");
		assert.equal((await clockStatus()) & summerTime, summerTime);
		run(1);
		assert.equal(await local(), "2:0:0");
		assert.equal((await clockStatus()) & summerTime, 0);
		assert.equal(await count(event.daylightSaving), 1);
		assert.equal(await count(event.from), 0);
	});

	it("F42: refuses a deviation beyond two hours and impossible rules, and honours bit 7 within the doubled hour", async () => {
		await start("2026-10-25T00:10:00Z");
		await ask(async (client) => {
			assert.equal(await client.set(clock, 7, data.integer(121)), result.otherReason);
			assert.equal(await client.set(clock, 7, data.integer(-121)), result.otherReason);
			const impossible = Uint8Array.from(asOctets(await client.read(clock, 5)));
			impossible[2] = 13;
			assert.equal(await client.set(clock, 5, data.octetString(impossible)), result.otherReason);
			const noDay = Uint8Array.from(asOctets(await client.read(clock, 5)));
			noDay.set([2, 31, 255], 2);
			assert.equal(await client.set(clock, 5, data.octetString(noDay)), result.otherReason);
			assert.equal(
				await client.set(clock, 6, data.octetString(asOctets(await client.read(clock, 5)))),
				result.otherReason,
			);
			for (const [bits, utc] of [
				[summerTime, "2026-10-25T00:30:00Z"],
				[0, "2026-10-25T01:30:00Z"],
			] as const) {
				const half = wallTime("2026-10-25T01:30:00Z");
				half.set([0x80, 0], 9); // deviation not specified
				half[11] = bits;
				assert.equal(await client.set(clock, 2, data.octetString(half)), result.success);
				assert.equal(toUnix_ms(decodeDateTime(asOctets(await client.read(clock, 2)))), Date.parse(utc));
			}
		});
	});

	it("F43: five days without supply cost nothing but the drift; beyond the reserve: invalid, event 6, from the last known instant", async () => {
		await start(noon);
		simulated().rtc.change({ reserve_s: 7 * day_s });
		off(5 * day_s);
		const error = await error_s();
		assert.ok(Math.abs(error) <= 2.5, `${error} s`);
		assert.equal((await clockStatus()) & invalidTime, 0);
		assert.equal(await count(event.invalid), 0);
		run(130);
		const alive_ms = truth_ms();
		off(8 * day_s);
		assert.equal((await clockStatus()) & invalidTime, invalidTime);
		assert.equal(await count(event.invalid), 1);
		const found = await ask(async (client) => toUnix_ms(decodeDateTime(asOctets(await client.read(clock, 2)))));
		assert.ok(found >= alive_ms - 63_000 && found <= alive_ms + 5000, `${(found - alive_ms) / 1000} s`);
		assert.equal(await set("2026-02-24T12:00:00Z"), result.success);
		assert.equal((await clockStatus()) & invalidTime, 0);
	});

	it("F43: a cell that runs low, is empty, and is taken out while the meter works: events 8 and 7 once, the time goes on", async () => {
		await start(noon);
		run(65);
		assert.equal(await count(event.batteryLow), 0);
		simulated().rtc.change({ cell_mV: 2500 });
		run(130);
		assert.deepEqual([await count(event.batteryLow), await count(event.replaceBattery)], [1, 0]);
		simulated().rtc.change({ cell_mV: 0 });
		run(130);
		assert.deepEqual([await count(event.batteryLow), await count(event.replaceBattery)], [1, 1]);
		assert.equal(await error_s(), 0);
		assert.equal(await clockStatus(), 0);
		simulated().rtc.change({ cell_mV: 3000 });
		run(65);
		simulated().rtc.change({ cell_mV: 0 });
		run(65);
		assert.equal(await count(event.replaceBattery), 2);
		off(10);
		assert.equal((await clockStatus()) & invalidTime, invalidTime);
	});

	it("F44: a second is ignored; up to the limit is synchronisation, complete and regular intervals; above it events 4 and 5, and marks", async () => {
		await start("2026-02-10T11:58:00Z");
		const never = asOctets(await ask((client) => client.read(lastChange, 2)));
		assert.equal(Buffer.from(never.subarray(0, 2)).toString("hex"), "ffff");
		run(58);
		const shift = (seconds: number): Promise<number> =>
			ask(async (client) => (await client.action(clock, 6, data.long(seconds))).result);
		const given = wallTime(new Date(Math.floor(truth_ms() / 1000) * 1000 + 1000).toISOString());
		assert.equal(await ask((client) => client.set(clock, 2, data.octetString(given))), result.success);
		assert.equal(await error_s(), 0);
		assert.equal(await shift(1), result.success);
		assert.equal(await error_s(), 1, "a step that is asked for is made");
		assert.equal(await shift(-1), result.success);
		assert.equal(await shift(9), result.success);
		assert.equal(await error_s(), 9);
		const changed = asOctets(await ask((client) => client.read(lastChange, 2)));
		assert.equal(toUnix_ms(decodeDateTime(changed)), Math.floor(truth_ms() / 1000) * 1000 + 9000);
		assert.equal(await shift(-9), result.success);
		run(2 * 900);
		let rows = await rowsOf(loadProfile);
		assert.deepEqual(
			rows.slice(1).map((row) => row.unix_ms),
			["2026-02-10T12:15:00Z", "2026-02-10T12:30:00Z"].slice(0, rows.length - 1).map((utc) => Date.parse(utc)),
		);
		assert.ok(rows.slice(1).every((row) => row.status === 0));
		assert.deepEqual([await count(event.from), await count(event.to)], [0, 0]);
		const old_ms = truth_ms();
		assert.equal(await shift(10), result.success);
		const entries = await events();
		assert.deepEqual(
			entries.slice(-2).map(({ code }) => code),
			[event.from, event.to],
		);
		assert.ok(
			Math.abs(entries.at(-2)!.unix_ms - old_ms) <= 1000 &&
				entries.at(-1)!.unix_ms - entries.at(-2)!.unix_ms === 10_000,
		);
		run(900);
		rows = await rowsOf(loadProfile);
		assert.equal(rows.at(-1)!.status & status.clockAdjusted, status.clockAdjusted);
		run(900);
		rows = await rowsOf(loadProfile);
		assert.equal(rows.at(-1)!.status & status.clockAdjusted, 0);
	});

	it("F44: the limit is settable from 1 to 60 s; quarter, measuring period, minute and preset adjust as they say", async () => {
		await start("2026-02-10T12:07:40Z");
		await ask(async (client) => {
			assert.equal(await client.set(shiftLimit, 2, data.longUnsigned(0)), result.otherReason);
			assert.equal(await client.set(shiftLimit, 2, data.longUnsigned(61)), result.otherReason);
			assert.equal(await client.set(shiftLimit, 2, data.longUnsigned(60)), result.success);
			const time = async (): Promise<string> => {
				const { hour, minute, second } = decodeDateTime(asOctets(await client.read(clock, 2)));
				return `${hour}:${minute}:${second}`;
			};
			assert.equal((await client.action(clock, 3, data.integer(0))).result, result.success);
			assert.equal(await time(), "13:8:0");
			assert.equal((await client.action(clock, 6, data.long(1))).result, result.success);
			assert.equal(await time(), "13:8:1");
			assert.equal((await client.action(clock, 3, data.integer(0))).result, result.success);
			assert.equal(await time(), "13:8:0", "a second off is off");
			assert.equal((await client.action(clock, 1, data.integer(0))).result, result.success);
			assert.equal(await time(), "13:15:0");
			assert.equal((await client.action(clock, 6, data.long(500))).result, result.success);
			assert.equal((await client.action(clock, 2, data.integer(0))).result, result.success);
			assert.equal(await time(), "13:30:0");
			const preset = (...utc: readonly string[]) =>
				client.action(clock, 5, data.structure(...utc.map((text) => data.octetString(wallTime(text)))));
			assert.equal(
				(await preset("2026-02-10T14:00:00Z", "2026-02-10T13:00:00Z", "2026-02-10T12:00:00Z")).result,
				result.otherReason,
			);
			assert.equal((await client.action(clock, 4, data.integer(0))).result, result.otherReason);
			assert.equal(
				(await preset("2026-02-10T14:00:00Z", "2026-02-10T12:00:00Z", "2026-02-10T13:00:00Z")).result,
				result.success,
			);
			assert.equal((await client.action(clock, 4, data.integer(0))).result, result.success);
			assert.equal(await time(), "15:0:0");
		});
	});

	it("F44: refuses years outside, fields left open and impossible dates; a client without the right is denied", async () => {
		await start(noon);
		const before = await error_s();
		await ask(async (client) => {
			for (const change of [
				(time: Uint8Array) => time.set([0x07, 0xcf, 2, 10, 0xff], 0), // 1999
				(time: Uint8Array) => time.set([0x08, 0x34], 0), // 2100, with the weekday of another year
				(time: Uint8Array) => time.set([0x08, 0x34, 2, 10, 0xff], 0), // 2100
				(time: Uint8Array) => time.set([0xff, 0xff], 0),
				(time: Uint8Array) => time.set([13], 2),
				(time: Uint8Array) => time.set([2, 30], 2),
				(time: Uint8Array) => time.set([0xff], 6),
				(time: Uint8Array) => time.set([24], 5),
			]) {
				const time = Uint8Array.from(wallTime(noon));
				change(time);
				assert.equal(
					await client.set(clock, 2, data.octetString(time)),
					result.otherReason,
					Buffer.from(time).toString("hex"),
				);
			}
		});
		await meter.with("reader", async (client) => {
			const time = data.octetString(wallTime("2026-02-10T13:00:00Z"));
			await assert.rejects(client.set(clock, 2, time), ExceptionResponseError);
		});
		assert.equal(await error_s(), before);
	});

	it("F45: a part that stops while the meter works: event 6, marked entries, totals go on; the first valid set ends it", async () => {
		await start(noon);
		const { terminals } = simulated();
		assert.ok(!terminals.isRecording);
		simulated().household = undefined;
		terminals.setPhase(1, { current_A: 20, powerFactor: 1 });
		run(300);
		simulated().rtc.change({ isStopped: true });
		run(120);
		assert.equal((await clockStatus()) & invalidTime, invalidTime);
		assert.equal(await count(event.invalid), 1);
		assert.equal(await error_s(), 0, "the tick of the processor");
		const energy = async (): Promise<number> =>
			ask(async (client) => asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)));
		const before = await energy();
		run(900);
		assert.ok((await energy()) > before);
		const last = (await rowsOf(loadProfile)).at(-1)!;
		assert.equal(last.status & status.clockInvalid, status.clockInvalid);
		assert.equal(await set("2026-02-10T13:00:00Z"), result.success);
		assert.equal((await clockStatus()) & invalidTime, 0);
		run(300);
		assert.equal((await clockStatus()) & invalidTime, 0, "set without its part");
		assert.equal(await count(event.invalid), 1);
	});

	it("F45: a part that answers again sets the clock", async () => {
		await start(noon);
		run(70);
		const { rtc } = simulated();
		rtc.change({ isStopped: true });
		run(70);
		assert.equal((await clockStatus()) & invalidTime, invalidTime);
		rtc.change({ isStopped: false });
		rtc.set(Math.floor((truth_ms() - epoch_ms) / 1000));
		run(70);
		assert.equal((await clockStatus()) & invalidTime, 0);
		assert.ok(Math.abs(await error_s()) <= 1);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { decodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { byEntry, byRange, type CaptureObject, clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const standardLog = "0-0:99.98.0.255";
const importActive = "1-0:1.8.0.255";
const profileCleared = 254;
const status = Object.freeze({
	criticalError: 0x01,
	clockInvalid: 0x02,
	dataNotValid: 0x04,
	daylightSaving: 0x08,
	clockAdjusted: 0x20,
	powerDown: 0x80,
});

/** The load profiles behind the first, with their status objects. */
const others = [
	{ name: "1-0:99.2.0.255", number: 2 },
	{ name: "1-0:99.1.1.255", number: 3 },
	{ name: "1-0:99.2.1.255", number: 4 },
] as const;

function energy(c: number): CaptureObject {
	return { classId: 3, logicalName: `1-0:${c}.8.0.255`, attribute: 2, dataIndex: 0 };
}

describe("load profiles 2 to 4, from outside", () => {
	let meter: RunningMeter;

	async function start(utc: string): Promise<void> {
		meter = await RunningMeter.start("SM402D", { clock_s: since2000_s(utc), speed: 0, seed: 5 });
		const { simulated } = meter.simulator;
		const { terminals } = simulated;
		assert.ok(!terminals.isRecording);
		simulated.household = undefined;
		terminals.setPhase(1, { current_A: 20, powerFactor: 1 });
		run(2);
	}
	afterEach(() => meter.close());

	function run(seconds: number): void {
		const { simulated } = meter.simulator;
		simulated.runTo(simulated.monotonic_ms() + seconds * 1000);
	}

	const ask = <Value>(use: (client: DlmsClient) => Promise<Value>): Promise<Value> => meter.with("management", use);

	const times = (rows: readonly (readonly { value: unknown }[])[]): number[] =>
		rows.map((row) => toUnix_ms(decodeDateTime(row[0]!.value as Uint8Array)));

	it("F101: each takes the clock and 32 attributes and no more, refuses what F96 refuses, and clears itself alone with event 254", async () => {
		await start("2026-03-10T11:59:00Z");
		run(120);
		await ask(async (client) => {
			const wide = Array.from({ length: 32 }, (_, n) => energy(1 + (n % 10)));
			for (const { name } of others) {
				const profile = ref(7, name);
				const set = (columns: readonly CaptureObject[]) =>
					client.set(profile, 3, data.array(...columns.map(encodeCaptureObject)));
				const before = await client.read(profile, 3);
				assert.equal(await set([clockColumn, ...wide, energy(1), energy(2)]), result.otherReason, "34 and the clock");
				assert.notEqual(await set([clockColumn, ...wide, energy(1)]), result.success, "33");
				assert.equal(await set([clockColumn, { ...energy(1), logicalName: "1-0:99.99.99.255" }]), result.otherReason);
				assert.equal(
					await set([clockColumn, { classId: 7, logicalName: standardLog, attribute: 2, dataIndex: 0 }]),
					result.otherReason,
				);
				assert.equal(await set([energy(1)]), result.otherReason, "the clock comes first");
				assert.deepEqual(await client.read(profile, 3), before);
				assert.equal(await set([clockColumn, ...wide]), result.success);
				assert.deepEqual(await client.read(profile, 3), data.array(...[clockColumn, ...wide].map(encodeCaptureObject)));
				assert.equal(asNumber(await client.read(profile, 7)), 0);
			}
			assert.ok(asNumber(await client.read(ref(7, "1-0:99.1.0.255"), 7)) > 0, "the first one keeps its rows");
			const { rows } = await client.readProfile(standardLog);
			assert.equal(rows.filter((row) => asNumber(row[1]!) === profileCleared).length, others.length);
		});
	});

	it("F103: more entries than there is room for are refused; as many as there are is no change", async () => {
		await start("2026-03-10T11:59:00Z");
		run(120);
		await ask(async (client) => {
			for (const { name } of [{ name: "1-0:99.1.0.255" }, ...others]) {
				const profile = ref(7, name);
				const before = asNumber(await client.read(profile, 8));
				const rows = asNumber(await client.read(profile, 7));
				for (const wrong of [0, 0xffff_ffff, 10_000_000])
					assert.equal(await client.set(profile, 8, data.doubleLongUnsigned(wrong)), result.otherReason);
				assert.equal(await client.set(profile, 8, data.doubleLongUnsigned(before)), result.success);
				assert.equal(asNumber(await client.read(profile, 8)), before);
				assert.equal(asNumber(await client.read(profile, 7)), rows);
			}
		});
	});

	it("F104: scaler and unit are a column like others, and leave those beside them alone", async () => {
		await start("2026-03-10T11:59:00Z");
		const scaled = { ...energy(1), attribute: 3 };
		const profile = ref(7, others[0]!.name);
		await ask(async (client) => {
			const columns = data.array(...[clockColumn, scaled, energy(1)].map(encodeCaptureObject));
			assert.equal(await client.set(profile, 3, columns), result.success);
			assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(300)), result.success);
		});
		run(700);
		await ask(async (client) => {
			const { rows } = await client.readProfile(profile.logicalName);
			assert.ok(rows.length >= 2);
			const scalerUnit = data.structure(data.integer(0), data.enum(30));
			for (const row of rows) assert.deepEqual(row[1], scalerUnit);
			const lone = await client.readProfile(profile.logicalName, byEntry(1, 0, 3, 3));
			assert.deepEqual(
				lone.rows,
				rows.map((row) => [row[2]!]),
			);
		});
	});

	it("F100 F103 F104: each has its own period, exactly the entries it states, in order, and is read by range, entry and column", async () => {
		await start("2026-03-10T11:59:00Z");
		const periods_s = [300, 600, 900];
		const capacity = 12;
		await ask(async (client) => {
			for (const [n, { name }] of others.entries()) {
				const profile = ref(7, name);
				for (const wrong of [0, 60, 1200]) {
					assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(wrong)), result.otherReason);
				}
				const columns = [clockColumn, energy(1), energy(3)];
				assert.equal(await client.set(profile, 3, data.array(...columns.map(encodeCaptureObject))), result.success);
				assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(periods_s[n]!)), result.success);
				assert.equal(await client.set(profile, 8, data.doubleLongUnsigned(capacity)), result.success);
			}
		});
		run(3.5 * 3600);
		await ask(async (client) => {
			for (const [n, { name, number }] of others.entries()) {
				const period_ms = periods_s[n]! * 1000;
				const profile = ref(7, name);
				const inUse = asNumber(await client.read(profile, 7));
				const { rows: all } = await client.readProfile(name);
				assert.equal(asNumber(await client.read(profile, 8)), capacity);
				assert.equal(inUse, capacity, `load profile ${number}`);
				assert.equal(all.length, capacity);
				const newest_ms = Math.floor(Date.parse("2026-03-10T15:29:00Z") / period_ms) * period_ms;
				assert.deepEqual(
					times(all),
					Array.from({ length: capacity }, (_, row) => newest_ms - (capacity - 1 - row) * period_ms),
				);
				const energies = all.map((row) => asNumber(row[1]!));
				assert.ok(
					energies.every((value, row) => row === 0 || value > energies[row - 1]!),
					energies.join(),
				);
				const at = (row: number) => fromUnix_ms(times(all)[row]!, -60, 0);
				assert.deepEqual((await client.readProfile(name, byRange(at(3), at(6)))).rows, all.slice(3, 7));
				assert.deepEqual((await client.readProfile(name, byRange(at(6), at(3)))).rows, []);
				assert.deepEqual((await client.readProfile(name, byEntry(2, 4))).rows, all.slice(1, 4));
				assert.deepEqual(
					(await client.readProfile(name, byEntry(11, 0, 2, 2))).rows,
					all.slice(10).map((row) => [row[1]!]),
				);
				assert.deepEqual(
					(await client.readProfile(name, byRange(at(0), at(1), [energy(3)]))).rows,
					all.slice(0, 2).map((row) => [row[2]!]),
				);
			}
		});
	}).timeout(60_000);

	it("F102: each bit of the status has its cause and is in the entries concerned alone; those that are not used stay 0", async () => {
		await start("2026-03-10T11:59:00Z");
		const profile = ref(7, "1-0:99.1.1.255");
		await ask(async (client) => {
			assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(300)), result.success);
		});
		const { simulated } = meter.simulator;
		const bits = async (): Promise<number[]> => {
			const { columns, rows } = await ask((client) => client.readProfile(profile.logicalName));
			const at = columns.findIndex(({ logicalName }) => logicalName.startsWith("0-0:96.10."));
			return rows.map((row) => asNumber(row[at]!));
		};
		run(60 + 300 + 10);
		assert.deepEqual((await bits()).slice(1), [0], "a whole interval");
		assert.equal((await bits())[0]! & ~status.dataNotValid, 0, "the first is not whole");
		const rowsAfter = async (what: () => Promise<void> | void): Promise<number[]> => {
			const before = (await bits()).length;
			await what();
			run(600);
			return (await bits()).slice(before);
		};
		const captured = await rowsAfter(async () => {
			await ask(async (client) => {
				assert.equal((await client.action(profile, 2, data.integer(0))).result, result.success);
			});
		});
		assert.deepEqual(captured, [status.dataNotValid, 0, 0]);
		const adjusted = await rowsAfter(async () => {
			await ask(async (client) => {
				assert.equal((await client.action(ref(8, "0-0:1.0.0.255"), 6, data.long(20))).result, result.success);
			});
		});
		assert.equal(adjusted[0]! & status.clockAdjusted, status.clockAdjusted);
		assert.deepEqual(adjusted.slice(1), [0]);
		const cut = await rowsAfter(() => {
			simulated.cutPower();
			run(20);
			simulated.restorePower();
		});
		assert.equal(cut[0]! & status.powerDown, status.powerDown);
		assert.deepEqual(cut.slice(1), [0]);
		const faulty = await rowsAfter(async () => {
			simulated.frontEnd.powerDown();
			run(320);
			simulated.frontEnd.powerUp();
		});
		assert.equal(faulty[0]! & status.criticalError, status.criticalError);
		assert.ok(faulty.length >= 3 && faulty.at(-1) === 0, `${faulty}`);
		const timeless = await rowsAfter(async () => {
			simulated.rtc.change({ isStopped: true });
			run(200);
		});
		assert.ok(
			timeless.every((found) => (found & status.clockInvalid) !== 0),
			`${timeless}`,
		);
		for (const found of await bits()) assert.equal(found & ~0xaf, 0, "reserved");
		for (const found of (await bits()).slice(0, -timeless.length)) assert.equal(found & status.clockInvalid, 0);
	});

	it("F42 F102 F106: three hours without supply over the change to summer time give one entry, marked; the energies on both sides agree", async () => {
		await start("2026-03-28T22:58:00Z");
		await ask(async (client) => {
			const profile = ref(7, "1-0:99.1.1.255");
			const { columns } = await client.readProfile(profile.logicalName);
			const content = [...columns.slice(0, 2), energy(1)];
			assert.equal(await client.set(profile, 3, data.array(...content.map(encodeCaptureObject))), result.success);
			assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(900)), result.success);
		});
		run(1800);
		const { simulated } = meter.simulator;
		const register = async (): Promise<number> =>
			ask(async (client) => asNumber(await client.read(ref(3, importActive), 2)));
		const before_Wh = await register();
		simulated.cutPower();
		run(3 * 3600);
		simulated.restorePower();
		run(3);
		const after_Wh = await register();
		run(3600);
		const { columns, rows } = await ask((client) => client.readProfile("1-0:99.1.1.255"));
		const stamps = times(rows).map((time) => new Date(time).toISOString().slice(11, 16));
		assert.deepEqual(stamps, ["23:00", "23:15", "02:30", "02:45", "03:00", "03:15"]);
		const statusAt = columns.findIndex(({ logicalName }) => logicalName.startsWith("0-0:96.10."));
		assert.ok(statusAt > 0);
		const bits = rows.map((row) => asNumber(row[statusAt]!));
		assert.deepEqual(
			bits.map((bit) => (bit & status.powerDown) !== 0),
			[false, false, true, false, false, false],
		);
		assert.deepEqual(
			bits.map((bit) => (bit & status.daylightSaving) !== 0),
			[false, false, true, true, true, true],
		);
		assert.deepEqual(
			rows.map((row) => decodeDateTime(asOctets(row[0]!)).deviation),
			[-60, -60, -120, -120, -120, -120],
		);
		assert.ok(after_Wh <= before_Wh + 10 && after_Wh >= before_Wh - 80, `${after_Wh} Wh after ${before_Wh} Wh`);
		const energyAt = columns.findIndex(({ logicalName }) => logicalName === importActive);
		assert.ok(energyAt > 0);
		const energies = rows.map((row) => asNumber(row[energyAt]!));
		// 4.6 kW: the time without supply has added nothing
		assert.ok(energies[2]! - energies[1]! <= 2 * 1150 + 10, energies.join());
	});
});

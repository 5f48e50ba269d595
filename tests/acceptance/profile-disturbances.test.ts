// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { DeviceError } from "../../src/core/device-error.js";
import { st402d } from "../../src/models/model.js";
import type { Flash } from "../../src/ports/flash.js";
import { flashLayout, type Partition } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import type { Data } from "../support/client/axdr.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { byRange, clockColumn } from "../support/client/profile.js";
import { result } from "../support/client/services.js";
import { since2000_s } from "../support/since-2000.js";

const profiles = ["1-0:99.1.0.255", "1-0:99.2.0.255", "1-0:99.1.1.255", "1-0:99.2.1.255"] as const;
const clock = ref(8, "0-0:1.0.0.255");
const notSpecified = 0xff;

/** A part of which some sectors take nothing any more. */
class AgedFlash implements Flash {
	dead: Partition | undefined;
	readonly #part = new MemoryFlash(flashLayout("desktop").sectorCount);

	get sectorSize(): number {
		return this.#part.sectorSize;
	}

	get sectorCount(): number {
		return this.#part.sectorCount;
	}

	read(address: number, into: Uint8Array): void {
		this.#part.read(address, into);
	}

	program(address: number, bytes: Uint8Array): void {
		this.#check(Math.floor(address / this.sectorSize));
		this.#part.program(address, bytes);
	}

	erase(sector: number): void {
		this.#check(sector);
		this.#part.erase(sector);
	}

	#check(sector: number): void {
		const { dead } = this;
		if (dead !== undefined && sector >= dead.firstSector && sector < dead.firstSector + dead.sectorCount)
			throw new DeviceError("flash", "refused");
	}
}

function utc_s(iso: string): number {
	return since2000_s(iso);
}

function isoOf(time: Data): string {
	return new Date(toUnix_ms(decodeDateTime(asOctets(time)))).toISOString().slice(11, 16);
}

/** Time and status of each row of a profile that has the two first. */
function rowsOf(bench: MeterBench, name: string): Promise<string[]> {
	return bench.with(async (client) =>
		(await client.readProfile(name)).rows.map((row) => `${isoOf(row[0]!)} ${asNumber(row[1]!).toString(16)}`),
	);
}

function setClock(bench: MeterBench, iso: string): Promise<number> {
	const time = data.octetString(encodeDateTime(fromUnix_ms(Date.parse(iso), -60, 0)));
	return bench.with((client) => client.set(clock, 2, time));
}

describe("load profiles over disturbances, from outside", () => {
	it("F99 F103: a profile whose memory fails gets no entries, with an error and an event; the other three go on; the first entry afterwards is marked", async () => {
		const flash = new AgedFlash();
		const bench = new MeterBench({ flash, model: st402d, rtc_s: utc_s("2026-03-10T10:00:00Z") });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg: 0 });
		await bench.with(async (client) => {
			for (const name of [profiles[1], profiles[2]])
				assert.equal(await client.set(ref(7, name), 4, data.doubleLongUnsigned(300)), result.success);
		});
		bench.run(1000);
		const entries = () =>
			bench.with(async (client) => {
				const counts: number[] = [];
				for (const name of profiles) counts.push(asNumber(await client.read(ref(7, name), 7)));
				return counts;
			});
		const before = await entries();
		assert.deepEqual(before, [1, 3, 3, 1]);
		flash.dead = flashLayout("desktop").loadProfiles[1];
		bench.run(1800);
		assert.deepEqual(await entries(), [3, 3, 9, 3]);
		assert.ok((await bench.codes(0)).includes(14));
		await bench.with(async (client) => {
			assert.equal((asNumber(await client.read(ref(1, "0-0:97.97.0.255"), 2)) >>> 10) & 1, 1);
			const kept = await client.readProfile(profiles[1]);
			assert.equal(kept.rows.length, 3, "what was there is still read");
			const running = asNumber(await client.read(ref(1, "0-0:96.10.2.255"), 2));
			assert.equal(running & 1, 1, "critical error");
		});
		flash.dead = undefined;
		bench.run(900);
		const rows = await rowsOf(bench, profiles[1]);
		assert.equal(rows.length, 6);
		assert.equal(rows[3], "10:50 5", "critical error, data not valid");
		assert.deepEqual(await entries(), [4, 6, 12, 4]);
	});

	it("F44 F102 F106: the clock set forward over boundaries gives one row at the end of its interval and none for those left out; set back it gives rows of one time, all of them read by range, in order", async () => {
		const bench = new MeterBench({ model: st402d, rtc_s: utc_s("2026-03-10T10:00:00Z") });
		const [name] = profiles;
		bench.run(1000);
		assert.equal(await setClock(bench, "2026-03-10T11:50:00Z"), result.success);
		bench.run(700);
		assert.equal(await setClock(bench, "2026-03-10T11:25:00Z"), result.success);
		bench.run(3000);
		assert.deepEqual(await rowsOf(bench, name), [
			"10:15 4",
			"11:45 24",
			"12:00 24",
			"11:30 24",
			"11:45 0",
			"12:00 0",
			"12:15 0",
		]);
		await bench.with(async (client) => {
			const at = (iso: string) => fromUnix_ms(Date.parse(iso), -60, notSpecified);
			const range = byRange(at("2026-03-10T11:45:00Z"), at("2026-03-10T12:00:00Z"), [clockColumn]);
			const found = elementsOf(await client.read(ref(7, name), 2, range)).map((row) => isoOf(elementsOf(row)[0]!));
			assert.deepEqual(found, ["11:45", "12:00", "11:45", "12:00"]);
			assert.equal((await client.action(ref(7, name), 2, data.integer(0))).result, result.success);
			const extra = (await client.readProfile(name)).rows.at(-1)!;
			assert.equal(asNumber(extra[1]!), 4, "an extra row is no whole interval");
		});
		await bench.with(async (client) => {
			const others = asNumber(await client.read(ref(7, profiles[3]), 7));
			assert.equal((await client.action(ref(7, name), 1, data.integer(0))).result, result.success);
			assert.equal(asNumber(await client.read(ref(7, name), 7)), 0);
			assert.equal(asNumber(await client.read(ref(7, profiles[3]), 7)), others);
		});
		assert.equal((await bench.codes(0)).at(-1), 254);
	});

	it("F106: an outage longer than the whole profile gives one entry, and the energies on both sides agree", async () => {
		const bench = new MeterBench({ model: st402d, rtc_s: utc_s("2026-03-10T10:00:00Z") });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg: 0 });
		const name = profiles[2];
		await bench.with(async (client) => {
			assert.equal(await client.set(ref(7, name), 4, data.doubleLongUnsigned(300)), result.success);
			assert.equal(await client.set(ref(7, name), 8, data.doubleLongUnsigned(10)), result.success);
			const columns = data.array(
				...[
					[8, [0, 0, 1, 0, 0, 255]],
					[1, [0, 0, 96, 10, 4, 255]],
					[3, [1, 0, 1, 8, 0, 255]],
				].map(([classId, logicalName]) =>
					data.structure(
						data.longUnsigned(classId as number),
						data.octetString(Uint8Array.from(logicalName as number[])),
						data.integer(2),
						data.longUnsigned(0),
					),
				),
			);
			assert.equal(await client.set(ref(7, name), 3, columns), result.success);
		});
		bench.run(3650);
		const full = await bench.with(async (client) => (await client.readProfile(name)).rows);
		assert.equal(full.length, 10);
		bench.cutPower(7200 + 3600);
		bench.run(310);
		const rows = await bench.with(async (client) => (await client.readProfile(name)).rows);
		assert.equal(rows.length, 10);
		assert.deepEqual(
			rows.slice(0, 9).map((row) => asNumber(row[2]!)),
			full.slice(1).map((row) => asNumber(row[2]!)),
		);
		assert.equal(asNumber(rows[9]![1]!) & 0x80, 0x80);
		assert.ok(asNumber(rows[9]![2]!) >= asNumber(rows[8]![2]!));
	});
});

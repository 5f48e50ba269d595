// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";
import { since2000_s } from "../support/since-2000.js";

/** Bits of the AMR profile status. */
const dataNotValid = 0x04;
const daylightSaving = 0x08;
const clockAdjusted = 0x20;
const powerDown = 0x80;

/** Load profile 4: clock, status, last average demand A+ and A-, energies of the quadrants. */
const demandProfile = "1-0:99.2.1.255";
const clock = ref(8, "0-0:1.0.0.255");
const maximum = ref(4, "1-0:1.6.0.255");
const lastDemand = ref(4, "1-0:1.5.0.255");
const energy = ref(3, "1-0:1.8.0.255");
const runningStatus = ref(1, "0-0:96.10.5.255");

interface Row {
	readonly end: string;
	readonly status: number;
	readonly demand_W: number;
}

/** A meter with 10 A on L1: 2300 W. */
class World extends MeterBench {
	constructor(iso: string) {
		super({ model: st402d, rtc_s: since2000_s(iso) });
		this.load(10);
	}

	load(current_A: number): void {
		this.grid.setPhase(1, { voltage_V: 230, current_A, angle_deg: 0 });
	}

	rows(): Promise<Row[]> {
		return this.with(async (client) =>
			(await client.readProfile(demandProfile)).rows.map((row) => ({
				end: new Date(toUnix_ms(decodeDateTime(asOctets(row[0]!)))).toISOString().slice(11, 19),
				status: asNumber(row[1]!),
				demand_W: asNumber(row[2]!),
			})),
		);
	}

	value(object: { classId: number; logicalName: string }): Promise<number> {
		return this.with(async (client) => asNumber(await client.read(object, 2)));
	}

	shift(seconds: number): Promise<void> {
		return this.with(async (client) => {
			assert.equal((await client.action(clock, 6, data.long(seconds))).result, result.success);
		});
	}
}

describe("demand across disturbances, read by a client", () => {
	it("F31: after a cut in the middle of a period its row is marked with power down, its energy is counted, its demand is the mean over the whole period", async () => {
		const world = new World("2026-03-10T10:00:00Z");
		world.run(1020);
		const before_Wh = await world.value(energy);
		world.cutPower(300);
		world.run(60);
		assert.equal((await world.value(runningStatus)) & powerDown, powerDown, "while the period is running");
		world.run(1800 - 1020 - 300 - 60 + 5);
		const row = (await world.rows())[1]!;
		assert.equal(row.end, "10:30:00");
		assert.equal(row.status & (powerDown | clockAdjusted), powerDown);
		assert.ok(Math.abs(row.demand_W - (2300 * 600) / 900) <= 10, `${row.demand_W} W`);
		const counted_Wh = (await world.value(energy)) - before_Wh;
		assert.ok(Math.abs(counted_Wh - (2300 * 485) / 3600) <= 3, `${counted_Wh} Wh`);
		world.run(900);
		assert.equal((await world.rows())[2]!.status, 0, "the next one is whole");
	});

	it("F31, F44: a cut and a clock set by more than the shift limit in one period give one closed period with both bits, and no maximum", async () => {
		const world = new World("2026-03-10T10:00:00Z");
		world.run(1805);
		const maximum_W = await world.value(maximum);
		assert.ok(Math.abs(maximum_W - 2300) <= 5, `${maximum_W} W`);
		world.load(40);
		world.run(200);
		world.cutPower(20);
		world.run(100);
		await world.shift(120);
		assert.equal(await world.value(runningStatus), powerDown | clockAdjusted | dataNotValid);
		world.run(900 - 5 - 200 - 20 - 100 - 120 + 10);
		const rows = await world.rows();
		assert.deepEqual(
			rows.map(({ end, status }) => `${end} ${status.toString(16)}`),
			["10:15:00 4", "10:30:00 0", `10:45:00 ${(powerDown | clockAdjusted | dataNotValid).toString(16)}`],
		);
		assert.equal(await world.value(maximum), maximum_W, "a period cut short is no candidate");
		world.run(900);
		assert.equal((await world.rows()).at(-1)!.status, 0);
		assert.ok(Math.abs((await world.value(maximum)) - 9200) <= 20, "the whole period after it is one");
	});

	it("F31, F44: a clock moved within the shift limit marks nothing, and its period counts for the maximum", async () => {
		const world = new World("2026-03-10T10:00:00Z");
		world.run(905);
		world.load(20);
		world.run(300);
		await world.shift(8);
		world.run(600);
		const row = (await world.rows())[1]!;
		assert.equal(row.status, 0);
		assert.ok(Math.abs((await world.value(maximum)) - 4600) <= 60, `${await world.value(maximum)} W`);
		assert.equal(await world.value(lastDemand), row.demand_W);
	});

	it("F31, F42: the period over which daylight saving begins is closed at its end with the bits of both when there was a cut too", async () => {
		const world = new World("2026-03-29T00:40:00Z");
		world.run(400);
		world.cutPower(30);
		world.run(900);
		const rows = await world.rows();
		assert.deepEqual(
			rows.map(({ end, status }) => [end, status & (powerDown | daylightSaving)]),
			[
				["00:45:00", 0],
				["01:00:00", powerDown | daylightSaving],
			],
		);
	});

	it("F31: the clock set back and a cut in one period: the rows that follow are marked, none of them gives a maximum", async () => {
		const world = new World("2026-03-10T10:00:00Z");
		world.run(1805);
		const maximum_W = await world.value(maximum);
		world.load(40);
		world.run(400);
		await world.with(async (client) => {
			const time = data.octetString(encodeDateTime(fromUnix_ms(Date.parse("2026-03-10T10:20:00Z"), -60, 0)));
			assert.equal(await client.set(clock, 2, time), result.success);
		});
		world.run(100);
		world.cutPower(20);
		world.run(600);
		assert.deepEqual(
			(await world.rows()).slice(2).map(({ end, status }) => `${end} ${status.toString(16)}`),
			["10:30:00 a4"],
		);
		assert.equal(await world.value(maximum), maximum_W);
	});
});

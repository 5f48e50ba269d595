// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../../hosts/simulator/grid/grid.js";
import type { DlmsClient } from "../../support/client/client.js";
import { asNumber, asOctets, data, ref } from "../../support/client/data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "../../support/client/date-time.js";
import { result } from "../../support/client/services.js";
import { RunningMeter } from "../../support/running-meter.js";
import { since2000_s } from "../../support/since-2000.js";

const demand = (c: number) => ref(5, `1-0:${c}.4.0.255`);
const maximum = (c: number) => ref(4, `1-0:${c}.6.0.255`);
const cumulative = (c: number) => ref(3, `1-0:${c}.2.0.255`);
const period = ref(3, "1-0:0.8.0.255");
const clock = ref(8, "0-0:1.0.0.255");
const zero = data.integer(0);

/** A three-phase meter in stepped time, on a grid that a test loads. */
class Bench {
	readonly meter: RunningMeter;
	client: DlmsClient;
	readonly grid: Grid;

	private constructor(meter: RunningMeter, client: DlmsClient, grid: Grid) {
		this.meter = meter;
		this.client = client;
		this.grid = grid;
	}

	static async start(utc: string): Promise<Bench> {
		const clock_s = since2000_s(utc);
		const meter = await RunningMeter.start("ST402D", { clock_s, speed: 0, seed: 7 });
		const { simulated } = meter.simulator;
		for (const phase of [1, 2, 3] as const) simulated.household?.setActive(phase, false);
		assert.ok(simulated.terminals instanceof Grid);
		const bench = new Bench(meter, await meter.connect("management"), simulated.terminals);
		bench.load(0);
		return bench;
	}

	/** The same current in each phase, of 230 V and power factor 1; negative is export. */
	load(power_W: number): void {
		const shift_deg = power_W < 0 ? 180 : 0;
		for (const phase of [1, 2, 3] as const)
			this.grid.setPhase(phase, { voltage_V: 230, current_A: Math.abs(power_W) / 690, angle_deg: shift_deg });
	}

	/** Lets time pass; a link would be closed meanwhile, for nothing is said on it. */
	async step(minutes: number): Promise<void> {
		await this.client.close();
		this.meter.simulator.pacer.step(minutes * 60_000);
		this.client = await this.meter.connect("management");
	}

	/** A hard cut of the supply. */
	async cut(minutes: number): Promise<void> {
		await this.client.close();
		const { simulated } = this.meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + minutes * 60_000);
		simulated.restorePower();
		simulated.runTo(simulated.monotonic_ms() + 1000);
		this.client = await this.meter.connect("management");
	}

	async value(object: { classId: number; logicalName: string }, attribute = 2): Promise<number> {
		return asNumber(await this.client.read(object, attribute));
	}

	/** `hh:mm:ss` UTC, or "none" when it is not specified. */
	async time(object: { classId: number; logicalName: string }, attribute = 5): Promise<string> {
		const octets = asOctets(await this.client.read(object, attribute));
		if (octets.every((octet, n) => octet === (n === 9 ? 0x80 : n === 10 ? 0 : 0xff))) return "none";
		return new Date(toUnix_ms(decodeDateTime(octets))).toISOString().slice(11, 19);
	}

	async setClock(utc: string): Promise<void> {
		const time = encodeDateTime(fromUnix_ms(Date.parse(utc), -60, 0xff));
		assert.equal(await this.client.set(clock, 2, data.octetString(time)), result.success);
	}

	async close(): Promise<void> {
		await this.client.close();
		await this.meter.close();
	}
}

function near(actual: number, expected: number, tolerance: number): void {
	assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
}

describe("demand objects of a running meter", () => {
	let bench: Bench;
	afterEach(() => bench.close());

	it("F28 F29: constant 4 kW gives 4 kW at each boundary; one peak stays in 1-0:1.6.0 with its time", async () => {
		bench = await Bench.start("2026-03-10T09:59:30Z");
		bench.load(4000);
		await bench.step(0.5);
		for (const end of ["10:15:00", "10:30:00"]) {
			await bench.step(15);
			near(await bench.value(demand(1), 3), 4000, 4);
			assert.equal(await bench.time(demand(1), 6), end);
			assert.equal(await bench.value(ref(4, "1-0:1.5.0.255")), await bench.value(demand(1), 3));
			assert.equal(await bench.time(ref(4, "1-0:1.5.0.255")), end);
		}
		assert.equal(await bench.time(demand(1), 7), "10:30:00");
		bench.load(12_000);
		await bench.step(15);
		bench.load(-5000);
		await bench.step(30);
		near(await bench.value(maximum(1)), 12_000, 40);
		assert.equal(await bench.time(maximum(1)), "10:45:00");
		near(await bench.value(maximum(2)), 5000, 15);
		near(await bench.value(maximum(15)), 12_000, 40);
		assert.equal(await bench.value(demand(1), 3), 0);
		near(await bench.value(demand(2), 3), 5000, 10);
	});

	it("F28: demand is the difference of the energy register over a period, divided by its length", async () => {
		bench = await Bench.start("2026-03-10T09:59:30Z");
		await bench.step(0.5);
		const import_Wh = ref(3, "1-0:1.8.0.255");
		const before = await bench.value(import_Wh);
		bench.load(20_000);
		await bench.step(7);
		bench.load(3000);
		await bench.step(8);
		const after = await bench.value(import_Wh);
		near(await bench.value(demand(1), 3), (after - before) * 4, 4);
	});

	it("F28: period and number of periods are one parameter of the group; others are refused", async () => {
		bench = await Bench.start("2026-03-10T09:59:30Z");
		bench.load(6000);
		await bench.step(5.5);
		const changes = await bench.value(ref(1, "0-0:96.2.0.255"));
		assert.equal(await bench.client.set(period, 2, data.longUnsigned(300)), result.success);
		assert.equal(await bench.value(demand(15), 8), 300);
		assert.equal(await bench.value(ref(1, "0-0:96.2.0.255")), changes + 1);
		assert.equal(await bench.client.set(demand(3), 8, data.doubleLongUnsigned(1800)), result.success);
		assert.equal(await bench.client.set(demand(3), 9, data.longUnsigned(15)), result.success);
		assert.deepEqual([await bench.value(period), await bench.value(demand(1), 9)], [1800, 15]);
		for (const wrong of [0, 60, 301, 7200]) {
			assert.equal(await bench.client.set(period, 2, data.longUnsigned(wrong)), result.otherReason);
			assert.equal(await bench.client.set(demand(1), 8, data.doubleLongUnsigned(wrong)), result.otherReason);
		}
		for (const wrong of [0, 16])
			assert.equal(await bench.client.set(demand(1), 9, data.longUnsigned(wrong)), result.otherReason);
		assert.equal(await bench.client.set(demand(1), 8, data.longUnsigned(300)), result.typeUnmatched);
		assert.deepEqual([await bench.value(period), await bench.value(demand(1), 9)], [1800, 15]);
		await bench.step(60);
		assert.equal(await bench.value(maximum(1)), 0, "the window is not full yet");
	});

	it("F28: adjust_to_measuring_period moves the clock to the nearest start of a demand period", async () => {
		bench = await Bench.start("2026-03-10T10:10:00Z");
		await bench.step(1);
		assert.equal(await bench.client.set(period, 2, data.longUnsigned(3600)), result.success);
		assert.equal((await bench.client.action(clock, 2, zero)).result, result.success);
		assert.equal(await bench.time(clock, 2), "10:00:00");
	});

	it("F30: a reset of a maximum adds it to the cumulative one; methods of the group close and begin anew", async () => {
		bench = await Bench.start("2026-03-10T09:59:30Z");
		bench.load(4000);
		await bench.step(15.5);
		const before = await bench.value(maximum(1));
		near(before, 4000, 4);
		assert.equal((await bench.client.action(maximum(1), 1, zero)).result, result.success);
		assert.deepEqual([await bench.value(maximum(1)), await bench.time(maximum(1))], [0, "none"]);
		assert.equal(await bench.value(cumulative(1)), before);
		near(await bench.value(maximum(15)), 4000, 4);
		await bench.step(5);
		assert.equal((await bench.client.action(demand(1), 2, zero)).result, result.success);
		assert.equal(await bench.time(demand(2), 6), "10:20:00");
		near(await bench.value(demand(1), 3), 4000 / 3, 10);
		await bench.step(5);
		assert.equal((await bench.client.action(demand(2), 1, zero)).result, result.success);
		assert.deepEqual([await bench.value(demand(1), 2), await bench.value(demand(1), 3)], [0, 0]);
		await bench.step(5);
		assert.equal(await bench.value(maximum(1)), 0, "neither was a whole period");
		await bench.meter.with("reader", async (reader) => {
			const refused = await reader.action(maximum(15), 1, zero);
			assert.notEqual(refused.result, result.success);
			near(asNumber(await reader.read(maximum(15), 2)), 4000, 4);
		});
	});

	it("F31: a clock set in mid-period and a power cut over its end leave no maximum; a short cut does", async () => {
		bench = await Bench.start("2026-03-10T09:59:30Z");
		bench.load(9000);
		await bench.step(5.5);
		await bench.setClock("2026-03-10T10:21:00Z");
		assert.equal(await bench.time(demand(1), 6), "10:05:00");
		await bench.step(10);
		assert.equal(await bench.value(maximum(1)), 0);
		await bench.cut(20);
		await bench.step(9.1);
		assert.equal(await bench.value(maximum(1)), 0, "power came back at 10:51");
		await bench.step(5);
		await bench.cut(1);
		await bench.step(10);
		assert.equal(await bench.time(maximum(1)), "11:15:00");
		// without power for 60 s; lost in a hard cut: up to 60 s, and the start of the meter
		const value_W = await bench.value(maximum(1));
		assert.ok(value_W <= (9000 * 840) / 900 + 30 && value_W >= (9000 * (840 - 60 - 6)) / 900, `${value_W} W`);
	});
});

describe("average objects of a running meter", () => {
	let bench: Bench;
	afterEach(() => bench.close());

	it("F11 F14 F15: sliding power, current and 10-minute voltage follow the mains; extremes carry their time", async () => {
		bench = await Bench.start("2026-03-10T09:59:30Z");
		bench.load(6900);
		await bench.step(20.5);
		near(await bench.value(ref(5, "1-0:1.24.0.255")), 6900, 20);
		near(await bench.value(ref(5, "1-0:16.24.0.255"), 3), 6900, 20);
		near(await bench.value(ref(5, "1-0:31.4.0.255")), 1000, 3);
		near(await bench.value(ref(3, "1-0:51.24.0.255")), 1000, 3);
		near(await bench.value(ref(3, "1-0:61.24.0.255")), 2300, 8);
		near(await bench.value(ref(3, "1-0:72.24.0.255")), 2300, 3);
		near(await bench.value(ref(4, "1-0:32.3.0.255")), 2300, 3);
		near(await bench.value(ref(4, "1-0:14.6.0.255")), 5000, 1);
		near(await bench.value(ref(4, "1-0:13.5.0.255")), 1000, 1);
		assert.equal(await bench.time(ref(4, "1-0:13.5.0.255")), "10:15:00");
		bench.load(-3450);
		await bench.step(1.1);
		near(await bench.value(ref(5, "1-0:16.24.0.255")), -3450, 15);
		near(await bench.value(ref(5, "1-0:15.24.0.255")), 3450, 15);
		assert.equal(await bench.client.set(ref(3, "1-0:0.8.2.255"), 2, data.longUnsigned(120)), result.success);
		assert.equal(await bench.value(ref(5, "1-0:71.4.0.255"), 8), 120);
		assert.equal(await bench.client.set(ref(5, "1-0:1.24.0.255"), 9, data.longUnsigned(2)), result.success);
		assert.equal(await bench.client.set(ref(3, "1-0:0.8.2.255"), 2, data.longUnsigned(3601)), result.otherReason);
		await bench.step(2);
		near(await bench.value(ref(5, "1-0:2.24.0.255")), 3450 / 2, 30);
		assert.equal((await bench.client.action(ref(4, "1-0:31.6.0.255"), 1, zero)).result, result.success);
		assert.equal(await bench.time(ref(4, "1-0:31.6.0.255")), "none");
		assert.equal(await bench.client.set(ref(3, "1-0:0.8.8.255"), 2, data.longUnsigned(600)), result.success);
		assert.equal(await bench.client.set(ref(3, "1-0:0.8.8.255"), 2, data.longUnsigned(60)), result.otherReason);
	});
});

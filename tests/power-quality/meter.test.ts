// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import type { PowerQuality } from "../../src/power-quality/power-quality.js";
import { noUnbalance } from "../../src/power-quality/unbalance.js";
import { MeterBench } from "../events/meter-bench.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { decodeDateTime, toUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";

/** A full ten minutes of the clock, a Tuesday. */
const rtc_s = 821_016_000;
const powerQualityLog = 4;
const standardLog = 0;

class World extends MeterBench {
	constructor(start_s = rtc_s) {
		super({ model: st402d, rtc_s: start_s });
		this.run(3);
	}

	get quality(): PowerQuality {
		return this.simulated.meter.application.powerQuality;
	}

	/** Voltages of all phases for so many seconds. */
	hold(voltages_V: readonly [number, number, number], seconds: number): void {
		this.grid.change(() => {
			this.grid.setPhase(1, { voltage_V: voltages_V[0] });
			this.grid.setPhase(2, { voltage_V: voltages_V[1] });
			this.grid.setPhase(3, { voltage_V: voltages_V[2] });
		});
		this.run(seconds);
	}

	/** Codes of under-voltage, over-voltage, missing and normal voltage in the log; lone phases are asymmetric as well. */
	async voltageCodes(): Promise<number[]> {
		return (await this.codes(powerQualityLog)).filter((code) => code >= 76 && code <= 87);
	}

	register(name: string): Promise<number> {
		return this.with(async (client) => asNumber(await client.read(ref(3, `${name}.255`), 2)));
	}
}

const normal = [230, 230, 230] as const;

describe("power-quality: the whole meter, read by a client", () => {
	it("F115 a dip of 100 ms is in the last fast event and in its class", async () => {
		const world = new World();
		world.run(0.537);
		world.hold([165, 230, 230], 0.1);
		world.hold(normal, 2);
		const duration_ms = await world.register("0-0:96.50.40");
		assert.ok(duration_ms >= 100 && duration_ms <= 140, `${duration_ms} ms`);
		const residual_dV = await world.register("0-0:96.50.41");
		assert.ok(Math.abs(residual_dV - 1650) <= 23, `${residual_dV}`);
		assert.equal(await world.read("0-0:96.50.42"), 1);
		const classes = await world.with(async (client) => elementsOf(await client.read(ref(1, "0-0:96.50.43.255"), 2)));
		assert.equal(classes.length, 31);
		assert.deepEqual(
			classes.map(asNumber).flatMap((count, n) => (count > 0 ? [[n, count]] : [])),
			[[5, 1]],
		);
	});

	it("F115 each dip and swell has a row with begin, duration, extreme and phases; clearing a log clears its classes", async () => {
		const world = new World();
		const begin_s = 946_684_800 + rtc_s + 3;
		world.hold([165, 230, 230], 0.2);
		world.hold(normal, 10);
		world.hold([230, 240, 265], 1);
		world.hold(normal, 10);
		world.hold([230, 100, 90], 0.5);
		world.hold(normal, 5);
		const rows = async (e: number) => {
			const { rows: found, columns } = await world.with((client) => client.readProfile(`1-0:99.10.${e}.255`));
			assert.deepEqual(
				columns.map(({ logicalName }) => logicalName),
				["0-0:1.0.0.255", "0-0:96.50.40.255", "0-0:96.50.41.255", "0-0:96.50.42.255"],
			);
			return found.map((row) => ({
				begin_s: toUnix_ms(decodeDateTime(asOctets(row[0]!))) / 1000 - begin_s,
				duration_ms: asNumber(row[1]!),
				voltage_dV: asNumber(row[2]!),
				phases: asNumber(row[3]!),
			}));
		};
		const [first, second, ...others] = await rows(1);
		assert.deepEqual(others, []);
		assert.ok(Math.abs(first!.begin_s) <= 1 && Math.abs(first!.duration_ms - 210) <= 30 && first!.phases === 1);
		assert.ok(Math.abs(first!.voltage_dV - 1650) <= 23);
		assert.ok(Math.abs(second!.begin_s - 21) <= 1 && Math.abs(second!.duration_ms - 510) <= 30 && second!.phases === 6);
		assert.ok(Math.abs(second!.voltage_dV - 900) <= 23);
		const swells = await rows(2);
		assert.equal(swells.length, 1);
		assert.ok(Math.abs(swells[0]!.voltage_dV - 2650) <= 23 && swells[0]!.phases === 4);
		const counts = () =>
			world.with(async (client) => elementsOf(await client.read(ref(1, "0-0:96.50.43.255"), 2)).map(asNumber));
		const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
		assert.deepEqual([sum((await counts()).slice(0, 25)), sum((await counts()).slice(25))], [2, 1]);
		await world.with(async (client) => {
			assert.equal((await client.action(ref(7, "1-0:99.10.1.255"), 1, data.integer(0))).result, 0);
		});
		assert.deepEqual(await rows(1), []);
		assert.equal((await rows(2)).length, 1);
		assert.deepEqual([sum((await counts()).slice(0, 25)), sum((await counts()).slice(25))], [0, 1]);
	});

	it("F110 F118 179 s without L2 are counted, 181 s are logged with their end; so is the time the meter was off", async () => {
		const world = new World();
		const log = async () => {
			const { rows } = await world.with((client) => client.readProfile("1-0:99.97.0.255"));
			return rows.map((row) => [toUnix_ms(decodeDateTime(asOctets(row[0]!))) / 1000 - 946_684_800, asNumber(row[1]!)]);
		};
		world.hold([230, 0, 230], 179);
		world.hold(normal, 10);
		assert.deepEqual(await log(), []);
		world.hold([230, 0, 230], 181);
		world.hold(normal, 10);
		const [entry, ...others] = await log();
		assert.deepEqual(others, []);
		assert.ok(Math.abs(entry![1]! - 181) <= 1 && Math.abs(entry![0]! - rtc_s - 373) <= 1, `${entry}`);
		world.simulated.meter.commit();
		world.cutPower(300);
		world.run(5);
		const both = await log();
		assert.equal(both.length, 2);
		assert.ok(Math.abs(both[1]![1]! - 300) <= 2);
		const { rows } = await world.with((client) => client.readProfile("1-0:99.10.3.255"));
		assert.equal(rows.length, 1);
		assert.ok(Math.abs(asNumber(rows[0]![1]!) - 300_000) <= 2000);
		assert.deepEqual([asNumber(rows[0]![2]!), asNumber(rows[0]![3]!)], [0, 0b1111]);
	});

	it("F110 an outage over which the time was lost is a long one, whose entry has the clock marked invalid and no length", async () => {
		const world = new World();
		world.run(70);
		world.simulated.cutPower();
		world.run(600);
		world.simulated.exhaustBackup();
		world.run(600);
		world.simulated.restorePower();
		world.run(5);
		const { rows } = await world.with((client) => client.readProfile("1-0:99.97.0.255"));
		assert.deepEqual(
			rows.map((row) => [decodeDateTime(asOctets(row[0]!)).status! & 1, asNumber(row[1]!)]),
			[[1, 0]],
		);
		assert.equal(await world.read("0-0:96.7.9"), 1);
	});

	it("F112 a flood of dips keeps order and counters and is held to its pace", async () => {
		const world = new World();
		for (let n = 0; n < 700; n++) {
			world.quality.voltageEventEnded({
				kind: 1,
				phases: 1,
				start_ms: world.simulated.monotonic_ms() - 100,
				duration_ms: n + 1,
				extreme_mV: 100_000,
				phaseExtreme_mV: [0, 0, 0],
			});
		}
		const { rows } = await world.with((client) => client.readProfile("1-0:99.10.1.255"));
		assert.deepEqual(
			rows.map((row) => asNumber(row[1]!)),
			Array.from({ length: 256 }, (_, n) => 600 - 255 + n),
		);
		const classes = await world.with(async (client) => elementsOf(await client.read(ref(1, "0-0:96.50.43.255"), 2)));
		assert.equal(
			classes.reduce((total, value) => total + asNumber(value), 0),
			700,
		);
	});

	it("F117 2 s without L2 are counted for L2 and for any phase", async () => {
		const world = new World();
		world.hold([230, 0, 230], 2);
		world.hold(normal, 2);
		const counts: number[] = [];
		for (const e of [0, 1, 2, 3, 21]) counts.push(await world.read(`0-0:96.7.${e}`));
		assert.deepEqual(counts, [0, 0, 1, 0, 1]);
		assert.equal(await world.read("0-0:96.7.9"), 0);
	});

	for (const [seconds, long] of [
		[170, 0],
		[190, 1],
	] as const) {
		it(`F110 F118 a meter that was off for ${seconds} s after a warning has had a ${long === 1 ? "long" : "short"} failure`, async () => {
			const world = new World();
			world.run(70);
			world.simulated.meter.commit();
			world.cutPower(seconds);
			world.run(5);
			assert.equal(await world.read("0-0:96.7.0"), 1);
			assert.equal(await world.read("0-0:96.7.21"), 1);
			assert.equal(await world.read("0-0:96.7.5"), long);
			const duration_s = await world.register("0-0:96.7.19");
			assert.ok(long === 0 ? duration_s === 0 : Math.abs(duration_s - seconds) <= 2, `${duration_s} s`);
		});
	}

	it("F118 F110 the threshold of a long failure is 1 to 65535 s, not 0; failures obey it", async () => {
		const world = new World();
		const threshold = ref(3, "0-0:96.7.20.255");
		const set = (value: number) => world.with((client) => client.set(threshold, 2, data.longUnsigned(value)));
		const read = () => world.register("0-0:96.7.20");
		assert.equal(await read(), 180);
		assert.equal(await set(0), result.otherReason);
		assert.equal(await read(), 180);
		for (const limit_s of [1, 65_535, 20]) {
			assert.equal(await set(limit_s), result.success);
			assert.equal(await read(), limit_s);
		}
		const long = async () => {
			const { rows } = await world.with((client) => client.readProfile("1-0:99.97.0.255"));
			return rows.map((row) => asNumber(row[1]!));
		};
		world.hold([230, 0, 230], 18);
		world.hold(normal, 10);
		assert.deepEqual(await long(), []);
		world.hold([230, 0, 230], 23);
		world.hold(normal, 10);
		const [duration_s, ...others] = await long();
		assert.deepEqual(others, []);
		assert.ok(Math.abs(duration_s! - 23) <= 1, `${duration_s} s`);
	});

	it("F119 F120 thresholds of the voltage that are 0 or cross each other are refused; events follow those that are not", async () => {
		const world = new World();
		const under = ref(3, "1-0:12.31.0.255");
		const over = ref(3, "1-0:12.35.0.255");
		const value = (volts: number) => data.longUnsigned(10 * volts);
		await world.with(async (client) => {
			for (const [object, volts] of [
				[under, 0],
				[under, 260],
				[over, 0],
				[over, 200],
			] as const)
				assert.equal(await client.set(object, 2, value(volts)), result.otherReason, `${volts} V`);
			assert.deepEqual([asNumber(await client.read(under, 2)), asNumber(await client.read(over, 2))], [2070, 2530]);
			assert.equal(await client.set(under, 2, value(220)), result.success);
			assert.equal(await client.set(over, 2, value(240)), result.success);
		});
		world.hold([215, 230, 245], 90);
		world.hold(normal, 20);
		assert.deepEqual((await world.voltageCodes()).sort(), [76, 81, 85, 87]);
		assert.equal(await world.read("1-0:32.32.0"), 1);
		assert.equal(await world.read("1-0:72.36.0"), 1);
		assert.ok(Math.abs((await world.register("1-0:72.37.0")) - 90) <= 1);
		assert.ok(Math.abs((await world.register("1-0:72.38.0")) - 2450) <= 3);
	});

	it("F119 F112 200 V on L1 for 90 s: event pair in the log, counter, duration, magnitude", async () => {
		const world = new World();
		world.hold([200, 230, 230], 90);
		world.hold(normal, 20);
		assert.deepEqual(await world.voltageCodes(), [76, 85]);
		assert.equal(await world.read("1-0:32.32.0"), 1);
		assert.equal(await world.read("1-0:52.32.0"), 0);
		assert.ok(Math.abs((await world.register("1-0:32.33.0")) - 90) <= 1);
		assert.ok(Math.abs((await world.register("1-0:32.34.0")) - 2000) <= 2);
	});

	it("F120 260 V on L2 for 70 s, F119 200 V for 30 s on L1: only the first is an event", async () => {
		const world = new World();
		world.hold([200, 260, 230], 30);
		world.hold([230, 260, 230], 40);
		world.hold(normal, 20);
		assert.deepEqual(await world.voltageCodes(), [80, 86]);
		assert.equal(await world.read("1-0:52.36.0"), 1);
		assert.ok(Math.abs((await world.register("1-0:52.38.0")) - 2600) <= 3);
	});

	it("F123 unbalance: a value with three phases, asymmetry after 60 s above 2 %, nothing while a phase is missing", async () => {
		const world = new World();
		world.hold([230, 225, 235], 10);
		assert.ok(Math.abs((await world.register("0-0:96.50.20")) - 12.55) <= 1);
		world.hold([230, 0, 230], 10);
		assert.equal(world.quality.unbalance_permil, noUnbalance);
		world.hold([230, 214, 246], 70);
		assert.ok((await world.register("0-0:96.50.20")) > 20);
		assert.ok((await world.codes(powerQualityLog)).includes(90));
	});

	it("F123 a reversed phase sequence is told once, after 5 s", async () => {
		const world = new World();
		world.grid.setPhaseOrder("132");
		world.run(4);
		assert.equal((await world.codes(standardLog)).includes(88), false);
		world.run(20);
		assert.equal((await world.codes(standardLog)).filter((code) => code === 88).length, 1);
		assert.equal(world.quality.supervision.isSequenceReversed, true);
	});

	it("F123 frequency out of 1 % for ten seconds and back", async () => {
		const world = new World();
		world.grid.setFrequency_Hz(49.4);
		world.run(30);
		world.grid.setFrequency_Hz(50);
		world.run(30);
		const codes = await world.codes(powerQualityLog);
		assert.deepEqual(
			codes.filter((code) => code >= 242),
			[242, 243],
		);
	});

	it("F112 a voltage that plays about its threshold for two hours: the log takes some of its events, all are counted, a minute of it is one", async () => {
		const world = new World();
		for (let n = 0; n < 12; n++) {
			world.hold([206, 230, 230], 4);
			world.hold(normal, 1);
		}
		assert.deepEqual(await world.voltageCodes(), [], "shorter than its time");
		await world.with(async (client) => {
			for (const [name, seconds] of [
				["1-0:12.43.0.255", 5],
				["1-1:12.43.0.255", 2],
			] as const)
				assert.equal(await client.set(ref(3, name), 2, data.longUnsigned(seconds)), 0);
		});
		const cycles = 360;
		for (let n = 0; n < cycles; n++) {
			world.hold([206, 230, 230], 12);
			world.hold(normal, 8);
		}
		world.run(600);
		assert.equal(await world.read("1-0:32.32.0"), cycles);
		const codes = await world.codes(powerQualityLog);
		assert.ok(codes.length >= 40 && codes.length < 200, `${codes.length} entries`);
		assert.equal(codes.at(-1), 85, "the last one is there");
		const counted = await world.with(async (client) => asNumber(await client.read(ref(1, "0-0:96.15.4.255"), 2)));
		assert.equal(counted, 2 * cycles);
	});

	it("F115 F116 ten minutes by the clock: the first are not whole, the next agree with the mains", () => {
		const world = new World(rtc_s + 100);
		world.hold([225, 231.5, 236], 600);
		const { tenMinutes } = world.quality.aggregation;
		assert.equal(tenMinutes.isFlagged, true);
		world.run(610);
		assert.equal(tenMinutes.isFlagged, false);
		assert.ok(tenMinutes.count >= 2990 && tenMinutes.count <= 3010, `${tenMinutes.count} values`);
		[225, 231.5, 236].forEach((volts, phase) => {
			assert.ok(Math.abs(tenMinutes.voltage_mV[phase]! - volts * 1000) <= 0.001 * volts * 1000);
		});
		assert.equal(world.quality.week.values, 2);
		assert.equal(world.quality.week.unflagged, 1);
		world.hold([100, 230, 230], 0.2);
		world.hold(normal, 600);
		assert.equal(tenMinutes.isFlagged, true);
	});

	it("F115 F116 F121 F123 the quality profile has ten-minute voltage, THD and unbalance, each of the interval that ends", async () => {
		const world = new World(rtc_s - 5);
		world.hold([225, 231.5, 236], 605);
		world.grid.change(() => {
			for (const phase of [1, 2, 3] as const) {
				world.grid.setPhase(phase, { voltage_V: 230, voltageHarmonics: [{ order: 5, fraction: 0.06 }] });
			}
		});
		world.run(600);
		const { rows, columns } = await world.with((client) => client.readProfile("1-0:99.14.0.255"));
		assert.deepEqual(
			columns.map(({ logicalName }) => logicalName.slice(0, -4)),
			[
				"0-0:1.0.0",
				"0-0:96.10.6",
				...["32.24.0", "52.24.0", "72.24.0"].map((name) => `1-0:${name}`),
				...[32, 52, 72, 31, 51, 71].map((c) => `1-0:${c}.24.124`),
				"0-0:96.50.20",
			],
		);
		const values = rows.map((row) => row.slice(1).map(asNumber));
		const stamps = rows.map((row) => toUnix_ms(decodeDateTime(asOctets(row[0]!))) / 1000 - 946_684_800 - rtc_s);
		assert.deepEqual(stamps.slice(-2), [600, 1200]);
		const [first, second] = values.slice(-2);
		for (const [phase, decivolts] of [2250, 2315, 2360].entries()) {
			assert.ok(Math.abs(first![1 + phase]! - decivolts) <= 1, `${first}`);
		}
		assert.ok(first![4]! < 30 && Math.abs(second![4]! - 600) <= 30, `THD ${first![4]} then ${second![4]}`);
		assert.ok(Math.abs(second![1]! - 2304) <= 2, `${second![1]}: with the harmonic`);
	});

	it("F112 F121 F122 10 % of fifth harmonic for eleven minutes is in log and counter of its phase", async () => {
		const world = new World();
		world.grid.setPhase(2, { voltageHarmonics: [{ order: 5, fraction: 0.1 }] });
		world.run(660);
		assert.deepEqual(
			(await world.codes(powerQualityLog)).filter((code) => code >= 230),
			[231],
		);
		assert.deepEqual(
			[
				await world.register("1-0:32.36.124"),
				await world.register("1-0:52.36.124"),
				await world.register("1-0:51.36.124"),
			],
			[0, 1, 0],
		);
		await world.with(async (client) => {
			assert.equal(await client.set(ref(3, "1-0:12.35.124.255"), 2, data.longUnsigned(0)), 250);
			assert.equal(await client.set(ref(3, "1-0:12.35.124.255"), 2, data.longUnsigned(1200)), 0);
			assert.equal(await client.set(ref(3, "1-0:12.44.124.255"), 2, data.doubleLongUnsigned(70_000)), 250);
			assert.equal(asNumber(await client.read(ref(3, "1-0:12.44.124.255"), 2)), 600);
		});
		world.run(30);
		assert.ok((await world.codes(powerQualityLog)).includes(234), "below the new limit");
	});

	it("F115 a week with bad voltage on L3 ends in one event, and statistics begin anew", async () => {
		// Sunday 23:00 of local standard time (UTC + 1)
		const monday_s = 2 * 86_400 + 1357 * 604_800;
		const world = new World(monday_s - 3600 - 3600);
		world.hold([230, 230, 200], 3300);
		world.run(400);
		assert.deepEqual(
			(await world.codes(powerQualityLog)).filter((code) => code >= 92 && code <= 94),
			[94],
		);
		assert.equal(world.quality.week.values, 0);
	});

	it("F115 F121 a week with 10 % of fifth harmonic on L1 ends with bad quality of L1, over a loss of supply in between", async () => {
		const monday_s = 2 * 86_400 + 1357 * 604_800;
		const world = new World(monday_s - 3600 - 3600);
		world.grid.setPhase(1, { voltageHarmonics: [{ order: 5, fraction: 0.1 }] });
		world.run(1500);
		world.simulated.meter.commit();
		world.cutPower(30);
		world.grid.setPhase(1, { voltageHarmonics: [] });
		world.run(2300);
		assert.deepEqual(
			(await world.codes(powerQualityLog)).filter((code) => code >= 92 && code <= 94),
			[92],
		);
	});

	it("F115 F119 F121 scripts 0-0:10.0.105: 1 forgets counters of events, 2 begins the week anew, over a loss of supply", async () => {
		const world = new World();
		world.hold([200, 230, 230], 90);
		world.hold(normal, 20);
		world.hold([165, 230, 230], 0.2);
		world.hold(normal, 1300);
		const counters = async () => [
			await world.read("1-0:32.32.0"),
			await world.register("1-0:32.33.0"),
			await world.with(async (client) => {
				const classes = elementsOf(await client.read(ref(1, "0-0:96.50.43.255"), 2));
				return classes.map(asNumber).reduce((sum, count) => sum + count, 0);
			}),
		];
		const counted = await counters();
		assert.deepEqual([counted[0], counted[2]], [1, 2], "one slow event, two fast ones");
		assert.ok(counted[1]! >= 89 && counted[1]! <= 91);
		assert.ok(world.quality.week.values >= 1);
		const script = ref(9, "0-0:10.0.105.255");
		await world.with(async (client) => {
			assert.equal((await client.action(script, 1, data.longUnsigned(2))).result, 0);
			assert.equal((await client.action(script, 1, data.longUnsigned(3))).result === 0, false);
		});
		assert.equal(world.quality.week.values, 0);
		assert.deepEqual(await counters(), counted);
		await world.with(async (client) => {
			assert.equal((await client.action(script, 1, data.longUnsigned(1))).result, 0);
		});
		assert.deepEqual(await counters(), [0, 0, 0]);
		world.cutPower(1);
		world.run(5);
		assert.deepEqual(await counters(), [0, 0, 0], "stored at once");
	});

	it("G5 counters survive a warned loss of supply", async () => {
		const world = new World();
		world.hold([200, 230, 230], 90);
		world.hold(normal, 20);
		world.simulated.meter.commit();
		world.cutPower(5);
		world.run(5);
		assert.equal(await world.read("1-0:32.32.0"), 1);
		assert.equal(await world.read("0-0:96.7.21"), 1);
	});
}).timeout(30_000);

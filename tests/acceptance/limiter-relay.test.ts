// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../support/client/axdr.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";
import type { ModelName } from "../support/specified-meter.js";

const limiter = ref(71, "0-0:17.0.0.255");
const relay1 = ref(70, "0-1:96.3.10.255");
const table = ref(9, "0-0:10.0.103.255");
const watt = data.doubleLongUnsigned;
const zero = data.integer(0);
const octets = (...bytes: number[]) => data.octetString(Uint8Array.from(bytes));
const tableName = octets(0, 0, 10, 0, 103, 255);
const instantaneous = data.structure(data.longUnsigned(3), octets(1, 0, 1, 7, 0, 255), data.integer(2));

describe("limits through relays and scripts, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	/** @param power_W at the terminals, all phases together */
	function load(power_W: number): void {
		const { grid } = meter;
		for (const phase of [1, 2, 3] as const)
			grid.setPhase(phase, { voltage_V: 230, current_A: power_W / 690, angle_deg: 0 });
	}

	async function start(model: ModelName, time = "2026-03-10T10:00:00Z"): Promise<void> {
		meter = await RunningMeter.start(model, { clock_s: since2000_s(time), speed: 0, seed: 7 });
		for (const phase of [1, 2, 3] as const) meter.simulator.simulated.household?.setActive(phase, false);
		load(500);
		step(3);
	}

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const write = (object: ReturnType<typeof ref>, attribute: number, value: Data) =>
		meter.with("management", (client) => client.set(object, attribute, value));
	const read = (object: ReturnType<typeof ref>, attribute: number) =>
		meter.with("management", (client) => client.read(object, attribute));
	const isOn = () => meter.simulator.simulated.io!.state().relays[0]!.isClosed;
	const codes = () =>
		meter.with("management", async (client) =>
			(await client.readProfile("0-0:99.98.2.255")).rows.map((row) => asNumber(row[1]!)),
		);
	async function limit(over_s: number, under_s: number): Promise<void> {
		assert.equal(await write(limiter, 2, instantaneous), result.success);
		assert.equal(await write(limiter, 4, watt(1000)), result.success);
		assert.equal(await write(limiter, 6, watt(over_s)), result.success);
		assert.equal(await write(limiter, 7, watt(under_s)), result.success);
	}

	it("F134 F135 F136: ST402C takes the load off with relay 1, and leaves the reconnection to the button after the penalty", async () => {
		await start("ST402C");
		const actions = elementsOf(await read(limiter, 11), 2).map((action) => asOctets(elementsOf(action, 2)[0]!));
		assert.deepEqual(
			actions.map((name) => name.join(".")),
			["0.0.10.0.103.255", "0.0.10.0.103.255"],
		);
		await limit(10, 100);
		load(1200);
		step(9);
		assert.ok(isOn());
		step(4);
		assert.ok(!isOn());
		load(0);
		const { housing } = meter.simulator.simulated;
		step(60);
		housing.set({ serviceButton: true });
		step(5);
		housing.set({ serviceButton: false });
		assert.ok(!isOn(), "not during the penalty");
		step(60);
		assert.ok(!isOn(), "mode 4");
		housing.set({ serviceButton: true });
		step(4);
		housing.set({ serviceButton: false });
		step(2);
		assert.ok(isOn());
		assert.deepEqual((await codes()).slice(2), [65, 230, 66, 233]);
	});

	it("F136: in mode 6 of the relay it comes back by itself, as often a day as allowed", async () => {
		await start("ST402C");
		await limit(5, 20);
		assert.equal(await write(relay1, 4, data.enum(6)), result.success);
		const policy = ref(1, "0-0:96.50.3.255");
		const once = data.structure(data.unsigned(1), data.unsigned(0), data.boolean(false));
		assert.equal(await write(policy, 2, once), result.success);
		load(1200);
		step(8);
		assert.ok(!isOn());
		load(0);
		step(25);
		assert.ok(isOn());
		load(1200);
		step(20);
		load(0);
		step(60);
		assert.ok(!isOn());
		assert.ok((await codes()).includes(242));
	});

	it("F139 F141: Code Red limits through the relay, and gives it back when it ends", async () => {
		await start("ST402C");
		await limit(5, 20);
		assert.equal(await write(relay1, 4, data.enum(6)), result.success);
		assert.equal(await write(limiter, 5, watt(300)), result.success);
		assert.equal(await write(limiter, 9, data.array(data.longUnsigned(5))), result.success);
		const profile = data.structure(data.longUnsigned(5), data.octetString(new Uint8Array(12).fill(0xff)), watt(60));
		assert.equal(await write(limiter, 8, profile), result.success);
		step(10);
		assert.ok(!isOn());
		load(0);
		step(100);
		assert.ok(isOn());
		const log = await codes();
		assert.ok(log.includes(237) && log.includes(238));
	});

	it("F67: a relay gives warning while a limit is exceeded that has not yet led to anything", async () => {
		meter = await RunningMeter.start("ST402D", {
			speed: 0,
			seed: 7,
			relays: [
				{ function: 0, afterPowerCut: 0, minimumOn_s: 10, minimumOff_s: 10 },
				{ function: 3, afterPowerCut: 0, minimumOn_s: 1, minimumOff_s: 1 },
			],
		});
		for (const phase of [1, 2, 3] as const) meter.simulator.simulated.household?.setActive(phase, false);
		load(500);
		step(3);
		await limit(60, 60);
		const warns = () => meter.simulator.simulated.io!.state().relays[1]!.isClosed;
		assert.ok(!warns());
		load(1200);
		step(4);
		assert.ok(warns());
		load(500);
		step(4);
		assert.ok(!warns());
	});

	const writesThreshold = (script: number, power_W: number, name = octets(0, 0, 17, 0, 0, 255)) =>
		data.structure(
			data.longUnsigned(script),
			data.array(data.structure(data.enum(1), data.longUnsigned(71), name, data.integer(4), watt(power_W))),
		);

	const limits = { ST402C: [3000, 1500], ST402D: [6000, 3000] } as const;
	for (const model of ["ST402C", "ST402D"] as const)
		it(`F138: ${model}: ${limits[model][0]} W by day and ${limits[model][1]} W at night through the calendar of load management, in virtual time`, async () => {
			const [day_W, night_W] = limits[model];
			await start(model, "2026-03-10T20:50:00Z");
			await meter.with("management", async (client) => {
				assert.equal(
					await client.set(table, 2, data.array(writesThreshold(11, day_W), writesThreshold(12, night_W))),
					result.success,
				);
				const calendar = ref(20, "0-2:13.0.0.255");
				const at = (hour: number, script: number) =>
					data.structure(octets(hour, 0, 0, 0), tableName, data.longUnsigned(script));
				const days = data.array(data.structure(data.unsigned(1), data.array(at(6, 11), at(22, 12))));
				const week = data.structure(octets(0x77), ...Array.from({ length: 7 }, () => data.unsigned(1)));
				const begin = octets(0xff, 0xff, 1, 1, 0xff, 0, 0, 0, 0, 0x80, 0, 0);
				assert.equal(await client.set(calendar, 9, days), result.success);
				assert.equal(await client.set(calendar, 8, data.array(week)), result.success);
				const season = data.structure(octets(0x73), begin, octets(0x77));
				assert.equal(await client.set(calendar, 7, data.array(season)), result.success);
				assert.equal((await client.action(calendar, 1, zero)).result, result.success);
			});
			step(60);
			assert.equal(asNumber(await read(limiter, 3)), day_W);
			step(10 * 60);
			assert.equal(asNumber(await read(limiter, 3)), night_W);
			step(8 * 3600);
			assert.equal(asNumber(await read(limiter, 3)), day_W);
			assert.deepEqual((await codes()).filter((code) => code === 67).length, 3);
		});

	it("F138: a script that names a limiter which does not exist, or what it may not do, is refused when written", async () => {
		await start("ST402D");
		const before = await read(table, 2);
		const action = (service: number, classId: number, name: Data, index: number, parameter: Data) =>
			data.array(
				data.structure(
					data.longUnsigned(1),
					data.array(
						data.structure(data.enum(service), data.longUnsigned(classId), name, data.integer(index), parameter),
					),
				),
			);
		for (const [what, wrong] of [
			["no such limiter", data.array(writesThreshold(11, 3000, octets(0, 0, 17, 0, 2, 255)))],
			["type", action(1, 71, octets(0, 0, 17, 0, 0, 255), 4, data.longUnsigned(5))],
			["another attribute", action(1, 71, octets(0, 0, 17, 0, 0, 255), 6, watt(5))],
			["the supply switch", action(2, 70, octets(0, 0, 96, 3, 10, 255), 1, zero)],
			["keys", action(2, 64, octets(0, 0, 43, 0, 0, 255), 2, zero)],
			["another table", action(2, 9, octets(0, 0, 10, 0, 1, 255), 1, data.longUnsigned(1))],
			["a method that is not there", action(2, 70, octets(0, 1, 96, 3, 10, 255), 3, zero)],
			["twice the same number", data.array(writesThreshold(11, 1), writesThreshold(11, 2))],
			["script 0", data.array(writesThreshold(0, 1))],
			["too many", data.array(...Array.from({ length: 17 }, (_, n) => writesThreshold(n + 1, 1)))],
		] as const)
			assert.equal(await write(table, 2, wrong), result.otherReason, what);
		assert.deepEqual(await read(table, 2), before);
		const good = action(2, 70, octets(0, 3, 96, 3, 10, 255), 1, zero);
		assert.equal(await write(table, 2, good), result.success);
		assert.deepEqual(await read(table, 2), good);
		await meter.with("management", async (client) => {
			assert.equal((await client.action(table, 1, data.longUnsigned(1))).result, result.success);
		});
		step(1);
		assert.deepEqual(
			meter.simulator.simulated.io!.state().relays.map(({ isClosed }) => isClosed),
			[true, true, false],
		);
	});
});

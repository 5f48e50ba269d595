// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../support/client/axdr.js";
import { asNumber, data, elementsOf, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const limiter = ref(71, "0-0:17.0.0.255");
const currentLimiter = ref(71, "0-0:17.0.1.255");
const monitor = ref(21, "1-1:31.4.0.255");
const mainSwitch = ref(70, "0-0:96.3.10.255");
const policy = ref(1, "0-0:96.50.3.255");
const begin_ms = Date.parse("2026-03-10T22:40:00Z");
const switchTable = Uint8Array.of(0, 0, 10, 0, 106, 255);
const watt = data.doubleLongUnsigned;
const instantaneous = data.structure(
	data.longUnsigned(3),
	data.octetString(Uint8Array.of(1, 0, 1, 7, 0, 255)),
	data.integer(2),
);

describe("limiters, from outside", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { clock_s: since2000_s(begin_ms), speed: 0, seed: 7 });
		for (const phase of [1, 2, 3] as const) meter.simulator.simulated.household?.setActive(phase, false);
		load(2900);
		step(3);
	});
	afterEach(() => meter.close());

	function load(power_W: number): void {
		const { grid } = meter;
		for (const phase of [1, 2, 3] as const)
			grid.setPhase(phase, { voltage_V: 230, current_A: power_W / 690, angle_deg: 0 });
	}

	function step(seconds: number): void {
		meter.simulator.pacer.step(seconds * 1000);
	}

	async function write(object: typeof limiter, attribute: number, value: Data): Promise<number> {
		return meter.with("management", (client) => client.set(object, attribute, value));
	}

	const read = (object: typeof limiter, attribute: number) =>
		meter.with("management", (client) => client.read(object, attribute));
	const isOn = () => meter.simulator.simulated.supplySwitch!.closedPoles() === 7;
	const codes = () =>
		meter.with("management", async (client) =>
			(await client.readProfile("0-0:99.98.2.255")).rows.map((row) => asNumber(row[1]!)),
		);

	/** 3 kW on the power of the moment. */
	async function limit(over_s: number, under_s: number, mode = 6): Promise<void> {
		assert.equal(await write(limiter, 2, instantaneous), result.success);
		assert.equal(await write(limiter, 4, watt(3000)), result.success);
		assert.equal(await write(limiter, 6, watt(over_s)), result.success);
		assert.equal(await write(limiter, 7, watt(under_s)), result.success);
		assert.equal(await write(mainSwitch, 4, data.enum(mode)), result.success);
	}

	it("F134 F135: 2.9 kW never, 4 kW for 59 s never, for 60 s within a second after; 65 with the threshold is logged", async () => {
		await limit(60, 300);
		step(300);
		load(4000);
		step(59);
		load(2900);
		step(60);
		assert.ok(isOn());
		load(4000);
		step(60);
		assert.ok(isOn());
		step(1.5);
		assert.ok(!isOn());
		step(3);
		assert.deepEqual(await codes(), [67, 67, 65, 64]);
		await meter.with("management", async (client) => {
			const rows = (await client.readProfile("0-0:99.98.2.255")).rows;
			assert.equal(asNumber(rows.at(-1)![2]!), 3000);
		});
	});

	it("F134: with the average of a minute 4 kW open the switch some time later, and 2.9 kW do not", async () => {
		assert.equal(await write(limiter, 4, watt(3000)), result.success);
		step(400);
		assert.ok(isOn());
		load(4000);
		step(180);
		assert.ok(!isOn());
	});

	it("F135: a tolerance that is changed while the limit is exceeded applies to that excess; a value of another type is refused", async () => {
		await limit(600, 300);
		load(4000);
		step(40);
		assert.ok(isOn());
		assert.equal(await write(limiter, 6, data.longUnsigned(60)), result.typeUnmatched);
		assert.equal(await write(limiter, 6, data.doubleLongUnsigned(60)), result.success);
		step(15);
		assert.ok(isOn());
		step(8);
		assert.ok(!isOn());
	});

	it("F134 F135: another threshold while one is exceeded begins the count anew, with event 67", async () => {
		await limit(60, 300);
		load(4000);
		step(50);
		const changes = async () => (await codes()).filter((code) => code === 67).length;
		const before = await changes();
		assert.equal(await write(limiter, 4, data.doubleLongUnsigned(3500)), result.success);
		assert.equal(await changes(), before + 1);
		step(50);
		assert.ok(isOn());
		step(15);
		assert.ok(!isOn());
	});

	it("F136 F109: penalty 300 s: no button at 200 s, reconnection at 301 s; 65, 64, 66, 69 in the log", async () => {
		await limit(10, 300, 7);
		load(4000);
		step(12);
		assert.ok(!isOn());
		load(1000);
		step(188);
		const { housing } = meter.simulator.simulated;
		housing.set({ serviceButton: true });
		step(5);
		housing.set({ serviceButton: false });
		assert.ok(!isOn());
		assert.equal(
			await meter.with("management", async (client) => (await client.action(mainSwitch, 2, data.integer(0))).result),
			result.temporaryFailure,
		);
		step(103);
		assert.ok(!isOn());
		step(4);
		assert.ok(isOn());
		step(3);
		assert.deepEqual((await codes()).slice(2), [65, 64, 66, 69]);
		assert.deepEqual(
			elementsOf(await read(policy, 2), 3).map((part) => part.value),
			[10, 1, false],
		);
	});

	it("F136: in a mode without local reconnection the button is free after the penalty", async () => {
		await limit(10, 100, 4);
		load(4000);
		step(12);
		load(1000);
		step(110);
		assert.ok(!isOn());
		meter.simulator.simulated.housing.set({ serviceButton: true });
		step(4);
		assert.ok(isOn());
		assert.deepEqual((await codes()).slice(2), [65, 64, 66, 59, 61]);
	});

	it("F136: a power cut during the penalty: the rest of it goes on after power up", async () => {
		await limit(10, 300);
		load(4000);
		step(12);
		load(1000);
		step(90);
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 100_000);
		simulated.restorePower();
		step(90);
		assert.ok(!isOn());
		step(30);
		assert.ok(isOn());
	});

	it("F136: more than the reconnections of a day lock the supply, until midnight or a client", async () => {
		await limit(5, 20);
		assert.equal(
			await write(policy, 2, data.structure(data.unsigned(1), data.unsigned(0), data.boolean(false))),
			result.success,
		);
		load(4000);
		step(120);
		assert.ok(!isOn());
		assert.ok((await codes()).includes(242));
		assert.deepEqual(
			elementsOf(await read(policy, 2), 3).map((part) => part.value),
			[1, 1, true],
		);
		meter.simulator.simulated.housing.set({ serviceButton: true });
		step(5);
		meter.simulator.simulated.housing.set({ serviceButton: false });
		assert.ok(!isOn(), "the button is locked, too");
		load(1000);
		step(20 * 60); // past local midnight
		assert.ok(isOn());
	});

	for (const [allowed, order] of [
		[1, "the meter"],
		[0, "the button"],
	] as const)
		it(`F136: a client's reconnection ends the lock where the mode leaves the closing to others, too: ${order} closes`, async () => {
			await limit(5, 20);
			const count = data.structure(data.unsigned(allowed), data.unsigned(0), data.boolean(false));
			assert.equal(await write(policy, 2, count), result.success);
			load(4000);
			step(120);
			load(1000);
			step(30);
			const states = async () => elementsOf(await read(policy, 2), 3).map((part) => part.value);
			assert.deepEqual(await states(), [allowed, allowed, true]);
			await meter.with("management", async (client) => {
				assert.equal((await client.action(mainSwitch, 2, data.integer(0))).result, result.success);
			});
			assert.deepEqual(await states(), [allowed, 0, false]);
			step(5);
			assert.equal(isOn(), allowed > 0);
			meter.simulator.simulated.housing.set({ serviceButton: true });
			step(5);
			meter.simulator.simulated.housing.set({ serviceButton: false });
			assert.ok(isOn());
		});

	it("F137: the display flashes what is left of tolerance, penalty and lock; the threshold in force is readable, its change 67", async () => {
		/** What flashes in four seconds, and how many pictures of other values are between. */
		const flashes = () => {
			const left: number[] = [];
			for (let n = 0; n < 4; n++) {
				step(1);
				const { code, value, unit } = meter.simulator.simulated.picture;
				const places = value.replace(/[.:]/g, "").length;
				assert.ok(places > 0 && places <= 8, `${code} ${value}`);
				if (code === "17.0.0" && unit === "s") left.push(Number(value));
			}
			return left;
		};
		assert.deepEqual(flashes(), []);
		await limit(60, 300);
		assert.equal(asNumber(await read(limiter, 3)), 3000);
		assert.deepEqual(await codes(), [67, 67]);
		load(4000);
		step(20);
		const tolerance = flashes();
		assert.ok(tolerance.length === 2 && tolerance.every((left) => left > 30 && left < 45), `${tolerance}`);
		step(40);
		assert.ok(!isOn());
		const penalty = flashes();
		assert.ok(penalty.length === 2 && penalty.every((left) => left > 270 && left < 300), `${penalty}`);
		assert.equal(
			await write(policy, 2, data.structure(data.unsigned(0), data.unsigned(0), data.boolean(false))),
			result.success,
		);
		step(300);
		assert.ok((await codes()).includes(242));
		const lock = flashes();
		const midnight_s = 20 * 60 - meter.simulator.simulated.monotonic_ms() / 1000;
		assert.ok(lock.length === 2 && lock.every((left) => Math.abs(left - midnight_s) < 6), `${lock}`);
		assert.equal(await write(limiter, 7, watt(0xffff_ffff)), result.success);
		assert.deepEqual(flashes(), [99_999_999, 99_999_999], "as many digits as there are places");
	});

	it("F134 F141: refuses what is out of range, not on the list, or an emergency above the normal threshold, unchanged", async () => {
		const names = [2, 4, 5, 6, 7, 9, 11];
		const all = () =>
			meter.with("management", async (client) => {
				const values: Data[] = [];
				for (const id of names) values.push(await client.read(limiter, id));
				return values;
			});
		assert.equal(await write(limiter, 4, watt(5000)), result.success);
		const before = await all();
		const energy = data.structure(
			data.longUnsigned(3),
			data.octetString(Uint8Array.of(1, 0, 1, 8, 0, 255)),
			data.integer(2),
		);
		const reference = (table: Uint8Array, script: number) =>
			data.structure(data.octetString(table), data.longUnsigned(script));
		for (const [attribute, value, expected] of [
			[2, energy, result.otherReason],
			[4, watt(69_001), result.otherReason],
			[4, data.longUnsigned(100), result.typeUnmatched],
			[5, watt(5001), result.otherReason],
			[6, data.longUnsigned(3), result.typeUnmatched],
			[9, data.array(...Array.from({ length: 17 }, (_, n) => data.longUnsigned(n))), result.otherReason],
			[11, data.structure(reference(switchTable, 1), reference(switchTable, 99)), result.otherReason],
			[
				11,
				data.structure(reference(Uint8Array.of(0, 9, 10, 0, 1, 255), 1), reference(switchTable, 2)),
				result.otherReason,
			],
		] as const)
			assert.equal(await write(limiter, attribute, value), expected, `attribute ${attribute}`);
		assert.deepEqual(await all(), before);
		assert.equal(await write(limiter, 4, watt(0xffff_ffff)), result.success);
		assert.equal(await write(currentLimiter, 4, data.longUnsigned(10_001)), result.otherReason);
	});

	it("F134: limiter 2 watches the current", async () => {
		assert.equal(await write(currentLimiter, 4, data.longUnsigned(2000)), result.success);
		assert.equal(await write(currentLimiter, 6, watt(5)), result.success);
		load(4000); // 17.4 A in all
		step(30);
		assert.ok(isOn());
		load(5000);
		step(8);
		assert.ok(!isOn());
	});

	it("F134: supervision of a phase: 70 and a disconnection above the threshold, 71 below", async () => {
		step(60);
		assert.equal(await write(monitor, 2, data.array(data.longUnsigned(500))), result.success);
		assert.equal(await write(monitor, 2, data.array()), result.otherReason);
		step(120);
		assert.ok(isOn());
		load(4000);
		step(125);
		assert.ok(!isOn());
		step(125);
		assert.deepEqual(await codes(), [70, 64, 71]);
	});

	describe("emergency profile", () => {
		const profile = (id: number, utc_ms: number | undefined, duration_s: number) =>
			data.structure(
				data.longUnsigned(id),
				data.octetString(
					utc_ms === undefined ? new Uint8Array(12).fill(0xff) : encodeDateTime(fromUnix_ms(utc_ms, 0, 0)),
				),
				watt(duration_s),
			);
		const now_ms = () => begin_ms + meter.simulator.simulated.monotonic_ms();
		const isActive = async () => (await read(limiter, 10)).value;

		beforeEach(async () => {
			await limit(60, 60);
			assert.equal(await write(limiter, 5, watt(1000)), result.success);
			assert.equal(await write(limiter, 9, data.array(data.longUnsigned(5))), result.success);
		});

		it("F139 F140: starts and ends by its time; 237 and 238 in the log; the threshold in force is readable", async () => {
			assert.equal(await write(limiter, 8, profile(5, now_ms() + 30_000, 60)), result.success);
			assert.equal(await isActive(), false);
			step(32);
			assert.equal(await isActive(), true);
			assert.equal(asNumber(await read(limiter, 3)), 1000);
			step(60);
			assert.equal(await isActive(), false);
			assert.equal(asNumber(await read(limiter, 3)), 3000);
			assert.deepEqual((await codes()).slice(-2), [237, 238]);
		});

		it("F140 F141: other groups succeed without effect; duration 0 cancels; what ends in the past is refused", async () => {
			assert.equal(await write(limiter, 8, profile(6, undefined, 600)), result.success);
			assert.equal(await isActive(), false);
			assert.equal(await write(limiter, 8, profile(5, undefined, 0)), result.otherReason);
			assert.equal(await write(limiter, 8, profile(5, now_ms() - 100_000, 50)), result.otherReason);
			assert.equal(await write(limiter, 8, profile(5, undefined, 600)), result.success);
			assert.equal(await isActive(), true);
			assert.equal(await write(limiter, 8, profile(5, undefined, 0)), result.success);
			assert.equal(await isActive(), false);
		});

		it("F141: a power cut in the middle: it goes on until its planned end; a lower normal threshold applies", async () => {
			assert.equal(await write(limiter, 8, profile(5, undefined, 600)), result.success);
			const { simulated } = meter.simulator;
			simulated.cutPower();
			simulated.runTo(simulated.monotonic_ms() + 300_000);
			simulated.restorePower();
			step(5);
			assert.equal(await isActive(), true);
			assert.equal(await write(limiter, 4, watt(500)), result.success);
			assert.equal(asNumber(await read(limiter, 3)), 500);
			step(300);
			assert.equal(await isActive(), false);
		});
	});
});

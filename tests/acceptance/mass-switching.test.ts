// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { parseCommandLine } from "../../hosts/simulator/options.js";
import { StartError } from "../../hosts/simulator/start-error.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";
import type { ModelName } from "../support/specified-meter.js";

const mainSwitch = ref(70, "0-0:96.3.10.255");
const scripts = ref(9, "0-0:10.0.106.255");
const relayScripts = ref(9, "0-0:10.0.103.255");
const limiter = ref(71, "0-0:17.0.0.255");
const schedule = ref(22, "0-0:15.0.1.255");
const zero = data.integer(0);
const watt = data.doubleLongUnsigned;
const clock_s = since2000_s("2026-03-10T10:00:00Z");

describe("switching of many meters at once (SEC-mass)", () => {
	const meters: RunningMeter[] = [];
	afterEach(async () => {
		for (const meter of meters.splice(0)) await meter.close();
	});

	async function start(order: string, model: ModelName = "ST402D"): Promise<RunningMeter> {
		const { switching } = parseCommandLine(["--switching", order])!;
		const meter = await RunningMeter.start(model, { clock_s, speed: 0, seed: 7, switching });
		meters.push(meter);
		const { household } = meter.simulator.simulated;
		const { grid } = meter;
		for (const phase of [1, 2, 3] as const) {
			household?.setActive(phase, false);
			grid.setPhase(phase, { voltage_V: 230, current_A: 0, angle_deg: 0 });
		}
		step(meter, 3);
		return meter;
	}

	const step = (meter: RunningMeter, seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const isOn = (meter: RunningMeter) => meter.simulator.simulated.supplySwitch!.closedPoles() === 7;
	const script = (meter: RunningMeter, id: number, table = scripts) =>
		meter.with("management", async (client) => (await client.action(table, 1, data.longUnsigned(id))).result);

	/** Seconds until the switch of each is closed, the first `least` of which it must not be. */
	function reconnections(after_s: number, longest_s: number): number[] {
		return meters.map((meter) => {
			for (let passed_s = 0; passed_s < longest_s; passed_s++) {
				step(meter, 1);
				if (isOn(meter)) return passed_s + 1 - after_s;
			}
			return assert.fail("still open");
		});
	}

	it("SEC-mass F141: after Code Red meters come back one after the other within the ordered delay, the display tells how long", async () => {
		for (let n = 0; n < 8; n++) {
			const meter = await start("delay=300");
			await meter.with("management", async (client) => {
				const now = data.octetString(new Uint8Array(12).fill(0xff));
				const instantaneous = data.structure(
					data.longUnsigned(3),
					data.octetString(Uint8Array.of(1, 0, 1, 7, 0, 255)),
					data.integer(2),
				);
				assert.equal(await client.set(mainSwitch, 4, data.enum(6)), result.success);
				for (const [attribute, value] of [
					[2, instantaneous],
					[5, watt(1000)],
					[6, watt(5)],
					[7, watt(120)],
					[9, data.array(data.longUnsigned(5))],
					[8, data.structure(data.longUnsigned(5), now, watt(60))],
				] as const)
					assert.equal(await client.set(limiter, attribute, value), result.success);
			});
			const { grid } = meter;
			for (const phase of [1, 2, 3] as const) grid.setPhase(phase, { current_A: 2 });
			step(meter, 62);
			assert.ok(!isOn(meter));
		}
		const [first] = meters;
		const shown = new Set<number>();
		for (let n = 0; n < 4; n++) {
			step(first!, 1);
			const { code, value } = first!.simulator.simulated.picture;
			if (code === "17.0.0") shown.add(Number(value));
		}
		const found = reconnections(0, 310);
		const left_s = Math.max(...shown);
		assert.ok(Math.abs(left_s - found[0]!) <= 4, `${left_s} s shown, ${found[0]} s`);
		assert.ok(found.every((after_s) => after_s <= 302));
		assert.ok(Math.max(...found) - Math.min(...found) > 20, `${found}`);
	}).timeout(60_000);

	it("SEC-mass: a reconnection that was missed in an outage waits, and gives way to what a client commands meanwhile", async () => {
		for (const isOverruled of [false, true]) {
			const meter = await start("delay=300");
			await meter.with("management", async (client) => {
				const table = data.octetString(Uint8Array.of(0, 0, 10, 0, 106, 255));
				assert.equal(await client.set(schedule, 2, data.structure(table, data.longUnsigned(2))), result.success);
				const at = data.structure(
					data.octetString(Uint8Array.of(11, 5, 0, 0)),
					data.octetString(Uint8Array.of(0x07, 0xea, 3, 10, 0xff)),
				);
				assert.equal(await client.set(schedule, 4, data.array(at)), result.success);
				assert.equal((await client.action(mainSwitch, 1, zero)).result, result.success);
			});
			step(meter, 15);
			const { simulated } = meter.simulator;
			simulated.cutPower();
			step(meter, 600);
			simulated.restorePower();
			step(meter, 1);
			const held_s = simulated.meter.application.switching!.heldFor_s();
			if (isOverruled && held_s > 5) {
				await meter.with("management", async (client) => {
					assert.equal((await client.action(mainSwitch, 1, zero)).result, result.success);
				});
				step(meter, 310);
				assert.ok(!isOn(meter));
				continue;
			}
			step(meter, Math.max(0, held_s - 3));
			if (held_s > 5) assert.ok(!isOn(meter));
			step(meter, 8);
			assert.ok(isOn(meter));
		}
	});

	it("SEC-mass: a disconnection by script takes effect when the same client asks again within a minute", async () => {
		const meter = await start("confirm");
		assert.equal(await script(meter, 1), result.temporaryFailure);
		step(meter, 61);
		assert.equal(await script(meter, 1), result.temporaryFailure, "too late, and asked anew");
		assert.equal(await script(meter, 1, relayScripts), result.temporaryFailure, "another command");
		assert.equal(await script(meter, 1), result.temporaryFailure);
		assert.ok(isOn(meter));
		step(meter, 30);
		assert.equal(await script(meter, 1), result.success);
		step(meter, 15);
		assert.ok(!isOn(meter));
		assert.equal(await script(meter, 2), result.success, "a reconnection needs none");
		step(meter, 15);
		await meter.with("management", async (client) => {
			assert.equal((await client.action(mainSwitch, 1, zero)).result, result.success, "nor a command to the switch");
			const { rows } = await client.readProfile("0-0:99.98.8.255");
			assert.deepEqual(
				rows.map((row) => asNumber(row[1]!)),
				[62, 63, 62],
			);
		});
	});

	it("SEC-mass: a script that a client has written, of several disconnections, is confirmed as a whole; nothing opens before", async () => {
		const meter = await start("confirm");
		const closed = () => meter.simulator.simulated.io!.state().relays.map(({ isClosed }) => isClosed);
		const relayAction = (n: number, method: number) =>
			data.structure(
				data.enum(2),
				data.longUnsigned(70),
				data.octetString(Uint8Array.of(0, n, 96, 3, 10, 255)),
				data.integer(method),
				zero,
			);
		await meter.with("management", async (client) => {
			const written = data.array(
				data.structure(data.longUnsigned(20), data.array(relayAction(1, 1), relayAction(2, 1), relayAction(3, 1))),
				data.structure(data.longUnsigned(21), data.array(relayAction(1, 2), relayAction(2, 2))),
			);
			assert.equal(await client.set(relayScripts, 2, written), result.success);
		});
		assert.equal(await script(meter, 20, relayScripts), result.temporaryFailure);
		step(meter, 2);
		assert.deepEqual(closed(), [true, true, true]);
		step(meter, 61);
		assert.equal(await script(meter, 20, relayScripts), result.temporaryFailure, "too late");
		assert.equal(await script(meter, 20, relayScripts), result.success);
		step(meter, 15);
		assert.deepEqual(closed(), [false, false, false]);
		assert.equal(await script(meter, 21, relayScripts), result.success, "a reconnection needs none");
		step(meter, 15);
		assert.deepEqual(closed(), [true, true, false]);
		assert.equal(await script(meter, 20, relayScripts), result.temporaryFailure, "the next time is the first again");
	});

	it("SEC-mass F70: the order is refused where it is wrong, and is nothing that a client could change", () => {
		for (const wrong of [
			"delay=301",
			"delay",
			"confirm,delay=5",
			"delay=5,",
			",confirm",
			"",
			"cover,confirm",
			"cover,",
			"force,force",
		])
			assert.throws(() => parseCommandLine(["--switching", wrong]), StartError, wrong);
		assert.deepEqual(parseCommandLine(["--switching", "delay=5,confirm"])!.switching, {
			longestDelay_s: 5,
			needsConfirmation: true,
			staysOpenUncovered: false,
			breaksOverload: false,
		});
		assert.deepEqual(parseCommandLine(["--switching", "cover,force"])!.switching, {
			longestDelay_s: 0,
			needsConfirmation: false,
			staysOpenUncovered: true,
			breaksOverload: true,
		});
		assert.equal(parseCommandLine([])!.switching, undefined);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { parseCommandLine } from "../../hosts/simulator/options.js";
import { usualRelay } from "../../src/io/relay-order.js";
import type { Data } from "../support/client/axdr.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const mainSwitch = ref(70, "0-0:96.3.10.255");
const relay = (n: number) => ref(70, `0-${n}:96.3.10.255`);
const switchTable = data.octetString(Uint8Array.of(0, 0, 10, 0, 106, 255));
const relayTable = data.octetString(Uint8Array.of(0, 0, 10, 0, 103, 255));
const zero = data.integer(0);
const clock_s = since2000_s("2026-03-10T10:00:00Z");

/** Minute and second after eleven by the clock on the wall. */
function executionTime(minute: number, second: number): Data {
	return data.structure(
		data.octetString(Uint8Array.of(11, minute, second, 0)),
		data.octetString(Uint8Array.of(0x07, 0xea, 3, 10, 0xff)),
	);
}

describe("orders that nobody repeats: a switch or relay that has to rest does them afterwards", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	async function start(options: Parameters<typeof RunningMeter.start>[1] = {}): Promise<void> {
		meter = await RunningMeter.start("ST402D", { clock_s, speed: 0, seed: 7, ...options });
		const { household } = meter.simulator.simulated;
		const { grid } = meter;
		for (const phase of [1, 2, 3] as const) {
			household?.setActive(phase, false);
			grid.setPhase(phase, { voltage_V: 230, current_A: 0, angle_deg: 0 });
		}
		step(3);
	}

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	/** Steps to a time of the wall clock after eleven. */
	function stepTo(minute: number, second: number): void {
		const at_ms = (minute * 60 + second) * 1000;
		meter.simulator.pacer.step(at_ms - meter.simulator.simulated.monotonic_ms());
	}
	const act = (object: ReturnType<typeof ref>, method: number, parameter: Data = zero) =>
		meter.with("management", async (client) => (await client.action(object, method, parameter)).result);
	async function plan(name: string, table: Data, script: number, ...times: readonly Data[]): Promise<void> {
		await meter.with("management", async (client) => {
			const schedule = ref(22, name);
			assert.equal(await client.set(schedule, 2, data.structure(table, data.longUnsigned(script))), result.success);
			assert.equal(await client.set(schedule, 4, data.array(...times)), result.success);
		});
	}
	const relayClosed = (n: number) => meter.simulator.simulated.io!.state().relays[n - 1]!.isClosed;
	const isOn = () => meter.simulator.simulated.supplySwitch!.closedPoles() === 7;
	const cut = (pause_s: number) => {
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + pause_s * 1000);
		simulated.restorePower();
	};
	const codes = () =>
		meter.with("management", async (client) =>
			(await client.readProfile("0-0:99.98.2.255")).rows.map((row) => asNumber(row[1]!)),
		);

	it("F67: the schedule 0-0:15.0.3 opens a relay that a client has just closed as soon as it has rested; the client is told to come again", async () => {
		await start();
		assert.equal(await act(relay(1), 1), result.success);
		await plan("0-0:15.0.3.255", relayTable, 1, executionTime(5, 0));
		stepTo(4, 57);
		assert.equal(await act(relay(1), 2), result.success);
		assert.equal(await act(ref(9, "0-0:10.0.103.255"), 1, data.longUnsigned(1)), result.temporaryFailure);
		stepTo(5, 5);
		assert.ok(relayClosed(1), "it rests");
		stepTo(5, 10);
		assert.ok(!relayClosed(1));
		assert.equal(asNumber(await meter.with("management", (client) => client.read(relay(1), 3))), 0);
		step(60);
		assert.ok(!relayClosed(1));
		assert.deepEqual(await codes(), [224, 227, 224]);
	});

	it("F67: an order of the second in which supply returns is not lost, whatever the relay shows then", async () => {
		await start({ relays: parseCommandLine(["--relay", "1=load/closed", "--relay", "2=load/open"])!.relays! });
		for (const script of [1, 4]) {
			await plan("0-0:15.0.3.255", relayTable, script, executionTime(script * 5, 0));
			stepTo(script * 5 - 1, 0);
			cut(62);
			step(5);
			assert.equal(relayClosed(1), script !== 1);
			assert.equal(relayClosed(2), script === 4);
		}
	});

	it("F67 G5: an order that waits survives a power cut", async () => {
		await start({ relays: [{ ...usualRelay, minimumOn_s: 200 }] });
		assert.equal(await act(relay(1), 1), result.success);
		step(11);
		assert.equal(await act(relay(1), 2), result.success);
		await plan("0-0:15.0.3.255", relayTable, 1, executionTime(2, 0));
		stepTo(2, 10);
		assert.ok(relayClosed(1));
		cut(5);
		step(3);
		assert.ok(!relayClosed(1));
		assert.deepEqual(await codes(), [224, 227, 224]);
	});

	it("F89: the schedule 0-0:15.0.1 finds the switch at rest after a client's command, and is done afterwards", async () => {
		await start();
		await plan("0-0:15.0.1.255", switchTable, 2, executionTime(5, 0));
		stepTo(4, 56);
		assert.equal(await act(mainSwitch, 1), result.success);
		stepTo(5, 3);
		assert.ok(!isOn());
		stepTo(5, 12);
		assert.ok(isOn());
		assert.deepEqual(await codes(), [62, 63]);
	});

	it("F89 F136: a reconnection that the penalty forbids is made when it is over, unless a client has disconnected meanwhile", async () => {
		for (const isOverruled of [false, true]) {
			if (isOverruled) await meter.close();
			await start();
			await meter.with("management", async (client) => {
				const limiter = ref(71, "0-0:17.0.0.255");
				const instantaneous = data.structure(
					data.longUnsigned(3),
					data.octetString(Uint8Array.of(1, 0, 1, 7, 0, 255)),
					data.integer(2),
				);
				assert.equal(await client.set(mainSwitch, 4, data.enum(7)), result.success);
				for (const [attribute, value] of [
					[2, instantaneous],
					[4, data.doubleLongUnsigned(1000)],
					[6, data.doubleLongUnsigned(5)],
					[7, data.doubleLongUnsigned(300)],
					[
						11, // over the limit it disconnects, below it does nothing
						data.structure(
							data.structure(switchTable, data.longUnsigned(1)),
							data.structure(switchTable, data.longUnsigned(0)),
						),
					],
				] as const)
					assert.equal(await client.set(limiter, attribute, value), result.success);
			});
			await plan("0-0:15.0.1.255", switchTable, 2, executionTime(5, 0));
			const { grid } = meter;
			stepTo(4, 0);
			for (const phase of [1, 2, 3] as const) grid.setPhase(phase, { current_A: 5 });
			stepTo(5, 30);
			assert.ok(!isOn(), "the penalty runs");
			if (isOverruled) assert.equal(await act(mainSwitch, 1), result.success);
			for (const phase of [1, 2, 3] as const) grid.setPhase(phase, { current_A: 0 });
			stepTo(9, 30);
			assert.equal(isOn(), !isOverruled);
			if (isOverruled) {
				step(120);
				assert.ok(!isOn(), "the client's command was the later one");
			}
		}
	}).timeout(20_000);

	it("F67: switch points of a calendar closer together than a relay may move end in what the last of them says", async () => {
		await start();
		const octets = (...bytes: number[]) => data.octetString(Uint8Array.from(bytes));
		const point = (second: number, script: number) =>
			data.structure(octets(11, 5, second, 0), relayTable, data.longUnsigned(script));
		await meter.with("management", async (client) => {
			const calendar = ref(20, "0-2:13.0.0.255");
			const week = data.structure(octets(0x77), ...Array.from({ length: 7 }, () => data.unsigned(1)));
			const season = data.structure(octets(0x73), octets(0xff, 0xff, 1, 1, 0xff, 0, 0, 0, 0, 0x80, 0, 0), octets(0x77));
			const points = data.array(point(0, 1), point(4, 2), point(8, 1), point(12, 2), point(16, 1));
			assert.equal(await client.set(calendar, 9, data.array(data.structure(data.unsigned(1), points))), result.success);
			assert.equal(await client.set(calendar, 8, data.array(week)), result.success);
			assert.equal(await client.set(calendar, 7, data.array(season)), result.success);
			assert.equal((await client.action(calendar, 1, zero)).result, result.success);
		});
		stepTo(4, 50);
		assert.ok(!relayClosed(1), "the last point of the day before");
		let moves = 0;
		let was = relayClosed(1);
		for (let n = 0; n < 60; n++) {
			step(1);
			if (relayClosed(1) !== was) moves++;
			was = relayClosed(1);
		}
		assert.equal(relayClosed(1), false);
		assert.ok(moves <= 4, `${moves}`);
	});
});

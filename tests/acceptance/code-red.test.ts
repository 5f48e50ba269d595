// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { noTolerances } from "../../hosts/simulator/factory/tolerances.js";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { manufacture } from "../../hosts/simulator/identity.js";
import { SeededRandom } from "../../hosts/simulator/random.js";
import { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { Writer } from "../../src/cosem/codec/writer.js";
import { sm402d } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";
import { lineTo, readEntries } from "../events/meter-bench.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { encodeSet, result } from "../support/client/services.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { groupMessage } from "../support/group-message.js";
import { RunningMeter } from "../support/running-meter.js";

const log = { write: () => undefined };
const preEstablished = 102;
const allStations = 0xffff;
const start_s = 820_000_000;
const unixOfEpoch_ms = Date.UTC(2000, 0, 1);
const group = 2;
const meters = 200;
const limiter = ref(71, "0-0:17.0.0.255");
const emergencyBegan = 237;

/** An emergency profile, unconfirmed. */
function broadcast(id: number, activation_s: number, duration_s: number, counter: number): Uint8Array {
	const time = encodeDateTime(fromUnix_ms(unixOfEpoch_ms + activation_s * 1000, 0, 0));
	const profile = data.structure(data.longUnsigned(id), data.octetString(time), data.doubleLongUnsigned(duration_s));
	const attribute = { ref: ref(71, "0-0:17.0.0.255"), attribute: 8 };
	return groupMessage(encodeSet({ id: 0, isConfirmed: false }, attribute, profile), counter);
}

/** A single-phase meter of a household: limiter on the power of the moment, local reconnection in its control mode. */
function household(n: number): SimulatedMeter {
	const grid = new Grid({ phases: 1, frequency_Hz: 50, voltage_V: 230 });
	grid.setPhase(1, { current_A: n % 2 === 0 ? 20 : 2 }); // 4.6 kW or 460 W
	const meter = new SimulatedMeter({
		model: sm402d,
		identity: manufacture(sm402d, n),
		terminals: grid,
		seed: n,
		hasNoise: false,
		tolerances: noTolerances,
		flash: new MemoryFlash(flashLayout("desktop").sectorCount),
		random: new SeededRandom(n, "links"),
		rtc_s: start_s,
		log,
	});
	const { limits, supplyControl } = meter.meter.application;
	limits!.setMonitored(0, 2);
	limits!.setThresholds(0, 9000, 1000);
	limits!.settings.change((settings) => {
		settings.setGroup(0, 0, n % 4 < 2 ? group : 7);
		settings.setGroupCount(0, 1);
		settings.setDurations(0, 5, 10);
	});
	supplyControl!.setMode(6);
	return meter;
}

function send(meter: SimulatedMeter, apdu: Uint8Array): void {
	const server = meter.handler;
	const link = server.open({ port: "udp", name: "group" });
	const bytes = apdu.slice();
	assert.equal(server.handle(link, preEstablished, allStations, bytes, 0, bytes.length, new Writer(100)), false);
	server.close(link);
}

describe("Code Red", () => {
	it(`F139 F140 F141: one broadcast limits exactly one group of ${meters} meters in the same second; those above open, all come back; each log tells it`, async function () {
		this.timeout(60_000);
		const fleet = Array.from({ length: meters }, (_, n) => household(n));
		const active = (meter: SimulatedMeter) => meter.meter.application.limits!.isEmergency(0);
		const isOn = (meter: SimulatedMeter) => meter.supplySwitch!.closedPoles() === 1;
		const to = (second: number) => {
			for (const meter of fleet) meter.runTo(second * 1000);
		};
		to(3);
		const message = broadcast(group, start_s + 30, 40, 1);
		for (const [n, meter] of fleet.entries()) {
			meter.runTo(3000 + n * 100); // delivered over 20 s
			send(meter, message);
		}
		to(29.5);
		assert.ok(fleet.every((meter) => !active(meter) && isOn(meter)));
		to(30.5);
		const isMember = (n: number) => n % 4 < 2;
		for (const [n, meter] of fleet.entries()) assert.equal(active(meter), isMember(n), `meter ${n}`);
		const replayed = broadcast(group, start_s + 30, 0, 1);
		for (const meter of fleet) send(meter, replayed);
		to(38);
		for (const [n, meter] of fleet.entries()) {
			assert.equal(active(meter), isMember(n), `a used counter cancels nothing, meter ${n}`);
			assert.equal(isOn(meter), !(isMember(n) && n % 2 === 0), `meter ${n}`);
		}
		// those that opened try again after their penalty, and open again while it lasts; behind the end they stay on
		to(70.5);
		assert.ok(fleet.every((meter) => !active(meter)));
		to(95);
		assert.ok(fleet.every(isOn));
		for (const [n, meter] of fleet.entries()) {
			const client = DlmsClient.overWrapper(lineTo(meter, "tcp"), {
				clientSap: clientSap.management,
				security: testSecurity(),
			});
			await client.associate();
			assert.equal(asNumber(await client.read(limiter, 3)), 9000, `threshold in force, meter ${n}`);
			const began = (await readEntries(client, 2)).filter(({ code }) => code === emergencyBegan);
			const expected = isMember(n) ? [unixOfEpoch_ms / 1000 + start_s + 30] : [];
			assert.deepEqual(
				began.map(({ unix_s }) => unix_s),
				expected,
				`meter ${n}`,
			);
			await client.close();
		}
	});

	it("F140: delivered one by one over ten minutes it is active on every meter in the same second, and over in the same", async () => {
		const running = await Promise.all(
			(["SM402D", "ST402D", "ST402C"] as const).map((model) =>
				RunningMeter.start(model, { speed: 0, clock_s: start_s, seed: 7 }),
			),
		);
		try {
			const step = (seconds: number) => {
				for (const meter of running) meter.simulator.pacer.step(seconds * 1000);
			};
			const time = encodeDateTime(fromUnix_ms(unixOfEpoch_ms + (start_s + 900) * 1000, 0, 0));
			const profile = data.structure(data.longUnsigned(9), data.octetString(time), data.doubleLongUnsigned(60));
			for (const meter of running) {
				await meter.with("management", async (client) => {
					assert.equal(await client.set(limiter, 9, data.array(data.longUnsigned(9))), result.success);
					assert.equal(await client.set(limiter, 8, profile), result.success);
				});
				step(295);
			}
			const active = () =>
				Promise.all(
					running.map((meter) => meter.with("management", async (client) => (await client.read(limiter, 10)).value)),
				);
			step(14);
			assert.deepEqual(await active(), [false, false, false], "899 s");
			step(1);
			assert.deepEqual(await active(), [true, true, true], "900 s");
			step(59);
			assert.deepEqual(await active(), [true, true, true], "959 s");
			step(1);
			assert.deepEqual(await active(), [false, false, false], "960 s");
		} finally {
			for (const meter of running) await meter.close();
		}
	});
});

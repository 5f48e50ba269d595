// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";

const reset = 1;
const zero = data.integer(0);
const log = (e: number) => ref(7, `0-0:99.98.${e}.255`);

describe("integrity of the logs, from outside", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0 });
		const { housing } = meter.simulator.simulated;
		step(5);
		housing.set({ meterCoverOpen: true });
		step(3);
		housing.set({ meterCoverOpen: false });
		step(3);
	});
	afterEach(() => meter.close());

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const codes = (e: number) =>
		meter.with("management", async (client) =>
			(await client.readProfile(`0-0:99.98.${e}.255`)).rows.map((row) => asNumber(row[1]!)),
		);

	it("F113: management clears the standard log to an entry 255, and neither fraud nor security log; nobody else clears any", async () => {
		await meter.with("management", async (client) => {
			assert.equal((await client.action(log(0), reset, zero)).result, result.success);
			for (const e of [1, 7]) assert.equal((await client.action(log(e), reset, zero)).result, result.readWriteDenied);
		});
		await meter.with("reader", async (client) => {
			for (const e of [0, 1, 2, 4, 5, 6, 7, 8])
				assert.equal((await client.action(log(e), reset, zero)).result, result.readWriteDenied);
		});
		assert.equal((await codes(0))[0], 255);
		assert.deepEqual(await codes(1), [44, 45]);
	});

	it("F113: the metrology client clears fraud and security log with the seal open, leaving 255; sealed it is not let in", async () => {
		await assert.rejects(meter.connect("metrology", "direct HDLC"));
		meter.simulator.simulated.housing.set({ sealOpen: true });
		step(2);
		await meter.with(
			"metrology",
			async (client) => {
				for (const e of [1, 7]) assert.equal((await client.action(log(e), reset, zero)).result, result.success);
			},
			"direct HDLC",
		);
		assert.deepEqual(await codes(1), [255]);
		assert.equal((await codes(7))[0], 255);
	});

	it("F113 G5: what was logged survives a hard cut", async () => {
		const { simulated } = meter.simulator;
		const before = await codes(1);
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 60_000);
		simulated.restorePower();
		step(3);
		assert.deepEqual(await codes(1), before);
	});
});

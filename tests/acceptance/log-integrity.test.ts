// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { asNumber, data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const reset = 1;
const zero = data.integer(0);
/** In the evening, when no sun gives back what the household takes; seconds since 2000. */
const evening_s = since2000_s(Date.UTC(2026, 10, 28, 19));
const log = (e: number) => ref(7, `0-0:99.98.${e}.255`);

describe("integrity of the logs, from outside", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0, clock_s: evening_s });
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

	const global = (client: "management" | "metrology" | "reader", script: number) =>
		meter.with(
			client,
			async (opened) => (await opened.action(ref(9, "0-0:10.0.0.255"), 1, data.longUnsigned(script))).result,
			client === "metrology" ? "direct HDLC" : "wrapper",
		);

	it("scripts 4 and 5 of 0-0:10.0.0 are nobody's, the metrology client's with the seal open neither: nothing has changed", async () => {
		const kept = () =>
			meter.with("management", async (client) => {
				const profile = ref(7, "1-0:99.1.0.255");
				const scripts = elementsOf(await client.read(ref(9, "0-0:10.0.0.255"), 2));
				return {
					scripts: scripts.map((script) => asNumber(elementsOf(script)[0]!)),
					period_s: asNumber(await client.read(profile, 4)),
					rows: asNumber(await client.read(profile, 7)),
					energy_Wh: asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)),
				};
			});
		await meter.with("management", async (client) => {
			assert.equal(await client.set(ref(7, "1-0:99.1.0.255"), 4, data.doubleLongUnsigned(300)), result.success);
		});
		step(1800);
		const before = await kept();
		assert.deepEqual([before.scripts, before.period_s], [[1, 2, 3], 300]);
		assert.ok(before.rows > 0 && before.energy_Wh > 0, JSON.stringify(before));
		meter.simulator.simulated.housing.set({ sealOpen: true });
		step(2);
		for (const script of [4, 5]) {
			assert.equal(await global("reader", script), result.readWriteDenied);
			for (const client of ["management", "metrology"] as const)
				assert.equal(await global(client, script), result.otherReason, `${client}, script ${script}`);
		}
		step(2);
		const after = await kept();
		assert.deepEqual([after.scripts, after.period_s], [[1, 2, 3], 300]);
		assert.ok(after.rows >= before.rows && after.energy_Wh >= before.energy_Wh);
	});

	it("F113: script 2 of 0-0:10.0.0 clears the logs that its caller may clear, each to an entry 255, and no other", async () => {
		assert.equal(await global("reader", 2), result.readWriteDenied);
		assert.equal(await global("management", 2), result.success);
		assert.deepEqual(await codes(1), [44, 45]);
		for (const e of [0, 2, 4, 5, 8]) assert.equal((await codes(e))[0], 255, `log ${e}`);
		meter.simulator.simulated.housing.set({ sealOpen: true });
		step(2);
		assert.equal(await global("metrology", 2), result.success);
		assert.deepEqual(await codes(1), [255]);
		assert.equal((await codes(7))[0], 255);
		assert.equal((await codes(0))[0], 255, "cleared once");
		assert.equal((await codes(0)).filter((code) => code === 255).length, 1);
	});

	it("F124 F146: script 3 lets the counters of tampers and power quality begin anew, over a restart, what goes on with them; it is logged", async () => {
		const { housing } = meter.simulator.simulated;
		const value = (classId: number, name: string) =>
			meter.with("management", async (client) => asNumber(await client.read(ref(classId, `${name}.255`), 2)));
		const stamp = () =>
			meter.with("management", async (client) => (await client.read(ref(1, "0-0:96.20.1.255"), 2)).value);
		housing.set({ terminalCoverOpen: true });
		step(120);
		assert.equal(await value(1, "0-0:96.20.0"), 1);
		assert.ok((await value(3, "0-0:96.20.7")) >= 115);
		const before = await stamp();
		assert.equal(await global("reader", 3), result.readWriteDenied);
		assert.equal(await value(1, "0-0:96.20.0"), 1);
		assert.equal(await global("management", 3), result.success);
		assert.equal(await value(1, "0-0:96.20.0"), 0);
		assert.equal(await value(3, "0-0:96.20.2"), 0);
		assert.deepEqual(await stamp(), before, "when it was found last is no counter");
		step(10);
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 30_000);
		simulated.restorePower();
		step(3);
		assert.equal(await value(1, "0-0:96.20.0"), 0);
		const open_s = await value(3, "0-0:96.20.7");
		assert.ok(open_s >= 40 && open_s < 60, `${open_s} s`);
		assert.ok((await codes(0)).includes(47));
		assert.deepEqual(await codes(1), [44, 45, 40]);
		housing.set({ meterCoverOpen: true });
		step(3);
		assert.equal(await value(1, "0-0:96.20.0"), 1);
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

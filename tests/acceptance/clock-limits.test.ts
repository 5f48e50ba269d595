// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MeterBench } from "../events/meter-bench.js";
import { data, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";

const clock = ref(8, "0-0:1.0.0.255");

describe("who may move the clock by how much", () => {
	it("F43 F45: a time that is not known is not adjusted, by nobody: it would pass for a valid one; setting it makes it valid", async () => {
		const bench = new MeterBench({ rtc_s: undefined });
		bench.run(100);
		const isInvalid = async () => ((await bench.with((client) => client.read(clock, 4))).value as number) & 1;
		assert.equal(await isInvalid(), 1);
		await bench.with(async (client) => {
			const past = data.octetString(encodeDateTime(fromUnix_ms(Date.parse("1999-12-31T00:00:00Z"), 0, 0)));
			const future = data.octetString(encodeDateTime(fromUnix_ms(Date.parse("2090-01-01T00:00:00Z"), 0, 0)));
			const noon = data.octetString(encodeDateTime(fromUnix_ms(Date.parse("2026-03-10T12:00:00Z"), 0, 0)));
			await client.action(clock, 5, data.structure(noon, past, future));
			for (const method of [1, 2, 3, 4])
				assert.equal((await client.action(clock, method, data.integer(0))).result, result.otherReason, `${method}`);
			for (const shift_s of [900, -30])
				assert.equal((await client.action(clock, 6, data.long(shift_s))).result, result.otherReason);
		});
		assert.equal(await isInvalid(), 1);
		await bench.with(async (client) => {
			const noon = data.octetString(encodeDateTime(fromUnix_ms(Date.parse("2026-03-10T12:00:00Z"), 0, 0)));
			assert.equal(await client.set(clock, 2, noon), result.success);
			assert.equal((await client.action(clock, 6, data.long(30))).result, result.success);
		});
		assert.equal(await isInvalid(), 0);
	});

	it("SEC-time F43: the technician a quarter of an hour a day in sum, over cuts of the supply too; management anywhere", async () => {
		const meter = await RunningMeter.start("ST402D", { speed: 0, clock_s: 849_960_000 });
		meter.simulator.pacer.step(5000);
		const meterClock = () => meter.simulator.simulated.meter.application.clock;
		const at = (utc_s: number) => {
			const time = new Date((meterClock().local_s(utc_s) + 946_684_800) * 1000);
			const octets = new Uint8Array(12).fill(0xff);
			octets[0] = time.getUTCFullYear() >> 8;
			octets[1] = time.getUTCFullYear() & 255;
			octets.set([time.getUTCMonth() + 1, time.getUTCDate(), 0xff], 2);
			octets.set([time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds(), 0, 0x80, 0, 0], 5);
			return data.octetString(octets);
		};
		const shift = (client: "technician" | "management", seconds: number) =>
			meter.with(
				client,
				(opened) => opened.set(clock, 2, at(meterClock().utc_s() + seconds)),
				client === "technician" ? "direct HDLC" : "wrapper",
			);
		try {
			assert.equal(await shift("technician", 901), result.otherReason);
			assert.equal(await shift("technician", 600), result.success);
			const { simulated } = meter.simulator;
			simulated.cutPower();
			simulated.restorePower();
			meter.simulator.pacer.step(5000);
			assert.equal(await shift("technician", -301), result.otherReason);
			assert.equal(await shift("technician", -290), result.success);
			assert.equal(await shift("management", 7200), result.success);
			assert.equal(await shift("technician", 60), result.otherReason);
			meter.simulator.pacer.step(86_400_000);
			assert.equal(await shift("technician", 60), result.success, "the next day");
			const wrong_s = 400 * 86_400;
			assert.equal(await shift("management", wrong_s), result.success);
			assert.equal(await shift("technician", 800), result.success);
			assert.equal(await shift("technician", 800), result.otherReason);
			assert.equal(await shift("management", -wrong_s), result.success);
			assert.equal(await shift("technician", 800), result.success, "a day that was wrong has taken nothing");
			assert.equal(await shift("technician", 800), result.otherReason);
		} finally {
			await meter.close();
		}
	});
});

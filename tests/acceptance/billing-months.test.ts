// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { decodeDateTime, fromUnix_ms, toUnix_ms } from "../support/client/date-time.js";
import { byEntry, byRange, clockColumn } from "../support/client/profile.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const billing1 = "0-0:98.1.0.255";
const billing2 = "0-0:98.2.0.255";
const importActive = "1-0:1.8.0.255";
const maximum = "1-0:1.6.0.255";
const start_ms = Date.parse("2026-11-30T22:56:00Z");
const months = 40;
const unspecified = 0xff;

/** First instant of the n-th month from December 2026 on, by the clock on the wall in the middle of Europe. */
function beginOf(n: number): number {
	const month = 11 + n;
	const isSummer = month % 12 >= 3 && month % 12 <= 9;
	return Date.UTC(2026, month, 1) - (isSummer ? 2 : 1) * 3_600_000;
}

describe("forty months of billing, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	it("F94 F95 F98: one row a month by the schedule as delivered, with the maximum of its month, also where the supply was away; 36 are left in both profiles", async () => {
		meter = await RunningMeter.start("SM402D", { clock_s: since2000_s(start_ms), speed: 0, seed: 5 });
		const { simulated } = meter.simulator;
		const { terminals } = simulated;
		assert.ok(terminals instanceof Grid);
		simulated.household?.stop();
		simulated.household = undefined;
		const now_ms = () => start_ms + simulated.monotonic_ms();
		const runTo = (at_ms: number) => simulated.runTo(simulated.monotonic_ms() + at_ms - now_ms());
		const isAway = (n: number) => n % 5 === 3;
		/** Average of five minutes that the load of month n gives, W. */
		const load_W = (n: number) => 1000 + 40 * n;
		await meter.with("management", async (client) => {
			assert.equal(await client.set(ref(3, "1-0:0.8.0.255"), 2, data.longUnsigned(300)), result.success);
		});
		const energies_Wh: number[] = [];
		for (let n = 0; n < months; n++) {
			// at work for some minutes around the end of a month, away between; sometimes away over the end
			terminals.setPhase(1, { voltage_V: 230, current_A: load_W(n) / 230, angle_deg: 0 });
			if (isAway(n)) {
				runTo(beginOf(n) - 10 * 60_000);
				if (n > 0) simulated.restorePower();
				runTo(beginOf(n) - 4 * 60_000);
				simulated.cutPower();
				runTo(beginOf(n) + 7 * 60_000);
				simulated.restorePower();
				simulated.runTo(simulated.monotonic_ms() + 20_000);
			} else {
				runTo(beginOf(n) - 5 * 60_000 - 10_000);
				if (n > 0) simulated.restorePower();
				runTo(beginOf(n) + 20_000);
			}
			simulated.housing.set({ meterCoverOpen: true });
			simulated.runTo(simulated.monotonic_ms() + 5000);
			simulated.housing.set({ meterCoverOpen: false });
			simulated.runTo(simulated.monotonic_ms() + 65_000);
			energies_Wh.push(
				await meter.with("management", async (client) => {
					assert.equal(asNumber(await client.read(ref(4, maximum), 2)), 0, `reset after ${n}`);
					return asNumber(await client.read(ref(3, importActive), 2));
				}),
			);
			simulated.cutPower();
		}
		simulated.restorePower();
		simulated.runTo(simulated.monotonic_ms() + 5000);
		await meter.with("management", async (client) => {
			const profile = await client.readProfile(billing1);
			assert.equal(asNumber(await client.read(ref(7, billing1), 7)), 36);
			assert.equal(asNumber(await client.read(ref(1, "1-0:0.1.0.255"), 2)), months);
			assert.equal(profile.rows.length, 36);
			const place = (name: string, attribute: number) =>
				profile.columns.findIndex((c) => c.logicalName === name && c.attribute === attribute);
			for (const [index, row] of profile.rows.entries()) {
				const n = months - 36 + index;
				const at_ms = toUnix_ms(decodeDateTime(asOctets(row[0]!)));
				if (isAway(n))
					assert.ok(at_ms >= beginOf(n) + 7 * 60_000 && at_ms < beginOf(n) + 7 * 60_000 + 20_000, `row ${n}`);
				else assert.equal(at_ms, beginOf(n), `row ${n}`);
				assert.equal(asNumber(row[place("1-0:0.1.0.255", 2)]!), n, "periods closed before");
				const energy_Wh = asNumber(row[place(importActive, 2)]!);
				assert.ok(energy_Wh <= energies_Wh[n]! && energy_Wh >= energies_Wh[n - 1]!, `energy of ${n}`);
				const maximum_W = asNumber(row[place(maximum, 2)]!);
				if (!isAway(n)) assert.ok(Math.abs(maximum_W - load_W(n)) < 0.01 * load_W(n), `${maximum_W} W in ${n}`);
			}
			const frauds = (await client.readProfile(billing2)).rows.map((row) =>
				toUnix_ms(decodeDateTime(asOctets(row[0]!))),
			);
			assert.equal(frauds.length, 36);
			for (const [index, at_ms] of frauds.entries()) {
				const late_ms = at_ms - beginOf(months - 36 + index);
				assert.ok(late_ms > 0 && late_ms < 8 * 60_000, `fraud ${index}: ${late_ms} ms`);
			}
			// fewer rows than asked for are no error
			const last = elementsOf(await client.read(ref(7, billing1), 2, byEntry(36, 99)));
			assert.equal(last.length, 1);
			const before = fromUnix_ms(beginOf(0), -60, unspecified);
			const after = fromUnix_ms(beginOf(5), -60, unspecified);
			const early = elementsOf(await client.read(ref(7, billing1), 2, byRange(before, after, [clockColumn])));
			assert.equal(early.length, 2, "of the first six months two are left");
		});
	}).timeout(60_000);
});

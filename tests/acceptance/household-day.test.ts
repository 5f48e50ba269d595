// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { type ReferenceEnergy, ReferenceMeter } from "../../hosts/simulator/grid/truth.js";
import { models } from "../../src/models/model.js";
import { asNumber, ref } from "../support/client/data.js";
import { RunningMeter } from "../support/running-meter.js";

const day_s = 86_400;
const share = 0.001;

describe("24 h of a random household, read by a client", () => {
	for (const { name, phases } of models) {
		it(`F04 F05 ${name}: registers are the double-precision integral of the mains within 0.1 %, noise and factory errors on`, async () => {
			const meter = await RunningMeter.start(name, { speed: 0, seed: 11, clock_s: 820_454_400 });
			try {
				const { simulated, pacer } = meter.simulator;
				assert.ok(simulated.terminals instanceof Grid);
				pacer.step(10_000);
				const reference = new ReferenceMeter(simulated.terminals);
				const read = async (): Promise<Map<number, number>> => {
					const client = await meter.connect("management");
					const values = new Map<number, number>();
					for (let phase = 0; phase <= (phases === 3 ? 3 : 0); phase++) {
						for (const c of [1, 2]) {
							values.set(20 * phase + c, asNumber(await client.read(ref(3, `1-0:${20 * phase + c}.8.0.255`), 2)));
						}
					}
					await client.close();
					return values;
				};
				const before = await read();
				pacer.step(day_s * 1000);
				const after = await read();
				reference.advanceTo(simulated.monotonic_ms() / 1000);
				const check = (c: number, truth_Wh: number): void => {
					const counted_Wh = after.get(c)! - before.get(c)!;
					// a digit of the register, and a second in which the direction turned
					const limit_Wh = share * truth_Wh + 1;
					assert.ok(
						Math.abs(counted_Wh - truth_Wh) <= limit_Wh,
						`1-0:${c}.8.0: ${counted_Wh} instead of ${truth_Wh} Wh`,
					);
				};
				const scopes: readonly ReferenceEnergy[] = [reference.total, ...(phases === 3 ? reference.phases : [])];
				for (const [n, scope] of scopes.entries()) {
					check(20 * n + 1, scope.activeImport_Wh);
					check(20 * n + 2, scope.activeExport_Wh);
				}
				assert.ok(reference.total.activeImport_Wh > (name === "ST402C" ? 50 : 2000), "the household was asleep");
			} finally {
				await meter.close();
			}
		}).timeout(120_000);
	}
});

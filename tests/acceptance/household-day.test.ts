// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { Household } from "../../hosts/simulator/grid/household.js";
import { type ReferenceEnergy, ReferenceMeter } from "../../hosts/simulator/grid/truth.js";
import { models } from "../../src/models/model.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { RunningMeter } from "../support/running-meter.js";

const day_s = 86_400;
const share = 0.001;

/** Half past six in the evening: everybody is at home. */
const evening_s = 820_454_400 + 18.5 * 3600;
const minutes = 2;

describe("two minutes of a household sample by sample, read by a client in test mode (an hour of it: npm run accuracy)", () => {
	for (const { name, phases } of models) {
		it(`F04 F05 ${name}: registers of a milliwatt-hour are the integral of the mains within 0.1 %`, async () => {
			const meter = await RunningMeter.start(name, { speed: 0, seed: 11, clock_s: evening_s, gear: "waveform" });
			try {
				const { simulated, pacer } = meter.simulator;
				assert.ok(simulated.terminals instanceof Grid);
				simulated.housing.set({ sealOpen: true });
				// nothing flows while the test registers begin and end, so that the seconds of the meter do not matter
				simulated.household?.stop();
				simulated.household = undefined;
				pacer.step(8000);
				await meter.with(
					"metrology",
					async (client) => {
						const entered = await client.action(ref(9, "0-0:10.0.101.255"), 1, data.longUnsigned(1));
						assert.equal(entered.result, 0);
					},
					"direct HDLC",
				);
				const reference = new ReferenceMeter(simulated.terminals);
				simulated.household = new Household(simulated.terminals, 11, {
					startOfDay_s: evening_s % day_s, // without a roof: a second in which the direction turns is one or the other
					scale: name === "ST402C" ? 1 / 40 : 1,
				});
				// a phase that carries nothing is cut off by the chip, which takes it up to 64 ms to see a load again
				const standby_W = name === "ST402C" ? 3 : 20;
				const mains = simulated.terminals;
				const setStandby = (activePower_W: number) =>
					mains.change(() => {
						for (let phase = 1; phase <= phases; phase++)
							mains.setLoad(phase as 1 | 2 | 3, "test", { kind: "power", activePower_W });
					});
				setStandby(standby_W);
				pacer.step(minutes * 60_000);
				simulated.household.stop();
				setStandby(0);
				pacer.step(3000);
				reference.advanceTo(simulated.monotonic_ms() / 1000);
				await meter.with("management", async (client) => {
					for (let phase = 0; phase <= (phases === 3 ? 3 : 0); phase++) {
						const scope = phase === 0 ? reference.total : reference.phases[phase - 1]!;
						for (const [c, truth_Wh] of [
							[1, scope.activeImport_Wh],
							[2, scope.activeExport_Wh],
						] as const) {
							const counted_mWh = asNumber(await client.read(ref(3, `1-0:${20 * phase + c}.58.0.255`), 2));
							// a digit of each of two base registers
							const limit_mWh = share * 1000 * truth_Wh + 2;
							assert.ok(
								Math.abs(counted_mWh - 1000 * truth_Wh) <= limit_mWh,
								`${20 * phase + c}.58.0: ${counted_mWh} instead of ${1000 * truth_Wh} mWh`,
							);
						}
					}
				});
				assert.ok(reference.total.activeImport_Wh > (name === "ST402C" ? 0.3 : 20), "the household was asleep");
			} finally {
				await meter.close();
			}
		}).timeout(120_000);
	}
});

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

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { unitCodes } from "../support/data-type.js";
import { notServed } from "../support/object-model.js";
import { RunningMeter } from "../support/running-meter.js";
import { objectsOf } from "../support/specified-meter.js";

/** Primary and secondary of the transformers, then the scalers of section 4 of the object model. */
const cases = [
	{ current: [200, 5], voltage: [1, 1], scalers: { s: 1, i: -1, u: -1 } },
	{ current: [50, 5], voltage: [1, 1], scalers: { s: 1, i: -2, u: -1 } },
	{ current: [600, 5], voltage: [20_000, 100], scalers: { s: 4, i: 0, u: 2 } },
	{ current: [5, 5], voltage: [110, 110], scalers: { s: 0, i: -3, u: -1 } },
] as const;

describe("registration on the primary side", () => {
	for (const { current, voltage, scalers } of cases) {
		it(`F25 G14: at ${current.join("/")} A and ${voltage.join("/")} V each register has the scaler and unit of its kind, and no ratio is left to the reader`, async () => {
			const meter = await RunningMeter.start("ST402C");
			try {
				meter.simulator.simulated.housing.set({ sealOpen: true });
				meter.simulator.pacer.step(2000);
				await meter.with(
					"metrology",
					async (client) => {
						const settings = [
							["1-0:0.4.2.255", data.longUnsigned(current[0])],
							["1-0:0.4.5.255", data.longUnsigned(current[1])],
							["1-0:0.4.3.255", data.doubleLongUnsigned(voltage[0])],
							["1-0:0.4.6.255", data.doubleLongUnsigned(voltage[1])],
							["0-0:96.52.0.255", data.enum(1)],
						] as const;
						for (const [name, value] of settings)
							assert.equal(await client.set(ref(1, name), 2, value), result.success, name);
					},
					"direct HDLC",
				);
				const known: Readonly<Record<string, number>> = scalers;
				await meter.with("management", async (client) => {
					const wrong: string[] = [];
					let compared = 0;
					for (const object of objectsOf("ST402C").values()) {
						for (const { id, scaler, unit } of object.attributes) {
							if (scaler === undefined || unit === undefined || notServed.has(object.logicalName)) continue;
							compared++;
							const found = elementsOf(await client.read(object, id), 2).map(({ value }) => value);
							const wanted = [known[scaler] ?? Number(scaler), unitCodes[unit]];
							if (found.join() !== wanted.join()) wrong.push(`${object.logicalName}: ${found} instead of ${wanted}`);
						}
					}
					assert.deepEqual(wrong, []);
					assert.ok(compared > 450, `${compared}`);
					for (const e of [0, 1])
						assert.deepEqual(await client.read(ref(1, `1-0:0.4.${e}.255`), 2), data.doubleLongUnsigned(1));
				});
			} finally {
				await meter.close();
			}
		});
	}
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, ref } from "../support/client/data.js";
import type { InvocationCounter } from "../support/client/security.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";
import { type ModelName, modelNames } from "../support/specified-meter.js";

const importActive = ref(3, "1-0:1.8.0.255");
const demand = ref(5, "1-0:1.4.0.255");
const standardLog = "0-0:99.98.0.255";
const memoryError = 14;

/** What a client sees, in the order of `read`. */
interface Seen {
	readonly energy_Wh: number;
	readonly demand_W: number;
	readonly memoryErrors: number;
}

/** @param counter of the client, over lives of the meter */
async function see(meter: RunningMeter, counter: InvocationCounter): Promise<Seen> {
	const security = testSecurity({ counter });
	const { tcp: port } = meter.simulator;
	const client = await DlmsClient.connectTcp({ port, clientSap: clientSap.management, security });
	try {
		await client.associate();
		const { rows } = await client.readProfile(standardLog);
		return {
			energy_Wh: asNumber(await client.read(importActive, 2)),
			demand_W: asNumber(await client.read(demand, 2)),
			memoryErrors: rows.filter((row) => asNumber(row[1]!) === memoryError).length,
		};
	} finally {
		await client.close();
	}
}

function run(meter: RunningMeter, seconds: number): void {
	const { simulated } = meter.simulator;
	simulated.runTo(simulated.monotonic_ms() + seconds * 1000);
}

function load(meter: RunningMeter, model: ModelName): number {
	const { simulated } = meter.simulator;
	const { terminals } = simulated;
	simulated.household = undefined;
	assert.ok(!terminals.isRecording);
	const { phases, nominalVoltage_V } = simulated.meter.application.model;
	const current_A = model === "ST402C" ? 5 : 60;
	for (let phase = 1; phase <= phases; phase++) terminals.setPhase(phase as 1 | 2 | 3, { current_A, powerFactor: 1 });
	return (phases * nominalVoltage_V * current_A) / 3600;
}

describe("a meter with FRAM", () => {
	for (const model of modelNames) {
		it(`G5: ${model} loses at most the second that was running in a hard cut, of energy and of the open demand period`, async () => {
			const meter = await RunningMeter.start(model, { fram: true, speed: 0, clock_s: 850_000_000 });
			try {
				const counter = { next: 1 };
				const perSecond_Wh = load(meter, model);
				run(meter, 47);
				const before = meter.simulator.simulated.meter.application.metrology.energy_units(1) / 10;
				const demand_W = (await see(meter, counter)).demand_W;
				meter.simulator.simulated.cutPower();
				meter.simulator.simulated.restorePower();
				run(meter, 0.5);
				const { metrology } = meter.simulator.simulated.meter.application;
				const after = metrology.energy_units(1) / 10;
				assert.ok(after <= before && after >= before - perSecond_Wh - 0.2, `${after} Wh after ${before} Wh`);
				const seen = await see(meter, counter);
				assert.ok(Math.abs(seen.demand_W - demand_W) <= (perSecond_Wh * 3600) / 900 + 1, `${seen.demand_W} W`);
				assert.equal(seen.memoryErrors, 0);
			} finally {
				await meter.close();
			}
		});
	}

	it("G5 G3: without its part, with a broken one, and with it back: the flash journal goes on, one event tells, nothing is invented", async () => {
		const folder = mkdtempSync(join(tmpdir(), "sx402-fram-"));
		const data = join(folder, "m");
		const options = { data, speed: 0 };
		const counter = { next: 1 };
		let energy_Wh = 0;
		const life = async (fram: boolean, memoryErrors: number, seconds = 130): Promise<void> => {
			const meter = await RunningMeter.start("ST402D", { ...options, fram });
			try {
				const perSecond_Wh = load(meter, "ST402D");
				run(meter, 5);
				const first = await see(meter, counter);
				assert.ok(first.energy_Wh >= energy_Wh, `${first.energy_Wh} Wh after ${energy_Wh} Wh`);
				assert.ok(first.energy_Wh <= energy_Wh + 6 * perSecond_Wh, `${first.energy_Wh} Wh after ${energy_Wh} Wh`);
				assert.equal(first.memoryErrors, memoryErrors);
				run(meter, seconds);
				energy_Wh = (await see(meter, counter)).energy_Wh;
			} finally {
				await meter.close();
			}
		};
		try {
			await life(true, 0);
			await life(false, 1);
			await life(false, 1);
			await life(true, 1);
			await life(true, 1);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}).timeout(60_000);
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ModelName } from "../../src/models/model.js";
import { assertClose } from "../support/assert-close.js";
import { asNumber, ref } from "../support/client/data.js";
import { RunningMeter } from "../support/running-meter.js";

const folder = fileURLToPath(new URL("../data/waveforms/", import.meta.url));

interface PhaseTruth {
	readonly urms: number;
	readonly irms: number;
	readonly p: number;
}

const settle_ms = 6000;
/** Several pulses at the powers of the recordings; their edges are known to microseconds. */
const run_s = 40;

/** Within the share of the truth plus the digit the register ends at. */
function assertShare(reading: number, truth: number, share: number, digit: number, what: string): void {
	assertClose(reading, truth, share * Math.abs(truth) + digit, what);
}

async function compare(model: ModelName, file: string, phases: number, share: number): Promise<void> {
	const truth = JSON.parse(readFileSync(`${folder}${file}.json`, "utf8")).phase as PhaseTruth[];
	const running = await RunningMeter.start(model, { speed: 0, waveform: `${folder}${file}.cfg` });
	const meter = running.simulator;
	const client = await running.connect("management");
	try {
		const read = async (name: string): Promise<number> => asNumber(await client.read(ref(3, `1-0:${name}.255`), 2));
		meter.pacer.step(settle_ms);
		for (let p = 1; p <= phases; p++) {
			const { urms, irms, p: watts } = truth[p - 1]!;
			assertShare((await read(`${12 + 20 * p}.7.0`)) / 10, urms, share, 0.05, `U${p}`);
			assertShare((await read(`${11 + 20 * p}.7.0`)) / 100, irms, share, 0.005, `I${p}`);
			assertShare(await read(`${16 + 20 * p}.7.0`), watts, share, 0.5, `P${p}`);
		}
		const led = meter.simulated.frontEnd.cf1;
		const start = { count: led.count, edge_s: led.lastEdge_s };
		meter.pacer.step(run_s * 1000);
		const total_W = truth.slice(0, phases).reduce((sum, phase) => sum + phase.p, 0);
		const pulses = led.count - start.count;
		assert.ok(pulses >= 2, `${pulses} pulses`);
		const pulse_J = 3_600_000 / meter.simulated.meter.application.model.ledConstant;
		const energy_J = pulses * pulse_J;
		assertShare(energy_J, Math.abs(total_W) * (led.lastEdge_s - start.edge_s), share, 0, "energy by pulses");
	} finally {
		await client.close();
		await running.close();
	}
}

describe("recordings on the terminals", () => {
	const steady = 0.002;
	for (const file of ["s02_pf05_lag", "s05_quadrants", "s15_en50160_spectrum"]) {
		it(`F04 F05 F12 F13 F14 F15 ST402D reads U, I, P and energy of ${file} within 0.2 %`, () =>
			compare("ST402D", file, 3, steady)).timeout(120_000);
	}
	it("F04 F14 F15 SM402D reads L1 of s02_pf05_lag within 0.2 %", () =>
		compare("SM402D", "s02_pf05_lag", 1, steady)).timeout(120_000);
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ModelName } from "../../src/models/model.js";
import { assertClose } from "../support/assert-close.js";
import { asNumber, elementsOf, ref } from "../support/client/data.js";
import { RunningMeter } from "../support/running-meter.js";

const folder = fileURLToPath(new URL("../data/waveforms/", import.meta.url));

interface PhaseTruth {
	readonly uh: readonly number[];
	readonly ih: readonly number[];
}

/** √(Σ squares of orders 2..last) over the fundamental, 0.01 %. */
function thdOf(rms: readonly number[], last: number): number {
	const sum = rms.slice(1, last).reduce((a, x) => a + x * x, 0);
	return (10_000 * Math.sqrt(sum)) / rms[0]!;
}

/** 5 % of the reading or 0.1 %, and half a digit. */
function assertShare(value: number, truth: number, what: string): void {
	assertClose(value, truth, Math.max(0.05 * truth, 10) + 0.5, what);
}

async function compare(model: ModelName, phases: number, last: number): Promise<void> {
	const file = "s15_en50160_spectrum";
	const truth = JSON.parse(readFileSync(`${folder}${file}.json`, "utf8")).phase as PhaseTruth[];
	const running = await RunningMeter.start(model, {
		speed: 0,
		clock_s: 800_000_000 - (800_000_000 % 600) + 540,
		waveform: `${folder}${file}.cfg`,
	});
	const meter = running.simulator;
	const client = await running.connect("management");
	try {
		const spectrumOf = async (e: number): Promise<number[]> =>
			elementsOf(await client.read(ref(1, `0-0:96.50.${e}.255`), 2)).map(asNumber);
		assert.deepEqual(await spectrumOf(44), [], "empty before the first block");
		meter.pacer.step(70_000); // over the end of a ten minute interval
		for (let p = 1; p <= phases; p++) {
			for (const [c, e, rms] of [
				[12 + 20 * p, 42 + 2 * p, truth[p - 1]!.uh],
				[11 + 20 * p, 43 + 2 * p, truth[p - 1]!.ih],
			] as const) {
				const thd = thdOf(rms, last);
				assertShare(asNumber(await client.read(ref(3, `1-0:${c}.7.124.255`), 2)), thd, `THD ${c}`);
				assertShare(asNumber(await client.read(ref(3, `1-0:${c}.24.124.255`), 2)), thd, `10-min THD ${c}`);
				const spectrum = await spectrumOf(e);
				assert.equal(spectrum.length, last);
				assert.equal(spectrum[0], 10_000);
				spectrum.forEach((share, n) => {
					assertShare(share, (10_000 * rms[n]!) / rms[0]!, `C ${c} order ${n + 1}`);
				});
			}
		}
	} finally {
		await client.close();
		await running.close();
	}
}

describe("harmonics of a recording, read by a client", () => {
	it("F121 F122 ST402D: THD, its 10 minute mean and spectra of s15_en50160_spectrum", () =>
		compare("ST402D", 3, 40)).timeout(60_000);
	it("F121 F122 SM402D: THD, its 10 minute mean and spectra of s15_en50160_spectrum to order 20", () =>
		compare("SM402D", 1, 20)).timeout(60_000);
});

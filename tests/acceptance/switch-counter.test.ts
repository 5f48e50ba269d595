// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { recordKey } from "../../src/storage/keys.js";
import { flashLayout } from "../../src/storage/layout.js";
import { fullyLogged, MeterBench } from "../events/meter-bench.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";

const mainSwitch = ref(70, "0-0:96.3.10.255");
const operations = "0-0:96.50.6";
const recordMark = 0x5a;

/** Flips a bit in the value of every record of the switch, as an aged cell does. @returns how many there were */
function damage(flash: MemoryFlash): number {
	const { firstSector, sectorCount } = flashLayout("desktop").journal;
	const image = new Uint8Array(sectorCount * flash.sectorSize);
	const start = firstSector * flash.sectorSize;
	flash.read(start, image);
	let count = 0;
	for (let at = 0; at + 30 <= image.length; at += 4) {
		const isRecord = image[at] === recordMark && image[at + 1] === recordKey.supplySwitch && image[at + 3] === 18;
		if (!isRecord) continue;
		flash.overwrite(start + at + 20, Uint8Array.of(image[at + 20]! ^ 0x10));
		count++;
	}
	return count;
}

describe("counter of the switch's operations, from outside", () => {
	it("F92: over a restart it goes on; where no copy can be read any more it is at the warning level, event 243 tells, once; the contacts stay", async () => {
		const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
		const bench = new MeterBench({ flash, model: fullyLogged });
		bench.run(5);
		const act = (method: number) =>
			bench.with(async (client) => (await client.action(mainSwitch, method, data.integer(0))).result);
		for (const method of [1, 2, 1]) {
			assert.equal(await act(method), result.success);
			bench.run(15);
		}
		bench.cutPower(60);
		bench.run(3);
		assert.equal(await bench.read(operations), 3);
		assert.deepEqual(await bench.codes(2), [62, 63, 62]);
		bench.simulated.cutPower();
		assert.ok(damage(flash) >= 6);
		bench.run(60);
		bench.simulated.restorePower();
		bench.run(3);
		assert.equal(await bench.read(operations), 8000);
		assert.ok((await bench.codes(2)).includes(243));
		const state = () => bench.with(async (client) => asNumber(await client.read(mainSwitch, 3)));
		const isOn = () => bench.with(async (client) => (await client.read(mainSwitch, 2)).value);
		assert.deepEqual([await isOn(), await state()], [false, 2], "nobody has asked for supply");
		bench.cutPower(60);
		bench.run(3);
		assert.equal((await bench.codes(2)).filter((code) => code === 243).length, 1);
		assert.equal(await act(1), result.success);
		bench.run(15);
		assert.deepEqual([await isOn(), await state()], [false, 0]);
		assert.equal(await act(2), result.success);
		bench.run(15);
		assert.deepEqual([await isOn(), await bench.read(operations)], [true, 8001]);
	});
});

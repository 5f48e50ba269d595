// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import { data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";

const layout = flashLayout("desktop");
const records = [layout.journal, layout.parameters];

/** Tells which sectors of journal and parameters were erased. */
class WatchedFlash extends MemoryFlash {
	erased: number[] = [];

	override erase(sector: number): void {
		if (records.some(({ firstSector, sectorCount }) => sector >= firstSector && sector < firstSector + sectorCount))
			this.erased.push(sector);
		super.erase(sector);
	}

	taken(): readonly number[] {
		const { erased } = this;
		this.erased = [];
		return erased;
	}
}

describe("records of a meter", () => {
	it("sectors are erased while nobody waits: not in a request, nor while the supply fails", async () => {
		const flash = new WatchedFlash(layout.sectorCount);
		const bench = new MeterBench({ flash });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 60, angle_deg: 0 });
		bench.run(10);
		flash.taken();
		let idle = 0;
		for (let hour = 0; hour < 6; hour++) {
			await bench.with(async (client) => {
				for (let n = 0; n < 50; n++) {
					// energy that was told is stored, and so is what is written
					await client.read(ref(3, "1-0:1.8.0.255"), 2);
					const name = data.octetString(Buffer.from(`meter point ${hour * 50 + n}`.padEnd(30)));
					assert.equal(await client.set(ref(1, "0-0:96.1.10.255"), 2, name), result.success);
					assert.deepEqual(flash.taken(), []);
					bench.run(5);
					idle += flash.taken().length;
				}
			});
			flash.taken(); // the release, and what it leaves
			bench.simulated.cutPower();
			assert.deepEqual(flash.taken(), []);
			bench.run(5);
			bench.simulated.restorePower();
			bench.run(10);
			flash.taken();
		}
		assert.ok(idle > 5, `${idle} sectors were erased in between`);
	});
});

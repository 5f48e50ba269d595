// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { FaultyFlash, PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { unitsWrap } from "../../src/metrology/energy-registers.js";
import { RecordingInterval } from "../../src/profile/recording-interval.js";
import { recordKey } from "../../src/storage/keys.js";
import { flashLayout } from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { MeterBench } from "../events/meter-bench.js";
import { asNumber, data, ref } from "../support/client/data.js";

describe("recording interval", () => {
	it("G5: begins with what the newest row shows wherever power failed at the boundary", async () => {
		let isThrough = false;
		const seen = new Set<number>();
		for (let cut = 1; !isThrough; cut++) {
			const flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), () => 0.5);
			const bench = new MeterBench({ flash });
			bench.grid.setLoad(1, "heater", { kind: "current", current_A: 20, angle_deg: 0 });
			bench.run(2);
			await bench.with((client) => client.set(ref(7, "1-0:99.1.0.255"), 4, data.doubleLongUnsigned(300)));
			const untilBoundary_s = 300 - (bench.simulated.meter.application.clock.utc_s() % 300);
			bench.run(untilBoundary_s + 299);
			flash.cutAfter(cut);
			try {
				bench.run(3);
			} catch (error) {
				assert.ok(error instanceof PowerCut);
			}
			isThrough = !flash.isCut;
			flash.restore();
			const again = new MeterBench({
				flash,
				before: bench,
				rtc_s: bench.simulated.rtc.utc_s() ?? 0,
			});
			await again.with(async (client) => {
				const { rows } = await client.readProfile("1-0:99.1.0.255");
				const newest = asNumber(rows[rows.length - 1]![2]!);
				const now = asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2));
				const increment = asNumber(await client.read(ref(3, "1-0:1.29.0.255"), 2));
				seen.add(rows.length);
				assert.ok(Math.abs(increment - (now - newest)) <= 1, `cut ${cut}: ${increment}, not ${now - newest}`);
			});
		}
		assert.equal(seen.size, 2, "cuts before and behind the row");
	});

	it("G13: goes on over the roll-over of a register, and shows nothing where registers were lost", () => {
		const journal = new RecordLog(new MemoryFlash(4), 0, 4);
		let units = unitsWrap - 50;
		const interval = new RecordingInterval(journal, { energy_units: () => units });
		interval.found(7);
		units = 30;
		assert.equal(interval.units(1, 7), 80);
		assert.equal(interval.units(1, 8), 0, "of an entry that was not to come");
		units = unitsWrap - 51;
		assert.equal(interval.units(1, 7), 0);
	});

	it("G5: a damaged record is none", () => {
		const flash = new MemoryFlash(4);
		const journal = new RecordLog(flash, 0, 4);
		const interval = new RecordingInterval(journal, { energy_units: () => 500 });
		for (const parity of [0, 1]) journal.write(recordKey.recordingInterval + parity, Uint8Array.of(9, 9));
		assert.equal(interval.units(1, 7), 0);
		interval.found(7);
		interval.ends(7, false);
		assert.equal(interval.units(1, 8), 0);
	});
});

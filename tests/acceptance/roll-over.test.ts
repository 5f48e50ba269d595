// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { crc32 } from "../../src/core/crc.js";
import { sm402d } from "../../src/models/model.js";
import { recordKey } from "../../src/storage/keys.js";
import { flashLayout } from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { MeterBench } from "../events/meter-bench.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { since2000_s } from "../support/since-2000.js";

/** A register of 0.1 Wh shows 0 again after so many. */
const wrap_units = 10 * 2 ** 32;
/** Registers record: 16 octets, one octet of directions, then each register with a count of 5 octets and a remainder of 6. */
const firstCount = 17;
const lengthOfRegister = 11;
/** Active energy of quadrant I, apparent energy import. */
const advanced: readonly number[] = [0, 8];

/** Puts the registers of a meter that is off so many units before their end: as after years of work. */
function advance(flash: MemoryFlash, left_units: number): void {
	const { journal } = flashLayout("desktop");
	const records = new RecordLog(flash, journal.firstSector, journal.sectorCount);
	const bytes = new Uint8Array(200);
	const length = records.read(recordKey.registers, bytes);
	const view = new DataView(bytes.buffer);
	view.setUint32(2, view.getUint32(2) + 1000);
	for (const register of advanced) {
		const count = wrap_units - left_units;
		const at = firstCount + register * lengthOfRegister;
		view.setUint8(at, Math.floor(count / 2 ** 32));
		view.setUint32(at + 1, count % 2 ** 32);
	}
	view.setUint32(length - 4, crc32(bytes, 0, length - 4));
	records.write(recordKey.registers, bytes, length);
}

describe("roll-over of the registers, from outside", () => {
	it("G13 G15: at 2^32 Wh they begin at 0 without losing anything; sums, rates, demand, increments and profile go on over it", async () => {
		const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
		const rtc_s = since2000_s(Date.UTC(2026, 2, 10, 10));
		const bench = new MeterBench({ flash, model: sm402d, rtc_s });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 5, angle_deg: 0 });
		bench.run(130);
		bench.grid.setPhase(1, { current_A: 0 });
		bench.run(65);
		bench.simulated.cutPower();
		advance(flash, 5000); // half a kilowatt-hour
		bench.run(10);
		bench.simulated.restorePower();
		bench.run(5);
		const value = (name: string, classId = 3) =>
			bench.with(async (client) => asNumber(await client.read(ref(classId, `1-0:${name}.255`), 2)));
		assert.equal(await value("1.8.0"), 2 ** 32 - 500);
		await bench.with(async (client) => {
			const period = ref(7, "1-0:99.1.0.255");
			assert.equal(await client.set(period, 4, data.doubleLongUnsigned(300)), result.success);
			assert.equal((await client.action(ref(9, "0-0:10.0.1.255"), 1, data.longUnsigned(1))).result, result.success);
		});
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 20, angle_deg: 0 });
		let previous_Wh = 0;
		for (let minute = 0; minute < 30; minute += 3) {
			bench.run(180);
			const [total, quadrant, absolute, apparent] = [
				await value("1.8.0"),
				await value("17.8.0"),
				await value("15.8.0"),
				await value("9.8.0"),
			];
			assert.deepEqual([quadrant, absolute], [total, total]);
			assert.ok(Math.abs(((apparent - total + 2 ** 31) % 2 ** 32) - 2 ** 31) <= 1);
			const grown_Wh = (total + 500 - previous_Wh + 2 ** 32) % 2 ** 32;
			assert.ok(minute === 0 || Math.abs(grown_Wh - 230) < 1.5, `${grown_Wh} Wh in minute ${minute}`);
			previous_Wh = (total + 500) % 2 ** 32;
			let rates = 0;
			for (let rate = 1; rate <= 8; rate++) rates += await value(`1.8.${rate}`);
			assert.ok((total - (rates % 2 ** 32) + 2 ** 32) % 2 ** 32 <= 8);
		}
		assert.ok(previous_Wh > 2250 && previous_Wh < 2310, `${previous_Wh} Wh`);
		const increment = await value("1.9.0");
		assert.ok(Math.abs(increment - previous_Wh) <= 1, `${increment} Wh since the end of the billing period`);
		assert.ok(Math.abs((await value("1.6.0", 4)) - 4600) < 25, "the maximum demand");
		bench.cutPower(60);
		bench.run(3);
		assert.ok((await value("1.8.0")) < 2000);
		await bench.with(async (client) => {
			const { rows } = await client.readProfile("1-0:99.1.0.255");
			const energies = rows.map((row) => asNumber(row[2]!));
			for (let n = 2; n < 6; n++) {
				const step_Wh = (energies[n]! - energies[n - 1]! + 2 ** 32) % 2 ** 32;
				assert.ok(Math.abs(step_Wh - 383.3) < 2, `${step_Wh} Wh in row ${n}`);
			}
		});
	});
});

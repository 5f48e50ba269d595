// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import type { Data } from "../support/client/axdr.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";

const use = ref(3, "0-0:96.6.0.255");
const charge = ref(3, "0-0:96.6.1.255");
const voltage = ref(3, "0-0:96.6.3.255");
const remaining = ref(3, "0-0:96.6.6.255");
const nextChange = ref(1, "0-0:96.6.2.255");
const installed = ref(1, "0-0:96.6.5.255");
const hour_s = 3600;
const life_h = 87_600;

describe("the cell behind the clock, from outside (F43)", () => {
	let bench: MeterBench;

	beforeEach(() => {
		bench = new MeterBench({ model: st402d });
		bench.run(70);
	});

	const read = (object: ReturnType<typeof ref>): Promise<number> =>
		bench.with(async (client) => asNumber(await client.read(object, 2)));
	const set = (object: ReturnType<typeof ref>, value: Data): Promise<number> =>
		bench.with((client) => client.set(object, 2, value));
	const symbols = () => bench.simulated.picture.symbols ?? 0;
	const at = (iso: string): Data => data.octetString(encodeDateTime(fromUnix_ms(Date.parse(iso), -60, 0)));

	it("F43 counts the hours without supply, over several cuts and one at a start, and is set when the cell is changed", async () => {
		assert.equal(await read(use), 0);
		bench.cutPower(100 * hour_s);
		// the supply fails again before the meter has noted that it is alive
		bench.run(2);
		assert.equal(await read(use), 100);
		bench.cutPower(50 * hour_s);
		bench.run(70);
		assert.equal(await read(use), 150);
		bench.cutPower(870 * hour_s - 150 * hour_s);
		bench.run(70);
		assert.equal(await read(use), 870);
		assert.equal(await read(charge), 99);
		assert.equal(await read(remaining), (99 * life_h) / 100);
		assert.equal(await set(use, data.doubleLongUnsigned(life_h + 1)), result.otherReason);
		assert.equal(await read(use), 870);
		assert.equal(await set(use, data.doubleLongUnsigned(0)), result.success);
		bench.cutPower(2 * hour_s);
		bench.run(2);
		assert.equal(await read(use), 2);
	});

	it("F43 adds nothing where the time was lost", async () => {
		bench.simulated.rtc.change({ cell_mV: 0 });
		bench.cutPower(30 * hour_s);
		bench.run(70);
		assert.equal(await read(use), 0);
		assert.deepEqual([await read(voltage), await read(charge), await read(remaining)], [0, 0, 0]);
	});

	it("F43 reads the voltage, and what it leaves of the charge", async () => {
		assert.deepEqual([await read(voltage), await read(charge), await read(remaining)], [300, 100, life_h]);
		assert.equal(symbols(), 0);
		bench.simulated.rtc.change({ cell_mV: 2450 });
		bench.run(130);
		assert.deepEqual([await read(voltage), await read(charge), await read(remaining)], [245, 10, life_h / 10]);
		assert.equal(symbols(), 2);
		bench.simulated.rtc.change({ cell_mV: 3000 });
		bench.run(130);
		assert.equal(symbols(), 0);
	});

	it("F43 takes one per cent a year since the cell was put in", async () => {
		assert.equal(asOctets(await bench.with((client) => client.read(installed, 2)))[0], 0xff);
		assert.equal(await set(installed, at("2015-12-25T12:00:00Z")), result.success);
		assert.equal(await read(charge), 89);
		bench.cutPower(1);
		bench.run(2);
		assert.equal(await read(charge), 89);
	});

	it("F43 tells by event 7 and the symbol that the date of the change has come, until there is another one", async () => {
		assert.equal(await set(nextChange, at("2026-01-01T00:00:00Z")), result.success);
		bench.run(120);
		assert.ok(!(await bench.codes(0)).includes(7));
		// 820,000,000 s after 2000 is 2025-12-25T17:46:40Z
		bench.cutPower(7 * 24 * hour_s);
		bench.run(120);
		assert.equal((await bench.codes(0)).filter((code) => code === 7).length, 1);
		assert.equal(symbols(), 2);
		assert.equal(await bench.read("0-0:97.97.0"), 2);
		assert.equal(await set(nextChange, at("2036-01-01T00:00:00Z")), result.success);
		bench.run(120);
		assert.equal(symbols(), 0);
		assert.equal(await bench.read("0-0:97.97.0"), 0);
	});

	it("F43 refuses dates that do not exist and other types, and keeps what was", async () => {
		const good = at("2030-06-01T00:00:00Z");
		const wrong = encodeDateTime(fromUnix_ms(Date.parse("2030-06-01T00:00:00Z"), -60, 0));
		wrong[2] = 13;
		const technician = await bench.connect("technician", "optical");
		assert.equal(await technician.set(installed, 2, good), result.success);
		assert.equal(await technician.set(installed, 2, data.octetString(wrong)), result.otherReason);
		assert.equal(await technician.set(installed, 2, data.unsigned(1)), result.typeUnmatched);
		assert.deepEqual(asOctets(await technician.read(installed, 2)), asOctets(good));
		assert.equal(await technician.set(use, 2, data.doubleLongUnsigned(0)), result.readWriteDenied);
		await technician.close();
		assert.equal(await set(installed, data.octetString(new Uint8Array(12).fill(0xff))), result.success);
	});
});

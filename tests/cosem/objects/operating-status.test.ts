// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { sm402d, st402c, st402d } from "../../../src/models/model.js";
import { MeterBench } from "../../events/meter-bench.js";
import type { Data } from "../../support/client/axdr.js";
import { asNumber, data, elementsOf, ref } from "../../support/client/data.js";
import { result } from "../../support/client/services.js";

const word = (name: string) => ref(1, `${name}.255`);
const mapping = ref(63, "0-0:96.50.10.255");

/** Numbers of the bits that are set. */
function setBits(found: Data, length: number): number[] {
	assert.equal(found.type, "bit-string");
	const text = found.value as string;
	assert.equal(text.length, length);
	return Array.from({ length }, (_, n) => n).filter((n) => text[n] === "1");
}

describe("operating status 0-0:96.5.x, 0-0:96.4.0, 0-0:96.50.10", () => {
	let bench: MeterBench;

	const bits = async (name: string, length = 32): Promise<number[]> =>
		bench.with(async (client) => setBits(await client.read(word(name), 2), length));

	it("tell what is so: phases, calibration, self-test, memory, clock, switch, covers, neutral, sequence", async () => {
		bench = new MeterBench({ model: st402d });
		bench.run(15);
		const sound = [6, 7, 8, 9];
		const closed = [24, 25, 28, 29];
		// 820,000,000 s after 2000 lies in winter
		assert.deepEqual(await bits("0-0:96.5.0"), [0, 1, 2, ...sound, 11, ...closed]);
		bench.grid.setPhase(2, { voltage_V: 0, current_A: 0, angle_deg: 0 });
		bench.simulated.housing.set({ terminalCoverOpen: true, magneticField: true });
		await bench.with((client) => client.action(ref(70, "0-0:96.3.10.255"), 1, data.integer(0)));
		bench.run(10);
		assert.deepEqual(await bits("0-0:96.5.0"), [0, 2, ...sound, 25, 26, 28, 29]);
		const drive = await bits("0-0:96.4.0", 16);
		assert.deepEqual(drive, [6, 7, 8, 9], "the switch is open, the relays are closed");
		await bench.with(async (client) => {
			assert.deepEqual(setBits(await client.read(mapping, 2), 32), [0, 2, ...sound, 25, 26, 28, 29]);
			const [table, first] = elementsOf(await client.read(mapping, 3), 2);
			assert.deepEqual([asNumber(table!), asNumber(first!)], [1, 0]);
		});
	});

	it("F43 F45 tell an invalid clock, and F134 a limiter over its threshold and a Code Red", async () => {
		bench = new MeterBench({ model: sm402d, rtc_s: undefined });
		bench.run(3);
		assert.ok(!(await bits("0-0:96.5.0")).includes(9));
		bench = new MeterBench({ model: sm402d });
		bench.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg: 0 });
		bench.run(3);
		const limiter = ref(71, "0-0:17.0.0.255");
		await bench.with(async (client) => {
			const ask = data.structure(
				data.longUnsigned(3),
				data.octetString(Uint8Array.of(1, 0, 1, 7, 0, 255)),
				data.integer(2),
			);
			assert.equal(await client.set(limiter, 2, ask), result.success);
			assert.equal(await client.set(limiter, 4, data.doubleLongUnsigned(2000)), result.success);
			assert.equal(await client.set(limiter, 5, data.doubleLongUnsigned(1000)), result.success);
			assert.equal(await client.set(limiter, 9, data.array(data.longUnsigned(1))), result.success);
		});
		bench.run(3);
		assert.deepEqual(
			(await bits("0-0:96.5.0")).filter((n) => n === 12 || n === 13),
			[12],
		);
		const profile = data.structure(
			data.longUnsigned(1),
			data.octetString(new Uint8Array(12).fill(0xff)),
			data.doubleLongUnsigned(600),
		);
		assert.equal(await bench.with((client) => client.set(limiter, 8, profile)), result.success);
		bench.run(3);
		assert.deepEqual(
			(await bits("0-0:96.5.0")).filter((n) => n === 12 || n === 13),
			[12, 13],
		);
	});

	for (const model of [sm402d, st402d])
		it(`show the coil of ${model.name} for as long as it is energised`, async () => {
			bench = new MeterBench({ model });
			bench.run(15);
			const client = await bench.connect("management");
			await client.action(ref(70, "0-0:96.3.10.255"), 1, data.integer(0));
			assert.deepEqual(setBits(await client.read(word("0-0:96.4.0"), 2), 16).slice(0, 2), [0, 2]);
			bench.run(0.12);
			assert.equal(setBits(await client.read(word("0-0:96.4.0"), 2), 16)[0], 2, "under way, no coil");
			bench.run(3);
			assert.deepEqual(setBits(await client.read(word("0-0:96.4.0"), 2), 16), [6, 7, 8, 9]);
			await client.close();
		});

	it("tell associations by port, installation, and what waits for a client", async () => {
		bench = new MeterBench({ model: st402c });
		bench.run(3);
		const optical = await bench.connect("technician", "optical");
		const read = async (): Promise<number[]> => setBits(await optical.read(word("0-0:96.5.2"), 2), 32);
		assert.deepEqual(await read(), [3]);
		const management = await bench.connect("management");
		const second = await bench.connect("management");
		assert.deepEqual(await read(), [2, 3]);
		await management.close();
		assert.deepEqual(await read(), [2, 3]);
		await second.close();
		bench.simulated.meter.application.events.event(0, 12);
		assert.deepEqual(await read(), [3, 6]);
		await optical.close();
	});
});

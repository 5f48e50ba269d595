// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import { asNumber, asOctets, data, type ObjectRef, ref } from "../support/client/data.js";
import { decodeDateTime, toUnix_ms } from "../support/client/date-time.js";
import { result } from "../support/client/services.js";

const start_ms = Date.parse("2026-03-10T10:00:00Z");

class World extends MeterBench {
	constructor() {
		super({ model: st402d, rtc_s: (start_ms - Date.UTC(2000, 0, 1)) / 1000 });
	}

	number(object: ObjectRef): Promise<number> {
		return this.with(async (client) => asNumber(await client.read(object, 2)));
	}

	text(name: string): Promise<string> {
		return this.with(async (client) => Buffer.from(asOctets(await client.read(ref(1, name), 2))).toString());
	}

	/** Seconds after the start; undefined for a time that is not specified. */
	time(object: ObjectRef, attribute = 2): Promise<number | undefined> {
		return this.with(async (client) => {
			const octets = asOctets(await client.read(object, attribute));
			return octets[0] === 0xff ? undefined : (toUnix_ms(decodeDateTime(octets)) - start_ms) / 1000;
		});
	}
}

describe("values that are seldom read", () => {
	it("F08: the power factor of export 1-0:84.7.0 is that of import with the other sign", async () => {
		const world = new World();
		const factors = async () => [
			await world.number(ref(3, "1-0:13.7.0.255")),
			await world.number(ref(3, "1-0:84.7.0.255")),
		];
		for (const angle_deg of [0, 60]) {
			world.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg });
			world.run(3);
			const [inward, outward] = await factors();
			assert.ok(Math.abs(inward! - 1000 * Math.cos((angle_deg * Math.PI) / 180)) <= 3, `${inward}`);
			assert.equal(outward, -inward!);
		}
		world.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg: 180 });
		world.run(3);
		assert.deepEqual(await factors(), [-1000, 1000]);
	});

	it("F123: least power factor of an averaging interval, with the end of that interval, until it is reset", async () => {
		const world = new World();
		const least = ref(4, "1-0:13.3.0.255");
		world.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg: 0 });
		world.run(3605);
		assert.ok((await world.number(least)) >= 998);
		world.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg: 60 });
		world.run(3600);
		world.grid.setPhase(1, { voltage_V: 230, current_A: 10, angle_deg: 0 });
		world.run(3600);
		assert.ok(Math.abs((await world.number(least)) - 500) <= 5, `${await world.number(least)}`);
		const when_s = (await world.time(least, 5))!;
		assert.ok(when_s > 3605 && when_s <= 7260, `${when_s}`);
		await world.with(async (client) => {
			assert.equal((await client.action(least, 1, data.integer(0))).result, result.success);
		});
		assert.equal(await world.number(least), 0);
		assert.equal(await world.time(least, 5), undefined);
	});

	it("F39: the rate of demand has its own name, and changes alone", async () => {
		const world = new World();
		world.run(2);
		await world.with(async (client) => {
			assert.equal((await client.action(ref(9, "0-0:10.0.100.255"), 1, data.longUnsigned(23))).result, result.success);
		});
		assert.equal(await world.text("0-0:96.14.1.255"), "3");
		assert.equal(await world.text("0-0:96.14.0.255"), "1");
	});

	it("F38: the date of the time-switch program is that of its activation, not of what is written to the passive one", async () => {
		const world = new World();
		world.run(10);
		const calendar = ref(20, "0-0:13.0.0.255");
		const changed = ref(1, "0-0:96.2.2.255");
		await world.with(async (client) => {
			assert.equal(await client.set(calendar, 6, data.octetString("N")), result.success);
		});
		assert.equal(await world.time(changed), undefined);
		world.run(50);
		await world.with(async (client) => {
			assert.equal((await client.action(calendar, 1, data.integer(0))).result, result.success);
		});
		assert.equal(await world.time(changed), 60);
		assert.equal(await world.time(ref(1, "0-0:96.2.7.255")), 60);
	});

	it("F117: the time of the last power failure is its begin, of all phases, of each and of any", async () => {
		const world = new World();
		const times = async () => {
			const found: (number | undefined)[] = [];
			for (let e = 10; e <= 14; e++) found.push(await world.time(ref(1, `0-0:96.7.${e}.255`)));
			return found;
		};
		world.run(100);
		assert.deepEqual(await times(), Array(5).fill(undefined));
		world.grid.setPhase(2, { voltage_V: 0 });
		world.run(20);
		world.grid.setPhase(2, { voltage_V: 230 });
		world.run(80);
		assert.deepEqual(await times(), [undefined, undefined, 100, undefined, 100]);
		world.cutPower(30);
		world.run(10);
		const [last_s, ...others] = await times();
		assert.ok(last_s! > 140 && last_s! <= 200, `${last_s}: without warning as it was known a minute ago`);
		assert.deepEqual(others, Array(4).fill(last_s));
	});
});

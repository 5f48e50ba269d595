// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Outages, outagesLength } from "../../src/power-quality/outages.js";

const threshold_s = 180;
const places = [0, 1, 2, 3, 4];

class World {
	readonly long: number[][] = [];
	readonly offTimes: number[][] = [];
	readonly outages: Outages;
	constructor(phases = 3) {
		this.outages = new Outages(phases, {
			longOutageEnded: (...what) => this.long.push(what),
			offTimeEnded: (...what) => this.offTimes.push(what),
		});
	}
	at(second: number, missing: number, threshold = threshold_s): void {
		this.outages.next(missing, second * 1000, 1000 + Math.floor(second), threshold);
	}
}

describe("power-quality/outages", () => {
	it("F117 2 s without L2 count for L2 and for any phase, not for all", () => {
		const world = new World();
		world.at(10, 2);
		world.at(12, 0);
		assert.deepEqual(
			places.map((place) => world.outages.count(place)),
			[0, 0, 1, 0, 1],
		);
		assert.deepEqual(
			places.map((place) => world.outages.longCount(place)),
			[0, 0, 0, 0, 0],
		);
		assert.equal(world.outages.start_s(4), 1010);
	});

	it("F117 L1 and L2 at 0 V for 0.4 s count once each, and once for any phase", () => {
		const world = new World();
		world.at(10, 1);
		world.at(10.1, 3);
		world.at(10.4, 1);
		world.at(10.5, 0);
		assert.deepEqual(
			places.map((place) => world.outages.count(place)),
			[0, 1, 1, 0, 1],
		);
	});

	for (const [seconds, long] of [
		[179.9, 0],
		[180, 0],
		[180.1, 1],
	] as const) {
		it(`F110 F117 F118 all phases without voltage for ${seconds} s are ${long === 1 ? "long" : "short"}`, () => {
			const world = new World();
			world.at(10, 7);
			world.at(10 + seconds, 0);
			assert.deepEqual(
				places.map((place) => world.outages.count(place)),
				[1, 1, 1, 1, 1],
			);
			assert.deepEqual(
				places.map((place) => world.outages.longCount(place)),
				Array(5).fill(long),
			);
			assert.deepEqual(
				world.long,
				long === 0 ? [] : [0, 1, 2, 3, 4].map((place) => [place, 1010 + Math.floor(seconds), 180]),
			);
		});
	}

	it("F117 a threshold that is changed during an outage holds from the next one", () => {
		const world = new World();
		world.at(0, 1);
		world.at(1, 1, 5);
		world.at(10, 0, 5);
		assert.equal(world.outages.longCount(1), 0);
		world.at(20, 1, 5);
		world.at(30, 0, 180);
		assert.equal(world.outages.longCount(1), 1);
	});

	it("F110 a meter that was off has missed all phases since it was last alive; an outage that had begun goes on", () => {
		const before = new World();
		before.at(100, 2); // L2 is gone since 1100
		const view = new DataView(new ArrayBuffer(outagesLength + 4));
		assert.equal(before.outages.encode(view, 0), 81);
		const after = new World();
		assert.equal(after.outages.decode(view, 0, 1200, threshold_s), 81);
		assert.equal(after.outages.isOpen, true);
		after.outages.next(0, 500, 1381, threshold_s);
		assert.deepEqual(
			places.map((place) => after.outages.count(place)),
			[1, 1, 1, 1, 1],
		);
		assert.deepEqual(
			places.map((place) => after.outages.longDuration_s(place)),
			[181, 181, 281, 181, 281],
		);
		assert.deepEqual(
			places.map((place) => after.outages.start_s(place)),
			[1200, 1200, 1100, 1200, 1100],
		);
	});

	it("F110 a meter whose clock was set before the voltage came back counts from the right begin; without time the length is not known", () => {
		const before = new World();
		before.at(100, 7);
		const view = new DataView(new ArrayBuffer(outagesLength + 4));
		before.outages.encode(view, 0);
		const moved = new World();
		moved.outages.decode(view, 0, 1200, threshold_s);
		moved.outages.clockMoved(3600);
		moved.outages.next(0, 500, 4900, threshold_s);
		assert.deepEqual(moved.long.at(-1), [4, 4900, 200]);
		const lost = new World();
		lost.outages.decode(view, 0, 1200, threshold_s);
		lost.outages.next(0, 500, 1201, threshold_s, false);
		assert.deepEqual(lost.long.at(-1), [4, 1201, 0]);
		assert.equal(lost.outages.longCount(0), 1);
		lost.outages.next(7, 1000, 1202, threshold_s, false);
		lost.outages.next(0, 2000, 1203, threshold_s, false);
		assert.deepEqual([lost.outages.longCount(0), lost.outages.count(0)], [1, 2], "seen from begin to end: a short one");
	});

	it("F117 a phase that is still missing after the start of the meter has not come back", () => {
		const before = new World();
		const view = new DataView(new ArrayBuffer(outagesLength));
		before.outages.encode(view, 0);
		const after = new World();
		after.outages.decode(view, 0, 1200, threshold_s);
		after.outages.next(4, 500, 1210, threshold_s);
		assert.deepEqual(
			places.map((place) => after.outages.count(place)),
			[1, 1, 1, 0, 0],
		);
		after.outages.next(0, 5500, 1215, threshold_s);
		assert.deepEqual(
			places.map((place) => after.outages.count(place)),
			[1, 1, 1, 1, 1],
		);
	});

	it("F117 a single-phase meter knows its phase, and any", () => {
		const world = new World(1);
		world.at(1, 1);
		world.at(2, 0);
		assert.deepEqual(
			places.map((place) => world.outages.count(place)),
			[1, 1, 0, 0, 1],
		);
	});
});

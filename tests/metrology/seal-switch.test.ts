// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { SealSwitch } from "../../src/metrology/seal-switch.js";
import { housingSignal } from "../../src/ports/housing.js";

const { sealOpen, meterCoverOpen } = housingSignal;

function bench() {
	const seen: boolean[] = [];
	const world = { signals: 0 };
	const seal = new SealSwitch(
		{ signals: () => world.signals, fieldStrength: () => 0 },
		{ sealChanged: (isOpen) => void seen.push(isOpen) },
	);
	return { seen, world, seal };
}

describe("metrology/seal-switch", () => {
	it("SEC-seal: open counts after half a second, closed at once; both are told", () => {
		const { seen, world, seal } = bench();
		assert.equal(seal.isOpenAt(0), false);
		world.signals = sealOpen;
		assert.equal(seal.isOpenAt(1000), false);
		assert.equal(seal.isOpenAt(1499), false);
		assert.equal(seal.isOpenAt(1500), true);
		world.signals = 0;
		assert.equal(seal.isOpenAt(1501), false);
		assert.deepEqual(seen, [true, false]);
	});

	it("SEC-seal: a bouncing contact opens nothing", () => {
		const { seen, world, seal } = bench();
		for (let now_ms = 0; now_ms < 10_000; now_ms += 100) {
			world.signals = now_ms % 400 < 300 ? sealOpen : 0;
			assert.equal(seal.isOpenAt(now_ms), false);
		}
		assert.deepEqual(seen, []);
	});

	it("SEC-seal: after eight hours it counts as closed, until it has been closed and opened again", () => {
		const { seen, world, seal } = bench();
		const longest_ms = 8 * 3_600_000;
		world.signals = sealOpen;
		for (let now_ms = 0; now_ms < longest_ms; now_ms = seal.deadline_ms) seal.run(now_ms);
		assert.equal(seal.isOpenAt(longest_ms - 1), true);
		assert.equal(seal.isOpenAt(longest_ms), false);
		assert.equal(seal.isOpenAt(2 * longest_ms), false);
		world.signals = 0;
		seal.run(2 * longest_ms + 1000);
		world.signals = sealOpen;
		seal.run(2 * longest_ms + 2000);
		seal.run(2 * longest_ms + 3000);
		assert.equal(seal.isOpenAt(2 * longest_ms + 3000), true);
		assert.deepEqual(seen, [true, false, true]);
	});

	it("SEC-seal: putting the cover of the meter back on ends it; a cover that was never off does not", () => {
		const { world, seal } = bench();
		world.signals = sealOpen | meterCoverOpen;
		seal.isOpenAt(0);
		assert.equal(seal.isOpenAt(1000), true);
		world.signals = sealOpen;
		assert.equal(seal.isOpenAt(2000), false);
		world.signals = sealOpen | meterCoverOpen;
		assert.equal(seal.isOpenAt(9000), false, "taking it off again is not enough");
		const other = bench();
		other.world.signals = sealOpen;
		other.seal.isOpenAt(0);
		assert.equal(other.seal.isOpenAt(1000), true);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readSwitchingOrder, writeSwitchingOrder } from "../../src/control/switching-order.js";
import { SwitchingPolicy } from "../../src/control/switching-policy.js";
import { DeviceError } from "../../src/core/device-error.js";
import { recordKey } from "../../src/storage/keys.js";
import { MemoryStore } from "../support/stores.js";

describe("control/switching orders", () => {
	it("F70 is read as it was sealed, and is none where it was not, or cannot be read", () => {
		const store = new MemoryStore();
		assert.equal(readSwitchingOrder(store), undefined);
		const none = { longestDelay_s: 0, needsConfirmation: false, staysOpenUncovered: false, breaksOverload: false };
		for (const name of ["needsConfirmation", "staysOpenUncovered", "breaksOverload"] as const) {
			writeSwitchingOrder(store, { ...none, [name]: true });
			assert.deepEqual(readSwitchingOrder(store), { ...none, [name]: true });
		}
		const order = { ...none, longestDelay_s: 300, needsConfirmation: true };
		writeSwitchingOrder(store, order);
		assert.deepEqual(readSwitchingOrder(store), order);
		assert.throws(() => writeSwitchingOrder(store, { ...order, longestDelay_s: 301 }), RangeError);
		assert.deepEqual(readSwitchingOrder(store), order);
		for (const [flag, needsConfirmation] of [
			[0, false],
			[1, true],
		] as const) {
			store.write(recordKey.switchingOrder, Uint8Array.of(1, 0, 60, flag));
			assert.deepEqual(readSwitchingOrder(store), { ...none, longestDelay_s: 60, needsConfirmation }, "version 1");
		}
		store.write(recordKey.switchingOrder, Uint8Array.of(9, 0, 60, 0));
		assert.equal(readSwitchingOrder(store), undefined);
	});

	it("SEC-mass holds for the longest time when there are no random numbers", () => {
		let now_ms = 1000;
		const clock = { monotonic_ms: () => now_ms };
		const order = {
			longestDelay_s: 200,
			needsConfirmation: false,
			staysOpenUncovered: false,
			breaksOverload: false,
		};
		const broken = new SwitchingPolicy(order, clock, {
			fill: () => {
				throw new DeviceError("random", "health");
			},
		});
		assert.equal(broken.heldFor_s(), 200);
		now_ms += 200_000;
		assert.equal(broken.heldFor_s(), 0);
		const half = new SwitchingPolicy(order, clock, { fill: (into) => void into.fill(0x80) });
		assert.equal(half.heldFor_s(), 101);
		assert.ok(!half.mustRepeat({}, 1, 0));
	});
});

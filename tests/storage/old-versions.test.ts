// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { SecurityState } from "../../src/cosem/security/security-state.js";
import { ChangeCounter } from "../../src/storage/change-counter.js";
import { recordKey } from "../../src/storage/keys.js";
import { testKeys } from "../cosem/support/fake-application.js";
import { MemoryStore } from "../support/stores.js";

describe("records of layouts before the present one", () => {
	it("change counters, version 1, knew no protected changes", () => {
		const store = new MemoryStore();
		store.write(recordKey.changeCounters, Uint8Array.of(1, 0x01, 0x02, 0x30, 0, 0, 5));
		const counter = new ChangeCounter(store);
		assert.deepEqual([counter.count, counter.last_s], [0x102, 0x3000_0005]);
		assert.deepEqual([counter.protectedCount, counter.lastProtected_s], [0, undefined]);
		counter.increment(0x3000_0010, true);
		const again = new ChangeCounter(store);
		assert.deepEqual([again.count, again.protectedCount, again.lastProtected_s], [0x103, 1, 0x3000_0010]);
	});

	it("received invocation counters, version 1, knew no transaction-id: what was accepted is not accepted again", () => {
		const store = new MemoryStore();
		// generation and counter of the unicast, then of the broadcast key
		store.write(recordKey.receiveCounters + 1, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 3, 0xe8, 0, 0, 0, 0, 0, 0, 0, 7));
		const security = new SecurityState(store, testKeys, store);
		assert.equal(security.invocationCounter(0), 1000);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Reader } from "../../src/cosem/codec/reader.js";
import { StoredAttributes } from "../../src/cosem/parameters/stored-attributes.js";
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

	it("attributes that are kept, version 1, had no lengths: they are read, and the next change keeps the others", () => {
		const store = new MemoryStore();
		const key = recordKey.pushSettings;
		const shape = { first: 2, last: 4, maximum: 11, factory: () => assert.fail("nothing is as from the factory") };
		const values = () => [2, 3, 4].map((id) => [...octetsLeft(new StoredAttributes(store, key, shape).read(id))]);
		store.write(key, Uint8Array.of(1, 0x11, 5, 0x09, 2, 7, 8, 0x12, 1, 2));
		assert.deepEqual(values(), [
			[0x11, 5],
			[0x09, 2, 7, 8],
			[0x12, 1, 2],
		]);
		const attributes = new StoredAttributes(store, key, shape);
		assert.equal(attributes.change(3, Uint8Array.of(0x09, 5, 1, 2, 3, 4, 5)), false, "12 octets together");
		assert.equal(attributes.change(3, Uint8Array.of(0x09, 4, 1, 2, 3, 4)), true);
		const changed = [
			[0x11, 5],
			[0x09, 4, 1, 2, 3, 4],
			[0x12, 1, 2],
		];
		assert.deepEqual(values(), changed);
		assert.equal(attributes.change(2, Uint8Array.of(0)), true, "of version 2 too");
		assert.deepEqual(values(), [[0], ...changed.slice(1)]);
	});
});

function octetsLeft({ bytes, position, end }: Reader): Uint8Array {
	return bytes.subarray(position, end);
}

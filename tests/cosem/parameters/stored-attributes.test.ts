// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DeviceError } from "../../../src/core/device-error.js";
import {
	decodeUnsigned,
	encodeDoubleLongUnsigned,
	encodeOctetString,
	encodeUnsigned,
} from "../../../src/cosem/codec/axdr.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { type AttributeShape, StoredAttributes } from "../../../src/cosem/parameters/stored-attributes.js";
import { MemoryStore } from "../../support/stores.js";

const key = 7;
/** Attributes 3 to 5: a number of one octet, an octet string, a number of four octets. */
const shape: AttributeShape = {
	first: 3,
	last: 5,
	maximum: 20,
	factory(id, w) {
		if (id === 3) encodeUnsigned(w, 30);
		else if (id === 4) encodeOctetString(w, Uint8Array.of(1, 2));
		else encodeDoubleLongUnsigned(w, 50);
	},
};

const factory = { 3: [17, 30], 4: [9, 2, 1, 2], 5: [6, 0, 0, 0, 50] };

function values(store: MemoryStore): Record<number, number[]> {
	const stored = new StoredAttributes(store, key, shape);
	return Object.fromEntries(
		[3, 4, 5].map((id) => {
			const w = new Writer(40);
			w.u8(0xee); // what stands there stays
			stored.write(id, w);
			assert.equal(w.bytes[0], 0xee);
			const written = [...w.bytes.subarray(1, w.position)];
			const r = stored.read(id);
			assert.deepEqual([...r.bytes.subarray(r.position, r.end)], written);
			return [id, written];
		}),
	);
}

describe("attributes that are kept as they came", () => {
	it("are those of the factory until one is written, and then that one is another", () => {
		const store = new MemoryStore();
		assert.deepEqual(values(store), factory);
		const stored = new StoredAttributes(store, key, shape);
		assert.ok(stored.change(4, Uint8Array.of(9, 5, 5, 4, 3, 2, 1)));
		assert.deepEqual(values(store), { ...factory, 4: [9, 5, 5, 4, 3, 2, 1] });
	});

	it("several change together, and what has changed is read of the same instance", () => {
		const store = new MemoryStore();
		const stored = new StoredAttributes(store, key, shape);
		assert.equal(decodeUnsigned(stored.read(3)), 30);
		assert.ok(
			stored.changeTogether(
				new Map([
					[3, Uint8Array.of(17, 31)],
					[5, Uint8Array.of(6, 0, 0, 1, 0)],
				]),
			),
		);
		assert.equal(decodeUnsigned(stored.read(3)), 31);
		assert.deepEqual(values(store), { ...factory, 3: [17, 31], 5: [6, 0, 0, 1, 0] });
	});

	it("take `maximum` octets, and refuse one more with nothing changed", () => {
		const store = new MemoryStore();
		const stored = new StoredAttributes(store, key, shape);
		const longest = 20 - 2 - 5;
		const text = (size: number): Uint8Array => Uint8Array.of(9, size - 2, ...new Array<number>(size - 2).fill(65));
		assert.ok(stored.change(4, text(longest)));
		const before = values(store);
		assert.deepEqual(before[4], [...text(longest)]);
		assert.equal(stored.change(4, text(longest + 1)), false);
		assert.deepEqual(values(store), before);
	});

	it("a record of layout 1, the values alone, is read, and written with the lengths in front", () => {
		const store = new MemoryStore();
		store.write(key, Uint8Array.of(1, 17, 9, 9, 3, 7, 7, 7, 6, 0, 0, 0, 8));
		const old = { 3: [17, 9], 4: [9, 3, 7, 7, 7], 5: [6, 0, 0, 0, 8] };
		assert.deepEqual(values(store), old);
		assert.ok(new StoredAttributes(store, key, shape).change(3, Uint8Array.of(17, 10)));
		assert.deepEqual(values(store), { ...old, 3: [17, 10] });
	});

	for (const [what, record] of [
		["of a layout that is not known", [9, 17, 9]],
		["whose lengths are not those of its values", [2, 0, 2, 0, 5, 0, 4, 17, 9, 9, 3, 7, 7, 7, 6, 0, 0, 0, 8]],
		["that is empty", []],
	] as const)
		it(`a record ${what} is an error of the memory, not a value`, () => {
			const store = new MemoryStore();
			store.write(key, Uint8Array.from(record));
			const stored = new StoredAttributes(store, key, shape);
			assert.throws(() => stored.read(3), DeviceError);
			assert.throws(() => stored.change(3, Uint8Array.of(17, 1)), DeviceError);
			assert.deepEqual(store.records.get(key), Uint8Array.from(record));
		});
});

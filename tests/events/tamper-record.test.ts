// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { tamperGroup } from "../../src/events/fraud-kinds.js";
import { FraudParameters } from "../../src/events/fraud-parameters.js";
import { TamperRecord } from "../../src/events/tamper-record.js";
import { recordKey } from "../../src/storage/keys.js";
import { MemoryStore } from "../support/stores.js";

describe("events/tamper records", () => {
	it("reads the record of version 1: four groups, what was going on goes on", () => {
		const store = new MemoryStore();
		const old = new Uint8Array(58);
		old.set([1, 0b0000_0010]);
		// terminal cover: 3 times, at 800 000 000, before that 60 s, 90 s in all
		old.set([0, 3, 0x2f, 0xaf, 0x08, 0x00, 0, 0, 0, 60, 0, 0, 0, 90], 2 + 14 * tamperGroup.terminalCover);
		old.set([0, 7], 2 + 14 * tamperGroup.metrology);
		store.write(recordKey.fraudState, old);
		const record = new TamperRecord();
		record.load(store);
		assert.ok(record.isOn(1) && !record.isOn(0) && !record.isFailing);
		assert.equal(record.count(tamperGroup.terminalCover), 3);
		assert.equal(record.stamp_s(tamperGroup.terminalCover), 800_000_000);
		assert.equal(record.total_s(tamperGroup.terminalCover, 800_000_010), 100);
		assert.equal(record.count(tamperGroup.metrology), 7);
		assert.equal(record.count(tamperGroup.disconnector), 0);
		record.noteFailing(true, 5);
		record.save(store);
		const again = new TamperRecord();
		again.load(store);
		assert.ok(again.isFailing && again.isOn(1));
		assert.equal(again.count(tamperGroup.communication), 1);
		assert.equal(again.count(tamperGroup.metrology), 7);
	});

	it("reads the parameters of version 1, in which n of F126 was fixed", () => {
		const store = new MemoryStore();
		store.write(
			recordKey.fraudParameters,
			Uint8Array.of(1, 0, 100, 0, 101, 0, 102, 0, 103, 0, 104, 0, 105, 0, 106, 77),
		);
		const parameters = new FraudParameters(store);
		assert.deepEqual(
			[0, 6].map((n) => parameters.debounce_ms(n)),
			[100, 106],
		);
		assert.deepEqual([parameters.fieldLevel, parameters.failuresBeforeLock], [77, 3]);
	});

	it("takes kinds of one group that overlap for one occurrence", () => {
		const record = new TamperRecord();
		record.load(new MemoryStore());
		record.note(3, true, 100);
		record.note(4, true, 110);
		record.note(3, false, 120);
		assert.equal(record.duration_s(tamperGroup.metrology, 125), 25);
		record.note(4, false, 130);
		assert.deepEqual([record.count(tamperGroup.metrology), record.total_s(tamperGroup.metrology, 200)], [1, 30]);
	});
});

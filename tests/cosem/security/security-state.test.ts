// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { keyId } from "../../../src/cosem/security/security-setup-state.js";
import { SecurityState, setupNumber } from "../../../src/cosem/security/security-state.js";
import { recordKey } from "../../../src/storage/keys.js";
import { CuttingStore, PowerCut } from "../support/cutting-store.js";
import { testKeys } from "../support/fake-application.js";
import { hex } from "../support/hex.js";

const unicast = keyId.globalUnicastEncryption;
const key = (octet: number): Uint8Array => new Uint8Array(16).fill(octet);

describe("security state", () => {
	it("starts with the factory keys, full protection and counters at 0", () => {
		const state = new SecurityState(new CuttingStore(), testKeys);
		for (let number = 1; number <= 6; number++) {
			const setup = state.setup(number);
			assert.equal(setup.policy, number === setupNumber.broadcast ? 0x0c : 0x6c);
			assert.equal(setup.suite, 0);
			assert.equal(hex(setup.key(keyId.master)), hex(testKeys.masterKey));
			assert.equal(setup.lastReceived(unicast), 0);
			assert.equal(setup.nextSendCounter, 1);
		}
		assert.throws(() => state.setup(0), RangeError);
		assert.throws(() => new SecurityState(new CuttingStore(), { ...testKeys, masterKey: key(1).slice(1) }), RangeError);
	});

	it("never gives a send counter twice, wherever power is cut (SEC-ic)", () => {
		const store = new CuttingStore();
		const given = new Set<number>();
		for (let restart = 0; restart < 30; restart++) {
			store.writes = 0;
			store.cutAt = 1 + (restart % 3);
			store.isCutAfterWrite = restart % 2 === 0;
			const setup = new SecurityState(store, testKeys).setup(1);
			try {
				for (let n = 0; n < 700; n++) {
					const counter = setup.takeSendCounter();
					assert.ok(!given.has(counter), String(counter));
					given.add(counter);
				}
			} catch (error) {
				assert.ok(error instanceof PowerCut);
			}
		}
		assert.ok(given.size > 10_000);
	});

	it("reserves send counters a thousand at a time (SEC-wear)", () => {
		const store = new CuttingStore();
		const setup = new SecurityState(store, testKeys).setup(1);
		for (let n = 1; n <= 3000; n++) assert.equal(setup.takeSendCounter(), n);
		assert.equal(store.writes, 3);
		assert.equal(new SecurityState(store, testKeys).setup(1).takeSendCounter(), 3001);
		assert.equal(new SecurityState(store, testKeys).setup(2).takeSendCounter(), 1);
	});

	it("does not use a counter whose reservation was refused", () => {
		const store = new CuttingStore();
		const setup = new SecurityState(store, testKeys).setup(1);
		store.refuses = true;
		assert.throws(() => setup.takeSendCounter(), { code: "refused" });
		store.refuses = false;
		assert.equal(setup.takeSendCounter(), 1);
	});

	it("stops at the end of the counter range (SEC-ic)", () => {
		const store = new CuttingStore();
		store.write(recordKey.sendCounters + 1, Uint8Array.of(1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc));
		const setup = new SecurityState(store, testKeys).setup(1);
		assert.equal(setup.takeSendCounter(), 0xffff_fffd);
		assert.equal(setup.takeSendCounter(), 0xffff_fffe);
		assert.equal(setup.takeSendCounter(), -1);
		assert.equal(setup.takeSendCounter(), -1);
		assert.equal(new SecurityState(store, testKeys).setup(1).takeSendCounter(), -1);
	});

	it("keeps received counters over a restart once they are stored (SEC-ic)", () => {
		const store = new CuttingStore();
		const setup = new SecurityState(store, testKeys).setup(3);
		setup.acceptReceived(unicast, 77);
		assert.equal(new SecurityState(store, testKeys).setup(3).lastReceived(unicast), 0);
		setup.storeReceived();
		setup.storeReceived();
		assert.equal(store.writes, 1);
		assert.equal(new SecurityState(store, testKeys).setup(3).lastReceived(unicast), 77);
		assert.equal(new SecurityState(store, testKeys).invocationCounter(2), 77);
	});

	it("shows each counter at its object", () => {
		const state = new SecurityState(new CuttingStore(), testKeys);
		for (let number = 1; number <= 6; number++) {
			state.setup(number).acceptReceived(unicast, 10 * number);
			state.setup(number).acceptReceived(keyId.globalBroadcastEncryption, 10 * number + 1);
		}
		state.setup(1).takeSendCounter();
		assert.deepEqual(
			[0, 1, 2, 3, 4, 5, 6].map((e) => state.invocationCounter(e)),
			[10, 21, 30, 40, 50, 2, 60],
		);
		assert.throws(() => state.invocationCounter(7), RangeError);
	});

	it("puts new keys in force when it settles, and restarts the counters of the changed one only (SEC-kek)", () => {
		const store = new CuttingStore();
		const state = new SecurityState(store, testKeys);
		const setup = state.setup(1);
		for (let n = 0; n < 5; n++) setup.takeSendCounter();
		setup.acceptReceived(unicast, 50);
		setup.storeReceived();
		setup.replaceKeys([undefined, undefined, key(2), undefined]);
		state.settle();
		assert.equal(hex(setup.key(keyId.authentication)), hex(key(2)));
		assert.equal(setup.lastReceived(unicast), 50);
		assert.equal(setup.nextSendCounter, 6);
		setup.replaceKeys([key(1), undefined, undefined, key(3)]);
		assert.equal(hex(setup.key(unicast)), hex(testKeys.globalUnicastEncryptionKey));
		assert.equal(setup.takeSendCounter(), 6); // the response
		state.settle();
		assert.equal(hex(setup.key(unicast)), hex(key(1)));
		assert.equal(setup.lastReceived(unicast), 0);
		assert.equal(setup.takeSendCounter(), 1);
		const again = new SecurityState(store, testKeys).setup(1);
		assert.deepEqual(
			[0, 1, 2, 3].map((id) => hex(again.key(id))),
			[hex(key(1)), hex(testKeys.globalBroadcastEncryptionKey), hex(key(2)), hex(key(3))],
		);
		assert.equal(again.lastReceived(unicast), 0);
		assert.equal(again.takeSendCounter(), 1001); // 1 was reserved under the new key
		assert.equal(hex(testKeys.globalUnicastEncryptionKey), "000102030405060708090a0b0c0d0e0f"); // not wiped
	});

	it("has all the old keys or all the new ones after a power cut (SEC-kek)", () => {
		for (const isCutAfterWrite of [false, true]) {
			const store = new CuttingStore();
			const setup = new SecurityState(store, testKeys).setup(1);
			setup.acceptReceived(unicast, 9);
			setup.storeReceived();
			store.cutAt = 2;
			store.isCutAfterWrite = isCutAfterWrite;
			assert.throws(() => setup.replaceKeys([key(1), key(2), key(3), key(4)]), PowerCut);
			const again = new SecurityState(store, testKeys).setup(1);
			const keys = [0, 1, 2, 3].map((id) => hex(again.key(id)));
			if (isCutAfterWrite)
				assert.deepEqual(
					keys,
					[1, 2, 3, 4].map((octet) => hex(key(octet))),
				);
			else assert.equal(keys[0], hex(testKeys.globalUnicastEncryptionKey));
			assert.equal(again.lastReceived(unicast), isCutAfterWrite ? 0 : 9);
		}
	});

	it("changes nothing when the store refuses", () => {
		const store = new CuttingStore();
		const state = new SecurityState(store, testKeys);
		const setup = state.setup(1);
		store.refuses = true;
		assert.throws(() => setup.replaceKeys([key(1)]), { code: "refused" });
		assert.throws(() => setup.changePolicy(0x7c), { code: "refused" });
		assert.throws(() => setup.changeSecret(key(1)), { code: "refused" });
		state.settle();
		assert.equal(hex(setup.key(unicast)), hex(testKeys.globalUnicastEncryptionKey));
		assert.equal(setup.policy, 0x6c);
		assert.equal(setup.secret.length, 0);
	});

	it("keeps policy, title and secret over a restart", () => {
		const store = new CuttingStore();
		const setup = new SecurityState(store, { ...testKeys, policy: 0 }).setup(4);
		assert.equal(setup.policy, 0);
		setup.changePolicy(0x6c);
		setup.changeSecret(key(9));
		setup.changeClientSystemTitle(key(7).subarray(0, 8));
		const again = new SecurityState(store, { ...testKeys, policy: 0 }).setup(4);
		assert.equal(again.policy, 0x6c);
		assert.equal(hex(again.secret), hex(key(9)));
		assert.equal(hex(again.clientSystemTitle), "07".repeat(8));
	});

	it("refuses a record of a later layout rather than going on with factory keys", () => {
		const store = new CuttingStore();
		store.write(recordKey.securityKeys + 1, Uint8Array.of(2, 0, 0));
		assert.throws(() => new SecurityState(store, testKeys).setup(1), { part: "flash", code: "layout" });
	});

	it("reads the records of the present layouts, and counters of layout 1 (bytes kept)", () => {
		const store = new CuttingStore();
		const setup = new SecurityState(store, testKeys).setup(1);
		setup.changeSecret(Uint8Array.of(0x61, 0x62));
		const bytes = `016c00 00000000 00000000 ${"00".repeat(8)} 02 6162 10 000102030405060708090a0b0c0d0e0f 0f0e0d0c0b0a09080706050403020100 d0d1d2d3d4d5d6d7d8d9dadbdcdddedf 00112233445566778899aabbccddeeff`;
		assert.equal(hex(store.records.get(recordKey.securityKeys + 1)!), bytes.replaceAll(" ", ""));
		setup.acceptReceived(unicast, 0x01020304);
		setup.storeReceived();
		const counters = "000000000102030400000000 00000000".replace(" ", "");
		assert.equal(hex(store.records.get(recordKey.receiveCounters + 1)!), `02${counters}0000000000000000`);
		store.write(recordKey.receiveCounters + 1, Buffer.from(`01${counters}`, "hex"));
		const old = new SecurityState(store, testKeys).setup(1);
		assert.equal(old.lastReceived(unicast), 0x01020304);
		assert.ok(old.isNewer(Uint8Array.of(1)) && !old.isNewer(Uint8Array.of(0)));
		old.acceptTransaction(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
		old.storeReceived();
		assert.equal(hex(store.records.get(recordKey.receiveCounters + 1)!), `02${counters}0102030405060708`);
		const again = new SecurityState(store, testKeys).setup(1);
		assert.ok(!again.isNewer(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])));
		assert.ok(again.isNewer(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 9])));
		assert.ok(!again.isNewer(new Uint8Array(9).fill(9)));
		setup.takeSendCounter();
		assert.equal(hex(store.records.get(recordKey.sendCounters + 1)!), "0100000000000003e8");
	});
});

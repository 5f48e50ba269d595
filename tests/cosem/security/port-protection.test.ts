// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DeviceError } from "../../../src/core/device-error.js";
import {
	PortProtection,
	portField,
	protectionMode,
	protectionStatus,
	unknownClient,
} from "../../../src/cosem/security/port-protection.js";
import { recordKey } from "../../../src/storage/keys.js";
import { MemoryStore } from "../../support/stores.js";

/** A protection with n of F126, and as many allowed attempts on every port. */
function create(n: number, store = new MemoryStore()): PortProtection {
	const protection = new PortProtection(store, store, { failuresBeforeLock: n }, 0);
	for (const port of ["optical", "rs485", "tcp"] as const) {
		assert.ok(protection.change(port, portField.allowedFailedAttempts, n));
	}
	return protection;
}

/** How long a client is locked out after each failure when it tries again as soon as it may, seconds. */
function delays_s(protection: PortProtection, count: number): number[] {
	let now_ms = 0;
	return Array.from({ length: count }, () => {
		protection.failed(1, "tcp", now_ms);
		let delay_ms = 0;
		while (protection.isLocked(1, "tcp", now_ms + delay_ms)) delay_ms += 1000;
		now_ms += delay_ms;
		return delay_ms / 1000;
	});
}

describe("protection of the ports (SEC-lock)", () => {
	it("delays from the third failure on: 1, 2, 4 … 300 s", () => {
		const store = new MemoryStore();
		const protection = new PortProtection(store, store, { failuresBeforeLock: 3 }, 0);
		assert.deepEqual(delays_s(protection, 14), [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
	});

	it("delays as the parameters of the port say, also after a restart", () => {
		const store = new MemoryStore();
		const changed = create(2, store);
		assert.ok(changed.change("tcp", portField.initialLockout_s, 5));
		assert.ok(changed.change("tcp", portField.steepness, 3));
		assert.ok(changed.change("tcp", portField.longestLockout_s, 100));
		for (const protection of [changed, new PortProtection(store, store, { failuresBeforeLock: 3 }, 0)])
			assert.deepEqual(delays_s(protection, 6), [0, 5, 15, 45, 100, 100]);
		assert.equal(changed.get("optical", portField.initialLockout_s), 1, "another port keeps what it had");
	});

	it("takes no parameter out of range, and keeps what it had when the medium refuses", () => {
		const store = new MemoryStore();
		const protection = create(3, store);
		for (const field of Object.values(portField)) {
			const before = protection.get("rs485", field);
			for (const wrong of [field.least - 1, field.most + 1]) assert.ok(!protection.change("rs485", field, wrong));
			assert.equal(protection.get("rs485", field), before);
		}
		store.write = () => {
			throw new DeviceError("flash", "refused");
		};
		assert.throws(() => protection.change("rs485", portField.mode, protectionMode.locked), DeviceError);
		assert.ok(!protection.isClosed("rs485"));
	});

	it("F126 reports the n-th failure, once in a burst, whatever a port allows", () => {
		const protection = create(3);
		assert.ok(protection.change("tcp", portField.allowedFailedAttempts, 1));
		const reports = Array.from({ length: 9 }, () => protection.failed(1, "tcp", 0));
		assert.deepEqual(reports, [false, false, true, false, false, false, false, false, false]);
	});

	it("concerns only that client on that port", () => {
		const protection = create(1);
		protection.failed(1, "optical", 0);
		assert.ok(protection.isLocked(1, "optical", 999));
		assert.ok(!protection.isLocked(1, "optical", 1000));
		for (const port of ["tcp", "udp", "rs485"] as const) assert.ok(!protection.isLocked(1, port, 0));
		assert.ok(!protection.isLocked(2, "optical", 0));
	});

	it("forgets with a success, and says when that ended a burst", () => {
		const protection = create(2);
		protection.failed(1, "tcp", 0);
		assert.ok(!protection.succeeded(1, "tcp"));
		protection.failed(1, "tcp", 0);
		assert.ok(!protection.isLocked(1, "tcp", 0));
		protection.failed(1, "tcp", 0);
		assert.ok(protection.isLocked(1, "tcp", 0));
		assert.ok(protection.succeeded(1, "tcp"));
		assert.ok(!protection.isLocked(1, "tcp", 0));
	});

	it("F126 reports failures spread over ports and clients, and locks none of them for it", () => {
		const protection = create(3);
		const steps = [
			[1, "tcp", false],
			[1, "optical", false],
			[1, "rs485", true],
			[1, "udp", false],
		] as const;
		for (const [client, port, isReported] of steps) assert.equal(protection.failed(client, port, 0), isReported, port);
		for (const [client, port] of steps) assert.ok(!protection.isLocked(client, port, 0), port);
		const spread = create(3);
		assert.deepEqual(
			[0, 1, 2, 3, unknownClient].map((client) => spread.failed(client, "tcp", 0)),
			[false, false, true, false, false],
		);
		spread.succeeded(0, "tcp");
		spread.succeeded(1, "tcp");
		spread.succeeded(2, "tcp");
		assert.ok(spread.failed(4, "tcp", 0), "three again, of others");
	});

	it("is never permanent", () => {
		const protection = create(1);
		for (let n = 0; n < 100_000; n++) protection.failed(1, "tcp", 0);
		assert.ok(!protection.isLocked(1, "tcp", 300_000));
		const steep = create(1);
		assert.ok(steep.change("tcp", portField.steepness, 255));
		assert.ok(steep.change("tcp", portField.longestLockout_s, portField.longestLockout_s.most));
		for (let n = 0; n < 1000; n++) steep.failed(1, "tcp", 0);
		assert.ok(!steep.isLocked(1, "tcp", 86_400_000));
	});

	it("tells of a port how the worst client is off, the failures of all, and ends the delays when told", () => {
		const protection = create(2);
		for (const client of [1, 1, 4, unknownClient]) protection.failed(client, "optical", 0);
		protection.failed(1, "tcp", 0);
		assert.equal(protection.status("optical", 0), protectionStatus.temporarilyLocked);
		assert.equal(protection.status("optical", 1000), protectionStatus.unlocked);
		assert.equal(protection.failedAttempts("optical"), 4);
		protection.reset("optical");
		assert.equal(protection.status("optical", 0), protectionStatus.unlocked);
		assert.equal(protection.failedAttempts("optical"), 0);
		assert.equal(protection.failedAttempts("tcp"), 1, "another port is not concerned");
		assert.equal(protection.totalFailedAttempts("optical"), 4, "never reset");
	});

	it("locks nobody out in mode unlocked, and everybody in mode locked", () => {
		const protection = create(1);
		assert.ok(protection.change("tcp", portField.mode, protectionMode.unlocked));
		protection.failed(1, "tcp", 0);
		assert.ok(!protection.isLocked(1, "tcp", 0));
		assert.equal(protection.failedAttempts("tcp"), 1, "it counts all the same");
		assert.ok(protection.change("tcp", portField.mode, protectionMode.locked));
		for (const client of [0, 1, unknownClient]) assert.ok(protection.isLocked(client, "udp", 1e12));
		protection.reset("tcp");
		assert.equal(protection.status("tcp", 0), protectionStatus.locked);
		assert.ok(!protection.isClosed("optical"));
	});

	it("keeps the total over a stop, and over a cut but for a few; the first layout is read", () => {
		const store = new MemoryStore();
		const protection = create(3, store);
		for (let n = 0; n < 37; n++) protection.failed(1, "rs485", 0);
		const cut = new PortProtection(store, store, { failuresBeforeLock: 3 }, 0).totalFailedAttempts("rs485");
		assert.ok(cut > 37 - 16 && cut <= 37, String(cut));
		protection.commit();
		assert.equal(new PortProtection(store, store, { failuresBeforeLock: 3 }, 0).totalFailedAttempts("rs485"), 37);
		store.write(recordKey.portFailures, Uint8Array.of(1, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 7));
		const found = new PortProtection(store, store, { failuresBeforeLock: 3 }, 0);
		assert.equal(found.totalFailedAttempts("optical"), 256);
		for (let n = 0; n < 3; n++) found.failed(1, "rs485", 0);
		assert.equal(found.totalFailedAttempts("rs485"), 0xffff_ffff, "does not run over");
		assert.equal(found.totalFailedAttempts("tcp"), 7);
	});

	/** What a meter that starts on the same memory makes of it. */
	const restart = (store: MemoryStore): PortProtection =>
		new PortProtection(store, store, { failuresBeforeLock: 3 }, 0);
	const delayOf_s = (protection: PortProtection, port: "optical" | "tcp" = "tcp"): number => {
		let delay_s = 0;
		while (protection.isLocked(1, port, 1000 * delay_s)) delay_s++;
		return delay_s;
	};

	it("gives no try more and no delay less for a cut of the supply after each of them", () => {
		const store = new MemoryStore();
		const delays = Array.from({ length: 14 }, () => {
			restart(store).failed(1, "tcp", 0);
			return delayOf_s(restart(store));
		});
		assert.deepEqual(delays, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
		assert.equal(delayOf_s(restart(store), "optical"), 0, "another port is not concerned");
		const found = restart(store);
		assert.equal(found.failedAttempts("tcp"), 12, "no more than the longest delay asks for");
		assert.ok(found.succeeded(1, "tcp"));
		assert.equal(delayOf_s(restart(store)), 0, "nor is there a delay after a success");
	});

	it("SEC-wear: writes as often as a delay grows, whatever is tried, and hardly anything for failures that end well", () => {
		class CountingStore extends MemoryStore {
			writes = 0;
			override write(key: number, bytes: Uint8Array, length?: number): void {
				if (key === recordKey.portBursts) this.writes++;
				super.write(key, bytes, length);
			}
		}
		const store = new CountingStore();
		const protection = restart(store);
		for (let n = 0; n < 5000; n++) protection.failed(1, "tcp", 0);
		assert.equal(store.writes, 3 + 9);
		store.writes = 0;
		for (let n = 0; n < 1000; n++) {
			for (let failure = 0; failure < 2; failure++) protection.failed(4, "tcp", 0);
			protection.succeeded(4, "tcp");
		}
		assert.equal(store.writes, 2);
		assert.ok(protection.change("rs485", portField.mode, protectionMode.unlocked));
		for (let n = 0; n < 5000; n++) protection.failed(1, "rs485", 0);
		assert.equal(store.writes, 2, "where nobody is delayed nothing is kept");
	});

	it("keeps what it has counted over an orderly stop, and reads the first layout", () => {
		const store = new MemoryStore();
		const protection = restart(store);
		for (let n = 0; n < 2; n++) protection.failed(1, "optical", 0);
		protection.succeeded(1, "optical");
		protection.failed(3, "tcp", 0);
		protection.commit();
		const found = restart(store);
		assert.equal(found.failedAttempts("optical"), 0);
		assert.equal(found.failedAttempts("tcp"), 1);
		const bursts = new Uint8Array(28);
		bursts[0] = 1;
		bursts[1 + 3 * 1 + 0] = 5; // management on the optical port
		store.write(recordKey.portBursts, bursts);
		assert.equal(delayOf_s(restart(store), "optical"), 4);
		found.reset("tcp");
		assert.equal(restart(store).failedAttempts("tcp"), 0);
	});

	it("delays all the same when the medium refuses", () => {
		const store = new MemoryStore();
		const protection = restart(store);
		store.write = () => {
			throw new DeviceError("flash", "refused");
		};
		for (let n = 0; n < 4; n++) protection.failed(1, "tcp", 0);
		assert.equal(delayOf_s(protection), 2);
		protection.succeeded(1, "tcp");
		assert.equal(delayOf_s(protection), 0);
	});
});

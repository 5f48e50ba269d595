// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { LockOut, unknownClient } from "../../../src/cosem/security/lock-out.js";

describe("lock-out (SEC-lock)", () => {
	it("delays from the third failure on: 1, 2, 4 … 300 s", () => {
		const lockOut = new LockOut({ failuresBeforeLock: 3 });
		let now_ms = 0;
		const delays: number[] = [];
		const bursts: boolean[] = [];
		for (let n = 0; n < 14; n++) {
			bursts.push(lockOut.failed(1, "tcp", now_ms));
			let delay_ms = 0;
			while (lockOut.isLocked(1, "tcp", now_ms + delay_ms)) delay_ms += 1000;
			delays.push(delay_ms / 1000);
			now_ms += delay_ms;
		}
		assert.deepEqual(delays, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
		assert.deepEqual(bursts.indexOf(true), 2);
		assert.equal(bursts.filter(Boolean).length, 1);
	});

	it("concerns only that client on that port", () => {
		const lockOut = new LockOut({ failuresBeforeLock: 1 });
		lockOut.failed(1, "optical", 0);
		assert.ok(lockOut.isLocked(1, "optical", 999));
		assert.ok(!lockOut.isLocked(1, "optical", 1000));
		for (const port of ["tcp", "udp", "rs485"] as const) assert.ok(!lockOut.isLocked(1, port, 0));
		assert.ok(!lockOut.isLocked(2, "optical", 0));
	});

	it("forgets with a success, and says when that ended a burst", () => {
		const lockOut = new LockOut({ failuresBeforeLock: 2 });
		lockOut.failed(1, "tcp", 0);
		assert.ok(!lockOut.succeeded(1, "tcp"));
		lockOut.failed(1, "tcp", 0);
		assert.ok(!lockOut.isLocked(1, "tcp", 0));
		lockOut.failed(1, "tcp", 0);
		assert.ok(lockOut.isLocked(1, "tcp", 0));
		assert.ok(lockOut.succeeded(1, "tcp"));
		assert.ok(!lockOut.isLocked(1, "tcp", 0));
	});

	it("F126 reports failures spread over ports and clients, and locks none of them for it", () => {
		const lockOut = new LockOut({ failuresBeforeLock: 3 });
		const steps = [
			[1, "tcp", false],
			[1, "optical", false],
			[1, "rs485", true],
			[1, "udp", false],
		] as const;
		for (const [client, port, isReported] of steps) assert.equal(lockOut.failed(client, port, 0), isReported, port);
		for (const [client, port] of steps) assert.ok(!lockOut.isLocked(client, port, 0), port);
		const spread = new LockOut({ failuresBeforeLock: 3 });
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
		const lockOut = new LockOut({ failuresBeforeLock: 1 });
		for (let n = 0; n < 100_000; n++) lockOut.failed(1, "tcp", 0);
		assert.ok(!lockOut.isLocked(1, "tcp", 300_000));
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { generator, mutate } from "../../hosts/xs/src/support/draw.js";
import { fakeMeter } from "./support/fake-application.js";
import { fuzzRequests as requests } from "./support/fuzz-requests.js";
import { fromHex, hex } from "./support/hex.js";
import { TestClient } from "./support/test-client.js";

describe("hostile octets", () => {
	it("never throw before or in an association, and the next client is served (SEC-mem)", () => {
		const next = generator(0x5402);
		const meter = fakeMeter();
		const attacker = new TestClient(meter.server, 16);
		for (let n = 0; n < 6000; n++) {
			if (n % 10 === 5) {
				meter.bench.now_ms += 1_000_000;
				attacker.connect();
			}
			const seed = requests[next(requests.length)]!;
			const apdu =
				next(8) === 0 ? Uint8Array.from({ length: 1 + next(60) }, () => next(256)) : mutate(fromHex(seed), next);
			const before = hex(apdu);
			try {
				attacker.send(apdu);
			} catch (error) {
				assert.fail(`${before}: ${error instanceof Error ? error.stack : error}`);
			}
		}
		assert.deepEqual(meter.messages, []);
		meter.bench.now_ms += 1_000_000;
		const one = new TestClient(meter.server, 1);
		one.counter = 1000;
		assert.equal(one.connect().get(8, "0000010000ff", 4), "c401c1001100");
	});

	it("never throw inside the protection of a genuine client either", () => {
		const next = generator(0x4021);
		const meter = fakeMeter();
		let client = new TestClient(meter.server, 1).connect();
		for (let n = 0; n < 4000; n++) {
			const seed = requests[next(requests.length)]!;
			const plain = mutate(fromHex(seed), next);
			if (plain.length === 0) continue;
			const before = hex(plain);
			// key_transfer could succeed only with the master key; security_activate can only raise
			const answer = client.send(next(20) === 0 ? mutate(client.protect(plain), next) : client.protect(plain));
			if (answer !== "" && !answer.startsWith("d8") && !answer.startsWith("6")) {
				const { plain: response } = client.unprotect(answer);
				assert.match(response, /^(c[457]0[1-5]|da)/, before);
			}
			if (answer.startsWith("d80101")) {
				meter.server.close(client.link);
				meter.bench.now_ms += 1_000_000;
				const { counter } = client;
				client = new TestClient(meter.server, 1);
				client.counter = counter + 1;
				client.connect();
			}
		}
		assert.deepEqual(meter.messages, []);
		assert.equal(client.get(8, "0000010000ff", 4), "c401c1001100");
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { fakeMeter } from "./support/fake-application.js";
import { fromHex, hex, vectorCases } from "./support/hex.js";
import { TestClient } from "./support/test-client.js";

/** xorshift32: the same octets in every run. */
function generator(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % below;
	};
}

const requests = vectorCases("dlms-apdu").map((vector) => vector.hex);
requests.push(
	"c102c100010000600101ff0200000000000102090a",
	"c103c10100000002020506",
	"c104c102000100 00600101ff02 00 0008 0000010000ff 03 00 02 0901aa 100011".replaceAll(" ", ""),
	"c105c1010001 0000600101ff02 00 00 00000001 02 0109".replaceAll(" ", ""),
	"c302c100000001",
	"c303c101270f0000606300ff010109 0142".replaceAll(" ", ""),
	"c304c1270f0000606300ff010000000001020982",
	"c306c10100000002020102",
	"c001c1000f0000280000ff0200",
	"c001c1000f0000280000ff0000",
	"e08300010000" + "0d" + "c001c100080000010000ff0400",
	"e04300010000" + "05" + "c101c10001",
	"e00300020001" + "00",
	"d940000001000301270f0000606300ff0201000800000100 00ff0403270f0000606300ff0103000000".replaceAll(" ", ""),
	"d94000000100010400070100630100ff0202020406000000020600000003120001120000" + "0100",
	"c301c100400 0002b0001ff020101010202160009180000".replaceAll(" ", ""),
);

function mutate(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
	const out = [...bytes];
	for (let n = 1 + next(4); n > 0; n--) {
		const at = next(out.length + 1);
		switch (next(5)) {
			case 0:
				out[at % Math.max(out.length, 1)] = next(256);
				break;
			case 1:
				out.splice(at, 1 + next(4));
				break;
			case 2:
				out.splice(at, 0, next(256), next(256));
				break;
			case 3:
				out.length = Math.min(out.length, at + 1);
				break;
			default:
				out[at % Math.max(out.length, 1)] = [0, 1, 2, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff][next(9)]!;
		}
	}
	return Uint8Array.from(out);
}

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

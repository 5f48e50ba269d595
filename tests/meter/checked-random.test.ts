// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { SeededRandom } from "../../hosts/simulator/random.js";
import { CheckedRandom } from "../../src/meter/checked-random.js";

/** Counts what is drawn; from octet `from` on it does what `octet` says. */
function source(octet: (n: number) => number, from = 0): { fill(into: Uint8Array): void; drawn: number } {
	const good = new SeededRandom(1, "checked");
	return {
		drawn: 0,
		fill(into) {
			good.fill(into);
			for (let n = 0; n < into.length; n++) {
				if (this.drawn >= from) into[n] = octet(this.drawn);
				this.drawn++;
			}
		},
	};
}

const refused = { part: "random", code: "health" };

describe("checked random source", () => {
	it("SEC-rng: passes good sources, and gives what they give behind the start-up test", () => {
		for (let seed = 0; seed < 2000; seed++) {
			const random = new CheckedRandom(new SeededRandom(seed, "start"));
			assert.ok(random.isHealthy, String(seed));
		}
		const plain = new SeededRandom(3, "same");
		plain.fill(new Uint8Array(512));
		const expected = new Uint8Array(40);
		plain.fill(expected);
		const given = new Uint8Array(40);
		new CheckedRandom(new SeededRandom(3, "same")).fill(given);
		assert.deepEqual(given, expected);
	});

	it("SEC-rng: fails at the start with one that is stuck, repeats, or prefers an octet", () => {
		const bad: [string, (n: number) => number][] = [
			["zeros", () => 0],
			["ones", () => 255],
			["two octets in turn", (n) => n & 1],
			["seven of each", (n) => Math.floor(n / 7) & 1],
			["a period of 14", (n) => n % 14],
		];
		for (const [what, octet] of bad) {
			const random = new CheckedRandom(source(octet));
			assert.ok(!random.isHealthy, what);
			const into = new Uint8Array(8).fill(9);
			assert.throws(() => random.fill(into), refused, what);
			assert.deepEqual(into, new Uint8Array(8));
		}
	});

	it("SEC-rng: fails when it sticks later, also over the edge of two draws, and stays so", () => {
		const stuck = source(() => 0x5a, 600);
		const random = new CheckedRandom(stuck);
		assert.ok(random.isHealthy);
		const four = new Uint8Array(4);
		for (let n = 512; n < 604; n += 4) random.fill(four);
		assert.throws(() => random.fill(four), refused);
		const drawn = stuck.drawn;
		assert.throws(() => random.fill(four), refused);
		assert.equal(stuck.drawn, drawn);
	});
});

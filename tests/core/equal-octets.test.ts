// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { areEqual, isSecret } from "../../src/core/equal-octets.js";

const octets = fc.uint8Array({ maxLength: 40 });

/** The same octets, and how often one of them is looked at. */
function watched(bytes: Uint8Array): { readonly octets: Uint8Array; readonly reads: () => number } {
	let reads = 0;
	const proxy = new Proxy(bytes, {
		get(target, key) {
			if (typeof key === "string" && /^-?\d+$/.test(key)) reads++;
			return Reflect.get(target, key, target);
		},
	});
	return { octets: proxy, reads: () => reads };
}

describe("comparison of octets", () => {
	it("finds what is equal, and what is not", () => {
		fc.assert(
			fc.property(octets, octets, (a, b) => {
				const isSame = Buffer.from(a).equals(b);
				assert.equal(areEqual(a, b), isSame);
				assert.equal(isSecret(a, b), isSame);
				assert.ok(areEqual(a, a.slice()) && isSecret(a, a.slice()));
				if (a.length > 0) assert.ok(!isSecret(a, a.subarray(1)) && !isSecret(a.subarray(1), a));
			}),
		);
	});

	it("SEC-ct: looks at every octet of both, wherever they differ first, and of what is offered whatever the secret is", () => {
		for (const length of [1, 8, 12, 32]) {
			const right = Uint8Array.from({ length }, (_, n) => n * 7 + 1);
			for (let place = -1; place < length; place++) {
				const other = right.slice();
				if (place >= 0) other[place]! ^= 0x80;
				for (const compare of [areEqual, isSecret]) {
					const [a, b] = [watched(other), watched(right)];
					assert.equal(compare(a.octets, b.octets), place < 0);
					assert.deepEqual([a.reads(), b.reads()], [length, length], `${compare.name} ${place}`);
				}
			}
			for (let secretLength = 0; secretLength < 40; secretLength++) {
				const [a, b] = [watched(right), watched(new Uint8Array(secretLength))];
				assert.equal(isSecret(a.octets, b.octets), false);
				assert.deepEqual([a.reads(), b.reads()], [length, length]);
			}
		}
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { areSame } from "../../src/core/same-octets.js";

describe("core/same-octets", () => {
	it("tells whether a run of octets stands in another array, whatever is around it", () => {
		const octets = fc.uint8Array({ maxLength: 40 });
		fc.assert(
			fc.property(octets, octets, octets, fc.nat(60), (run, before, after, changed) => {
				const whole = Uint8Array.from([...before, ...run, ...after]);
				assert.equal(areSame(run, 0, whole, before.length, run.length), true);
				if (changed >= run.length) return;
				whole[before.length + changed]! ^= 0x10;
				assert.equal(areSame(run, 0, whole, before.length, run.length), false);
				assert.equal(areSame(run, 0, whole, before.length, changed), true);
			}),
		);
	});
});

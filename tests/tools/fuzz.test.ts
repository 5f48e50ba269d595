// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Fuzzer } from "../support/fuzz/fuzz.js";

describe("npm run fuzz", () => {
	it("G9 F163: finds nothing in 3000 messages, and the meter still answers", () => {
		const { failures, slowest_ms, kinds, unknown } = new Fuzzer(7).run(3000);
		assert.deepEqual(failures, []);
		assert.ok(slowest_ms > 0);
		assert.ok(unknown < 0.1, `${unknown} of the messages end at their tag`);
		for (const kind of [
			"wrapper: get-response 1",
			"ciphered: set-response 1",
			"ciphered: action-response 1",
			"ciphered: access-response",
			"wrapper: AARE",
			"programming: begun",
			"programming: acknowledged",
			"programming: data set",
			"programming: error",
			"programming: not acknowledged",
			"programming without password: error",
			"programming without password: over",
		])
			assert.ok(kinds.has(kind), kind);
		// under agreed keys, with signatures that are right
		const names = [...kinds.keys()];
		for (const kind of [/^genuine, suite [12]: get-response 1/, /^genuine, suite [12]: set-response 1/])
			assert.ok(
				names.some((name) => kind.test(name)),
				String(kind),
			);
	});
});

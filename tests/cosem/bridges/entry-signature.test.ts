// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Application } from "../../../src/cosem/application.js";
import { canSign, longestSignature, type SigningPorts } from "../../../src/cosem/bridges/entry-signature.js";
import { clockTime } from "../../../src/cosem/classes/profile-generic.js";
import { parseLogicalName } from "../../../src/cosem/logical-name.js";

const signature = { classId: 1, logicalName: parseLogicalName("0-0:96.16.0.255"), attributeIndex: 2, dataIndex: 0 };
const ports = {} as SigningPorts;

function applicationOf(size: "board" | "desktop", suite: number): Application {
	return { size, security: { setup: () => ({ suite }) } } as unknown as Application;
}

describe("signature of a profile entry", () => {
	it("has 64 octets in suite 1 and 96 in suite 2; a board and suite 0 have none", () => {
		assert.deepEqual(
			[0, 1, 2].map((suite) => longestSignature(applicationOf("desktop", suite))),
			[-1, 66, 98],
		);
		assert.equal(longestSignature(applicationOf("board", 1)), -1);
	});

	it("is refused where there is none, and other columns are not", () => {
		for (const application of [applicationOf("board", 1), applicationOf("desktop", 0)]) {
			assert.equal(canSign([clockTime, signature], application, ports), false);
			assert.equal(canSign([clockTime], application, ports), true);
		}
		assert.equal(canSign([clockTime, signature, clockTime], applicationOf("desktop", 1), ports), false);
	});
});

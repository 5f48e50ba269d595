// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { access, isVisible, mayInvoke, mayRead, mayWrite } from "../../src/cosem/access.js";
import { clientIndex } from "../../src/cosem/model.js";

const { public: publicClient, management, reader, consumer } = clientIndex;

describe("access tables", () => {
	const table = access({ public: "R2", management: "R*;W2,3;A1", consumer: "A2" });

	it("grants what the text says and nothing else (SEC-rights)", () => {
		assert.ok(mayRead(table, publicClient, 2));
		assert.ok(!mayRead(table, publicClient, 3));
		assert.ok(!mayWrite(table, publicClient, 2));
		for (let id = 1; id <= 30; id++) assert.ok(mayRead(table, management, id));
		assert.deepEqual(
			[1, 2, 3, 4].filter((id) => mayWrite(table, management, id)),
			[2, 3],
		);
		assert.deepEqual(
			[1, 2].filter((id) => mayInvoke(table, management, id)),
			[1],
		);
		for (const id of [-128, -1, 0, 31, 32, 33, 34, 127]) {
			assert.ok(
				!mayRead(table, management, id) && !mayWrite(table, management, id) && !mayInvoke(table, management, id),
			);
		}
	});

	it("shows the logical name with any readable attribute, and lets nobody write it", () => {
		assert.ok(mayRead(table, publicClient, 1));
		assert.ok(!mayRead(table, consumer, 1));
		assert.ok(!mayWrite(access({ management: "W*" }), management, 1));
	});

	it("hides the object from a client without rights", () => {
		assert.ok(isVisible(table, publicClient));
		assert.ok(isVisible(table, consumer));
		assert.ok(!isVisible(table, reader));
	});

	it("makes one object of equal tables", () => {
		assert.equal(access({ consumer: "A2", public: "R2", management: "A1;W3,2;R*" }), table);
		assert.ok(Object.isFrozen(table));
	});

	it("refuses text outside the grammar", () => {
		for (const text of ["r2", "R", "R2,", "R0", "R31", "X1", "R*2", "R2;", "R 2", "R2;;W2"]) {
			assert.throws(() => access({ public: text }), RangeError, text);
		}
	});
});

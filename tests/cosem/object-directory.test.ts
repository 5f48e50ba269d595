// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { access } from "../../src/cosem/access.js";
import { parseLogicalName } from "../../src/cosem/logical-name.js";
import { clientIndex, defineClass } from "../../src/cosem/model.js";
import { object } from "../../src/cosem/object.js";
import { indexObjects, ObjectDirectory } from "../../src/cosem/object-directory.js";
import { optionBit, sm402d, st402c, st402d } from "../../src/models/model.js";

const thing = defineClass<number>({ classId: 1, version: 0, attributes: [], methods: [] });
const all = access({ public: "R*", management: "R*" });
const some = access({ management: "R*" });

const rows = [
	object(thing, "1-0:1.8.0.255", all, 0),
	object(thing, "1-0:2.8.0.255", some, 1, { models: st402d.bit | st402c.bit }),
	object(thing, "1-0:3.8.0.255", some, 2, { options: optionBit.mbus | optionBit.pq }),
	object(thing, "1-0:4.8.0.255", all, 3, { models: st402c.bit }),
	object(thing, "1-0:4.8.0.255", all, 4, { models: sm402d.bit }),
];
const index = indexObjects([rows.slice(0, 2), rows.slice(2)]);

function specOf(directory: ObjectDirectory, name: string): unknown {
	return directory.find(parseLogicalName(name))?.spec;
}

describe("object directory", () => {
	it("has the rows of its model", () => {
		const three = new ObjectDirectory(index, st402d, optionBit.base);
		assert.equal(specOf(three, "1-0:1.8.0.255"), 0);
		assert.equal(specOf(three, "1-0:2.8.0.255"), 1);
		assert.equal(specOf(three, "1-0:4.8.0.255"), undefined);
		const one = new ObjectDirectory(index, sm402d);
		assert.equal(specOf(one, "1-0:2.8.0.255"), undefined);
		assert.equal(specOf(one, "1-0:4.8.0.255"), 4);
		assert.equal(specOf(new ObjectDirectory(index, st402c), "1-0:4.8.0.255"), 3);
		assert.equal(specOf(one, "1-0:9.8.0.255"), undefined);
	});

	it("has the rows of any of its options", () => {
		assert.equal(specOf(new ObjectDirectory(index, st402d, optionBit.base), "1-0:3.8.0.255"), undefined);
		for (const option of [optionBit.mbus, optionBit.pq]) {
			assert.equal(specOf(new ObjectDirectory(index, st402d, optionBit.base | option), "1-0:3.8.0.255"), 2);
		}
	});

	it("runs over what a client sees, in table order", () => {
		const directory = new ObjectDirectory(index, st402d, optionBit.base);
		const seen: unknown[] = [];
		for (
			let n = directory.nextVisible(0, clientIndex.management);
			n >= 0;
			n = directory.nextVisible(n + 1, clientIndex.management)
		) {
			seen.push(directory.at(n)!.spec);
		}
		assert.deepEqual(seen, [0, 1]);
		assert.equal(directory.countVisible(clientIndex.management), 2);
		assert.equal(directory.countVisible(clientIndex.public), 1);
		assert.equal(directory.countVisible(clientIndex.reader), 0);
		assert.equal(directory.size, rows.length);
		assert.equal(directory.at(2), undefined);
	});

	it("refuses two rows that could be present under one name", () => {
		assert.throws(() => indexObjects([[rows[0]!, rows[0]!]]), RangeError);
		assert.throws(() => indexObjects([[rows[3]!, rows[4]!, object(thing, "1-0:4.8.0.255", all, 9)]]), RangeError);
	});
});

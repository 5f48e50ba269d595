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

	it("is without what is switched off, by options and by name, and counts what is left for each client", () => {
		const features = [
			object(thing, "1-0:1.8.0.255", all, 0),
			object(thing, "1-0:2.8.0.255", all, 1, { options: optionBit.pq }),
			object(thing, "1-0:3.8.0.255", some, 2, { options: optionBit.pq }),
			object(thing, "1-0:4.8.0.255", some, 3, { options: optionBit.disconnector | optionBit.limiter }),
			object(thing, "1-0:5.8.0.255", all, 4, { options: optionBit.io }),
			object(thing, "1-0:6.8.0.255", all, 5, { options: optionBit.mbus }),
		];
		const { base, pq, disconnector, limiter, io } = optionBit;
		const directory = new ObjectDirectory(indexObjects([features]), st402d, base | pq | disconnector | limiter | io);
		const check = (options: number, hidden: readonly string[], left: readonly number[]) => {
			directory.switchOff(options, hidden.map(parseLogicalName));
			for (const [name, client] of Object.entries(clientIndex)) {
				const seen: unknown[] = [];
				let n = directory.nextVisible(0, client);
				for (; n >= 0; n = directory.nextVisible(n + 1, client)) seen.push(directory.at(n)!.spec);
				const rights = name === "management" ? [0, 1, 2, 3, 4] : name === "public" ? [0, 1, 4] : [];
				assert.deepEqual(
					seen,
					rights.filter((spec) => left.includes(spec)),
				);
				assert.equal(directory.countVisible(client), seen.length, name);
			}
			for (const [spec, { logicalName }] of features.entries()) {
				assert.equal(directory.find(logicalName)?.spec, left.includes(spec) ? spec : undefined);
				assert.equal(directory.ordered(logicalName)?.spec, spec < 5 ? spec : undefined);
			}
		};
		check(0, [], [0, 1, 2, 3, 4]);
		const { options: before, hidden: none } = directory;
		check(pq, [], [0, 3, 4]);
		check(disconnector, [], [0, 1, 2, 3, 4]);
		check(disconnector | limiter, [], [0, 1, 2, 4]);
		check(pq | io, ["1-0:5.8.0.255", "1-0:4.8.0.255"], [0]);
		check(0, ["1-0:3.8.0.255", "1-0:3.8.0.255"], [0, 1, 3, 4]);
		assert.equal(directory.nextVisible(2, clientIndex.management, before, none), 2, "a list keeps what it began with");
		check(0, [], [0, 1, 2, 3, 4]);
	});

	it("refuses two rows that could be present under one name", () => {
		assert.throws(() => indexObjects([[rows[0]!, rows[0]!]]), RangeError);
		assert.throws(() => indexObjects([[rows[3]!, rows[4]!, object(thing, "1-0:4.8.0.255", all, 9)]]), RangeError);
	});
});

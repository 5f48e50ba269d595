// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { clockTime } from "../../../src/cosem/classes/profile-generic.js";
import { parseLogicalName } from "../../../src/cosem/logical-name.js";
import { defineProfile, type ProfileRow, profileDefinitions } from "../../../src/cosem/objects/profiles.js";
import { sortMethod } from "../../../src/profile/sort-method.js";

const power = { classId: 3, logicalName: parseLogicalName("1-0:1.7.0.255"), attributeIndex: 2, dataIndex: 0 };
const row: ProfileRow = {
	name: "1-0:99.3.0",
	periods: [],
	capturePeriod_s: 0,
	board: 100,
	desktop: 100,
	columns: [power],
};
const place = profileDefinitions.length;

describe("table of profiles", () => {
	it("10.3: those of the object model are in the order of capture, by the clock, and do not mark power-down", () => {
		for (const definition of profileDefinitions) {
			assert.equal(definition.sortMethod, sortMethod.firstInFirstOut);
			assert.deepEqual(definition.sortObject, clockTime);
			assert.equal(definition.markPowerDown, false);
		}
	});

	it("10.3: a row has its sort object, which it captures, where it is sorted, and the clock where it is not", () => {
		for (const method of [1, 2]) {
			const { sortObject } = defineProfile({ ...row, sortMethod: method }, place);
			assert.deepEqual(sortObject, clockTime);
			assert.throws(() => defineProfile({ ...row, sortMethod: method, sortObject: power }, place), RangeError);
		}
		for (const method of [3, 4, 5, 6]) {
			for (const sortObject of [power, clockTime])
				assert.deepEqual(defineProfile({ ...row, sortMethod: method, sortObject }, place).sortObject, sortObject);
			assert.throws(() => defineProfile({ ...row, sortMethod: method }, place), RangeError);
			const scaler = { ...power, attributeIndex: 3 };
			assert.throws(() => defineProfile({ ...row, sortMethod: method, sortObject: scaler }, place), RangeError);
		}
		for (const method of [0, 7, 1.5])
			assert.throws(() => defineProfile({ ...row, sortMethod: method, sortObject: power }, place), RangeError);
	});

	it("10.2: power-down is marked by profiles with intervals only", () => {
		assert.throws(() => defineProfile({ ...row, markPowerDown: true }, place), RangeError);
		const periodic = { ...row, periods: [900], capturePeriod_s: 900, markPowerDown: true };
		assert.equal(defineProfile(periodic, place).markPowerDown, true);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { identityOf } from "../../src/models/identity.js";
import { type ModelDescriptor, optionBit, st402d } from "../../src/models/model.js";

describe("models/identity", () => {
	it("F03 forms logical device name and system title as the IDIS example does", () => {
		const complete: ModelDescriptor = {
			...st402d,
			options: st402d.options | optionBit.disconnector | optionBit.io | optionBit.mbus,
		};
		const identity = identityOf(complete, "SXF", 12_345_678);
		assert.equal(Buffer.from(identity.logicalDeviceName).toString("latin1"), "SXF1030712345678");
		assert.equal(Buffer.from(identity.systemTitle).toString("hex"), "5358466770bc614e");
		assert.equal(Buffer.from(identity.serialNumber).toString("latin1"), "12345678");
	});

	it("refuses a maker or a serial number that does not fit", () => {
		for (const [flag, serial] of [
			["sxf", 1],
			["SX", 1],
			["SXF", -1],
			["SXF", 100_000_000],
			["SXF", 1.5],
		] as const)
			assert.throws(() => identityOf(st402d, flag, serial), RangeError);
	});
});

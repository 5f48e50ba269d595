// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DeviceError } from "../../../src/core/device-error.js";
import { defaultHdlcSetup, type HdlcSetup, numberOf } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { StoredHdlcSetup } from "../../../src/cosem/hdlc/stored-hdlc-setup.js";
import { MemoryStore } from "../../support/stores.js";

const factory = defaultHdlcSetup(40_212_345);

/** Least and greatest value of each attribute of class 23. */
const ranges: Readonly<Record<keyof HdlcSetup, readonly [number, number]>> = {
	commSpeed: [0, 9],
	windowSizeTransmit: [1, 7],
	windowSizeReceive: [1, 7],
	maxInfoFieldLengthTransmit: [32, 2030],
	maxInfoFieldLengthReceive: [32, 2030],
	interOctetTimeout_ms: [20, 6000],
	inactivityTimeout_s: [0, 65_535],
	deviceAddress: [16, 0x3ffd],
};

describe("HDLC setup in memory", () => {
	for (const end of [0, 1] as const) {
		it(`keeps the ${end === 0 ? "least" : "greatest"} value of each parameter over a restart`, () => {
			const store = new MemoryStore();
			const setup = new StoredHdlcSetup(store, 75, factory);
			assert.deepEqual({ ...setup }, factory);
			const wanted: Record<string, number> = {};
			for (const [field, range] of Object.entries(ranges)) {
				wanted[field] = range[end];
				assert.ok(setup.change(field as keyof HdlcSetup, range[end]), field);
			}
			assert.deepEqual({ ...setup }, wanted);
			assert.deepEqual({ ...new StoredHdlcSetup(store, 75, factory) }, wanted);
		});
	}

	it("refuses values beyond, and addresses that mean calling or all stations", () => {
		const setup = new StoredHdlcSetup(new MemoryStore(), 75, factory);
		for (const [field, [least, greatest]] of Object.entries(ranges)) {
			assert.equal(setup.change(field as keyof HdlcSetup, least - 1), false, field);
			assert.equal(setup.change(field as keyof HdlcSetup, greatest + 1), false, field);
		}
		for (const address of [0x7e, 0x7f, 0x3ffe, 0x3fff]) assert.equal(setup.change("deviceAddress", address), false);
		assert.deepEqual({ ...setup }, factory);
	});

	it("is unchanged when the medium refuses", () => {
		const store = new MemoryStore();
		const setup = new StoredHdlcSetup(store, 75, factory);
		store.write = () => {
			throw new DeviceError("flash", "refused");
		};
		assert.throws(() => setup.change("windowSizeReceive", 7), DeviceError);
		assert.deepEqual({ ...setup }, factory);
	});

	it("takes the number out of a serial number of digits", () => {
		assert.equal(numberOf(Uint8Array.from("00123456", (c) => c.charCodeAt(0))), 123_456);
	});
});

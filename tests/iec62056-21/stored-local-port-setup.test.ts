// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DeviceError } from "../../src/core/device-error.js";
import { defaultLocalPortSetup } from "../../src/iec62056-21/local-port-setup.js";
import { portText, StoredLocalPortSetup } from "../../src/iec62056-21/stored-local-port-setup.js";
import { MemoryStore } from "../support/stores.js";

const key = 74;
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

class RefusingStore extends MemoryStore {
	refuses = false;
	override write(record: number, bytes: Uint8Array, length?: number): void {
		if (this.refuses) throw new DeviceError("flash", "refused");
		super.write(record, bytes, length);
	}
}

describe("setup of a local port", () => {
	let store: RefusingStore;
	const open = () => new StoredLocalPortSetup(store, key, defaultLocalPortSetup());
	beforeEach(() => {
		store = new RefusingStore();
	});

	it("is that of the factory until something is written, and then what was written, over a restart", () => {
		const setup = open();
		assert.deepEqual({ ...setup }, defaultLocalPortSetup());
		assert.ok(setup.changeNumber("defaultMode", 1));
		assert.ok(setup.changeNumber("defaultBaud", 5));
		assert.ok(setup.changeNumber("proposedBaud", 9));
		assert.ok(setup.changeNumber("responseTime", 0));
		assert.ok(setup.changeText(portText.deviceAddress, ascii("ABC 0123 xyz")));
		assert.ok(setup.changeText(portText.passwordP2, ascii("secret")));
		const written = {
			defaultMode: 1,
			defaultBaud: 5,
			proposedBaud: 9,
			responseTime: 0,
			deviceAddress: ascii("ABC 0123 xyz"),
		};
		assert.deepEqual({ ...setup }, written);
		assert.deepEqual({ ...open() }, written);
		const record = Buffer.from(store.records.get(key)!).toString("latin1");
		assert.ok(record.includes("secret"), "the password is kept beside what came later");
	});

	it("refuses what is out of range, and keeps what it has", () => {
		const setup = open();
		for (const [field, beyond] of [
			["defaultMode", 3],
			["defaultBaud", 10],
			["proposedBaud", 10],
			["responseTime", 2],
		] as const) {
			assert.equal(setup.changeNumber(field, beyond), false, field);
		}
		for (const text of ["a/b", "a!", "\n", "ä", "x".repeat(33)]) {
			assert.equal(setup.changeText(portText.deviceAddress, ascii(text)), false, text);
		}
		assert.equal(setup.changeText(portText.passwordP1, new Uint8Array(33)), false);
		assert.ok(setup.changeText(portText.passwordP1, new Uint8Array(32).fill(0xff)));
		assert.deepEqual({ ...setup }, defaultLocalPortSetup());
	});

	it("is unchanged when the medium refuses", () => {
		const setup = open();
		store.refuses = true;
		assert.throws(() => setup.changeNumber("defaultBaud", 5), DeviceError);
		assert.deepEqual({ ...setup }, defaultLocalPortSetup());
	});
});

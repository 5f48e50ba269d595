// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { DeviceError } from "../../src/core/device-error.js";
import { SpiFram } from "../../src/drivers/spi-fram.js";
import type { SpiDevice } from "../../src/ports/bus.js";
import { FramJournal } from "../../src/storage/fram-journal.js";
import { recordKey } from "../../src/storage/keys.js";
import { MemoryStore } from "../support/stores.js";

/** A part as the data sheet of the MB85RS64V has it: write enable latch, addresses that roll over, zeros on the line before data. */
class FakeFram implements SpiDevice {
	readonly cells = new Uint8Array(8192);
	#isEnabled = false;

	transfer(frame: Uint8Array): void {
		const [code] = frame;
		if (code === 0x06) {
			this.#isEnabled = true;
			return;
		}
		let address = ((frame[1]! << 8) | frame[2]!) & 0x1fff;
		const isWrite = code === 0x02 && this.#isEnabled;
		for (let n = 0; n < frame.length; n++) {
			const octet = frame[n]!;
			frame[n] = n < 3 || code !== 0x03 ? 0 : this.cells[address]!;
			if (n < 3) continue;
			if (isWrite) this.cells[address] = octet;
			address = (address + 1) & 0x1fff;
		}
		if (code === 0x02) this.#isEnabled = false;
	}
}

describe("drivers/spi-fram", () => {
	it("writes any octets anywhere, and nothing beside them", () => {
		const part = new FakeFram();
		const fram = new SpiFram(part, 8192);
		const twin = new Uint8Array(8192);
		fc.assert(
			fc.property(fc.nat(8191), fc.uint8Array({ minLength: 1, maxLength: 700 }), (address, octets) => {
				const fitting = octets.subarray(0, 8192 - address);
				fram.write(address, octets, fitting.length);
				twin.set(fitting, address);
				assert.deepEqual(part.cells, twin);
				const into = new Uint8Array(fitting.length);
				fram.read(address, into);
				assert.deepEqual(into, new Uint8Array(fitting));
			}),
			{ numRuns: 100 },
		);
	});

	it("refuses what is not on the part", () => {
		const fram = new SpiFram(new FakeFram(), 8192);
		const isRange = (error: unknown): boolean => error instanceof DeviceError && error.code === "range";
		assert.throws(() => fram.write(8191, new Uint8Array(2)), isRange);
		assert.throws(() => fram.read(-1, new Uint8Array(1)), isRange);
		assert.throws(() => new SpiFram(new FakeFram(), 0x1_0001), isRange);
	});

	for (const [name, octet] of [
		["ones", 0xff],
		["zeros", 0],
	] as const) {
		it(`a line on which there is nothing but ${name} makes a meter without FRAM`, () => {
			const store = new MemoryStore();
			let told = 0;
			const journal = FramJournal.open(
				store,
				new SpiFram({ transfer: (frame) => frame.fill(octet) }, 8192),
				new Uint8Array(8),
			);
			FramJournal.begin(journal, { memoryFailed: () => told++ });
			assert.equal(told, 1);
			journal.write(recordKey.registers, Uint8Array.of(1));
			assert.deepEqual(store.records.get(recordKey.registers), Uint8Array.of(1));
		});
	}
});

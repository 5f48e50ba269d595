// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { demandQuantities } from "../../src/metrology/demand/demand-quantities.js";
import {
	type Activation,
	activationGroup,
	maximumMasks,
	RegisterActivation,
} from "../../src/tariff/register-activation.js";
import { MemoryStore } from "../support/stores.js";

const group = activationGroup.demand;
const count = demandQuantities.length;

describe("tariff/register-activation", () => {
	function start() {
		const activation = new RegisterActivation(new MemoryStore());
		const factory = activation.load(group);
		/** Whether it is taken; nothing is kept of what is not. */
		const takes = (wanted: Partial<Activation>, hasOther = wanted.assignment !== undefined): boolean => {
			const before = activation.load(group);
			const isTaken = activation.isSound(group, { ...before, ...wanted }, hasOther);
			if (isTaken) activation.write(group, { ...before, ...wanted });
			assert.deepEqual(activation.load(group), isTaken ? { ...before, ...wanted } : before);
			return isTaken;
		};
		return { activation, factory, takes };
	}

	it("F39: takes back what it has given, and rates are those of the masks before and after", () => {
		const { activation, factory, takes } = start();
		const rates = new Uint8Array(count);
		for (const isWritten of [false, true]) {
			if (isWritten) assert.equal(takes(factory, true), true);
			for (let rate = 1; rate <= 8; rate++) {
				assert.equal(activation.rates(group, Uint8Array.of(0x30 + rate), rates), true);
				assert.deepEqual([...rates], new Array(count).fill(rate));
			}
			assert.equal(activation.rates(group, Uint8Array.of(0x39), rates), false);
		}
	});

	it("refuses a register that is none, or is there twice", () => {
		const { factory, takes } = start();
		const other = (n: number, c: number, rate: number) => {
			const assignment = factory.assignment.slice();
			assignment.set([c, rate], 2 * n);
			return { assignment };
		};
		for (const [c, rate] of [
			[0, 0],
			[0, 1],
			[255, 1],
			[demandQuantities[3]!, 0],
			[demandQuantities[3]!, 9],
			[demandQuantities[3]!, 2],
		] as const)
			assert.equal(takes(other(3, c, rate)), false, `${c} ${rate}`);
		assert.equal(takes(other(3, demandQuantities[3]!, 1)), true);
	});

	it("refuses a mask that has no register of a quantity, two of one, or one that is not assigned", () => {
		const { factory, takes } = start();
		const [first, ...others] = factory.masks;
		const other = (registers: number[], name = first!.name) => ({
			masks: [{ name, registers: Uint8Array.from(registers) }, ...others],
		});
		const good = [...first!.registers];
		const last = factory.assignment.length / 2;
		assert.equal(takes(other(good.slice(1))), false);
		assert.equal(takes(other([...good, last])), false);
		for (const wrong of [0, good[1]!, good[1]! + count, last + 1, 255])
			assert.equal(takes(other([wrong, ...good.slice(1)])), false, `${wrong}`);
		assert.equal(takes(other([good[0]! + count, ...good.slice(1)])), true);
		assert.equal(takes(other(good, Uint8Array.of())), false);
		assert.equal(takes(other(good, others[0]!.name)), false);
		assert.equal(takes(other(good, Uint8Array.of(0x41))), true);
	});

	it("refuses an assignment that leaves a mask without its registers, and more masks than there is room for", () => {
		const { factory, takes } = start();
		assert.equal(takes({ assignment: factory.assignment.subarray(2) }), false);
		const masks = (length: number) =>
			Array.from({ length }, (_, n) => ({ name: Uint8Array.of(0x41 + n), registers: factory.masks[0]!.registers }));
		assert.equal(takes({ masks: masks(maximumMasks + 1) }), false);
		assert.equal(takes({ masks: masks(maximumMasks) }), true);
	});
});

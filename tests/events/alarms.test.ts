// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DeviceError } from "../../src/core/device-error.js";
import { condition } from "../../src/events/event-codes.js";
import { eventLog } from "../../src/events/event-sink.js";
import { optionBit } from "../../src/models/model.js";
import { EventBench } from "./bench.js";

const { standard, fraud, mbus, powerQuality } = eventLog;
const bit = (n: number) => 2 ** n;

function state({ logs: { alarms } }: EventBench) {
	return {
		registers: [1, 2, 3].map((n) => alarms.register(n)),
		descriptors: [1, 2, 3].map((n) => alarms.descriptor(n)),
		error: alarms.error,
	};
}

describe("alarms (F114)", () => {
	it("F114 start with every defined bit of filter 1 open, filters 2 and 3 closed, and nothing set", () => {
		const bench = new EventBench();
		// bits 0, 1, 8..13, 16..31
		assert.deepEqual(
			[1, 2, 3].map((n) => bench.logs.alarms.filter(n)),
			[0xffff_3f03, 0, 0],
		);
		assert.deepEqual(state(bench), { registers: [0, 0, 0], descriptors: [0, 0, 0], error: 0 });
	});

	it("F114 set the bit of an event in its register; the descriptor takes it only through an open filter", () => {
		const bench = new EventBench();
		bench.logs.event(standard, 12); // 1/8
		bench.logs.event(powerQuality, 83); // 2/3
		bench.logs.event(standard, 246); // 3/17
		assert.deepEqual(state(bench), {
			registers: [bit(8), bit(3), bit(17)],
			descriptors: [bit(8), 0, 0],
			error: bit(8),
		});
		bench.logs.alarms.setFilter(2, 0xffff_ffff);
		assert.equal(bench.logs.alarms.descriptor(2), 0, "a filter that opens is no edge");
		bench.logs.event(powerQuality, 83);
		assert.equal(bench.logs.alarms.descriptor(2), 0, "nor is an event whose bit is set already");
		bench.logs.event(powerQuality, 82);
		assert.equal(bench.logs.alarms.descriptor(2), bit(2));
	});

	it("F114 F78 tell each rising bit of a descriptor, also while others are set", () => {
		const bench = new EventBench();
		const raised: number[][] = [];
		bench.logs.alarms.listener = { alarmRaised: (register, bits) => raised.push([register, bits]) };
		bench.logs.event(standard, 12);
		bench.logs.event(standard, 12);
		bench.logs.event(mbus, 132); // 1/31
		bench.logs.event(standard, 48); // 2/13, closed
		bench.logs.clearAlarmRegister(1, 0);
		bench.logs.event(standard, 12); // its descriptor bit was never cleared
		bench.logs.clearAlarmDescriptor(1, 0);
		bench.logs.clearAlarmRegister(1, 0);
		bench.logs.event(standard, 12);
		assert.deepEqual(raised, [
			[1, bit(8)],
			[1, bit(31)],
			[1, bit(8)],
		]);
	});

	it("F114 are cleared by a client as a whole or bit by bit, leaving event 11; a bit that is not set is refused", () => {
		const bench = new EventBench();
		for (const code of [12, 13, 14]) bench.logs.event(standard, code);
		const before = state(bench);
		assert.equal(bench.logs.clearAlarmRegister(1, bit(8) + bit(11)), false);
		assert.equal(bench.logs.clearAlarmRegister(1, 0xffff_ffff), false);
		assert.deepEqual(state(bench), before);
		assert.deepEqual(bench.codes(standard), [12, 13, 14]);
		assert.equal(bench.logs.clearAlarmRegister(1, bit(9)), true);
		assert.equal(bench.logs.alarms.register(1), bit(9));
		assert.equal(bench.logs.clearAlarmRegister(1, 0), true);
		assert.deepEqual(bench.codes(standard), [12, 13, 14, 11, 11]);
		assert.deepEqual(state(bench), { ...before, registers: [0, 0, 0] }, "descriptor and error object are their own");
		assert.equal(bench.logs.clearAlarmDescriptor(1, bit(0)), false);
		assert.equal(bench.logs.clearAlarmDescriptor(1, bit(10)), true);
		assert.equal(bench.logs.alarms.descriptor(1), bit(10));
		assert.equal(bench.codes(standard).length, 5, "a descriptor is cleared without an event");
	});

	it("F114 take back a bit that mirrors a condition when the last of its conditions ends, and no other", () => {
		const bench = new EventBench();
		bench.logs.event(fraud, 42);
		bench.logs.event(fraud, 40);
		bench.logs.event(fraud, 43);
		assert.equal(bench.logs.alarms.register(1), bit(13), "the cover is still open");
		bench.logs.event(fraud, 41);
		assert.equal(bench.logs.alarms.register(1), 0);
		assert.equal(bench.logs.alarms.error, 0);
		assert.equal(bench.logs.alarms.register(3), bit(14), "end of a fraud attempt");
		assert.equal(bench.logs.alarms.descriptor(1), bit(13), "only a client clears a descriptor");
		bench.logs.event(fraud, 46);
		bench.logs.event(fraud, 42);
		bench.logs.event(fraud, 43);
		assert.equal(bench.logs.alarms.register(1), bit(13), "the failed log-in stays");
		bench.logs.event(mbus, 110);
		assert.equal(bench.logs.alarms.register(1), bit(13) + bit(17));
		bench.logs.event(mbus, 111);
		assert.equal(bench.logs.alarms.register(1), bit(13));
		bench.logs.event(standard, 16);
		bench.logs.conditionEnded(condition.measurementFault);
		assert.equal(bench.logs.alarms.register(1), bit(13) + bit(11), "a fault stays until it is read");
		assert.equal(bench.logs.alarms.error, bit(13), "while the error is gone with its cause");
	});

	it("F114 clear of the error object what is over, leaving event 10; a cause that lasts keeps its bit", () => {
		const bench = new EventBench();
		bench.logs.event(standard, 6);
		bench.logs.event(standard, 12);
		bench.logs.event(standard, 231);
		bench.logs.event(standard, 8);
		assert.equal(bench.logs.alarms.error, bit(0) + bit(8) + bit(3) + bit(2));
		assert.equal(bench.logs.clearError(bit(1)), false);
		assert.equal(bench.logs.clearError(bit(8)), true);
		assert.equal(bench.logs.alarms.error, bit(0) + bit(8) + bit(2));
		assert.equal(bench.logs.clearError(0), true);
		assert.equal(bench.logs.alarms.error, bit(0) + bit(2));
		assert.deepEqual(bench.codes(standard), [6, 12, 231, 8, 10, 10]);
		bench.logs.conditionEnded(condition.clockInvalid);
		bench.logs.conditionEnded(condition.batteryLow);
		assert.equal(bench.logs.alarms.error, 0);
		assert.equal(bench.logs.alarms.register(1), bit(8), "clock invalid is mirrored");
	});

	it("F114 G5 survive restarts: registers, descriptors, filters, error object, conditions", () => {
		const bench = new EventBench();
		bench.logs.alarms.setFilter(3, bit(14));
		for (const [log, code] of [
			[fraud, 42],
			[fraud, 50],
			[standard, 6],
			[standard, 48],
			[fraud, 41],
		] as const)
			bench.logs.event(log, code);
		const before = state(bench);
		assert.deepEqual(before.registers, [bit(13) + bit(0), bit(13), bit(14)]);
		bench.restart();
		assert.deepEqual(state(bench), before);
		assert.equal(bench.logs.alarms.filter(3), bit(14));
		assert.equal(bench.logs.alarms.isActive(condition.magneticField), true);
		bench.logs.conditionEnded(condition.clockInvalid);
		bench.restart();
		assert.equal(bench.logs.alarms.register(1), bit(13));
	});

	it("F114 G3 G5 belong to their event and their clearing, whatever write power fails in", () => {
		let cuts = 0;
		for (let cut = 1; cut <= 40; cut++) {
			const bench = new EventBench("2024-06-01T10:00Z", optionBit.base, cut);
			bench.logs.event(standard, 13);
			bench.flash.cutAfter(cut);
			let done = 0;
			try {
				bench.logs.event(standard, 48);
				done++;
				bench.logs.clearAlarmRegister(1, 0);
				done++;
				bench.logs.event(standard, 13);
				done++;
				bench.logs.clearError(0);
				done++;
			} catch (error) {
				if (!bench.flash.isCut) throw error;
				cuts++;
			}
			bench.restart();
			const codes = bench.codes(standard).join();
			const { register, descriptor, error } = {
				register: [1, 2].map((n) => bench.logs.alarms.register(n)),
				descriptor: bench.logs.alarms.descriptor(1),
				error: bench.logs.alarms.error,
			};
			const expected: Record<string, [number[], number]> = {
				"13": [[bit(9), 0], bit(9)],
				"13,48": [[bit(9), bit(13)], bit(9)],
				"13,48,11": [[0, bit(13)], bit(9)],
				"13,48,11,13": [[bit(9), bit(13)], bit(9)],
				"13,48,11,13,10": [[bit(9), bit(13)], 0],
			};
			assert.ok(expected[codes], codes);
			assert.deepEqual([register, error], expected[codes], `cut ${cut}: ${codes}`);
			assert.equal(descriptor, bit(9));
			assert.ok(codes.split(",").length > done);
		}
		assert.ok(cuts > 15, `${cuts}`);
	});

	it("F114 G3 are unchanged when the medium refuses a client's clearing, while an event still shows", () => {
		const bench = new EventBench();
		bench.logs.event(standard, 12);
		const before = state(bench);
		bench.flash.refuses = "everything";
		assert.throws(() => bench.logs.clearAlarmRegister(1, 0), DeviceError);
		assert.throws(() => bench.logs.clearAlarmDescriptor(1, 0), DeviceError);
		assert.throws(() => bench.logs.clearError(0), DeviceError);
		assert.throws(() => bench.logs.alarms.setFilter(1, 0), DeviceError);
		assert.deepEqual(state(bench), before);
		assert.equal(bench.logs.alarms.filter(1), 0xffff_3f03);
		bench.logs.event(standard, 13);
		assert.equal(bench.logs.alarms.register(1), bit(8) + bit(9));
		bench.flash.refuses = "nothing";
		bench.run(120);
		bench.logs.event(standard, 15);
		bench.restart();
		assert.equal(bench.logs.alarms.register(1), bit(8) + bit(9) + bit(12));
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Averages } from "../../../src/metrology/demand/averages.js";
import { DemandMaxima } from "../../../src/metrology/demand/demand-maxima.js";
import { DemandParameters } from "../../../src/metrology/demand/demand-parameters.js";
import { DemandState, restoredDemand } from "../../../src/metrology/demand/demand-state.js";
import { Extremes, extremeIndex } from "../../../src/metrology/demand/extremes.js";
import { createStamp } from "../../../src/metrology/demand/stamp.js";
import { sm402d } from "../../../src/models/model.js";
import { recordKey } from "../../../src/storage/keys.js";
import { BenchClock } from "../../profile/bench.js";
import { MemoryStore } from "../../support/stores.js";
import { BenchEnergies } from "./bench.js";

const winter = { utc_s: 0x2d00_0384, deviation_min: -60, status: 0 };
/** Of `winter`: UTC, deviation, status. */
const stampOctets = "2d000384 ffc4 00";

function hex(text: string): Uint8Array {
	return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
}

function changed(bytes: Uint8Array, at: number, octet: number): Uint8Array {
	const copy = bytes.slice();
	copy[at] = octet;
	return copy;
}

function text(bytes: Uint8Array | undefined): string {
	return Buffer.from(bytes ?? []).toString("hex");
}

/** A period record, version 1: sequence 7, 900 s, window of one; 1234 W last, 3 600 000 codes in the window. */
const period = hex(
	`01 00000007 0384 01 3f50624dd2f1a9fc 2d000384 2d000708 20 ${stampOctets} 01
	 000004d2 00000000 00000000 00000000 00000000 00000000 00000000
	 000dbba0 0000000036ee80 00000000000000 00000000000000 00000000000000 00000000000000 00000000000000 00000000000000`,
);
/** Its running record: power down, whole, 891 s long of which 60 s were measured, 2^52 + 1 codes of A+, 5 of R4. */
const running = hex(
	`01 00000007 80 01 2d000708 000d9878 0000ea60 10000000000001 ${"00000000000000 ".repeat(7)} 00000000000005`,
);

describe("metrology/demand: records", () => {
	it("reads and writes period and running record, version 1", () => {
		const store = new MemoryStore();
		store.write(recordKey.demandPeriod, period);
		store.write(recordKey.demandRunning, running);
		const state = new DemandState(store, 1);
		assert.equal(state.restore(900, 0.001), restoredDemand.restored);
		assert.deepEqual(
			[state.start_s, state.end_s, state.marks, state.isWhole, state.length_ms, state.measured_ms],
			[0x2d00_0384, 0x2d00_0708, 0x80, true, 891_000, 60_000],
		);
		assert.deepEqual([...state.sums], [2 ** 52 + 1, 0, 0, 0, 0, 0, 0, 0, 5]);
		assert.deepEqual([state.last[0], state.lastMarks, state.lastStamp], [1234, 0x20, winter]);
		assert.deepEqual([state.filled, state.windowSum(0), state.windowLength_ms()], [1, 3_600_000, 900_000]);
		state.saveRunning();
		assert.equal(text(store.records.get(recordKey.demandRunning)), text(running));
		state.savePeriod(900, 0.001);
		const next = period.slice();
		next[4] = 8; // the sequence
		assert.equal(text(store.records.get(recordKey.demandPeriod)), text(next));
	});

	it("F31 leaves a running record of another period alone", () => {
		const store = new MemoryStore();
		store.write(recordKey.demandPeriod, period);
		store.write(recordKey.demandRunning, changed(running, 4, 6));
		const state = new DemandState(store, 1);
		assert.equal(state.restore(900, 0.001), restoredDemand.restored);
		assert.deepEqual([state.sums[0], state.measured_ms, state.length_ms], [0, 0, 900_000]);
	});

	it("F31 adds nothing to sums of another period, window or unit, and still shows the last averages", () => {
		for (const [period_s, periods, unit] of [
			[300, 1, 0.001],
			[900, 4, 0.001],
			[900, 1, 0.002],
		] as const) {
			const store = new MemoryStore();
			store.write(recordKey.demandPeriod, period);
			store.write(recordKey.demandRunning, running);
			const state = new DemandState(store, periods);
			assert.equal(state.restore(period_s, unit), restoredDemand.foreign);
			assert.deepEqual([state.last[0], state.filled, state.sums[0]], [1234, 0, 0]);
		}
	});

	it("takes records that are cut short, or of a version to come, for none", () => {
		for (const record of [
			period.slice(0, -1),
			period.slice(0, 8),
			new Uint8Array(1),
			changed(period, 0, 2),
			changed(period, 7, 15),
		]) {
			const store = new MemoryStore();
			store.write(recordKey.demandPeriod, record);
			assert.equal(new DemandState(store, 1).restore(900, 0.001), restoredDemand.empty);
		}
	});

	it("reads and writes maxima, version 1", () => {
		const store = new MemoryStore();
		const record = new Uint8Array(838);
		record[0] = 1;
		// A+ total, A+ rate 1, |A| rate 8; cumulative A+ total and R- rate 8
		record.set(hex(`0000 1770 ${stampOctets}`), 1);
		record.set(hex(`0000 0bb8 ${stampOctets}`), 12);
		record.set(hex(`ffff ffff ${stampOctets}`), 1 + 62 * 11);
		record.set(hex("ffff fff0"), 694);
		record.set(hex("0000 0007"), 834);
		store.write(recordKey.demandMaxima, record);
		const maxima = new DemandMaxima(store);
		assert.deepEqual([maxima.value(0, 0), maxima.value(0, 1), maxima.value(6, 8)], [6000, 3000, 0xffff_ffff]);
		assert.deepEqual(maxima.stamp(6, 8, createStamp()), winter);
		assert.deepEqual([maxima.cumulative(0, 0), maxima.cumulative(3, 8)], [0xffff_fff0, 7]);
		maxima.offer(0, 1, 3001, winter);
		maxima.save();
		record.set(hex("0000 0bb9"), 12);
		assert.equal(text(store.records.get(recordKey.demandMaxima)), text(record));
		maxima.reset(0, 0);
		assert.equal(maxima.cumulative(0, 0), (0xffff_fff0 + 6000) % 2 ** 32, "rolls over");
	});

	it("reads and writes extremes, version 1", () => {
		const store = new MemoryStore();
		const extremes = new Extremes(store);
		const none = "00000000 ffffffff 0000 00 ";
		extremes.takeLeast(extremeIndex.minimumVoltage_mV, 229_000, winter);
		extremes.takeGreatest(extremeIndex.maximumFrequency_mHz, 50_010, winter);
		extremes.save();
		const expected = `01 00037e88 ${stampOctets} ${none.repeat(11)} 0000c35a ${stampOctets}`.replaceAll(" ", "");
		assert.equal(text(store.records.get(recordKey.extremes)), expected);
		const again = new Extremes(store);
		again.takeLeast(extremeIndex.minimumVoltage_mV, 229_001, createStamp());
		assert.equal(again.value(extremeIndex.minimumVoltage_mV), 229_000);
		assert.deepEqual(again.stamp(extremeIndex.minimumVoltage_mV, createStamp()), winter);
	});

	it("reads and writes parameters, version 1", () => {
		const store = new MemoryStore();
		const parameters = new DemandParameters(store);
		assert.equal(parameters.setDemand(1800, 3), true);
		assert.equal(parameters.setAverage(120, 15), true);
		assert.equal(text(store.records.get(recordKey.demandParameters)), "01070803" + "00780f");
		const again = new DemandParameters(store);
		assert.deepEqual(
			[again.demandPeriod_s, again.demandPeriods, again.averagePeriod_s, again.averagePeriods],
			[1800, 3, 120, 15],
		);
		const clock = new BenchClock();
		const averages = new Averages({
			model: sm402d,
			energies: new BenchEnergies(),
			clock,
			parameters: again,
			journal: store,
		});
		assert.deepEqual([averages.sliding.period_s, averages.sliding.periods], [120, 15]);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { WeekStatistics } from "../../src/power-quality/week-statistics.js";

const reference_mV = 230_000;
const monday_s = 2 * 86_400 + 1300 * 604_800;
const limit_permil = 50;

interface Part {
	readonly count: number;
	readonly volts: number;
	readonly isFlagged?: boolean;
	readonly unbalance?: number;
}

function week(parts: readonly Part[], phases = 3): WeekStatistics {
	const statistics = new WeekStatistics(phases);
	let end_s = monday_s;
	for (const { count, volts, isFlagged = false, unbalance = 5 } of parts) {
		for (let n = 0; n < count; n++) {
			end_s += 600;
			const voltage_mV = new Float64Array(phases).fill(reference_mV);
			voltage_mV[0] = volts * 1000;
			statistics.add(voltage_mV, unbalance, isFlagged, reference_mV, end_s);
		}
	}
	return statistics;
}

describe("power-quality/week-statistics", () => {
	for (const [parts, holds] of [
		[
			[
				{ count: 958, volts: 230 },
				{ count: 50, volts: 254 },
			],
			1,
		],
		[
			[
				{ count: 957, volts: 230 },
				{ count: 51, volts: 254 },
			],
			0,
		],
		[
			[
				{ count: 947, volts: 230 },
				{ count: 49, volts: 200 },
				{ count: 12, volts: 100, isFlagged: true },
			],
			1,
		],
		[
			[
				{ count: 946, volts: 230 },
				{ count: 50, volts: 200 },
				{ count: 12, volts: 100, isFlagged: true },
			],
			0,
		],
		[
			[
				{ count: 968, volts: 230 },
				{ count: 40, volts: 200 },
			],
			1,
		],
		[
			[
				{ count: 967, volts: 230 },
				{ count: 41, volts: 253.1 },
			],
			1,
		],
		[
			[
				{ count: 947, volts: 230 },
				{ count: 61, volts: 206.9 },
			],
			0,
		],
	] as const) {
		const text = parts.map(({ count, volts }) => `${count} of ${volts} V`).join(", ");
		it(`F115 95 % of a week with ${text} ${holds === 1 ? "holds" : "fails"}`, () => {
			const statistics = week(parts);
			assert.equal(statistics.values, 1008);
			assert.equal(statistics.voltageVerdict(0, limit_permil), holds);
			assert.equal(statistics.voltageVerdict(1, limit_permil), 1);
		});
	}

	it("F115 4 % of the values outside pass, 6 % fail", () => {
		assert.equal(
			week([
				{ count: 968, volts: 230 },
				{ count: 40, volts: 260 },
			]).voltageVerdict(0, limit_permil),
			1,
		);
		assert.equal(
			week([
				{ count: 947, volts: 230 },
				{ count: 61, volts: 260 },
			]).voltageVerdict(0, limit_permil),
			0,
		);
	});

	it("F115 the limits that always hold: 200 V is inside - 15 %, three values of 190 V are not", () => {
		const inside = week([
			{ count: 968, volts: 230 },
			{ count: 40, volts: 200 },
		]);
		assert.equal(inside.alwaysVerdict(0), 1);
		const outside = week([
			{ count: 1005, volts: 230 },
			{ count: 3, volts: 190 },
		]);
		assert.equal(outside.voltageVerdict(0, limit_permil), 1);
		assert.equal(outside.alwaysVerdict(0), 0);
	});

	it("F116 207.0, 253.0 and 195.5 V are inside their limits", () => {
		const statistics = week([
			{ count: 10, volts: 207 },
			{ count: 10, volts: 253 },
		]);
		assert.equal(statistics.outside(0), 0);
		assert.equal(week([{ count: 1, volts: 195.5 }]).beyond(0), 0);
		assert.equal(week([{ count: 1, volts: 195.4 }]).beyond(0), 1);
	});

	it("F115 without an unflagged value there is no verdict", () => {
		const statistics = week([{ count: 20, volts: 230, isFlagged: true }]);
		assert.equal(statistics.values, 20);
		assert.equal(statistics.unflagged, 0);
		assert.equal(statistics.voltageVerdict(0, limit_permil), -1);
		assert.equal(statistics.alwaysVerdict(0), -1);
		assert.equal(statistics.unbalanceVerdict(limit_permil), -1);
	});

	it("F115 minimum, maximum and mean are exact, quantiles agree with the sorted values to a class of 0.5 %", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 184_000, max: 275_000 }), { minLength: 1, maxLength: 200 }), (values) => {
				const statistics = new WeekStatistics(1);
				values.forEach((value, n) => {
					statistics.add(Float64Array.of(value), -1, false, reference_mV, monday_s + 600 * (n + 1));
				});
				const sorted = [...values].sort((a, b) => a - b);
				assert.equal(statistics.lowest_mV(0), sorted[0]);
				assert.equal(statistics.highest_mV(0), sorted.at(-1));
				assert.equal(statistics.mean_mV(0), Math.round(values.reduce((sum, v) => sum + v, 0) / values.length));
				for (const q_permil of [50, 500, 950]) {
					const exact = (sorted[Math.ceil((sorted.length * q_permil) / 1000) - 1]! * 1000) / reference_mV;
					assert.ok(Math.abs(statistics.voltageQuantile_permil(0, q_permil) - exact) <= 2.5 + 1e-9);
				}
			}),
			{ numRuns: 200 },
		);
	});

	it("F123 unbalance above 2 % for more than 5 % of the values fails", () => {
		const parts = (outside: number) => [
			{ count: 1008 - outside, volts: 230, unbalance: 20 },
			{ count: outside, volts: 230, unbalance: 21 },
		];
		assert.equal(week(parts(50)).unbalanceVerdict(limit_permil), 1);
		assert.equal(week(parts(51)).unbalanceVerdict(limit_permil), 0);
		assert.equal(Math.floor(week(parts(51)).unbalanceQuantile_permil(1000)), 21);
	});

	it("F123 frequency: 49.5 and 50.5 Hz are inside, 47 and 52 Hz are the limits that always hold", () => {
		const statistics = new WeekStatistics(1);
		for (const mHz of [49_500, 50_500, 49_499, 50_501, 47_000, 52_000, 46_999, 52_001]) {
			statistics.addFrequency(mHz, 50_000);
		}
		assert.equal(statistics.frequencyValues, 8);
		assert.equal(statistics.frequencyOutside, 6);
		assert.equal(statistics.frequencyBeyond, 2);
	});

	it("F115 a week is Monday 00:00 to Sunday 24:00", () => {
		const statistics = new WeekStatistics(1);
		assert.equal(statistics.isSameWeek(monday_s), true);
		statistics.add(Float64Array.of(230_000), -1, false, reference_mV, monday_s + 604_800); // ends with the week
		assert.equal(statistics.isSameWeek(monday_s), true);
		assert.equal(statistics.isSameWeek(monday_s + 604_799), true);
		assert.equal(statistics.isSameWeek(monday_s + 604_800), false);
		assert.equal(statistics.isSameWeek(monday_s - 1), false);
	});

	it("F115 F121 THD: 5 % of the values may be over the limit, more may not; invalid ones do not count", () => {
		const statistics = new WeekStatistics(3);
		for (let n = 0; n < 1008; n++) {
			statistics.addThd(0, n < 50 ? 801 : 300, 800);
			statistics.addThd(1, n < 51 ? 900 : 800, 800);
			statistics.addThd(2, n < 500 ? 0 : 250, 800);
		}
		assert.deepEqual(
			[0, 1, 2].map((phase) => statistics.thdVerdict(phase, limit_permil)),
			[1, 0, 1],
		);
		assert.deepEqual(
			[0, 1, 2].map((phase) => statistics.thdOutside(phase)),
			[50, 51, 0],
		);
		assert.deepEqual(
			[0, 1, 2].map((phase) => statistics.highestThd_permyriad(phase)),
			[801, 900, 250],
		);
		assert.ok(Math.abs(statistics.thdQuantile_permyriad(0, 500) - 300) <= 10);
		assert.equal(new WeekStatistics(1).thdVerdict(0, limit_permil), -1);
	});

	it("G5 a record of an earlier release, without THD, goes on with what it knows", () => {
		const statistics = week([{ count: 100, volts: 200 }]);
		statistics.addThd(2, 900, 800);
		const before = new WeekStatistics(3);
		before.addThd(0, 900, 800); // what lies behind the record when it is read
		const length = statistics.bytes.length - 3 * (6 + 2 * 61);
		before.bytes.set(statistics.bytes.subarray(0, length));
		before.bytes[0] = 1;
		assert.equal(before.restored(length), true);
		assert.equal(before.outside(0), 100);
		assert.equal(before.thdVerdict(0, limit_permil), -1);
		assert.equal(before.thdVerdict(2, limit_permil), -1);
		before.addThd(0, 300, 800);
		assert.equal(before.thdVerdict(0, limit_permil), 1);
	});

	it("G5 the record is the state: another one with its bytes goes on", () => {
		const statistics = week([{ count: 100, volts: 200 }]);
		const again = new WeekStatistics(3);
		again.bytes.set(statistics.bytes);
		assert.equal(again.restored(statistics.bytes.length), true);
		assert.equal(again.outside(0), 100);
		assert.equal(again.restored(17), false);
		assert.equal(again.values, 0);
	});
});

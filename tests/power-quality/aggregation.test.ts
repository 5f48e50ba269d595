// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { RapidVoltageChanges } from "../../src/power-quality/rapid-change.js";
import { noUnbalance, unbalance_permil } from "../../src/power-quality/unbalance.js";
import { VoltageAggregation } from "../../src/power-quality/voltage-aggregation.js";

const volts = (...values: number[]): Float64Array => Float64Array.from(values, (value) => value * 1000);

describe("power-quality/voltage-aggregation", () => {
	it("F116 14 basic values of 230 V and one of 200 V are 228.12 V over 150 cycles", () => {
		const aggregation = new VoltageAggregation(1);
		for (let n = 0; n < 14; n++) assert.equal(aggregation.add(volts(230), false), false);
		assert.equal(aggregation.add(volts(200), false), true);
		const expected = Math.round(Math.sqrt((14 * 230_000 ** 2 + 200_000 ** 2) / 15));
		assert.equal(aggregation.threeSeconds.voltage_mV[0], expected);
		assert.equal(Math.round(expected / 10), 22_812);
	});

	it("F116 2997 basic values of 230 V and three flagged ones of 115 V are 229.91 V over ten minutes, flagged", () => {
		const aggregation = new VoltageAggregation(3);
		for (let n = 0; n < 3000; n++) {
			const isDip = n >= 100 && n < 103;
			aggregation.add(isDip ? volts(115, 230, 230) : volts(230, 230, 230), isDip);
		}
		assert.equal(aggregation.endTenMinutes(false), true);
		const { voltage_mV, isFlagged, count } = aggregation.tenMinutes;
		assert.equal(Math.round(voltage_mV[0]! / 10), 22_991);
		assert.equal(voltage_mV[1], 230_000);
		assert.equal(isFlagged, true);
		assert.equal(count, 3000);
	});

	it("F116 an interval with less than its time of values is flagged, an empty one is none", () => {
		const aggregation = new VoltageAggregation(1);
		for (let n = 0; n < 2000; n++) aggregation.add(volts(230), false);
		assert.equal(aggregation.endTenMinutes(false), true);
		assert.equal(aggregation.tenMinutes.isFlagged, true);
		assert.equal(aggregation.endTenMinutes(false), false);
		for (let n = 0; n < 3000; n++) aggregation.add(volts(230), false);
		aggregation.endTenMinutes(false);
		assert.equal(aggregation.tenMinutes.isFlagged, false);
	});

	it("F116 twelve ten-minute values make two hours, flagged when one of them is", () => {
		for (const flagged of [-1, 5]) {
			const aggregation = new VoltageAggregation(1);
			for (let interval = 0; interval < 12; interval++) {
				for (let n = 0; n < 3000; n++) aggregation.add(volts(220 + interval), interval === flagged && n === 9);
				aggregation.endTenMinutes(interval === 11);
			}
			let squares = 0;
			for (let interval = 0; interval < 12; interval++) squares += (220_000 + 1000 * interval) ** 2;
			assert.equal(aggregation.twoHours.voltage_mV[0], Math.round(Math.sqrt(squares / 12)));
			assert.equal(aggregation.twoHours.isFlagged, flagged >= 0);
		}
	});
});

describe("power-quality/unbalance", () => {
	/** U2 / U1 from phasors. */
	function phasors(magnitudes: readonly number[], angles_deg: readonly number[]) {
		const re = magnitudes.map((u, n) => u * Math.cos((angles_deg[n]! * Math.PI) / 180));
		const im = magnitudes.map((u, n) => u * Math.sin((angles_deg[n]! * Math.PI) / 180));
		const line = (a: number, b: number) => Math.hypot(re[a]! - re[b]!, im[a]! - im[b]!);
		const sequence = (sign: number) => {
			let x = 0;
			let y = 0;
			for (let n = 0; n < 3; n++) {
				const turn = (sign * n * 120 * Math.PI) / 180;
				x += re[n]! * Math.cos(turn) - im[n]! * Math.sin(turn);
				y += re[n]! * Math.sin(turn) + im[n]! * Math.cos(turn);
			}
			return Math.hypot(x, y) / 3;
		};
		return { u2: sequence(-1) / sequence(1), lines: [line(0, 1), line(1, 2), line(2, 0)] as const };
	}

	it("F123 line voltages of 400, 396 and 392 V have u2 = 1.17 %", () => {
		assert.equal(unbalance_permil(400_000, 396_000, 392_000), 12);
	});

	it("F123 230, 225 and 235 V at 120 degrees have u2 = 1.255 %, from phasors and from line voltages", () => {
		const { u2, lines } = phasors([230, 225, 235], [0, -120, 120]);
		assert.equal(Math.round(u2 * 100_000), 1255);
		assert.equal(unbalance_permil(lines[0] * 1000, lines[1] * 1000, lines[2] * 1000), 13);
	});

	it("F123 agrees with the phasors to 0.1 % for magnitudes and angles off by a tenth", () => {
		for (let n = 0; n < 300; n++) {
			const off = (k: number) => Math.sin(n * 12.9898 + k * 78.233);
			const magnitudes = [0, 1, 2].map((k) => 230 * (1 + 0.1 * off(k)));
			const angles = [0, -120 + 6 * off(4), 120 + 6 * off(5)];
			const { u2, lines } = phasors(magnitudes, angles);
			const measured = unbalance_permil(lines[0] * 1000, lines[1] * 1000, lines[2] * 1000);
			assert.ok(Math.abs(measured - u2 * 1000) <= 1, `${measured} for ${u2 * 1000}`);
		}
	});

	it("F123 is not known while a line voltage is missing, and 0 for a symmetrical system", () => {
		assert.equal(unbalance_permil(0, 400_000, 400_000), noUnbalance);
		assert.equal(unbalance_permil(400_000, 400_000, 400_000), 0);
	});
});

describe("power-quality/rapid-change", () => {
	const un_mV = 230_000;
	function run(sequence: readonly (readonly [number, number, boolean?])[]): number {
		const changes = new RapidVoltageChanges(1);
		for (const [value, count, isFlagged = false] of sequence) {
			for (let n = 0; n < count; n++) changes.next(volts(value), un_mV, isFlagged);
		}
		return changes.count[0]!;
	}

	it("F123 a step of 5.2 % to a new steady voltage is a rapid change, one of 4.8 % is none", () => {
		assert.equal(
			run([
				[230, 10],
				[218, 10],
			]),
			1,
		);
		assert.equal(
			run([
				[230, 10],
				[219, 10],
			]),
			0,
		);
	});

	it("F123 a change with a dip in it is dropped, and a slow drift is none", () => {
		assert.equal(
			run([
				[230, 10],
				[200, 3, true],
				[216, 10],
			]),
			0,
		);
		const drift = Array.from({ length: 100 }, (_, n) => [230 - 0.2 * n, 1] as const);
		assert.equal(run(drift), 0);
	});

	it("F123 it ends with five values within 2.5 %, and until then it is one", () => {
		assert.equal(
			run([
				[230, 10],
				[217, 2],
				[227, 2],
				[217, 2],
				[227, 2],
			]),
			0,
		);
		assert.equal(
			run([
				[230, 10],
				[217, 2],
				[227, 2],
				[217, 2],
				[227, 6],
			]),
			1,
		);
	});
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import {
	type ApparentMethod,
	EnergyRegisters,
	type Summation,
	unitsWrap,
} from "../../src/metrology/energy-registers.js";
import { createReading, energyIndex } from "../../src/metrology/front-end.js";

/** Units of the three boards: codes per 0.1 Wh = numerator / denominator. */
const units = [
	{ name: "ST402D", phases: 3, numerator: 2_364_840_000_001, denominator: 2 ** 12, fullScale: 165_552_528_000 },
	{ name: "ST402C", phases: 3, numerator: 24_633_750_000_007, denominator: 2 ** 12, fullScale: 165_552_528_000 },
	{ name: "SM402D", phases: 1, numerator: 1_513_190_003, denominator: 2 ** 20, fullScale: 206_900 },
] as const;

type Codes = readonly [p: readonly number[], q: readonly number[], s: readonly number[]];

function make(unit: (typeof units)[number], summation: Summation = "vector", method: ApparentMethod = "rms") {
	return new EnergyRegisters(unit.phases, unit.numerator, unit.denominator, summation, method);
}

function feed(registers: EnergyRegisters, [p, q, s]: Codes): void {
	const reading = createReading();
	for (let phase = 0; phase < p.length; phase++) {
		reading.energy_codes[energyIndex.active + phase] = p[phase]!;
		reading.energy_codes[energyIndex.reactive + phase] = q[phase]!;
		reading.energy_codes[energyIndex.apparent + phase] = s[phase]!;
	}
	registers.add(reading);
}

const single = (p: number, q = 0, s = 0): Codes => [[p], [q], [s]];
const triple = (p: readonly number[]): Codes => [p, [0, 0, 0], [0, 0, 0]];

/** Whole units of an exact sum of codes. */
function wholeUnits(codes: bigint, unit: (typeof units)[number]): number {
	return Number((codes * BigInt(unit.denominator)) / BigInt(unit.numerator));
}

const scopes = [0, 20, 40, 60];

describe("metrology/energy-registers", () => {
	for (const unit of units) {
		it(`${unit.name}: any partition of the same energy gives the same count and remainder`, () => {
			const maximum = Math.floor(unit.fullScale * 1.2);
			const delta = fc.oneof(fc.integer({ min: 1, max: maximum }), fc.integer({ min: 1, max: 100 }));
			fc.assert(
				fc.property(fc.array(delta, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(39)), (deltas, cuts) => {
					const pieces = make(unit);
					for (const d of deltas) feed(pieces, unit.phases === 1 ? single(d) : triple([d, 0, 0]));
					// The same sum in other pieces: some neighbours joined, as a late poll does.
					const joined = make(unit);
					let sum = 0;
					for (let n = 0; n < deltas.length; n++) {
						sum += deltas[n]!;
						if (n < deltas.length - 1 && cuts.includes(n)) continue;
						feed(joined, unit.phases === 1 ? single(sum) : triple([sum, 0, 0]));
						sum = 0;
					}
					assert.deepEqual(joined.counts, pieces.counts);
					assert.deepEqual(joined.remainders, pieces.remainders);
					const exact = deltas.reduce((a, d) => a + BigInt(d), 0n);
					assert.equal(pieces.units(1), wholeUnits(exact, unit));
					const rest = exact * BigInt(unit.denominator) - BigInt(pieces.units(1)) * BigInt(unit.numerator);
					assert.equal(BigInt(pieces.remainders[0]!), rest);
				}),
				{ numRuns: 200 },
			);
		});

		it(`${unit.name}: a poll 90 s late at full scale loses nothing and stays below 2^53`, () => {
			const registers = make(unit);
			const delta = Math.floor(unit.fullScale * 90);
			const codes = unit.phases === 1 ? single(delta, -delta, delta) : triple([delta, delta, delta]);
			feed(registers, codes);
			const total = BigInt(delta) * (unit.phases === 1 ? 1n : 3n);
			assert.equal(registers.units(1), wholeUnits(total, unit));
			assert.ok(2 ** 51 + unit.numerator < Number.MAX_SAFE_INTEGER);
			for (const remainder of registers.remainders) assert.ok(remainder >= 0 && remainder < unit.numerator);
		});
	}

	it("differences of 1 s at full scale stay inside the bounds of the number formats", () => {
		const perPhase = units[0].fullScale;
		assert.ok(perPhase < 2 ** 37.3);
		assert.ok(3 * perPhase < 2 ** 38.9);
		assert.ok(perPhase * 2 ** 12 < 2 ** 49.3);
		assert.ok(3 * perPhase * 2 ** 12 < 2 ** 50.9);
		assert.ok(units[2].fullScale < 207_000 && units[2].fullScale * 2 ** 20 < 2 ** 37.7);
		assert.ok(unitsWrap > 2 ** 32 && unitsWrap < 2 ** 53);
	});

	it("refuses a unit that would leave the integers", () => {
		assert.throws(() => new EnergyRegisters(1, 2 ** 47, 1, "vector", "rms"), RangeError);
		assert.throws(() => new EnergyRegisters(1, 0, 1, "vector", "rms"), RangeError);
		assert.throws(() => new EnergyRegisters(1, 1.5, 1, "vector", "rms"), RangeError);
		assert.throws(() => new EnergyRegisters(1, 1000, 3, "vector", "rms"), RangeError);
	});

	it("F04 F05 sign reversal moves one register only, and neither is ever reduced", () => {
		const registers = make(units[2]);
		const step = 14_431; // 1 Wh
		for (let n = 0; n < 100; n++) feed(registers, single(n % 2 === 0 ? step : -step, 0, step));
		assert.equal(registers.units(1), Math.floor((50 * step * 2 ** 20) / units[2].numerator));
		assert.equal(registers.units(2), registers.units(1));
		assert.equal(registers.units(16), 0);
	});

	it("F05 a phase sum of zero moves neither total in vector mode, and both in arithmetic mode", () => {
		const kilo = 5_773_500_000; // about 1 Wh
		const vector = make(units[0]);
		feed(vector, triple([kilo, -kilo, 0]));
		assert.deepEqual([vector.units(1), vector.units(2), vector.units(21), vector.units(42)], [0, 0, 9, 9]);
		const arithmetic = make(units[0], "arithmetic");
		feed(arithmetic, triple([kilo, -kilo, 0]));
		assert.deepEqual([arithmetic.units(1), arithmetic.units(2), arithmetic.units(16)], [9, 9, 0]);
	});

	it("F12 in arithmetic mode the registers of the phases add up to the totals", () => {
		const signed = fc.integer({ min: -165_552_528_000, max: 165_552_528_000 });
		const vector3 = fc.tuple(signed, signed, signed);
		fc.assert(
			fc.property(fc.array(fc.tuple(vector3, vector3), { minLength: 1, maxLength: 30 }), (intervals) => {
				const registers = make(units[0], "arithmetic");
				for (const [p, q] of intervals) feed(registers, [p, q, p.map((x, n) => Math.abs(x) + Math.abs(q[n]!))]);
				for (const c of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 17, 18, 19, 20]) {
					const phases = registers.units(c + 20) + registers.units(c + 40) + registers.units(c + 60);
					assert.equal(registers.units(c), phases % unitsWrap, `C = ${c}`);
				}
			}),
			{ numRuns: 100 },
		);
	});

	for (const summation of ["vector", "arithmetic"] as const) {
		it(`G15 F06 F07 F08 F10 sums hold at every instant and over roll-over (${summation})`, () => {
			const signed = fc.oneof(fc.integer({ min: -(2 ** 37), max: 2 ** 37 }), fc.constant(0));
			const vector3 = fc.tuple(signed, signed, signed);
			const start = fc.integer({ min: 0, max: 2000 });
			fc.assert(
				fc.property(
					start,
					fc.array(fc.tuple(vector3, vector3), { minLength: 1, maxLength: 30 }),
					(below, intervals) => {
						const registers = make(units[0], summation);
						registers.counts.fill(unitsWrap - 1 - below);
						for (const [p, q] of intervals) {
							feed(registers, [p, q, p.map(Math.abs)]);
							for (const scope of scopes) {
								const u = (c: number) => registers.units(c + scope);
								assert.equal(u(1), (u(17) + u(20)) % unitsWrap);
								assert.equal(u(2), (u(18) + u(19)) % unitsWrap);
								assert.equal(u(15), (u(1) + u(2)) % unitsWrap);
								assert.equal(u(3), (u(5) + u(6)) % unitsWrap);
								assert.equal(u(4), (u(7) + u(8)) % unitsWrap);
								assert.equal((((u(1) - u(2) - u(16)) % unitsWrap) + unitsWrap) % unitsWrap, 0);
								assert.ok(Math.abs(u(16)) <= unitsWrap / 2);
							}
						}
					},
				),
				{ numRuns: 60 },
			);
		});
	}

	it("G13 registers roll over at 2^32 Wh without losing the remainder", () => {
		const registers = make(units[2]);
		registers.counts[0] = unitsWrap - 1;
		registers.remainders[0] = 17;
		feed(registers, single(1444)); // one unit and a bit
		assert.equal(registers.counts[0], 0);
		assert.equal(registers.remainders[0], 17 + 1444 * 2 ** 20 - units[2].numerator);
	});

	it("net energy is the difference folded into the signed range", () => {
		const registers = make(units[2]);
		registers.counts[0] = 5; // A+ has rolled over
		registers.counts[1] = unitsWrap - 10; // A- has not yet
		assert.equal(registers.units(16), 15);
		registers.counts[0] = 0;
		registers.counts[1] = 7;
		assert.equal(registers.units(16), -7);
		assert.equal(registers.units(36), -7);
	});

	it("F08 F10 each quadrant fills its own registers", () => {
		const quadrants = [
			{ p: 1, q: 1, active: 17, reactive: 5, apparent: 9 },
			{ p: -1, q: 1, active: 18, reactive: 6, apparent: 10 },
			{ p: -1, q: -1, active: 19, reactive: 7, apparent: 10 },
			{ p: 1, q: -1, active: 20, reactive: 8, apparent: 9 },
		];
		for (const { p, q, active, reactive, apparent } of quadrants) {
			const registers = make(units[2]);
			feed(registers, single(p * 15_000, q * 30_000, 45_000));
			for (const c of [5, 6, 7, 8, 9, 10, 17, 18, 19, 20]) {
				const expected = c === active ? 10 : c === reactive ? 20 : c === apparent ? 31 : 0;
				assert.equal(registers.units(c), expected, `P ${p} Q ${q} C ${c}`);
			}
		}
	});

	it("F08 F10 a zero difference keeps the direction; at first zero counts as positive", () => {
		const registers = make(units[2]);
		feed(registers, single(0, 15_000));
		assert.equal(registers.units(5), 10);
		feed(registers, single(-15_000, 0));
		assert.equal(registers.units(18), 10, "Q was positive last");
		feed(registers, single(0, 15_000));
		assert.equal(registers.units(6), 10, "P was export last");
		feed(registers, single(0, -15_000));
		assert.equal(registers.units(7), 10);
		feed(registers, single(15_000, 0));
		assert.equal(registers.units(20), 10, "Q was negative last");
		feed(registers, single(0, 0, 15_000));
		assert.equal(registers.units(9), 10, "S follows the last direction of P");
		assert.equal(registers.units(10), 0);
	});

	it("F09 vectorial apparent energy is √(P² + Q²) to one code, whatever the number of intervals", () => {
		const registers = make(units[0], "vector", "vectorial");
		const p = 98_765_432_101;
		const q = -45_678_912_345;
		for (let n = 0; n < 1000; n++)
			feed(registers, [
				[p, 0, 0],
				[q, 0, 0],
				[1, 1, 1],
			]);
		const codes = registers.counts[8]! * units[0].numerator + registers.remainders[8]!;
		const expected = 1000 * Math.hypot(p, q) * units[0].denominator;
		assert.ok(Math.abs(codes / expected - 1) < 1e-12);
	});

	it("an unknown value group C reads 0, and a single-phase meter has no second phase", () => {
		const registers = make(units[2]);
		feed(registers, single(150_000, 0, 150_000));
		assert.equal(registers.units(1), registers.units(21));
		for (const c of [0, -1, 11, 12, 13, 14, 41, 61, 81, 255]) assert.equal(registers.units(c), 0, `C = ${c}`);
	});
});

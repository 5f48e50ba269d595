// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { EnergyRegisters, unitsWrap } from "../../src/metrology/energy-registers.js";
import { Metrology } from "../../src/metrology/metrology.js";
import { RateRegisters, ratedQuantities } from "../../src/metrology/rate-registers.js";
import { st402d } from "../../src/models/model.js";
import { recordKey } from "../../src/storage/keys.js";
import { FakeFrontEnd } from "./fake-front-end.js";
import { FakeRecordStore, PowerCut } from "./fake-record-store.js";

const rates = [1, 2, 3, 4, 5, 6, 7, 8];

class Bench {
	readonly store = new FakeRecordStore();
	frontEnd!: FakeFrontEnd;
	metrology!: Metrology;
	now_ms = 0;

	constructor() {
		this.start();
	}

	start(): void {
		this.frontEnd = new FakeFrontEnd(st402d);
		this.metrology = new Metrology({ model: st402d, frontEnd: this.frontEnd, store: this.store });
		this.metrology.restore();
		this.now_ms = 0;
	}

	/** Some seconds at this power in each phase. */
	run(seconds: number, power_W: number, reactive_var = 0): void {
		for (const phase of [1, 2, 3])
			this.frontEnd.set(phase, power_W * 1000, reactive_var * 1000, Math.abs(power_W) * 1000);
		for (let n = 0; n < seconds; n++) {
			this.now_ms += 1000;
			this.metrology.run(this.now_ms);
		}
	}

	rate(rate: number, at_ms = this.now_ms): void {
		this.metrology.setRates(new Uint8Array(ratedQuantities.length).fill(rate), at_ms);
	}

	sum(c: number): number {
		return rates.reduce((sum, rate) => sum + this.metrology.rate_units(c, rate), 0) % unitsWrap;
	}

	expectSums(): void {
		for (const c of ratedQuantities) assert.equal(this.sum(c), this.metrology.energy_units(c), `C = ${c}`);
	}
}

describe("metrology/rate-registers", () => {
	it("F32 G15: the rates of every quantity add up to its total at every instant, over cuts at any write", () => {
		const step = fc.record({
			seconds: fc.integer({ min: 1, max: 90 }),
			power_W: fc.integer({ min: -20_000, max: 20_000 }),
			reactive_var: fc.integer({ min: -9000, max: 9000 }),
			rate: fc.integer({ min: 1, max: 8 }),
			cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }),
			isAfter: fc.boolean(),
			reads: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
				const bench = new Bench();
				for (const { seconds, power_W, reactive_var, rate, cut, isAfter, reads } of steps) {
					bench.store.writesUntilCut = cut === 0 ? Infinity : cut;
					bench.store.cutAfterWrite = isAfter;
					const shown = rates.map((n) => bench.metrology.rate_units(1, n));
					let isGiven = false;
					try {
						if (reads) {
							bench.metrology.energyGiven();
							isGiven = bench.metrology.commitGiven();
						}
						bench.rate(rate);
						bench.run(seconds, power_W, reactive_var);
					} catch (error) {
						if (!(error instanceof PowerCut)) throw error;
						bench.store.writesUntilCut = Infinity;
						bench.start();
						const restored = rates.map((n) => bench.metrology.rate_units(1, n));
						if (isGiven)
							for (let n = 0; n < 8; n++) assert.ok(Math.floor(restored[n]! / 10) >= Math.floor(shown[n]! / 10));
					}
					bench.store.writesUntilCut = Infinity;
					bench.expectSums();
				}
			}),
			{ numRuns: 150 },
		);
	});

	it("F32: an interval belongs to the rate in force at its start", () => {
		const bench = new Bench();
		bench.run(10, 12_000); // 36 kW: 100 units a second
		bench.rate(2, bench.now_ms); // in the very millisecond in which the next interval begins
		bench.run(1, 12_000);
		assert.deepEqual([bench.metrology.rate_units(1, 1), bench.metrology.rate_units(1, 2)], [1000, 100]);
		bench.rate(3, bench.now_ms + 300);
		bench.run(1, 12_000);
		assert.deepEqual([bench.metrology.rate_units(1, 2), bench.metrology.rate_units(1, 3)], [200, 0]);
		bench.run(1, 12_000);
		assert.deepEqual([bench.metrology.rate_units(1, 2), bench.metrology.rate_units(1, 3)], [200, 100]);
		assert.equal(bench.metrology.rate_units(2, 3), 0);
		assert.equal(bench.metrology.rate_units(16, 3), 0);
	});

	it("G13: goes on over the roll-over of the total", () => {
		const registers = new EnergyRegisters(1, 360_000, 1, "vector", "rms");
		const of = new RateRegisters(registers, new FakeRecordStore());
		registers.counts[0] = unitsWrap - 100;
		of.restore();
		of.change(new Uint8Array(ratedQuantities.length).fill(2));
		registers.counts[0] = 50;
		assert.deepEqual([of.units(1, 1), of.units(1, 2)], [unitsWrap - 100, 150]);
		assert.equal((of.units(1, 1) + of.units(1, 2)) % unitsWrap, registers.units(1));
	});

	it("gives all energy of a meter without rates to rate 1, and so after a damaged record", () => {
		const bench = new Bench();
		bench.run(100, 12_000);
		bench.metrology.commit();
		bench.store.records.delete(recordKey.energyRates);
		bench.start();
		assert.equal(bench.metrology.rate_units(1, 1), bench.metrology.energy_units(1));
		bench.rate(4);
		bench.run(10, 12_000);
		const kept = bench.metrology.rate_units(1, 1);
		bench.metrology.commit();
		bench.start();
		assert.equal(bench.metrology.rate_units(1, 1), kept);
		assert.equal(bench.metrology.rate_units(1, 4), 1000);
		bench.store.records.get(recordKey.energyRates)![3] = 9;
		bench.start();
		assert.equal(bench.metrology.rate_units(1, 1), bench.metrology.energy_units(1));
		bench.expectSums();
	});

	it("reads and writes its record, version 1", () => {
		const bench = new Bench();
		bench.run(10, 12_000);
		bench.rate(2);
		const record = bench.store.records.get(recordKey.energyRates)!;
		assert.equal(record.length, 1 + 11 + 11 * 9 * 5);
		assert.equal(Buffer.from(record.subarray(0, 22)).toString("hex"), `01${"02".repeat(11)}00000003e80000000000`);
		assert.equal(Buffer.from(record.subarray(12 + 440, 12 + 445)).toString("hex"), "00000003e8");
	});

	it("keeps a change which the medium refused, and stores it with the next commit", () => {
		const bench = new Bench();
		bench.run(10, 12_000);
		bench.store.refuses = true;
		bench.rate(2);
		bench.run(10, 12_000);
		bench.metrology.energyGiven();
		assert.equal(bench.metrology.commitGiven(), false);
		bench.store.refuses = false;
		assert.equal(bench.metrology.commitGiven(), true);
		bench.start();
		assert.deepEqual([bench.metrology.rate_units(1, 1), bench.metrology.rate_units(1, 2)], [1000, 1000]);
	});
});

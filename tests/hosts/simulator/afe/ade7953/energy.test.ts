// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { EnergyCounter } from "../../../../../hosts/simulator/afe/ade7953/energy-counter.js";
import { irq, reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import { fullScale_A, fullScale_V, pathGain, Rig } from "./rig.js";

/** Energy counts per second at `power_W`. */
function rate(power_W: number): number {
	return (power_W / (fullScale_V * fullScale_A)) * 206_900 * pathGain(50) ** 2;
}

describe("ADE7953 model, energy accumulation", () => {
	it("makes 206 900 counts of 6992.1875 samples at full scale, exact in integers", () => {
		const counter = new EnergyCounter();
		for (let n = 0; n < 111_875; n++) counter.add(4_862_401, 1); // 16 s
		assert.equal(counter.register, ((206_900 * 16) << 8) >> 8);
		assert.equal(counter.fraction, 0);
	});

	it("does the same as integer division of the sum, wrap included, in any portions", () => {
		const code = fc.integer({ min: -4_862_401, max: 4_862_401 });
		fc.assert(
			fc.property(fc.array(fc.tuple(code, fc.integer({ min: 1, max: 64 })), { maxLength: 200 }), (steps) => {
				const counter = new EnergyCounter();
				let accumulator = 0n;
				let counts = 0n;
				for (const [value, samples] of steps) {
					counter.add(value, samples);
					accumulator += BigInt(value) * BigInt(samples) * 3_310_400n;
					counts += accumulator / 543_981_111_875n;
					accumulator %= 543_981_111_875n;
				}
				assert.equal(counter.register, Number(BigInt.asIntN(24, counts)));
				assert.equal(counter.fraction, Number(accumulator) / 543_981_111_875);
			}),
			{ seed: 48 },
		);
	});

	it("wraps at plus and minus 2^23 and flags half full and overflow", () => {
		const rig = new Rig();
		rig.load(230, 80, 180);
		rig.start();
		rig.read(reg.RSTIRQSTATA);
		const perSecond = rate(-230 * 80);
		let seconds = Math.ceil(2 ** 22 / -perSecond);
		rig.wait(seconds - 2);
		assert.equal(rig.read(reg.IRQSTATA) & (irq.activeHalfFull | irq.activeOverflow), 0);
		rig.wait(3);
		assert.equal(rig.read(reg.RSTIRQSTATA) & (irq.activeHalfFull | irq.activeOverflow), irq.activeHalfFull);
		seconds = Math.ceil(2 ** 23 / -perSecond) + 1;
		const before = rig.signed(reg.AENERGYA);
		rig.wait(seconds - rig.now_s);
		const after = rig.signed(reg.AENERGYA);
		assert.ok(before < 0 && after > 0, "over the edge");
		assert.notEqual(rig.read(reg.IRQSTATA) & irq.activeOverflow, 0);
		assert.notEqual(rig.read(reg.IRQSTATA) & irq.apparentOverflow, 0);
		assert.equal(rig.read(reg.IRQSTATA) & irq.reactiveOverflow, 0);
		const gained = ((after - before) << 8) >> 8;
		assert.ok(gained < 0, "the difference folds");
		assert.notEqual(rig.read(reg.IRQSTATB) & irq.activeOverflow, 0);
	});

	it("clears an energy register on reading while RSTREAD is set, keeping the fraction inside", () => {
		const rig = new Rig();
		rig.load(230, 0.5);
		rig.start();
		rig.write(reg.DISNOLOAD, 7);
		rig.write(reg.LCYCMODE, 0x40);
		rig.signed(reg.AENERGYA);
		let sum = 0;
		const started_s = rig.now_s;
		for (let n = 0; n < 1000; n++) {
			rig.wait(0.01);
			sum += rig.signed(reg.AENERGYA);
			assert.equal(rig.signed(reg.AENERGYA), 0);
		}
		// 4.6 counts each time: without the fraction 0.6 of them would be lost
		assert.ok(Math.abs(sum - rate(115) * (rig.now_s - started_s)) <= 2, String(sum));
	});

	it("holds the result of LINECYC half cycles in line-cycle mode; the first one is short", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start();
		rig.write(reg.LINECYC, 50);
		rig.wait(1.207);
		rig.read(reg.RSTIRQSTATA);
		rig.write(reg.LCYCMODE, 0x01);
		const held = rig.signed(reg.AENERGYA);
		const results: number[] = [];
		for (let n = 0; n < 600; n++) {
			rig.wait(0.005);
			if ((rig.read(reg.RSTIRQSTATA) & irq.cycleEnd) !== 0) results.push(rig.signed(reg.AENERGYA));
			else if (results.length === 0) assert.equal(rig.signed(reg.AENERGYA), held);
		}
		const expected = rate(2300) * 0.5;
		assert.equal(results.length, 6);
		assert.ok(results[0]! < 0.99 * expected, String(results[0]));
		for (const result of results.slice(1)) assert.ok(Math.abs(result - expected) <= 2, `${result} ${expected}`);
		const reactive = rig.signed(reg.APENERGYA);
		rig.wait(0.1);
		assert.ok(rig.signed(reg.APENERGYA) > reactive, "other energies count on");
	});

	it("takes a new LINECYC at the end of the running period", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start();
		rig.write(reg.LINECYC, 100);
		rig.write(reg.LCYCMODE, 0x01);
		rig.wait(1.5);
		rig.write(reg.LINECYC, 20);
		rig.wait(0.6);
		assert.ok(Math.abs(rig.signed(reg.AENERGYA) - rate(2300)) <= 2);
		rig.wait(0.2);
		assert.ok(Math.abs(rig.signed(reg.AENERGYA) - rate(2300) * 0.2) <= 2);
	});

	it("reads 0 after the first read of a line-cycle result while RSTREAD is set, until the next one", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start();
		rig.write(reg.LINECYC, 10);
		rig.write(reg.LCYCMODE, 0x41);
		rig.wait(0.355);
		assert.ok(rig.signed(reg.AENERGYA) > 0);
		assert.equal(rig.signed(reg.AENERGYA), 0);
		rig.wait(0.1);
		assert.ok(rig.signed(reg.AENERGYA) > 0);
	});

	it("takes the power factor from line-cycle energies with PFMODE", () => {
		const rig = new Rig();
		rig.load(230, 10, 60);
		rig.start();
		rig.write(reg.LINECYC, 50);
		rig.write(reg.LCYCMODE, 0x15);
		rig.write(reg.CONFIG, 0x000c);
		rig.wait(2.1);
		assert.ok(Math.abs(rig.signed16(reg.PFA) / 32_768 - 0.5) < 5e-4);
	});

	it("accumulates positive only, absolute, and with the anti-tamper sign, and hides the signs then", () => {
		const rig = new Rig();
		rig.load(230, 10, 150);
		rig.start().wait(1);
		const signs = () => (rig.read(reg.ACCMODE) >> 10) & 0xf;
		assert.equal(signs(), 0b0011);
		const perSecond = rate(2300);
		const gain = () => {
			const [active, reactive] = [rig.signed(reg.AENERGYA), rig.signed(reg.RENERGYA)];
			rig.wait(1);
			return [(rig.signed(reg.AENERGYA) - active) / perSecond, (rig.signed(reg.RENERGYA) - reactive) / perSecond];
		};
		const assertNear = (actual: number[], expected: number[]) => {
			for (let n = 0; n < 2; n++) assert.ok(Math.abs(actual[n]! - expected[n]!) < 2e-3, `${actual} ${expected}`);
		};
		const c = Math.cos(Math.PI / 6);
		assertNear(gain(), [-c, 0.5]);
		rig.write(reg.ACCMODE, 0x11);
		assertNear(gain(), [0, -0.5]);
		assert.equal(signs() & 0b0001, 0);
		rig.write(reg.ACCMODE, 0x22);
		assertNear(gain(), [c, 0.5]);
		assert.equal(signs(), 0b0010, "channel B still shows its own");
	});

	it("collects ampere-hours in the apparent register when asked to, also without voltage", () => {
		const rig = new Rig();
		rig.load(0, fullScale_A / 2 / pathGain(50));
		rig.start();
		rig.write(reg.DISNOLOAD, 7);
		rig.write(reg.ACCMODE, 0x100);
		rig.wait(0.1);
		const counts = rig.counts(reg.APENERGYA, 2);
		assert.ok(Math.abs(counts - 206_900) < 40, String(counts));
		assert.equal(rig.counts(reg.APENERGYB, 2), 0);
	});

	it("latches a change of direction in the status of its channel", () => {
		const rig = new Rig();
		rig.load(230, 10, 30);
		rig.start().wait(1);
		rig.read(reg.RSTIRQSTATA);
		rig.read(reg.RSTIRQSTATB);
		rig.change(230, 10, -30);
		rig.wait(1);
		const bits = irq.activeSign | irq.reactiveSign;
		assert.equal(rig.read(reg.RSTIRQSTATA) & bits, irq.reactiveSign);
		rig.change(230, 10, -150);
		rig.wait(1);
		assert.equal(rig.read(reg.IRQSTATA) & bits, irq.activeSign);
		assert.equal(rig.read(reg.IRQSTATB) & bits, bits);
	});
});

describe("ADE7953 model, no-load", () => {
	function withLevel(level: number): Rig {
		const rig = new Rig();
		rig.load(230, 0);
		rig.start();
		rig.write(reg.DISNOLOAD, 7);
		for (const address of [reg.AP_NOLOAD, reg.VAR_NOLOAD, reg.VA_NOLOAD]) rig.write(address, level);
		rig.write(reg.DISNOLOAD, 0);
		return rig;
	}

	it("stops counting below 2.3 W with level 0xC163 of the reference board, and starts above", () => {
		const level = Math.round(65_536 - (fullScale_V * fullScale_A) / 2.3 / 1.4);
		assert.equal(level, 0xc163);
		const rig = withLevel(level);
		const droop = pathGain(50) ** 2;
		for (const power_W of [2.28, 2.32, -2.28, -2.32]) {
			rig.change(230, Math.abs(power_W) / 230 / droop, power_W < 0 ? 180 : 0);
			rig.wait(2);
			const isNoLoad = Math.abs(power_W) < 2.3;
			assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, isNoLoad ? 1 : 0, `${power_W} W`);
			assert.equal(rig.counts(reg.AENERGYA, 10) === 0, isNoLoad);
		}
	});

	it("decides on the mean of the last second", () => {
		const rig = withLevel(0xc163);
		rig.wait(2);
		rig.change(230, 0.02); // 4.6 W: twice the threshold
		rig.wait(0.48);
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, 1);
		rig.wait(0.04);
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, 0);
		rig.change(230, 0);
		rig.wait(0.48);
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, 0);
		rig.wait(0.04);
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, 1);
	});

	it("has 10 000 : 1 for watt and var after reset", () => {
		const rig = new Rig();
		const threshold_W = (fullScale_V * fullScale_A) / 10_000 / pathGain(50) ** 2;
		for (const share of [0.995, 1.005]) {
			rig.load(230, (threshold_W * share) / 230, 0);
			if (rig.now_s === 0) rig.start();
			rig.wait(2);
			assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, share < 1 ? 1 : 0);
		}
	});

	it("takes a new level over only when the function is switched off and on", () => {
		const rig = withLevel(0xc163);
		rig.change(230, 0.02);
		rig.wait(2);
		rig.write(reg.AP_NOLOAD, 0xf000);
		rig.wait(2);
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, 0);
		rig.write(reg.DISNOLOAD, 1);
		rig.write(reg.DISNOLOAD, 0);
		rig.wait(2);
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, 1);
		rig.write(reg.DISNOLOAD, 1);
		rig.wait(0.1);
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 1, 0);
	});

	it("decides per channel and quantity, and latches the entry in the status", () => {
		const rig = new Rig();
		rig.load(230, 10, 0, 50, 0);
		rig.start().wait(2);
		// a resistive load on A, none on B
		assert.equal((rig.read(reg.ACCMODE) >> 16) & 0x3f, 0b111_100);
		const bits = irq.activeNoLoad | irq.reactiveNoLoad | irq.apparentNoLoad;
		assert.equal(rig.read(reg.RSTIRQSTATB) & bits, bits);
		rig.read(reg.RSTIRQSTATA);
		rig.change(230, 0);
		rig.wait(2);
		assert.equal(rig.read(reg.IRQSTATA) & bits, irq.activeNoLoad | irq.apparentNoLoad);
		assert.equal(rig.read(reg.IRQSTATB) & bits, 0);
	});

	it("keeps REVP and stops CF while there is no load", () => {
		const rig = new Rig();
		rig.load(230, 10, 180);
		rig.start();
		rig.write(reg.CFMODE, 0x0010);
		rig.writeDivider(reg.CF1DEN, 1000);
		rig.wait(3);
		assert.equal(rig.model.revp.read(), 0);
		rig.change(230, 0, 0);
		rig.wait(2);
		const { count } = rig.model.cf1;
		rig.wait(100);
		assert.equal(rig.model.cf1.count, count);
		assert.equal(rig.model.cf1.read(), 1);
		assert.equal(rig.model.revp.read(), 0);
	});
});

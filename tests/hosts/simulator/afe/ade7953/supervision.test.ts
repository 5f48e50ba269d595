// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { irq, reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import { fullScale_A, fullScale_V, pathGain, Rig } from "./rig.js";

const crestOf = (voltage_V: number) => Math.round((voltage_V / fullScale_V) * 6_500_000 * pathGain(50));

/** Clears both status registers and returns group A as it was. */
function takeStatus(rig: Rig): number {
	rig.read(reg.RSTIRQSTATB);
	return rig.read(reg.RSTIRQSTATA);
}

for (const gear of ["phasor", "waveform"] as const) {
	describe(`ADE7953 model, supervision in ${gear} gear`, () => {
		it("latches a sag after SAGCYC half cycles below SAGLVL, once, and shows it on a pin", () => {
			const rig = new Rig({ gear });
			rig.load(230, 1);
			rig.start();
			rig.write(reg.SAGCYC, 3);
			rig.write(reg.SAGLVL, crestOf(207));
			rig.write(reg.ALT_OUTPUT, 0x001);
			rig.wait(0.5);
			assert.equal(takeStatus(rig) & irq.sag, 0);
			rig.change(180, 1);
			rig.wait(0.0199);
			assert.equal(rig.read(reg.IRQSTATA) & irq.sag, 0);
			assert.equal(rig.model.zx.read(), 1);
			rig.wait(0.03);
			assert.notEqual(takeStatus(rig) & irq.sag, 0);
			assert.equal(rig.model.zx.read(), 0);
			rig.wait(1);
			assert.equal(takeStatus(rig) & irq.sag, 0, "no second time while it lasts");
			rig.change(230, 1);
			rig.wait(0.05);
			assert.equal(rig.model.zx.read(), 1);
			rig.change(0, 1);
			rig.wait(0.06);
			assert.notEqual(takeStatus(rig) & irq.sag, 0);
		});

		it("is blind to sags with SAGLVL or SAGCYC 0", () => {
			for (const [cycles, level] of [
				[0, crestOf(207)],
				[3, 0],
			] as const) {
				const rig = new Rig({ gear });
				rig.start();
				rig.write(reg.SAGCYC, cycles);
				rig.write(reg.SAGLVL, level);
				rig.wait(0.3);
				assert.equal(takeStatus(rig) & irq.sag, 0);
			}
		});

		it("latches overvoltage and overcurrent of each channel from instantaneous values", () => {
			const rig = new Rig({ gear });
			rig.load(230, 10, 0, 50, 30);
			rig.start();
			rig.wait(2);
			rig.write(reg.OVLVL, crestOf(276));
			rig.write(reg.OILVL, Math.round((20 / fullScale_A) * 6_500_000));
			takeStatus(rig);
			rig.wait(0.1);
			assert.equal(rig.read(reg.IRQSTATA) & (irq.ov | irq.oi), 0);
			assert.equal(rig.read(reg.IRQSTATB) & irq.oi, irq.oi);
			rig.change(280, 25);
			rig.wait(0.1);
			assert.equal(rig.read(reg.IRQSTATA) & (irq.ov | irq.oi), irq.ov | irq.oi);
		});

		it("holds peaks until they are read with reset", () => {
			const rig = new Rig({ gear });
			rig.load(230, 10, 0, 50, 5);
			rig.start();
			rig.wait(4);
			const near = (address: number, share: number) => {
				const expected = share * 6_500_000 * pathGain(50);
				assert.ok(Math.abs(rig.read(address) / expected - 1) < 2e-3, `${rig.read(address)} ${expected}`);
			};
			rig.read(reg.RSTVPEAK);
			rig.read(reg.RSTIAPEAK);
			rig.read(reg.RSTIBPEAK);
			for (const address of [reg.VPEAK, reg.IAPEAK, reg.IBPEAK]) assert.equal(rig.read(address), 0);
			rig.wait(0.1);
			near(reg.VPEAK, 230 / fullScale_V);
			near(reg.IAPEAK, 10 / fullScale_A);
			near(reg.IBPEAK, 5 / fullScale_A);
			rig.change(115, 10);
			rig.wait(0.5);
			near(reg.VPEAK, 230 / fullScale_V);
			assert.ok(rig.read(reg.RSTVPEAK) > crestOf(229));
			rig.wait(0.1);
			near(reg.VPEAK, 115 / fullScale_V);
		});

		it("times out a channel without zero crossings, once, after ZXTOUT / 14 kHz", () => {
			const rig = new Rig({ gear });
			rig.load(230, 10, 0, 50, 0);
			rig.start();
			rig.write(reg.ZXTOUT, 1400);
			rig.wait(0.5);
			assert.equal(rig.read(reg.IRQSTATB) & irq.zxTimeoutI, irq.zxTimeoutI);
			takeStatus(rig);
			rig.wait(0.3);
			assert.equal(takeStatus(rig) & (irq.zxTimeoutV | irq.zxTimeoutI), 0);
			rig.change(0, 10);
			rig.wait(0.085);
			assert.equal(rig.read(reg.IRQSTATA) & irq.zxTimeoutV, 0);
			rig.wait(0.03);
			assert.equal(takeStatus(rig) & (irq.zxTimeoutV | irq.zxTimeoutI), irq.zxTimeoutV);
			rig.wait(1);
			assert.equal(takeStatus(rig) & irq.zxTimeoutV, 0);
		});

		it("raises ZX, 2.2 ms late, high between a rising and a falling crossing", () => {
			const rig = new Rig({ gear });
			rig.load(230, 10, 90);
			rig.start();
			rig.wait(1);
			const level = () => [rig.model.zx.read(), rig.model.zxI.read()];
			const rises: number[][] = [[], []];
			let last = level();
			let crossing_s = 0; // of the voltage itself
			let voltage = rig.signed(reg.V);
			for (let n = 0; n < 8000; n++) {
				rig.wait(1e-5);
				const present = level();
				for (let c = 0; c < 2; c++) if (present[c]! > last[c]!) rises[c]!.push(rig.now_s);
				const v = rig.signed(reg.V);
				if (voltage < 0 && v >= 0) crossing_s = rig.now_s;
				voltage = v;
				last = present;
			}
			assert.ok(rises[0]!.length >= 3);
			assert.ok(Math.abs(rises[0]!.at(-1)! - rises[0]!.at(-2)! - 0.02) < 2e-4);
			const late_s = (((rises[1]!.at(-1)! - rises[0]!.at(-1)!) % 0.02) + 0.02) % 0.02;
			assert.ok(Math.abs(late_s - 0.005) < 2e-4, "the current lags by 90 degrees");
			if (gear === "phasor") {
				const delay_s = (((rises[0]!.at(-1)! - crossing_s) % 0.02) + 0.02) % 0.02;
				assert.ok(Math.abs(delay_s - 0.0022) < 1e-4, String(delay_s));
			} else {
				// true crossings are at (n + ¾) / 50 s: the source is a cosine
				const delay_s = ((((rises[0]!.at(-1)! - 0.015) % 0.02) + 0.02) % 0.02) - 0.0022;
				assert.ok(Math.abs(delay_s) < 2e-4, String(delay_s));
			}
		});

		it("latches zero crossings of the edges that ZX_EDGE selects", () => {
			const rig = new Rig({ gear });
			rig.load(230, 10);
			rig.start();
			rig.wait(1);
			const bits = irq.zxV | irq.zxI;
			const count = (edge: number) => {
				rig.write(reg.CONFIG, 0x0004 | (edge << 12));
				rig.wait(0.1);
				takeStatus(rig);
				let crossings = 0;
				for (let n = 0; n < 100; n++) {
					rig.wait(0.002);
					if ((takeStatus(rig) & bits) === bits) crossings++;
				}
				return crossings;
			};
			assert.deepEqual([0, 1, 2, 3].map(count), [20, 10, 10, 20]);
			assert.notEqual(rig.read(reg.IRQSTATB) & irq.zxI, irq.zxI);
		});

		it("latches the end of each waveform sample and line-cycle period only where there was one", () => {
			const rig = new Rig({ gear });
			rig.load(230, 10);
			rig.start();
			rig.wait(0.5);
			assert.equal(takeStatus(rig) & (irq.waveformSample | irq.cycleEnd), irq.waveformSample);
			assert.equal(takeStatus(rig) & irq.waveformSample, 0);
		});
	});
}

describe("ADE7953 model, interrupts and pins", () => {
	it("drives IRQ for enabled bits of group A only, and an alternative pin for group B", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start().wait(1);
		rig.change(230, 0);
		rig.write(reg.ALT_OUTPUT, 0xa00);
		rig.wait(2);
		assert.notEqual(rig.read(reg.IRQSTATA) & irq.activeNoLoad, 0, "latched although not enabled");
		assert.equal(rig.model.irq.read(), 1);
		assert.equal(rig.model.revp.read(), 1);
		rig.write(reg.IRQENB, irq.activeNoLoad);
		assert.equal(rig.model.irq.read(), 1);
		assert.equal(rig.model.revp.read(), 0);
		rig.write(reg.IRQENA, irq.activeNoLoad);
		assert.equal(rig.model.irq.read(), 0);
		rig.read(reg.RSTIRQSTATA);
		assert.equal(rig.model.irq.read(), 1);
		assert.equal(rig.model.revp.read(), 0);
		rig.read(reg.RSTIRQSTATB);
		assert.equal(rig.model.revp.read(), 1);
	});

	it("puts no-load flags and other pins' functions on its pins by ALT_OUTPUT", () => {
		const rig = new Rig();
		rig.load(230, 10, 0, 50, 0);
		rig.start().wait(2);
		rig.write(reg.ALT_OUTPUT, 0x765);
		// no load: not W of A, W of B, VAR of A (a resistive load)
		assert.deepEqual([rig.model.zx.read(), rig.model.zxI.read(), rig.model.revp.read()], [0, 1, 1]);
		rig.write(reg.ALT_OUTPUT, 0x008);
		assert.equal(rig.model.zx.read(), 1);
		rig.load(230, 10, 90);
		rig.wait(1);
		rig.write(reg.ALT_OUTPUT, 0);
		let differing = 0;
		for (let n = 0; n < 40; n++) {
			rig.wait(0.0011);
			rig.write(reg.ALT_OUTPUT, 0);
			const [zx, zxI] = [rig.model.zx.read(), rig.model.zxI.read()];
			rig.write(reg.ALT_OUTPUT, 0xcbb);
			assert.deepEqual([rig.model.zx.read(), rig.model.zxI.read(), rig.model.revp.read()], [zxI, zx, zxI]);
			if (zx !== zxI) differing++;
		}
		assert.ok(differing > 10);
	});

	it("takes ZX_I from channel B by CONFIG bit 11", () => {
		const rig = new Rig();
		rig.load(230, 10, 0, 50, 0);
		rig.start().wait(1);
		rig.write(reg.CONFIG, 0x0804);
		for (let n = 0; n < 20; n++) {
			rig.wait(0.001);
			assert.equal(rig.model.zxI.read(), 0);
		}
	});

	it("pulls REVP low with the first pulse in reverse direction, for the quantity of the chosen CF", () => {
		const rig = new Rig();
		rig.load(230, 10, 30);
		rig.start();
		rig.write(reg.CFMODE, 0x0010);
		rig.writeDivider(reg.CF1DEN, 9206); // about one pulse per 1.15 s
		rig.writeDivider(reg.CF2DEN, 100);
		rig.wait(3);
		assert.equal(rig.model.revp.read(), 1);
		rig.change(230, 10, 210);
		const { count } = rig.model.cf1;
		rig.wait(0.05);
		assert.equal(rig.model.cf1.count, count);
		assert.equal(rig.model.revp.read(), 1, "it follows the pulse");
		rig.write(reg.CONFIG, 0x0014);
		assert.equal(rig.model.revp.read(), 0, "VAR has pulsed already");
		rig.write(reg.CONFIG, 0x0004);
		rig.wait(3);
		assert.equal(rig.model.revp.read(), 0);
		rig.write(reg.ACCMODE, 2);
		assert.equal(rig.model.revp.read(), 1, "not available in absolute mode");
		rig.write(reg.ACCMODE, 0);
		rig.write(reg.CFMODE, 0x0012);
		assert.equal(rig.model.revp.read(), 1, "nor for apparent energy");
	});

	it("has the data sheet's checksum after reset, another one for any configuration bit, and tells of changes", () => {
		const rig = new Rig().start();
		const fresh = new Rig();
		fresh.wait(0.1);
		assert.equal(fresh.read(reg.CRC), 0xffff_ffff);
		fresh.write(reg.CONFIG, 0x8104);
		assert.equal(fresh.read(reg.CRC), 0x4873_9163);
		rig.write(reg.CONFIG, 0x0104);
		rig.wait(0.01);
		takeStatus(rig);
		const seen = new Set([rig.read(reg.CRC)]);
		const registers = [reg.LCYCMODE, reg.PGA_V, reg.CFMODE, reg.PHCALB, reg.ALT_OUTPUT, reg.ACCMODE, reg.IRQENB];
		for (const address of [...registers, reg.AIGAIN, reg.AVAOS, reg.BVAOS]) {
			rig.write(address, rig.read(address) ^ 2);
			rig.wait(0.01);
			seen.add(rig.read(reg.CRC));
			assert.notEqual(takeStatus(rig) & irq.crc, 0, address.toString(16));
			rig.wait(0.01);
			assert.equal(takeStatus(rig) & irq.crc, 0);
		}
		assert.equal(seen.size, registers.length + 4);
	});

	it("keeps signs and no-load flags of ACCMODE out of the checksum", () => {
		const rig = new Rig();
		rig.load(230, 10, 0);
		rig.start();
		rig.write(reg.CONFIG, 0x0104);
		rig.wait(2);
		const before = rig.read(reg.CRC);
		rig.change(230, 10, 150);
		rig.wait(2);
		assert.equal(rig.read(reg.CRC), before);
		assert.equal(takeStatus(rig) & irq.crc, 0);
	});
});

describe("ADE7953 model, pulse outputs", () => {
	function pulsing(power_W: number, select = 0, divider = 14_431): { rig: Rig; edges: number[] } {
		const edges: number[] = [];
		const rig = new Rig({ onPulse: (output, time_s) => output === 1 && edges.push(time_s) });
		rig.load(230, power_W / 230 / pathGain(50) ** 2);
		rig.start();
		rig.write(reg.CFMODE, 0x200 | select);
		rig.writeDivider(reg.CF1DEN, divider);
		return { rig, edges };
	}

	it("makes 1000 pulses per kWh with divider 14 431, evenly, with interpolated times", () => {
		const { rig, edges } = pulsing(3450);
		rig.wait(105);
		const period_s = 3600 / 3450 / (3_600_000 / ((14_431 * fullScale_V * fullScale_A) / 206_900) / 1000);
		assert.ok(Math.abs(period_s / 1.04348 - 1) < 5e-5);
		assert.equal(rig.model.cf1.count, edges.length);
		assert.equal(rig.model.cf1.lastEdge_s, edges.at(-1));
		assert.equal(edges.length, 100);
		for (let n = 1; n < edges.length; n++) {
			// a sample is 143 µs
			assert.ok(Math.abs(edges[n]! - edges[n - 1]! - period_s) < 3e-4, `${edges[n]! - edges[n - 1]!} ${period_s}`);
		}
		assert.equal(rig.model.cf2.count, 0, "CF2 is disabled");
	});

	it("gives the same edges whatever steps time is moved in", () => {
		const coarse = pulsing(3450);
		coarse.rig.wait(20);
		const fine = pulsing(3450);
		for (let n = 0; n < 2000; n++) fine.rig.wait(0.01);
		assert.equal(fine.edges.length, coarse.edges.length);
		for (let n = 0; n < fine.edges.length; n++) assert.ok(Math.abs(fine.edges[n]! - coarse.edges[n]!) < 3e-4);
	});

	it("stays low for 80 ms, or half of a period below 160 ms", () => {
		const { rig, edges } = pulsing(3450);
		rig.wait(10);
		rig.wait(edges.at(-1)! + 1.0435 + 0.079 - rig.now_s);
		assert.equal(rig.model.cf1.read(), 0);
		rig.wait(0.003);
		assert.equal(rig.model.cf1.read(), 1);
		rig.writeDivider(reg.CF1DEN, 140); // 10 ms
		let low = 0;
		rig.wait(0.1);
		for (let n = 0; n < 1000; n++) {
			rig.wait(0.0002);
			if (rig.model.cf1.read() === 0) low++;
		}
		assert.ok(Math.abs(low - 500) < 30, String(low));
	});

	it("selects quantities by CFxSEL; the sum of both channels is halved", () => {
		const frequency = (select: number) => {
			const { rig } = pulsing(3450, select, 100);
			rig.wait(2);
			const { count } = rig.model.cf1;
			rig.wait(10);
			return (rig.model.cf1.count - count) / 10;
		};
		const base = frequency(0);
		const current = ((3450 / 230) * 206_900) / fullScale_A / 100 / pathGain(50);
		for (const [select, expected] of [
			[2, base],
			[4, base],
			[6, base],
			[9, base],
			[1, 0],
			[3, current],
			[8, 2 * current],
			[12, 0],
		] as const) {
			assert.ok(Math.abs(frequency(select) - expected) <= 0.2, `CFxSEL ${select}`);
		}
	});
});

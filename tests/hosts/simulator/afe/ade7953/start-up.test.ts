// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import { Rig } from "./rig.js";

const resetFlag = 1 << 20;

describe("ADE7953 model, start-up and reset", () => {
	it("answers 66 ms after power-up, with the reset flag and IRQ low until the status is read with reset", () => {
		const rig = new Rig();
		rig.wait(0.065);
		assert.equal(rig.read(reg.LCYCMODE), 0xff);
		assert.equal(rig.model.irq.read(), 1);
		rig.wait(0.002);
		assert.equal(rig.model.irq.read(), 0);
		assert.equal(rig.read(reg.LCYCMODE), 0x40);
		assert.notEqual(rig.read(reg.IRQSTATA) & resetFlag, 0);
		assert.equal(rig.model.irq.read(), 0, "a plain read clears nothing");
		assert.notEqual(rig.read(reg.RSTIRQSTATA) & resetFlag, 0);
		assert.equal(rig.model.irq.read(), 1);
		assert.equal(rig.read(reg.IRQSTATA) & resetFlag, 0);
	});

	it("pulls IRQ low at the end of a reset although the enable bit is cleared", () => {
		const rig = new Rig();
		rig.wait(0.1);
		rig.write(reg.IRQENA, 0);
		assert.equal(rig.model.irq.read(), 0);
	});

	it("measures 1 % too much current until the pair 0xFE, 0x120 is written", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.wait(1);
		rig.write(reg.PGA_IA, 4);
		rig.wait(1);
		const before = rig.read(reg.IRMSA);
		const voltage = rig.read(reg.VRMS);
		rig.write(reg.UNLOCK, 0xad);
		rig.write(reg.OPTIMUM, 0x0030);
		rig.wait(1);
		assert.ok(Math.abs(before / rig.read(reg.IRMSA) - 1.01) < 1e-5);
		assert.equal(rig.read(reg.VRMS), voltage);
	});

	it("goes back to the defaults by CONFIG bit 7, silent for the start-up time", () => {
		const rig = new Rig().start();
		rig.write(reg.LINECYC, 100);
		rig.write(reg.CONFIG, 0x0084);
		assert.equal(rig.read(reg.LINECYC), 0xffff, "no answer");
		rig.wait(0.06);
		assert.equal(rig.read(reg.LINECYC), 0xffff);
		rig.wait(0.01);
		assert.equal(rig.read(reg.LINECYC), 0);
		assert.equal(rig.read(reg.CONFIG), 0x8004);
		assert.equal(rig.read(reg.OPTIMUM), 0);
		assert.equal(rig.model.irq.read(), 0);
	});

	it("does the same by itself when it is told to fail so, and loses its energy counts", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start().wait(2);
		assert.ok(rig.signed(reg.AENERGYA) > 0);
		rig.model.reset();
		rig.wait(0.07);
		assert.equal(rig.read(reg.LCYCMODE), 0x40);
		assert.notEqual(rig.read(reg.IRQSTATA) & resetFlag, 0);
		assert.ok(Math.abs(rig.signed(reg.AENERGYA)) < 100);
	});

	it("reads 0x00 without supply and starts anew when it comes back", () => {
		const rig = new Rig().start();
		rig.model.powerDown();
		rig.wait(1);
		assert.equal(rig.read(reg.LCYCMODE), 0x00);
		rig.model.powerUp();
		rig.wait(0.05);
		assert.equal(rig.read(reg.CONFIG), 0xffff);
		rig.wait(0.02);
		assert.equal(rig.read(reg.CONFIG), 0x8004);
	});

	it("settles its RMS values in 200 ms", () => {
		const rig = new Rig();
		rig.load(230, 10);
		rig.start();
		const early = rig.read(reg.VRMS);
		rig.wait(0.066 + 0.2 - rig.now_s + 0.001);
		const settled = rig.read(reg.VRMS);
		rig.wait(5);
		assert.ok(early < settled / 10);
		assert.equal(rig.read(reg.VRMS), settled);
	});
});

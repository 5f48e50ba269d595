// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { reg } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import { Rig } from "./rig.js";

const alias = 0x100;

/** Reset values as the data sheet lists them, by address. */
const resetValues: readonly (readonly [address: number, value: number])[] = [
	[0x000, 0x00],
	[0x001, 0x00],
	[0x004, 0x40],
	[0x007, 0x00],
	[0x040, 0x00],
	[0x800, 0x00],
	[0x100, 0xffff],
	[0x101, 0x0000],
	[0x102, 0x8004],
	[0x103, 0x003f],
	[0x104, 0x003f],
	[0x107, 0x0300],
	[0x108, 0x0000],
	[0x110, 0x0000],
	[0x120, 0x0000],
	[0x200, 0x00_0000],
	[0x203, 0x00_e419],
	[0x204, 0x00_e419],
	[0x205, 0x00_0000],
	[0x224, 0xff_ffff],
	[0x225, 0xff_ffff],
	[0x22c, 0x10_0000],
	[0x22f, 0x00_0000],
	[0x280, 0x40_0000],
	[0x284, 0x40_0000],
	[0x286, 0x00_0000],
	[0x28c, 0x40_0000],
	[0x290, 0x40_0000],
	[0x297, 0x00_0000],
];

function running(): Rig {
	const rig = new Rig();
	rig.wait(0.1);
	return rig;
}

describe("ADE7953 model, serial interface", () => {
	it("holds the reset values of the data sheet", () => {
		const rig = running();
		for (const [address, value] of resetValues) assert.equal(rig.read(address), value, address.toString(16));
	});

	it("answers four, five, six and seven octets by address", () => {
		const rig = running();
		assert.deepEqual([...rig.frame(0x00, 0x04, 0x80, 0xa5)], [0, 0, 0, 0x40]);
		assert.deepEqual([...rig.frame(0x01, 0x02, 0x80, 0xa5, 0xa5)], [0, 0, 0, 0x80, 0x04]);
		assert.deepEqual([...rig.frame(0x02, 0x80, 0x80, 0xa5, 0xa5, 0xa5)], [0, 0, 0, 0x40, 0, 0]);
		assert.deepEqual([...rig.frame(0x03, 0x80, 0x80, 0xa5, 0xa5, 0xa5, 0xa5)], [0, 0, 0, 0, 0x40, 0, 0]);
	});

	it("shows a signed 24-bit register sign-extended at its 32-bit alias and an unsigned one zero-extended", () => {
		const rig = running();
		rig.write(reg.AWATTOS, 0x80_0001);
		assert.equal(rig.read(reg.AWATTOS), 0x80_0001);
		assert.equal(rig.read(reg.AWATTOS + alias), 0xff80_0001);
		rig.write(reg.OVLVL, 0x80_0001);
		assert.equal(rig.read(reg.OVLVL + alias), 0x0080_0001);
	});

	it("stores the low 24 bits of a write to the alias", () => {
		const rig = running();
		rig.write(reg.AIGAIN + alias, 0x1241_2345);
		assert.equal(rig.read(reg.AIGAIN), 0x41_2345);
		rig.write(reg.AVAROS + alias, 0xffff_fffe);
		assert.equal(rig.read(reg.AVAROS), 0xff_fffe);
		assert.equal(rig.signed(reg.AVAROS), -2);
	});

	it("has the checksum at 0x37F only", () => {
		const rig = running();
		assert.equal(rig.read(0x37f), 0xffff_ffff);
		assert.equal(rig.read(0x27f), 0);
	});

	it("aborts a transfer when chip select rises before the last octet", () => {
		const rig = running();
		rig.write(reg.LINECYC, 0x1234);
		rig.frame(0x01, 0x01, 0x00, 0x56);
		assert.equal(rig.read(reg.LINECYC), 0x1234);
		rig.frame(0x03, 0x2e, 0x80, 0, 0, 0); // read with reset, cut short
		assert.notEqual(rig.read(reg.IRQSTATA) & (1 << 20), 0);
		rig.frame(0x03);
		rig.frame();
	});

	it("records the last transfer by operation, address and data, and reading the record leaves it", () => {
		const rig = running();
		rig.write(reg.AP_NOLOAD + alias, 0x00_c163);
		for (let n = 0; n < 2; n++) {
			assert.equal(rig.read(reg.LAST_OP), 0xca);
			assert.equal(rig.read(reg.LAST_ADD), 0x303);
			assert.equal(rig.read(0x3ff), 0xc163);
			assert.equal(rig.read(0x2ff), 0xc163);
		}
		rig.read(reg.LCYCMODE);
		assert.equal(rig.read(reg.LAST_OP), 0x35);
		assert.equal(rig.read(reg.LAST_ADD), reg.LCYCMODE);
		assert.equal(rig.read(reg.LAST_RWDATA8), 0x40);
		rig.write(reg.ZXTOUT, 1400);
		assert.equal(rig.read(reg.LAST_RWDATA16), 1400);
	});

	it("records the data as they were on the wire", () => {
		const rig = running();
		rig.write(reg.AWATTOS, 0xff_ffff);
		rig.read(reg.AWATTOS + alias);
		assert.equal(rig.read(0x3ff), 0xffff_ffff);
	});

	it("keeps aborted transfers, unknown addresses and refused writes out of the record", () => {
		const rig = running();
		rig.write(reg.LINECYC, 100);
		rig.frame(0x01, 0x02, 0x00, 0x00);
		rig.read(0x285);
		rig.write(0x285, 1);
		rig.write(reg.PERIOD, 7);
		rig.frame(0x09, 0x00, 0x80, 0);
		assert.equal(rig.read(reg.LAST_ADD), reg.LINECYC);
		assert.equal(rig.read(reg.LAST_RWDATA16), 100);
		assert.equal(rig.read(0x285), 0);
	});

	it("protects registers by width, the protection itself excepted", () => {
		const rig = running();
		rig.write(reg.WRITE_PROTECT, 0x02);
		rig.write(reg.ZXTOUT, 1);
		rig.write(reg.SAGCYC, 9);
		rig.write(reg.SAGLVL, 77);
		assert.deepEqual([rig.read(reg.ZXTOUT), rig.read(reg.SAGCYC), rig.read(reg.SAGLVL)], [0xffff, 9, 77]);
		rig.write(reg.WRITE_PROTECT, 0x05);
		rig.write(reg.ZXTOUT, 1);
		rig.write(reg.SAGCYC, 1);
		rig.write(reg.SAGLVL, 1);
		rig.write(reg.SAGLVL + alias, 1);
		assert.deepEqual([rig.read(reg.ZXTOUT), rig.read(reg.SAGCYC), rig.read(reg.SAGLVL)], [1, 9, 77]);
		rig.write(reg.WRITE_PROTECT, 0);
		rig.write(reg.SAGCYC, 1);
		assert.equal(rig.read(reg.SAGCYC), 1);
	});

	it("still clears interrupt status by reading while everything is protected", () => {
		const rig = running();
		rig.write(reg.WRITE_PROTECT, 7);
		assert.equal(rig.model.irq.read(), 0);
		rig.read(reg.RSTIRQSTATA + alias);
		assert.equal(rig.model.irq.read(), 1);
	});

	it("takes a divider from the second of two writes in a row", () => {
		const rig = running();
		rig.write(reg.CF1DEN, 14_431);
		assert.equal(rig.read(reg.CF1DEN), 0x3f, "one write is ignored");
		rig.write(reg.CF1DEN, 14_431);
		assert.equal(rig.read(reg.CF1DEN), 0x3f, "a read came between");
		rig.write(reg.CF1DEN, 14_431);
		rig.write(reg.CF2DEN, 14_431);
		assert.equal(rig.read(reg.CF2DEN), 0x3f, "the other divider came between");
		rig.writeDivider(reg.CF1DEN, 14_431);
		assert.equal(rig.read(reg.CF1DEN), 14_431);
		rig.write(reg.CF1DEN, 1);
		assert.equal(rig.read(reg.CF1DEN), 14_431);
	});

	it("can be told to take a divider at once", () => {
		const rig = new Rig({ ignoresFirstDenominator: false });
		rig.wait(0.1);
		rig.write(reg.CF2DEN, 5);
		assert.equal(rig.read(reg.CF2DEN), 5);
	});

	it("opens 0x120 only to the transfer right after the key", () => {
		const rig = running();
		rig.write(reg.OPTIMUM, 0x30);
		assert.equal(rig.read(reg.OPTIMUM), 0);
		rig.write(reg.UNLOCK, 0xad);
		rig.read(reg.VERSION);
		rig.write(reg.OPTIMUM, 0x30);
		assert.equal(rig.read(reg.OPTIMUM), 0);
		rig.write(reg.UNLOCK, 0xae);
		rig.write(reg.OPTIMUM, 0x30);
		assert.equal(rig.read(reg.OPTIMUM), 0);
		rig.write(reg.UNLOCK, 0xad);
		rig.write(reg.OPTIMUM, 0x30);
		assert.equal(rig.read(reg.OPTIMUM), 0x30);
	});

	it("reads version and reference selection as 8-bit registers", () => {
		const rig = new Rig({ version: 7 });
		rig.wait(0.1);
		assert.equal(rig.read(reg.VERSION), 7);
		rig.write(reg.EX_REF, 0xff);
		assert.equal(rig.read(reg.EX_REF), 1);
	});

	it("survives any frame", () => {
		const rig = running();
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 12 }), (octets) => {
				rig.frame(...octets);
				rig.wait(0.001);
			}),
			{ numRuns: 2000, seed: 7953 },
		);
	});
});

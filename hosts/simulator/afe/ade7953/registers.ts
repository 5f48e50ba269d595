// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../../../src/core/deep-freeze.js";

/**
 * Registers of the ADE7953 by their native address (data sheet Rev. C, tables 13 to 16). A 24-bit register is found at
 * its address and, as 32-bit alias, 0x100 above; CRC exists as a 32-bit register only.
 */
export const reg = deepFreeze({
	SAGCYC: 0x000,
	DISNOLOAD: 0x001,
	LCYCMODE: 0x004,
	PGA_V: 0x007,
	PGA_IA: 0x008,
	PGA_IB: 0x009,
	WRITE_PROTECT: 0x040,
	LAST_OP: 0x0fd,
	UNLOCK: 0x0fe,
	LAST_RWDATA8: 0x0ff,
	ZXTOUT: 0x100,
	LINECYC: 0x101,
	CONFIG: 0x102,
	CF1DEN: 0x103,
	CF2DEN: 0x104,
	CFMODE: 0x107,
	PHCALA: 0x108,
	PHCALB: 0x109,
	PFA: 0x10a,
	PFB: 0x10b,
	ANGLE_A: 0x10c,
	ANGLE_B: 0x10d,
	PERIOD: 0x10e,
	ALT_OUTPUT: 0x110,
	OPTIMUM: 0x120,
	LAST_ADD: 0x1fe,
	LAST_RWDATA16: 0x1ff,
	SAGLVL: 0x200,
	ACCMODE: 0x201,
	AP_NOLOAD: 0x203,
	VAR_NOLOAD: 0x204,
	VA_NOLOAD: 0x205,
	AVA: 0x210,
	BVA: 0x211,
	AWATT: 0x212,
	BWATT: 0x213,
	AVAR: 0x214,
	BVAR: 0x215,
	IA: 0x216,
	IB: 0x217,
	V: 0x218,
	IRMSA: 0x21a,
	IRMSB: 0x21b,
	VRMS: 0x21c,
	AENERGYA: 0x21e,
	AENERGYB: 0x21f,
	RENERGYA: 0x220,
	RENERGYB: 0x221,
	APENERGYA: 0x222,
	APENERGYB: 0x223,
	OVLVL: 0x224,
	OILVL: 0x225,
	VPEAK: 0x226,
	RSTVPEAK: 0x227,
	IAPEAK: 0x228,
	RSTIAPEAK: 0x229,
	IBPEAK: 0x22a,
	RSTIBPEAK: 0x22b,
	IRQENA: 0x22c,
	IRQSTATA: 0x22d,
	RSTIRQSTATA: 0x22e,
	IRQENB: 0x22f,
	IRQSTATB: 0x230,
	RSTIRQSTATB: 0x231,
	AIGAIN: 0x280,
	AVGAIN: 0x281,
	AWGAIN: 0x282,
	AVARGAIN: 0x283,
	AVAGAIN: 0x284,
	AIRMSOS: 0x286,
	VRMSOS: 0x288,
	AWATTOS: 0x289,
	AVAROS: 0x28a,
	AVAOS: 0x28b,
	BIGAIN: 0x28c,
	BVGAIN: 0x28d,
	BWGAIN: 0x28e,
	BVARGAIN: 0x28f,
	BVAGAIN: 0x290,
	BIRMSOS: 0x292,
	BWATTOS: 0x295,
	BVAROS: 0x296,
	BVAOS: 0x297,
	LAST_RWDATA24: 0x2ff,
	CRC: 0x37f,
	VERSION: 0x702,
	EX_REF: 0x800,
} as const);

/** Bits of IRQSTATA and IRQENA; those up to `oi` exist for channel B as well, in IRQSTATB and IRQENB. */
export const irq = deepFreeze({
	activeHalfFull: 1 << 0,
	reactiveHalfFull: 1 << 1,
	apparentHalfFull: 1 << 2,
	activeOverflow: 1 << 3,
	reactiveOverflow: 1 << 4,
	apparentOverflow: 1 << 5,
	activeNoLoad: 1 << 6,
	reactiveNoLoad: 1 << 7,
	apparentNoLoad: 1 << 8,
	activeSign: 1 << 9,
	reactiveSign: 1 << 10,
	zxTimeoutI: 1 << 11,
	zxI: 1 << 12,
	oi: 1 << 13,
	zxTimeoutV: 1 << 14,
	zxV: 1 << 15,
	ov: 1 << 16,
	waveformSample: 1 << 17,
	cycleEnd: 1 << 18,
	sag: 1 << 19,
	reset: 1 << 20,
	crc: 1 << 21,
} as const);

/** Bits of CONFIG. */
export const config = deepFreeze({
	highPass: 1 << 2,
	pfFromLineCycle: 1 << 3,
	revpOnCf2: 1 << 4,
	revpPulse: 1 << 5,
	softwareReset: 1 << 7,
	crcEnable: 1 << 8,
	zxOfChannelB: 1 << 11,
	zxNegativeOnly: 1,
	zxPositiveOnly: 2,
	zxEdgeShift: 12,
	communicationUnlocked: 1 << 15,
} as const);

/** Part of ACCMODE that can be written; the rest are live signs and no-load flags. */
export const accmodeWritable = 0x3ff;

/** Octets that a register has at an address: it follows from the address alone. 0: no such address. */
export function widthAt(address: number): 0 | 1 | 2 | 3 | 4 {
	if (address < 0x100 || address === reg.VERSION || address === reg.EX_REF) return 1;
	if (address < 0x200) return 2;
	if (address < 0x300) return 3;
	if (address < 0x400) return 4;
	return 0;
}

/** Native address of what is found at `address`: 32-bit aliases are led back to their 24-bit register. */
export function nativeAddress(address: number): number {
	return address >= 0x300 && address < 0x400 && address !== reg.CRC ? address - 0x100 : address;
}

export interface RegisterDefinition {
	readonly address: number;
	readonly access: "rw" | "r" | "w";
	readonly reset: number;
	readonly isSigned: boolean;
	/** Bits that a write can change. */
	readonly mask: number;
}

const definitions = new Map<number, RegisterDefinition>();

function define(access: "rw" | "r" | "w", reset: number, isSigned: boolean, mask: number, ...addresses: number[]) {
	for (const address of addresses) definitions.set(address, Object.freeze({ address, access, reset, isSigned, mask }));
}

define("rw", 0, false, 0xff, reg.SAGCYC);
define("rw", 0, false, 0x07, reg.DISNOLOAD, reg.PGA_V, reg.PGA_IA, reg.PGA_IB, reg.WRITE_PROTECT);
define("rw", 0x40, false, 0x7f, reg.LCYCMODE);
define("w", 0, false, 0xff, reg.UNLOCK);
define("r", 0, false, 0, reg.LAST_OP, reg.LAST_RWDATA8, reg.VERSION);
define("rw", 0, false, 1, reg.EX_REF);

define("rw", 0xffff, false, 0xffff, reg.ZXTOUT);
define("rw", 0, false, 0xffff, reg.LINECYC, reg.OPTIMUM);
define("rw", 0x8004, false, 0xb9ff, reg.CONFIG);
define("rw", 0x003f, false, 0xffff, reg.CF1DEN, reg.CF2DEN);
define("rw", 0x0300, false, 0x03ff, reg.CFMODE);
define("rw", 0, false, 0x03ff, reg.PHCALA, reg.PHCALB);
define("r", 0, true, 0, reg.PFA, reg.PFB, reg.ANGLE_A, reg.ANGLE_B);
define("r", 0, false, 0, reg.PERIOD, reg.LAST_ADD, reg.LAST_RWDATA16);
define("rw", 0, false, 0x0fff, reg.ALT_OUTPUT);

define("rw", 0, false, 0xff_ffff, reg.SAGLVL, reg.VA_NOLOAD);
define("rw", 0, false, accmodeWritable, reg.ACCMODE);
define("rw", 0x00_e419, false, 0xff_ffff, reg.AP_NOLOAD, reg.VAR_NOLOAD);
for (let address: number = reg.AVA; address <= reg.V; address++) define("r", 0, true, 0, address);
define("r", 0, false, 0, reg.IRMSA, reg.IRMSB, reg.VRMS);
for (let address: number = reg.AENERGYA; address <= reg.APENERGYB; address++) define("r", 0, true, 0, address);
define("rw", 0xff_ffff, false, 0xff_ffff, reg.OVLVL, reg.OILVL);
for (let address: number = reg.VPEAK; address <= reg.RSTIBPEAK; address++) define("r", 0, false, 0, address);
define("rw", irq.reset, false, 0x3f_ffff, reg.IRQENA);
define("rw", 0, false, 0x3fff, reg.IRQENB);
define("r", 0, false, 0, reg.IRQSTATA, reg.RSTIRQSTATA, reg.IRQSTATB, reg.RSTIRQSTATB);
define("r", 0, false, 0, reg.LAST_RWDATA24);
define("r", 0xffff_ffff, false, 0, reg.CRC);

define("rw", 0x40_0000, false, 0xff_ffff, reg.AIGAIN, reg.AVGAIN, reg.AWGAIN, reg.AVARGAIN, reg.AVAGAIN);
define("rw", 0x40_0000, false, 0xff_ffff, reg.BIGAIN, reg.BVGAIN, reg.BWGAIN, reg.BVARGAIN, reg.BVAGAIN);
define("rw", 0, true, 0xff_ffff, reg.AIRMSOS, reg.VRMSOS, reg.AWATTOS, reg.AVAROS, reg.AVAOS);
define("rw", 0, true, 0xff_ffff, reg.BIRMSOS, reg.BWATTOS, reg.BVAROS, reg.BVAOS);

/** All registers by native address. What is not in it are reserved or absent addresses. */
export const registerDefinitions: ReadonlyMap<number, RegisterDefinition> = definitions;

// SPDX-License-Identifier: Apache-2.0

/**
 * Registers of the ADE7953 (data sheet Rev. C), as far as the driver uses them. 24 bit registers are used through their
 * 32 bit alias (address + 0x100), which is sign-extended by the chip.
 */
export const register = Object.freeze({
	// 8 bit
	sagCyc: 0x000,
	disNoLoad: 0x001,
	lcycMode: 0x004,
	pgaV: 0x007,
	pgaIa: 0x008,
	pgaIb: 0x009,
	writeProtect: 0x040,
	unlock: 0x0fe,
	version: 0x702,
	// 16 bit
	zxTout: 0x100,
	config: 0x102,
	cf1Den: 0x103,
	cf2Den: 0x104,
	cfMode: 0x107,
	phCalA: 0x108,
	phCalB: 0x109,
	angleA: 0x10c,
	period: 0x10e,
	altOutput: 0x110,
	/** Without a name in the data sheet; must be 0x30. */
	optimum: 0x120,
	lastAdd: 0x1fe,
	// 32 bit alias
	sagLvl: 0x300,
	accMode: 0x301,
	apNoLoad: 0x303,
	varNoLoad: 0x304,
	vaNoLoad: 0x305,
	iRmsA: 0x31a,
	iRmsB: 0x31b,
	vRms: 0x31c,
	aEnergyA: 0x31e,
	rEnergyA: 0x320,
	apEnergyA: 0x322,
	ovLvl: 0x324,
	oiLvl: 0x325,
	irqStatA: 0x32d,
	rstIrqStatA: 0x32e,
	/** Greatest peak of the voltage since it was read last; reading clears it. */
	rstVPeak: 0x327,
	aiGain: 0x380,
	avGain: 0x381,
	awGain: 0x382,
	avarGain: 0x383,
	avaGain: 0x384,
	aiRmsOs: 0x386,
	vRmsOs: 0x388,
	awattOs: 0x389,
	avarOs: 0x38a,
	avaOs: 0x38b,
	biGain: 0x38c,
	bvGain: 0x38d,
	biRmsOs: 0x392,
	lastRwData32: 0x3ff,
});

/** IRQSTATA bit 20. */
export const resetFlag = 1 << 20;
/** IRQSTATA bit 19. */
export const sagFlag = 1 << 19;
/** LCYCMODE after reset. */
export const lcycModeAfterReset = 0x40;
/** CONFIG: high-pass on, interface locked to SPI (bit 15 = 0). */
export const configValue = 0x0004;
export const softwareReset = 0x0080;
export const unlockKey = 0xad;
export const optimumValue = 0x30;
/** ACCMODE bits above are live states. */
export const accModeSettings = 0x3ff;

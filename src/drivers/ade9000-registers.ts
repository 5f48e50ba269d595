// SPDX-License-Identifier: Apache-2.0

/** Register addresses of the ADE9000 (data sheet Rev. B), as far as the driver uses them. */
export const register = Object.freeze({
	// calibration, offset from the base of a phase
	phaseA: 0x000,
	phaseB: 0x020,
	phaseC: 0x040,
	iGain: 0x00,
	phCal0: 0x06,
	vGain: 0x0b,
	iRmsOs: 0x0c,
	vRmsOs: 0x0d,
	pGain: 0x0e,
	wattOs: 0x0f,
	varOs: 0x10,
	fVarOs: 0x12,
	vRms1012Os: 0x17,
	iRms1012Os: 0x18,
	// calibration of the neutral channel, and what is common
	config0: 0x060,
	niGain: 0x06d,
	nPhCal: 0x06e,
	niRms1012Os: 0x070,
	// results
	iRmsA: 0x20c,
	vRmsA: 0x20d,
	vFRmsA: 0x20f,
	vRmsOneA: 0x21a,
	iRms1012A: 0x21b,
	vRms1012A: 0x21c,
	phaseStep: 0x20,
	niRms: 0x266,
	niRms1012: 0x268,
	version2: 0x26a,
	// accumulators, high part of phase A; the low part is one address below
	wattHrHiA: 0x2e7,
	vaHrHiA: 0x2fb,
	fVarHrHiA: 0x30f,
	energyPhaseStep: 0x3c,
	// status and levels
	status0: 0x402,
	status1: 0x403,
	mask0: 0x405,
	mask1: 0x406,
	oiLvl: 0x409,
	userPeriod: 0x40e,
	vLevel: 0x40f,
	dipLvl: 0x410,
	/** Lowest RMSONE of the last dip / 32, phase A; B and C follow. */
	dipA: 0x411,
	swellLvl: 0x414,
	swellA: 0x415,
	periodA: 0x418,
	comPeriod: 0x41b, // of (VA + VB - VC) / 2, which the windows of RMS values follow
	actNlLvl: 0x41c,
	reactNlLvl: 0x41d,
	appNlLvl: 0x41e,
	wThr: 0x420,
	varThr: 0x421,
	vaThr: 0x422,
	partId: 0x472,
	tempTrim: 0x474,
	// 16 bit
	run: 0x480,
	config1: 0x481,
	anglVaVb: 0x482,
	anglVbVc: 0x483,
	anglVaVc: 0x484,
	anglVaIa: 0x485,
	anglVbIb: 0x486,
	anglVcIc: 0x487,
	dipCyc: 0x48b,
	swellCyc: 0x48c,
	cfMode: 0x490,
	compMode: 0x491,
	accMode: 0x492,
	config3: 0x493,
	cf1Den: 0x494,
	cf2Den: 0x495,
	zxTout: 0x498,
	zxLpSel: 0x49a,
	seqCyc: 0x49c,
	wfbCfg: 0x4a0,
	crcRslt: 0x4a8,
	config2: 0x4af,
	epCfg: 0x4b0,
	pwrTime: 0x4b1,
	egyTime: 0x4b2,
	crcForce: 0x4b4,
	crcOptEn: 0x4b5,
	tempCfg: 0x4b6,
	tempRslt: 0x4b7,
	pgaGain: 0x4b9,
	wrLock: 0x4bf,
	version: 0x4fe,
});

/** Addresses 0x480 … 0x4FE are 16 bit wide, all others 32. */
export const first16 = 0x480;
export const last16 = 0x4fe;

export const status0Bit = Object.freeze({
	egyRdy: 1 << 0,
	rms1012Rdy: 1 << 20,
	/** COH_WFB_FULL: four resampled cycles are in the waveform buffer. */
	waveformFull: 1 << 23,
	tempRdy: 1 << 25,
});

export const status1Bit = Object.freeze({
	/** Phase A; B and C follow. */
	swellA: 1 << 20,
	dipA: 1 << 23,
	dipsAndSwells: 0x3f << 20,
	seqErr: 1 << 18,
	oi: 1 << 17,
	rstDone: 1 << 16,
	crcChg: 1 << 26,
	crcDone: 1 << 27,
	/** ERROR0, ERROR1, ERROR3: only a reset helps. */
	fatal: (1 << 28) | (1 << 29) | (1 << 31),
});

export const unlockKey = 0x4ad1;
export const lockKey = 0x3c64;
/** CONFIG1 bit 0. */
export const softwareReset = 1;
/** VERSION, bits 15..6. */
export const versionMask = 0xffc0;
export const versionValue = 0x00c0;
/** PART_ID bit 20: ADE9000, not ADE9078. */
export const partIdBit = 1 << 20;
/** VERSION2: the metering program runs. */
export const version2Value = 0x0c;

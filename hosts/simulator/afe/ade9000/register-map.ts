// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../../../src/core/deep-freeze.js";

/** Addresses of the registers that the model itself works with. Blocks per phase: add `phase × step`. */
export const address = deepFreeze({
	// Calibration, phase step 0x20.
	igain: 0x000,
	igain0: 0x001,
	phcal0: 0x006,
	vgain: 0x00b,
	irmsos: 0x00c,
	vrmsos: 0x00d,
	pgain: 0x00e,
	wattos: 0x00f,
	varos: 0x010,
	fwattos: 0x011,
	fvaros: 0x012,
	ifrmsos: 0x013,
	vfrmsos: 0x014,
	vrmsoneos: 0x015,
	irmsoneos: 0x016,
	vrms1012os: 0x017,
	irms1012os: 0x018,
	config0: 0x060,
	mtthrLow: 0x061,
	mtthrHigh: 0x066,
	nirmsos: 0x06b,
	isumrmsos: 0x06c,
	nigain: 0x06d,
	nphcal: 0x06e,
	nirmsoneos: 0x06f,
	nirms1012os: 0x070,
	vnom: 0x071,
	isumlvl: 0x073,
	// Results, phase step 0x20.
	iPcf: 0x20a,
	vPcf: 0x20b,
	irms: 0x20c,
	vrms: 0x20d,
	ifrms: 0x20e,
	vfrms: 0x20f,
	/** WATT, VAR, VA, FWATT, FVAR, FVA. */
	power: 0x210,
	pf: 0x216,
	vthd: 0x217,
	ithd: 0x218,
	irmsone: 0x219,
	vrmsone: 0x21a,
	irms1012: 0x21b,
	vrms1012: 0x21c,
	mtregion: 0x21d,
	niPcf: 0x265,
	nirms: 0x266,
	nirmsone: 0x267,
	nirms1012: 0x268,
	isumrms: 0x269,
	version2: 0x26a,
	/** Accumulators: ACC_LO, ACC, HR_LO, HR_HI; quantity step 0x0a, phase step 0x3c. */
	accumulators: 0x2e4,
	/** PWATT, NWATT, PVAR, NVAR: LO, HI; step 4. */
	signedSums: 0x396,
	ipeak: 0x400,
	vpeak: 0x401,
	status0: 0x402,
	status1: 0x403,
	eventStatus: 0x404,
	mask0: 0x405,
	mask1: 0x406,
	eventMask: 0x407,
	oilvl: 0x409,
	oia: 0x40a,
	userPeriod: 0x40e,
	dipLvl: 0x410,
	dipa: 0x411,
	swellLvl: 0x414,
	swella: 0x415,
	aperiod: 0x418,
	comPeriod: 0x41b,
	/** ACT, REACT, APP. */
	noLoadLevel: 0x41c,
	phnoload: 0x41f,
	/** WTHR, VARTHR, VATHR. */
	threshold: 0x420,
	lastData32: 0x423,
	adcRedirect: 0x424,
	cfLcfg: 0x425,
	partId: 0x472,
	tempTrim: 0x474,
	run: 0x480,
	config1: 0x481,
	/** VA_VB, VB_VC, VA_VC, VA_IA, VB_IB, VC_IC, IA_IB, IB_IC, IA_IC. */
	angle: 0x482,
	dipCyc: 0x48b,
	swellCyc: 0x48c,
	oistatus: 0x48f,
	cfmode: 0x490,
	compmode: 0x491,
	accmode: 0x492,
	config3: 0x493,
	cf1den: 0x494,
	zxtout: 0x498,
	zxthrsh: 0x499,
	zxLpSel: 0x49a,
	seqCyc: 0x49c,
	phsign: 0x49d,
	wfbCfg: 0x4a0,
	wfbPgIrqen: 0x4a1,
	wfbTrgCfg: 0x4a2,
	wfbTrgStat: 0x4a3,
	crcRslt: 0x4a8,
	crcSpi: 0x4a9,
	lastData16: 0x4ac,
	lastCmd: 0x4ae,
	config2: 0x4af,
	epCfg: 0x4b0,
	pwrTime: 0x4b1,
	egyTime: 0x4b2,
	crcForce: 0x4b4,
	crcOpten: 0x4b5,
	tempCfg: 0x4b6,
	tempRslt: 0x4b7,
	pgaGain: 0x4b9,
	chnlDis: 0x4ba,
	wrLock: 0x4bf,
	varDis: 0x4e0,
	version: 0x4fe,
	/** AI AV BI BV CI CV NI. */
	sincDat: 0x500,
	lpfDat: 0x510,
	waveform: 0x800,
});

export const phaseStep = 0x20;

/** Addresses below this have a place in the register file; the waveform buffer lies above. */
export const registerSpace = 0x700;

/** R: ignores writes. W1C: a written 1 clears. RC: cleared by reading. */
export type Access = "RW" | "R" | "W1C" | "RC";

export interface RegisterRow {
	readonly address: number;
	readonly name: string;
	readonly access: Access;
	readonly reset: number;
	/** Bits that a write can change. */
	readonly mask: number;
}

const rows: RegisterRow[] = [];

function row(at: number, name: string, access: Access, reset = 0, mask = is16Bit(at) ? 0xffff : 0xffff_ffff): void {
	rows.push({ address: at, name, access, reset, mask });
}

/** Addresses 0x480 … 0x4FE hold 16 bits, all others 32. */
export function is16Bit(at: number): boolean {
	return at >= 0x480 && at <= 0x4fe;
}

const calibrationNames = [
	..."IGAIN IGAIN0 IGAIN1 IGAIN2 IGAIN3 IGAIN4 PHCAL0 PHCAL1 PHCAL2 PHCAL3 PHCAL4 VGAIN IRMSOS VRMSOS".split(" "),
	..."PGAIN WATTOS VAROS FWATTOS FVAROS IFRMSOS VFRMSOS VRMSONEOS IRMSONEOS VRMS1012OS IRMS1012OS".split(" "),
];
const resultNames = [
	..."I_PCF V_PCF IRMS VRMS IFRMS VFRMS WATT VAR VA FWATT FVAR FVA PF VTHD ITHD".split(" "),
	..."IRMSONE VRMSONE IRMS1012 VRMS1012".split(" "),
];
export const quantityNames = ["WATT", "VAR", "VA", "FWATT", "FVAR", "FVA"] as const;
const phases = ["A", "B", "C"];

for (const [p, phase] of phases.entries()) {
	for (const [n, name] of calibrationNames.entries()) row(p * phaseStep + n, phase + name, "RW");
	for (const [n, name] of resultNames.entries()) row(0x20a + p * phaseStep + n, phase + name, "R");
	row(0x21d + p * phaseStep, `${phase}MTREGION`, "R", 0xf);
	for (const [q, name] of quantityNames.entries()) {
		const at = address.accumulators + p * 0x3c + q * 0x0a;
		for (const [n, suffix] of ["_ACC_LO", "_ACC", "HR_LO", "HR_HI"].entries()) row(at + n, phase + name + suffix, "R");
	}
}
row(address.config0, "CONFIG0", "RW", 0, 0x3ffb);
for (let n = 0; n < 5; n++) {
	row(address.mtthrLow + n, `MTTHR_L${n}`, "RW");
	row(address.mtthrHigh + n, `MTTHR_H${n}`, "RW");
}
for (const [n, name] of [
	..."NIRMSOS ISUMRMSOS NIGAIN NPHCAL NIRMSONEOS NIRMS1012OS VNOM DICOEFF ISUMLVL".split(" "),
].entries()) {
	row(address.nirmsos + n, name, "RW");
}
for (const [n, name] of ["NI_PCF", "NIRMS", "NIRMSONE", "NIRMS1012", "ISUMRMS", "VERSION2"].entries()) {
	row(address.niPcf + n, name, "R");
}
for (const [n, name] of ["PWATT_ACC", "NWATT_ACC", "PVAR_ACC", "NVAR_ACC"].entries()) {
	row(address.signedSums + 4 * n, `${name}_LO`, "R");
	row(address.signedSums + 4 * n + 1, name, "R");
}

const bits24 = 0xff_ffff;
row(0x400, "IPEAK", "RC");
row(0x401, "VPEAK", "RC");
row(0x402, "STATUS0", "W1C", 0, 0x03ff_ffff);
row(0x403, "STATUS1", "W1C", 0, 0xfff7_ffff);
row(0x404, "EVENT_STATUS", "R");
row(0x405, "MASK0", "RW", 0, 0x03ff_ffff);
row(0x406, "MASK1", "RW", 0, 0xfff6_ffff);
row(0x407, "EVENT_MASK", "RW", 0, 0x1_ffff);
row(0x409, "OILVL", "RW", bits24, bits24);
for (const [n, name] of ["OIA", "OIB", "OIC", "OIN"].entries()) row(0x40a + n, name, "R");
row(0x40e, "USER_PERIOD", "RW", 0x0050_0000);
row(0x40f, "VLEVEL", "RW", 0x0004_5d45, bits24);
row(0x410, "DIP_LVL", "RW", 0, bits24);
row(0x414, "SWELL_LVL", "RW", bits24, bits24);
for (const [p, phase] of phases.entries()) {
	row(0x411 + p, `DIP${phase}`, "R", 0x007f_ffff);
	row(0x415 + p, `SWELL${phase}`, "R");
	row(0x418 + p, `${phase}PERIOD`, "R", 0x00a0_0000);
}
row(0x41b, "COM_PERIOD", "R", 0x00a0_0000);
for (const [n, name] of ["ACT_NL_LVL", "REACT_NL_LVL", "APP_NL_LVL"].entries()) row(0x41c + n, name, "RW", 0xffff);
row(0x41f, "PHNOLOAD", "R");
for (const [n, name] of ["WTHR", "VARTHR", "VATHR"].entries()) row(0x420 + n, name, "RW", 0xffff);
row(0x423, "LAST_DATA_32", "R");
row(0x424, "ADC_REDIRECT", "RW", 0x001f_ffff, 0x001f_ffff);
row(0x425, "CF_LCFG", "RW", 0, 0x007f_ffff);
row(0x472, "PART_ID", "R", 0x0010_0000);
row(0x474, "TEMP_TRIM", "R");

row(0x480, "RUN", "RW", 0, 1);
row(0x481, "CONFIG1", "RW", 0, 0x9f0e);
for (const [n, name] of [..."VA_VB VB_VC VA_VC VA_IA VB_IB VC_IC IA_IB IB_IC IA_IC".split(" ")].entries()) {
	row(address.angle + n, `ANGL_${name}`, "R");
}
row(0x48b, "DIP_CYC", "RW", 0xffff);
row(0x48c, "SWELL_CYC", "RW", 0xffff);
row(0x48f, "OISTATUS", "R");
row(0x490, "CFMODE", "RW");
row(0x491, "COMPMODE", "RW", 0, 0x0fff);
row(0x492, "ACCMODE", "RW", 0, 0x01ff);
row(0x493, "CONFIG3", "RW", 0xf000, 0xf01c);
for (let n = 0; n < 4; n++) row(0x494 + n, `CF${n + 1}DEN`, "RW", 0xffff);
row(0x498, "ZXTOUT", "RW", 0xffff);
row(0x499, "ZXTHRSH", "RW", 0x0009);
row(0x49a, "ZX_LP_SEL", "RW", 0x001e, 0x001e);
row(0x49c, "SEQ_CYC", "RW", 0x00ff);
row(0x49d, "PHSIGN", "R");
row(0x4a0, "WFB_CFG", "RW", 0, 0x13ff);
row(0x4a1, "WFB_PG_IRQEN", "RW");
row(0x4a2, "WFB_TRG_CFG", "RW", 0, 0x07ff);
row(0x4a3, "WFB_TRG_STAT", "R");
row(0x4a4, "CONFIG5", "RW", 0x0063);
row(0x4a8, "CRC_RSLT", "R");
row(0x4a9, "CRC_SPI", "R");
row(0x4ac, "LAST_DATA_16", "R");
row(0x4ae, "LAST_CMD", "R");
row(0x4af, "CONFIG2", "RW", 0x0c00, 0x1e00);
row(0x4b0, "EP_CFG", "RW", 0, 0xe0f3);
row(0x4b1, "PWR_TIME", "RW", 0x00ff, 0x1fff);
row(0x4b2, "EGY_TIME", "RW", 0x00ff, 0x1fff);
row(0x4b4, "CRC_FORCE", "RW", 0, 1);
row(0x4b5, "CRC_OPTEN", "RW");
row(0x4b6, "TEMP_CFG", "RW", 0, 0x0007);
row(0x4b7, "TEMP_RSLT", "R");
row(0x4b9, "PGA_GAIN", "RW", 0, 0x3fff);
row(0x4ba, "CHNL_DIS", "RW", 0, 0x007f);
row(0x4bf, "WR_LOCK", "RW");
row(0x4e0, "VAR_DIS", "RW", 0, 1);
row(0x4fe, "VERSION", "R", 0x00fe);
for (const [n, name] of ["AI", "AV", "BI", "BV", "CI", "CV", "NI"].entries()) {
	row(address.sincDat + n, `${name}_SINC_DAT`, "R");
	row(address.lpfDat + n, `${name}_LPF_DAT`, "R");
}

/** Every register of the chip (data sheet Rev. B) but the burst copies and the waveform buffer. */
export const registerRows: readonly RegisterRow[] = deepFreeze(rows);

const byName = new Map(rows.map((entry) => [entry.name, entry.address]));

/**
 * Address of a register by its name in the data sheet.
 *
 * @throws RangeError for an unknown name
 */
export function addressOf(name: string): number {
	const at = byName.get(name);
	if (at === undefined) throw new RangeError(`the ADE9000 has no register ${name}`);
	return at;
}

/** Burst copies: address → address of the register that they repeat. */
export const burstCopies: ReadonlyMap<number, number> = makeBurstCopies();

function makeBurstCopies(): Map<number, number> {
	const copies = new Map<number, number>();
	const functional = [
		..."AV_PCF BV_PCF CV_PCF NI_PCF AI_PCF BI_PCF CI_PCF AIRMS BIRMS CIRMS AVRMS BVRMS CVRMS NIRMS".split(" "),
		..."AWATT BWATT CWATT AVA BVA CVA AVAR BVAR CVAR AFVAR BFVAR CFVAR APF BPF CPF AVTHD BVTHD CVTHD".split(" "),
		..."AITHD BITHD CITHD AFWATT BFWATT CFWATT AFVA BFVA CFVA AIFRMS BIFRMS CIFRMS AVFRMS BVFRMS CVFRMS".split(" "),
		..."AIRMSONE BIRMSONE CIRMSONE AVRMSONE BVRMSONE CVRMSONE NIRMSONE".split(" "),
		..."AIRMS1012 BIRMS1012 CIRMS1012 AVRMS1012 BVRMS1012 CVRMS1012 NIRMS1012".split(" "),
	];
	for (const [n, name] of functional.entries()) copies.set(0x600 + n, addressOf(name));
	const perPhase = [
		..."V_PCF I_PCF IRMS VRMS WATT VA VAR FVAR PF VTHD ITHD FWATT FVA IFRMS VFRMS".split(" "),
		..."IRMSONE VRMSONE IRMS1012 VRMS1012".split(" "),
	];
	for (const [p, phase] of phases.entries()) {
		for (const [n, name] of perPhase.entries()) copies.set(0x680 + 0x13 * p + n, addressOf(phase + name));
	}
	for (const [n, name] of ["NI_PCF", "NIRMS", "NIRMSONE", "NIRMS1012"].entries())
		copies.set(0x6b9 + n, addressOf(name));
	return copies;
}

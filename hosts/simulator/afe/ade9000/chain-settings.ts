// SPDX-License-Identifier: Apache-2.0
import { channel, channelCount } from "../../grid/terminals.js";
import { unity_Q27 } from "./constants.js";
import type { RegisterFile } from "./register-file.js";
import { address, phaseStep } from "./register-map.js";

/** HPF_CRN 0 … 7. */
const highPassCorners_Hz = Object.freeze([77.39, 39.275, 19.79, 9.935, 4.98, 2.495, 1.25, 0.625]);
const ownSource = 7;
/** PGA_GAIN, CHNL_DIS and ADC_REDIRECT count IA IB IC IN VA VB VC; this gives the channel of each. */
const adcOrder = Object.freeze([
	channel.i1,
	channel.i2,
	channel.i3,
	channel.neutral,
	channel.u1,
	channel.u2,
	channel.u3,
]);
const noRegion = 0xf;

/**
 * The registers of the signal chain, decoded. Arrays go by channel (VA VB VC IA IB IC IN) or by phase; power
 * quantities by `6 · phase + {WATT VAR VA FWATT FVAR FVA}`.
 */
export class ChainSettings {
	/** Which ADC feeds the datapath of a channel. */
	readonly source = new Uint8Array(channelCount);
	readonly pga = new Float64Array(channelCount);
	readonly isEnabled = new Uint8Array(channelCount);
	/** 1 + xGAIN/2^27, with the region's part. */
	readonly gain = new Float64Array(channelCount);
	/** Coefficient of the phase compensation; 0 for voltages. */
	readonly phaseCoefficient = new Float64Array(channelCount);
	readonly powerGain = new Float64Array(3);
	readonly powerOffset = new Float64Array(18);
	/** Added to mean squares. */
	readonly squareOffset = new Float64Array(channelCount);
	readonly fundamentalSquareOffset = new Float64Array(6);
	readonly halfCycleSquareOffset = new Float64Array(channelCount);
	readonly tenCycleSquareOffset = new Float64Array(channelCount);
	isumSquareOffset = 0;
	/** Weight of the neutral in ISUM. */
	isumNeutral = 0;
	/** VNOM code per phase, or −1 where the measured voltage counts. */
	readonly nominalVoltage = new Float64Array(3);
	highPassCorner_Hz = 0.625;
	isHighPassOff = false;
	/** RMSONE and RMS1012 from data before the high-pass. */
	areWindowsUnfiltered = false;
	isReactiveOff = false;
	isActiveLowPassOff = false;
	isReactiveLowPassOff = false;
	isMultipoint = false;
	nominalFrequency_Hz = 50;
	voltageConnection = 0;
	isCurrentBCalculated = false;
	/** LP_SEL and ZX_SEL: 0 A, 1 B, 2 C, 3 combined. */
	linePeriodSource = 3;
	zeroCrossingSource = 3;
	/** USER_PERIOD in samples, 0 while the measured period counts. */
	userPeriod = 0;
	/** Peak code at the output of the low-pass that makes a zero crossing count. */
	zeroCrossingThreshold = 0;
	/** ISUMLVL, code. */
	isumLevel = 0;

	/** @param regions current region 0 … 4 per phase; anything else is none */
	load(registers: RegisterFile, regions: ArrayLike<number>): void {
		const v = registers.values;
		this.#loadGlobals(v);
		const pga = v[address.pgaGain]!;
		const disabled = v[address.chnlDis]!;
		const redirect = v[address.adcRedirect]!;
		for (let n = 0; n < channelCount; n++) {
			const c = adcOrder[n]!;
			this.pga[c] = [1, 2, 4, 4][(pga >> (2 * n)) & 3]!;
			this.isEnabled[c] = (disabled >> n) & 1 ? 0 : 1;
			const from = (redirect >> (3 * n)) & 7;
			this.source[c] = from === ownSource ? c : adcOrder[from]!;
		}
		for (let p = 0; p < 3; p++) this.#loadPhase(v, p, this.isMultipoint ? regions[p]! : noRegion);
		this.gain[channel.neutral] = unityPlus(v[address.nigain]!);
		this.phaseCoefficient[channel.neutral] = clampCoefficient(v[address.nphcal]!);
		this.squareOffset[channel.neutral] = v[address.nirmsos]! * 32768;
		this.halfCycleSquareOffset[channel.neutral] = v[address.nirmsoneos]! * 32768;
		this.tenCycleSquareOffset[channel.neutral] = v[address.nirms1012os]! * 32768;
		this.isumSquareOffset = v[address.isumrmsos]! * 32768;
		this.isumLevel = v[address.isumlvl]! >>> 0;
	}

	#loadGlobals(v: Int32Array): void {
		const config0 = v[address.config0]!;
		this.isHighPassOff = (config0 & 8) !== 0;
		this.isMultipoint = (config0 & 0x10) !== 0;
		this.areWindowsUnfiltered = (config0 & 0x80) !== 0;
		this.isActiveLowPassOff = (config0 & 0x1000) !== 0;
		this.isReactiveLowPassOff = (config0 & 0x2000) !== 0;
		this.isumNeutral = [0, 1, -1, 0][config0 & 3]!;
		for (let p = 0; p < 3; p++) this.nominalVoltage[p] = (config0 >> (8 + p)) & 1 ? v[address.vnom]! >>> 0 : -1;
		const config2 = v[address.config2]!;
		this.highPassCorner_Hz = highPassCorners_Hz[(config2 >> 9) & 7]!;
		this.userPeriod = config2 & 0x1000 ? ((v[address.userPeriod]! >>> 0) + 1) / 65536 : 0;
		const accmode = v[address.accmode]!;
		this.nominalFrequency_Hz = accmode & 0x100 ? 60 : 50;
		this.voltageConnection = (accmode >> 4) & 7;
		this.isCurrentBCalculated = (accmode & 0x80) !== 0;
		this.isReactiveOff = (v[address.varDis]! & 1) !== 0;
		const select = v[address.zxLpSel]!;
		this.linePeriodSource = (select >> 3) & 3;
		this.zeroCrossingSource = (select >> 1) & 3;
		this.zeroCrossingThreshold = v[address.zxthrsh]! * 8192;
	}

	#loadPhase(v: Int32Array, p: number, region: number): void {
		const base = p * phaseStep;
		const voltage = channel.u1 + p;
		const current = channel.i1 + p;
		const hasRegion = region < 5;
		const regionGain = hasRegion ? unityPlus(v[base + address.igain0 + region]!) : 1;
		this.gain[voltage] = unityPlus(v[base + address.vgain]!);
		this.gain[current] = unityPlus(v[base + address.igain]!) * regionGain;
		this.phaseCoefficient[voltage] = 0;
		this.phaseCoefficient[current] = clampCoefficient(v[base + address.phcal0 + (hasRegion ? region : 0)]!);
		this.powerGain[p] = unityPlus(v[base + address.pgain]!);
		this.powerOffset[6 * p] = v[base + address.wattos]!;
		this.powerOffset[6 * p + 1] = v[base + address.varos]!;
		this.powerOffset[6 * p + 3] = v[base + address.fwattos]!;
		this.powerOffset[6 * p + 4] = v[base + address.fvaros]!;
		this.squareOffset[voltage] = v[base + address.vrmsos]! * 32768;
		this.squareOffset[current] = v[base + address.irmsos]! * 32768;
		this.fundamentalSquareOffset[voltage] = v[base + address.vfrmsos]! * 32768;
		this.fundamentalSquareOffset[current] = v[base + address.ifrmsos]! * 32768;
		this.halfCycleSquareOffset[voltage] = v[base + address.vrmsoneos]! * 32768;
		this.halfCycleSquareOffset[current] = v[base + address.irmsoneos]! * 32768;
		this.tenCycleSquareOffset[voltage] = v[base + address.vrms1012os]! * 32768;
		this.tenCycleSquareOffset[current] = v[base + address.irms1012os]! * 32768;
	}
}

function unityPlus(register: number): number {
	return 1 + register / unity_Q27;
}

/** The all-pass is stable only inside the unit circle; a greater value saturates. */
function clampCoefficient(register: number): number {
	return Math.max(-0.999, Math.min(0.999, register / unity_Q27));
}

/**
 * Current region by the thresholds of a phase's RMS: n while low[n] < rms ≤ high[n]. The present region is kept as
 * long as it matches, which makes overlapping thresholds a hysteresis.
 *
 * @returns 0 … 4, or 0xF when none matches
 */
export function regionOf(registers: RegisterFile, rms: number, present: number): number {
	const v = registers.values;
	const matches = (n: number) => rms > v[address.mtthrLow + n]! >>> 0 && rms <= v[address.mtthrHigh + n]! >>> 0;
	if (present < 5 && matches(present)) return present;
	for (let n = 0; n < 5; n++) if (matches(n)) return n;
	return noRegion;
}

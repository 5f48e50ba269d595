// SPDX-License-Identifier: Apache-2.0
import { ledQuantity } from "../metrology/led-constant.js";
import { outputsWithoutSource, quantityOfSource, undirectedLedSources } from "../metrology/led-source.js";
import { type ModelDescriptor, optionBit } from "../models/model.js";
import { register, status0Bit, status1Bit } from "./ade9000-registers.js";
import { RegisterTable } from "./register-table.js";

/** Register values of one phase, signed, 0 = neutral. */
export interface Ade9000PhaseCalibration {
	readonly currentGain: number;
	readonly voltageGain: number;
	/** xPHCAL0. */
	readonly phase: number;
	readonly powerGain: number;
	readonly activeOffset: number;
	readonly reactiveOffset: number;
	readonly fundamentalReactiveOffset: number;
	/** Of xIRMS and xVRMS, which make the apparent energy. */
	readonly currentRmsOffset: number;
	readonly voltageRmsOffset: number;
	/** Of the 10/12 cycle values, which are displayed. */
	readonly currentRms1012Offset: number;
	readonly voltageRms1012Offset: number;
}

export interface Ade9000Calibration {
	/** Phases 1..3. */
	readonly phases: readonly Ade9000PhaseCalibration[];
	readonly neutralGain: number;
	readonly neutralPhase: number;
	readonly neutralRms1012Offset: number;
}

export const neutralPhaseCalibration: Ade9000PhaseCalibration = Object.freeze({
	currentGain: 0,
	voltageGain: 0,
	phase: 0,
	powerGain: 0,
	activeOffset: 0,
	reactiveOffset: 0,
	fundamentalReactiveOffset: 0,
	currentRmsOffset: 0,
	voltageRmsOffset: 0,
	currentRms1012Offset: 0,
	voltageRms1012Offset: 0,
});

export const ade9000Uncalibrated: Ade9000Calibration = Object.freeze({
	phases: Object.freeze([neutralPhaseCalibration, neutralPhaseCalibration, neutralPhaseCalibration]),
	neutralGain: 0,
	neutralPhase: 0,
	neutralRms1012Offset: 0,
});

/** Codes of a full-scale sine at 8 kSPS: RMS 74 532 013 / √2, power RMS² / 2^27. */
export const rmsFullScale = 52_702_092;
export const powerFullScale = 20_694_066;
export const sampleRate_Hz = 8000;

/** Watts per power code. */
export function wattsPerCode(model: ModelDescriptor): number {
	const { voltageFullScale_mV, currentFullScale_mA } = model.board;
	return (voltageFullScale_mV * currentFullScale_mA) / 1e6 / powerFullScale;
}

/** CFxDEN and xTHR of a test output. */
export interface PulseDivider {
	readonly denominator: number;
	readonly threshold: number;
}

/**
 * Divider and threshold for `ledConstant` impulses per kWh (kvarh): pulse = 131.072 · DEN · kP joules with xTHR = 2^20; the
 * rounding of DEN is taken back with the threshold, remaining error below 1 ppm.
 * @throws RangeError when the constant is out of reach of the divider (2..65535)
 */
export function pulseDivider(model: ModelDescriptor, ledConstant: number): PulseDivider {
	const exact = 3_600_000 / (ledConstant * 131.072 * wattsPerCode(model));
	const denominator = Math.round(exact);
	if (!(denominator >= 2 && denominator <= 65_535)) throw new RangeError(`led constant ${ledConstant}`);
	return { denominator, threshold: Math.round((0x10_0000 * exact) / denominator) };
}

/** CFxSEL by `ledQuantity`: total active, fundamental reactive, total apparent, which is what the registers count. */
const selections = Object.freeze([0, 4, 2]);
const firstDisable = 12;
/** CF1DIS and CF2DIS. */
export const cfOutputsOff = 0x3000;

/** CFMODE: what CF1 and CF2 give. @param off bit n: output n is off */
export function cfModeOf(sources: readonly number[], off: number): number {
	const selection = (n: number) => selections[quantityOfSource(sources[n]!)]!;
	return selection(0) | (selection(1) << 3) | (off << firstDisable);
}

/** Thresholds, dividers and mode of the test outputs. @param put into a table */
export function putOutputs(
	model: ModelDescriptor,
	ledConstants: readonly number[],
	sources: readonly number[],
	off: number,
	put: (address: number, value: number) => void,
): void {
	const dividerOf = (quantity: number) => pulseDivider(model, ledConstants[quantity]!);
	put(register.wThr, dividerOf(ledQuantity.active).threshold);
	put(register.varThr, dividerOf(ledQuantity.reactive).threshold);
	put(register.vaThr, dividerOf(ledQuantity.apparent).threshold);
	put(register.cf1Den, dividerOf(quantityOfSource(sources[0]!)).denominator);
	put(register.cf2Den, dividerOf(quantityOfSource(sources[1]!)).denominator);
	put(register.cfMode, cfModeOf(sources, off));
}

/** Denominator of the unit of energy. */
export const unitDenominator = 4096;

/**
 * 0.1 Wh in codes · 4096, from the divider of the test output: a pulse falls after DEN · xTHR codes, and so many of them are
 * 1 kWh. Impulses and registers thus count the same quanta and never drift apart (F47).
 */
export function designNumerator(model: ModelDescriptor): number {
	const { denominator, threshold } = pulseDivider(model, model.ledConstant);
	return Math.round((denominator * threshold * model.ledConstant * unitDenominator) / 10_000);
}

const dspStep_24bit = 32; // DIP, SWELL, OI levels are RMSONE / 2^5
const level24Maximum = 0xff_ffff;

/** The registers to be written between reset and RUN = 1. @param ledConstants in the order of `ledQuantity` */
export function configuration(
	model: ModelDescriptor,
	calibration: Ade9000Calibration,
	ledConstants: readonly number[],
	sources: readonly number[] = undirectedLedSources,
): RegisterTable {
	const { board, nominalVoltage_V, nominalFrequency_Hz, maximumCurrent_mA, startingCurrent_mA } = model;
	const hasNeutral = (model.options & optionBit.neutral_ct) !== 0;
	const nominalShare = (nominalVoltage_V * 1000) / board.voltageFullScale_mV;
	const voltageLevel = (share: number) => Math.round((share * nominalShare * rmsFullScale) / dspStep_24bit);
	const currentLevel = (current_mA: number) =>
		Math.min(level24Maximum, Math.round(((current_mA / board.currentFullScale_mA) * rmsFullScale) / dspStep_24bit));
	// Half of starting current times nominal voltage; the levels are power codes · 64.
	const noLoad = Math.round(((0.5 * nominalVoltage_V * (startingCurrent_mA / 1000)) / wattsPerCode(model)) * 64);

	const table = new RegisterTable(70);
	table.put(register.pgaGain, 0);
	// RMS½ and RMS1012 after the high-pass; ISUM = A + B + C - N, or without N the calculated neutral current.
	table.put(register.config0, hasNeutral ? 0x2 : 0);
	table.put(register.config1, 0x060a); // EVENT on CF4, ZX on CF3, one interrupt per dip edge, 256 ms settling, CRC on reads
	table.put(register.config2, 0x0e00); // high-pass 0.625 Hz
	table.put(register.config3, 0xf01c); // overcurrent and peaks of all channels
	table.put(register.accMode, nominalFrequency_Hz === 60 ? 0x0100 : 0);
	table.put(register.zxLpSel, 0x001e); // zero crossings of the combined signal
	table.put(register.seqCyc, 1);
	table.put(register.zxTout, 799); // 100 ms
	table.put(register.userPeriod, nominalFrequency_Hz === 60 ? 0x85_5554 : 0x9f_ffff); // 8000 · 65536 / f - 1
	table.put(register.vLevel, Math.round(1_144_084 / nominalShare));
	putOutputs(model, ledConstants, sources, outputsWithoutSource(sources), (address, value) =>
		table.put(address, value),
	);
	table.put(register.compMode, 0x003f); // all phases
	table.put(register.actNlLvl, noLoad);
	table.put(register.reactNlLvl, noLoad);
	table.put(register.appNlLvl, noLoad);
	table.put(register.egyTime, sampleRate_Hz - 1); // 1 s
	table.put(register.pwrTime, sampleRate_Hz - 1);
	table.put(register.dipLvl, voltageLevel(0.9));
	table.put(register.swellLvl, voltageLevel(1.1));
	table.put(register.dipCyc, 1);
	table.put(register.swellCyc, 1);
	table.put(register.oiLvl, currentLevel(1.2 * maximumCurrent_mA));
	table.put(register.tempCfg, 0x0007); // on, mean of 1024 values, 1.3 s
	// Only what the driver acknowledges may hold IRQ0 low.
	table.put(register.mask0, status0Bit.egyRdy | status0Bit.rms1012Rdy);
	table.put(register.mask1, status1Bit.crcChg | status1Bit.dipsAndSwells);
	putCalibration(table, calibration);
	return table;
}

function putCalibration(table: RegisterTable, calibration: Ade9000Calibration): void {
	for (let phase = 0; phase < 3; phase++) {
		const base = register.phaseA + phase * (register.phaseB - register.phaseA);
		const values = calibration.phases[phase] ?? neutralPhaseCalibration;
		table.put(base + register.iGain, values.currentGain);
		table.put(base + register.vGain, values.voltageGain);
		table.put(base + register.phCal0, values.phase);
		table.put(base + register.pGain, values.powerGain);
		table.put(base + register.wattOs, values.activeOffset);
		table.put(base + register.varOs, values.reactiveOffset);
		table.put(base + register.fVarOs, values.fundamentalReactiveOffset);
		table.put(base + register.iRmsOs, values.currentRmsOffset);
		table.put(base + register.vRmsOs, values.voltageRmsOffset);
		table.put(base + register.iRms1012Os, values.currentRms1012Offset);
		table.put(base + register.vRms1012Os, values.voltageRms1012Offset);
	}
	table.put(register.niGain, calibration.neutralGain);
	table.put(register.nPhCal, calibration.neutralPhase);
	table.put(register.niRms1012Os, calibration.neutralRms1012Offset);
}

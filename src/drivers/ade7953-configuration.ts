// SPDX-License-Identifier: Apache-2.0
import { outputsWithoutSource, quantityOfSource, undirectedLedSources } from "../metrology/led-source.js";
import type { ModelDescriptor } from "../models/model.js";
import { configValue, optimumValue, register } from "./ade7953-registers.js";
import { RegisterTable } from "./register-table.js";

/** Register values; gains 0x400000 = 1, offsets signed. Channel A is the phase conductor, B the neutral. */
export interface Ade7953Calibration {
	readonly currentGain: number;
	readonly voltageGain: number;
	readonly activeGain: number;
	readonly reactiveGain: number;
	readonly apparentGain: number;
	readonly activeOffset: number;
	readonly reactiveOffset: number;
	readonly apparentOffset: number;
	readonly currentRmsOffset: number;
	readonly voltageRmsOffset: number;
	/** Steps of 1.117 µs by which the current is delayed; negative: advanced. -383..383. */
	readonly delay: number;
	readonly neutralGain: number;
	readonly neutralRmsOffset: number;
	readonly neutralDelay: number;
}

const unity = 0x40_0000;

export const ade7953Uncalibrated: Ade7953Calibration = Object.freeze({
	currentGain: unity,
	voltageGain: unity,
	activeGain: unity,
	reactiveGain: unity,
	apparentGain: unity,
	activeOffset: 0,
	reactiveOffset: 0,
	apparentOffset: 0,
	currentRmsOffset: 0,
	voltageRmsOffset: 0,
	delay: 0,
	neutralGain: unity,
	neutralRmsOffset: 0,
	neutralDelay: 0,
});

/** Codes at full scale (data sheet). */
export const rmsFullScale = 9_032_007;
export const countsPerSecond = 206_900;
const waveformFullScale = 6_500_000;

/** PGA codes of the board: V and the neutral transformer 1, the shunt 16. */
const gainOfVoltage = 0;
const gainOfShunt = 4;
const gainOfNeutral = 0;

function fullScale_W(model: ModelDescriptor): number {
	return (model.board.voltageFullScale_mV * model.board.currentFullScale_mA) / 1e6;
}

/** Joules per energy count. */
export function joulesPerCount(model: ModelDescriptor): number {
	return fullScale_W(model) / countsPerSecond;
}

/** WRITE_PROTECT: registers of every width. */
export const writeProtectValue = 0x07;

/** Denominator of the unit of energy. */
export const unitDenominator = 2 ** 20;
const unit_J = 360; // 0.1 Wh

/** 0.1 Wh in counts · 2^20, by the ratings of the board. */
export function designNumerator(model: ModelDescriptor): number {
	return Math.round((unit_J / joulesPerCount(model)) * unitDenominator);
}

/**
 * The unit that boards are calibrated to: 0.1 Wh is a whole number of counts (1443), which the divider of the test output
 * meets exactly for 500, 1000, 2000, 5000 and 10 000 impulses per kWh. Impulses and registers then never drift apart (F47).
 */
export function calibratedNumerator(model: ModelDescriptor): number {
	return Math.round(unit_J / joulesPerCount(model)) * unitDenominator;
}

/**
 * CFxDEN for `ledConstant` impulses per kWh (kvarh).
 * @param unitNumerator counts · 2^20 per 0.1 Wh
 * @throws RangeError when the constant is out of reach of the divider (1..65535)
 */
export function pulseDenominator(
	model: ModelDescriptor,
	ledConstant: number,
	unitNumerator: number = designNumerator(model),
): number {
	const denominator = Math.round(((unitNumerator / unitDenominator) * 10_000) / ledConstant);
	if (!(denominator >= 1 && denominator <= 65_535)) throw new RangeError(`led constant ${ledConstant}`);
	return denominator;
}

/** PHCALx is sign and magnitude: bit 9 advances. @throws RangeError beyond 383 steps */
export function phaseRegister(delay: number): number {
	if (!(Number.isInteger(delay) && Math.abs(delay) <= 383)) throw new RangeError(`delay ${delay}`);
	return delay >= 0 ? delay : 0x200 | -delay;
}

/** No-load level for a threshold in watts: 65536 - Y / 1.4, Y = full scale / threshold, 0 where Y is too large. */
export function noLoadLevel(model: ModelDescriptor, threshold_W: number): number {
	const level = Math.round(65_536 - fullScale_W(model) / threshold_W / 1.4);
	return Math.min(0xffff, Math.max(0, level));
}

const firstDisable = 8;

/** CFMODE: what CF1 and CF2 give of channel A, by the numbers of `ledQuantity`. @param off bit n: output n is off */
export function cfModeOf(sources: readonly number[], off: number): number {
	return quantityOfSource(sources[0]!) | (quantityOfSource(sources[1]!) << 4) | (off << firstDisable);
}

/** The registers to be written after reset; write protection comes last. @param ledConstants in the order of `ledQuantity` */
export function configuration(
	model: ModelDescriptor,
	calibration: Ade7953Calibration,
	ledConstants: readonly number[],
	unitNumerator: number = designNumerator(model),
	sources: readonly number[] = undirectedLedSources,
): RegisterTable {
	const { board, nominalVoltage_V, maximumCurrent_mA, startingCurrent_mA } = model;
	const noLoad = noLoadLevel(model, 0.5 * nominalVoltage_V * (startingCurrent_mA / 1000));
	const voltagePeak = (share: number) =>
		Math.round((share * nominalVoltage_V * 1000 * waveformFullScale) / board.voltageFullScale_mV);
	const currentPeak = Math.round((1.2 * maximumCurrent_mA * waveformFullScale) / board.currentFullScale_mA);

	const table = new RegisterTable(40);
	table.put(register.config, configValue);
	table.put(register.optimum, optimumValue); // written with its key by the start sequence; here to be watched
	table.put(register.pgaV, gainOfVoltage);
	table.put(register.pgaIa, gainOfShunt);
	table.put(register.pgaIb, gainOfNeutral);
	table.put(register.lcycMode, 0); // continuous counting, no read with reset
	table.put(register.accMode, 0); // signed
	table.put(register.apNoLoad, noLoad);
	table.put(register.varNoLoad, noLoad);
	table.put(register.vaNoLoad, noLoad);
	table.put(register.disNoLoad, 0); // the start sequence had it off while the levels changed
	const denominator = (source: number) =>
		pulseDenominator(model, ledConstants[quantityOfSource(source)]!, unitNumerator);
	table.put(register.cf1Den, denominator(sources[0]!));
	table.put(register.cf2Den, denominator(sources[1]!));
	table.put(register.cfMode, cfModeOf(sources, outputsWithoutSource(sources)));
	table.put(register.zxTout, 1400); // 100 ms
	table.put(register.sagCyc, 1);
	table.put(register.sagLvl, voltagePeak(0.9));
	table.put(register.ovLvl, voltagePeak(1.2));
	table.put(register.oiLvl, Math.min(0xff_ffff, currentPeak));
	table.put(register.altOutput, 0x0a90); // interrupts of channel B on REVP, data ready on ZX_I
	table.put(register.aiGain, calibration.currentGain);
	table.put(register.avGain, calibration.voltageGain);
	table.put(register.bvGain, calibration.voltageGain); // the data sheet wants it equal to AVGAIN
	table.put(register.awGain, calibration.activeGain);
	table.put(register.avarGain, calibration.reactiveGain);
	table.put(register.avaGain, calibration.apparentGain);
	table.put(register.awattOs, calibration.activeOffset);
	table.put(register.avarOs, calibration.reactiveOffset);
	table.put(register.avaOs, calibration.apparentOffset);
	table.put(register.aiRmsOs, calibration.currentRmsOffset);
	table.put(register.vRmsOs, calibration.voltageRmsOffset);
	table.put(register.phCalA, phaseRegister(calibration.delay));
	table.put(register.biGain, calibration.neutralGain);
	table.put(register.biRmsOs, calibration.neutralRmsOffset);
	table.put(register.phCalB, phaseRegister(calibration.neutralDelay));
	table.put(register.writeProtect, writeProtectValue);
	return table;
}

// SPDX-License-Identifier: Apache-2.0
import { type BoardDescriptor, boardSm402d, boardSt402c, boardSt402d } from "./board.js";

export type ModelName = "SM402D" | "ST402D" | "ST402C";

/** Order options of the object model; those a release cannot serve are off in it (G10). */
export const optionBit = Object.freeze({
	base: 1 << 0,
	disconnector: 1 << 1,
	limiter: 1 << 2,
	ip: 1 << 3,
	cellular: 1 << 4,
	mbus: 1 << 5,
	rs485_1: 1 << 6,
	rs485_2: 1 << 7,
	io: 1 << 8,
	pq: 1 << 9,
	neutral_ct: 1 << 10,
	ct: 1 << 11,
	no_power: 1 << 12,
	suite1: 1 << 13,
	prepaid: 1 << 14,
	hub: 1 << 15,
	han: 1 << 16,
	wmbus: 1 << 17,
	lan: 1 << 18,
	smtp: 1 << 19,
	/** Auxiliary relays that are fitted; nothing without `io`. */
	relay_1: 1 << 20,
	relay_2: 1 << 21,
	relay_3: 1 << 22,
});

export type OptionName = keyof typeof optionBit;

/** Inputs and outputs with all relays. */
const everyIo: number = optionBit.io | optionBit.relay_1 | optionBit.relay_2 | optionBit.relay_3;

/** Everything that distinguishes one product from another. Chosen at build or manufacture, never by a client (F01). */
export interface ModelDescriptor {
	readonly name: ModelName;
	/** One bit of its own, for the model masks of the object tables. */
	readonly bit: number;
	readonly phases: 1 | 3;
	/** T1 of the logical device name: 102 single-phase, 103 three-phase. */
	readonly deviceType: 102 | 103;
	readonly board: BoardDescriptor;
	/** Sum of `optionBit`. */
	readonly options: number;
	readonly nominalVoltage_V: number;
	readonly nominalFrequency_Hz: 50 | 60;
	/** Iref of direct, In of transformer meters. */
	readonly referenceCurrent_mA: number;
	readonly maximumCurrent_mA: number;
	readonly startingCurrent_mA: number;
	/** Impulses per kWh, kvarh and kVAh, referred to the terminals. */
	readonly ledConstant: number;
	/** Scaler of the phase currents: hundredths of an ampere, thousandths behind transformers. */
	readonly currentScaler: -2 | -3;
	/** Numerator and denominator of the current transformer ratio as delivered; 0 without transformers. */
	readonly nominalRatio_A: number;
	readonly accuracyClass: "A" | "B" | "C";
}

export const sm402d: ModelDescriptor = Object.freeze({
	name: "SM402D",
	bit: 1,
	phases: 1,
	deviceType: 102,
	board: boardSm402d,
	options:
		optionBit.base |
		optionBit.ip |
		optionBit.suite1 |
		optionBit.disconnector |
		optionBit.limiter |
		everyIo |
		optionBit.neutral_ct |
		optionBit.pq |
		optionBit.rs485_1,
	nominalVoltage_V: 230,
	nominalFrequency_Hz: 50,
	referenceCurrent_mA: 5000,
	maximumCurrent_mA: 100_000,
	startingCurrent_mA: 20,
	ledConstant: 1000,
	currentScaler: -2,
	nominalRatio_A: 0,
	accuracyClass: "B",
});

export const st402d: ModelDescriptor = Object.freeze({
	name: "ST402D",
	bit: 2,
	phases: 3,
	deviceType: 103,
	board: boardSt402d,
	options:
		optionBit.base |
		optionBit.ip |
		optionBit.suite1 |
		optionBit.disconnector |
		optionBit.limiter |
		everyIo |
		optionBit.pq |
		optionBit.rs485_1,
	nominalVoltage_V: 230,
	nominalFrequency_Hz: 50,
	referenceCurrent_mA: 5000,
	maximumCurrent_mA: 100_000,
	startingCurrent_mA: 20,
	ledConstant: 1000,
	currentScaler: -2,
	nominalRatio_A: 0,
	accuracyClass: "B",
});

export const st402c: ModelDescriptor = Object.freeze({
	name: "ST402C",
	bit: 4,
	phases: 3,
	deviceType: 103,
	board: boardSt402c,
	options:
		optionBit.base |
		optionBit.ip |
		optionBit.suite1 |
		optionBit.ct |
		optionBit.limiter |
		everyIo |
		optionBit.pq |
		optionBit.rs485_1,
	nominalVoltage_V: 230,
	nominalFrequency_Hz: 50,
	referenceCurrent_mA: 5000,
	maximumCurrent_mA: 6000,
	startingCurrent_mA: 10,
	ledConstant: 10_000,
	currentScaler: -3,
	nominalRatio_A: 5,
	accuracyClass: "B",
});

/** @returns the options that are left without some: no relay without inputs and outputs */
export function withoutOptions(options: number, names: readonly OptionName[]): number {
	let left = options;
	for (let n = 0; n < names.length; n++) left &= ~(names[n] === "io" ? everyIo : optionBit[names[n]!]);
	return left;
}

export const models: readonly ModelDescriptor[] = Object.freeze([sm402d, st402d, st402c]);

/** Nominal voltages between line and neutral that dividers and converters are made for (F21). */
const leastNominal_V = 110;
const greatestNominal_V = 230;

/** What is wrong with the ratings of a descriptor, in words; "" for a meter that can be made (F21, F23). */
export function ratingsFault({ nominalVoltage_V, nominalFrequency_Hz }: ModelDescriptor): string {
	if (!(nominalVoltage_V >= leastNominal_V && nominalVoltage_V <= greatestNominal_V))
		return `a nominal voltage is from ${leastNominal_V} to ${greatestNominal_V} V, not ${nominalVoltage_V} V`;
	if (nominalFrequency_Hz !== 50 && nominalFrequency_Hz !== 60)
		return `a nominal frequency is 50 or 60 Hz, not ${String(nominalFrequency_Hz)} Hz`;
	return "";
}

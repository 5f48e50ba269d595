// SPDX-License-Identifier: Apache-2.0

/** Analogue part of a board: what turns volts and amperes at the terminals into codes of the front end. */
export interface BoardDescriptor {
	readonly frontEnd: "ADE9000" | "ADE7953";
	/** RMS at the terminals that drives a voltage channel to full scale, mV. */
	readonly voltageFullScale_mV: number;
	/** The same for the phase current channels, mA. */
	readonly currentFullScale_mA: number;
	/** The same for the neutral channel, mA; 0 when the board has no neutral current sensor. */
	readonly neutralFullScale_mA: number;
}

const dividerRatio = 991; // 990 kΩ : 1 kΩ

/** ±1 V peak at the pin is full scale (ADE9000 data sheet), gain 1. */
const ade9000FullScale_mV = 1000 * Math.SQRT1_2;

/** ±500 mV peak at the pin with gain 1 (ADE7953 data sheet). */
const ade7953FullScale_mV = 500 * Math.SQRT1_2;

export const boardSm402d: BoardDescriptor = Object.freeze({
	frontEnd: "ADE7953",
	voltageFullScale_mV: ade7953FullScale_mV * dividerRatio,
	currentFullScale_mA: (ade7953FullScale_mV / 16 / 0.15) * 1000, // shunt 150 µΩ, gain 16
	neutralFullScale_mA: (ade7953FullScale_mV / 6) * 2500, // CT 2500 : 1 on 6 Ω, gain 1
});

export const boardSt402d: BoardDescriptor = Object.freeze({
	frontEnd: "ADE9000",
	voltageFullScale_mV: ade9000FullScale_mV * dividerRatio,
	currentFullScale_mA: (ade9000FullScale_mV / 12) * 2500, // CT 2500 : 1 on 12 Ω
	neutralFullScale_mA: (ade9000FullScale_mV / 12) * 2500,
});

export const boardSt402c: BoardDescriptor = Object.freeze({
	frontEnd: "ADE9000",
	voltageFullScale_mV: ade9000FullScale_mV * dividerRatio,
	currentFullScale_mA: (ade9000FullScale_mV / 100) * 2000, // CT 2000 : 1 on 100 Ω
	neutralFullScale_mA: (ade9000FullScale_mV / 100) * 2000,
});

// SPDX-License-Identifier: Apache-2.0

/** One picture on the display. Texts are ASCII and at most as long as the glass has places. */
export interface DisplayPicture {
	/** OBIS code of the value without A and B, "1.8.0"; up to 8 characters. */
	readonly code: string;
	/** Up to 8 digits, signs, decimal points and colons. */
	readonly value: string;
	/** "kWh", "V", …; empty for times and identifiers. */
	readonly unit: string;
	/** Symbols that are lit, sum of `displaySymbol`; none unless given. */
	readonly symbols?: number;
}

export const displaySymbol = Object.freeze({
	/** The meter or what it measures was tampered with. */
	tamper: 1 << 0,
	/** The cell of the clock is low or empty, or is to be changed by its date. */
	battery: 1 << 1,
	/** The back-light is on. */
	backLight: 1 << 2,
	/** What the meter measures or remembers cannot be trusted: the error object has a bit for it. */
	error: 1 << 3,
	/** The phases come in the wrong order, or one of them is missing. */
	phases: 1 << 4,
});

/** The glass. */
export interface Display {
	/** The host calls `Meter.lookAtDisplay` when somebody looks; `show` is not called otherwise. */
	readonly isAsking?: boolean;
	show(picture: DisplayPicture): void;
}

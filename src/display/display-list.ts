// SPDX-License-Identifier: Apache-2.0

import type { DateTime } from "../clock/date-time.js";
import type { MeterClock } from "../clock/meter-clock.js";
import { controlState } from "../control/disconnect-transitions.js";
import type { Limits } from "../control/limits.js";
import type { SupplyControl } from "../control/supply-control.js";
import { formatFixed } from "../core/fixed-point-text.js";
import type { FirmwarePart } from "../cosem/application.js";
import type { MetrologyView } from "../metrology/view.js";

/** What the display may show. */
export interface DisplaySource {
	readonly metrology: MetrologyView;
	readonly clock: MeterClock;
	readonly firmware: { readonly metrology: FirmwarePart };
	readonly phases: 1 | 3;
	/** Undefined without the option. */
	readonly supplyControl?: SupplyControl | undefined;
	/** Undefined without the option. */
	readonly limits?: Limits | undefined;
	/** A fraud is to be told by a symbol. */
	readonly fraud?: { readonly isShown: boolean };
	/** Conditions that a symbol tells. */
	readonly alarms?: { isActive(condition: number): boolean };
	/** Rates in force, 1..8. */
	readonly tariff: { readonly energyRate: number; readonly demandRate: number };
	/** Scratch. */
	readonly time: DateTime;
}

/** One step of the list: code and unit are fixed, the value is formatted when it is shown. */
export interface DisplayItem {
	readonly code: string;
	readonly unit: string;
	/** Where the unit depends on the transformers. */
	scaledUnit?(source: DisplaySource): string;
	/** Models with three phases only. */
	readonly needsThreePhases?: boolean;
	/** Meters with a supply switch only. */
	readonly needsSwitch?: boolean;
	value(source: DisplaySource): string;
}

function pad(value: number, length: number): string {
	return String(value).padStart(length, "0");
}

/** Prefixes of units from kilo on, one for three powers of ten. */
const prefixes = "kMGT";

/**
 * Energy with 7.1 digits of kilo-units, truncated; wraps together with the register (G13). On the primary side of
 * transformers as many digits more as registers count tens, and of each three tens the next prefix.
 */
function energy(c: number, unit: string): DisplayItem {
	return {
		code: `${c}.8.0`,
		unit: `k${unit}`,
		scaledUnit({ metrology }) {
			return `${prefixes[Math.max(0, Math.floor(metrology.registration.energyScaler / 3))]}${unit}`;
		},
		value({ metrology }) {
			const { energyScaler } = metrology.registration;
			const tens = energyScaler < 0 ? energyScaler : energyScaler % 3;
			const unitsPerDigit = 10 ** (3 - tens); // 0.1 Wh to 0.1 kWh
			return formatFixed(Math.floor(metrology.energy_units(c) / unitsPerDigit), 1).padStart(9, "0");
		},
	};
}

/** Digits of a value with a negative scaler have so many decimals; those of one with a positive scaler end in zeros. */
function formatScaled(digits: number, scaler: number): string {
	return scaler < 0 ? formatFixed(Math.round(digits), -scaler) : String(Math.round(digits) * 10 ** scaler);
}

function voltage(phase: number): DisplayItem {
	return {
		code: `${12 + 20 * phase}.7.0`,
		unit: "V",
		needsThreePhases: phase > 1,
		value({ metrology }) {
			const { registration } = metrology;
			return formatScaled(registration.voltageDigits(metrology.voltage_mV(phase)), registration.voltageScaler);
		},
	};
}

function current(phase: number): DisplayItem {
	return {
		code: `${11 + 20 * phase}.7.0`,
		unit: "A",
		needsThreePhases: phase > 1,
		value({ metrology }) {
			const { registration } = metrology;
			return formatScaled(registration.currentDigits(metrology.current_mA(phase)), registration.currentScaler);
		},
	};
}

const power: DisplayItem = {
	code: "16.7.0",
	unit: "kW",
	value: ({ metrology }) => formatFixed(Math.round(metrology.power_mW(16) / 1000), 3),
};

/** State of the supply: on, off, or ready to be switched on with the button. */
const supply: DisplayItem = {
	code: "96.3.10",
	unit: "",
	needsSwitch: true,
	value({ supplyControl }) {
		const state = supplyControl?.state;
		return state === controlState.connected ? "ON" : state === controlState.readyForReconnection ? "READY" : "OFF";
	},
};

/** The tariff of energy in force (F40); that of demand behind it where it is another one. */
const activeTariff: DisplayItem = {
	code: "96.14.0",
	unit: "",
	value: ({ tariff: { energyRate, demandRate } }) =>
		energyRate === demandRate ? `T${energyRate}` : `T${energyRate}-${demandRate}`,
};

const timeOfDay: DisplayItem = {
	code: "0.9.1",
	unit: "",
	value({ clock, time }) {
		const now = clock.stamp(clock.utc_s(), time);
		return `${pad(now.hour, 2)}:${pad(now.minute, 2)}:${pad(now.second, 2)}`;
	},
};

const date: DisplayItem = {
	code: "0.9.2",
	unit: "",
	value({ clock, time }) {
		const now = clock.stamp(clock.utc_s(), time);
		return `${pad(now.year % 100, 2)}-${pad(now.month, 2)}-${pad(now.day, 2)}`;
	},
};

/** First 8 hexadecimal digits of the checksum of the legally relevant part. */
const checksum: DisplayItem = {
	code: "0.2.8",
	unit: "",
	value({ firmware }) {
		let text = "";
		for (let n = 0; n < 4; n++) text += pad16(firmware.metrology.checksum[n]!);
		return text;
	},
};

function pad16(octet: number): string {
	return octet.toString(16).toUpperCase().padStart(2, "0");
}

/** Automatic list in the order of the glass. */
export const automaticList: readonly DisplayItem[] = Object.freeze(
	[
		energy(1, "Wh"),
		energy(2, "Wh"),
		energy(3, "varh"),
		energy(4, "varh"),
		power,
		voltage(1),
		voltage(2),
		voltage(3),
		current(1),
		current(2),
		current(3),
		activeTariff,
		date,
		timeOfDay,
		supply,
		checksum,
	].map((item) => Object.freeze(item)),
);

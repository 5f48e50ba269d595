// SPDX-License-Identifier: Apache-2.0

import type { DateTime } from "../clock/date-time.js";
import type { MeterClock } from "../clock/meter-clock.js";
import { formatFixed } from "../core/fixed-point-text.js";
import type { FirmwarePart } from "../cosem/application.js";
import type { MetrologyView } from "../metrology/view.js";

/** What the display may show. */
export interface DisplaySource {
	readonly metrology: MetrologyView;
	readonly clock: MeterClock;
	readonly firmware: { readonly metrology: FirmwarePart };
	readonly phases: 1 | 3;
	/** Scratch. */
	readonly time: DateTime;
}

/** One step of the list: code and unit are fixed, the value is formatted when it is shown. */
export interface DisplayItem {
	readonly code: string;
	readonly unit: string;
	/** Models with three phases only. */
	readonly needsThreePhases?: boolean;
	value(source: DisplaySource): string;
}

function pad(value: number, length: number): string {
	return String(value).padStart(length, "0");
}

/** Energy with 7.1 digits of kilo-units, truncated; wraps together with the register (G13). */
function energy(c: number, unit: string): DisplayItem {
	const unitsPerDigit = 1000; // 0.1 Wh to 0.1 kWh
	return {
		code: `${c}.8.0`,
		unit,
		value: ({ metrology }) => formatFixed(Math.floor(metrology.energy_units(c) / unitsPerDigit), 1).padStart(9, "0"),
	};
}

function voltage(phase: number): DisplayItem {
	return {
		code: `${12 + 20 * phase}.7.0`,
		unit: "V",
		needsThreePhases: phase > 1,
		value: ({ metrology }) => formatFixed(Math.round(metrology.voltage_mV(phase) / 100), 1),
	};
}

function current(phase: number): DisplayItem {
	return {
		code: `${11 + 20 * phase}.7.0`,
		unit: "A",
		needsThreePhases: phase > 1,
		value: ({ metrology }) => formatFixed(Math.round(metrology.current_mA(phase) / 10), 2),
	};
}

const power: DisplayItem = {
	code: "16.7.0",
	unit: "kW",
	value: ({ metrology }) => formatFixed(Math.round(metrology.power_mW(16) / 1000), 3),
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
		energy(1, "kWh"),
		energy(2, "kWh"),
		energy(3, "kvarh"),
		energy(4, "kvarh"),
		power,
		voltage(1),
		voltage(2),
		voltage(3),
		current(1),
		current(2),
		current(3),
		date,
		timeOfDay,
		checksum,
	].map((item) => Object.freeze(item)),
);

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DateTime } from "../../src/clock/date-time.js";
import { MeterClock } from "../../src/clock/meter-clock.js";
import { formatFixed } from "../../src/core/fixed-point-text.js";
import { DisplayTask, dwell_ms } from "../../src/display/display-task.js";
import { directRegistration } from "../../src/metrology/registration.js";
import type { MetrologyView } from "../../src/metrology/view.js";
import type { DisplayPicture } from "../../src/ports/display.js";
import { MemoryStore } from "../support/stores.js";

const metrology: MetrologyView = {
	sequence: 1,
	registration: directRegistration,
	isArithmetic: false,
	isVectorial: false,
	isTestMode: false,
	testEnergy_mWh: () => 0,
	rate_units: () => 0,
	energy_units: (c) => (c === 1 ? 12_345_999 : 42_949_672_959),
	power_mW: () => -1_234_567,
	voltage_mV: (phase) => 230_049 + phase,
	lineVoltage_mV: () => 0,
	current_mA: () => 5004,
	neutralCurrent_mA: () => undefined,
	frequency_mHz: () => 50_000,
	powerFactor_permil: () => 1000,
	angle_decideg: () => 0,
	temperature_degC: () => undefined,
	ledConstants: [1000, 1000, 1000],
	isValid: true,
};

function picturesOf(phases: 1 | 3, tariff = { energyRate: 2, demandRate: 2 }): Map<string, DisplayPicture> {
	const rtc = { utc_s: () => 0, set: () => undefined };
	const store = new MemoryStore();
	const clock = new MeterClock({ monotonic_ms: () => 0 }, rtc, store, store);
	const seen = new Map<string, DisplayPicture>();
	const part = { identifier: new Uint8Array(0), checksum: Uint8Array.from({ length: 32 }, (_, n) => 0xa0 + n) };
	const task = new DisplayTask(
		{ show: (picture) => seen.set(picture.code, picture) },
		{ metrology, clock, firmware: { metrology: part }, phases, tariff, time: new DateTime() },
	);
	for (let now_ms = 0; now_ms < 20 * dwell_ms; now_ms = task.deadline_ms) task.run(now_ms);
	return seen;
}

describe("display", () => {
	it("F40 shows the tariff in force, and that of demand where it is another one", () => {
		assert.equal(picturesOf(1, { energyRate: 3, demandRate: 1 }).get("96.14.0")?.value, "T3-1");
	});

	it("F46 F03 G13 shows registers truncated to 7.1 digits, values rounded, and the checksum of the legal part", () => {
		const seen = picturesOf(3);
		assert.deepEqual(seen.get("1.8.0"), { code: "1.8.0", value: "0001234.5", unit: "kWh", symbols: 0 });
		assert.equal(seen.get("2.8.0")?.value, "4294967.2");
		assert.equal(seen.get("16.7.0")?.value, "-1.235");
		assert.equal(seen.get("72.7.0")?.value, "230.1");
		assert.equal(seen.get("31.7.0")?.value, "5.00");
		assert.equal(seen.get("0.2.8")?.value, "A0A1A2A3");
		assert.equal(seen.get("96.14.0")?.value, "T2");
		assert.equal(seen.get("0.9.1")?.value, "01:00:00");
		assert.equal(seen.get("0.9.2")?.value, "00-01-01");
	});

	it("F46 leaves out the values of phases that the model has not got", () => {
		const seen = picturesOf(1);
		assert.ok(seen.has("32.7.0") && !seen.has("52.7.0") && !seen.has("71.7.0"));
	});

	it("writes decimal fractions of both signs", () => {
		assert.deepEqual([formatFixed(0, 1), formatFixed(-5, 2), formatFixed(1234, 3)], ["0.0", "-0.05", "1.234"]);
	});
});

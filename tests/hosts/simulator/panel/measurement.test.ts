// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { localTimeOf } from "../../../../hosts/simulator/panel/local-time.js";
import { measuredBy, registersOf } from "../../../../hosts/simulator/panel/measurement.js";
import { nameplateOf } from "../../../../hosts/simulator/panel/nameplate.js";
import { directRegistration } from "../../../../src/metrology/registration.js";
import type { MetrologyView } from "../../../../src/metrology/view.js";
import { identityOf } from "../../../../src/models/identity.js";
import { st402c } from "../../../../src/models/model.js";

/** 230 V, L1 10 A at PF 0.5 inductive, L2 nothing, L3 exports 5 A purely active, neutral not measured. */
const view: MetrologyView = {
	registration: directRegistration,
	isArithmetic: false,
	isVectorial: false,
	isTestMode: false,
	testEnergy_mWh: () => 0,
	sequence: 7,
	ledConstants: [1000, 1000, 1000],
	isValid: true,
	rate_units: () => 0,
	energy_units: (c) => ({ 1: 42_949_672_959, 2: 12_345, 9: 1 })[c] ?? 0,
	power_mW: (c) =>
		({
			16: 0,
			3: 1_991_858,
			9: 2_300_000,
			10: 1_150_000,
			36: 1_150_000,
			23: 1_991_858,
			29: 2_300_000,
			76: -1_150_000,
			70: 1_150_000,
		})[c] ?? 0,
	voltage_mV: () => 230_000,
	lineVoltage_mV: () => 398_372,
	current_mA: (phase) => [0, 10_000, 0, 5000][phase]!,
	neutralCurrent_mA: () => undefined,
	frequency_mHz: () => 50_012,
	powerFactor_permil: (phase) => [0, 500, 1000, -1000][phase]!,
	// how far each lags U1: U2 120°, U3 240°, I1 60°, I3 in the opposite direction of U3
	angle_decideg: (x) => ({ 1: 1200, 2: 2400, 4: 600, 5: 1200, 6: 600 })[x] ?? 0,
	temperature_degC: () => undefined,
};

describe("what the panel reads from the metrology", () => {
	it("shows lagging quantities clockwise, within half a turn", () => {
		const { phases } = measuredBy(view, 3);
		assert.deepEqual(
			phases.map((phase) => [phase.voltageAngle_deg, phase.currentAngle_deg]),
			[
				[0, -60],
				[-120, null], // no current, no angle
				[120, -60],
			],
		);
	});

	it("gives powers in watts with import and inductive positive", () => {
		const measured = measuredBy(view, 3);
		const [l1, l2, l3] = measured.phases;
		assert.deepEqual([l1!.activePower_W, l1!.reactivePower_var, l1!.apparentPower_VA], [1150, 1991.858, 2300]);
		assert.deepEqual([l2!.activePower_W, l2!.powerFactor], [0, 1]);
		assert.deepEqual([l3!.activePower_W, l3!.apparentPower_VA, l3!.powerFactor], [-1150, 1150, -1]);
		assert.deepEqual(
			[measured.apparentPower_VA, measured.frequency_Hz, measured.neutralCurrent_A],
			[3450, 50.012, null],
		);
		assert.equal(measuredBy(view, 1).phases.length, 1);
	});

	it("has no angles while U1 is missing", () => {
		const dead = { ...view, voltage_mV: (phase: number) => (phase === 1 ? 0 : 230_000) };
		for (const phase of measuredBy(dead, 3).phases) {
			assert.deepEqual([phase.voltageAngle_deg, phase.currentAngle_deg], [null, null]);
		}
	});

	it("gives registers in kilo-units with all digits", () => {
		const values = registersOf(view).map(({ code, value, unit }) => [code, value, unit]);
		assert.deepEqual(values.slice(0, 2), [
			["1.8.0", 4_294_967.2959, "kWh"],
			["2.8.0", 1.2345, "kWh"],
		]);
		assert.deepEqual(values[4], ["9.8.0", 0.0001, "kVAh"]);
	});

	it("prints the nameplate from the model descriptor", () => {
		const firmware = { identifier: Uint8Array.of(0x53, 0x58), checksum: new Uint8Array(32) };
		const plate = nameplateOf(st402c, identityOf(st402c, "SXF", 42), firmware);
		assert.equal(plate.model, "ST402C");
		assert.equal(plate.serialNumber, "00000042");
		assert.equal(plate.logicalDeviceName, "SXF1030200000042");
		assert.equal(plate.systemTitle, "535846672000002A");
		assert.deepEqual([plate.referenceCurrent_A, plate.maximumCurrent_A, plate.startingCurrent_A], [5, 6, 0.01]);
		assert.deepEqual(
			[plate.pulseConstant_impPerkWh, plate.isTransformerOperated, plate.firmware],
			[10_000, true, "SX"],
		);
	});

	it("writes the clock as ISO 8601, whose offset has the opposite sign of the COSEM deviation", () => {
		const clock = (deviation_min: number) => ({
			utc_s: () => 0,
			deviation_min: () => deviation_min,
			local_s: (utc_s: number) => utc_s - deviation_min * 60,
		});
		assert.equal(localTimeOf(clock(-60)), "2000-01-01T01:00:00+01:00");
		assert.equal(localTimeOf(clock(210)), "1999-12-31T20:30:00-03:30");
		assert.equal(localTimeOf(clock(0)), "2000-01-01T00:00:00+00:00");
	});
});

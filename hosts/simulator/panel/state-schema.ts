// SPDX-License-Identifier: Apache-2.0
import { choice, either, integer, list, nullable, number, object, text, truth, type ValueOf } from "./json-schema.js";
import { answersWay, clockPartSchema, harmonic, housingSchema, ioSchema, switchSchema } from "./request-schemas.js";

const reactive = choice("Inductive: Q > 0; capacitive: Q < 0", ["inductive", "capacitive"]);

const nameplate = object("What is printed on the face of the meter", {
	model: text("SM402D, ST402D or ST402C"),
	serialNumber: text("Eight digits"),
	logicalDeviceName: text("16 characters"),
	systemTitle: text("8 octets, hexadecimal"),
	phases: integer("1 or 3"),
	accuracyClass: text("A, B or C of EN 50470"),
	nominalVoltage_V: number("Un between line and neutral"),
	nominalFrequency_Hz: number("fn"),
	startingCurrent_A: number("Ist"),
	referenceCurrent_A: number("Iref of a direct meter, In behind transformers"),
	maximumCurrent_A: number("Imax"),
	isTransformerOperated: truth("Behind current transformers"),
	pulseConstant_impPerkWh: number("Impulses of the LEDs per kWh and kvarh"),
	firmware: text("Identification of the legally relevant part"),
});

const pulseOutput = object("A metrological pulse output", {
	count: integer("Pulses since the simulator was started"),
	lastEdge_s: nullable(number("Monotonic time of the last edge; null before the first")),
});

export const ledsSchema = object("Both metrological pulse outputs", {
	monotonic_s: number("The meter's monotonic time"),
	active: pulseOutput,
	reactive: pulseOutput,
});

const measuredPhase = object("One phase as the meter measured it in the last second", {
	voltage_V: number("RMS"),
	current_A: number("RMS"),
	activePower_W: number("Import > 0"),
	reactivePower_var: number("Inductive > 0"),
	apparentPower_VA: number("0 or more"),
	powerFactor: number("Signed as the active power"),
	voltageAngle_deg: nullable(number("How far the voltage leads U1, -180 to 180; null while not measurable")),
	currentAngle_deg: nullable(number("How far the current leads U1, -180 to 180; null while not measurable")),
});

const measured = object("What the meter's metrology says", {
	isValid: truth("False while the front end is silent: all values are 0 then"),
	sequence: integer("Finished measuring intervals"),
	frequency_Hz: number("0 without a usable voltage"),
	activePower_W: number("Sum of the phases; import > 0"),
	reactivePower_var: number("Sum of the phases; inductive > 0"),
	apparentPower_VA: number("Of all phases"),
	powerFactor: number("Of all phases, signed as the active power"),
	neutralCurrent_A: nullable(number("RMS; null where the board does not measure it")),
	phases: list("L1 to L3", measuredPhase),
});

const energyRegister = object("An energy register", {
	code: text("OBIS code without A, B and F"),
	name: text("In words"),
	value: number("In steps of 0.1 Wh, varh or VAh, truncated"),
	unit: text("kWh, kvarh or kVAh"),
});

const mainsPhase = object("What one phase is set to", {
	voltage_V: number("RMS between line and neutral, of the source"),
	voltageAngle_deg: number("Added to the phase's place in the order"),
	voltageHarmonics: list("Shares of the fundamental", harmonic),
	current_A: number("RMS of the fundamental that the load takes"),
	powerFactor: number("cos of the angle, signed as the active power"),
	reactive,
	angle_deg: number("How far the current lags the voltage"),
	currentHarmonics: list("Shares of the fundamental; those of the household are not listed", harmonic),
	isHousehold: truth("The household drives the load of this phase"),
	appliances: list("What the household has switched on", text("Name of an appliance")),
});

const mains = object("What the terminals are connected to", {
	source: choice("A grid can be changed, a recording can not", ["grid", "recording"]),
	recording: nullable(text("Name of the recording")),
	hasHousehold: truth("There is a household that can drive the loads"),
	frequency_Hz: number("Of the mains"),
	phaseOrder: choice("132: L2 and L3 exchanged", ["123", "132"]),
	neutralConnected: truth("The neutral of the supply"),
	phases: list("L1 to L3; empty for a recording", mainsPhase),
});

const time = object("The meter's time", {
	monotonic_s: number("Since the simulator was started"),
	localTime: text("The meter's clock, ISO 8601 with offset"),
	isClockValid: truth("False while the clock was never set"),
	speed: either(
		"How fast meter time runs against real time",
		number("Factor; 0 while stopped"),
		choice("As fast as the machine can", ["max"]),
	),
});

const display = object("What the glass shows, as the display port delivers it; empty while the meter has no supply", {
	code: text("OBIS code without A and B"),
	value: text("Digits, signs, points and colons"),
	unit: text("Empty for times and identifiers"),
	symbols: list(
		"Symbols that are lit",
		choice(
			"tamper: the meter was tampered with; battery: the cell of the clock; backLight: the back-light is on; error: measurement or memory have failed; phases: wrong order of the phases, or one is missing",
			["tamper", "battery", "backLight", "error", "phases"],
		),
	),
});

export const stateSchema = object("All that can be seen of a running meter. Nothing secret is part of it.", {
	nameplate,
	isPowered: truth("The supply of the meter; false after a cut"),
	time,
	display,
	leds: ledsSchema,
	measured,
	registers: list("Energy registers", energyRegister),
	mains,
	tariff: object("Rates in force, 1 to 8", {
		energy: integer("Of energy registers"),
		demand: integer("Of maximum demand"),
	}),
	answers: answersWay,
	housing: housingSchema,
	clockPart: clockPartSchema,
	supplySwitch: nullable(switchSchema),
	io: nullable(ioSchema),
});

export type State = ValueOf<typeof stateSchema>;
export type Leds = ValueOf<typeof ledsSchema>;
export type Nameplate = ValueOf<typeof nameplate>;
export type Measured = ValueOf<typeof measured>;
export type MeasuredPhase = ValueOf<typeof measuredPhase>;
export type EnergyRegister = ValueOf<typeof energyRegister>;
export type Mains = ValueOf<typeof mains>;
export type MainsPhase = ValueOf<typeof mainsPhase>;

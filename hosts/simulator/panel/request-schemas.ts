// SPDX-License-Identifier: Apache-2.0
import { wrongWays } from "../wrong-answers.js";
import { change, choice, either, integer, list, number, object, truth, type ValueOf } from "./json-schema.js";

export const harmonic = object(
	"One harmonic",
	{
		order: number("Multiple of the fundamental; 0 is direct current, fractions are inter-harmonics", {
			minimum: 0,
			maximum: 200,
		}),
		fraction: number("Share of the fundamental", { minimum: -10, maximum: 10 }),
	},
	{ phase_deg: number("Counted from the phase's own voltage", { minimum: -3600, maximum: 3600 }) },
);

const greatestNumberOfHarmonics = 64;

export const mainsRequest = change("Changes of the mains; what is left out stays", {
	frequency_Hz: number("Frequency", { minimum: 10, maximum: 200 }),
	phaseOrder: choice("132 exchanges L2 and L3", ["123", "132"]),
	neutralConnected: truth("Cuts or restores the neutral of the supply"),
});

export const phaseRequest = change(
	"Changes of one phase; what is left out stays. A field of the load takes the phase over from the household, " +
		"beginning with what flows at that moment.",
	{
		voltage_V: number("RMS of the source", { minimum: 0, maximum: 1000 }),
		voltageAngle_deg: number("Added to the phase's place in the order", { minimum: -360, maximum: 360 }),
		voltageHarmonics: list("Shares of the fundamental voltage", harmonic, greatestNumberOfHarmonics),
		current_A: number("RMS of the fundamental current", { minimum: 0, maximum: 10_000 }),
		powerFactor: number("Signed as the active power: negative exports", { minimum: -1, maximum: 1 }),
		reactive: choice("Goes with powerFactor, inductive when left out; alone it turns the present load", [
			"inductive",
			"capacitive",
		]),
		angle_deg: number("How far the current lags the voltage; wins over powerFactor", { minimum: -360, maximum: 360 }),
		currentHarmonics: list("Shares of the fundamental current", harmonic, greatestNumberOfHarmonics),
	},
);

export const householdRequest = object("Who drives the loads", {
	enabled: truth("True gives them back to the household, false takes it off"),
});

export const greatestSpeed = 1_000_000;

export const speedRequest = object("Speed of meter time", {
	speed: either(
		"How fast meter time runs against real time",
		number("Factor; 0 stops", { minimum: 0, maximum: greatestSpeed }),
		choice("As fast as the machine can", ["max"]),
	),
});

/** A leap year. */
export const longestStep_s = 366 * 86_400;

export const stepRequest = object("A stretch of meter time to run at once", {
	seconds: number("Rounded to milliseconds", { minimum: 0.001, maximum: longestStep_s }),
});

export const powerRequest = object("The supply of the meter", {
	action: choice("cut: at once and without warning; restore: the meter starts again", ["cut", "restore"]),
});

export const answersWay = choice("right, or one way to be wrong, for head ends to test their defences", [
	"right",
	...wrongWays,
]);

export const answersRequest = object("How the meter answers its clients: right, or wrong on purpose", {
	way: answersWay,
});

const housingFields = {
	sealOpen: truth("The switch below the verification seal is open: the metrology client is let in"),
	meterCoverOpen: truth("The cover of the meter is off"),
	terminalCoverOpen: truth("The cover of the terminals is off"),
	magneticField: truth("A strong magnet lies on the meter"),
	serviceButton: truth("The service button is held down"),
	resetButton: truth("The sealed button that resets the maxima of demand is held down"),
	factoryLink: truth("The link of the factory inside the meter is closed"),
	fieldStrength: integer("Electromagnetic field at the detector, 0 to 255", { minimum: 0, maximum: 255 }),
};

export const housingRequest = change("Changes of the housing; what is left out stays", housingFields);

export const housingSchema = object("Switches and detectors of the housing", housingFields);

const clockPartFields = {
	temperature_degC: number("Of the board", { minimum: -60, maximum: 120 }),
	error_ppm: number("Of its quartz at 25 °C; positive is fast", { minimum: -1000, maximum: 1000 }),
	isCompensated: truth("The part takes out what it knows of its quartz over temperature"),
	isStopped: truth("The oscillator stands still, and the part says so"),
	cell_mV: integer("Voltage of the backup cell; 0 without one", { minimum: 0, maximum: 5000 }),
	reserve_s: number("How long the part runs from the cell alone", { minimum: 0, maximum: 1e9 }),
};

export const clockPartRequest = change(
	"Changes of the clock part and its surroundings; what is left out stays",
	clockPartFields,
);

export const clockPartSchema = object("The clock part", clockPartFields);

const poleFields = {
	fault: choice("welded does not open, stuck does not close, arc opens but the current goes on", [
		"none",
		"welded",
		"stuck",
		"arc",
	]),
	isBackFed: truth("Something feeds the load side of the pole"),
};

export const poleRequest = change("Faults of one pole of the supply switch; what is left out stays", poleFields);

export const switchSchema = object("The supply switch", {
	poles: list(
		"L1 to L3",
		object("A pole", { isClosed: truth("The contact, as its auxiliary contact tells"), ...poleFields }),
	),
});

export const inputRequest = object("An input", { isEnergised: truth("There is voltage at its terminals") });

const relayFault = choice("welded does not open, stuck does not close", ["none", "welded", "stuck"]);

export const relayRequest = object("An auxiliary relay", { fault: relayFault });

export const ioSchema = object("Terminals of inputs, outputs and auxiliary relays", {
	inputs: list("Inputs 1 to 4", truth("There is voltage at its terminals")),
	outputs: list(
		"Outputs 1 to 4",
		object("An output", {
			isOn: truth("It conducts"),
			edges: integer("Times it began to conduct since the simulator was started"),
		}),
	),
	relays: list(
		"As many as were ordered",
		object("A relay", { isClosed: truth("The contact, as its auxiliary contact tells"), fault: relayFault }),
	),
});

export type InputSetting = ValueOf<typeof inputRequest>;
export type RelaySetting = ValueOf<typeof relayRequest>;
export type IoState = ValueOf<typeof ioSchema>;
export type PoleSetting = ValueOf<typeof poleRequest>;
export type SwitchState = ValueOf<typeof switchSchema>;
export type ClockPartSetting = ValueOf<typeof clockPartRequest>;
export type AnswersSetting = ValueOf<typeof answersRequest>;
export type HousingSetting = ValueOf<typeof housingRequest>;
export type HousingState = ValueOf<typeof housingSchema>;

/** What the mains may be changed to. Fields left out stay. */
export type MainsSetting = ValueOf<typeof mainsRequest>;

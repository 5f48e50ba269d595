// SPDX-License-Identifier: Apache-2.0
import type { Phase, PhaseSetting } from "../grid/phase-setting.js";
import type {
	AnswersSetting,
	ClockPartSetting,
	HousingSetting,
	InputSetting,
	MainsSetting,
	PoleSetting,
	RelaySetting,
} from "./request-schemas.js";
import type { Leds, State } from "./state-schema.js";

/** The request is well formed, but the simulator as it was started can not do it; the message is for the user. */
export class ConflictError extends Error {
	override readonly name = "ConflictError";
}

/**
 * A running meter with its world, as the front panel and the control interface need it.
 *
 * Setters act at the present of the simulation, completely or not at all: RangeError for a value out of range,
 * ConflictError for something this simulator can not do, such as changing a recording.
 */
export interface Instrument {
	/** All that can be seen, without secrets. Called five times a second while somebody looks. */
	state(): State;
	leds(): Leds;
	setMains(setting: MainsSetting): void;
	/** A field of the load takes the phase over from the household. */
	setPhase(phase: Phase, setting: PhaseSetting): void;
	/** Lets the household drive the load of one phase, or of all; false takes its appliances off. */
	setHousehold(isEnabled: boolean, phase?: Phase): void;
	/** Meter time against real time; 0 stops, Infinity is as fast as possible. */
	setSpeed(speed: number): void;
	/** Runs meter time at once, whatever the speed. The panel asks for a minute at most in one call. */
	step(duration_ms: number): void;
	/** Takes the meter's supply away without warning, or gives it back. */
	setPower(isOn: boolean): void;
	/** Makes the answers to clients wrong on purpose, or right again. */
	setAnswers(setting: AnswersSetting): void;
	/** Opens and closes covers and the seal, brings a magnet, holds the service button. */
	setHousing(setting: HousingSetting): void;
	/** Temperature, quartz and backup cell of the clock part. */
	setClockPart(setting: ClockPartSetting): void;
	/** Gives a pole of the supply switch a fault. ConflictError for a meter without one. */
	setPole(phase: Phase, setting: PoleSetting): void;
	/** Puts voltage on an input, 1..4, or takes it away. ConflictError for a meter without inputs. */
	setInput(input: number, setting: InputSetting): void;
	/** Gives an auxiliary relay, 1..3, a fault. ConflictError for a meter without it. */
	setRelay(relay: number, setting: RelaySetting): void;
}

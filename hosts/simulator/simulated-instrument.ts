// SPDX-License-Identifier: Apache-2.0
import { type DisplayPicture, displaySymbol } from "../../src/ports/display.js";
import type { Phase, PhaseSetting } from "./grid/phase-setting.js";
import type { Pacer } from "./pacer.js";
import { ConflictError, type Instrument } from "./panel/instrument.js";
import { localTimeOf } from "./panel/local-time.js";
import { MainsControl } from "./panel/mains-control.js";
import { measuredBy, registersOf } from "./panel/measurement.js";
import { nameplateOf } from "./panel/nameplate.js";
import type {
	AnswersSetting,
	ClockPartSetting,
	HousingSetting,
	InputSetting,
	MainsSetting,
	PoleSetting,
	RelaySetting,
} from "./panel/request-schemas.js";
import type { Leds, State } from "./panel/state-schema.js";
import type { SimulatedMeter } from "./simulated-meter.js";

/** A running simulator as the front panel and the control interface see it. */
export class SimulatedInstrument implements Instrument {
	readonly #simulated: SimulatedMeter;
	readonly #pacer: Pacer;
	readonly #mains: MainsControl;
	readonly #powerCut: () => void;

	/** @param powerCut called when the supply is taken away, to drop what is connected */
	constructor(simulated: SimulatedMeter, pacer: Pacer, powerCut: () => void) {
		this.#simulated = simulated;
		this.#pacer = pacer;
		this.#mains = new MainsControl(simulated.terminals, simulated.household);
		this.#powerCut = powerCut;
	}

	state(): State {
		const { meter, picture, isPowered } = this.#simulated;
		const { model, identity, firmware, metrology, clock } = meter.application;
		const { speed } = this.#pacer;
		return {
			nameplate: nameplateOf(model, identity, firmware.metrology),
			isPowered,
			time: {
				monotonic_s: this.#simulated.monotonic_ms() / 1000,
				localTime: localTimeOf(clock),
				isClockValid: clock.isValid,
				speed: speed === Infinity ? "max" : speed,
			},
			display: { ...picture, symbols: symbolsOf(picture) },
			leds: this.leds(),
			measured: { ...measuredBy(metrology, model.phases), isValid: isPowered && metrology.isValid },
			registers: registersOf(metrology),
			mains: this.#mains.state(),
			tariff: { energy: meter.application.tariff.energyRate, demand: meter.application.tariff.demandRate },
			answers: this.#simulated.handler.wrong.way ?? "right",
			housing: this.#simulated.housing.state(),
			clockPart: { ...this.#simulated.rtc.setting },
			supplySwitch: this.#simulated.supplySwitch?.state() ?? null,
			io: this.#simulated.io?.state() ?? null,
		};
	}

	leds(): Leds {
		const [first, second] = this.#simulated.leds.leds;
		return {
			monotonic_s: this.#simulated.monotonic_ms() / 1000,
			active: pulseOutput(first),
			reactive: pulseOutput(second),
		};
	}

	setMains(setting: MainsSetting): void {
		this.#mains.set(setting);
	}

	setPhase(phase: Phase, setting: PhaseSetting): void {
		this.#mains.setPhase(phase, setting);
	}

	setHousehold(isEnabled: boolean, phase?: Phase): void {
		this.#mains.setHousehold(isEnabled, phase);
	}

	setSpeed(speed: number): void {
		this.#pacer.setSpeed(speed);
	}

	step(duration_ms: number): void {
		this.#pacer.step(duration_ms);
	}

	setPower(isOn: boolean): void {
		if (isOn) {
			this.#simulated.restorePower();
			return;
		}
		this.#simulated.cutPower();
		this.#powerCut();
	}

	setAnswers({ way }: AnswersSetting): void {
		this.#simulated.handler.wrong.set(way === "right" ? undefined : way);
	}

	setHousing(setting: HousingSetting): void {
		this.#simulated.housing.set(setting);
	}

	setClockPart(setting: ClockPartSetting): void {
		this.#simulated.rtc.change(setting);
	}

	setPole(phase: Phase, setting: PoleSetting): void {
		const { supplySwitch } = this.#simulated;
		if (supplySwitch === undefined) throw new ConflictError("this meter has no supply switch");
		supplySwitch.setPole(phase, setting);
	}

	setInput(input: number, setting: InputSetting): void {
		if (this.#simulated.io === undefined) throw new ConflictError("this meter has no inputs");
		this.#simulated.setInput(input, setting.isEnergised);
	}

	setRelay(relay: number, setting: RelaySetting): void {
		if (this.#simulated.io === undefined) throw new ConflictError("this meter has no relays");
		this.#simulated.io.setRelay(relay, setting);
	}
}

function symbolsOf({ symbols = 0 }: DisplayPicture): State["display"]["symbols"] {
	return (["tamper", "battery", "backLight", "error", "phases"] as const).filter(
		(name) => (symbols & displaySymbol[name]) !== 0,
	);
}

function pulseOutput(output: { readonly count: number; readonly lastEdge_s: number }): Leds["active"] {
	return { count: output.count, lastEdge_s: Number.isFinite(output.lastEdge_s) ? output.lastEdge_s : null };
}

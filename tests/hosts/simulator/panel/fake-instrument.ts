// SPDX-License-Identifier: Apache-2.0
import { Grid } from "../../../../hosts/simulator/grid/grid.js";
import { Household } from "../../../../hosts/simulator/grid/household.js";
import type { Phase, PhaseSetting } from "../../../../hosts/simulator/grid/phase-setting.js";
import type { Recording } from "../../../../hosts/simulator/grid/recording.js";
import { channel } from "../../../../hosts/simulator/grid/terminals.js";
import { truthOf } from "../../../../hosts/simulator/grid/truth.js";
import type { Instrument } from "../../../../hosts/simulator/panel/instrument.js";
import { MainsControl } from "../../../../hosts/simulator/panel/mains-control.js";
import { nameplateOf } from "../../../../hosts/simulator/panel/nameplate.js";
import type {
	AnswersSetting,
	ClockPartSetting,
	HousingSetting,
	InputSetting,
	MainsSetting,
	PoleSetting,
	RelaySetting,
} from "../../../../hosts/simulator/panel/request-schemas.js";
import type { Leds, Measured, MeasuredPhase, State } from "../../../../hosts/simulator/panel/state-schema.js";
import { SimulatedRtc } from "../../../../hosts/simulator/rtc.js";
import { SimulatedHousing } from "../../../../hosts/simulator/simulated-housing.js";
import { SimulatedIo } from "../../../../hosts/simulator/simulated-io.js";
import { SimulatedSwitch } from "../../../../hosts/simulator/simulated-switch.js";
import { identityOf } from "../../../../src/models/identity.js";
import { type ModelDescriptor, st402d } from "../../../../src/models/model.js";
import type { DisplayPicture } from "../../../../src/ports/display.js";

export interface FakeOptions {
	readonly model?: ModelDescriptor;
	readonly recording?: Recording;
	/** Seed of a household; none when left out. */
	readonly household?: number;
	/** Second of the day at the start. */
	readonly startOfDay_s?: number;
}

const degreesPerRadian = 180 / Math.PI;

/** An ideal meter on a real grid: shows at once what is at its terminals. Time moves by `step` alone. */
export class FakeInstrument implements Instrument {
	readonly model: ModelDescriptor;
	readonly grid: Grid;
	readonly household: Household | undefined;
	readonly #control: MainsControl;
	readonly #startOfDay_s: number;
	picture: DisplayPicture = { code: "1.8.0", value: "0012345.6", unit: "kWh" };
	speed = 0;
	isPowered = true;
	answers: AnswersSetting["way"] = "right";
	readonly housing = new SimulatedHousing();
	readonly rtc = new SimulatedRtc({ monotonic_ms: () => 0 }, 0);
	readonly supplySwitch: SimulatedSwitch;
	readonly io = new SimulatedIo(2);
	/** Durations of all steps, ms. */
	readonly steps: number[] = [];
	/** Thrown by the next call of `state`. */
	fault: Error | undefined;
	#now_ms = 0;
	#active_Ws = 0;
	#reactive_Ws = 0;
	#activeEdge_s: number | null = null;
	#reactiveEdge_s: number | null = null;

	constructor(options: FakeOptions = {}) {
		this.model = options.model ?? st402d;
		this.#startOfDay_s = options.startOfDay_s ?? 0;
		const { phases, nominalFrequency_Hz: frequency_Hz, nominalVoltage_V: voltage_V } = this.model;
		this.grid = new Grid({ phases, frequency_Hz, voltage_V });
		if (options.household !== undefined) {
			this.household = new Household(this.grid, options.household, {
				startOfDay_s: this.#startOfDay_s,
				photovoltaic_W: 3000,
			});
		}
		this.supplySwitch = new SimulatedSwitch(this.grid, phases, { monotonic_ms: () => this.#now_ms });
		this.#control = new MainsControl(options.recording ?? this.grid, this.household);
	}

	state(): State {
		if (this.fault !== undefined) throw this.fault;
		return {
			nameplate: nameplateOf(this.model, identityOf(this.model, "SXF", 12_345_678), {
				identifier: Uint8Array.from("SX402M 0.1.0", (c) => c.charCodeAt(0)),
				checksum: new Uint8Array(32),
			}),
			isPowered: this.isPowered,
			time: {
				monotonic_s: this.#now_ms / 1000,
				localTime: `${new Date(Date.UTC(2026, 10, 24) + this.#startOfDay_s * 1000 + this.#now_ms).toISOString().slice(0, 19)}+01:00`,
				isClockValid: true,
				speed: this.speed === Number.POSITIVE_INFINITY ? "max" : this.speed,
			},
			display: { ...(this.isPowered ? this.picture : { code: "", value: "", unit: "" }), symbols: [] },
			leds: this.leds(),
			measured: this.#measured(),
			registers: [
				{ code: "1.8.0", name: "Active import", value: 12_345.6 + this.#active_Ws / 3_600_000, unit: "kWh" },
				{ code: "2.8.0", name: "Active export", value: 210.0123, unit: "kWh" },
				{ code: "3.8.0", name: "Reactive import", value: 1043.5 + this.#reactive_Ws / 3_600_000, unit: "kvarh" },
				{ code: "4.8.0", name: "Reactive export", value: 87.25, unit: "kvarh" },
				{ code: "9.8.0", name: "Apparent import", value: 12_980.1 + this.#active_Ws / 3_600_000, unit: "kVAh" },
				{ code: "10.8.0", name: "Apparent export", value: 222.5, unit: "kVAh" },
			],
			mains: this.#control.state(),
			tariff: { energy: 1, demand: 1 },
			answers: this.answers,
			housing: this.housing.state(),
			clockPart: { ...this.rtc.setting },
			supplySwitch: this.supplySwitch.state(),
			io: this.io.state(),
		};
	}

	leds(): Leds {
		const pulse_Ws = 3_600_000 / this.model.ledConstant;
		return {
			monotonic_s: this.#now_ms / 1000,
			active: { count: Math.floor(this.#active_Ws / pulse_Ws), lastEdge_s: this.#activeEdge_s },
			reactive: { count: Math.floor(this.#reactive_Ws / pulse_Ws), lastEdge_s: this.#reactiveEdge_s },
		};
	}

	setMains(setting: MainsSetting): void {
		this.#control.set(setting);
	}

	setPhase(phase: Phase, setting: PhaseSetting): void {
		this.#control.setPhase(phase, setting);
	}

	setHousehold(isEnabled: boolean, phase?: Phase): void {
		this.#control.setHousehold(isEnabled, phase);
	}

	setSpeed(speed: number): void {
		this.speed = speed;
	}

	step(duration_ms: number): void {
		this.steps.push(duration_ms);
		const end_ms = this.#now_ms + duration_ms;
		const { active, reactive } = this.leds();
		this.household?.advanceTo(end_ms / 1000);
		this.grid.advanceTo(end_ms / 1000);
		const { activePower_W, reactivePower_var } = this.#measured();
		this.#active_Ws += (Math.abs(activePower_W) * duration_ms) / 1000;
		this.#reactive_Ws += (Math.abs(reactivePower_var) * duration_ms) / 1000;
		this.#now_ms = end_ms;
		if (this.leds().active.count > active.count) this.#activeEdge_s = end_ms / 1000;
		if (this.leds().reactive.count > reactive.count) this.#reactiveEdge_s = end_ms / 1000;
	}

	setPower(isOn: boolean): void {
		this.isPowered = isOn;
	}

	setClockPart(setting: ClockPartSetting): void {
		this.rtc.change(setting);
	}

	setAnswers({ way }: AnswersSetting): void {
		this.answers = way;
	}

	setHousing(setting: HousingSetting): void {
		this.housing.set(setting);
	}

	setPole(phase: Phase, setting: PoleSetting): void {
		this.supplySwitch.setPole(phase, setting);
	}

	setInput(input: number, setting: InputSetting): void {
		this.io.setInput(input, setting);
	}

	setRelay(relay: number, setting: RelaySetting): void {
		this.io.setRelay(relay, setting);
	}

	#measured(): Measured {
		const phases = Array.from({ length: this.model.phases }, (_, p) => this.#phase((p + 1) as Phase));
		const sum = (value: (phase: MeasuredPhase) => number) => phases.reduce((total, phase) => total + value(phase), 0);
		const activePower_W = sum((phase) => phase.activePower_W);
		const apparentPower_VA = sum((phase) => phase.apparentPower_VA);
		return {
			isValid: this.isPowered,
			sequence: Math.floor(this.#now_ms / 1000),
			frequency_Hz: this.grid.frequency_Hz,
			activePower_W,
			reactivePower_var: sum((phase) => phase.reactivePower_var),
			apparentPower_VA,
			powerFactor: apparentPower_VA === 0 ? 1 : activePower_W / apparentPower_VA,
			neutralCurrent_A: null,
			phases,
		};
	}

	#phase(phase: Phase): MeasuredPhase {
		const state = this.grid.phasors();
		const truth = truthOf(state, phase);
		const angle = (c: number) => state.channels[c]![0]!.phase_rad - state.channels[channel.u1]![0]!.phase_rad;
		const fold_deg = (angle_rad: number) => {
			const angle_deg = angle_rad * degreesPerRadian;
			return angle_deg - 360 * Math.round(angle_deg / 360);
		};
		return {
			...truth,
			powerFactor: truth.apparentPower_VA === 0 ? 1 : truth.activePower_W / truth.apparentPower_VA,
			voltageAngle_deg: truth.voltage_V > 0 ? fold_deg(angle(channel.u1 + phase - 1)) : null,
			currentAngle_deg: truth.current_A > 0 ? fold_deg(angle(channel.i1 + phase - 1)) : null,
		};
	}
}

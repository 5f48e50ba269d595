// SPDX-License-Identifier: Apache-2.0

import { Ade7953Bus, foldCount } from "../drivers/ade7953-bus.js";
import { ade7953Values } from "../drivers/ade7953-calibration.js";
import {
	type Ade7953Calibration,
	ade7953Uncalibrated,
	calibratedNumerator,
	configuration,
	phaseRegister,
	rmsFullScale,
	unitDenominator,
} from "../drivers/ade7953-configuration.js";
import { register } from "../drivers/ade7953-registers.js";
import { Ade7953Start } from "../drivers/ade7953-start.js";
import type { Calibration } from "../metrology/calibration.js";
import { factoryLedConstants } from "../metrology/led-constant.js";
import type { ModelDescriptor } from "../models/model.js";
import type { SpiDevice } from "../ports/bus.js";
import { CalibrationError, freezeGenerators, type Procedure, type TestLoad } from "./bench.js";
import { ChipProcedure, greatestLag_rad, plausibleGain, radians } from "./chip-procedure.js";
import { leastCurrent_A } from "./least-current.js";
import { Sample } from "./statistics.js";

const unity = 0x40_0000;
/** Long enough that one count is 3 ppm at the reference current. */
const measure_s = 100;
/** Step of the phase compensation (data sheet). */
const delayStep_s = 1.117e-6;
const noLoadOff = 0x07;
/** Power codes of one energy count per second: full scale is 4 862 401 codes and 206 900 counts (data sheet). */
const codesPerRate = 4_862_401 / 206_900;

/** Energy counts per second. */
interface Rates {
	readonly active: number;
	readonly reactive: number;
	readonly apparent: number;
}

interface RmsSquares {
	readonly voltage: number;
	readonly current: number;
	readonly neutral: number;
}

/** Calibration of a single-phase board by the registers of its ADE7953 (Analog Devices AN-1118: gain, phase, offset). */
export class Ade7953Procedure extends ChipProcedure {
	readonly #bus: Ade7953Bus;
	readonly #values: { -readonly [K in keyof Ade7953Calibration]: number } = { ...ade7953Uncalibrated };
	readonly #unitNumerator: number;

	/** @param spi the bus of the measuring chip, of which nothing but registers is used */
	constructor(spi: SpiDevice, model: ModelDescriptor) {
		const bus = new Ade7953Bus(spi);
		super(bus, model);
		this.#bus = bus;
		this.#unitNumerator = calibratedNumerator(model);
	}

	/** Brings the chip to measure with `calibration` in its registers, open for writing, without no-load threshold. */
	*start(calibration: Ade7953Calibration = ade7953Uncalibrated): Procedure<void> {
		const table = configuration(this.model, calibration, factoryLedConstants(this.model), this.#unitNumerator);
		const start = new Ade7953Start(this.#bus, table);
		yield* this.bringUp(start);
		this.#bus.write(register.writeProtect, 0);
		this.setRegister(register.disNoLoad, noLoadOff);
	}

	override *calibrate(): Procedure<Calibration> {
		const { reference } = this;
		yield* this.start();
		yield* this.calibrateRms(reference);
		yield* this.calibratePhase(reference);
		yield* this.calibratePower(reference);
		yield* this.calibratePowerOffsets();
		yield* this.verify();
		return { values: ade7953Values(this.#values), unitNumerator: this.#unitNumerator, made_s: 0 };
	}

	override *activeErrors(load: TestLoad, duration_s: number): Procedure<number[]> {
		const { active } = yield* this.measureRates(duration_s);
		return [active / this.activeRate(load) - 1];
	}

	/** 23 kW turn the register over in 91 s. */
	protected override verificationTime_s({ current_A }: TestLoad): number {
		return current_A > 10 ? 20 : measure_s;
	}

	/** Counts per second that the apparent power of `load` has to give. */
	private rate(load: TestLoad): number {
		return ((load.voltage_V * load.current_A) / 360) * (this.#unitNumerator / unitDenominator);
	}

	private activeRate(load: TestLoad): number {
		return this.rate(load) * Math.cos(load.angle_deg * radians);
	}

	private reactiveRate(load: TestLoad): number {
		return this.rate(load) * Math.sin(load.angle_deg * radians);
	}

	// Readings

	/** Mean squares of RMS codes. */
	private *measureRms(count: number): Procedure<RmsSquares> {
		const bus = this.#bus;
		let [voltage, current, neutral] = [0, 0, 0];
		for (let n = 0; n < count; n++) {
			yield* this.wait(0.1);
			voltage += bus.readChecked(register.vRms) ** 2 / count;
			current += bus.readChecked(register.iRmsA) ** 2 / count;
			neutral += bus.readChecked(register.iRmsB) ** 2 / count;
		}
		this.requireAnswers();
		return { voltage, current, neutral };
	}

	private readEnergies(): number[] {
		return [register.aEnergyA, register.rEnergyA, register.apEnergyA].map((at) => this.#bus.readChecked(at));
	}

	/** The registers count freely; at full scale they turn over in 40 s, far from any load of a bench. */
	private *measureRates(duration_s: number): Procedure<Rates> {
		const before = this.readEnergies();
		const elapsed_s = yield* this.wait(duration_s);
		const after = this.readEnergies();
		this.requireAnswers();
		const [active, reactive, apparent] = after.map((count, n) => foldCount(count, before[n]!) / elapsed_s);
		return { active: active!, reactive: reactive!, apparent: apparent! };
	}

	// Steps

	/** Gain and offset of the three RMS values from two loads each: R² = gain² · x² + noise². */
	private *calibrateRms(wanted: TestLoad): Procedure<void> {
		const { board } = this.model;
		const reference = yield* this.apply(wanted);
		const high = yield* this.measureRms(20);
		const low = yield* this.apply({
			voltage_V: 0.8 * wanted.voltage_V,
			current_A: board.currentFullScale_mA / 1000 / 500,
			angle_deg: 0,
		});
		const small = yield* this.measureRms(20);
		const values = this.#values;
		const current = twoPoints(reference.current_A, low.current_A, high.current, small.current);
		const wantedCurrent = (1000 * rmsFullScale) / board.currentFullScale_mA;
		values.currentGain = gainRegister(wantedCurrent / current.gain, "current");
		values.currentRmsOffset = rmsOffset(current.square, values.currentGain);
		const neutral = twoPoints(reference.current_A, low.current_A, high.neutral, small.neutral);
		const wantedNeutral = (1000 * rmsFullScale) / board.neutralFullScale_mA;
		values.neutralGain = gainRegister(wantedNeutral / neutral.gain, "neutral current");
		values.neutralRmsOffset = rmsOffset(neutral.square, values.neutralGain);
		// The noise of the voltage (0.1 V) is not seen beside 0.8 Un: its offset stays 0.
		const wantedVoltage = (1000 * rmsFullScale) / board.voltageFullScale_mV;
		const voltageCode = Math.sqrt(high.voltage) / reference.voltage_V;
		values.voltageGain = gainRegister(wantedVoltage / voltageCode, "voltage");
		this.setRegister(register.aiGain, values.currentGain);
		this.setRegister(register.biGain, values.neutralGain);
		this.setRegister(register.avGain, values.voltageGain);
		this.setRegister(register.bvGain, values.voltageGain);
		this.setRegister(register.aiRmsOs, values.currentRmsOffset);
		this.setRegister(register.biRmsOs, values.neutralRmsOffset);
	}

	/** Power at 60° against that at 0°; repeated once, so that the nearest step is found. */
	private *calibratePhase(reference: TestLoad): Procedure<void> {
		const step_rad = 2 * Math.PI * this.model.nominalFrequency_Hz * delayStep_s;
		for (let round = 0; round < 2; round++) {
			const straight = yield* this.apply(reference);
			const straightRates = yield* this.measureRates(measure_s);
			const inclined = yield* this.apply({ ...reference, angle_deg: 60 });
			const inclinedRates = yield* this.measureRates(measure_s);
			// What one volt-ampere gives at two angles: cos(60° + δ) = r · cos(0° + δ); δ > 0 when the current lags too much.
			const ratio = inclinedRates.active / this.rate(inclined) / (straightRates.active / this.rate(straight));
			const near_rad = straight.angle_deg * radians;
			const far_rad = inclined.angle_deg * radians;
			const lag_rad = Math.atan(
				(Math.cos(far_rad) - ratio * Math.cos(near_rad)) / (Math.sin(far_rad) - ratio * Math.sin(near_rad)),
			);
			if (!(straightRates.active > 0) || Math.abs(lag_rad) > greatestLag_rad) {
				throw new CalibrationError(`current is ${(lag_rad / radians).toFixed(1)}° off: wrong direction?`);
			}
			this.#values.delay -= Math.round(lag_rad / step_rad);
			this.setRegister(register.phCalA, phaseRegister(this.#values.delay));
		}
	}

	private *calibratePower(reference: TestLoad): Procedure<void> {
		const values = this.#values;
		const straight = yield* this.apply(reference);
		const straightRates = yield* this.measureRates(measure_s);
		const turned = yield* this.apply({ ...reference, angle_deg: 90 });
		const turnedRates = yield* this.measureRates(measure_s);
		values.activeGain = gainRegister(this.activeRate(straight) / straightRates.active, "active power");
		values.apparentGain = gainRegister(this.rate(straight) / straightRates.apparent, "apparent power");
		values.reactiveGain = gainRegister(this.reactiveRate(turned) / turnedRates.reactive, "reactive power");
		this.setRegister(register.awGain, values.activeGain);
		this.setRegister(register.avaGain, values.apparentGain);
		this.setRegister(register.avarGain, values.reactiveGain);
	}

	/** Crosstalk at the least current; what is not more than noise is not written. */
	private *calibratePowerOffsets(): Procedure<void> {
		const least = {
			voltage_V: this.model.nominalVoltage_V,
			current_A: leastCurrent_A(this.model),
			angle_deg: 0,
		};
		const active = new Sample();
		const reactive = new Sample();
		const straight = yield* this.apply(least);
		for (let n = 0; n < 10; n++) active.add((yield* this.measureRates(measure_s)).active);
		const turned = yield* this.apply({ ...least, angle_deg: 90 });
		for (let n = 0; n < 10; n++) reactive.add((yield* this.measureRates(measure_s)).reactive);
		const scale = codesPerRate * 512;
		this.#values.activeOffset = Math.round(active.correctionTo(this.activeRate(straight)) * scale);
		this.#values.reactiveOffset = Math.round(reactive.correctionTo(this.reactiveRate(turned)) * scale);
		this.setRegister(register.awattOs, this.#values.activeOffset);
		this.setRegister(register.avarOs, this.#values.reactiveOffset);
	}
}
freezeGenerators(Ade7953Procedure);

/** Codes per unit and squared noise code from the squares at two loads. */
function twoPoints(high: number, low: number, highSquare: number, lowSquare: number): { gain: number; square: number } {
	const gainSquare = (highSquare - lowSquare) / (high * high - low * low);
	return { gain: Math.sqrt(gainSquare), square: highSquare - gainSquare * high * high };
}

/** RMS = √(RMS0² + 2^12 · offset); the gain acts on the noise too. */
function rmsOffset(noiseSquare: number, gain: number): number {
	return Math.round((-noiseSquare * (gain / unity) ** 2) / 2 ** 12);
}

function gainRegister(gain: number, what: string): number {
	return Math.round(plausibleGain(gain, what) * unity);
}

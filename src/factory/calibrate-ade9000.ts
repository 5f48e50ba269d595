// SPDX-License-Identifier: Apache-2.0

import { Ade9000Bus, foldEnergy } from "../drivers/ade9000-bus.js";
import { ade9000Values } from "../drivers/ade9000-calibration.js";
import {
	type Ade9000Calibration,
	type Ade9000PhaseCalibration,
	ade9000Uncalibrated,
	configuration,
	designNumerator,
	neutralPhaseCalibration,
	rmsFullScale,
	sampleRate_Hz,
	wattsPerCode,
} from "../drivers/ade9000-configuration.js";
import { register, status0Bit, unlockKey } from "../drivers/ade9000-registers.js";
import { Ade9000Start } from "../drivers/ade9000-start.js";
import type { Calibration } from "../metrology/calibration.js";
import { factoryLedConstants } from "../metrology/led-constant.js";
import type { ModelDescriptor } from "../models/model.js";
import type { SpiDevice } from "../ports/bus.js";
import { CalibrationError, freezeGenerators, type Procedure, type TestLoad } from "./bench.js";
import { ChipProcedure, greatestLag_rad, plausibleGain, radians } from "./chip-procedure.js";
import { leastCurrent_A } from "./least-current.js";
import { Sample } from "./statistics.js";

const unity = 2 ** 27;
/** Whole intervals of the energy registers. */
const measure_s = 10;

type Mutable = { -readonly [K in keyof Ade9000PhaseCalibration]: number };

/** Mean power codes of the three phases over some seconds. */
interface PowerCodes {
	readonly active: readonly number[];
	readonly reactive: readonly number[];
}

/** Codes of VRMS and IRMS (10/12-cycle and per sample) of the three phases, and NIRMS. */
interface RmsCodes {
	readonly voltage: readonly number[];
	readonly current: readonly number[];
	readonly currentEachSample: readonly number[];
	readonly neutral: number;
}

/**
 * xPHCAL that turns back a current which lags by `lag_rad` too much (data sheet, phase compensation).
 * @param lag_rad -15° … +2.25° at 50 Hz; a transformer usually leads: negative
 */
export function phaseCoefficient(lag_rad: number, frequency_Hz: number): number {
	const omega = (2 * Math.PI * frequency_Hz) / sampleRate_Hz;
	return Math.round((unity * (Math.sin(lag_rad - omega) + Math.sin(omega))) / Math.sin(2 * omega - lag_rad));
}

/** Calibration of a three-phase board by the registers of its ADE9000, all phases at a time. */
export class Ade9000Procedure extends ChipProcedure {
	readonly #bus: Ade9000Bus;
	readonly #phases: Mutable[] = [0, 1, 2].map(() => ({ ...neutralPhaseCalibration }));
	#neutralGain = 0;
	#neutralOffset = 0;

	/** @param spi the bus of the measuring chip, of which nothing but registers is used */
	constructor(spi: SpiDevice, model: ModelDescriptor) {
		const bus = new Ade9000Bus(spi);
		super(bus, model);
		this.#bus = bus;
	}

	/** Brings the chip to measure with `calibration` in its registers, open for writing. */
	*start(calibration: Ade9000Calibration = ade9000Uncalibrated): Procedure<void> {
		const start = new Ade9000Start(this.#bus, configuration(this.model, calibration, factoryLedConstants(this.model)));
		yield* this.bringUp(start);
		this.#bus.write(register.wrLock, unlockKey);
	}

	override *calibrate(): Procedure<Calibration> {
		const { reference } = this;
		const { board } = this.model;
		yield* this.start();
		yield* this.calibrateGains(reference);
		yield* this.calibratePhase({ ...reference, angle_deg: 60 });
		yield* this.calibratePower(reference);
		if (board.neutralFullScale_mA > 0) yield* this.calibrateNeutral({ ...reference, phase: 1 });
		yield* this.calibrateRmsOffsets(reference.voltage_V, board.currentFullScale_mA / 1e6);
		yield* this.calibratePowerOffsets();
		yield* this.verify();
		const values = ade9000Values({
			phases: this.#phases,
			neutralGain: this.#neutralGain,
			neutralPhase: 0,
			neutralRms1012Offset: this.#neutralOffset,
		});
		return { values, unitNumerator: designNumerator(this.model), made_s: 0 };
	}

	override *activeErrors(load: TestLoad, duration_s: number): Procedure<number[]> {
		const codes = yield* this.measurePower(duration_s);
		const wanted = this.powerCode(load) * Math.cos(load.angle_deg * radians);
		return codes.active.map((code) => code / wanted - 1);
	}

	protected override verificationTime_s(): number {
		return measure_s;
	}

	/** Apparent power of one phase in codes. */
	private powerCode(load: TestLoad): number {
		return (load.voltage_V * load.current_A) / wattsPerCode(this.model);
	}

	private write(phase: number, offset: number, value: number): void {
		this.setRegister(register.phaseA + phase * (register.phaseB - register.phaseA) + offset, value);
	}

	// Readings

	/** Waits for a status bit. */
	private *await(bit: number, limit_s: number): Procedure<void> {
		this.#bus.write(register.status0, bit);
		for (let waited_s = 0; waited_s <= limit_s; waited_s += 0.02) {
			yield* this.wait(0.02);
			if ((this.#bus.read32(register.status0) & bit) !== 0) return;
		}
		this.requireAnswers();
		throw new CalibrationError("the chip finishes no interval");
	}

	private *measureRms(count: number): Procedure<RmsCodes> {
		const bus = this.#bus;
		const squares = new Float64Array(10);
		for (let n = 0; n < count; n++) {
			yield* this.await(status0Bit.rms1012Rdy, 0.5);
			for (let phase = 0; phase < 3; phase++) {
				const at = phase * register.phaseStep;
				squares[phase]! += bus.read32(register.vRms1012A + at) ** 2;
				squares[3 + phase]! += bus.read32(register.iRms1012A + at) ** 2;
				squares[6 + phase]! += bus.read32(register.iRmsA + at) ** 2;
			}
			squares[9]! += bus.read32(register.niRms1012) ** 2;
		}
		this.requireAnswers();
		const codes = Array.from(squares, (sum) => Math.sqrt(sum / count));
		return {
			voltage: codes.slice(0, 3),
			current: codes.slice(3, 6),
			currentEachSample: codes.slice(6, 9),
			neutral: codes[9]!,
		};
	}

	private readEnergies(): number[] {
		const energies: number[] = [];
		for (const first of [register.wattHrHiA, register.fVarHrHiA]) {
			for (let phase = 0; phase < 3; phase++) {
				energies.push(this.#bus.readEnergy(first + phase * register.energyPhaseStep));
			}
		}
		return energies;
	}

	/** Energy of whole intervals, read in the middle of the intervals around them. */
	private *measurePower(duration_s: number): Procedure<PowerCodes> {
		yield* this.await(status0Bit.egyRdy, 1.5);
		yield* this.wait(0.5);
		const before = this.readEnergies();
		yield* this.wait(duration_s);
		const after = this.readEnergies();
		this.requireAnswers();
		const codes = after.map((energy, n) => foldEnergy(energy, before[n]!) / (duration_s * sampleRate_Hz));
		return { active: codes.slice(0, 3), reactive: codes.slice(3, 6) };
	}

	// Steps

	private *calibrateGains(wanted: TestLoad): Procedure<void> {
		const { voltageFullScale_mV, currentFullScale_mA } = this.model.board;
		const load = yield* this.apply(wanted);
		const rms = yield* this.measureRms(10);
		this.#phases.forEach((values, phase) => {
			const voltage = (load.voltage_V * 1000 * rmsFullScale) / voltageFullScale_mV;
			const current = (load.current_A * 1000 * rmsFullScale) / currentFullScale_mA;
			values.voltageGain = gainRegister(voltage / rms.voltage[phase]!, `voltage L${phase + 1}`);
			values.currentGain = gainRegister(current / rms.current[phase]!, `current L${phase + 1}`);
			this.write(phase, register.vGain, values.voltageGain);
			this.write(phase, register.iGain, values.currentGain);
		});
	}

	private *calibratePhase(wanted: TestLoad): Procedure<void> {
		const load = yield* this.apply(wanted);
		const codes = yield* this.measurePower(measure_s);
		this.#phases.forEach((values, phase) => {
			const measured_rad = Math.atan2(codes.reactive[phase]!, codes.active[phase]!);
			const lag_rad = measured_rad - load.angle_deg * radians;
			if (Math.abs(lag_rad) > greatestLag_rad) {
				const lag_deg = (lag_rad / radians).toFixed(1);
				throw new CalibrationError(`current L${phase + 1} is ${lag_deg}° off: wrong phase or direction?`);
			}
			values.phase = phaseCoefficient(lag_rad, this.model.nominalFrequency_Hz);
			this.write(phase, register.phCal0, values.phase);
		});
	}

	/** Power of each phase by its energy, then all of them by the test output against time: the crystal comes in there. */
	private *calibratePower(wanted: TestLoad): Procedure<void> {
		const load = yield* this.apply(wanted);
		const errors = yield* this.activeErrors(load, measure_s);
		this.trimPower((phase) => 1 / (1 + errors[phase]!));
		yield* this.settle();
		const { outputError } = yield* this.step({ wait_s: 0, wantsOutputError: true });
		this.trimPower(() => 1 / (1 + outputError));
	}

	private trimPower(factor: (phase: number) => number): void {
		this.#phases.forEach((values, phase) => {
			const gain = (1 + values.powerGain / unity) * factor(phase);
			values.powerGain = gainRegister(gain, `power L${phase + 1}`);
			this.write(phase, register.pGain, values.powerGain);
		});
	}

	private *calibrateNeutral(reference: TestLoad): Procedure<void> {
		const load = yield* this.apply(reference);
		const rms = yield* this.measureRms(10);
		const wanted = (load.current_A * 1000 * rmsFullScale) / this.model.board.neutralFullScale_mA;
		if (rms.neutral < wanted / 100) return; // no transformer in the neutral conductor of this board
		this.#neutralGain = gainRegister(wanted / rms.neutral, "neutral current");
		this.setRegister(register.niGain, this.#neutralGain);
	}

	/**
	 * What noise adds to the currents, at a thousandth of full scale. Voltages have none: 11 mV beside 180 V and more is
	 * less than the last bit.
	 */
	private *calibrateRmsOffsets(voltage_V: number, current_A: number): Procedure<void> {
		const alone = yield* this.apply({ voltage_V, current_A, angle_deg: 0, phase: 1 });
		const neutral = (yield* this.measureRms(10)).neutral;
		const load = yield* this.apply({ voltage_V, current_A, angle_deg: 0 });
		const rms = yield* this.measureRms(10);
		const { currentFullScale_mA, neutralFullScale_mA } = this.model.board;
		const wanted = (load.current_A * 1000 * rmsFullScale) / currentFullScale_mA;
		this.#phases.forEach((values, phase) => {
			values.currentRms1012Offset = rmsOffset(wanted, rms.current[phase]!);
			values.currentRmsOffset = rmsOffset(wanted, rms.currentEachSample[phase]!);
			this.write(phase, register.iRms1012Os, values.currentRms1012Offset);
			this.write(phase, register.iRmsOs, values.currentRmsOffset);
		});
		if (this.#neutralGain === 0) return;
		this.#neutralOffset = rmsOffset((alone.current_A * 1000 * rmsFullScale) / neutralFullScale_mA, neutral);
		this.setRegister(register.niRms1012Os, this.#neutralOffset);
	}

	/** Crosstalk at the least current; what is not more than noise is not written. */
	private *calibratePowerOffsets(): Procedure<void> {
		const { nominalVoltage_V: voltage_V } = this.model;
		const least = { voltage_V, current_A: leastCurrent_A(this.model), angle_deg: 0 };
		const straight = yield* this.apply(least);
		const activeSamples = yield* this.samplePower((codes) => codes.active);
		const turned = yield* this.apply({ ...least, angle_deg: 90 });
		const reactiveSamples = yield* this.samplePower((codes) => codes.reactive);
		const active = this.powerCode(straight) * Math.cos(straight.angle_deg * radians);
		const reactive = this.powerCode(turned) * Math.sin(turned.angle_deg * radians);
		this.#phases.forEach((values, phase) => {
			values.activeOffset = Math.round(activeSamples[phase]!.correctionTo(active));
			values.fundamentalReactiveOffset = Math.round(reactiveSamples[phase]!.correctionTo(reactive));
			this.write(phase, register.wattOs, values.activeOffset);
			this.write(phase, register.fVarOs, values.fundamentalReactiveOffset);
		});
	}

	private *samplePower(pick: (codes: PowerCodes) => readonly number[]): Procedure<Sample[]> {
		const samples = [new Sample(), new Sample(), new Sample()];
		for (let n = 0; n < 10; n++) {
			const codes = pick(yield* this.measurePower(measure_s));
			samples.forEach((sample, phase) => {
				sample.add(codes[phase]!);
			});
		}
		return samples;
	}
}
freezeGenerators(Ade9000Procedure);

function gainRegister(gain: number, what: string): number {
	return Math.round((plausibleGain(gain, what) - 1) * unity);
}

/** RMS = √(RMS0² + 2^15 · offset). */
function rmsOffset(wanted: number, measured: number): number {
	return Math.round((wanted * wanted - measured * measured) / 2 ** 15);
}

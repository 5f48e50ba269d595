// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { type ModelDescriptor, optionBit } from "../models/model.js";
import { cosine, decidegrees } from "./angle.js";
import { angleIndex, energyIndex, type FrontEndReading, neutralIndex } from "./front-end.js";

/** A phase below this share of the nominal voltage is missing. */
const missingShare = 0.05;
/** Apparent power below this multiple of the no-load level has no meaningful power factor. */
const powerFactorLevels = 3;
/** No-load level: half of starting current times nominal voltage. */
const noLoadShare = 0.5;

/** Voltages, currents, angles and power factors of the last interval, as `MetrologyView` shows them. */
export class IntervalValues {
	frequency_mHz = 0;
	/** NaN without a sensor. */
	temperature_degC = Number.NaN;
	readonly #model: ModelDescriptor;
	readonly #voltage_mV = zeros(3);
	readonly #current_mA = zeros(4);
	readonly #powerFactor_permil = zeros(4);
	readonly #angle_mdeg = zeros(6);

	constructor(model: ModelDescriptor) {
		this.#model = model;
		this.#powerFactor_permil.fill(1000);
	}

	/** @param phase 1..3 */
	voltage_mV(phase: number): number {
		return this.#voltage_mV[phase - 1] ?? 0;
	}

	/** @param pair 1 L1-L2, 2 L2-L3, 3 L3-L1 */
	lineVoltage_mV(pair: number): number {
		const first = this.#voltage_mV[pair - 1] ?? 0;
		const second = this.#voltage_mV[pair % 3] ?? 0;
		if (first === 0 || second === 0) return 0;
		const index = pair === 1 ? angleIndex.u2u1 : pair === 2 ? angleIndex.u3u2 : angleIndex.u3u1;
		const between_mdeg = this.#angle_mdeg[index]!;
		return Math.round(Math.sqrt(first * first + second * second - 2 * first * second * cosine(between_mdeg)));
	}

	/** @param phase 1..3 */
	current_mA(phase: number): number {
		return phase === 1 || phase === 2 || phase === 3 ? this.#current_mA[phase - 1]! : 0;
	}

	/** Undefined where the board does not measure it. */
	get neutralCurrent_mA(): number | undefined {
		const { options, board } = this.#model;
		const isMeasured = (options & optionBit.neutral_ct) !== 0 && board.neutralFullScale_mA > 0;
		return isMeasured ? this.#current_mA[neutralIndex]! : undefined;
	}

	/** @param phase 1..3, 0 for the total */
	powerFactor_permil(phase: number): number {
		return this.#powerFactor_permil[phase] ?? 0;
	}

	/** @param x of 1-0:81.7.x */
	angle_decideg(x: number): number {
		const angles = this.#angle_mdeg;
		switch (x) {
			case 1:
				return decidegrees(angles[angleIndex.u2u1]!);
			case 2:
				return decidegrees(angles[angleIndex.u3u1]!);
			case 4:
				return decidegrees(angles[angleIndex.i1u1]!);
			case 15:
				return decidegrees(angles[angleIndex.i2u2]!);
			case 26:
				return decidegrees(angles[angleIndex.i3u3]!);
			case 5: // I2 to U1 = I2 to U2 + U2 to U1
				return this.hasAngle(2) ? decidegrees(angles[angleIndex.i2u2]! + angles[angleIndex.u2u1]!) : 0;
			case 6:
				return this.hasAngle(3) ? decidegrees(angles[angleIndex.i3u3]! + angles[angleIndex.u3u1]!) : 0;
			default:
				return 0;
		}
	}

	/** @param perCode_mW power of one code of energy in the interval */
	take(reading: FrontEndReading, perCode_mW: number): void {
		const { phases } = this.#model;
		const missing_mV = missingShare * this.#model.nominalVoltage_V * 1000;
		let hasVoltage = false;
		let hasCurrent = false;
		for (let phase = 0; phase < phases; phase++) {
			const voltage = reading.voltage_mV[phase]!;
			const isPresent = voltage >= missing_mV;
			this.#voltage_mV[phase] = isPresent ? voltage : 0;
			const current = reading.current_mA[phase]!;
			const flows = current >= this.#model.startingCurrent_mA;
			this.#current_mA[phase] = flows ? current : 0;
			if (isPresent) hasVoltage = true;
			if (flows) hasCurrent = true;
			this.#powerFactor_permil[phase + 1] = flows ? this.powerFactor(reading, perCode_mW, phase, 1) : 1000;
		}
		const neutral = reading.current_mA[neutralIndex]!;
		this.#current_mA[neutralIndex] = neutral >= this.#model.startingCurrent_mA ? neutral : 0;
		this.#powerFactor_permil[0] = hasCurrent ? this.powerFactor(reading, perCode_mW, 0, phases) : 1000;
		this.frequency_mHz = hasVoltage ? reading.frequency_mHz : 0;
		this.temperature_degC = reading.temperature_degC;
		this.takeAngle(reading, angleIndex.u2u1, this.#voltage_mV[0]! > 0 && this.#voltage_mV[1]! > 0);
		this.takeAngle(reading, angleIndex.u3u1, this.#voltage_mV[0]! > 0 && this.#voltage_mV[2]! > 0);
		this.takeAngle(reading, angleIndex.u3u2, this.#voltage_mV[1]! > 0 && this.#voltage_mV[2]! > 0);
		for (let phase = 0; phase < 3; phase++) {
			this.takeAngle(reading, angleIndex.i1u1 + phase, this.#voltage_mV[phase]! > 0 && this.#current_mA[phase]! > 0);
		}
	}

	private takeAngle(reading: FrontEndReading, index: number, isMeasurable: boolean): void {
		this.#angle_mdeg[index] = isMeasurable ? reading.angle_mdeg[index]! : 0;
	}

	/** Whether the current of `phase` has an angle to U1. */
	private hasAngle(phase: number): boolean {
		const voltages = this.#voltage_mV;
		return voltages[0]! > 0 && voltages[phase - 1]! > 0 && this.#current_mA[phase - 1]! > 0;
	}

	/** |P|/S with the sign of P, of `count` phases from `first` on. */
	private powerFactor(reading: FrontEndReading, perCode_mW: number, first: number, count: number): number {
		const codes = reading.energy_codes;
		let p = 0;
		let s = 0;
		for (let phase = first; phase < first + count; phase++) {
			p += codes[energyIndex.active + phase]!;
			s += codes[energyIndex.apparent + phase]!;
		}
		const { nominalVoltage_V, startingCurrent_mA } = this.#model;
		const noLoad_mVA = noLoadShare * nominalVoltage_V * startingCurrent_mA;
		if (s * perCode_mW < powerFactorLevels * noLoad_mVA) return 1000;
		const permil = Math.min(1000, Math.round((1000 * Math.abs(p)) / s));
		return p < 0 ? -permil : permil;
	}

	/** Nothing is shown that is not measured. */
	clear(): void {
		this.#voltage_mV.fill(0);
		this.#current_mA.fill(0);
		this.#angle_mdeg.fill(0);
		this.#powerFactor_permil.fill(0);
		this.frequency_mHz = 0;
		this.temperature_degC = Number.NaN;
	}
}

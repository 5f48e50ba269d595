// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../models/model.js";

/** Which transformers are in front of the terminals, and on which side of them energy is registered. */
export interface TransformerSetting {
	/** Registers hold what flows in front of the transformers, not what flows at the terminals. */
	readonly isPrimary: boolean;
	/** Rated currents, 1..65535 each. */
	readonly currentNumerator: number;
	readonly currentDenominator: number;
	/** Rated voltages, 1..2^32 - 1 each. */
	readonly voltageNumerator: number;
	readonly voltageDenominator: number;
}

const greatest16 = 0xffff;
const greatest32 = 0xffff_ffff;
/** Registers must not roll over sooner at maximum current. */
const leastRollOver_h = 4000;
const registerWrap_Wh = 2 ** 32;

function isCount(value: number, greatest: number): boolean {
	return Number.isInteger(value) && value >= 1 && value <= greatest;
}

/** Greatest s with 10^s <= numerator / denominator. */
function floorLog10(numerator: number, denominator: number): number {
	let s = 0;
	while (numerator >= 10 ** (s + 1) * denominator) s++;
	while (numerator * 10 ** -s < denominator) s--;
	return s;
}

/** Least s with 10^s >= numerator / denominator. */
function ceilLog10(numerator: number, denominator: number): number {
	return -floorLog10(denominator, numerator);
}

/**
 * What follows from the transformers for registers and shown values (object model, section 4). Immutable.
 *
 * Secondary side: everything as at the terminals. Primary side: multiplied by the ratio, with scalers that keep the
 * resolution of the terminals and ten years to roll-over.
 */
export class Registration implements TransformerSetting {
	readonly isPrimary: boolean;
	readonly currentNumerator: number;
	readonly currentDenominator: number;
	readonly voltageNumerator: number;
	readonly voltageDenominator: number;
	/** Of energies and powers: a unit of the registers is 0.1 · 10^s Wh. */
	readonly energyScaler: number;
	readonly currentScaler: number;
	readonly voltageScaler: number;

	constructor(setting: TransformerSetting, currentScaler: number) {
		const { isPrimary, currentNumerator, currentDenominator, voltageNumerator, voltageDenominator } = setting;
		this.isPrimary = isPrimary;
		this.currentNumerator = currentNumerator;
		this.currentDenominator = currentDenominator;
		this.voltageNumerator = voltageNumerator;
		this.voltageDenominator = voltageDenominator;
		this.energyScaler = isPrimary
			? floorLog10(currentNumerator * voltageNumerator, currentDenominator * voltageDenominator)
			: 0;
		this.currentScaler = currentScaler + (isPrimary ? ceilLog10(currentNumerator, currentDenominator) : 0);
		this.voltageScaler = -1 + (isPrimary ? ceilLog10(voltageNumerator, voltageDenominator) : 0);
	}

	/** Product of the ratios. */
	get ratio(): number {
		const { currentNumerator, currentDenominator, voltageNumerator, voltageDenominator } = this;
		return (currentNumerator * voltageNumerator) / (currentDenominator * voltageDenominator);
	}

	/** Factor by which a reader has to multiply powers and energies; rounded, 1 at least. */
	get readingFactor(): number {
		return this.isPrimary ? 1 : Math.max(1, Math.round(this.ratio));
	}

	/** Watts in front of the transformers (or at the terminals) per watt at the terminals. */
	get powerFactor(): number {
		return this.isPrimary ? this.ratio : 1;
	}

	/** The unit of the registers in codes · denominator, from that of the terminals. */
	unitNumerator(atTerminals: number): number {
		return this.isPrimary ? Math.round((atTerminals * 10 ** this.energyScaler) / this.ratio) : atTerminals;
	}

	/** Digits of a registered current, not rounded. */
	currentDigits(current_mA: number): number {
		const digits = current_mA / 10 ** (3 + this.currentScaler);
		return this.isPrimary ? (digits * this.currentNumerator) / this.currentDenominator : digits;
	}

	/** Digits of a registered voltage, not rounded. */
	voltageDigits(voltage_mV: number): number {
		const digits = voltage_mV / 10 ** (3 + this.voltageScaler);
		return this.isPrimary ? (digits * this.voltageNumerator) / this.voltageDenominator : digits;
	}

	/** The reverse: voltage at the terminals, mV, not rounded. */
	fromVoltageDigits(digits: number): number {
		const voltage_mV = digits * 10 ** (3 + this.voltageScaler);
		return this.isPrimary ? (voltage_mV * this.voltageDenominator) / this.voltageNumerator : voltage_mV;
	}
}

const untransformed = { isPrimary: false, currentNumerator: 1, currentDenominator: 1 };
const noVoltageTransformer = { voltageNumerator: 1, voltageDenominator: 1 };

/** Meters that carry the current themselves. */
export const directRegistration: Registration = Object.freeze(
	new Registration({ ...untransformed, ...noVoltageTransformer }, -2),
);
const deliveredRegistration: Registration = Object.freeze(
	new Registration({ isPrimary: false, currentNumerator: 5, currentDenominator: 5, ...noVoltageTransformer }, -3),
);

/** As delivered. */
export function factoryRegistration(model: ModelDescriptor): Registration {
	return model.nominalRatio_A > 0 ? deliveredRegistration : directRegistration;
}

/** @returns undefined for transformers that cannot be, or whose registers would roll over too soon */
export function registrationFor(model: ModelDescriptor, setting: TransformerSetting): Registration | undefined {
	const { currentNumerator, currentDenominator, voltageNumerator, voltageDenominator } = setting;
	if (model.nominalRatio_A === 0) return undefined;
	if (!isCount(currentNumerator, greatest16) || !isCount(currentDenominator, greatest16)) return undefined;
	if (!isCount(voltageNumerator, greatest32) || !isCount(voltageDenominator, greatest32)) return undefined;
	// the products are objects of four octets
	if (currentNumerator * voltageNumerator > greatest32) return undefined;
	if (currentDenominator * voltageDenominator > greatest32) return undefined;
	const registration = new Registration(setting, model.currentScaler);
	const power_W = (model.phases * model.nominalVoltage_V * model.maximumCurrent_mA * registration.powerFactor) / 1000;
	const rollOver_h = (registerWrap_Wh * 10 ** registration.energyScaler) / power_W;
	return rollOver_h >= leastRollOver_h ? registration : undefined;
}

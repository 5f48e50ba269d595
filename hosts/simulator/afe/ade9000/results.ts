// SPDX-License-Identifier: Apache-2.0
import { channel, channelCount } from "../../grid/terminals.js";
import type { ChainSettings } from "./chain-settings.js";
import { powerDivisor, unity_Q27 } from "./constants.js";
import type { RegisterFile } from "./register-file.js";
import { address, phaseStep } from "./register-map.js";

/** Means that an engine delivers, in codes squared: before gains of power and before offsets. */
export class Means {
	/** Mean squares by channel, noise included. */
	readonly square = new Float64Array(channelCount);
	/** Fundamental alone, VA VB VC IA IB IC. */
	readonly fundamentalSquare = new Float64Array(6);
	/** Sum of the currents. */
	sumSquare = 0;
	/** Products by `4 · phase + {active, reactive, fundamental active, fundamental reactive}`. */
	readonly product = new Float64Array(12);
}

/** Turns means into codes and writes the result registers. */
export class Results {
	/** Power codes by `6 · phase + quantity`, not rounded. */
	readonly codes = new Float64Array(18);
	/** RMS codes by channel, not rounded. */
	readonly rms = new Float64Array(channelCount);
	readonly fundamental = new Float64Array(6);
	sumRms = 0;
	readonly #registers: RegisterFile;
	readonly #settings: ChainSettings;

	constructor(registers: RegisterFile, settings: ChainSettings) {
		this.#registers = registers;
		this.#settings = settings;
	}

	/** Computes all codes from `means`. */
	update(means: Means): void {
		const settings = this.#settings;
		for (let c = 0; c < channelCount; c++) this.rms[c] = root(means.square[c]! + settings.squareOffset[c]!);
		for (let c = 0; c < 6; c++) {
			this.fundamental[c] = root(means.fundamentalSquare[c]! + settings.fundamentalSquareOffset[c]!);
		}
		this.sumRms = root(means.sumSquare + settings.isumSquareOffset);
		for (let p = 0; p < 3; p++) {
			const gain = settings.powerGain[p]! / powerDivisor;
			const k = 6 * p;
			const offset = settings.powerOffset;
			const { product } = means;
			this.codes[k] = product[4 * p]! * gain + offset[k]!;
			this.codes[k + 1] = settings.isReactiveOff ? 0 : product[4 * p + 1]! * gain + offset[k + 1]!;
			this.codes[k + 2] = this.apparent(p, this.rms[channel.u1 + p]!, this.rms[channel.i1 + p]!);
			this.codes[k + 3] = product[4 * p + 2]! * gain + offset[k + 3]!;
			this.codes[k + 4] = product[4 * p + 3]! * gain + offset[k + 4]!;
			this.codes[k + 5] = this.fundamental[channel.u1 + p]! * this.fundamental[channel.i1 + p]! * gain;
		}
	}

	/** Total apparent power of a phase from its two RMS codes. */
	apparent(p: number, vrms: number, irms: number): number {
		const nominal = this.#settings.nominalVoltage[p]!;
		return ((nominal < 0 ? vrms : nominal) * irms * this.#settings.powerGain[p]!) / powerDivisor;
	}

	/** Writes RMS, fundamental RMS, powers and ISUMRMS. */
	publish(): void {
		const v = this.#registers.values;
		for (let p = 0; p < 3; p++) {
			const base = p * phaseStep;
			v[base + address.irms] = Math.round(this.rms[channel.i1 + p]!);
			v[base + address.vrms] = Math.round(this.rms[channel.u1 + p]!);
			v[base + address.ifrms] = Math.round(this.fundamental[channel.i1 + p]!);
			v[base + address.vfrms] = Math.round(this.fundamental[channel.u1 + p]!);
			for (let q = 0; q < 6; q++) v[base + address.power + q] = Math.round(this.codes[6 * p + q]!);
		}
		v[address.nirms] = Math.round(this.rms[channel.neutral]!);
		v[address.isumrms] = Math.round(this.sumRms);
	}

	/**
	 * Power factors and distortions, every 1.024 s.
	 *
	 * @param codes power codes by `6 · phase + quantity`
	 * @param rms RMS codes by channel
	 * @param fundamental the same of the fundamental alone
	 */
	publishRatios(codes = this.codes, rms = this.rms, fundamental = this.fundamental): void {
		const v = this.#registers.values;
		for (let p = 0; p < 3; p++) {
			const base = p * phaseStep;
			const apparent = codes[6 * p + 2]!;
			const ratio = apparent < 1 ? 0 : Math.max(-1, Math.min(1, codes[6 * p]! / apparent));
			v[base + address.pf] = Math.round(ratio * unity_Q27);
			v[base + address.vthd] = distortion(rms[channel.u1 + p]!, fundamental[channel.u1 + p]!);
			v[base + address.ithd] = distortion(rms[channel.i1 + p]!, fundamental[channel.i1 + p]!);
		}
	}

	/** Writes the half-cycle values from mean squares by channel. */
	publishHalfCycle(square: ArrayLike<number>): void {
		this.#publishWindow(square, this.#settings.halfCycleSquareOffset, address.irmsone, address.nirmsone);
	}

	/** Writes the values of 10 or 12 cycles from mean squares by channel. */
	publishTenCycles(square: ArrayLike<number>): void {
		this.#publishWindow(square, this.#settings.tenCycleSquareOffset, address.irms1012, address.nirms1012);
	}

	#publishWindow(square: ArrayLike<number>, offset: Float64Array, current: number, neutral: number): void {
		const v = this.#registers.values;
		for (let p = 0; p < 3; p++) {
			v[p * phaseStep + current] = windowCode(square, offset, channel.i1 + p);
			v[p * phaseStep + current + 1] = windowCode(square, offset, channel.u1 + p);
		}
		v[neutral] = windowCode(square, offset, channel.neutral);
	}
}

/** √(RMS² − FRMS²)/FRMS, at most 400 %. */
function distortion(rms: number, fundamental: number): number {
	const rest = root(rms ** 2 - fundamental ** 2);
	if (rest === 0) return 0;
	return Math.round(Math.min(4, rest / fundamental) * unity_Q27);
}

function windowCode(square: ArrayLike<number>, offset: Float64Array, c: number): number {
	return Math.round(root(square[c]! + offset[c]!));
}

function root(square: number): number {
	return square > 0 ? Math.sqrt(square) : 0;
}

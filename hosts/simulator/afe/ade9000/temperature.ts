// SPDX-License-Identifier: Apache-2.0
import { SeededRandom } from "../dsp/gaussian.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

const statusReady = 1 << 25;
const startBit = 8;
const enableBit = 4;
/** Conversions of 1, 256, 512 and 1024 averages. */
const durations_s = Object.freeze([0.001_25, 0.32, 0.64, 1.3]);
/** Slope and offset of a typical chip: degrees = offset/32 − code · gain/65536. */
const typicalGain = 22_300;
const typicalOffset = 8_420;

/** The temperature sensor with its factory trim, which differs from chip to chip. */
export class Temperature {
	/** Of the chip, degrees Celsius. */
	temperature_degC = 25;
	readonly #registers: RegisterFile;
	readonly #gain: number;
	readonly #offset: number;
	#done_s = Number.POSITIVE_INFINITY;

	constructor(registers: RegisterFile, seed: number) {
		this.#registers = registers;
		const random = new SeededRandom(seed);
		this.#gain = typicalGain + Math.round((random.next() - 0.5) * 600);
		this.#offset = typicalOffset + Math.round((random.next() - 0.5) * 200);
	}

	/** Puts the trim into its register. */
	reset(): void {
		this.#registers.values[address.tempTrim] = (this.#offset << 16) | this.#gain;
		this.#done_s = Number.POSITIVE_INFINITY;
	}

	/** TEMP_CFG was written. */
	configured(written: number, now_s: number): void {
		if ((written & startBit) !== 0 && (written & enableBit) !== 0) this.#done_s = now_s + durations_s[written & 3]!;
	}

	advance(now_s: number): void {
		if (now_s < this.#done_s) return;
		this.#done_s = Number.POSITIVE_INFINITY;
		const code = ((this.#offset / 32 - this.temperature_degC) * 65_536) / this.#gain;
		this.#registers.values[address.tempRslt] = Math.max(0, Math.min(0xfff, Math.round(code)));
		this.#registers.raise0(statusReady);
	}
}

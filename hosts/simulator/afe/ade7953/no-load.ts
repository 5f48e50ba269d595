// SPDX-License-Identifier: Apache-2.0
import { active, apparent, type EnergyStage, reactive } from "./energy-stage.js";
import type { RegisterFile } from "./register-file.js";
import { reg } from "./registers.js";
import { powerFullScale } from "./settings.js";

export const quantities: readonly number[] = Object.freeze([active, reactive, apparent]);

const levelRegisters: readonly number[] = [reg.AP_NOLOAD, reg.VAR_NOLOAD, reg.VA_NOLOAD];

/**
 * The no-load comparison: |mean of the last second| against the level, per channel and quantity.
 *
 * `LEVEL = 65 536 − Y/1.4` with Y = full scale / threshold (data sheet). A level is taken over where the function is
 * switched on in DISNOLOAD: to change it, switch off, write, switch on.
 */
export class NoLoad {
	/** Thresholds in power codes, by quantity; −1 switches the function off. */
	readonly thresholds = new Float64Array(3);
	readonly #file: RegisterFile;
	readonly #levels = new Float64Array(3);
	#disabled = 0;

	constructor(file: RegisterFile) {
		this.#file = file;
		this.reset();
	}

	reset(): void {
		for (const quantity of quantities) this.#take(quantity);
		this.#disabled = 0;
		this.#setThresholds();
	}

	/** DISNOLOAD was written: what is switched off counts again at once. */
	configure(stage: EnergyStage): void {
		const before = this.#disabled;
		this.#disabled = this.#file.get(reg.DISNOLOAD);
		for (const quantity of quantities) {
			const bit = 1 << quantity;
			if ((this.#disabled & bit) !== 0) {
				for (const channel of stage.channels) channel.setNoLoad(quantity, false);
			} else if ((before & bit) !== 0) this.#take(quantity);
		}
		this.#setThresholds();
	}

	#setThresholds(): void {
		for (const quantity of quantities) {
			this.thresholds[quantity] = (this.#disabled & (1 << quantity)) !== 0 ? -1 : this.#levels[quantity]!;
		}
	}

	/** Decides for one quantity of one channel (0 A, 1 B). */
	decide(stage: EnergyStage, channel: 0 | 1, quantity: number, mean: number): void {
		stage.channels[channel].setNoLoad(quantity, Math.abs(mean) <= this.thresholds[quantity]!);
	}

	#take(quantity: number): void {
		const ratio = 1.4 * (65_536 - this.#file.get(levelRegisters[quantity]!));
		this.#levels[quantity] = ratio > 0 ? powerFullScale / ratio : Number.POSITIVE_INFINITY;
	}
}

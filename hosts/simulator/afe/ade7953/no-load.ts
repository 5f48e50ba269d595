// SPDX-License-Identifier: Apache-2.0
import { active, apparent, type EnergyStage, reactive } from "./energy-stage.js";
import type { RegisterFile } from "./register-file.js";
import { reg } from "./registers.js";
import { powerFullScale } from "./settings.js";

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

	constructor(file: RegisterFile) {
		this.#file = file;
		this.reset();
	}

	reset(): void {
		for (let quantity = active; quantity <= apparent; quantity++) this.#take(quantity);
		this.configure(0);
	}

	/** DISNOLOAD was written; `before` is what it held. */
	configure(before: number): void {
		const disabled = this.#file.get(reg.DISNOLOAD);
		for (let quantity = active; quantity <= apparent; quantity++) {
			const bit = 1 << quantity;
			if ((before & bit) !== 0 && (disabled & bit) === 0) this.#take(quantity);
			this.thresholds[quantity] = (disabled & bit) !== 0 ? -1 : this.#levels[quantity]!;
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

export const quantities: readonly number[] = Object.freeze([active, reactive, apparent]);

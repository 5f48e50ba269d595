// SPDX-License-Identifier: Apache-2.0
import { nominalRate_Hz } from "./constants.js";

/** Relates world time to the sample count of the DSP; sample n is taken at `timeOf(n)`. */
export class SampleClock {
	/** True samples per second: the crystal's error scales every rate of the chip. */
	rate_Hz = nominalRate_Hz;
	#base_s = 0;
	#baseSample = 0;

	/** Sample 0 is taken one sample after `time_s`. */
	start(time_s: number): void {
		this.#base_s = time_s;
		this.#baseSample = 0;
	}

	/** Changes the crystal's error from `time_s` on. */
	setCrystal(ppm: number, time_s: number): void {
		this.#baseSample = this.positionAt(time_s);
		this.#base_s = time_s;
		this.rate_Hz = nominalRate_Hz * (1 + ppm * 1e-6);
	}

	/** Samples taken until `time_s`. A millionth of a sample absorbs the rounding of sums of seconds. */
	countAt(time_s: number): number {
		return Math.floor(this.positionAt(time_s) + 1e-6);
	}

	/** The same with its fraction. */
	positionAt(time_s: number): number {
		return this.#baseSample + (time_s - this.#base_s) * this.rate_Hz;
	}

	/** World time when `count` samples have been taken. */
	timeOf(count: number): number {
		return this.#base_s + (count - this.#baseSample) / this.rate_Hz;
	}
}

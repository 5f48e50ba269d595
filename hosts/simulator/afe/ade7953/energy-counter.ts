// SPDX-License-Identifier: Apache-2.0

/** Added to the internal accumulator per sample and power code. */
export const accumulatorStep = 3_310_400;
/** Internal accumulator of one count: 4 862 401 × 111 875, so that full scale gives 206 900 counts in 6992.1875 samples. */
export const accumulatorThreshold = 543_981_111_875;
/** Counts per power code and sample. */
export const countsPerCode = accumulatorStep / accumulatorThreshold;

const halfFull = 0x40_0000;
const full = 0x80_0000;
/** So many samples at full scale stay below 2^53 in the accumulator. */
const exactSamples = 64;

/**
 * One energy register: the 48-bit accumulator inside the chip, whose overflows make signed counts, and the 24-bit register
 * that collects them.
 *
 * Normally the register counts and wraps. In line-cycle mode it holds the result of the last period while the next one
 * is collected aside.
 */
export class EnergyCounter {
	isLineCycle = false;
	#isHalfFull = false;
	#isOverflow = false;
	#register = 0;
	#collected = 0;
	#accumulator = 0;

	/** Content of the register, −2^23 … 2^23 − 1. */
	get register(): number {
		return this.#register;
	}

	/** Fraction of a count inside the accumulator, −1 … 1. */
	get fraction(): number {
		return this.#accumulator / accumulatorThreshold;
	}

	/** Read with reset: the register alone, the accumulator keeps its fraction. */
	clear(): void {
		this.#register = 0;
	}

	reset(): void {
		this.isLineCycle = false;
		this.#isHalfFull = false;
		this.#isOverflow = false;
		this.#register = 0;
		this.#collected = 0;
		this.#accumulator = 0;
	}

	/** Adds `samples` samples of a power code. Integer codes give integer arithmetic, exact to the last bit. */
	add(code: number, samples: number): void {
		if (samples <= exactSamples) {
			this.#accumulate(code * samples * accumulatorStep);
			return;
		}
		// long intervals: whole counts apart, so that the accumulator keeps its precision
		const counts = code * samples * countsPerCode;
		const whole = Math.trunc(counts);
		this.#count(whole);
		this.#accumulate((counts - whole) * accumulatorThreshold);
	}

	/** The end of a line-cycle period: the register takes what was collected. */
	endCycle(): void {
		if (!this.isLineCycle) return;
		const counts = this.#collected;
		this.#collected = 0;
		this.#register = 0;
		this.#store(counts);
	}

	setLineCycle(isLineCycle: boolean): void {
		if (isLineCycle !== this.isLineCycle) this.#collected = 0;
		this.isLineCycle = isLineCycle;
	}

	/** Since the last call: bit 0, the register passed half of its range; bit 1, it wrapped. */
	takeFlags(): number {
		const flags = (this.#isHalfFull ? 1 : 0) | (this.#isOverflow ? 2 : 0);
		this.#isHalfFull = false;
		this.#isOverflow = false;
		return flags;
	}

	#accumulate(step: number): void {
		const sum = this.#accumulator + step;
		if (sum < accumulatorThreshold && sum > -accumulatorThreshold) {
			this.#accumulator = sum;
			return;
		}
		const counts = Math.trunc(sum / accumulatorThreshold);
		this.#accumulator = sum - counts * accumulatorThreshold;
		this.#count(counts);
	}

	#count(counts: number): void {
		if (this.isLineCycle) this.#collected += counts;
		else this.#store(counts);
	}

	#store(counts: number): void {
		const before = this.#register;
		const after = before + counts;
		if (Math.abs(before) < halfFull && Math.abs(after) >= halfFull) this.#isHalfFull = true;
		if (after >= full || after < -full) {
			this.#isHalfFull = true;
			this.#isOverflow = true;
		}
		this.#register = ((after % 0x100_0000) << 8) >> 8; // signed, modulo 2^24
	}
}

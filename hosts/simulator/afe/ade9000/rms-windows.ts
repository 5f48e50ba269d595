// SPDX-License-Identifier: Apache-2.0
import { channelCount } from "../../grid/terminals.js";

/**
 * Mean squares over one cycle (refreshed each half cycle) and over 10 or 12 cycles, contiguous.
 *
 * Squares arrive with a weight, the number of samples (or the part of one) that they stand for: a change inside a
 * window counts by its share of time. Half cycles are those of one period common to all channels.
 */
export class RmsWindows {
	/** Result of the last half cycle: mean squares of the last whole cycle. */
	readonly cycleSquare = new Float64Array(channelCount);
	/** Result of the last window of 10 or 12 cycles. */
	readonly longSquare = new Float64Array(channelCount);
	/** Half cycles that went into the running long window. */
	#halfCycles = 0;
	/** Long windows that have ended. */
	ended = 0;
	readonly #now = new Float64Array(channelCount);
	readonly #before = new Float64Array(channelCount);
	readonly #long = new Float64Array(channelCount);
	#nowWeight = 0;
	#beforeWeight = 0;
	#longWeight = 0;

	reset(): void {
		for (const sums of [this.#now, this.#before, this.#long, this.cycleSquare, this.longSquare]) sums.fill(0);
		this.#halfCycles = 0;
		this.#nowWeight = 0;
		this.#beforeWeight = 0;
		this.#longWeight = 0;
	}

	/** Adds mean squares that held for `weight` samples. */
	add(square: ArrayLike<number>, weight: number): void {
		for (let c = 0; c < channelCount; c++) this.#now[c]! += square[c]! * weight;
		this.#nowWeight += weight;
	}

	/** Adds sums of squares over `weight` samples. */
	addSums(sums: ArrayLike<number>, weight: number): void {
		for (let c = 0; c < channelCount; c++) this.#now[c]! += sums[c]!;
		this.#nowWeight += weight;
	}

	/**
	 * Ends a half cycle; `cycleSquare` is new then.
	 *
	 * @param halfCycles of the long window: 20 or 24
	 * @returns true when `longSquare` is new as well
	 */
	endHalfCycle(halfCycles: number): boolean {
		const weight = this.#nowWeight + this.#beforeWeight;
		for (let c = 0; c < channelCount; c++) {
			if (weight > 0) this.cycleSquare[c] = (this.#now[c]! + this.#before[c]!) / weight;
			this.#long[c]! += this.#now[c]!;
			this.#before[c] = this.#now[c]!;
			this.#now[c] = 0;
		}
		this.#longWeight += this.#nowWeight;
		this.#beforeWeight = this.#nowWeight;
		this.#nowWeight = 0;
		if (++this.#halfCycles < halfCycles) return false;
		if (this.#longWeight > 0) {
			for (let c = 0; c < channelCount; c++) this.longSquare[c] = this.#long[c]! / this.#longWeight;
		}
		this.#long.fill(0);
		this.#longWeight = 0;
		this.#halfCycles = 0;
		this.ended++;
		return true;
	}

	/** Long windows that have ended when so many half cycles more have passed; less than none for the past. */
	endedAfter(halfCycles: number, ofWindow: number): number {
		return this.ended + Math.floor((this.#halfCycles + halfCycles) / ofWindow);
	}

	/** Half cycles that the running long window still lacks. */
	remaining(ofWindow: number): number {
		return Math.max(1, ofWindow - this.#halfCycles);
	}

	/**
	 * Adds whole half cycles of unchanging squares at the edge of one; the last whole cycle held the same squares.
	 *
	 * @param halfWeight samples of a half cycle
	 * @param halfCycles 1 … `remaining`
	 * @returns true when `longSquare` is new
	 */
	addHalfCycles(square: ArrayLike<number>, halfWeight: number, halfCycles: number, ofWindow: number): boolean {
		const before = halfCycles - 1;
		for (let c = 0; c < channelCount; c++) this.#long[c]! += square[c]! * halfWeight * before;
		this.#longWeight += halfWeight * before;
		this.#halfCycles += before;
		this.add(square, halfWeight);
		return this.endHalfCycle(ofWindow);
	}

	/**
	 * Lets `halfCycles` half cycles of unchanging squares pass at once. Exact when the same squares held for the whole
	 * of all running windows.
	 *
	 * @returns true when a long window ended among them
	 */
	skip(halfCycles: number, ofWindow: number): boolean {
		const passed = this.#halfCycles + halfCycles;
		this.ended += Math.floor(passed / ofWindow);
		this.#halfCycles = passed % ofWindow;
		return passed >= ofWindow;
	}

	/**
	 * Rebuilds the running sums after `skip`.
	 *
	 * @param halfWeight samples of a half cycle
	 * @param part of the running half cycle that has passed, 0 … 1
	 */
	refill(square: ArrayLike<number>, halfWeight: number, part: number): void {
		for (let c = 0; c < channelCount; c++) {
			this.#now[c] = square[c]! * halfWeight * part;
			this.#before[c] = square[c]! * halfWeight;
			this.#long[c] = square[c]! * halfWeight * this.#halfCycles;
		}
		this.#nowWeight = halfWeight * part;
		this.#beforeWeight = halfWeight;
		this.#longWeight = halfWeight * this.#halfCycles;
	}
}

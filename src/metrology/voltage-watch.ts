// SPDX-License-Identifier: Apache-2.0

/** Takes voltages as they come; arrays are reused, mV, phases L1.. from index 0. */
export interface VoltageListener {
	/**
	 * RMS of the 10 or 12 cycles that have just ended; every cycle is in exactly one of them.
	 * @returns true to have one-cycle values from now on
	 */
	basicInterval(voltage_mV: ArrayLike<number>, now_ms: number): boolean;
	/**
	 * RMS of one cycle, every half cycle while something is going on.
	 * @param window_ms length of the window that has just ended
	 * @returns true while more of them are wanted
	 */
	oneCycle(voltage_mV: ArrayLike<number>, now_ms: number, window_ms: number): boolean;
	/** Lowest and highest one-cycle voltages since the last call of `oneCycle`, of whatever is going on. */
	extremes(voltage_mV: ArrayLike<number>): void;
	/** Whether values of the next second, all like those before, may come together at its end. */
	takesLate?(): boolean;
}

/**
 * Feeds a listener with voltages of a front end. It sleeps while nothing happens: the chip itself compares every half cycle
 * with its levels and wakes it. Nothing blocks or throws.
 */
export interface VoltageWatch {
	/** One-cycle values are estimates (peaks of 100 ms), because the chip has no RMS of one cycle. */
	readonly isIndicative: boolean;
	/** `Infinity` while it sleeps. */
	readonly nextDeadline_ms: number;
	advance(now_ms: number): void;
	/** The event interrupt of the chip fell. */
	interrupt(now_ms: number): void;
}

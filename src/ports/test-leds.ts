// SPDX-License-Identifier: Apache-2.0

/** The test LEDs from the processor's side. Each is lit by the pulse output of the measuring chip as well, whichever is on. */
export interface TestLeds {
	/** LED `n` (0, 1) follows the square wave of 1 Hz of the clock part, or no longer. */
	setClock(n: number, isOn: boolean): void;
	/**
	 * `count` flashes of LED `n` by a timer of the hardware, the first at `first_ms` of the monotonic clock and one each
	 * `period_ms`, both with fractions; those asked for before go on. Left out where there is no such timer.
	 */
	flash?(n: number, first_ms: number, period_ms: number, count: number): void;
}

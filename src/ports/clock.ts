// SPDX-License-Identifier: Apache-2.0

/**
 * Time as the host knows it. `monotonic_ms` moves only between two calls of `meter.advance`, never inside one task.
 */
export interface Clock {
	/** Milliseconds since start, integer-valued; never steps back. */
	monotonic_ms(): number;
}

/** Battery-backed real-time clock part. Seconds count from 2000-01-01T00:00:00Z. */
export interface RealTimeClock {
	/** UTC, integer seconds; `undefined` while the part lost its supply or was never set. */
	utc_s(): number | undefined;
	/** Sets the part; it goes on counting from here, also while the meter has no supply. */
	set(utc_s: number): void;
	/** Voltage of the cell that keeps the part going without supply, mV; left out where nothing measures it. */
	cell_mV?(): number;
}

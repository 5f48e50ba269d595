// SPDX-License-Identifier: Apache-2.0

/**
 * One addressed SPI device: chip select falls before the first bit of `frame` and rises after the last.
 *
 * `transfer` overwrites `frame` with what came back on MISO, octet for octet. Drivers own the frames and reuse them;
 * the bus keeps none. Chip selects belong to the bus adapter (on the ESP32 it calls `flush(true)` after each frame).
 */
export interface SpiDevice {
	transfer(frame: Uint8Array): void;
}

/** What a host that knows all of the mains can tell of a measuring chip; no board can. */
export interface Stillness {
	/**
	 * Whether RMS values, periods and angles will read as they do now, and peaks as those of a second before, until the host calls
	 * `Meter.frontEndMoved`. What has moved stays untrue for a whole window of 10/12 cycles.
	 */
	readonly isStill: boolean;
	/**
	 * How many windows of 10/12 cycles an ADE9000 has ended up to `at_ms`, and how many intervals of its energies; from any
	 * beginning. The past is told of as long as it was still, the future as if it stayed so.
	 */
	windows?(at_ms: number): number;
	intervals?(at_ms: number): number;
}

/** A digital input; 1 is the high level on the pin, whatever that means to the part behind it. */
export interface InputPin {
	read(): 0 | 1;
}

/** A digital output. */
export interface OutputPin {
	write(level: 0 | 1): void;
}

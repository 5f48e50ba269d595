// SPDX-License-Identifier: Apache-2.0

/** Inputs and outputs that a board can carry; how many of the relays are there is ordered. */
export const inputCount = 4;
export const outputCount = 4;
export const relayCount = 3;

/** Relay n (0-based) among the lines that are driven; the outputs come before. */
export const firstRelayLine = outputCount;

/** Inputs, outputs and auxiliary relays of the board. */
export interface IoPins {
	/** Bit n is set while there is voltage at input n + 1, not debounced. @throws DeviceError("io", …) */
	inputs(): number;
	/**
	 * Drives every line: bit n lets output n + 1 conduct, bit `firstRelayLine` + n closes relay n + 1. Without supply, and
	 * until this is called, nothing conducts and every relay is open.
	 * @throws DeviceError("io", …) when the driver does not answer
	 */
	drive(lines: number): void;
	/** Auxiliary contacts: bit n is set while relay n + 1 is closed. @throws DeviceError as `drive` */
	closedRelays(): number;
}

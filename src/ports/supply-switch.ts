// SPDX-License-Identifier: Apache-2.0

/** What drives the bistable relay: one of its coils, or none. There is no value for both. */
export const coil = Object.freeze({ none: 0, close: 1, open: 2 });

/** The switching module: a bistable relay with one pole in each phase; the neutral has none. */
export interface SupplySwitch {
	/**
	 * Energises one coil (`coil`) and releases the other.
	 * @throws DeviceError("switch", …) when the driver does not answer
	 */
	drive(which: number): void;
	/** Auxiliary contacts: bit n is set while pole n + 1 is closed. @throws DeviceError as `drive` */
	closedPoles(): number;
	/** Bit n is set while there is voltage behind pole n + 1. @throws DeviceError as `drive` */
	loadVoltages(): number;
}

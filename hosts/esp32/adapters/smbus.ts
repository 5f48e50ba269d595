// SPDX-License-Identifier: Apache-2.0
import SMBus from "embedded:io/smbus";

/** A part on the I2C bus. */
export interface BusAddress {
	/** GPIO of SDA. */
	readonly data: number;
	/** GPIO of SCL. */
	readonly clock: number;
	readonly hz: number;
	/** 7 bit. */
	readonly address: number;
}

/** Opens the bus for one part. */
export function openSmbus(address: BusAddress): SMBus {
	// the SDK declares the list of parameters where it takes the first of them, so no object would do
	return new SMBus(address as never);
}

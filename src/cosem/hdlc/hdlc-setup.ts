// SPDX-License-Identifier: Apache-2.0

/**
 * Parameters of one IEC HDLC setup object (class_id 23), which the link layer obeys. The object writes them; windows
 * and lengths count from the next SNRM, the address from when no client is connected, time-outs at once.
 */
export interface HdlcSetup {
	/** Baud enumeration, 0 = 300 … 9 = 115200. */
	commSpeed: number;
	/** 1 … 7 */
	windowSizeTransmit: number;
	/** 1 … 7 */
	windowSizeReceive: number;
	/** 32 … 2030 octets */
	maxInfoFieldLengthTransmit: number;
	/** 32 … 2030 octets */
	maxInfoFieldLengthReceive: number;
	/** 20 … 6000 ms. */
	interOctetTimeout_ms: number;
	/** Seconds; 0 = none. */
	inactivityTimeout_s: number;
	/** Lower HDLC address. */
	deviceAddress: number;
}

/** The number that a serial number of ASCII digits stands for. */
export function numberOf(serialNumber: Uint8Array): number {
	let number = 0;
	for (let n = 0; n < serialNumber.length; n++) number = number * 10 + serialNumber[n]! - 0x30;
	return number;
}

/** Usual address of a meter that was given none: 1000 … 10999, out of the last four digits of its number. */
export function defaultDeviceAddress(serialNumber: number): number {
	return (serialNumber % 10_000) + 1000;
}

/** Defaults of the Blue Book, 9600 Bd. */
export function defaultHdlcSetup(serialNumber: number): HdlcSetup {
	return {
		commSpeed: 5,
		windowSizeTransmit: 1,
		windowSizeReceive: 1,
		maxInfoFieldLengthTransmit: 128,
		maxInfoFieldLengthReceive: 128,
		interOctetTimeout_ms: 25,
		inactivityTimeout_s: 120,
		deviceAddress: defaultDeviceAddress(serialNumber),
	};
}

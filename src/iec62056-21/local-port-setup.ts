// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../core/no-octets.js";

/** default_mode of the IEC local port setup. */
export const defaultMode = Object.freeze({
	/** IEC 62056-21: sign-on at `defaultBaud`; mode E leads to HDLC. */
	iec62056_21: 0,
	/** HDLC from the start at the comm_speed of the HDLC setup. */
	hdlc: 1,
});

/**
 * Parameters of the IEC local port setup object (class_id 19) of the optical port. The object writes them; they count
 * from the next sign-on.
 */
export interface LocalPortSetup {
	/** One of `defaultMode`; 2, protocol not specified, is served as HDLC. */
	defaultMode: number;
	/** Baud enumeration, 0 = 300 … 9 = 115200. */
	defaultBaud: number;
	/** Fastest rate offered in the identification; more than 6 (19200) cannot be said there and counts as 6. */
	proposedBaud: number;
	/** 0 = 20 ms, 1 = 200 ms. */
	responseTime: number;
	/** ASCII, at most 32 octets; empty: the serial number takes its place. */
	deviceAddress: Uint8Array;
}

/** Sign-on at 300 Bd, 9600 Bd offered, 200 ms. */
export function defaultLocalPortSetup(): LocalPortSetup {
	return {
		defaultMode: defaultMode.iec62056_21,
		defaultBaud: 0,
		proposedBaud: 5,
		responseTime: 1,
		deviceAddress: noOctets,
	};
}

/** An RS485 port: HDLC from the start, 9600 Bd. */
export function defaultElectricalPortSetup(): LocalPortSetup {
	return { ...defaultLocalPortSetup(), defaultMode: defaultMode.hdlc, defaultBaud: electricalBaud };
}

/** Baud enumeration of the RS485 ports, the only rate their line has (F84). */
export const electricalBaud = 5;

/** Bit/s of the baud enumeration (also classes 23, 27 and 74). */
export const baudRates: readonly number[] = Object.freeze([
	300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200,
]);

/** How long characters of ten bits take, rounded up. @param rate baud enumeration */
export function characterTime_ms(characters: number, rate: number): number {
	return Math.ceil((characters * 10_000) / baudRates[rate]!);
}

// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../src/core/deep-freeze.js";

/**
 * Pins of the reference board, GPIO numbers of the ESP32. Strapping pins (0, 2, 5, 12, 15) drive nothing that matters;
 * UART 0 is the programming and debug port.
 */
export const wiring = deepFreeze({
	/** ADE9000 or ADE7953. Mode 0 at 8 MHz: above some 15 MHz the ESP32 reads MISO one bit late through its pin matrix. */
	frontEnd: { port: 1, clock: 18, in: 19, out: 23, select: 21, active: 0, hz: 8_000_000, mode: 0 },
	/** Interrupt pin 0 of the ADE9000, active low, open drain. */
	irq0: { pin: 34 },
	/** DS3231 at its fixed address, 400 kHz. */
	clock: { data: 25, clock: 26, hz: 400_000, address: 0x68 },
	/** Early warning of supply failure: low while the supply is about to fail. */
	powerFail: { pin: 35 },
	optical: { port: 2, receive: 16, transmit: 17 },
	/** Transceiver that switches its direction by itself. */
	rs485: { port: 1, receive: 32, transmit: 33 },
} as const);

/** Label of the data partition (partitions.csv). */
export const meterPartition = "meter";

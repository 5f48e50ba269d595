// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../src/core/deep-freeze.js";

/**
 * Pins of the reference board, GPIO numbers of the ESP32. Strapping pins (0, 2, 5, 12, 15) drive nothing that matters
 * (15 low silences the boot messages);
 * UART 0 is the programming and debug port.
 */
export const wiring = deepFreeze({
	/** ADE9000 or ADE7953. Mode 0 at 8 MHz: above some 15 MHz the ESP32 reads MISO one bit late through its pin matrix. */
	frontEnd: { port: 1, clock: 18, in: 19, out: 23, select: 21, active: 0, hz: 8_000_000, mode: 0 },
	/** Interrupt pin 0 of the ADE9000, active low, open drain. */
	irq0: { pin: 34 },
	/** MB85RS64V, FM25CL64B or alike, on the bus of the front end; pin 5 is pulled up while the processor starts. */
	fram: { port: 1, clock: 18, in: 19, out: 23, select: 5, active: 0, hz: 8_000_000, mode: 0 },
	/** DS3231 at its fixed address, 400 kHz. */
	clock: { data: 25, clock: 26, hz: 400_000, address: 0x68 },
	/** PCF8574 in front of the supply switch, on the bus of the clock part. */
	relay: { data: 25, clock: 26, hz: 100_000, address: 0x20 },
	/** PCF8574 in front of the auxiliary relays, and of inputs and outputs with its interrupt line (open drain, low). */
	ioRelays: { data: 25, clock: 26, hz: 100_000, address: 0x21 },
	ioTerminals: { data: 25, clock: 26, hz: 100_000, address: 0x22 },
	ioInterrupt: { pin: 39 },
	/** Early warning of supply failure: low while the supply is about to fail. */
	powerFail: { pin: 35 },
	/**
	 * Contacts to ground with the pull-ups of the ESP32, all in one bank. The covers hold theirs closed, so that a broken wire
	 * shows as an open cover; the switch below the seal, the button, the Hall switch and the factory's link close theirs,
	 * so that a broken wire gives no access. The button that resets demand is the BOOT button of a development board: held while
	 * the processor starts, it asks for the programming mode of the chip, and is no press for the meter. The detector of electromagnetic fields gives a voltage.
	 */
	housing: {
		meterCover: 27,
		terminalCover: 14,
		seal: 4,
		magnet: 13,
		serviceButton: 22,
		factoryLink: 15,
		resetButton: 0,
		field: 36,
	},
	/** Gates that let SQW of the clock part through to the two test LEDs; strapping pins, low while the processor starts. */
	clockLeds: [2, 12],
	/** USB bridge of a development board; the dialogue of a calibration. */
	programming: { port: 0, receive: 3, transmit: 1 },
	optical: { port: 2, receive: 16, transmit: 17 },
	/** Transceiver that switches its direction by itself. */
	rs485: { port: 1, receive: 32, transmit: 33 },
} as const);

/** Label of the data partition (partitions.csv). */
export const meterPartition = "meter";

// SPDX-License-Identifier: Apache-2.0
import type SMBus from "embedded:io/smbus";
import { DeviceError } from "../../../src/core/device-error.js";
import { firstRelayLine, type IoPins } from "../../../src/ports/io-pins.js";
import { type BusAddress, openSmbus } from "./smbus.js";

/**
 * Bits of the ports, all active low. Relays: P0 to P2 sink the current of the relay drivers, P4 to P6 read the auxiliary
 * contacts. Terminals: P0 to P3 sink the current of the output couplers, P4 to P7 read the couplers of the inputs. A pin that
 * is written 1 is an input with a weak pull-up, so that after power up, when all pins are 1, nothing is driven (PCF8574 data
 * sheet).
 */
const drivenPins = 0x0f;
const inputShift = 4;
const contacts = 7;

/** Two PCF8574 port expanders: one for the auxiliary relays, one for inputs and outputs, which has the interrupt. */
export class IoExpander implements IoPins {
	readonly #relays: SMBus;
	readonly #terminals: SMBus;

	/** Releases everything, which a restart without loss of supply may have left driven. */
	constructor(relays: BusAddress, terminals: BusAddress) {
		this.#relays = openSmbus(relays);
		this.#terminals = openSmbus(terminals);
		try {
			this.drive(0);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // then it is not there, and drives nothing
		}
	}

	inputs(): number {
		return received(this.#terminals) >> inputShift;
	}

	drive(lines: number): void {
		send(this.#terminals, lines & drivenPins);
		send(this.#relays, lines >> firstRelayLine);
	}

	closedRelays(): number {
		return (received(this.#relays) >> inputShift) & contacts;
	}
}

/** @param driven with 1 for what is driven */
function send(bus: SMBus, driven: number): void {
	try {
		bus.sendByte(~driven & 0xff);
	} catch {
		throw new DeviceError("io", "silent");
	}
}

/** With 1 for active. */
function received(bus: SMBus): number {
	try {
		return ~bus.receiveByte() & 0xff;
	} catch {
		throw new DeviceError("io", "silent");
	}
}

// SPDX-License-Identifier: Apache-2.0
import type SMBus from "embedded:io/smbus";
import { DeviceError } from "../../../src/core/device-error.js";
import { coil, type SupplySwitch } from "../../../src/ports/supply-switch.js";
import { type BusAddress, openSmbus } from "./smbus.js";

/**
 * Bits of the port: P0 and P1 sink the current of the coil drivers, P2 to P4 read the auxiliary contacts, P5 to P7 the
 * detectors of load side voltage; all are active low. A pin that is written 1 is an input with a weak pull-up, so that after
 * power up, when all pins are 1, no coil is driven (PCF8574 data sheet).
 */
const released = 0xff;
const drives: readonly number[] = Object.freeze([released, 0xfd, 0xfe]);
const contactShift = 2;
const voltageShift = 5;
const poles = 7;

/** A PCF8574 port expander in front of relay and feedback: the strapping pins of the ESP32 must not drive coils. */
export class RelayExpander implements SupplySwitch {
	readonly #bus: SMBus;

	/** Releases the coils, which a restart without loss of supply may have left energised. */
	constructor(options: BusAddress) {
		this.#bus = openSmbus(options);
		try {
			this.drive(coil.none);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // then it is not there, and drives nothing
		}
	}

	drive(which: number): void {
		try {
			this.#bus.sendByte(drives[which]!);
		} catch {
			throw new DeviceError("switch", "silent");
		}
	}

	closedPoles(): number {
		return (this.#inputs() >> contactShift) & poles;
	}

	loadVoltages(): number {
		return (this.#inputs() >> voltageShift) & poles;
	}

	/** With 1 for active. */
	#inputs(): number {
		try {
			return ~this.#bus.receiveByte();
		} catch {
			throw new DeviceError("switch", "silent");
		}
	}
}

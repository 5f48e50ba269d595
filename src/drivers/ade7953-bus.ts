// SPDX-License-Identifier: Apache-2.0
import type { SpiDevice } from "../ports/bus.js";
import { accModeSettings, register } from "./ade7953-registers.js";

const attempts = 3;
const readCommand = 0x80;

/**
 * Register access to an ADE7953 over SPI: address (2), read/write (1), data (1, 2 or 4 by address), most significant first.
 *
 * The chip sends no checksum. What matters is read with `readChecked`, which asks the chip for address and data of its last
 * transfer; a failure sets `hasFailed` until the caller clears it.
 */
export class Ade7953Bus {
	hasFailed = false;
	/** Reads that did not agree with what the chip says it sent, for diagnosis. */
	mismatches = 0;

	readonly #spi: SpiDevice;
	readonly #frame4 = new Uint8Array(4);
	readonly #frame5 = new Uint8Array(5);
	readonly #frame7 = new Uint8Array(7);
	readonly #view5 = new DataView(this.#frame5.buffer);
	readonly #view7 = new DataView(this.#frame7.buffer);

	constructor(spi: SpiDevice) {
		this.#spi = spi;
	}

	read8(address: number): number {
		const frame = this.#frame4;
		frame[0] = address >> 8;
		frame[1] = address;
		frame[2] = readCommand;
		this.#spi.transfer(frame);
		return frame[3]!;
	}

	/** Unsigned. */
	read16(address: number): number {
		this.#view5.setUint16(0, address);
		this.#frame5[2] = readCommand;
		this.#spi.transfer(this.#frame5);
		return this.#view5.getUint16(3);
	}

	/** Signed; only for addresses 0x300 … 0x3FF. */
	read32(address: number): number {
		this.#view7.setUint16(0, address);
		this.#frame7[2] = readCommand;
		this.#spi.transfer(this.#frame7);
		return this.#view7.getInt32(3);
	}

	/** A 32 bit read which the chip confirms; 0 after failure. */
	readChecked(address: number): number {
		for (let n = 0; n < attempts; n++) {
			const value = this.read32(address);
			if (this.read16(register.lastAdd) === address && this.read32(register.lastRwData32) === value) return value;
			this.mismatches++;
		}
		this.hasFailed = true;
		return 0;
	}

	/** Any width by address, unsigned; of ACCMODE the settings alone. */
	readBack(address: number): number {
		if (address >= 0x300 && address < 0x400) {
			const value = this.read32(address);
			return address === register.accMode ? value & accModeSettings : value >>> 0;
		}
		return address >= 0x100 && address < 0x200 ? this.read16(address) : this.read8(address);
	}

	/** Any width by address. The pulse dividers take effect with the second of two writes in a row. */
	write(address: number, value: number): void {
		this.writeOnce(address, value);
		if (address === register.cf1Den || address === register.cf2Den) this.writeOnce(address, value);
	}

	/** Writes and reads back, up to three times. */
	writeChecked(address: number, value: number): boolean {
		for (let n = 0; n < attempts; n++) {
			this.write(address, value);
			if (this.readBack(address) === value) return true;
		}
		return false;
	}

	/** Whether the register holds `value`; one wrong answer on the wire is not believed. */
	holds(address: number, value: number): boolean {
		for (let n = 0; n < attempts; n++) if (this.readBack(address) === value) return true;
		return false;
	}

	private writeOnce(address: number, value: number): void {
		if (address >= 0x300 && address < 0x400) {
			this.#view7.setUint16(0, address);
			this.#frame7[2] = 0;
			this.#view7.setInt32(3, value);
			this.#spi.transfer(this.#frame7);
		} else if (address >= 0x100 && address < 0x200) {
			this.#view5.setUint16(0, address);
			this.#frame5[2] = 0;
			this.#view5.setUint16(3, value);
			this.#spi.transfer(this.#frame5);
		} else {
			const frame = this.#frame4;
			frame[0] = address >> 8;
			frame[1] = address;
			frame[2] = 0;
			frame[3] = value;
			this.#spi.transfer(frame);
		}
	}
}

/** Difference of two readings of a 24 bit counter, folded into [-2^23, 2^23). */
export function foldCount(now: number, before: number): number {
	return ((now - before) << 8) >> 8;
}

/** Whether a 24 bit counter stands at one of its ends: a sound one is there for an instant at most. */
export function isCountAtRail(value: number): boolean {
	return value === 0x7f_ffff || value === -0x80_0000;
}

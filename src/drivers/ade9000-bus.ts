// SPDX-License-Identifier: Apache-2.0
import { crc16Ccitt } from "../core/crc.js";
import type { SpiDevice } from "../ports/bus.js";
import { first16, last16, lockKey, register, unlockKey } from "./ade9000-registers.js";

const attempts = 3;

/**
 * Register access to an ADE9000 over SPI, every read checked with the CRC-16 which the chip appends (CONFIG1.BURST_EN 0).
 *
 * Errors do not throw and do not show in the returned value: a read that failed three times sets `hasFailed`, which stays
 * set until the caller clears it. So a group of reads is checked once, after the last of them.
 */
export class Ade9000Bus {
	hasFailed = false;
	/** Reads whose CRC was wrong, for diagnosis. */
	crcErrors = 0;

	#lockBlocksStatus = false;
	#isLockKnown = false;
	readonly #spi: SpiDevice;
	readonly #frame4 = new Uint8Array(4);
	readonly #frame6 = new Uint8Array(6);
	readonly #frame8 = new Uint8Array(8);
	readonly #view4 = new DataView(this.#frame4.buffer);
	readonly #view6 = new DataView(this.#frame6.buffer);
	readonly #view8 = new DataView(this.#frame8.buffer);

	constructor(spi: SpiDevice) {
		this.#spi = spi;
	}

	/** 32 bit register as a signed number; 0 after failure. */
	read32(address: number): number {
		const frame = this.#frame8;
		const view = this.#view8;
		for (let n = 0; n < attempts; n++) {
			view.setUint16(0, (address << 4) | 8);
			this.#spi.transfer(frame);
			if (crc16Ccitt(frame, 2, 6) === view.getUint16(6)) return view.getInt32(2);
			this.crcErrors++;
		}
		this.hasFailed = true;
		return 0;
	}

	/** 16 bit register, unsigned; 0 after failure. */
	read16(address: number): number {
		const frame = this.#frame6;
		const view = this.#view6;
		for (let n = 0; n < attempts; n++) {
			view.setUint16(0, (address << 4) | 8);
			this.#spi.transfer(frame);
			if (crc16Ccitt(frame, 2, 4) === view.getUint16(4)) return view.getUint16(2);
			this.crcErrors++;
		}
		this.hasFailed = true;
		return 0;
	}

	/** Writes a register of either width. Nothing on the wire says whether it arrived. */
	write(address: number, value: number): void {
		if (address >= first16 && address <= last16) {
			this.#view4.setUint16(0, address << 4);
			this.#view4.setUint16(2, value);
			this.#spi.transfer(this.#frame4);
		} else {
			this.#view6.setUint16(0, address << 4);
			this.#view6.setInt32(2, value);
			this.#spi.transfer(this.#frame6);
		}
	}

	/** Either width, without sign: what was written is what must come back. */
	readBack(address: number): number {
		return address >= first16 && address <= last16 ? this.read16(address) : this.read32(address) >>> 0;
	}

	/** Writes and reads back, up to three times. */
	writeChecked(address: number, value: number): boolean {
		for (let n = 0; n < attempts; n++) {
			this.write(address, value);
			const back = this.readBack(address);
			if (back === value && !this.hasFailed) return true;
		}
		return false;
	}

	/** To be called after the configuration was locked anew: `acknowledge` finds out again what the lock does. */
	forgetLock(): void {
		this.#lockBlocksStatus = false;
		this.#isLockKnown = false;
	}

	/**
	 * Clears bits of a status register. While the configuration is locked the chip may ignore this (the data sheet can be
	 * read both ways): the first time it is checked, and from then on the lock is opened for the moment if it has to be.
	 */
	acknowledge(address: number, bits: number): void {
		if (!this.#lockBlocksStatus) this.write(address, bits);
		if (!this.#isLockKnown) {
			this.#lockBlocksStatus = (this.read32(address) & bits) !== 0;
			this.#isLockKnown = !this.hasFailed;
		}
		if (!this.#lockBlocksStatus) return;
		this.write(register.wrLock, unlockKey);
		this.write(address, bits);
		this.write(register.wrLock, lockKey);
	}

	/**
	 * A 45 bit energy as a signed integer, from the address of its high part. Both parts change together once per interval:
	 * high, low, high again, until both highs agree.
	 */
	readEnergy(highAddress: number): number {
		let high = this.read32(highAddress);
		for (let n = 0; n < attempts; n++) {
			const low = this.read32(highAddress - 1);
			const again = this.read32(highAddress);
			if (again === high && low >= 0 && low < 8192) return high * 8192 + low;
			high = again;
		}
		this.hasFailed = true;
		return 0;
	}
}

const wrap = 2 ** 45;
const half = 2 ** 44;

/** Difference of two readings of a 45 bit counter, folded into [-2^44, 2^44). */
export function foldEnergy(now: number, before: number): number {
	const difference = now - before;
	if (difference >= half) return difference - wrap;
	if (difference < -half) return difference + wrap;
	return difference;
}

/** Whether the high part of a counter stands at one of its ends: a sound one is there for an instant at most. */
export function isEnergyAtRail(value: number): boolean {
	return value >= half - 8192 || value < 8192 - half;
}

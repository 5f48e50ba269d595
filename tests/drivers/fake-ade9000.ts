// SPDX-License-Identifier: Apache-2.0
import { crc16Ccitt } from "../../src/core/crc.js";
import type { InputPin, SpiDevice } from "../../src/ports/bus.js";

const status0 = 0x402;
const status1 = 0x403;
const wrLock = 0x4bf;
const config1 = 0x481;
const run = 0x480;
const crcForce = 0x4b4;
const egyRdy = 1 << 0;
const rms1012Rdy = 1 << 20;
const rstDone = 1 << 16;
const crcChg = 1 << 26;
const crcDone = 1 << 27;

/** Reset values of the data sheet that the driver looks at or writes. */
const resetValues: readonly (readonly [number, number])[] = [
	[0x472, 1 << 20],
	[0x4fe, 0x00fe],
	[0x474, (0x4000 << 16) | 0x2000],
	[0x481, 0],
	[0x494, 0xffff],
	[0x41c, 0xffff],
];

/**
 * A small ADE9000: registers, widths, CRC, lock, reset timing, accumulators of constant power. Faults are switches.
 * Written from the data sheet alone; no measuring in it.
 */
export class FakeAde9000 implements SpiDevice, InputPin {
	readonly registers = new Map<number, number>();
	/** Codes per second of each accumulator pair, by address of its high part. */
	readonly rates = new Map<number, number>();
	readonly energies = new Map<number, number>();
	/** Addresses of all writes, and of all frames. */
	readonly writes: { address: number; value: number }[] = [];
	frames = 0;
	time_ms = 0;
	/** The chip ignores acknowledgements while locked. */
	lockBlocksStatus = true;
	/** What is on MISO instead of an answer. */
	miso: "" | "zeros" | "ones" | "late" = "";
	/** Flips one bit in every n-th frame. */
	flipEvery = 0;
	/** Level of the pin when it does not work. */
	stuckPin: 0 | 1 | undefined;
	/** Addresses that ignore writes. */
	readonly deaf = new Set<number>();
	/** The low part of energies changes between two reads. */
	onRead: ((address: number) => void) | undefined;
	isMetering = true;
	/** RMS1012 windows end. */
	hasWindows = true;
	resetDoneAt_ms = 45;
	/** Milliseconds of the running 1 s and 200 ms windows. */
	#ran_ms = 0;
	#checksumAt_ms = Infinity;

	constructor() {
		this.#clear();
	}

	/** The supply dips: everything starts from reset values. */
	reset(): void {
		this.#clear();
		this.resetDoneAt_ms = this.time_ms + 45;
	}

	#clear(): void {
		this.registers.clear();
		for (const [address, value] of resetValues) this.registers.set(address, value);
		this.energies.clear();
		this.#ran_ms = 0;
		this.#checksumAt_ms = Infinity;
	}

	get(address: number): number {
		return this.registers.get(address) ?? 0;
	}

	setBits(address: number, bits: number): void {
		this.registers.set(address, this.get(address) | bits);
	}

	advanceTo(time_ms: number): void {
		while (this.time_ms < time_ms) {
			this.time_ms++;
			if (this.time_ms === this.resetDoneAt_ms) this.setBits(status1, rstDone);
			if (this.time_ms === this.#checksumAt_ms) {
				this.setBits(status1, crcDone);
				this.registers.set(0x4a8, 0x1234);
			}
			if (this.get(run) !== 1 || (this.get(0x4b0) & 1) === 0 || !this.isMetering) continue;
			this.#ran_ms++;
			if (this.hasWindows && this.#ran_ms % 200 === 0) this.setBits(status0, rms1012Rdy);
			if (this.#ran_ms % 1000 !== 0) continue;
			for (const [address, rate] of this.rates) {
				this.energies.set(address, BigInt.asIntN(45, BigInt((this.energies.get(address) ?? 0) + rate)) as never);
				this.energies.set(address, Number(this.energies.get(address)));
			}
			this.setBits(status0, egyRdy);
		}
	}

	read(): 0 | 1 {
		if (this.stuckPin !== undefined) return this.stuckPin;
		return (this.get(status0) & this.get(0x405)) === 0 ? 1 : 0;
	}

	transfer(frame: Uint8Array): void {
		this.frames++;
		const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
		const command = view.getUint16(0);
		const address = command >> 4;
		const isWide = address < 0x480 || address > 0x4fe;
		const isReset = this.time_ms < this.resetDoneAt_ms && this.get(status1) === 0 && this.get(run) === 0;
		if ((command & 8) === 0) {
			const value = isWide ? view.getUint32(2) : view.getUint16(2);
			if (!isReset) this.#write(address, value);
			return;
		}
		this.onRead?.(address);
		const value = this.#value(address);
		if (isWide) view.setInt32(2, value);
		else view.setUint16(2, value);
		const end = isWide ? 6 : 4;
		if (frame.length >= end + 2) view.setUint16(end, crc16Ccitt(frame, 2, end));
		if (isReset || this.miso === "ones") frame.fill(0xff);
		else if (this.miso === "zeros") frame.fill(0);
		else if (this.miso === "late")
			for (let n = frame.length - 1; n > 1; n--) frame[n] = (frame[n]! >> 1) | (frame[n - 1]! << 7);
		if (this.flipEvery > 0 && this.frames % this.flipEvery === 0)
			frame[2 + (this.frames % (end - 2))]! ^= 1 << (this.frames % 8);
	}

	#value(address: number): number {
		if (address === 0x26a) return this.get(run) === 1 ? 0x0c : 0;
		if (address === wrLock) return this.get(wrLock) === 0x3c64 ? 1 : 0;
		if (address >= 0x2e4 && address <= 0x395) {
			const high = this.energies.get(address);
			if (high !== undefined) return Math.floor(high / 8192) | 0;
			const low = this.energies.get(address + 1);
			return low === undefined ? 0 : ((low % 8192) + 8192) % 8192;
		}
		return this.get(address);
	}

	#write(address: number, value: number): void {
		this.writes.push({ address, value });
		const isLocked = this.get(wrLock) === 0x3c64;
		if (address === wrLock) {
			this.registers.set(wrLock, value);
			return;
		}
		if (address === status0 || address === status1) {
			if (!isLocked || !this.lockBlocksStatus) this.registers.set(address, this.get(address) & ~value);
			return;
		}
		if (isLocked && (address <= 0x73 || (address >= 0x400 && address <= 0x4fe))) return;
		if (this.deaf.has(address)) return;
		if (address === config1 && (value & 1) !== 0) {
			this.reset();
			return;
		}
		if (address === crcForce) {
			this.#checksumAt_ms = this.time_ms + 11;
			return;
		}
		this.registers.set(address, value);
	}

	/** A configuration register loses its value. */
	corrupt(address: number, value: number): void {
		this.registers.set(address, value);
		this.registers.set(0x4a8, 0x4321);
		this.setBits(status1, crcChg);
	}
}

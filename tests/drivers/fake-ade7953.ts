// SPDX-License-Identifier: Apache-2.0
import type { SpiDevice } from "../../src/ports/bus.js";

const resetFlag = 1 << 20;
const lastRecords = [0x0fd, 0x0ff, 0x1fe, 0x1ff, 0x2ff, 0x3ff];

/** Reset values of the data sheet that the driver looks at or writes. */
const resetValues: readonly (readonly [number, number])[] = [
	[0x004, 0x40],
	[0x102, 0x8004],
	[0x107, 0x0300],
	[0x103, 0x003f],
	[0x104, 0x003f],
	[0x303, 0xe419],
	[0x304, 0xe419],
	[0x702, 3],
];

/**
 * A small ADE7953: widths, protection, records of the last transfer, the two registers that want two writes in a row,
 * counters of constant power. Faults are switches. Written from the data sheet alone; no measuring in it.
 */
export class FakeAde7953 implements SpiDevice {
	readonly registers = new Map<number, number>();
	/** Counts per second, by address of the energy register. */
	readonly rates = new Map<number, number>();
	readonly counters = new Map<number, number>();
	readonly writes: { address: number; value: number }[] = [];
	frames = 0;
	time_ms = 0;
	miso: "" | "zeros" | "ones" = "";
	/** Flips one bit in every n-th frame. */
	flipEvery = 0;
	readonly deaf = new Set<number>();
	onRead: ((address: number) => void) | undefined;
	#readyAt_ms = 66;
	#lastAddress = 0;
	#lastData = 0;
	#previousWrite = -1;
	#previousValue = 0;

	constructor() {
		this.#clear();
	}

	reset(): void {
		this.#clear();
		this.#readyAt_ms = this.time_ms + 66;
	}

	#clear(): void {
		this.registers.clear();
		for (const [address, value] of resetValues) this.registers.set(address, value);
		this.counters.clear();
		this.#previousWrite = -1;
	}

	get(address: number): number {
		return this.registers.get(address) ?? 0;
	}

	advanceTo(time_ms: number): void {
		while (this.time_ms < time_ms) {
			this.time_ms++;
			if (this.time_ms === this.#readyAt_ms) this.registers.set(0x32d, this.get(0x32d) | resetFlag);
			if (this.time_ms <= this.#readyAt_ms) continue;
			for (const [address, rate] of this.rates)
				this.counters.set(address, (this.counters.get(address) ?? 0) + rate / 1000);
		}
	}

	transfer(frame: Uint8Array): void {
		this.frames++;
		const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
		const address = view.getUint16(0);
		const isRead = frame[2] === 0x80;
		const width = address >= 0x300 && address < 0x400 ? 4 : address >= 0x100 && address < 0x200 ? 2 : 1;
		if (frame.length !== 3 + width) throw new Error(`frame of ${frame.length} octets for ${address.toString(16)}`);
		if (this.time_ms < this.#readyAt_ms) {
			frame.fill(0xff);
			return;
		}
		if (!isRead) {
			this.#write(address, width === 4 ? view.getUint32(3) : width === 2 ? view.getUint16(3) : view.getUint8(3));
			return;
		}
		this.onRead?.(address);
		const value = this.#value(address);
		if (width === 4) view.setInt32(3, value);
		else if (width === 2) view.setUint16(3, value);
		else view.setUint8(3, value);
		if (!lastRecords.includes(address)) {
			this.#lastAddress = address;
			this.#lastData = value;
			this.#previousWrite = -1;
			if (address === 0x32e) this.registers.set(0x32d, 0);
		}
		if (this.miso === "ones") frame.fill(0xff);
		if (this.miso === "zeros") frame.fill(0);
		if (this.flipEvery > 0 && this.frames % this.flipEvery === 0)
			frame[3 + (this.frames % width)]! ^= 1 << (this.frames % 8);
	}

	#value(address: number): number {
		if (address === 0x1fe) return this.#lastAddress;
		if (address === 0x3ff) return this.#lastData;
		if (address === 0x32e) return this.get(0x32d);
		if (this.rates.has(address)) return (Math.trunc(this.counters.get(address) ?? 0) << 8) >> 8;
		return this.get(address);
	}

	#write(address: number, value: number): void {
		this.writes.push({ address, value });
		const pair = this.#previousWrite === address || (this.#previousWrite === 0x0fe && this.#previousValue === 0xad);
		this.#previousWrite = address;
		this.#previousValue = value;
		const group = address >= 0x300 ? 4 : address >= 0x100 ? 2 : 1;
		if (address !== 0x040 && (this.get(0x040) & group) !== 0) return;
		if (this.deaf.has(address)) return;
		if ((address === 0x103 || address === 0x104 || address === 0x120) && !pair) return;
		if (address === 0x102 && (value & 0x80) !== 0) {
			this.reset();
			return;
		}
		this.#lastAddress = address;
		this.#lastData = value;
		this.registers.set(address, value);
	}
}

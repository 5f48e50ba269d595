// SPDX-License-Identifier: Apache-2.0
import type { Fram } from "../../../src/ports/fram.js";

/** Octets of the simulated part, a 64-kbit one. */
export const framSize = 8192;

/** Common check of a range; a driver that leaves the part is a bug, not a fault of the medium. */
export function checkFramRange(fram: Fram, address: number, length: number): void {
	if (!Number.isInteger(address) || address < 0 || address + length > fram.size)
		throw new RangeError(`octets ${address}..${address + length - 1} are not on the part of ${fram.size} octets`);
}

/** FRAM in memory, for fleets and tests; zeros as from the factory. */
export class MemoryFram implements Fram {
	readonly size: number;
	readonly cells: Uint8Array;
	writes = 0;
	writtenOctets = 0;

	constructor(size = framSize) {
		this.size = size;
		this.cells = new Uint8Array(size);
	}

	read(address: number, into: Uint8Array): void {
		checkFramRange(this, address, into.length);
		into.set(this.cells.subarray(address, address + into.length));
	}

	write(address: number, bytes: Uint8Array, length: number = bytes.length): void {
		checkFramRange(this, address, length);
		this.writes++;
		this.writtenOctets += length;
		this.cells.set(length === bytes.length ? bytes : bytes.subarray(0, length), address);
	}
}

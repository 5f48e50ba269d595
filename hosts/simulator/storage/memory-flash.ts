// SPDX-License-Identifier: Apache-2.0
import { checkRange, checkSector, type DamageableFlash } from "./damageable-flash.js";

/** What happened to a part since it was made; for tests and diagnostics. */
export interface FlashStatistics {
	programs: number;
	programmedOctets: number;
	erases: number;
	/** Attempts to program a 0 to 1, which NOR flash cannot do: always a bug of the software. */
	violations: number;
}

/**
 * NOR flash in memory, for fleets and tests. Sectors take memory only once they have been programmed.
 */
export class MemoryFlash implements DamageableFlash {
	readonly sectorSize: number;
	readonly sectorCount: number;
	/** Erasures of each sector. */
	readonly eraseCounts: Uint32Array;
	readonly statistics: FlashStatistics = { programs: 0, programmedOctets: 0, erases: 0, violations: 0 };
	readonly #sectors: (Uint8Array | undefined)[];

	constructor(sectorCount: number, sectorSize = 4096) {
		this.sectorSize = sectorSize;
		this.sectorCount = sectorCount;
		this.eraseCounts = new Uint32Array(sectorCount);
		this.#sectors = new Array(sectorCount).fill(undefined);
	}

	read(address: number, into: Uint8Array): void {
		checkRange(this, address, into.length);
		const size = this.sectorSize;
		for (let done = 0; done < into.length; ) {
			const from = (address + done) % size;
			const count = Math.min(into.length - done, size - from);
			const sector = this.#sectors[Math.floor((address + done) / size)];
			if (sector === undefined) into.fill(0xff, done, done + count);
			else if (count < 32) for (let n = 0; n < count; n++) into[done + n] = sector[from + n]!;
			else into.set(sector.subarray(from, from + count), done);
			done += count;
		}
	}

	/** As the part does it: a 0 that should become 1 stays 0, without a word. It is counted. */
	program(address: number, bytes: Uint8Array): void {
		checkRange(this, address, bytes.length);
		this.statistics.programs++;
		this.statistics.programmedOctets += bytes.length;
		const size = this.sectorSize;
		let isViolated = false;
		for (let done = 0; done < bytes.length; ) {
			const from = (address + done) % size;
			const count = Math.min(bytes.length - done, size - from);
			const sector = this.#sector(Math.floor((address + done) / size));
			for (let n = 0; n < count; n++) {
				const byte = bytes[done + n]!;
				const cell = sector[from + n]!;
				if ((byte & ~cell) !== 0) isViolated = true;
				sector[from + n] = cell & byte;
			}
			done += count;
		}
		if (isViolated) this.statistics.violations++;
	}

	erase(sector: number): void {
		checkSector(this, sector);
		this.statistics.erases++;
		this.eraseCounts[sector]!++;
		this.#sectors[sector]?.fill(0xff);
	}

	overwrite(address: number, bytes: Uint8Array): void {
		checkRange(this, address, bytes.length);
		for (let n = 0; n < bytes.length; n++) {
			const at = address + n;
			this.#sector(Math.floor(at / this.sectorSize))[at % this.sectorSize] = bytes[n]!;
		}
	}

	#sector(index: number): Uint8Array {
		return (this.#sectors[index] ??= new Uint8Array(this.sectorSize).fill(0xff));
	}
}

// SPDX-License-Identifier: Apache-2.0

/**
 * NOR flash: `erase` turns a sector to ones, `program` only clears bits. Power may fail in the middle of either;
 * what is read afterwards is then any mixture of old and new bits of the touched octets.
 *
 * All three throw `DeviceError("flash", …)` when the part refuses.
 */
export interface Flash {
	/** Octets per sector, the unit of `erase`; 4096 on the parts of the boards. */
	readonly sectorSize: number;
	readonly sectorCount: number;
	/** Fills `into` from `address` (octets from the start of the part). */
	read(address: number, into: Uint8Array): void;
	/** Clears the bits that are 0 in `bytes`. May cross sector borders. */
	program(address: number, bytes: Uint8Array): void;
	erase(sector: number): void;
}

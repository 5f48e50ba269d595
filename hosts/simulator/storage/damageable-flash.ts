// SPDX-License-Identifier: Apache-2.0
import type { Flash } from "../../../src/ports/flash.js";

/** A simulated part that can also be damaged: what power cuts and cosmic rays do, which no command of the part can. */
export interface DamageableFlash extends Flash {
	/** Puts `bytes` into the cells, whatever was there; not counted as an operation. */
	overwrite(address: number, bytes: Uint8Array): void;
}

/** Common check of a range; a driver that leaves the part is a bug, not a fault of the medium. */
export function checkRange(flash: Flash, address: number, length: number): void {
	const size = flash.sectorSize * flash.sectorCount;
	if (!Number.isInteger(address) || address < 0 || address + length > size)
		throw new RangeError(`octets ${address}..${address + length - 1} are not on the part of ${size} octets`);
}

export function checkSector(flash: Flash, sector: number): void {
	if (!Number.isInteger(sector) || sector < 0 || sector >= flash.sectorCount)
		throw new RangeError(`sector ${sector} is not on the part of ${flash.sectorCount}`);
}

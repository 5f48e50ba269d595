// SPDX-License-Identifier: Apache-2.0
import type { Flash } from "../../../../src/ports/flash.js";

/** Flash port on the engine program's NOR flash; its size is set per scenario in the table of gates. */
export class EngineFlash implements Flash {
	readonly sectorSize = 4096;
	readonly sectorCount = flashSectors();

	read(address: number, into: Uint8Array): void {
		flashRead(address, into);
	}

	program(address: number, bytes: Uint8Array): void {
		flashProgram(address, bytes);
	}

	erase(sector: number): void {
		flashErase(sector);
	}
}

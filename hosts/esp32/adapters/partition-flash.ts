// SPDX-License-Identifier: Apache-2.0
import storage from "embedded:storage/flash";
import { DeviceError } from "../../../src/core/device-error.js";
import type { Flash } from "../../../src/ports/flash.js";

type Partition = ReturnType<typeof storage.open>;

/** Names the part when the SDK throws, so that the meter sees its own kind of error. */
function refused(error: unknown): DeviceError {
	return new DeviceError("flash", "refused", error instanceof Error ? error.message : undefined);
}

/**
 * A data partition of the chip's own flash. Erasing stalls whatever runs from flash for tens of milliseconds: the
 * stores erase one sector at a time and ahead of need.
 */
export class PartitionFlash implements Flash {
	readonly sectorSize: number;
	readonly sectorCount: number;
	readonly #partition: Partition;

	/** @throws DeviceError("flash", …) when there is no partition of that label */
	constructor(label: string) {
		try {
			this.#partition = storage.open({ path: label, mode: "r+" });
			const { blockLength, blocks } = this.#partition.status();
			this.sectorSize = blockLength;
			this.sectorCount = blocks;
		} catch (error) {
			throw refused(error);
		}
	}

	read(address: number, into: Uint8Array): void {
		try {
			this.#partition.read(into, address);
		} catch (error) {
			throw refused(error);
		}
	}

	program(address: number, bytes: Uint8Array): void {
		try {
			this.#partition.write(bytes, address);
		} catch (error) {
			throw refused(error);
		}
	}

	erase(sector: number): void {
		try {
			this.#partition.eraseBlock(sector);
		} catch (error) {
			throw refused(error);
		}
	}

	/** Gives the partition back, for another owner. */
	close(): void {
		this.#partition.close();
	}
}

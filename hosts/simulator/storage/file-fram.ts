// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { DeviceError } from "../../../src/core/device-error.js";
import type { Fram } from "../../../src/ports/fram.js";
import { checkFramRange, framSize } from "./memory-fram.js";
import { StorageError } from "./storage-error.js";

/**
 * FRAM in a file, its cells and nothing else. Every write is one positioned, synchronous one, so `kill -9` loses nothing.
 * Whoever has the flash image of the folder has this file too.
 */
export class FileFram implements Fram {
	readonly size: number;
	readonly #file: number;
	readonly #willWrite: () => void;
	#isOpen = true;

	/**
	 * Opens the file at `path`, or makes it as from the factory.
	 * @param willWrite called before each write
	 * @throws StorageError see its codes
	 */
	constructor(path: string, willWrite: () => void, size = framSize) {
		this.size = size;
		this.#willWrite = willWrite;
		try {
			this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
			if (fstatSync(this.#file).size === 0) ftruncateSync(this.#file, size);
		} catch (error) {
			throw new StorageError("unreadable", `${path}: ${(error as Error).message}`);
		}
		const found = fstatSync(this.#file).size;
		if (found === size) return;
		closeSync(this.#file);
		throw new StorageError("geometry", `${path}: holds ${found} octets, the FRAM of this meter ${size}`);
	}

	read(address: number, into: Uint8Array): void {
		checkFramRange(this, address, into.length);
		this.#attempt(() => readSync(this.#file, into, 0, into.length, address));
	}

	write(address: number, bytes: Uint8Array, length: number = bytes.length): void {
		checkFramRange(this, address, length);
		this.#willWrite();
		const count = this.#attempt(() => writeSync(this.#file, bytes, 0, length, address));
		if (count !== length) throw new DeviceError("fram", "refused", "the file takes no more");
	}

	close(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		closeSync(this.#file);
	}

	#attempt<T>(operation: () => T): T {
		if (!this.#isOpen) throw new DeviceError("fram", "refused", "the file is closed");
		try {
			return operation();
		} catch (error) {
			throw new DeviceError("fram", "refused", (error as Error).message);
		}
	}
}

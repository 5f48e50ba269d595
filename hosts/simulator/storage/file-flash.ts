// SPDX-License-Identifier: Apache-2.0
import {
	closeSync,
	constants,
	existsSync,
	fdatasyncSync,
	fstatSync,
	ftruncateSync,
	openSync,
	readSync,
	renameSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { DeviceError } from "../../../src/core/device-error.js";
import { checkRange, checkSector, type DamageableFlash } from "./damageable-flash.js";
import { DataLock } from "./data-lock.js";
import { StorageError } from "./storage-error.js";

export interface FileFlashOptions {
	readonly sectorCount: number;
	readonly sectorSize?: number;
	/** Waits for the disk after each operation, so that a crash of the whole machine loses nothing either. Slow. */
	readonly sync?: boolean;
}

/** First octets of the file; the geometry follows as two 32-bit numbers. */
const signature = new Uint8Array([0x73, 0x78, 0x34, 0x30, 0x32, 0x20, 0x66, 0x6c, 0x61, 0x73, 0x68, 0x0a, 0, 0, 0, 1]);
const headerSize = 4096;

/**
 * NOR flash in a file, one per meter.
 *
 * Every operation is one positioned, synchronous write, so all that was written is with the operating system when the
 * call returns: `kill -9` at any moment loses nothing (`sync` extends this to a crash of the machine). Octets are stored
 * inverted, so erased flash is zeros and the file is sparse: it takes disk space only for what was programmed.
 */
export class FileFlash implements DamageableFlash {
	readonly sectorSize: number;
	readonly sectorCount: number;
	/** Attempts to program a 0 to 1: always a bug of the software. */
	violations = 0;
	readonly #file: number;
	readonly #lock: DataLock;
	readonly #mustSync: boolean;
	#cells = new Uint8Array(512);
	readonly #erased: Uint8Array;
	#isOpen = true;

	/**
	 * Opens the image at `path`, or makes it as from the factory.
	 * @throws StorageError see its codes; nothing has been changed then
	 */
	constructor(path: string, options: FileFlashOptions) {
		this.sectorSize = options.sectorSize ?? 4096;
		this.sectorCount = options.sectorCount;
		this.#mustSync = options.sync ?? false;
		this.#erased = new Uint8Array(this.sectorSize);
		this.#lock = DataLock.take(`${path}.lock`);
		try {
			if (!existsSync(path)) this.#make(path);
			this.#file = this.#open(path);
		} catch (error) {
			this.#lock.release();
			if (error instanceof StorageError) throw error;
			throw new StorageError("unreadable", `${path}: ${(error as Error).message}`);
		}
	}

	read(address: number, into: Uint8Array): void {
		checkRange(this, address, into.length);
		this.#load(address, into);
		for (let n = 0; n < into.length; n++) into[n] = ~into[n]!;
	}

	program(address: number, bytes: Uint8Array): void {
		checkRange(this, address, bytes.length);
		const cells = this.#cellsFor(bytes.length);
		this.#load(address, cells);
		let isViolated = false;
		for (let n = 0; n < bytes.length; n++) {
			const cleared = cells[n]!; // a stored 1 is a cleared bit
			const wanted = ~bytes[n]! & 255;
			if ((cleared & ~wanted) !== 0) isViolated = true;
			cells[n] = cleared | wanted;
		}
		if (isViolated) this.violations++;
		this.#store(address, cells);
	}

	erase(sector: number): void {
		checkSector(this, sector);
		this.#store(sector * this.sectorSize, this.#erased);
	}

	overwrite(address: number, bytes: Uint8Array): void {
		checkRange(this, address, bytes.length);
		const cells = this.#cellsFor(bytes.length);
		for (let n = 0; n < bytes.length; n++) cells[n] = ~bytes[n]!;
		this.#store(address, cells);
	}

	/** Lets the disk catch up, closes the file and gives the lock back. */
	close(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		fdatasyncSync(this.#file);
		closeSync(this.#file);
		this.#lock.release();
	}

	/** Under another name first: a file of the right name is always complete. */
	#make(path: string): void {
		const draft = `${path}.new`;
		if (existsSync(draft)) unlinkSync(draft);
		const file = openSync(draft, "wx+", 0o600); // keys will be in it
		try {
			const header = Buffer.alloc(headerSize);
			header.set(signature);
			header.writeUInt32BE(this.sectorSize, signature.length);
			header.writeUInt32BE(this.sectorCount, signature.length + 4);
			writeSync(file, header, 0, headerSize, 0);
			ftruncateSync(file, headerSize + this.sectorSize * this.sectorCount);
			fdatasyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(draft, path);
	}

	#open(path: string): number {
		const file = openSync(path, constants.O_RDWR);
		try {
			this.#checkFile(path, file);
			return file;
		} catch (error) {
			closeSync(file);
			throw error;
		}
	}

	#checkFile(path: string, file: number): void {
		const header = Buffer.alloc(signature.length + 8);
		const isFile = fstatSync(file).isFile();
		const length = isFile ? readSync(file, header, 0, header.length, 0) : 0;
		if (length < header.length || header.compare(signature, 0, signature.length, 0, signature.length) !== 0)
			throw new StorageError("foreign", `${path}: not a flash image of this simulator`);
		const sectorSize = header.readUInt32BE(signature.length);
		const sectorCount = header.readUInt32BE(signature.length + 4);
		if (sectorSize !== this.sectorSize || sectorCount !== this.sectorCount)
			throw new StorageError(
				"geometry",
				`${path}: holds ${sectorCount} sectors of ${sectorSize} octets, this meter has ${this.sectorCount} of ${this.sectorSize}`,
			);
		const size = headerSize + sectorSize * sectorCount;
		if (fstatSync(file).size !== size)
			throw new StorageError(
				"geometry",
				`${path}: ${fstatSync(file).size} octets instead of ${size}, it was cut or mixed up`,
			);
	}

	#cellsFor(length: number): Uint8Array {
		if (this.#cells.length < length) this.#cells = new Uint8Array(length);
		return length === this.#cells.length ? this.#cells : this.#cells.subarray(0, length);
	}

	#load(address: number, into: Uint8Array): void {
		const count = this.#attempt(() => readSync(this.#file, into, 0, into.length, headerSize + address));
		if (count !== into.length) throw new DeviceError("flash", "unreadable", "the flash image ends early");
	}

	#store(address: number, bytes: Uint8Array): void {
		const count = this.#attempt(() => writeSync(this.#file, bytes, 0, bytes.length, headerSize + address));
		if (count !== bytes.length) throw new DeviceError("flash", "refused", "the flash image takes no more");
		if (this.#mustSync) this.#attempt(() => fdatasyncSync(this.#file));
	}

	#attempt<T>(operation: () => T): T {
		if (!this.#isOpen) throw new DeviceError("flash", "refused", "the flash image is closed");
		try {
			return operation();
		} catch (error) {
			throw new DeviceError("flash", "refused", (error as Error).message);
		}
	}
}

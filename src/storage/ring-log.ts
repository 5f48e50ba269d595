// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import { DeviceError } from "../core/device-error.js";
import type { Flash } from "../ports/flash.js";
import { LogBuffers, sectorHeaderSize } from "./log-buffers.js";
import { SectorHeader } from "./sector-header.js";

const magic = 0x5358_4c47; // "SXLG"
const blankMark = 0xff;
const rowMark = 0x0f;
const slotOverhead = 5;

/** What of a log is given by its owner. */
export interface RingLogShape {
	/** Octets of every row, 1 … 4059 on sectors of 4096. */
	readonly rowSize: number;
	/** Rows wanted; `capacity` tells how many the sectors hold. */
	readonly capacity: number;
	/** Number of the meaning of the rows, 32 bits. Rows stored under another generation or row size do not exist. */
	readonly generation: number;
}

/**
 * Rows of one size in the order of their appending, oldest overwritten, each with an absolute number that never recurs.
 *
 * A slot is a mark, the row, and a CRC-32 bound to the number of the row. The mark is programmed alone and first, so that a
 * slot that reads blank is blank; the CRC is programmed last. A torn slot is voided at start and skipped: it has no
 * number. Sectors tell the number of their first row, so a row is found by division, wherever slots were skipped with one
 * header read more. One sector more than needed is kept for erasing and one for skipped slots, so the capacity holds.
 */
export class RingLog {
	/** Rows kept at most: what was asked, or what fits. */
	readonly capacity: number;
	readonly rowSize: number;
	readonly #flash: Flash;
	readonly #header: SectorHeader;
	readonly #sectorCount: number;
	readonly #layout: number;
	readonly #rowsPerSector: number;
	readonly #slotSize: number;
	readonly #buffers: LogBuffers;
	/** Mark, row and CRC as read last. */
	readonly #slot: Uint8Array;
	readonly #row: Uint8Array;
	readonly #crc: DataView;
	/** Sequence number of the newest sector. */
	#head = -1;
	/** False while the newest sector belongs to another generation: there are no rows then. */
	#isOwn = false;
	/** Slots of the head that are taken. */
	#used = 0;
	/** The last slot taken holds no row and must still be voided. */
	#mustVoid = false;
	#next = 0;
	/** First number in the oldest sector. */
	#oldest = 0;
	/** Sequence number of the sector that it is in. */
	#oldestSequence = 0;
	/** First number since the log was last cleared. */
	#base = 0;
	/** Sector that was read last, and its first number. */
	#cachedSequence = -1;
	#cachedFirst = 0;

	/**
	 * Finds the rows on the part.
	 * @param sectorCount 3 or more
	 * @param buffers shared with other logs
	 * @param state as `saveState` left it at `stateAt`, of the log on these sectors, which nobody else has written since:
	 *              nothing is looked for then. NaN stands for none.
	 * @param isSuccessor the state is that of a log of another layout, whose rows are not kept
	 * @throws DeviceError("flash", …) when the part refuses
	 */
	constructor(
		flash: Flash,
		firstSector: number,
		sectorCount: number,
		shape: RingLogShape,
		buffers: LogBuffers = new LogBuffers(),
		state?: Float64Array,
		stateAt = 0,
		isSuccessor = false,
	) {
		this.rowSize = shape.rowSize;
		this.capacity = Math.min(shape.capacity, RingLog.rowsThatFit(flash.sectorSize, sectorCount, shape.rowSize));
		if (this.capacity < 1) throw new RangeError(`no row of ${shape.rowSize} octets fits ${sectorCount} sectors`);
		this.#flash = flash;
		this.#sectorCount = sectorCount;
		this.#slotSize = shape.rowSize + slotOverhead;
		this.#rowsPerSector = Math.floor((flash.sectorSize - sectorHeaderSize) / this.#slotSize);
		this.#layout = (Math.imul(shape.generation, 0x9e37_79b1) ^ shape.rowSize) >>> 0;
		this.#header = new SectorHeader(flash, firstSector, sectorCount, magic, buffers);
		this.#buffers = buffers;
		this.#slot = new Uint8Array(this.#slotSize);
		this.#row = this.#slot.subarray(1, 1 + shape.rowSize);
		this.#crc = new DataView(this.#slot.buffer, 1 + shape.rowSize);
		if (state === undefined || Number.isNaN(state[stateAt])) this.mount();
		else this.restoreState(state, stateAt);
		if (isSuccessor && this.#isOwn) this.succeed();
	}

	/** Numbers that `saveState` writes. */
	static readonly stateSize: number = 7;

	/** The number of the next row in a saved state; NaN when there is none. */
	static nextNumberOf(state: Float64Array, at: number): number {
		return state[at + 3]!;
	}

	/** Leaves what a log made later needs to go on from here without looking for its rows. */
	saveState(into: Float64Array, at: number): void {
		into[at] = this.#head;
		into[at + 1] = this.#used;
		into[at + 2] = (this.#isOwn ? 1 : 0) | (this.#mustVoid ? 2 : 0);
		into[at + 3] = this.#next;
		into[at + 4] = this.#oldest;
		into[at + 5] = this.#base;
		into[at + 6] = this.#oldestSequence;
	}

	private restoreState(state: Float64Array, at: number): void {
		this.#head = state[at]!;
		this.#used = state[at + 1]!;
		this.#isOwn = (state[at + 2]! & 1) !== 0;
		this.#mustVoid = (state[at + 2]! & 2) !== 0;
		this.#next = state[at + 3]!;
		this.#oldest = state[at + 4]!;
		this.#base = state[at + 5]!;
		this.#oldestSequence = state[at + 6]!;
	}

	/** Most rows that a log on these sectors can promise. */
	static rowsThatFit(sectorSize: number, sectorCount: number, rowSize: number): number {
		return Math.max(0, sectorCount - 2) * Math.floor((sectorSize - sectorHeaderSize) / (rowSize + slotOverhead));
	}

	/** Number of the oldest row; equal to `nextNumber` when there is none. */
	get firstNumber(): number {
		return Math.max(this.#base, this.#oldest, this.#next - this.capacity);
	}

	/** Number the next row will have. */
	get nextNumber(): number {
		return this.#next;
	}

	get entriesInUse(): number {
		return this.#next - this.firstNumber;
	}

	/**
	 * Stores a row; it is on the medium when this returns.
	 * @throws DeviceError("flash", …) when the medium refuses; the log is then as before
	 */
	append(row: Uint8Array): void {
		if (row.length !== this.rowSize) throw new RangeError(`a row has ${this.rowSize} octets, not ${row.length}`);
		for (let attempt = 0; attempt < 2; attempt++) {
			if (this.#mustVoid) this.voidLast();
			this.makeRoom();
			if (this.program(row)) {
				this.#next++;
				return;
			}
		}
		throw new DeviceError("flash", "verify", "a row does not read back");
	}

	/** Erases ahead if need be, so that the next `append` only programs. For idle moments. */
	makeRoom(): void {
		if (!this.#isOwn || this.#used === this.#rowsPerSector) this.open(this.#isOwn ? this.#base : this.#next);
	}

	/**
	 * Fills `into` with a row.
	 * @returns false when there is no row of that number, or it was damaged; `into` may then have changed
	 */
	read(number: number, into: Uint8Array): boolean {
		if (number < this.firstNumber || number >= this.#next) return false;
		const isCached = this.#cachedSequence >= 0 && number >= this.#cachedFirst;
		if (!isCached || number >= this.#cachedFirst + this.#rowsPerSector || !this.readIn(number)) {
			if (!this.locate(number) || !this.readIn(number)) return false;
		}
		into.set(this.#row);
		return true;
	}

	/**
	 * Forgets all rows at once, for good; numbers go on.
	 * @param first is then the only row, stored in the same atomic step
	 * @throws DeviceError("flash", …) when the medium refuses, with the rows still there
	 */
	clear(first?: Uint8Array): void {
		if (first !== undefined || this.entriesInUse > 0) this.open(this.#next, first);
	}

	/** Highest count of erasures among the sectors. */
	maximumEraseCount(): number {
		return this.#header.maximumEraseCount();
	}

	private mount(): void {
		const header = this.#header;
		this.#head = header.findHead();
		if (this.#head < 0) {
			this.#head = this.#sectorCount - 1;
			return;
		}
		header.settle(this.#head);
		header.discardAfter(this.#head);
		header.load(this.#head % this.#sectorCount);
		this.#isOwn = header.layout === this.#layout;
		// behind a foreign head: higher than any number given so far
		this.#next = header.first + (this.#isOwn ? 0 : this.#flash.sectorSize);
		this.#base = this.#isOwn ? header.base : this.#next;
		this.#oldest = this.#next;
		if (!this.#isOwn) return;
		this.scanHead();
		this.findOldest(this.#head - this.#sectorCount + 1);
	}

	/** The newest sector becomes a foreign one, as `mount` would find it. */
	private succeed(): void {
		const header = this.#header;
		if (!header.load(this.#head % this.#sectorCount) || header.sequence !== this.#head) {
			this.mount();
			return;
		}
		this.#isOwn = false;
		this.#used = 0;
		this.#mustVoid = false;
		this.#next = header.first + this.#flash.sectorSize; // higher than any number given so far
		this.#base = this.#next;
		this.#oldest = this.#next;
	}

	/** Counts the rows of the head sector, and makes sure of the last slot, in which power may have failed. */
	private scanHead(): void {
		const address = this.#header.address(this.#head % this.#sectorCount) + sectorHeaderSize;
		const first = this.#next;
		let voids = 0;
		this.#used = 0;
		for (; this.#used < this.#rowsPerSector; this.#used++) {
			const mark = this.#buffers.readMark(this.#flash, address + this.#used * this.#slotSize);
			if (mark === blankMark) break;
			if (isVoid(mark)) voids++;
		}
		this.#next += this.#used - voids;
		if (this.#used === 0) return;
		const last = address + (this.#used - 1) * this.#slotSize;
		this.#flash.read(last, this.#slot);
		if (isVoid(this.#slot[0]!)) this.voidLast();
		else if (this.isRow(first + this.#used - voids - 1)) {
			this.#buffers.programCrc(this.#flash, last + 1 + this.rowSize, this.#crc.getUint32(0));
		} else {
			this.#next--;
			this.voidLast();
		}
	}

	/** First number of the oldest sector of this generation, from a sequence number on. */
	private findOldest(from: number): void {
		const header = this.#header;
		for (let sequence = Math.max(from, 0); sequence <= this.#head; sequence++) {
			if (header.load(sequence % this.#sectorCount) && header.sequence === sequence && header.layout === this.#layout) {
				this.#oldest = header.first;
				this.#oldestSequence = sequence;
				return;
			}
		}
		this.#oldest = this.#next;
		this.#oldestSequence = this.#head + 1;
	}

	private open(base: number, row?: Uint8Array): void {
		const header = this.#header;
		// the oldest sector goes, whether or not the opening succeeds; in a ring that is not yet full it is an empty one
		if (this.#isOwn && this.#oldestSequence <= this.#head - this.#sectorCount + 1)
			this.findOldest(this.#head - this.#sectorCount + 2);
		this.#cachedSequence = -1;
		const eraseCount = header.load(this.#head % this.#sectorCount) ? header.eraseCount : 0;
		header.open(this.#head + 1, this.#layout, this.#next, base, eraseCount);
		if (row !== undefined && !this.write(this.slotAddress(this.#head + 1, 0), row))
			throw new DeviceError("flash", "verify", "a row does not read back");
		header.settle(this.#head + 1);
		this.#head++;
		this.#used = row === undefined ? 0 : 1;
		this.#mustVoid = false;
		this.#base = base;
		if (!this.#isOwn) {
			this.#oldest = this.#next;
			this.#oldestSequence = this.#head;
		}
		if (row !== undefined) this.#next++;
		this.#isOwn = true;
	}

	/** Programs the next slot; false when it does not read back. A slot that holds no row then is voided. */
	private program(row: Uint8Array): boolean {
		const address = this.slotAddress(this.#head, this.#used);
		let isWritten = false;
		this.#used++;
		try {
			isWritten = this.write(address, row);
		} finally {
			if (!isWritten) {
				this.#mustVoid = true;
				this.tryVoid();
			}
		}
		return isWritten;
	}

	/** Programs one slot with the next row; false when it does not read back. */
	private write(address: number, row: Uint8Array): boolean {
		this.#buffers.programMark(this.#flash, address, rowMark);
		this.#flash.program(address + 1, row);
		this.#buffers.programCrc(this.#flash, address + 1 + this.rowSize, crc32(row, 0, row.length, this.#next));
		this.#flash.read(address, this.#slot);
		return this.isRow(this.#next);
	}

	/** Should the part refuse this too, it is done before the next row. */
	private tryVoid(): void {
		try {
			this.voidLast();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}

	private voidLast(): void {
		this.#buffers.programMark(this.#flash, this.slotAddress(this.#head, this.#used - 1), 0);
		this.#mustVoid = false;
	}

	/** Finds the sector that can hold a number. No sector has more than `rowsPerSector`, so no step goes too far. */
	private locate(number: number): boolean {
		const header = this.#header;
		let sequence = this.#head;
		while (sequence >= 0 && sequence > this.#head - this.#sectorCount) {
			const isLoaded = header.load(sequence % this.#sectorCount);
			if (!isLoaded || header.sequence !== sequence) {
				sequence--; // damaged: an older one may hold it
			} else if (number >= header.first) {
				this.#cachedSequence = sequence;
				this.#cachedFirst = header.first;
				return true;
			} else {
				const step = Math.ceil((header.first - number) / this.#rowsPerSector);
				const oldest = this.#head - this.#sectorCount + 1;
				sequence = sequence > oldest ? Math.max(sequence - step, oldest) : -1;
			}
		}
		return false;
	}

	/** Reads a row of the located sector into the slot buffer, looking further where slots were skipped. */
	private readIn(number: number): boolean {
		for (let slot = number - this.#cachedFirst; slot < this.#rowsPerSector; slot++) {
			this.#flash.read(this.slotAddress(this.#cachedSequence, slot), this.#slot);
			if (this.#slot[0] === blankMark) return false;
			if (this.isRow(number)) return true;
		}
		return false;
	}

	/** Whether the slot buffer holds the row of that number. */
	private isRow(number: number): boolean {
		return !isVoid(this.#slot[0]!) && crc32(this.#row, 0, this.rowSize, number) === this.#crc.getUint32(0);
	}

	private slotAddress(sequence: number, slot: number): number {
		return this.#header.address(sequence % this.#sectorCount) + sectorHeaderSize + slot * this.#slotSize;
	}
}

/** Zero but for one bit, so that a flipped bit does not make a slot count. */
function isVoid(mark: number): boolean {
	return (mark & (mark - 1)) === 0;
}

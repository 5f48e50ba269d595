// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import type { Flash } from "../ports/flash.js";
import { LogBuffers, sectorHeaderSize } from "./log-buffers.js";

const offset = Object.freeze({
	magic: 0,
	sequence: 4,
	eraseCount: 8,
	layout: 12,
	first: 16,
	base: 20,
	crc: 24,
	settled: 28,
});

const maximum32 = 0xffff_ffff;

/**
 * Header of one sector of a ring of sectors, and the steps that open a sector so that a power cut at any instant leaves
 * either the old ring or the ring with the new head.
 *
 * A sector counts when its header is valid and settled. The order is: void the header (zeros, so that a broken erase
 * cannot show an old header over half erased contents), erase, write the header, fill the sector, settle it. A ring is
 * used in the order of its sectors: the sector of sequence number n is sector n modulo `sectorCount`.
 *
 * One object per log serves for all of its sectors; `load` overwrites the fields.
 */
export class SectorHeader {
	readonly #flash: Flash;
	readonly #firstSector: number;
	readonly #count: number;
	readonly #magic: number;
	readonly #buffers: LogBuffers;

	/**
	 * @param magic kind of log, 32 bits; together with place and size of the ring it tells own sectors from foreign ones
	 * @param buffers hold the header; other logs may use them as soon as the fields have been read
	 */
	constructor(flash: Flash, firstSector: number, sectorCount: number, magic: number, buffers = new LogBuffers()) {
		if (firstSector < 0 || firstSector + sectorCount > flash.sectorCount)
			throw new RangeError(`sectors ${firstSector}..${firstSector + sectorCount - 1} are not all on the part`);
		this.#flash = flash;
		this.#firstSector = firstSector;
		this.#count = sectorCount;
		this.#magic = magic;
		this.#buffers = buffers;
	}

	/** 1 is added with each sector opened; the highest is the head of the ring. */
	get sequence(): number {
		return this.#buffers.sectorView.getUint32(offset.sequence);
	}

	/** Erasures of this sector since manufacture. An erasure cut short by power loss may be missing. */
	get eraseCount(): number {
		return this.#buffers.sectorView.getUint32(offset.eraseCount);
	}

	/** Set by the owner; rows or records of another layout are foreign. */
	get layout(): number {
		return this.#buffers.sectorView.getUint32(offset.layout);
	}

	/** First entry number of this sector. */
	get first(): number {
		return this.#buffers.sectorView.getUint32(offset.first);
	}

	/** Oldest entry number that still belonged to the log when the sector was opened. */
	get base(): number {
		return this.#buffers.sectorView.getUint32(offset.base);
	}

	/** Address of the first octet of a sector of the ring. */
	address(sector: number): number {
		return (this.#firstSector + sector) * this.#flash.sectorSize;
	}

	/** Fills the fields from a sector; false, and fields without meaning, when it is not a settled sector of this ring. */
	load(sector: number): boolean {
		if (!this.loadFields(sector)) return false;
		return isSettled(this.#buffers.sectorHeader[offset.settled]!) && this.sequence % this.#count === sector;
	}

	/** Looks for the head: the sequence number of the newest settled sector, or -1 on a part that was never used. */
	findHead(): number {
		let head = -1;
		for (let sector = 0; sector < this.#count; sector++) {
			if (this.load(sector) && this.sequence > head) head = this.sequence;
		}
		return head;
	}

	/** Highest count of erasures among the sectors; overwrites the fields. */
	maximumEraseCount(): number {
		let count = 0;
		for (let sector = 0; sector < this.#count; sector++) {
			if (this.load(sector) && this.eraseCount > count) count = this.eraseCount;
		}
		return count;
	}

	/**
	 * Erases a sector and gives it a header, not yet settled.
	 * @param headCount erase count of the present head, from which the sector's own is derived when it cannot be read:
	 *                  sectors take turns, so theirs is the same, or one less when the head was erased in this turn
	 */
	open(sequence: number, layout: number, first: number, base: number, headCount: number): void {
		const sector = sequence % this.#count;
		const eraseCount = this.loadFields(sector) ? this.eraseCount : sector === 0 ? headCount : headCount - 1;
		this.voidSector(sector);
		this.#flash.erase(this.#firstSector + sector);
		const v = this.#buffers.sectorView;
		this.#buffers.sectorHeader.fill(0xff);
		v.setUint32(offset.magic, this.#magic);
		v.setUint32(offset.sequence, sequence);
		v.setUint32(offset.eraseCount, Math.min(eraseCount + 1, maximum32));
		v.setUint32(offset.layout, layout);
		v.setUint32(offset.first, first);
		v.setUint32(offset.base, base);
		v.setUint32(offset.crc, this.crc());
		this.#flash.program(this.address(sector), this.#buffers.sectorHeader);
	}

	/**
	 * Makes the sector count. Also used at start on the head that was found: had power failed in the middle of settling, its
	 * mark could read differently next time.
	 */
	settle(sequence: number): void {
		this.#buffers.programMark(this.#flash, this.address(sequence % this.#count) + offset.settled, 0);
	}

	/** At start: makes sure that what is left of an opening that was cut short cannot appear as the head later. */
	discardAfter(head: number): void {
		const sector = (head + 1) % this.#count;
		if (this.load(sector) && this.sequence < head) return;
		this.#flash.read(this.address(sector), this.#buffers.sectorHeader);
		if (!this.isZero()) this.voidSector(sector);
	}

	private voidSector(sector: number): void {
		this.#buffers.sectorHeader.fill(0);
		this.#flash.program(this.address(sector), this.#buffers.sectorHeader);
	}

	private loadFields(sector: number): boolean {
		this.#flash.read(this.address(sector), this.#buffers.sectorHeader);
		const v = this.#buffers.sectorView;
		return v.getUint32(offset.magic) === this.#magic && v.getUint32(offset.crc) === this.crc();
	}

	private crc(): number {
		return crc32(this.#buffers.sectorHeader, 0, offset.crc, ((this.#firstSector << 16) ^ this.#count) >>> 0);
	}

	private isZero(): boolean {
		for (let n = 0; n < sectorHeaderSize; n++) if (this.#buffers.sectorHeader[n] !== 0) return false;
		return true;
	}
}

/** The majority of the eight bits decides, so that one flipped bit does not lose a sector. */
function isSettled(mark: number): boolean {
	let ones = 0;
	for (let bits = mark; bits !== 0; bits &= bits - 1) ones++;
	return ones < 4;
}

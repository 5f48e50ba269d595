// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import { DeviceError } from "../core/device-error.js";
import { areSame } from "../core/same-octets.js";
import type { Flash } from "../ports/flash.js";
import { keyCount, LogBuffers, recordHeaderSize, sectorHeaderSize } from "./log-buffers.js";
import type { RecordStore } from "./record-store.js";
import { SectorHeader } from "./sector-header.js";

const magic = 0x5358_524c; // "SXRL"
const alignment = 4;

/** Record: mark, key, length, sequence, CRC-32 of all that follows the mark, payload. */
const offset = Object.freeze({ mark: 0, key: 1, length: 2, sequence: 4, crc: 8, payload: recordHeaderSize });
const blankMark = 0xff;
const recordMark = 0x5a;
/** Places of a key: no record, and none any more. */
const none = -1;
const lost = -2;

/**
 * Named records on a ring of flash sectors, newest valid wins.
 *
 * Records are appended to the head sector. When it is full the next sector is opened: the newest records of the sector
 * behind it are carried into it first, so that one sector is always free of records that count, and all sectors take
 * turns whatever the records are (static wear levelling). Power may fail at any instant:
 *
 * - A record begins with a mark that is programmed alone, and its header is programmed last. Place without a mark is
 *   therefore blank beyond doubt, and a torn record fails its CRC, which also binds it to its place.
 * - After a torn record the sector takes no more; its remains are voided at start, so that bits which were left half set
 *   cannot make it appear later.
 * - A sector being filled by carrying does not count until it is settled, and begins anew after a cut.
 * - Bits left half set may read differently at every start. Only when power fails once more in the very act of voiding
 *   them do they have to keep the value they then show.
 *
 * RAM: one 32-bit place per key and one chunk; no object per record. Writing an unchanged value costs nothing.
 */
export class RecordLog implements RecordStore {
	readonly #flash: Flash;
	readonly #sectorCount: number;
	readonly #sectorSize: number;
	readonly #header: SectorHeader;
	/** Octets from the start of the ring to the newest record of each key; below 0 when there is none. */
	readonly #places = new Int32Array(keyCount).fill(none);
	readonly #buffers: LogBuffers;
	readonly #record: Uint8Array;
	readonly #view: DataView;
	#head = 0;
	/** Octets of the head sector that are taken; `sectorSize` when it takes no more. */
	#used = 0;
	#sequence = 0;

	/**
	 * Finds the records on the part, or formats the ring when there is none.
	 * @param sectorCount 2 or more
	 * @param buffers shared with other logs
	 * @throws DeviceError("flash", …) when the part refuses
	 */
	constructor(flash: Flash, firstSector: number, sectorCount: number, buffers = new LogBuffers()) {
		if (sectorCount < 2) throw new RangeError("a record log needs two sectors or more");
		this.#flash = flash;
		this.#sectorCount = sectorCount;
		this.#sectorSize = flash.sectorSize;
		this.#buffers = buffers;
		this.#record = buffers.record;
		this.#view = buffers.recordView;
		this.#header = new SectorHeader(flash, firstSector, sectorCount, magic, buffers);
		this.mount();
	}

	/** Longest record in octets. */
	get maximumLength(): number {
		return this.#sectorSize - sectorHeaderSize - offset.payload;
	}

	read(key: number, into: Uint8Array): number {
		checkKey(key);
		const place = this.#places[key]!;
		if (place < 0) return -1;
		this.loadRecord(place);
		const length = this.#view.getUint16(offset.length);
		if (length > into.length) throw new RangeError(`record ${key} has ${length} octets`);
		if (!this.isIntact(place)) throw new DeviceError("flash", "corrupt", `record ${key} can no longer be read`);
		this.#flash.read(this.address(place) + offset.payload, into.subarray(0, length));
		return length;
	}

	isLost(key: number): boolean {
		return this.#places[key] === lost;
	}

	write(key: number, bytes: Uint8Array, length: number = bytes.length): void {
		checkKey(key);
		if (length > bytes.length || length > this.maximumLength) throw new RangeError(`record ${key}: ${length} octets`);
		if (this.holds(key, bytes, length)) return;
		for (let attempt = 0; attempt < 2; attempt++) {
			this.makeRoom(length);
			const place = this.headPlace() + this.#used;
			if (this.append(key, length, bytes)) {
				this.#places[key] = place;
				return;
			}
		}
		throw new DeviceError("flash", "verify", `record ${key} does not read back`);
	}

	makeRoom(length: number): void {
		const size = sizeOf(length);
		if (this.#used + size <= this.#sectorSize) return;
		const room = this.#sectorSize - sectorHeaderSize - size;
		let turns = 1;
		let count = this.collectKeys(this.#head + 2);
		while (this.liveOctets(count) > room) {
			if (++turns >= this.#sectorCount) throw new DeviceError("flash", "full", "no room for another record");
			count = this.collectKeys(this.#head + 1 + turns);
		}
		// mostly the keys just collected are those to be carried
		if (turns === 1) this.rotate(count);
		else for (; turns > 0; turns--) this.rotate(this.collectKeys(this.#head + 2));
	}

	/** Highest count of erasures among the sectors. */
	maximumEraseCount(): number {
		return this.#header.maximumEraseCount();
	}

	private mount(): void {
		const header = this.#header;
		this.#head = header.findHead();
		if (this.#head < 0) {
			this.#head = this.#sectorCount;
			header.open(this.#head, 0, 0, 0, 0);
			header.settle(this.#head);
		}
		header.settle(this.#head);
		header.discardAfter(this.#head);
		// the sector after the head is free: what it still shows is older than what was carried
		for (let sequence = this.#head - this.#sectorCount + 2; sequence <= this.#head; sequence++) {
			const sector = sequence % this.#sectorCount;
			if (sequence >= 0 && header.load(sector) && header.sequence === sequence) this.scan(sector, sequence);
		}
	}

	/** Takes the records of one sector into the index; of the head also finds where it ends, and mends its end. */
	private scan(sector: number, sequence: number): void {
		const start = sector * this.#sectorSize;
		let at = sectorHeaderSize;
		let last = -1;
		let torn = -1;
		let tornKey = none;
		while (at + offset.payload <= this.#sectorSize) {
			const place = start + at;
			this.loadRecord(place);
			if (this.#record[offset.mark] === blankMark && torn < 0) break;
			if (this.isIntact(place)) {
				this.#places[this.#record[offset.key]!] = place;
				this.#sequence = Math.max(this.#sequence, this.#view.getUint32(offset.sequence) + 1);
				last = place;
				if (torn >= 0) this.noteLoss(tornKey);
				torn = -1;
				at += sizeOf(this.#view.getUint16(offset.length));
			} else {
				// torn, or damaged later: others may follow
				if (torn < 0) {
					torn = place;
					tornKey = this.#record[offset.mark] === recordMark ? this.#record[offset.key]! : none;
				}
				at += alignment;
			}
		}
		if (sequence !== this.#head) {
			if (torn >= 0) this.noteLoss(tornKey);
			return;
		}
		this.#used = torn < 0 ? at : this.#sectorSize;
		if (torn >= 0) this.voidRecord(torn);
		else if (last >= 0) {
			// its header was the last thing programmed: once more, should power have failed in it
			this.loadRecord(last);
			this.#flash.program(this.address(last), this.#record);
		}
	}

	/** A record that was whole once is damaged: one that power was cut in is the last of its sector, and is voided at the next start. */
	private noteLoss(key: number): void {
		if (key >= 0 && key < keyCount && this.#places[key] === none) this.#places[key] = lost;
	}

	/** Opens the next sector, with the newest records of the one behind it: the first `count` of the collected keys. */
	private rotate(count: number): void {
		const header = this.#header;
		const old = this.#head;
		const oldUsed = this.#used;
		header.load(old % this.#sectorCount);
		header.open(old + 1, 0, 0, 0, header.eraseCount);
		const { keys } = this.#buffers;
		this.#head = old + 1;
		this.#used = sectorHeaderSize;
		let isCarried = false;
		try {
			for (let n = 0; n < count; n++) this.carry(keys[n]!);
			header.settle(this.#head);
			isCarried = true;
		} finally {
			if (!isCarried) {
				this.#head = old;
				this.#used = oldUsed;
			}
		}
		// the same order and sizes again give the new places
		let place = this.headPlace() + sectorHeaderSize;
		for (let n = 0; n < count; n++) {
			const key = keys[n]!;
			if (this.#places[key]! < 0) continue;
			this.loadRecord(this.#places[key]!);
			this.#places[key] = place;
			place += sizeOf(this.#view.getUint16(offset.length));
		}
	}

	private carry(key: number): void {
		const from = this.#places[key]!;
		this.loadRecord(from);
		if (!this.isIntact(from)) {
			this.#places[key] = lost; // a damaged record must not get a new CRC
			return;
		}
		if (!this.append(key, this.#view.getUint16(offset.length), undefined, this.address(from)))
			throw new DeviceError("flash", "verify", `record ${key} does not read back`);
	}

	/**
	 * Programs a record at the end of the head, from `bytes` or from the record at `source`.
	 * @returns false when it does not read back; the sector then takes no more
	 */
	private append(key: number, length: number, bytes: Uint8Array | undefined, source = 0): boolean {
		const place = this.headPlace() + this.#used;
		const address = this.address(place);
		const v = this.#view;
		let isWritten = false;
		try {
			this.#buffers.programMark(this.#flash, address, recordMark);
			v.setUint8(offset.key, key);
			v.setUint16(offset.length, length);
			v.setUint32(offset.sequence, this.#sequence++);
			let crc = crc32(this.#record, offset.key, offset.crc, this.seed(place));
			if (bytes !== undefined) {
				const payload = length === bytes.length ? bytes : bytes.subarray(0, length);
				this.#flash.program(address + offset.payload, payload);
				crc = crc32(payload, 0, length, crc);
			} else {
				for (let at = offset.payload; at < offset.payload + length; at += this.#buffers.chunk.length) {
					const piece = this.#buffers.piece(offset.payload + length - at);
					this.#flash.read(source + at, piece);
					this.#flash.program(address + at, piece);
					crc = crc32(piece, 0, piece.length, crc);
				}
			}
			v.setUint32(offset.crc, crc);
			this.#flash.program(address + offset.key, this.#buffers.recordCommit);
			this.loadRecord(place);
			isWritten = v.getUint32(offset.crc) === crc && this.isIntact(place);
		} finally {
			this.#used = isWritten ? this.#used + sizeOf(length) : this.#sectorSize;
			if (!isWritten) this.tryVoid(place);
		}
		return isWritten;
	}

	/** A record that failed must not count after the next start; a part that refuses even this will show it torn. */
	private tryVoid(place: number): void {
		try {
			this.voidRecord(place);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}

	/** The mark first and alone: while it can still read as blank, what follows it must be blank. */
	private voidRecord(place: number): void {
		this.#record.fill(0);
		this.#buffers.programMark(this.#flash, this.address(place), 0);
		this.#flash.program(this.address(place) + offset.key, this.#buffers.recordCommit);
	}

	/** CRC of the record whose header is loaded. */
	private isIntact(place: number): boolean {
		const v = this.#view;
		const length = v.getUint16(offset.length);
		const end = (place % this.#sectorSize) + offset.payload + length;
		if (this.#record[offset.mark] !== recordMark || end > this.#sectorSize) return false;
		const payload = this.address(place) + offset.payload;
		let crc = crc32(this.#record, offset.key, offset.crc, this.seed(place));
		for (let at = 0; at < length; at += this.#buffers.chunk.length) {
			const piece = this.#buffers.piece(length - at);
			this.#flash.read(payload + at, piece);
			crc = crc32(piece, 0, piece.length, crc);
		}
		return crc === v.getUint32(offset.crc);
	}

	/** Whether the newest value of `key` is exactly this one. */
	private holds(key: number, bytes: Uint8Array, length: number): boolean {
		const place = this.#places[key]!;
		if (place < 0) return false;
		this.loadRecord(place);
		if (this.#view.getUint16(offset.length) !== length) return false;
		const payload = this.address(place) + offset.payload;
		for (let at = 0; at < length; at += this.#buffers.chunk.length) {
			const piece = this.#buffers.piece(length - at);
			this.#flash.read(payload + at, piece);
			if (!areSame(piece, 0, bytes, at, piece.length)) return false;
		}
		return this.isIntact(place);
	}

	/** Octets of the records of the first `count` of the collected keys. */
	private liveOctets(count: number): number {
		let sum = 0;
		for (let n = 0; n < count; n++) {
			this.loadRecord(this.#places[this.#buffers.keys[n]!]!);
			sum += sizeOf(this.#view.getUint16(offset.length));
		}
		return sum;
	}

	/**
	 * Leaves the keys whose newest record is in a sector in `keys` of the buffers, in their order.
	 * @param sequence of the sector, or of another one in the same place of the ring
	 * @returns how many
	 */
	private collectKeys(sequence: number): number {
		const { keys } = this.#buffers;
		const places = this.#places;
		const start = (sequence % this.#sectorCount) * this.#sectorSize;
		const end = start + this.#sectorSize;
		let count = 0;
		for (let key = 0; key < keyCount; key++) {
			const place = places[key]!;
			if (place >= start && place < end) keys[count++] = key;
		}
		return count;
	}

	private loadRecord(place: number): void {
		this.#flash.read(this.address(place), this.#record);
	}

	private headPlace(): number {
		return (this.#head % this.#sectorCount) * this.#sectorSize;
	}

	private address(place: number): number {
		return this.#header.address(0) + place;
	}

	/** Octets ever passed by the log up to this place: binds a CRC to it, so that remains of older turns do not count. */
	private seed(place: number): number {
		const sector = Math.floor(place / this.#sectorSize);
		const behind = (this.#head - sector) % this.#sectorCount;
		return ((this.#head - behind) * this.#sectorSize + (place % this.#sectorSize)) >>> 0;
	}
}

function sizeOf(length: number): number {
	return Math.ceil((offset.payload + length) / alignment) * alignment;
}

function checkKey(key: number): void {
	if (!Number.isInteger(key) || key < 0 || key >= keyCount) throw new RangeError(`record key ${key}`);
}

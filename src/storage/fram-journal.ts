// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import { deepFreeze } from "../core/deep-freeze.js";
import { DeviceError } from "../core/device-error.js";
import type { Fram } from "../ports/fram.js";
import { recordKey } from "./keys.js";
import type { RecordStore } from "./record-store.js";

/** Records that are noted each second, with the octets of one of their two slots, its header included. */
const areas = deepFreeze([
	{ key: recordKey.registers, start: 0, size: 1024 },
	{ key: recordKey.demandRunning, start: 2048, size: 256 },
	{ key: recordKey.clockState, start: 2560, size: 64 },
]);
const usedOctets = 2688;

/** Slot: layout version, key, length, sequence (4), CRC-32 of all these and the payload behind them. */
const offset = Object.freeze({ version: 0, key: 1, length: 2, sequence: 4, crc: 8, payload: 12 });
const layoutVersion = 1;
/** Length of a slot that holds no value: what counts is on flash. */
const noValue = 0xffff;

/** What the journal on flash knows of the part: version, state, generation (4). */
const bindingLength = 6;
const bindingVersion = 1;
const bindingState = Object.freeze({ unused: 0, inUse: 1, lost: 2 });

/** Who is told that memory failed. */
export interface MemoryListener {
	memoryFailed(): void;
}

/**
 * The journal of a meter with FRAM: some of its records are also kept there, each second.
 *
 * A record on FRAM has two slots that are written in turn, header and CRC last, so that one of them is always whole. As long as
 * the part is in use what is on it is never older than what is on flash: `write` goes to FRAM first. A note on flash, the
 * binding, says that it is in use, and since when: its generation and the system title are in every CRC. So nothing counts that
 * another meter wrote, or this one before the part was missing for a while. A part that is not there, refuses, or holds no whole
 * slot of a record is given up, first of all on flash: the meter goes on with what it has there.
 */
export class FramJournal implements RecordStore {
	readonly #flash: RecordStore;
	readonly #fram: Fram;
	readonly #systemTitle: Uint8Array;
	readonly #header = new DataView(new ArrayBuffer(offset.payload));
	readonly #headerOctets = new Uint8Array(this.#header.buffer);
	/** Of each slot, 0 where it holds nothing whole. */
	readonly #sequences = new Uint32Array(2 * areas.length);
	/** CRC that all others begin with. */
	#seed = 0;
	#isInUse = false;
	/** The part has been given up, and flash does not know it yet. */
	#mustNoteLoss = false;
	/** The part has been given up, and nobody was told yet. */
	#mustTell = false;

	private constructor(flash: RecordStore, fram: Fram, systemTitle: Uint8Array) {
		this.#flash = flash;
		this.#fram = fram;
		this.#systemTitle = systemTitle;
	}

	/**
	 * The journal of a meter: that on flash, and FRAM in front of it where there is one.
	 * @param systemTitle whose the part is
	 * @throws DeviceError when flash refuses
	 */
	static open(flash: RecordStore, fram: Fram | undefined, systemTitle: Uint8Array): RecordStore {
		const binding = readBinding(flash);
		const wasInUse = binding.getUint8(1) === bindingState.inUse;
		const journal = fram === undefined ? flash : new FramJournal(flash, fram, systemTitle);
		const isFound = journal instanceof FramJournal && wasInUse && journal.mount(binding.getUint32(2));
		if (wasInUse && !isFound) writeBinding(flash, binding, bindingState.lost);
		return journal;
	}

	/**
	 * To be called at start, behind all that reads records: tells of a part that was given up, and puts one in use that is not.
	 * @throws DeviceError when flash refuses
	 */
	static begin(journal: RecordStore, listener: MemoryListener): void {
		if (journal instanceof FramJournal && journal.#isInUse) return;
		const fram = journal instanceof FramJournal ? journal : undefined;
		const flash = fram === undefined ? journal : fram.#flash;
		const binding = readBinding(flash);
		if (binding.getUint8(1) === bindingState.lost) {
			listener.memoryFailed();
			writeBinding(flash, binding, bindingState.unused);
		}
		if (fram === undefined) return;
		const generation = (binding.getUint32(2) + 1) >>> 0;
		if (!fram.format(generation)) {
			listener.memoryFailed();
			return;
		}
		binding.setUint32(2, generation);
		writeBinding(flash, binding, bindingState.inUse);
		fram.#isInUse = true;
	}

	/** To be called now and then: tells of a part that has failed. It has to wait for the next start. */
	static watch(journal: RecordStore, listener: MemoryListener): void {
		if (!(journal instanceof FramJournal && journal.#mustTell)) return;
		journal.#mustTell = false;
		listener.memoryFailed();
	}

	read(key: number, into: Uint8Array): number {
		const length = this.readSlot(key, into);
		return length >= 0 ? length : this.#flash.read(key, into);
	}

	isLost(key: number): boolean {
		return this.#flash.isLost?.(key) === true;
	}

	write(key: number, bytes: Uint8Array, length: number = bytes.length): void {
		this.note(key, bytes, length);
		this.noteLoss();
		this.#flash.write(key, bytes, length);
	}

	makeRoom(length: number): void {
		this.#flash.makeRoom?.(length);
	}

	note(key: number, bytes: Uint8Array, length: number = bytes.length): void {
		if (!this.#isInUse) return;
		const area = areaOf(key);
		if (area < 0) return;
		const isSecondNewer = this.#sequences[2 * area + 1]! > this.#sequences[2 * area]!;
		if (this.put(area, isSecondNewer ? 0 : 1, bytes, length)) return;
		this.#isInUse = false;
		this.#mustNoteLoss = true;
		this.#mustTell = true;
		try {
			this.noteLoss();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // before flash takes a newer value it has to take this
		}
	}

	/** @returns the length, or -1 when the value is not here */
	private readSlot(key: number, into: Uint8Array): number {
		const area = areaOf(key);
		if (!this.#isInUse || area < 0) return -1;
		const slot = this.#sequences[2 * area + 1]! > this.#sequences[2 * area]! ? 1 : 0;
		const { start, size } = areas[area]!;
		this.#fram.read(start + slot * size, this.#headerOctets);
		const length = this.#header.getUint16(offset.length);
		if (length === noValue) return -1;
		if (length > into.length) throw new RangeError(`record ${key} has ${length} octets`);
		this.#fram.read(start + slot * size + offset.payload, into.subarray(0, length));
		return length;
	}

	/** Finds the slots of the generation. @returns false when a record has none, or the part refuses */
	private mount(generation: number): boolean {
		this.setSeed(generation);
		if (this.#fram.size < usedOctets) return false;
		const payload = new Uint8Array(areas[0]!.size);
		try {
			for (let area = 0; area < areas.length; area++) {
				for (let slot = 0; slot < 2; slot++) this.#sequences[2 * area + slot] = this.examine(area, slot, payload);
				if (this.#sequences[2 * area] === 0 && this.#sequences[2 * area + 1] === 0) return false;
			}
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return false;
		}
		this.#isInUse = true;
		return true;
	}

	/** @returns the sequence of a slot, 0 when it is not whole */
	private examine(area: number, slot: number, payload: Uint8Array): number {
		const { key, start, size } = areas[area]!;
		const header = this.#header;
		this.#fram.read(start + slot * size, this.#headerOctets);
		const stored = header.getUint16(offset.length);
		const length = stored === noValue ? 0 : stored;
		if (header.getUint8(offset.version) !== layoutVersion || header.getUint8(offset.key) !== key) return 0;
		if (length > size - offset.payload) return 0;
		const octets = payload.subarray(0, length);
		this.#fram.read(start + slot * size + offset.payload, octets);
		return this.checksum(octets, length) === header.getUint32(offset.crc) ? header.getUint32(offset.sequence) : 0;
	}

	/** Makes both slots of all records anew, without value. @returns false when the part does not take them */
	private format(generation: number): boolean {
		this.setSeed(generation);
		if (this.#fram.size < usedOctets) return false;
		this.#sequences.fill(0);
		for (let area = 0; area < areas.length; area++) {
			if (!this.put(area, 0, this.#headerOctets, noValue) || !this.put(area, 1, this.#headerOctets, noValue))
				return false;
		}
		return true;
	}

	/** Writes a slot, payload first. @returns false when the part refuses or the header does not read back */
	private put(area: number, slot: number, bytes: Uint8Array, length: number): boolean {
		const { key, start, size } = areas[area]!;
		const stored = length === noValue ? 0 : length;
		if (stored > size - offset.payload) throw new RangeError(`record ${key} has ${length} octets`);
		const sequences = this.#sequences;
		const sequence = Math.max(sequences[2 * area]!, sequences[2 * area + 1]!) + 1;
		const header = this.#header;
		const address = start + slot * size;
		try {
			if (stored > 0) this.#fram.write(address + offset.payload, bytes, stored);
			header.setUint8(offset.version, layoutVersion);
			header.setUint8(offset.key, key);
			header.setUint16(offset.length, length);
			header.setUint32(offset.sequence, sequence);
			const crc = this.checksum(bytes, stored);
			header.setUint32(offset.crc, crc);
			this.#fram.write(address, this.#headerOctets);
			this.#fram.read(address, this.#headerOctets);
			if (header.getUint32(offset.crc) !== crc || header.getUint32(offset.sequence) !== sequence) return false;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return false;
		}
		sequences[2 * area + slot] = sequence;
		return true;
	}

	/** Of the header in the buffer and `length` octets of payload. */
	private checksum(payload: Uint8Array, length: number): number {
		return crc32(payload, 0, length, crc32(this.#headerOctets, 0, offset.crc, this.#seed));
	}

	private setSeed(generation: number): void {
		this.#header.setUint32(0, generation);
		this.#seed = crc32(this.#headerOctets, 0, 4, crc32(this.#systemTitle, 0, this.#systemTitle.length));
	}

	/** @throws DeviceError when flash refuses */
	private noteLoss(): void {
		if (!this.#mustNoteLoss) return;
		writeBinding(this.#flash, readBinding(this.#flash), bindingState.lost);
		this.#mustNoteLoss = false;
	}
}

/** Index in `areas`, -1 for a record that is on flash alone. */
function areaOf(key: number): number {
	for (let area = 0; area < areas.length; area++) if (areas[area]!.key === key) return area;
	return -1;
}

/** One that is not there, or that this release does not know, says that no part is in use. */
function readBinding(flash: RecordStore): DataView {
	const octets = new Uint8Array(bindingLength);
	if (flash.read(recordKey.framBinding, octets) !== bindingLength || octets[0] !== bindingVersion) octets.fill(0);
	return new DataView(octets.buffer);
}

function writeBinding(flash: RecordStore, binding: DataView, state: number): void {
	binding.setUint8(0, bindingVersion);
	binding.setUint8(1, state);
	flash.write(recordKey.framBinding, new Uint8Array(binding.buffer));
}

// SPDX-License-Identifier: Apache-2.0

import type { Pace } from "../../ports/pace.js";
import { encodeArray } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { Writer } from "../codec/writer.js";
import { type ElementSource, maximumElementSize } from "../model.js";

/** With so much room an element is written where it goes, without a copy of it; few take more. */
const roomOfMost = 128;

/**
 * What a response has to say, of any length: plain octets, encoded when the request is served, with long arrays in
 * between that are encoded element by element while the response goes out. It leaves in one piece or in blocks.
 *
 * The plain octets are a snapshot and each source fixes its own content, so later blocks belong to the first. Needed
 * at a time: the plain octets, and one element in `row`, which all contents share.
 */
export class Content {
	/** Where plain octets are appended. */
	w: Writer;
	readonly #maximum: number;
	readonly #row: Writer;
	readonly #sources: ElementSource[] = [];
	/** Offset in the plain octets at which each source stands. */
	readonly #marks: number[] = [];
	// cursor of the outgoing octets
	#at = 0;
	#source = 0;
	/** Element of the present source; -1 its array header. */
	#element = -1;
	/** Octets of that element that are still to be sent, once it is begun: what it is then it stays. */
	#rest: Uint8Array | undefined;
	// the cursor as it was at `mark`
	#markedAt = 0;
	#markedSource = 0;
	#markedElement = -1;
	#markedRest: Uint8Array | undefined;

	/**
	 * @param maximum most plain octets, however long the response
	 * @param row scratch for one element, shared with other contents
	 */
	constructor(maximum: number, row: Writer) {
		this.w = new Writer(Math.min(maximum, maximumElementSize + 16));
		this.#maximum = maximum;
		this.#row = row;
	}

	clear(): void {
		this.w.reset();
		this.dropSources(0);
		this.rewind();
		this.mark();
	}

	/** A long array follows the octets written so far. */
	addSource(source: ElementSource): void {
		this.#sources.push(source);
		this.#marks.push(this.w.position);
	}

	get sourceCount(): number {
		return this.#sources.length;
	}

	/** Takes back the sources from number `count` on. */
	dropSources(count: number): void {
		this.#sources.length = count;
		this.#marks.length = count;
	}

	/** Number of the source that is being sent, or has failed. */
	get sourceAt(): number {
		return this.#source;
	}

	/**
	 * Puts `octets` in place of the plain octets from `from` to `to` and of `count` sources from number `source` on, which
	 * stand among them.
	 * @returns by how much what follows has moved
	 */
	replace(from: number, to: number, source: number, count: number, octets: readonly number[]): number {
		const moved = from + octets.length - to;
		if (moved > 0) this.reserve(moved);
		const { w } = this;
		w.bytes.copyWithin(from + octets.length, to, w.position);
		w.bytes.set(octets, from);
		w.position += moved;
		this.#sources.splice(source, count);
		this.#marks.splice(source, count);
		for (let n = source; n < this.#marks.length; n++) this.#marks[n]! += moved;
		return moved;
	}

	/** Makes more room for plain octets; false when there is none left. */
	grow(): boolean {
		const old = this.w;
		const size = Math.min(2 * old.bytes.length, this.#maximum);
		if (size <= old.bytes.length) return false;
		this.w = new Writer(size);
		this.w.octets(old.bytes, 0, old.position);
		return true;
	}

	/** @throws CodecError("overflow") when `count` more octets are beyond the maximum */
	reserve(count: number): void {
		while (this.w.remaining < count) if (!this.grow()) throw new CodecError("overflow", this.w.position);
	}

	/** Starts sending from the beginning. */
	rewind(): void {
		this.#at = 0;
		this.#source = 0;
		this.#element = -1;
		this.#rest = undefined;
	}

	/** Notes how far sending has come. */
	mark(): void {
		this.#markedAt = this.#at;
		this.#markedSource = this.#source;
		this.#markedElement = this.#element;
		this.#markedRest = this.#rest;
	}

	/** Sends once more what has been sent since `mark`. */
	goBack(): void {
		this.#at = this.#markedAt;
		this.#source = this.#markedSource;
		this.#element = this.#markedElement;
		this.#rest = this.#markedRest;
	}

	/** All octets have been sent. */
	get isFinished(): boolean {
		return this.#at === this.w.position && this.#source === this.#sources.length;
	}

	/** The whole content has at least so many octets. */
	get minimumSize(): number {
		let size = this.w.position;
		for (let n = 0; n < this.#sources.length; n++) {
			const source = this.#sources[n]!;
			size += (source.isBare ? 0 : 2) + source.count * (source.minimumElementSize ?? 1);
		}
		return size;
	}

	/**
	 * Sends the next octets, at most `room` of them, and no further element when a pace is given and spent.
	 * @returns how many
	 */
	fill(target: Writer, room: number, pace?: Pace): number {
		let left = room;
		while (left > 0 && (left === room || pace === undefined || !pace.isSpent)) {
			const isSourceNext = this.#source < this.#sources.length;
			const plainEnd = isSourceNext ? this.#marks[this.#source]! : this.w.position;
			let count: number;
			if (this.#at < plainEnd) {
				count = Math.min(left, plainEnd - this.#at);
				target.octets(this.w.bytes, this.#at, this.#at + count);
				this.#at += count;
			} else if (isSourceNext) {
				count = this.sendElement(target, left, this.#sources[this.#source]!);
			} else {
				break;
			}
			left -= count;
		}
		return room - left;
	}

	private sendElement(target: Writer, room: number, source: ElementSource): number {
		if (this.#rest !== undefined) return this.sendRest(target, room, source, this.#rest);
		if (source.isBare && this.#element < 0) this.#element = 0;
		if (room >= roomOfMost && this.#element >= 0) {
			const count = this.sendWhole(target, room, source);
			if (count >= 0) return count;
		}
		const row = this.encodeRow(source);
		const count = Math.min(room, row.position);
		target.octets(row.bytes, 0, count);
		if (count < row.position) this.#rest = row.bytes.slice(count, row.position);
		else this.endElement(source);
		return count;
	}

	/** The next element, in scratch memory; in more of it where it is longer than elements are. */
	private encodeRow(source: ElementSource): Writer {
		for (let row = this.#row; ; row = new Writer(Math.min(2 * row.bytes.length, this.#maximum))) {
			row.reset();
			try {
				if (this.#element < 0) encodeArray(row, source.count);
				else source.encodeElement(row, this.#element);
				return row;
			} catch (error) {
				const isTooLong = error instanceof CodecError && error.code === "overflow";
				if (!isTooLong || row.bytes.length >= this.#maximum) throw error;
			}
		}
	}

	private sendRest(target: Writer, room: number, source: ElementSource, rest: Uint8Array): number {
		const count = Math.min(room, rest.length);
		target.octets(rest, 0, count);
		if (count < rest.length) this.#rest = rest.subarray(count);
		else this.endElement(source);
		return count;
	}

	/** Writes the next element into `target` itself. @returns its octets; -1, with nothing sent, when there is no room for all of it */
	private sendWhole(target: Writer, room: number, source: ElementSource): number {
		const start = target.position;
		const { limit } = target;
		target.limit = start + room;
		try {
			source.encodeElement(target, this.#element);
		} catch (error) {
			if (!(error instanceof CodecError && error.code === "overflow")) throw error;
			target.position = start;
			return -1;
		} finally {
			target.limit = limit;
		}
		this.endElement(source);
		return target.position - start;
	}

	private endElement(source: ElementSource): void {
		this.#rest = undefined;
		this.#element++;
		if (this.#element < source.count) return;
		this.#element = -1;
		this.#source++;
	}
}

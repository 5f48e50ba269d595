// SPDX-License-Identifier: Apache-2.0
import type { EventEntry } from "./event-entry.js";

const slotCount = 24;
const offset = Object.freeze({
	contextLength: 0,
	clockStatus: 1,
	order: 4,
	utc: 8,
	context: 12,
	/** Monotonic time at which the slot has its whole burst again, milliseconds. */
	fullAt: 24,
	size: 32,
});
/** Behind the slots the logs of all (0xff = free), then the codes of all, at the end, where they are found fastest. */
const logsAt = slotCount * offset.size;
const codesAt = logsAt + slotCount;
const length = codesAt + slotCount;
const free = 0xff;

/**
 * Memory of events that come too often: of each kind (log and code) how much of its burst is used up, and the latest one
 * that was not stored. Kinds that have not come lately need no place.
 *
 * How much is used up is told by the time at which nothing would be any more: an entry moves that time on by one refill,
 * and may be stored while it lies less than `burst` refills ahead.
 */
export class RepeatLimit {
	readonly #bytes = new Uint8Array(length).fill(free);
	readonly #view = new DataView(this.#bytes.buffer);
	#order = 0;
	/** Bit n: something is remembered in slot n. Mostly none is set, and then no slot is looked at. */
	#pending = 0;

	/** Slot of this kind; -1 when there is none. */
	find(log: number, code: number): number {
		const bytes = this.#bytes;
		for (let at = bytes.indexOf(code, codesAt); at >= 0; at = bytes.indexOf(code, at + 1))
			if (bytes[at - slotCount] === log) return at - codesAt;
		return -1;
	}

	/** As `find`, taking a place if need be: a free one, or that of the kind that has been quiet the longest; -1 when all wait. */
	take(log: number, code: number, now_ms: number): number {
		let best = this.find(log, code);
		if (best >= 0) return best;
		let bestFull_ms = Infinity;
		for (let slot = 0; slot < slotCount && bestFull_ms > -Infinity; slot++) {
			if (this.isPending(slot)) continue;
			const full_ms = this.#bytes[logsAt + slot] === free ? -Infinity : this.fullAt_ms(slot);
			if (full_ms >= bestFull_ms) continue;
			best = slot;
			bestFull_ms = full_ms;
		}
		if (best < 0) return -1;
		const at = best * offset.size;
		this.#bytes[logsAt + best] = log;
		this.#bytes[codesAt + best] = code;
		this.#bytes[at + offset.contextLength] = 0;
		this.#view.setFloat64(at + offset.fullAt, now_ms);
		return best;
	}

	fullAt_ms(slot: number): number {
		return this.#view.getFloat64(slot * offset.size + offset.fullAt);
	}

	/** One entry of this kind was stored. */
	use(slot: number, now_ms: number, refill_ms: number): void {
		this.#view.setFloat64(slot * offset.size + offset.fullAt, Math.max(this.fullAt_ms(slot), now_ms) + refill_ms);
	}

	/** Bit n is set where `isPending(n)`. */
	get pending(): number {
		return this.#pending;
	}

	isPending(slot: number): boolean {
		return ((this.#pending >>> slot) & 1) === 1;
	}

	/** Remembers the latest event of this kind in place of the one before. */
	keep(slot: number, entry: EventEntry): void {
		const at = slot * offset.size;
		this.#pending |= 1 << slot;
		this.#bytes[at + offset.contextLength] = entry.contextLength;
		this.#bytes[at + offset.clockStatus] = entry.clockStatus;
		this.#view.setUint32(at + offset.order, this.#order++);
		this.#view.setUint32(at + offset.utc, entry.utc_s);
		for (let n = 0; n < entry.contextLength; n++) this.#bytes[at + offset.context + n] = entry.context[n]!;
	}

	/** Fills `into` with what is remembered. */
	recall(slot: number, into: EventEntry): void {
		const at = slot * offset.size;
		into.code = this.#bytes[codesAt + slot]!;
		into.utc_s = this.#view.getUint32(at + offset.utc);
		into.clockStatus = this.#bytes[at + offset.clockStatus]!;
		into.contextLength = this.#bytes[at + offset.contextLength]!;
		for (let n = 0; n < into.contextLength; n++) into.context[n] = this.#bytes[at + offset.context + n]!;
	}

	/** What is remembered has been stored, or is given up. */
	forget(slot: number): void {
		this.#pending &= ~(1 << slot);
		this.#bytes[slot * offset.size + offset.contextLength] = 0;
	}

	/** The one that has waited the longest, of this log or of all (-1); -1 when none waits. */
	oldestPending(log = -1): number {
		let oldest = -1;
		let order = Infinity;
		for (let slot = 0, left = this.#pending; left !== 0; slot++, left >>>= 1) {
			if ((left & 1) === 0 || (log >= 0 && this.logOf(slot) !== log)) continue;
			const itsOrder = this.#view.getUint32(slot * offset.size + offset.order);
			if (itsOrder >= order) continue;
			oldest = slot;
			order = itsOrder;
		}
		return oldest;
	}

	get size(): number {
		return slotCount;
	}

	logOf(slot: number): number {
		return this.#bytes[logsAt + slot]!;
	}
}

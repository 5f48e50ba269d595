// SPDX-License-Identifier: Apache-2.0
import { get16, get32, put16, put32 } from "../core/octets.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { kinds, tamperGroup } from "./fraud-kinds.js";

const layoutVersion = 3;
/** Octets of a group: occurrences, time stamp of the last one, its duration, that of all. */
const group = Object.freeze({ count: 0, stamp: 2, duration: 6, total: 10, size: 14 });
/** Version, kinds that are going on (bit n = kind n, `failing` = communication, `shown` = not yet cleared by management), groups. */
const state = Object.freeze({ version: 0, active: 1, groups: 3 });
const failing = 1 << 15;
const shown = 1 << 14;
/** Phases under suspicion of reversed current (bit n = phase n + 1), and above them those known to have a generator. */
const phasesAt = state.groups + tamperGroup.count * group.size;
const generatingShift = 4;
const phaseMask = 7;
const length = phasesAt + 1;
/** Behind the record: it has changed, and could not be stored. */
const unsavedAt = length;
/** Version 2 knew no phases. */
const second = Object.freeze({ version: 2, length: phasesAt });
/** Version 1 had one octet of kinds, and four groups. */
const first = Object.freeze({ version: 1, groups: 2, count: 4 });
const firstLength = first.groups + first.count * group.size;

/** What is counted and timed of tampers, over power failures; one record of the journal. */
export class TamperRecord {
	readonly #bytes = new Uint8Array(unsavedAt + 1);

	/** @throws DeviceError when the medium refuses */
	load(store: RecordStore): void {
		const bytes = this.#bytes;
		const found = store.read(recordKey.fraudState, bytes);
		if (found === length && bytes[0] === layoutVersion) return;
		if (found === second.length && bytes[0] === second.version) bytes[phasesAt] = 0;
		else if (found === firstLength && bytes[0] === first.version) {
			bytes.copyWithin(state.groups, first.groups, firstLength);
			bytes[state.active + 1] = bytes[1]!;
			bytes[state.active] = 0;
			bytes.fill(0, state.groups + first.count * group.size);
		} else bytes.fill(0);
		bytes[0] = layoutVersion;
	}

	/** @throws DeviceError when the medium refuses */
	save(store: RecordStore): void {
		this.#bytes[unsavedAt] = 1;
		store.write(recordKey.fraudState, this.#bytes, length);
		this.#bytes[unsavedAt] = 0;
	}

	/** What was to be saved last was refused. */
	get isUnsaved(): boolean {
		return this.#bytes[unsavedAt] !== 0;
	}

	/** Occurrences of a `tamperGroup`, up to 65535. */
	count(n: number): number {
		return get16(this.#bytes, at(n) + group.count);
	}

	/** When it was detected last, seconds UTC; 0 = never. */
	stamp_s(n: number): number {
		return get32(this.#bytes, at(n) + group.stamp);
	}

	/** How long it lasts, or has lasted when it was there last, seconds. */
	duration_s(n: number, now_s: number): number {
		return get32(this.#bytes, at(n) + group.duration) + this.running_s(n, now_s);
	}

	/** All of it together, seconds. */
	total_s(n: number, now_s: number): number {
		return get32(this.#bytes, at(n) + group.total) + this.running_s(n, now_s);
	}

	/** A kind is going on. */
	isOn(kind: number): boolean {
		return (get16(this.#bytes, state.active) & (1 << kind)) !== 0;
	}

	/** Clients fail to prove who they are. */
	get isFailing(): boolean {
		return (get16(this.#bytes, state.active) & failing) !== 0;
	}

	/** There was a fraud that nobody has taken note of. */
	get isShown(): boolean {
		return (get16(this.#bytes, state.active) & shown) !== 0;
	}

	set isShown(isShown: boolean) {
		const active = get16(this.#bytes, state.active);
		put16(this.#bytes, state.active, isShown ? active | shown : active & ~shown);
	}

	/** Phases that export while the meter as a whole imports (`ReversedCurrent`), bit n = phase n + 1. */
	get suspected(): number {
		return this.#bytes[phasesAt]! & phaseMask;
	}

	set suspected(suspected: number) {
		this.#bytes[phasesAt] = (this.#bytes[phasesAt]! & ~phaseMask) | suspected;
	}

	/** Phases that are known to have a generator. */
	get generating(): number {
		return (this.#bytes[phasesAt]! >> generatingShift) & phaseMask;
	}

	set generating(generating: number) {
		this.#bytes[phasesAt] = this.suspected | (generating << generatingShift);
	}

	/** Counts and times begin anew, also of what goes on. @throws DeviceError, unchanged */
	clearCounts(now_s: number, store: RecordStore): void {
		const before = this.#bytes.slice();
		for (let n = 0; n < tamperGroup.count; n++) {
			const stamp_s = this.isGroupOn(n) ? now_s : this.stamp_s(n);
			this.#bytes.fill(0, at(n), at(n) + group.size);
			put32(this.#bytes, at(n) + group.stamp, stamp_s);
		}
		try {
			this.save(store);
		} catch (error) {
			this.#bytes.set(before);
			throw error;
		}
	}

	/** Begin or end of a kind. Kinds of one group that overlap are one occurrence. */
	note(kind: number, begins: boolean, now_s: number): void {
		this.change(1 << kind, kinds[kind]!.group, begins, now_s);
	}

	noteFailing(begins: boolean, now_s: number): void {
		this.change(failing, tamperGroup.communication, begins, now_s);
	}

	/** An occurrence that is over as soon as it has come. */
	noteOnce(n: number, now_s: number): void {
		if (!this.isGroupOn(n)) this.begin(n, now_s);
	}

	private change(bit: number, n: number, begins: boolean, now_s: number): void {
		const active = get16(this.#bytes, state.active);
		const wasOn = n >= 0 && this.isGroupOn(n);
		const running_s = n >= 0 ? this.running_s(n, now_s) : 0;
		put16(this.#bytes, state.active, begins ? active | bit : active & ~bit);
		if (n < 0) return;
		if (begins && !wasOn) this.begin(n, now_s);
		else if (!begins && wasOn && !this.isGroupOn(n)) {
			put32(this.#bytes, at(n) + group.duration, running_s);
			const total_s = get32(this.#bytes, at(n) + group.total) + running_s;
			put32(this.#bytes, at(n) + group.total, Math.min(0xffff_ffff, total_s));
		}
	}

	private begin(n: number, now_s: number): void {
		put16(this.#bytes, at(n) + group.count, Math.min(0xffff, this.count(n) + 1));
		put32(this.#bytes, at(n) + group.stamp, now_s);
		put32(this.#bytes, at(n) + group.duration, 0);
	}

	private running_s(n: number, now_s: number): number {
		return this.isGroupOn(n) ? Math.max(0, now_s - this.stamp_s(n)) : 0;
	}

	private isGroupOn(n: number): boolean {
		if (n === tamperGroup.communication) return this.isFailing;
		for (let kind = 0; kind < kinds.length; kind++) if (kinds[kind]!.group === n && this.isOn(kind)) return true;
		return false;
	}
}

function at(n: number): number {
	return state.groups + n * group.size;
}

// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { alarmBit, type EventDefinition } from "./event-codes.js";
import { conditionBeginnings } from "./event-table.js";

/** Told of each bit of an alarm descriptor that rises: the alarm monitors fire on it. */
export interface AlarmListener {
	/** @param register 1..3; `bits` those that have just been set */
	alarmRaised(register: number, bits: number): void;
	/** A client has taken the last bit away. */
	alarmsCleared?(register: number): void;
}

export const registerCount = 3;

/** Alarm bits of register 1 that are as long as their condition: clock, battery, fraud, M-Bus communication. */
const mirrored = (1 << alarmBit(1, 0)) | (1 << alarmBit(1, 1)) | (1 << alarmBit(1, 13)) | (0xf * 2 ** alarmBit(1, 16));

/** All bits of register 1 that mean something, and none of the others (object model of IDIS). */
const factoryFilters: readonly number[] = Object.freeze([0xffff_3f03, 0, 0]);

/** Bits of the error object under which no value of a profile can be trusted: memories and measurement. */
const criticalErrors = 0x0000_0f00;

const layoutVersion = 1;

/** Places in the array of all words; those before `filter` are one record. */
const word = Object.freeze({
	register: 0,
	descriptor: 3,
	error: 6,
	/** Bits of register 1 and of the error object that no condition holds, so that none takes them away. */
	heldAlarm: 7,
	heldError: 8,
	/** Bit n: `condition` n lasts. */
	active: 9,
	filter: 10,
	count: 13,
});
const stateWords = word.filter;
const stateLength = 1 + 4 * stateWords + 5;
const filterLength = 1 + 4 * registerCount;

/**
 * Error object, alarm registers with filters and descriptors, and the conditions behind them.
 *
 * An event sets its alarm bit. A bit that rises while its filter bit is 1 sets the same bit of the descriptor, which only
 * a client clears. The state and the event that changed it are two records: the state names the number of the first event
 * it does not know yet, so that the one that a power cut left out is found at the next start.
 */
export class Alarms {
	listener: AlarmListener | undefined;
	/** Changes that the medium refused; they are stored with the next one. */
	failures = 0;
	/** Code of the event that was to follow the last change by a client; 0 = none. */
	owed = 0;
	/** Number of the first event that the stored state does not know. */
	sequence = 0;
	readonly #journal: RecordStore;
	readonly #parameters: RecordStore;
	readonly #words = new Uint32Array(word.count);

	constructor(journal: RecordStore, parameters: RecordStore) {
		this.#journal = journal;
		this.#parameters = parameters;
		this.restore();
	}

	/** @param n register 1..3 */
	register(n: number): number {
		return this.#words[word.register + n - 1]!;
	}

	descriptor(n: number): number {
		return this.#words[word.descriptor + n - 1]!;
	}

	filter(n: number): number {
		return this.#words[word.filter + n - 1]!;
	}

	get error(): number {
		return this.#words[word.error]!;
	}

	get hasCriticalError(): boolean {
		return (this.error & criticalErrors) !== 0;
	}

	/** @param n one of `condition` */
	isActive(n: number): boolean {
		return (this.#words[word.active]! & (1 << n)) !== 0;
	}

	/** @param sequence number of the next event */
	occurred(event: EventDefinition, sequence: number): void {
		const words = this.#words;
		let isChanged = false;
		const set = (at: number, bit: number): boolean => {
			const bits = (words[at]! | (1 << bit)) >>> 0;
			if (bits === words[at]) return false;
			words[at] = bits;
			isChanged = true;
			return true;
		};
		if (event.begins >= 0) set(word.active, event.begins);
		if (event.error >= 0) {
			set(word.error, event.error);
			if (event.begins < 0) set(word.heldError, event.error);
		}
		let raised = 0;
		const register = event.alarm >> 5;
		if (event.alarm >= 0) {
			const bit = event.alarm & 31;
			const isFiltered = ((words[word.filter + register]! >>> bit) & 1) === 0;
			if (set(word.register + register, bit) && !isFiltered && set(word.descriptor + register, bit)) raised = 1 << bit;
			if (register === 0 && event.begins < 0) set(word.heldAlarm, bit);
		}
		if (event.ends >= 0 && this.end(event.ends)) isChanged = true;
		if (isChanged) this.tryStore(sequence);
		if (raised !== 0) this.listener?.alarmRaised(register + 1, raised >>> 0);
	}

	/** A condition is over that no event of its own tells of. */
	conditionEnded(n: number, sequence: number): void {
		if (this.end(n)) this.tryStore(sequence);
	}

	/**
	 * A client writes an alarm register: 0 clears all, other values clear the bits they leave out.
	 * @param event code of the event that follows
	 * @returns false, unchanged, for a bit that is not set. @throws DeviceError, unchanged
	 */
	clearRegister(n: number, value: number, sequence: number, event: number): boolean {
		if ((value & ~this.register(n)) !== 0) return false;
		const held = n === 1 ? this.#words[word.heldAlarm]! & value : this.#words[word.heldAlarm]!;
		this.change(word.register + n - 1, value, word.heldAlarm, held, sequence, event);
		return true;
	}

	/** As `clearRegister`, without an event. */
	clearDescriptor(n: number, value: number, sequence: number): boolean {
		if ((value & ~this.descriptor(n)) !== 0) return false;
		const at = word.descriptor + n - 1;
		const before = this.descriptor(n);
		this.change(at, value, at, value, sequence, 0);
		if (value === 0 && before !== 0) this.listener?.alarmsCleared?.(n);
		return true;
	}

	/** As `clearRegister`, for the error object; bits whose cause lasts stay. */
	clearError(value: number, sequence: number, event: number): boolean {
		if ((value & ~this.error) !== 0) return false;
		let left = value;
		for (let n = 0; n < conditionBeginnings.length; n++) {
			const { error } = conditionBeginnings[n]!;
			if (error >= 0 && this.isActive(n)) left |= this.error & (1 << error);
		}
		this.change(word.error, left, word.heldError, this.#words[word.heldError]! & value, sequence, event);
		return true;
	}

	/** @throws DeviceError, unchanged */
	setFilter(n: number, value: number): void {
		const record = new Uint8Array(filterLength);
		const v = new DataView(record.buffer);
		record[0] = layoutVersion;
		for (let i = 1; i <= registerCount; i++) v.setUint32(4 * i - 3, i === n ? value : this.filter(i));
		this.#parameters.write(recordKey.alarmFilters, record);
		this.#words[word.filter + n - 1] = value;
	}

	/** @returns whether anything has changed */
	private end(n: number): boolean {
		const words = this.#words;
		if (!this.isActive(n)) return false;
		words[word.active]! &= ~(1 << n);
		const { alarm, error } = conditionBeginnings[n]!;
		let isAlarmHeld = alarm < 0 || ((words[word.heldAlarm]! >>> alarm) & 1) === 1 || ((mirrored >>> alarm) & 1) === 0;
		let isErrorHeld = error < 0 || ((words[word.heldError]! >>> error) & 1) === 1;
		for (let other = 0; other < conditionBeginnings.length; other++) {
			if (!this.isActive(other)) continue;
			if (conditionBeginnings[other]!.alarm === alarm) isAlarmHeld = true;
			if (conditionBeginnings[other]!.error === error) isErrorHeld = true;
		}
		if (!isAlarmHeld) words[word.register]! &= ~(1 << alarm);
		if (!isErrorHeld) words[word.error]! &= ~(1 << error);
		return true;
	}

	/** Stores two words at once, or changes nothing. */
	private change(a: number, valueA: number, b: number, valueB: number, sequence: number, owed: number): void {
		const words = this.#words;
		const oldA = words[a]!;
		const oldB = words[b]!;
		words[a] = valueA;
		words[b] = valueB;
		try {
			this.store(sequence, owed);
		} catch (error) {
			words[a] = oldA;
			words[b] = oldB;
			throw error;
		}
	}

	/** The alarm is worth more than its durable copy. */
	private tryStore(sequence: number): void {
		try {
			this.store(sequence, 0);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.failures++;
		}
	}

	private store(sequence: number, owed: number): void {
		const record = new Uint8Array(stateLength);
		const v = new DataView(record.buffer);
		v.setUint8(0, layoutVersion);
		for (let n = 0; n < stateWords; n++) v.setUint32(1 + 4 * n, this.#words[n]!);
		v.setUint32(1 + 4 * stateWords, sequence);
		v.setUint8(5 + 4 * stateWords, owed);
		this.#journal.write(recordKey.alarmState, record);
		this.sequence = sequence;
		this.owed = owed;
	}

	private restore(): void {
		const record = new Uint8Array(stateLength);
		const v = new DataView(record.buffer);
		const length = readOr(this.#journal, recordKey.alarmState, record);
		if (length === stateLength && v.getUint8(0) === layoutVersion) {
			for (let n = 0; n < stateWords; n++) this.#words[n] = v.getUint32(1 + 4 * n);
			this.sequence = v.getUint32(1 + 4 * stateWords);
			this.owed = v.getUint8(5 + 4 * stateWords);
		}
		const isSet =
			readOr(this.#parameters, recordKey.alarmFilters, record) === filterLength && v.getUint8(0) === layoutVersion;
		for (let n = 0; n < registerCount; n++)
			this.#words[word.filter + n] = isSet ? v.getUint32(1 + 4 * n) : factoryFilters[n]!;
	}
}

/** -1 for a record that cannot be read (any more): alarms of the past are not worth refusing to start. */
function readOr(store: RecordStore, key: number, into: Uint8Array): number {
	try {
		return store.read(key, into);
	} catch (error) {
		if (!(error instanceof DeviceError) && !(error instanceof RangeError)) throw error;
		return -1;
	}
}

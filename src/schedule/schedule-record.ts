// SPDX-License-Identifier: Apache-2.0
import { dateLength, hasDateWildcard, isDatePattern, isTimePattern, timeLength } from "../clock/date-pattern.js";
import { DeviceError } from "../core/device-error.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { entryLength } from "./occurrence.js";

/** What becomes of an occurrence that fell into a power failure, or into time which the clock jumped over. */
export const missedOccurrence = Object.freeze({
	/** It is dropped. */
	dropped: 0,
	/** Of several, the latest is made up for. */
	latest: 1,
	/** The same, also when the time was lost meanwhile: end of a billing period. */
	latestAlways: 2,
});

/** A single action schedule as it leaves the factory; a row of a frozen table. */
export interface ScheduleDefinition {
	readonly logicalName: number;
	/** Its place in the records, 0..15; never used for another schedule. */
	readonly slot: number;
	/** One of `missedOccurrence`. */
	readonly missed: number;
	/** Logical name of the script table, and the script; 0 = no action. */
	readonly table: number;
	readonly script: number;
	/** 1..5, class 22. */
	readonly type: number;
	/** Execution times, `entryLength` octets each. */
	readonly times: readonly number[];
}

export const scheduleSlots = 16;
export const maximumTimes = 32;

/** `table` is a logical name, `client` who set the schedule up: a `clientIndex`. */
const offset = Object.freeze({ version: 0, client: 1, table: 2, script: 8, type: 10, count: 11, times: 12 });
const layoutVersion = 1;
const longestRecord = offset.times + maximumTimes * entryLength;

/** Configuration of one schedule, loaded when it is needed. */
export class ScheduleRecord {
	readonly bytes = new Uint8Array(longestRecord);
	readonly #view = new DataView(this.bytes.buffer);

	/** A damaged record counts as none: the schedule is as from the factory. @param factoryClient a `clientIndex` */
	load(store: RecordStore, definition: ScheduleDefinition, factoryClient: number): this {
		let length = -1;
		try {
			length = store.read(recordKey.schedules + definition.slot, this.bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		const isSound = this.bytes[0] === layoutVersion && length === offset.times + this.count * entryLength;
		if (!isSound) this.fill(definition, factoryClient);
		return this;
	}

	/** @throws DeviceError when the medium refuses */
	store(store: RecordStore, slot: number): void {
		store.write(recordKey.schedules + slot, this.bytes, offset.times + this.count * entryLength);
	}

	get client(): number {
		return this.bytes[offset.client]!;
	}

	set client(value: number) {
		this.bytes[offset.client] = value;
	}

	get table(): number {
		return this.#view.getUint16(offset.table) * 0x1_0000_0000 + this.#view.getUint32(offset.table + 2);
	}

	set table(value: number) {
		this.#view.setUint16(offset.table, Math.floor(value / 0x1_0000_0000));
		this.#view.setUint32(offset.table + 2, value % 0x1_0000_0000);
	}

	get script(): number {
		return this.#view.getUint16(offset.script);
	}

	set script(value: number) {
		this.#view.setUint16(offset.script, value);
	}

	get type(): number {
		return this.bytes[offset.type]!;
	}

	set type(value: number) {
		this.bytes[offset.type] = value;
	}

	get count(): number {
		return this.bytes[offset.count]!;
	}

	set count(value: number) {
		this.bytes[offset.count] = value;
	}

	/** Offset in `bytes` of execution time `n`: time (4 octets), date (5). */
	timeAt(n: number): number {
		return offset.times + n * entryLength;
	}

	/** Whether type and execution times fit (Blue Book 4.5.8). A schedule without times fits every type: it never runs. */
	isConsistent(): boolean {
		const { bytes, type, count } = this;
		if (type < 1 || type > 5 || (type === 1 && count > 1)) return false;
		for (let n = 0; n < count; n++) {
			const at = this.timeAt(n);
			if (!isTimePattern(bytes, at) || !isDatePattern(bytes, at + timeLength)) return false;
			if ((type === 2 || type === 4) && hasDateWildcard(bytes, at + timeLength)) return false;
			if (type !== 2 && type !== 3) continue;
			for (let octet = 0; octet < 3; octet++) if (bytes[at + octet] !== bytes[offset.times + octet]) return false;
		}
		return true;
	}

	private fill(definition: ScheduleDefinition, client: number): void {
		this.bytes[offset.version] = layoutVersion;
		this.client = client;
		this.table = definition.table;
		this.script = definition.script;
		this.type = definition.type;
		this.count = definition.times.length / (timeLength + dateLength);
		this.bytes.set(definition.times, offset.times);
	}
}

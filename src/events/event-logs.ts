// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import { zeros } from "../core/numbers.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { Clock } from "../ports/clock.js";
import type { ProfileRow } from "../profile/profile-row.js";
import type { RecordStore } from "../storage/record-store.js";
import type { RingLog } from "../storage/ring-log.js";
import { Alarms } from "./alarms.js";
import { alarmBit, logCleared, standardEvent, unlistedEvent } from "./event-codes.js";
import { EventEntry } from "./event-entry.js";
import { channelLog, eventLogTable, thirdColumn } from "./event-log-table.js";
import { EventMasks } from "./event-masks.js";
import { type EventContext, type EventSink, eventLog } from "./event-sink.js";
import { EventStore, type EventStoreParts, type StampClock } from "./event-store.js";
import { findEvent, mbusChannelOf } from "./event-table.js";
import { RepeatLimit } from "./repeat-limit.js";

export interface EventLogsParts extends EventStoreParts {
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
	readonly monotonic: Clock;
}

/** A log stays open for so long after an entry or a request; then its memory is given back. */
const linger_ms = 1000;
/** An entry that the medium refused is tried again after so long. */
const retry_ms = 60_000;
const clockInvalidBit = 0x01;
const memoryErrorBit = alarmBit(1, 10);

/**
 * The event logs of a meter, and the alarms that events raise.
 *
 * - Entries are in the order of occurrence, and on the medium when the call returns.
 * - Events of one kind that come too often are compressed: the first are stored, then the latest of them at the pace of
 *   the log and when the flood is over. All are counted. What was not yet stored is lost with the supply.
 * - An event that the medium refused is kept in the same way and stored later.
 */
export class EventLogs implements EventSink, Task {
	readonly priority: number = taskPriority.storage;
	deadline_ms = Infinity;
	readonly store: EventStore;
	readonly alarms: Alarms;
	readonly masks: EventMasks;
	/** Who is being served: the context of events that come without one of their own. */
	current: EventContext | undefined;
	/** Threshold of the limiter in force, for the third column of the disconnector log. */
	limiterThreshold: (() => number) | undefined;
	/** Times the medium refused an entry. */
	failures = 0;
	/** Events of which nothing but the count is left. */
	lost = 0;
	readonly #clock: StampClock;
	readonly #monotonic: Clock;
	readonly #options: number;
	readonly #limit = new RepeatLimit();
	readonly #entry = new EventEntry();
	/** One that had been held back, while it is stored; made when first needed. */
	#late: EventEntry | undefined;
	/** Monotonic time at which a log has its whole burst again. */
	readonly #fullAt_ms = zeros(eventLogTable.length);
	#retryAt_ms = -Infinity;

	/** @throws DeviceError when the storage refuses */
	constructor(parts: EventLogsParts) {
		this.#clock = parts.clock;
		this.#monotonic = parts.monotonic;
		this.#options = parts.options;
		this.alarms = new Alarms(parts.journal, parts.parameters);
		this.masks = new EventMasks(parts.parameters);
		this.store = new EventStore(parts);
		this.catchUp();
		this.schedule(parts.monotonic.monotonic_ms());
	}

	event(log: number, code: number, context?: EventContext): void {
		this.eventAt(log, code, this.#clock.utc_s(), context);
	}

	/** @param isClockInvalid how the clock was at that moment, where it is not as now */
	eventAt(log: number, code: number, utc_s: number, context?: EventContext, isClockInvalid?: boolean): void {
		const entry = this.#entry;
		const status = this.#clock.status(utc_s);
		entry.utc_s = utc_s;
		entry.clockStatus =
			isClockInvalid === undefined ? status : (status & ~clockInvalidBit) | (isClockInvalid ? clockInvalidBit : 0);
		entry.setContext(context ?? this.current);
		const event = findEvent(log, code);
		entry.code = event === undefined ? unlistedEvent : code;
		if (event === undefined) this.enter(log);
		else for (let n = 0; n < event.logs.length; n++) this.enter(event.logs[n]!);
		const channel = event !== undefined && log === eventLog.mbus ? mbusChannelOf(code) : 0;
		if (channel > 0) this.enter(channelLog(channel));
		if (event !== undefined) this.alarms.occurred(event, this.store.sequence);
		this.schedule(this.#monotonic.monotonic_ms());
	}

	/** A condition (`condition`) is over that no event tells of. */
	conditionEnded(condition: number): void {
		this.alarms.conditionEnded(condition, this.store.sequence);
	}

	/** Something could not be stored. One event, until a client has cleared the error. */
	memoryFailed(): void {
		if (((this.alarms.error >>> memoryErrorBit) & 1) === 0) this.event(eventLog.standard, standardEvent.memoryError);
	}

	/** @param log index in `eventLogTable` */
	hasLog(log: number): boolean {
		return log < eventLogTable.length && (eventLogTable[log]!.options & this.#options) !== 0;
	}

	/** A client writes an alarm register (1..3). @returns false, unchanged, for a bit that is not set. @throws DeviceError */
	clearAlarmRegister(register: number, value: number): boolean {
		const code = standardEvent.alarmRegisterCleared;
		if (!this.alarms.clearRegister(register, value, this.store.sequence, code)) return false;
		this.event(eventLog.standard, code);
		return true;
	}

	/** As `clearAlarmRegister`, without an event. */
	clearAlarmDescriptor(register: number, value: number): boolean {
		return this.alarms.clearDescriptor(register, value, this.store.sequence);
	}

	/** A client writes the error object; as `clearAlarmRegister`. */
	clearError(value: number): boolean {
		const code = standardEvent.errorRegisterCleared;
		if (!this.alarms.clearError(value, this.store.sequence, code)) return false;
		this.event(eventLog.standard, code);
		return true;
	}

	/** The rows of a log, for its profile; as `EventStore.ring`. */
	open(log: number): RingLog {
		this.deadline_ms = Math.min(this.deadline_ms, this.#monotonic.monotonic_ms() + linger_ms);
		return this.store.ring(log);
	}

	/** As `EventStore.readRow`. */
	readRow(log: number, number: number, into: ProfileRow): boolean {
		this.open(log);
		return this.store.readRow(log, number, into);
	}

	/** Forgets the entries of a log, leaving one that says so. @throws DeviceError, with the entries still there */
	clear(log: number): void {
		const entry = this.#entry;
		entry.code = logCleared;
		entry.utc_s = this.#clock.utc_s();
		entry.clockStatus = this.#clock.status(entry.utc_s);
		entry.setContext(this.current);
		const count = (this.store.count(log) + 1) >>> 0;
		this.store.append(log, entry, count, this.thresholdOf(log), true);
		this.store.setCount(log, count);
		for (let slot = 0; slot < this.#limit.size; slot++)
			if (this.#limit.isPending(slot) && this.#limit.logOf(slot) === log) this.#limit.forget(slot);
	}

	run(now_ms: number): void {
		if (this.store.isOpen) this.rest();
		if (now_ms >= this.#retryAt_ms) {
			for (let slot = 0, left = this.#limit.pending; left !== 0; slot++, left >>>= 1) {
				const isWaiting = (left & 1) !== 0 && this.#limit.isPending(slot);
				if (isWaiting && this.dueAt_ms(slot) <= now_ms) this.flush(this.#limit.logOf(slot));
			}
		}
		this.schedule(now_ms);
	}

	/** Gives back the memory of the open log, having erased ahead so that its next entry only programs. */
	rest(): void {
		try {
			this.store.makeRoom();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // the next entry tries again, and tells
		}
		this.store.close();
	}

	/** Stores what is held back: the supply is failing, or an orderly stop. */
	commit(): void {
		for (let slot = 0; slot < this.#limit.size; slot++)
			if (this.#limit.isPending(slot)) this.flush(this.#limit.logOf(slot));
	}

	/** At start: does what a power cut has left undone of the last event. */
	private catchUp(): void {
		const { alarms, store } = this;
		const { owed } = alarms;
		if (store.newestLog >= 0 && alarms.sequence < store.sequence) {
			const event = findEvent(kindOf(store.newestLog), store.lastCode(store.newestLog));
			if (event !== undefined) alarms.occurred(event, store.sequence);
		} else if (owed !== 0 && alarms.sequence === store.sequence) {
			this.event(eventLog.standard, owed);
		}
	}

	private schedule(now_ms: number): void {
		let next_ms = this.store.isOpen ? now_ms + linger_ms : Infinity;
		for (let slot = 0, left = this.#limit.pending; left !== 0; slot++, left >>>= 1) {
			if ((left & 1) !== 0) next_ms = Math.min(next_ms, Math.max(this.dueAt_ms(slot), this.#retryAt_ms));
		}
		this.deadline_ms = Math.max(next_ms, now_ms + 1);
	}

	/** Stores `#entry` in one log, or keeps it for later. */
	private enter(log: number): void {
		if (!this.hasLog(log) || !this.masks.isEnabled(kindOf(log), this.#entry.code)) return;
		const limit = this.#limit;
		const { code } = this.#entry;
		const now_ms = this.#monotonic.monotonic_ms();
		this.store.setCount(log, this.store.count(log) + 1);
		const known = limit.find(log, code);
		if (this.isAllowed(known, now_ms) && this.flush(log) && this.append(log, this.#entry)) {
			this.use(known < 0 ? limit.take(log, code, now_ms) : known, log, now_ms);
			return;
		}
		let slot = known < 0 ? limit.take(log, code, now_ms) : known;
		if (slot < 0) {
			const oldest = limit.oldestPending();
			if (!this.flush(limit.logOf(oldest))) {
				this.lost++;
				limit.forget(oldest);
			}
			slot = limit.take(log, code, now_ms);
		}
		limit.keep(slot, this.#entry);
	}

	/** Within the pace of its kind, and of its log unless its kind has been quiet. @param slot of the kind; -1 when it has none */
	private isAllowed(slot: number, now_ms: number): boolean {
		return slot < 0 || this.#limit.fullAt_ms(slot) <= now_ms || this.dueAt_ms(slot) <= now_ms;
	}

	/** When the pace of kind and log allow another entry. */
	private dueAt_ms(slot: number): number {
		const log = this.#limit.logOf(slot);
		const { burst, refill_s, logBurst, logRefill_s } = eventLogTable[log]!;
		const kindAt_ms = this.#limit.fullAt_ms(slot) - (burst - 1) * refill_s * 1000;
		return Math.max(kindAt_ms, this.#fullAt_ms[log]! - (logBurst - 1) * logRefill_s * 1000);
	}

	private use(slot: number, log: number, now_ms: number): void {
		const { refill_s, logRefill_s } = eventLogTable[log]!;
		if (slot >= 0) this.#limit.use(slot, now_ms, refill_s * 1000);
		this.#fullAt_ms[log] = Math.max(this.#fullAt_ms[log]!, now_ms) + logRefill_s * 1000;
	}

	/** Stores what a log has held back, in order; false when the medium refuses. */
	private flush(log: number): boolean {
		const limit = this.#limit;
		for (let slot = limit.oldestPending(log); slot >= 0; slot = limit.oldestPending(log)) {
			this.#late ??= new EventEntry();
			limit.recall(slot, this.#late);
			if (!this.append(log, this.#late)) return false;
			limit.forget(slot);
			this.use(slot, log, this.#monotonic.monotonic_ms());
		}
		return true;
	}

	/** Of the logs that show it. */
	private thresholdOf(log: number): number | undefined {
		return eventLogTable[log]!.third === thirdColumn.threshold ? this.limiterThreshold?.() : undefined;
	}

	private append(log: number, entry: EventEntry): boolean {
		try {
			this.store.append(log, entry, this.store.count(log), this.thresholdOf(log));
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.failures++;
			this.#retryAt_ms = this.#monotonic.monotonic_ms() + retry_ms;
			return false;
		}
	}
}

/** The logs of the M-Bus channels have codes and mask of the merged one. */
function kindOf(log: number): number {
	return log > eventLog.configuration ? eventLog.mbus : log;
}

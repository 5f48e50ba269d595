// SPDX-License-Identifier: Apache-2.0
import type { ClockListener, MeterClock } from "../clock/meter-clock.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { condition, standardEvent } from "./event-codes.js";
import type { EventLogs } from "./event-logs.js";
import { eventLog } from "./event-sink.js";

/** A change of daylight saving is looked for so far ahead. */
const lookAhead_s = 86_400;
const { standard } = eventLog;

/**
 * Reports what concerns time: power failures, setting of the clock, loss of its time, daylight saving.
 *
 * A supply that fails without warning leaves no moment for an entry, so event 1 is written at the next start, with the
 * time at which the meter was last known to be alive.
 */
export class TimeEvents implements ClockListener, Task {
	readonly priority: number = taskPriority.schedule;
	deadline_ms = Infinity;
	readonly #clock: MeterClock;
	readonly #events: EventLogs;
	#isSummer: boolean;
	#wasValid: boolean;
	/** When daylight saving is looked at next; it changes then, or not for a day. */
	#next_s = 0;

	constructor(clock: MeterClock, events: EventLogs) {
		this.#clock = clock;
		this.#events = events;
		this.#isSummer = clock.isDaylightSaving(clock.utc_s());
		this.#wasValid = clock.isValid;
		this.plan();
	}

	/** To be called once, when the meter starts. */
	started(): void {
		const clock = this.#clock;
		const events = this.#events;
		const { lastAlive_s, wasValid } = clock;
		if (lastAlive_s !== undefined) events.eventAt(standard, standardEvent.powerDown, lastAlive_s, undefined, !wasValid);
		events.event(standard, standardEvent.powerUp);
		if (!clock.isValid) {
			events.event(standard, standardEvent.clockInvalid);
			return;
		}
		this.endInvalidity();
		if (lastAlive_s !== undefined && wasValid && clock.isDaylightSaving(lastAlive_s) !== this.#isSummer)
			events.event(standard, standardEvent.daylightSaving);
	}

	clockChanged(old_s: number, new_s: number, isSetting: boolean): void {
		const isSummer = this.#clock.isDaylightSaving(new_s);
		if (isSetting) {
			this.#events.eventAt(standard, standardEvent.clockAdjustedFrom, old_s, undefined, !this.#wasValid);
			this.#events.event(standard, standardEvent.clockAdjustedTo);
		} else if (isSummer !== this.#isSummer) {
			this.#events.event(standard, standardEvent.daylightSaving);
		}
		this.#isSummer = isSummer;
		this.endInvalidity();
		this.plan();
	}

	timeLost(): void {
		this.#wasValid = false;
		this.#events.event(standard, standardEvent.clockInvalid);
	}

	localTimeChanged(): void {
		this.look(this.#clock.utc_s());
		this.plan();
	}

	run(): void {
		if (this.#clock.utc_s() >= this.#next_s) this.look(this.#next_s);
		this.plan();
	}

	/** @param at_s time stamp of the event, if there is one */
	private look(at_s: number): void {
		const isSummer = this.#clock.isDaylightSaving(this.#clock.utc_s());
		if (isSummer === this.#isSummer) return;
		this.#isSummer = isSummer;
		this.#events.eventAt(standard, standardEvent.daylightSaving, at_s);
	}

	private endInvalidity(): void {
		this.#wasValid = true;
		if (this.#events.alarms.isActive(condition.clockInvalid)) this.#events.conditionEnded(condition.clockInvalid);
	}

	private plan(): void {
		const clock = this.#clock;
		const now_s = clock.utc_s();
		let low = now_s;
		let high = now_s + lookAhead_s;
		if (clock.isDaylightSaving(high) !== this.#isSummer) {
			// the first second of the other time
			while (high - low > 1) {
				const middle = Math.floor((low + high) / 2);
				if (clock.isDaylightSaving(middle) === this.#isSummer) low = middle;
				else high = middle;
			}
		}
		this.#next_s = high;
		this.deadline_ms = clock.monotonicAt_ms(high);
	}
}

// SPDX-License-Identifier: Apache-2.0

import { secondsPerDay } from "../clock/calendar.js";
import { DateTime } from "../clock/date-time.js";
import type { ClockListener, MeterClock } from "../clock/meter-clock.js";
import { jumpBetween } from "../core/local-periods.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { CalendarEvaluation } from "./calendar-evaluation.js";
import { banks, CalendarHead, factoryBank } from "./calendar-head.js";
import { DayTable } from "./day-table.js";
import { SpecialDays } from "./special-days.js";

/** Place of the calendar of the tariff, value group B 0. */
export const tariffCalendar = 0;

/** An activity calendar; a row of a frozen table. */
export interface CalendarDefinition {
	readonly logicalName: number;
	/** Logical name of its script table, the only one it may call. */
	readonly table: number;
	/** Events of the standard or the disconnector log. */
	readonly log: number;
	readonly activated: number;
	readonly programmed: number;
	/** From the factory with one day profile: 00:00, script 1. */
	readonly hasDefault: boolean;
}

/** What calendars need of the meter around them. */
export interface CalendarHost {
	/** A `clientIndex`. */
	readonly factoryClient: number;
	/** Whether this meter has a calendar. */
	has(definition: CalendarDefinition): boolean;
	/** Scripts are run in the turn of this monotonic time; -1 when it is over. */
	turn(now_ms: number): void;
	/** A script is in force. @param client whose rights it has */
	calendarSelects(n: number, selector: number, client: number): void;
	calendarEvent(definition: CalendarDefinition, isActivated: boolean): void;
	/** A calendar could not do what it should: inconsistent passive set, unknown day profile. */
	calendarRefused(): void;
}

/** A switch point so soon after another one is looked for at once; otherwise there is time to do it later. */
const settling_s = 2;
const never = 0xffff_ffff;
/** No script has been run yet, or the one in force is to be run again. */
const unknown = 0xff;
/** Places per calendar: when the next script is due, when to look again; local day of the last look. */
const time = Object.freeze({ switch: 0, plan: 1, day: 2, count: 3 });
/** Selector in force, the next one, and who configured the calendar. */
const octet = Object.freeze({ selector: 0, next: 1, client: 2, count: 3 });
const keysPerCalendar = 1 + banks;

/**
 * The activity calendars of a meter: each runs the script that its switch points, seasons and special days put in force,
 * in the second in which they do. What will be in force next is found out ahead, between two switch points.
 *
 * - At power-up, after the clock was set, and after activation the script in force is run once.
 * - While the time is lost nothing runs.
 * - The passive set becomes the active one at its time, also when that has passed without supply; a set that contradicts
 *   itself does not, and the active one stays.
 */
export class Calendars implements Task, ClockListener {
	readonly priority: number = taskPriority.tariff;
	deadline_ms = 0;
	readonly #clock: MeterClock;
	readonly #parameters: RecordStore;
	readonly #host: CalendarHost;
	readonly #definitions: readonly CalendarDefinition[];
	/** Per calendar, see `time`. */
	readonly #times_s: Uint32Array;
	/** Per calendar, see `octet`. */
	readonly #octets: Uint8Array;

	constructor(
		definitions: readonly CalendarDefinition[],
		clock: MeterClock,
		parameters: RecordStore,
		host: CalendarHost,
	) {
		this.#definitions = definitions;
		this.#clock = clock;
		this.#parameters = parameters;
		this.#host = host;
		this.#times_s = new Uint32Array(time.count * definitions.length);
		this.#octets = new Uint8Array(octet.count * definitions.length).fill(unknown);
	}

	/** Everything of calendar `n` but its day profiles: to read, or to change and hand to `program`. */
	head(n: number): CalendarHead {
		const { hasDefault } = this.#definitions[n]!;
		return new CalendarHead().load(this.#parameters, headKey(n), this.#host.factoryClient, hasDefault);
	}

	special(n: number): SpecialDays {
		return new SpecialDays().load(this.#parameters, recordKey.specialDays + n);
	}

	/** Day profiles of one of the banks of calendar `n`. */
	days(n: number, bank: number): DayTable {
		if (bank !== factoryBank) return new DayTable().load(this.#parameters, headKey(n) + 1 + bank);
		const table = new DayTable(new Uint8Array(16));
		if (this.#definitions[n]!.hasDefault) table.addAction(table.add(1), 0, 1);
		return table;
	}

	/** Stores a head with a changed passive set. @throws DeviceError, unchanged */
	program(n: number, head: CalendarHead): void {
		head.store(this.#parameters, headKey(n));
		this.#host.calendarEvent(this.#definitions[n]!, false);
		this.look(n);
	}

	/** The same with new day profiles: they go where neither set has its own, and count with the head. */
	programDays(n: number, head: CalendarHead, days: DayTable): void {
		let bank = 0;
		const passive = head.set(true);
		while (bank === head.set(false).bank || bank === passive.bank) bank++;
		days.store(this.#parameters, headKey(n) + 1 + bank);
		passive.bank = bank;
		this.program(n, head);
	}

	/** @throws DeviceError, unchanged */
	storeSpecial(n: number, table: SpecialDays): void {
		table.store(this.#parameters, recordKey.specialDays + n);
		this.look(n);
	}

	/** Makes the passive set the active one. @returns false, unchanged, when it contradicts itself. @throws DeviceError */
	activate(n: number): boolean {
		const head = this.head(n);
		const passive = head.set(true);
		const days = this.days(n, passive.bank);
		const evaluation = new CalendarEvaluation(passive, days, this.special(n));
		// a calendar without anything does nothing, which is what those have that are not in use
		const isEmpty = passive.seasons + passive.weeks + days.days === 0;
		if (!evaluation.isConsistent() && !(isEmpty && !this.#definitions[n]!.hasDefault)) {
			this.#host.calendarRefused();
			return false;
		}
		head.activate();
		head.activated_s = this.#clock.utc_s();
		head.store(this.#parameters, headKey(n));
		this.#host.calendarEvent(this.#definitions[n]!, true);
		this.again(n);
		return true;
	}

	/** Something that calendar `n` depends on has changed. */
	look(n: number): void {
		this.#times_s[time.count * n + time.switch] = never;
		this.#times_s[time.count * n + time.plan] = 0;
		this.deadline_ms = 0;
	}

	/** Its script is to be run, even if it is the one that was run last. */
	again(n: number): void {
		this.#octets[octet.count * n + octet.selector] = unknown;
		this.look(n);
	}

	/** Selector in force; 0 when there is none or the time is lost. */
	selector(n: number): number {
		const selector = this.#octets[octet.count * n + octet.selector]!;
		return selector === unknown || !this.#clock.isValid ? 0 : selector;
	}

	clockChanged(_old_s: number, _new_s: number, isSetting: boolean): void {
		for (let n = 0; n < this.#definitions.length; n++) {
			if (isSetting) this.again(n);
			else this.look(n);
		}
	}

	localTimeChanged(): void {
		for (let n = 0; n < this.#definitions.length; n++) this.look(n);
	}

	run(now_ms: number): void {
		const times_s = this.#times_s;
		let next_s = never;
		if (this.#clock.isValid) {
			const now_s = this.#clock.utc_s();
			this.#host.turn(now_ms);
			for (let n = 0; n < this.#definitions.length; n++) {
				if (!this.#host.has(this.#definitions[n]!)) continue;
				const at = time.count * n;
				if (times_s[at + time.switch]! <= now_s) {
					times_s[at + time.switch] = never;
					this.apply(n, this.#octets[octet.count * n + octet.next]!);
				}
				if (times_s[at + time.plan]! <= now_s) this.plan(n, now_s);
				next_s = Math.min(next_s, times_s[at + time.switch]!, times_s[at + time.plan]!);
			}
		}
		this.#host.turn(-1);
		const next_ms = next_s === never ? Infinity : this.#clock.monotonicAt_ms(next_s);
		this.deadline_ms = Math.max(next_ms, now_ms + 1);
	}

	private apply(n: number, selector: number): void {
		const at = octet.count * n;
		if (selector === 0 || selector === this.#octets[at + octet.selector]) return;
		this.#octets[at + octet.selector] = selector;
		this.#host.calendarSelects(n, selector, this.#octets[at + octet.client]!);
	}

	/** Finds out what is in force now, and what will be next. */
	private plan(n: number, now_s: number): void {
		const clock = this.#clock;
		const times_s = this.#times_s;
		const at = time.count * n;
		const head = this.activated(n, now_s);
		const set = head.set(false);
		const evaluation = new CalendarEvaluation(set, this.days(n, set.bank), this.special(n));
		const local_s = clock.local_s(now_s);
		this.#octets[octet.count * n + octet.client] = head.client;
		this.apply(n, evaluation.selectorAt(local_s));
		let next_s = now_s + evaluation.nextChange(local_s) - local_s;
		if (clock.deviation_min(next_s) !== clock.deviation_min(now_s)) next_s = jumpBetween(clock, now_s, next_s);
		const activation_s = head.isPending ? Math.max(this.activation_s(head), now_s + 1) : Infinity;
		if (activation_s <= next_s) {
			// another set will say what is in force then
			times_s[at + time.switch] = never;
			times_s[at + time.plan] = activation_s;
		} else {
			const nextLocal_s = clock.local_s(next_s);
			this.#octets[octet.count * n + octet.next] = evaluation.selectorAt(nextLocal_s);
			times_s[at + time.switch] = next_s;
			const isSoon = Math.min(evaluation.nextChange(nextLocal_s) - nextLocal_s, activation_s - next_s) <= settling_s;
			times_s[at + time.plan] = isSoon ? next_s : next_s + settling_s;
		}
		const day = Math.floor(local_s / secondsPerDay);
		if (day !== times_s[at + time.day] && evaluation.hasUnknownSpecialDay(local_s)) this.#host.calendarRefused();
		times_s[at + time.day] = day;
	}

	/** The head, after an activation that has become due. */
	private activated(n: number, now_s: number): CalendarHead {
		const head = this.head(n);
		if (!head.isPending || now_s < this.activation_s(head)) return head;
		if (this.activate(n)) return this.head(n);
		head.isPending = false;
		head.store(this.#parameters, headKey(n));
		return head;
	}

	/** UTC of the activation of the passive set. */
	private activation_s(head: CalendarHead): number {
		return this.#clock.toUtc_s(new DateTime().decode(head.bytes, head.timeAt));
	}
}

function headKey(n: number): number {
	return recordKey.calendars + n * keysPerCalendar;
}

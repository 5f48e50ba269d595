// SPDX-License-Identifier: Apache-2.0
import { secondsPerDay, weekday } from "../clock/calendar.js";
import type { CalendarSet } from "./calendar-head.js";
import type { DayTable } from "./day-table.js";
import type { SpecialDays } from "./special-days.js";

/** Days looked back through for a switch point, where days have none. */
const longestSilence = 62;

/**
 * What an activity calendar says about moments of local time (cosem-server.md 9.3): a special day decides for its whole
 * day, otherwise the week of the season in force; then the switch point passed last, if need be on an earlier day.
 */
export class CalendarEvaluation {
	readonly #set: CalendarSet;
	readonly #days: DayTable;
	readonly #special: SpecialDays;

	constructor(set: CalendarSet, days: DayTable, special: SpecialDays) {
		this.#set = set;
		this.#days = days;
		this.#special = special;
	}

	/** Script selector in force; 0 when the calendar has nothing to say. */
	selectorAt(local_s: number): number {
		let day = Math.floor(local_s / secondsPerDay);
		let time_s = local_s - day * secondsPerDay;
		for (const earliest = day - longestSilence; day >= earliest; day--, time_s = secondsPerDay - 1) {
			const place = this.dayAt(day * secondsPerDay + time_s);
			const selector = place < 0 ? -1 : this.#days.selectorUpTo(place, time_s);
			if (selector >= 0) return selector;
		}
		return 0;
	}

	/** First moment after `local_s` at which something may change: switch point, start of a season, midnight. */
	nextChange(local_s: number): number {
		const day = Math.floor(local_s / secondsPerDay);
		const start_s = day * secondsPerDay;
		const place = this.dayAt(local_s);
		const next_s = place < 0 ? Infinity : start_s + this.#days.nextTime(place, local_s - start_s);
		return Math.min(next_s, this.#set.nextStart(local_s), start_s + secondsPerDay);
	}

	/** A special day that names a day profile which does not exist is none. */
	hasUnknownSpecialDay(local_s: number): boolean {
		const id = this.#special.dayIdOf(Math.floor(local_s / secondsPerDay));
		return id >= 0 && this.#days.find(id) < 0;
	}

	/** Every week and every day profile that is named exists, and there is a season. */
	isConsistent(): boolean {
		const set = this.#set;
		for (let n = 0; n < set.seasons; n++) if (set.findWeek(set.season(n)) < 0) return false;
		for (let n = 0; n < set.weeks; n++) {
			const at = set.daysOf(set.week(n));
			for (let d = 0; d < 7; d++) if (this.#days.find(set.bytes[at + d]!) < 0) return false;
		}
		return set.seasons > 0;
	}

	/** Place of the day profile of a moment; -1 when there is none. */
	private dayAt(local_s: number): number {
		const day = Math.floor(local_s / secondsPerDay);
		const id = this.#special.dayIdOf(day);
		const special = id < 0 ? -1 : this.#days.find(id);
		if (special >= 0) return special;
		const set = this.#set;
		const season = set.seasonAt(local_s);
		const week = season < 0 ? -1 : set.findWeek(season);
		return week < 0 ? -1 : this.#days.find(set.bytes[set.daysOf(week) + weekday(day) - 1]!);
	}
}

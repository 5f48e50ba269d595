// SPDX-License-Identifier: Apache-2.0

/** A calendar as a person would write it down, and what it says minute by minute: an opinion of its own. */
export interface PlainSeason {
	readonly name: string;
	/** Month 1..12, or 0 for every month; day of the month; hour, minute. */
	readonly month: number;
	readonly day: number;
	readonly hour: number;
	readonly minute: number;
	/** 0 for every year. */
	readonly year: number;
	readonly week: string;
}

export interface PlainCalendar {
	readonly seasons: readonly PlainSeason[];
	readonly weeks: ReadonlyMap<string, readonly number[]>;
	/** Switch points: minute of the day and script. */
	readonly days: ReadonlyMap<number, readonly (readonly [number, number])[]>;
	/** In the order of their indexes. */
	readonly special: readonly {
		readonly year: number;
		readonly month: number;
		readonly day: number;
		readonly id: number;
	}[];
}

const day_ms = 86_400_000;

/** Local time is UTC of these dates: the platform's calendar alone counts. */
export class BruteForce {
	readonly #calendar: PlainCalendar;
	/** Starts of all seasons, in order. */
	readonly #starts: { readonly at_ms: number; readonly season: PlainSeason }[] = [];

	constructor(calendar: PlainCalendar, firstYear: number, lastYear: number) {
		this.#calendar = calendar;
		for (const season of calendar.seasons) {
			for (let year = firstYear; year <= lastYear; year++) {
				if (season.year !== 0 && season.year !== year) continue;
				for (let month = 1; month <= 12; month++) {
					if (season.month !== 0 && season.month !== month) continue;
					const at_ms = Date.UTC(year, month - 1, season.day, season.hour, season.minute);
					if (new Date(at_ms).getUTCMonth() === month - 1) this.#starts.push({ at_ms, season });
				}
			}
		}
		this.#starts.sort((a, b) => a.at_ms - b.at_ms);
	}

	dayId(local_ms: number): number | undefined {
		const date = new Date(local_ms);
		for (const { year, month, day, id } of this.#calendar.special) {
			if (year !== 0 && year !== date.getUTCFullYear()) continue;
			if (month !== 0 && month !== date.getUTCMonth() + 1) continue;
			if (day === date.getUTCDate()) return id;
		}
		let season: PlainSeason | undefined;
		for (const start of this.#starts) if (start.at_ms <= local_ms) season = start.season;
		return season === undefined ? undefined : this.#calendar.weeks.get(season.week)?.[(date.getUTCDay() + 6) % 7];
	}

	script(local_ms: number): number {
		let midnight_ms = Math.floor(local_ms / day_ms) * day_ms;
		let until_ms = local_ms;
		for (let back = 0; back < 62; back++) {
			const points = this.#calendar.days.get(this.dayId(until_ms) ?? -1) ?? [];
			for (let n = points.length - 1; n >= 0; n--) {
				const [minute, script] = points[n]!;
				if (midnight_ms + minute * 60_000 <= until_ms) return script;
			}
			until_ms = midnight_ms - 1000;
			midnight_ms -= day_ms;
		}
		return 0;
	}
}

// SPDX-License-Identifier: Apache-2.0
import type { Data } from "../../tests/support/client/axdr.js";
import type { Profile } from "../../tests/support/client/client.js";
import { asNumber, asOctets } from "../../tests/support/client/data.js";
import { decodeDateTime, toUnix_ms } from "../../tests/support/client/date-time.js";
import { rateAt, rates } from "./tariff-program.js";

/** A row of a profile: its time and the numbers in it by "1-0:1.8.0" or, of another attribute, "1-0:1.6.0/5". */
export interface BookRow {
	readonly utc_ms: number;
	/** Local time as if it were UTC, since 1970. */
	readonly local_ms: number;
	readonly values: ReadonlyMap<string, number>;
}

/** Brings a profile as read into rows. */
export function rowsOf({ columns, rows }: Profile): BookRow[] {
	return rows.map((row) => {
		const stamp = decodeDateTime(asOctets(row[0]!));
		const utc_ms = toUnix_ms(stamp);
		const values = new Map<string, number>();
		for (const [n, column] of columns.entries()) {
			const name = column.logicalName.replace(/\.255$/, "");
			if (isNumber(row[n]!))
				values.set(column.attribute === 2 ? name : `${name}/${column.attribute}`, asNumber(row[n]!));
		}
		return { utc_ms, local_ms: utc_ms - (stamp.deviation ?? 0) * 60_000, values };
	});
}

function isNumber({ value }: Data): boolean {
	return typeof value === "number";
}

const quarter_ms = 900_000;
const energies = ["1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0"];
/** Half a watt over a quarter of an hour, and the difference of two energies of which each is truncated to 1 Wh. */
const resolution_Wh = 0.5 / 4 + 1;
/**
 * Intervals of a second are on the grid of the chip and not on that of the clock: now and then 901 or 899 of them end in a
 * quarter of an hour. Its mean is over what was measured (`Demand`), its energy is all of that.
 */
const interval_s = 1;

/**
 * The books of the head-end: takes the rows of all profiles as they come in and looks whether they agree with each other.
 * Registers are read in whole units, so a sum of n of them is up to n - 1 units below the total.
 */
export class Books {
	readonly findings: string[] = [];
	readonly counts: Record<string, number> = {};
	/** Energy of A+ by rate, as the rows of load profile 1 and the calendar have it; [0] is what no row tells. */
	readonly byRate_Wh: number[] = new Array(rates + 1).fill(0);
	/** Rows of two profiles at one instant that were compared. */
	compared = 0;
	readonly #last = new Map<string, BookRow>();
	/** Quarters of an hour since 1970 in which the supply failed or the clock was moved. */
	readonly #disturbed = new Set<number>();
	/** A+ and A-, R+ and R- of the rows of load profile 1, by time. */
	readonly #quarters = new Map<number, BookRow>();

	/** @param profile name for the findings, e.g. "load 1" */
	take(profile: string, rows: readonly BookRow[]): void {
		this.counts[profile] = (this.counts[profile] ?? 0) + rows.length;
		for (const row of rows) {
			const before = this.#last.get(profile);
			this.#last.set(profile, row);
			if (before !== undefined) this.checkOrder(profile, before, row);
			if (profile === "load 1") {
				this.#quarters.set(row.utc_ms, row);
				if (before === undefined) this.byRate_Wh[0]! += row.values.get(energies[0]!)!;
				else this.addToRate(before, row);
			} else this.checkAgainstQuarter(profile, row);
		}
	}

	/** The supply failed or the clock was moved in that time: averages of its quarters of an hour are over less than they should. */
	disturb(from_ms: number, to_ms: number): void {
		for (let n = Math.floor(from_ms / quarter_ms) - 1; n <= Math.floor(to_ms / quarter_ms) + 1; n++)
			this.#disturbed.add(n);
	}

	/** Time of the newest row, milliseconds since 1970; undefined before the first. */
	newest_ms(profile: string): number | undefined {
		return this.#last.get(profile)?.utc_ms;
	}

	private checkOrder(profile: string, before: BookRow, row: BookRow): void {
		if (row.utc_ms <= before.utc_ms) this.find(profile, row, "is not later than the one before");
		for (const name of [...row.values.keys()].filter((key) => /^1-0:\d+\.8\./.test(key))) {
			const old = before.values.get(name);
			if (old !== undefined && row.values.get(name)! < old) this.find(profile, row, `${name} fell`);
		}
	}

	/** The energy between two rows belongs to the rate at the first, when they are neighbours. */
	private addToRate(before: BookRow, row: BookRow): void {
		const isNeighbour = Math.floor(row.utc_ms / quarter_ms) - Math.floor(before.utc_ms / quarter_ms) <= 1;
		const energy_Wh = row.values.get(energies[0]!)! - before.values.get(energies[0]!)!;
		this.byRate_Wh[isNeighbour ? rateAt(before.local_ms) : 0]! += energy_Wh;
	}

	/** Rows of other profiles have the energies that load profile 1 has at that instant. */
	private checkAgainstQuarter(profile: string, row: BookRow): void {
		const quarter = this.#quarters.get(row.utc_ms);
		if (quarter === undefined) return;
		this.compared++;
		const { values } = row;
		for (const name of energies) {
			const value = values.get(name);
			const expected = quarter.values.get(name)!;
			if (value !== undefined && value !== expected) this.find(profile, row, `${name} is ${value}, not ${expected}`);
		}
		for (const c of [1, 2]) this.checkRates(profile, row, c);
		this.checkSum(profile, row, 3, [5, 6], quarter);
		this.checkSum(profile, row, 4, [7, 8], quarter);
		const previous = this.#quarters.get(row.utc_ms - quarter_ms);
		if (previous === undefined || this.#disturbed.has(row.utc_ms / quarter_ms - 1)) return;
		for (const c of [1, 2]) {
			const demand_W = values.get(`1-0:${c}.5.0`);
			if (demand_W === undefined) continue;
			const name = `1-0:${c}.8.0`;
			const energy_Wh = quarter.values.get(name)! - previous.values.get(name)!;
			const tolerance_Wh = resolution_Wh + (demand_W * interval_s) / 3600;
			if (Math.abs(demand_W / 4 - energy_Wh) > tolerance_Wh)
				this.find(profile, row, `${c}.5.0 is ${demand_W} W in a quarter of an hour of ${energy_Wh} Wh`);
		}
	}

	private checkRates(profile: string, row: BookRow, c: number): void {
		const total = row.values.get(`1-0:${c}.8.0`);
		if (total === undefined || !row.values.has(`1-0:${c}.8.1`)) return;
		let sum = 0;
		for (let rate = 1; rate <= rates; rate++) sum += row.values.get(`1-0:${c}.8.${rate}`)!;
		if (sum > total || total - sum >= rates) this.find(profile, row, `rates of ${c} are ${sum} of ${total}`);
	}

	private checkSum(profile: string, row: BookRow, c: number, parts: readonly number[], quarter: BookRow): void {
		const values = parts.map((part) => row.values.get(`1-0:${part}.8.0`));
		if (values.some((value) => value === undefined)) return;
		const total = quarter.values.get(`1-0:${c}.8.0`)!;
		const sum = values.reduce<number>((a, value) => a + value!, 0);
		if (sum > total || total - sum >= parts.length) this.find(profile, row, `quadrants are ${sum} of ${total}`);
	}

	private find(profile: string, row: BookRow, what: string): void {
		this.findings.push(`${profile} ${new Date(row.utc_ms).toISOString()}: ${what}`);
	}
}

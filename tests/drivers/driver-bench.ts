// SPDX-License-Identifier: Apache-2.0
import type { RegisterTable } from "../../src/drivers/register-table.js";
import type { FrontEnd } from "../../src/metrology/front-end.js";

/** What every fake chip lets a test do. */
export interface FakeChip {
	/** Frames so far. */
	readonly frames: number;
	/** What is on MISO instead of an answer. */
	miso: "" | "zeros" | "ones" | "late";
	/** The supply dips: everything starts from reset values. */
	reset(): void;
	advanceTo(time_ms: number): void;
}

export type Driver = FrontEnd & {
	/** Starts of the chip, the first included. */
	readonly starts: number;
};

/** An interval of energy as the driver delivered it. */
export interface Interval {
	readonly at_ms: number;
	readonly duration_ms: number;
	readonly codes: readonly number[];
}

/** A driver with its chip, and the only clock of both. */
export class DriverBench<Chip extends FakeChip, Subject extends Driver> {
	readonly chip: Chip;
	readonly driver: Subject;
	readonly intervals: Interval[] = [];
	#now_ms = 0;

	constructor(chip: Chip, driver: Subject) {
		this.chip = chip;
		this.driver = driver;
	}

	readonly now = (): number => this.#now_ms;

	/** Lets the time run from deadline to deadline. */
	readonly runTo = (to_ms: number): void => {
		while (this.driver.nextDeadline_ms <= to_ms) this.stallTo(Math.max(this.#now_ms, this.driver.nextDeadline_ms));
		this.#now_ms = to_ms;
		this.chip.advanceTo(to_ms);
	};

	/** Nobody calls the driver until then. */
	readonly stallTo = (to_ms: number): void => {
		this.#now_ms = to_ms;
		this.chip.advanceTo(to_ms);
		if (!this.driver.advance(to_ms)) return;
		const { duration_ms, energy_codes } = this.driver.reading;
		this.intervals.push({ at_ms: to_ms, duration_ms, codes: [...energy_codes] });
	};

	/** Runs until the driver has delivered another interval. */
	readonly runToNextInterval = (): void => {
		const known = this.intervals.length;
		while (this.intervals.length === known) this.runTo(this.driver.nextDeadline_ms);
	};
}

/** What a driver writes to a register. */
export function valueAt(table: RegisterTable, address: number): number {
	for (let n = 0; n < table.length; n++) if (table.address(n) === address) return table.value(n);
	throw new Error(`register ${address.toString(16)} is not in the table`);
}

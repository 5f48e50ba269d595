// SPDX-License-Identifier: Apache-2.0
import { boundaryAfter, boundaryUpTo, type LocalClock } from "../../core/local-periods.js";
import type { Stamp } from "./stamp.js";

/** Least share of a block that must have been measured for its average to count as an extreme. */
const leastShare = 0.9;

/** Averaging over blocks that begin at multiples of a period of local time: where the running one ends, and whether it is whole. */
export class AlignedBlock {
	end_s = 0;
	measured_ms = 0;
	readonly #clock: LocalClock;
	#period_s: number;
	#isWhole = false;

	constructor(clock: LocalClock, period_s: number) {
		this.#clock = clock;
		this.#period_s = period_s;
		this.restart();
	}

	get period_s(): number {
		return this.#period_s;
	}

	/** Whether next to nothing of the block is missing. */
	get isComplete(): boolean {
		return this.#isWhole && this.measured_ms >= leastShare * this.#period_s * 1000;
	}

	/** Drops the running block: clock or period have changed. */
	restart(period_s: number = this.#period_s): void {
		this.#period_s = period_s;
		this.measured_ms = 0;
		this.#isWhole = false;
		this.end_s = boundaryAfter(this.#clock, this.#clock.utc_s(), period_s);
	}

	/** Goes on to the block in which `now_s` is, behind one that has ended. */
	next(now_s: number): void {
		this.#isWhole = boundaryUpTo(this.#clock, now_s, this.#period_s) === this.end_s;
		this.measured_ms = 0;
		this.end_s = boundaryAfter(this.#clock, now_s, this.#period_s);
	}

	/** Fills `into` with the end of the block. */
	stamp(into: Stamp): Stamp {
		into.utc_s = this.end_s;
		into.deviation_min = this.#clock.deviation_min(this.end_s);
		into.status = this.#clock.status(this.end_s);
		return into;
	}
}

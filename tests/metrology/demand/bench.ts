// SPDX-License-Identifier: Apache-2.0
import { FaultyFlash } from "../../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { Demand, type PeriodListener } from "../../../src/metrology/demand/demand.js";
import { DemandParameters } from "../../../src/metrology/demand/demand-parameters.js";
import { demandQuantities } from "../../../src/metrology/demand/demand-quantities.js";
import type { IntervalEnergies } from "../../../src/metrology/demand/interval-energies.js";
import { createStamp, noMoment } from "../../../src/metrology/demand/stamp.js";
import { RecordLog } from "../../../src/storage/record-log.js";
import { BenchClock, text } from "../../profile/bench.js";
import { seededRandom } from "../../storage/random.js";
import { since2000_s as utc } from "../../support/since-2000.js";

/** Intervals of a meter whose powers a test sets; 1 code = 1 mW·s. */
export class BenchEnergies implements IntervalEnergies {
	readonly power_W = new Map<number, number>();
	interval_ms = 1000;
	wattSecondsPerCode = 0.001;
	/** Left undefined: as long as the interval. */
	windows_ms: number | undefined;

	get rms_ms(): number {
		return this.windows_ms ?? this.interval_ms;
	}

	codes(c: number): number {
		return Math.round((this.power_W.get(c) ?? 0) * this.interval_ms);
	}
}

/** Demand registers on a clock that can be moved, with power that can be cut. */
export class DemandBench {
	readonly clock = new BenchClock();
	readonly energies = new BenchEnergies();
	readonly flash = new FaultyFlash(new MemoryFlash(16, 4096), seededRandom(3));
	readonly closed: { import_W: number; reactive_var: number; isComplete: boolean }[] = [];
	/** What happens between the ends of two intervals of the chip; its crystal may be off. */
	grid_ms = 1000;
	/** Rate of the demand registers from now on. */
	set rate(rate: number) {
		this.demand.rates.fill(rate);
	}
	demand: Demand;
	#nextInterval_ms: number;

	constructor(start: string, phase_ms = 300) {
		this.clock.offset_ms = utc(start) * 1000;
		this.#nextInterval_ms = phase_ms;
		this.demand = this.start();
	}

	/** Starts on what the flash holds. */
	start(): Demand {
		const listener: PeriodListener = {
			periodClosed: (import_W, reactive_var, isComplete) =>
				void this.closed.push({ import_W, reactive_var, isComplete }),
		};
		this.demand = new Demand({
			energies: this.energies,
			clock: this.clock,
			parameters: new DemandParameters(new RecordLog(this.flash, 8, 8)),
			journal: new RecordLog(this.flash, 0, 8),
			listener,
		});
		return this.demand;
	}

	/** Runs up to a moment of the clock, with intervals and tasks in the order in which they are due. */
	runTo(when: string | number): void {
		const target_ms = this.clock.monotonicAt_ms(typeof when === "string" ? utc(when) : when);
		for (;;) {
			const next_ms = Math.min(this.#nextInterval_ms, this.demand.deadline_ms);
			if (next_ms > target_ms) break;
			this.clock.monotonic_ms = Math.max(next_ms, this.clock.monotonic_ms);
			if (this.#nextInterval_ms <= next_ms) {
				this.#nextInterval_ms += this.grid_ms;
				this.demand.intervalFinished(undefined, this.clock.monotonic_ms);
			} else this.demand.run(this.clock.monotonic_ms);
		}
		this.clock.monotonic_ms = Math.max(target_ms, this.clock.monotonic_ms);
	}

	/** Power is away until `when`; nothing is saved any more. */
	offUntil(when: string): void {
		this.clock.monotonic_ms = this.clock.monotonicAt_ms(utc(when));
		this.#nextInterval_ms = this.clock.monotonic_ms + 1000;
		this.start();
	}

	moveClock(to: string, isSetting: boolean): void {
		const old_s = this.clock.utc_s();
		this.clock.offset_ms += (utc(to) - old_s) * 1000;
		this.demand.clockChanged(old_s, utc(to), isSetting);
	}

	get now(): string {
		return text(this.clock.utc_s());
	}

	last(c = 1): number {
		return this.demand.lastAverage(demandQuantities.indexOf(c));
	}

	current(c = 1): number {
		return this.demand.currentAverage(demandQuantities.indexOf(c));
	}

	get captured(): string {
		return text(this.demand.captured.utc_s);
	}

	/** Value and time of a maximum. */
	maximum(c = 1, rate = 0): readonly [number, string] {
		const quantity = demandQuantities.indexOf(c);
		const { utc_s } = this.demand.maxima.stamp(quantity, rate, createStamp());
		return [this.demand.maxima.value(quantity, rate), utc_s === noMoment ? "none" : text(utc_s)];
	}

	cumulative(c = 1, rate = 0): number {
		return this.demand.maxima.cumulative(demandQuantities.indexOf(c), rate);
	}
}

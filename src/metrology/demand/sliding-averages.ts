// SPDX-License-Identifier: Apache-2.0

import { boundaryAfter, type LocalClock } from "../../core/local-periods.js";
import { zeros } from "../../core/numbers.js";
import type { MetrologyView } from "../view.js";
import type { DemandGroup } from "./demand-group.js";
import type { DemandParameters } from "./demand-parameters.js";
import type { IntervalEnergies } from "./interval-energies.js";
import { SlidingWindow } from "./sliding-window.js";
import { createStamp, noMoment, type Stamp } from "./stamp.js";

/** Columns of the window: active energy in codes, then the squares of the phase currents, mA²·ms. */
const importColumn = 0;
const exportColumn = 1;
const currentColumn = 2;
/** Longer pauses between intervals are time in which nothing was measured. */
const pause_ms = 500;

/**
 * Averaging scheme 3: mean power and root mean square current over the last `periods` · `period_s` seconds, new with every
 * measuring interval. At each multiple of the period the present averages become the last ones. Volatile.
 */
export class SlidingAverages implements DemandGroup {
	readonly captured = createStamp();
	/** Next multiple of the period, UTC. */
	end_s = 0;
	readonly #energies: IntervalEnergies;
	readonly #clock: LocalClock;
	readonly #parameters: DemandParameters;
	readonly #phases: number;
	readonly #window: SlidingWindow;
	/** Last averages: W of A+ and A-, mA of the phases; not rounded. */
	readonly #last: number[];
	#interval_ms = -1;

	constructor(energies: IntervalEnergies, clock: LocalClock, parameters: DemandParameters, phases: number) {
		this.#energies = energies;
		this.#clock = clock;
		this.#parameters = parameters;
		this.#phases = phases;
		this.#window = new SlidingWindow(currentColumn + phases, this.window_ms);
		this.#last = zeros(currentColumn + phases);
		this.begin();
	}

	get period_s(): number {
		return this.#parameters.averagePeriod_s;
	}

	get periods(): number {
		return this.#parameters.averagePeriods;
	}

	/** The window ends now. */
	started(into: Stamp): Stamp {
		return this.stampOf(this.#clock.utc_s() - this.period_s * this.periods, into);
	}

	/** Present average of A+ (1), A- (2), |A| (15) or A+ - A- (16), W, rounded. */
	power_W(c: number): number {
		return combine(c, this.mean(importColumn), this.mean(exportColumn));
	}

	/** The same at `captured`. */
	lastPower_W(c: number): number {
		return combine(c, this.#last[importColumn]!, this.#last[exportColumn]!);
	}

	/** @param phase 1..3 */
	current_mA(phase: number): number {
		return phase <= this.#phases ? Math.round(this.mean(currentColumn + phase - 1)) : 0;
	}

	lastCurrent_mA(phase: number): number {
		return phase <= this.#phases ? Math.round(this.#last[currentColumn + phase - 1]!) : 0;
	}

	setPeriod(period_s: number): boolean {
		return this.configure(period_s, this.periods);
	}

	setPeriods(periods: number): boolean {
		return this.configure(this.period_s, periods);
	}

	reset(): void {
		this.#window.clear();
		this.#last.fill(0);
		this.stampOf(this.#clock.utc_s(), this.captured);
		this.begin();
	}

	/** Forgets what was measured: the present averages rise from 0 again. The last ones stay. */
	restart(): void {
		this.#window.clear();
	}

	/** The window is not emptied: it always is over the last seconds. */
	nextPeriod(): void {
		this.capture(this.#clock.utc_s());
	}

	intervalFinished(metrology: MetrologyView, now_ms: number): void {
		const interval_ms = this.#energies.interval_ms;
		const window = this.#window;
		if (this.#interval_ms >= 0 && now_ms - interval_ms - this.#interval_ms > pause_ms)
			window.advance(now_ms - interval_ms - this.#interval_ms);
		this.#interval_ms = now_ms;
		window.add(importColumn, this.#energies.codes(1));
		window.add(exportColumn, this.#energies.codes(2));
		for (let phase = 1; phase <= this.#phases; phase++) {
			const current_mA = metrology.current_mA(phase);
			window.add(currentColumn + phase - 1, current_mA * current_mA * interval_ms);
		}
		window.advance(interval_ms);
	}

	/** Takes the last averages when a multiple of the period has come. */
	closeDue(now_s: number): void {
		if (now_s < this.end_s) return;
		this.capture(this.end_s);
		this.begin();
	}

	/** To be called after clock or local time have changed: multiples of the period are somewhere else. */
	clockChanged(): void {
		this.begin();
	}

	private get window_ms(): number {
		return this.period_s * this.periods * 1000;
	}

	private configure(period_s: number, periods: number): boolean {
		if (period_s === this.period_s && periods === this.periods) return true;
		if (!this.#parameters.setAverage(period_s, periods)) return false;
		this.capture(this.#clock.utc_s());
		this.#window.clear(this.window_ms);
		this.begin();
		return true;
	}

	private begin(): void {
		this.end_s = boundaryAfter(this.#clock, this.#clock.utc_s(), this.period_s);
	}

	private capture(stamp_s: number): void {
		for (let n = 0; n < this.#last.length; n++) this.#last[n] = this.mean(n);
		this.stampOf(stamp_s, this.captured);
	}

	/** W, or mA. */
	private mean(column: number): number {
		const window = this.#window;
		const sum = window.sum(column);
		if (column >= currentColumn) return Math.sqrt(sum / window.window_ms);
		return sum * ((this.#energies.wattSecondsPerCode * 1000) / window.window_ms);
	}

	private stampOf(utc_s: number, into: Stamp): Stamp {
		into.utc_s = Math.min(utc_s, noMoment - 1);
		into.deviation_min = this.#clock.deviation_min(utc_s);
		into.status = this.#clock.status(utc_s);
		return into;
	}
}

/** Rounded half away from zero. */
function combine(c: number, import_W: number, export_W: number): number {
	if (c === 16) {
		const net_W = import_W - export_W;
		return net_W < 0 ? -Math.round(-net_W) : Math.round(net_W);
	}
	return Math.round(c === 1 ? import_W : c === 2 ? export_W : import_W + export_W);
}

// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../core/device-error.js";
import type { LocalClock } from "../../core/local-periods.js";
import { zeros } from "../../core/numbers.js";
import { type Task, taskPriority } from "../../core/scheduler.js";
import type { ModelDescriptor } from "../../models/model.js";
import type { RecordStore } from "../../storage/record-store.js";
import type { MetrologyView } from "../view.js";
import { AlignedBlock } from "./aligned-block.js";
import type { PeriodListener } from "./demand.js";
import type { DemandParameters } from "./demand-parameters.js";
import { Extremes, extremeIndex } from "./extremes.js";
import type { IntervalEnergies } from "./interval-energies.js";
import { SlidingAverages } from "./sliding-averages.js";
import { createStamp, type Stamp } from "./stamp.js";

export interface AveragesParts {
	readonly model: ModelDescriptor;
	readonly energies: IntervalEnergies;
	readonly clock: LocalClock;
	readonly parameters: DemandParameters;
	readonly journal: RecordStore;
}

/** Averages of voltage, EN 50160. */
export const voltagePeriod_s = 600;
/** Measured time of one average of the frequency, EN 50160. */
const frequencyPeriod_ms = 10_000;
const commitPeriod_ms = 60_000;
/** Quantities of a phase with averages: A+, A-, R+, R-. */
const powersPerPhase = 4;
/** Index of the time behind the squares of three phases. */
const squaresTime = 3;
/** Apparent power below this multiple of the no-load level, half of starting current times nominal voltage, has no power factor. */
const noLoadShare = 3 / 2;

/**
 * Averages of single values: powers and currents of the phases over the last whole period of averaging scheme 3, voltages over
 * ten minutes, and the extremes of these, of the frequency over ten seconds, and of the power factor of demand periods.
 *
 * Voltage and current are root mean squares. An average is over the time that was measured; before the first one it is 0. Only
 * blocks that began on their boundary and lack less than a tenth make extremes.
 */
export class Averages implements Task, PeriodListener {
	readonly priority: number = taskPriority.tariff;
	deadline_ms = 0;
	readonly sliding: SlidingAverages;
	readonly extremes: Extremes;
	failedCommits = 0;
	readonly #energies: IntervalEnergies;
	readonly #clock: LocalClock;
	readonly #phases: number;
	readonly #noPowerFactor_VA: number;
	readonly #block: AlignedBlock;
	readonly #voltageBlock: AlignedBlock;
	/** Running sums and last averages: codes and W, mA²·ms and mA, mV²·ms and mV; behind the sums of squares their time, ms. */
	readonly #codes: number[];
	readonly #power_W: number[];
	readonly #currents = zeros(4);
	readonly #current_mA = zeros(3);
	readonly #voltages = zeros(4);
	readonly #voltage_mV = zeros(3);
	#frequencySum = 0;
	#frequency_ms = 0;
	readonly #stamp = createStamp();
	#nextCommit_ms = commitPeriod_ms;

	constructor(parts: AveragesParts) {
		const { model, energies, clock, parameters } = parts;
		this.#energies = energies;
		this.#clock = clock;
		this.#phases = model.phases;
		this.#noPowerFactor_VA = (noLoadShare * model.nominalVoltage_V * model.startingCurrent_mA) / 1000;
		this.sliding = new SlidingAverages(energies, clock, parameters, model.phases);
		this.extremes = new Extremes(parts.journal);
		this.#block = new AlignedBlock(clock, this.sliding.period_s);
		this.#voltageBlock = new AlignedBlock(clock, voltagePeriod_s);
		this.#codes = zeros(powersPerPhase * model.phases);
		this.#power_W = zeros(powersPerPhase * model.phases);
		this.schedule();
	}

	/** Average power of value group C = 21..24, 41..44, 61..64, W or var, rounded. */
	power_W(c: number): number {
		return Math.round(this.#power_W[(Math.floor(c / 20) - 1) * powersPerPhase + (c % 20) - 1] ?? 0);
	}

	/** @param phase 1..3 */
	current_mA(phase: number): number {
		return Math.round(this.#current_mA[phase - 1] ?? 0);
	}

	voltage_mV(phase: number): number {
		return Math.round(this.#voltage_mV[phase - 1] ?? 0);
	}

	/** To be called at the end of each measuring interval. */
	intervalFinished(metrology: MetrologyView, now_ms: number): void {
		const { interval_ms, rms_ms } = this.#energies;
		this.sliding.intervalFinished(metrology, now_ms);
		for (let phase = 1; phase <= this.#phases; phase++) {
			const current_mA = metrology.current_mA(phase);
			const voltage_mV = metrology.voltage_mV(phase);
			this.#currents[phase - 1]! += current_mA * current_mA * rms_ms;
			this.#voltages[phase - 1]! += voltage_mV * voltage_mV * rms_ms;
			const first = (phase - 1) * powersPerPhase;
			for (let n = 0; n < powersPerPhase; n++) this.#codes[first + n]! += this.#energies.codes(20 * phase + n + 1);
		}
		this.#currents[squaresTime]! += rms_ms;
		this.#voltages[squaresTime]! += rms_ms;
		this.#block.measured_ms += interval_ms;
		this.#voltageBlock.measured_ms += interval_ms;
		this.takeFrequency(metrology.frequency_mHz(), interval_ms);
		this.closeDue();
	}

	periodClosed(importActive_W: number, importReactive_var: number, isComplete: boolean, stamp: Stamp): void {
		if (!isComplete) return;
		const apparent_VA = Math.sqrt(importActive_W * importActive_W + importReactive_var * importReactive_var);
		const isMeaningful = apparent_VA >= this.#noPowerFactor_VA;
		const permil = isMeaningful ? Math.round((1000 * importActive_W) / apparent_VA) : 1000;
		this.extremes.put(extremeIndex.lastPowerFactor_permil, permil, stamp);
		if (isMeaningful) this.extremes.takeLeast(extremeIndex.minimumPowerFactor_permil, permil, stamp);
	}

	run(now_ms: number): void {
		this.closeDue();
		if (now_ms >= this.#nextCommit_ms) {
			this.#nextCommit_ms = now_ms + commitPeriod_ms;
			this.commit();
		}
		this.schedule();
		if (this.deadline_ms <= now_ms) this.deadline_ms = now_ms + 1;
	}

	/** To be called after the clock has been moved; a mere synchronisation leaves the running blocks alone. */
	clockChanged(_old_s: number, _new_s: number, isSetting: boolean): void {
		if (isSetting) this.localTimeChanged();
		else this.schedule();
	}

	/** To be called after time zone or daylight saving rules have changed. */
	localTimeChanged(): void {
		this.sliding.clockChanged();
		this.restartBlock();
		this.#voltageBlock.restart();
		this.#voltages.fill(0);
		this.schedule();
	}

	/** @returns false when the medium refused; the next commit tries again */
	commit(): boolean {
		try {
			this.extremes.save();
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.failedCommits++;
			return false;
		}
	}

	/** Mean of ten seconds with voltage; a pause begins it anew. */
	private takeFrequency(frequency_mHz: number, interval_ms: number): void {
		if (frequency_mHz === 0) this.#frequency_ms = this.#frequencySum = 0;
		else {
			this.#frequencySum += frequency_mHz * interval_ms;
			this.#frequency_ms += interval_ms;
		}
		if (this.#frequency_ms < frequencyPeriod_ms) return;
		const mean_mHz = Math.round(this.#frequencySum / this.#frequency_ms);
		this.#frequencySum = this.#frequency_ms = 0;
		const now_s = this.#clock.utc_s();
		const stamp = this.#stamp;
		stamp.utc_s = now_s;
		stamp.deviation_min = this.#clock.deviation_min(now_s);
		stamp.status = this.#clock.status(now_s);
		this.extremes.takeLeast(extremeIndex.minimumFrequency_mHz, mean_mHz, stamp);
		this.extremes.takeGreatest(extremeIndex.maximumFrequency_mHz, mean_mHz, stamp);
	}

	private closeDue(): void {
		const now_s = this.#clock.utc_s();
		if (this.#block.period_s !== this.sliding.period_s) {
			this.restartBlock();
			this.schedule();
		}
		if (now_s >= this.sliding.end_s) this.sliding.closeDue(now_s);
		if (now_s >= this.#block.end_s) this.closeBlock(now_s);
		if (now_s >= this.#voltageBlock.end_s) this.closeVoltageBlock(now_s);
	}

	private closeBlock(now_s: number): void {
		const block = this.#block;
		const { measured_ms } = block;
		if (measured_ms > 0) {
			const perCode_W = (this.#energies.wattSecondsPerCode * 1000) / measured_ms;
			for (let n = 0; n < this.#codes.length; n++) this.#power_W[n] = this.#codes[n]! * perCode_W;
		} else this.#power_W.fill(0);
		rootMeanSquares(this.#currents, this.#current_mA);
		if (block.isComplete) {
			block.stamp(this.#stamp);
			for (let n = 0; n < this.#phases; n++) {
				const current_mA = Math.round(this.#current_mA[n]!);
				this.extremes.takeGreatest(extremeIndex.maximumCurrent_mA + n, current_mA, this.#stamp);
			}
		}
		this.#codes.fill(0);
		this.#currents.fill(0);
		block.next(now_s);
	}

	private closeVoltageBlock(now_s: number): void {
		const block = this.#voltageBlock;
		rootMeanSquares(this.#voltages, this.#voltage_mV);
		if (block.isComplete) {
			block.stamp(this.#stamp);
			for (let n = 0; n < this.#phases; n++) {
				const voltage_mV = Math.round(this.#voltage_mV[n]!);
				this.extremes.takeLeast(extremeIndex.minimumVoltage_mV + n, voltage_mV, this.#stamp);
				this.extremes.takeGreatest(extremeIndex.maximumVoltage_mV + n, voltage_mV, this.#stamp);
			}
		}
		this.#voltages.fill(0);
		block.next(now_s);
	}

	private restartBlock(): void {
		this.#block.restart(this.sliding.period_s);
		this.#codes.fill(0);
		this.#currents.fill(0);
	}

	private schedule(): void {
		const end_s = Math.min(this.sliding.end_s, this.#block.end_s, this.#voltageBlock.end_s);
		this.deadline_ms = Math.min(this.#clock.monotonicAt_ms(end_s), this.#nextCommit_ms);
	}
}

function rootMeanSquares(sums: number[], into: number[]): void {
	const measured_ms = sums[squaresTime]!;
	for (let n = 0; n < into.length; n++) into[n] = measured_ms > 0 ? Math.sqrt(sums[n]! / measured_ms) : 0;
}

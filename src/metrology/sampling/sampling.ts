// SPDX-License-Identifier: Apache-2.0
import type { LocalClock } from "../../core/local-periods.js";
import { type Task, taskPriority } from "../../core/scheduler.js";
import type { ModelDescriptor } from "../../models/model.js";
import { type BlockListener, type HarmonicsView, harmonicsStatus } from "../harmonics-view.js";
import { BlockResult } from "./block-result.js";
import { type BlockSource, captureState } from "./block-source.js";
import { pointsPerCycle } from "./sine-table.js";
import { Spectrum } from "./spectrum.js";
import { channelsPerPhase, current, halfCyclesPerBlock, voltage, WaveformBlock } from "./waveform-block.js";

export interface SamplingOptions {
	readonly model: ModelDescriptor;
	readonly source: BlockSource;
	/**
	 * From block to block, milliseconds, at least 1000; default 3000. Three phases cost 390,000 computrons per block, spread over
	 * the whole period.
	 */
	readonly period_ms?: number;
	/** Does all the work of a block in the turn that finds it complete: for hosts to which that is nothing. */
	readonly isHasty?: boolean;
	/** Blocks then begin in step with it, a second after the turn of a minute, which the pause between two blocks covers. */
	readonly clock?: LocalClock;
}

const defaultPeriod_ms = 3000;
const leastPeriod_ms = 1000;
/** Shares of the period from half cycle to half cycle and from channel to channel; together 5 sixths of it. */
const readShare = 1 / 24;
const analysisShare = 1 / 12;
/** Blocks lost one after the other until values are no longer shown. */
const lossLimit = 3;
/** Shares of Un and of the reference current from which harmonics mean something (0.25 A of 5 A). */
const validVoltage = 0.5;
const validCurrent = 0.05;
const step = Object.freeze({ start: 0, idle: 1, capture: 2, analysis: 3 });

/**
 * Takes a block of four cycles every few seconds and computes RMS, powers, harmonics and THD from it.
 *
 * The work is cut into turns of less than 40,000 computrons: each half cycle is read in a turn of its own, then each channel
 * is transformed in one. They are spread over the time between two blocks, unless the host is in haste. What readers see
 * changes in the last of them.
 */
export class Sampling implements HarmonicsView, Task {
	readonly priority = taskPriority.metrology;
	deadline_ms = 0;
	blockSequence = 0;
	status: number = harmonicsStatus.noBlock;
	readonly highestOrder: number;
	/** Blocks that were begun and lost, for diagnosis. */
	lostBlocks = 0;

	readonly #source: BlockSource;
	readonly #phases: number;
	readonly #period_ms: number;
	readonly #clock: LocalClock | undefined;
	/** Between two turns; 0 in haste. */
	readonly #readPeriod_ms: number;
	readonly #analysisPeriod_ms: number;
	readonly #valid_mV: number;
	readonly #valid_mA: number;
	readonly #block: WaveformBlock;
	/** Spectrum of the voltage of a phase, which waits for that of the current. */
	readonly #voltage = new Spectrum();
	readonly #current = new Spectrum();
	#shown: BlockResult;
	#next: BlockResult;
	/** Bit n of phase n, from 0. */
	#validVoltages = 0;
	#validCurrents = 0;
	readonly #listeners: BlockListener[] = [];
	#step: number = step.start;
	/** To be transformed next. */
	#channel = 0;
	#losses = 0;
	/** Of the block at work, and the time of the next one. */
	#begin_ms = 0;
	#next_ms = 0;
	#assumed_mHz = 0;

	/** @throws RangeError when the period is too short */
	constructor(options: SamplingOptions) {
		const { model, source } = options;
		const phases = source.phases;
		this.#source = source;
		this.#phases = phases;
		const period_ms = options.period_ms ?? defaultPeriod_ms;
		if (!(period_ms >= leastPeriod_ms)) throw new RangeError(`period of ${period_ms} ms`);
		this.#period_ms = period_ms;
		const isHasty = options.isHasty ?? false;
		this.#clock = isHasty ? undefined : options.clock;
		this.#readPeriod_ms = isHasty ? 0 : Math.floor(period_ms * readShare);
		this.#analysisPeriod_ms = isHasty ? 0 : Math.floor(period_ms * analysisShare);
		this.#valid_mV = validVoltage * model.nominalVoltage_V * 1000;
		this.#valid_mA = validCurrent * model.referenceCurrent_mA;
		this.#block = new WaveformBlock(phases);
		this.#shown = new BlockResult(phases);
		this.#next = new BlockResult(phases);
		this.highestOrder = source.highestOrder;
	}

	addListener(listener: BlockListener): void {
		this.#listeners.push(listener);
	}

	run(now_ms: number): void {
		if (this.#step === step.start) {
			this.#step = step.idle;
			this.deadline_ms = now_ms + this.#period_ms;
		} else if (this.#step === step.idle) this.begin(now_ms);
		else {
			if (this.#step === step.capture) this.capture(now_ms);
			else this.analyse(now_ms);
			if (this.#readPeriod_ms > 0) return;
			while (this.#step === step.capture && this.deadline_ms <= now_ms + 1) this.capture(now_ms);
			while (this.#step === step.analysis) this.analyse(now_ms);
		}
	}

	// Turns

	private begin(now_ms: number): void {
		const due_ms = this.deadline_ms;
		const isLate = now_ms - due_ms >= this.#period_ms;
		if (isLate && this.#clock !== undefined) {
			this.deadline_ms = this.inStep_ms(now_ms + this.#period_ms / 2);
			return;
		}
		this.#next_ms = this.inStep_ms((isLate ? now_ms : due_ms) + this.#period_ms);
		this.#begin_ms = now_ms;
		const source = this.#source;
		const state = source.begin(now_ms);
		if (state === captureState.unchanged) {
			this.rest();
			this.tell(now_ms);
			return;
		}
		if (state !== captureState.running) {
			this.lose(state);
			return;
		}
		this.#block.begin(this.reference());
		this.#step = step.capture;
		this.deadline_ms = source.nextDeadline_ms;
	}

	/** The moment nearest to `wanted_ms` at which the clock has a block begin; that moment itself without a clock. */
	private inStep_ms(wanted_ms: number): number {
		if (this.#clock === undefined) return wanted_ms;
		const first_ms = this.#clock.monotonicAt_ms(1);
		return first_ms + Math.round((wanted_ms - first_ms) / this.#period_ms) * this.#period_ms;
	}

	/** The first phase that had a voltage in the last block. */
	private reference(): number {
		for (let phase = 0; phase < this.#phases; phase++) if ((this.#validVoltages >> phase) & 1) return phase;
		return 0;
	}

	private capture(now_ms: number): void {
		const source = this.#source;
		const before = this.#block.halfCycles;
		const state = source.advance(now_ms, this.#block);
		const hasRead = this.#block.halfCycles > before;
		if (state === captureState.running)
			this.deadline_ms = hasRead ? now_ms + this.#readPeriod_ms : source.nextDeadline_ms;
		else if (state !== captureState.finished) this.lose(state);
		else {
			this.#assumed_mHz = source.assumedFrequency_mHz;
			this.#next.takeSums(this.#block);
			this.#step = step.analysis;
			this.#channel = 0;
			this.deadline_ms = now_ms + this.#analysisPeriod_ms;
		}
	}

	private rest(): void {
		this.#step = step.idle;
		this.deadline_ms = this.#next_ms;
	}

	private lose(state: number): void {
		this.lostBlocks++;
		this.#losses++;
		if (state === captureState.frequency) this.silence(harmonicsStatus.frequency);
		else if (this.#losses >= lossLimit) this.silence(harmonicsStatus.noBlock);
		this.rest();
	}

	private silence(status: number): void {
		this.status = status;
		this.#validVoltages = 0;
		this.#validCurrents = 0;
	}

	private analyse(now_ms: number): void {
		const source = this.#source;
		const channel = this.#channel;
		const isCurrent = channel % channelsPerPhase === current;
		const spectrum = isCurrent ? this.#current : this.#voltage;
		const last = source.highestOrder;
		spectrum.transform(this.#block.sums, channel * pointsPerCycle);
		this.#next.takeSpectrum(channel, spectrum, last, source.droop);
		if (isCurrent) this.#next.takeReactive(channel >> 1, this.#voltage, spectrum, last);
		this.#channel++;
		if (this.#channel < channelsPerPhase * this.#phases) {
			this.deadline_ms = now_ms + this.#analysisPeriod_ms;
			return;
		}
		this.publish(now_ms);
		this.rest();
	}

	private publish(now_ms: number): void {
		const source = this.#source;
		const shown = this.#next;
		this.#next = this.#shown;
		this.#shown = shown;
		let voltages = 0;
		let currents = 0;
		for (let phase = 0; phase < this.#phases; phase++) {
			if (shown.rms(phase, voltage) * source.voltagePerCode_mV >= this.#valid_mV) voltages |= 1 << phase;
			if (shown.rms(phase, current) * source.currentPerCode_mA >= this.#valid_mA) currents |= 1 << phase;
		}
		this.#validVoltages = voltages;
		this.#validCurrents = voltages === 0 ? 0 : currents;
		this.#losses = 0;
		this.status = harmonicsStatus.measured;
		this.tell(now_ms);
	}

	/** A block is finished, or the last one stands for another period. */
	private tell(now_ms: number): void {
		this.blockSequence++;
		const listeners = this.#listeners;
		for (let n = 0; n < listeners.length; n++) listeners[n]!.blockFinished(this, this.#begin_ms, now_ms);
	}

	// Values

	isVoltageValid(phase: number): boolean {
		return phase >= 1 && ((this.#validVoltages >> (phase - 1)) & 1) === 1;
	}

	isCurrentValid(phase: number): boolean {
		return phase >= 1 && ((this.#validCurrents >> (phase - 1)) & 1) === 1;
	}

	voltageThd_permyriad(phase: number): number {
		return this.isVoltageValid(phase) ? this.#shown.share(phase - 1, voltage, 0) : 0;
	}

	currentThd_permyriad(phase: number): number {
		return this.isCurrentValid(phase) ? this.#shown.share(phase - 1, current, 0) : 0;
	}

	voltageHarmonic_permyriad(phase: number, order: number): number {
		if (!this.isVoltageValid(phase) || !this.isMeasured(order)) return 0;
		return this.#shown.share(phase - 1, voltage, order);
	}

	currentHarmonic_permyriad(phase: number, order: number): number {
		if (!this.isCurrentValid(phase) || !this.isMeasured(order)) return 0;
		return this.#shown.share(phase - 1, current, order);
	}

	private isMeasured(order: number): boolean {
		return order >= 1 && order <= this.highestOrder && Number.isInteger(order);
	}

	private has(phase: number): boolean {
		return this.status === harmonicsStatus.measured && phase >= 1 && phase <= this.#phases;
	}

	blockVoltage_mV(phase: number): number {
		if (!this.has(phase)) return 0;
		return Math.round(this.#shown.rms(phase - 1, voltage) * this.#source.voltagePerCode_mV);
	}

	blockCurrent_mA(phase: number): number {
		if (!this.has(phase)) return 0;
		return Math.round(this.#shown.rms(phase - 1, current) * this.#source.currentPerCode_mA);
	}

	cycleVoltage_mV(phase: number, half: number): number {
		if (!this.has(phase) || !(half >= 0 && half < halfCyclesPerBlock - 1)) return 0;
		return Math.round(this.#shown.cycleRms(phase - 1, voltage, half) * this.#source.voltagePerCode_mV);
	}

	blockActivePower_mW(phase: number): number {
		return this.power(phase, 0);
	}

	blockReactivePower_mvar(phase: number): number {
		return this.power(phase, 1);
	}

	blockFundamentalReactivePower_mvar(phase: number): number {
		return this.power(phase, 2);
	}

	private power(phase: number, index: number): number {
		if (!this.has(phase)) return 0;
		const { voltagePerCode_mV, currentPerCode_mA } = this.#source;
		const perCode_mW = (voltagePerCode_mV * currentPerCode_mA) / 1000;
		const codes = this.#shown.powers[3 * (phase - 1) + index]!;
		return Math.round(codes * perCode_mW * this.#source.powerFactor(phase - 1));
	}

	blockFrequency_mHz(): number {
		const period = this.#shown.period_points;
		if (this.status !== harmonicsStatus.measured || period === 0) return 0;
		return Math.round((this.#assumed_mHz * pointsPerCycle) / period);
	}
}

// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { type FrontEndReading, neutralIndex } from "../metrology/front-end.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Stillness } from "../ports/bus.js";
import type { Ade9000Bus } from "./ade9000-bus.js";
import { rmsFullScale, sampleRate_Hz } from "./ade9000-configuration.js";
import { register } from "./ade9000-registers.js";

/** Phases 1..3 of U and I, then neutral. */
const voltageIndex = 0;
const currentIndex = 3;
const rmsChannels = 7;

const missingShare = 0.05;
/** A voltage with a smaller fundamental than this share of its RMS is not followed by the chip. */
const followedShare = 0.7;
/** Period registers count 1/(8000 · 65536) s, less 1. */
const periodScale = 65_536;
/** A window of which the period register counts 1. */
const tenCycles_ms = (10 * 1000) / (sampleRate_Hz * periodScale);
const twelveCycles_ms = 1.2 * tenCycles_ms;
/** Windows of a still chip are read at least so often: what moves is seen by the first that comes after it. */
const longestRepeat_ms = 250;
/** For so long a period says how long cycles have been, when the one before it was read earlier. */
const halfCycle_ms = 10;

/**
 * Voltages, currents and frequency of one interval of an ADE9000: mean squares of all 10/12-cycle values, which leave no
 * cycle out, each by the length of its window.
 *
 * A window is as long as the cycles of VA + VB - VC in it. While nothing happens the period read with a window tells; in a dip
 * or after one, phases jump and single cycles are some percent shorter or longer, so every half cycle is to be followed.
 */
export class Ade9000Means {
	/** Codes of the last values read. */
	readonly rms = zeros(rmsChannels);
	readonly voltagePerCode_mV: number;
	/** +1 with each value of which any code, or the period, is another than before. */
	movements = 0;

	/**
	 * The chip has stood still in every window since the last interval, and in the one before it: neither the codes of windows nor
	 * those of angles have changed.
	 */
	hasStood = false;

	readonly #bus: Ade9000Bus;
	readonly #model: ModelDescriptor;
	readonly #stillness: Stillness | undefined;
	/** The last window was read from a still chip, and of a phase that has voltage. */
	#isKnown = false;
	/** Sums of squares, each by the length of its window, and the sum of the lengths: tenths of a window in units of the period. */
	readonly #squares = zeros(rmsChannels);
	#weight = 0;
	#lastWeight = 0;
	#periodSum = 0;
	#periodCount = 0;
	/** Windows in which there was a voltage, but none of a frequency that the chip measures. */
	#unfollowed = 0;
	/** Cycles of the running window so far: period by time, and the time. */
	#cycleSum = 0;
	#cycle_ms = 0;
	#followed_ms = 0;
	#period: number;
	/** Mean period of a window that has ended but not been read yet; 0: none. */
	#ended = 0;

	constructor(bus: Ade9000Bus, model: ModelDescriptor, stillness?: Stillness) {
		this.#bus = bus;
		this.#stillness = stillness;
		this.#model = model;
		this.voltagePerCode_mV = model.board.voltageFullScale_mV / rmsFullScale;
		this.#period = this.nominalPeriod;
	}

	private get nominalPeriod(): number {
		return (sampleRate_Hz * periodScale) / this.#model.nominalFrequency_Hz;
	}

	/** Time of the windows summed up; 0 when there was none. */
	get rms_ms(): number {
		return this.#weight * this.scale_ms;
	}

	/** Length of the window read last. */
	get window_ms(): number {
		return this.#lastWeight * this.scale_ms;
	}

	/** Of a window of which the period register counts 1. */
	private get scale_ms(): number {
		return this.#model.nominalFrequency_Hz === 60 ? twelveCycles_ms : tenCycles_ms;
	}

	clear(): void {
		this.#squares.fill(0);
		this.#weight = 0;
		this.#periodSum = 0;
		this.#periodCount = 0;
		this.#unfollowed = 0;
	}

	/** Forgets the running window. */
	restart(now_ms: number): void {
		this.clear();
		this.#cycleSum = 0;
		this.#cycle_ms = 0;
		this.#ended = 0;
		this.#followed_ms = now_ms;
		this.#isKnown = false;
		this.hasStood = false;
	}

	/**
	 * To be called every half cycle while periods may jump.
	 * @param hasEnded a 10/12-cycle window has ended, its values are still to be read
	 */
	follow(now_ms: number, hasEnded: boolean): void {
		const period = this.#bus.read32(register.comPeriod) + 1;
		if (this.#bus.hasFailed) return;
		this.takePeriod(period, now_ms, halfCycle_ms);
		if (hasEnded && this.#ended === 0) this.#ended = this.endWindow();
	}

	/** Reads the values of a window that has ended. @returns false when the chip did not answer */
	readWindow(now_ms: number): boolean {
		if (this.#stillness !== undefined && this.repeat(this.#stillness, now_ms)) return true;
		return this.read(register.vRms1012A, register.iRms1012A, register.niRms1012, now_ms);
	}

	/** What a still chip showed in its last window may stand for the next ones. */
	get mayRepeat(): boolean {
		return this.#isKnown && this.#ended === 0;
	}

	/** Takes the values of the last window once more. */
	repeatWindow(now_ms: number): void {
		this.addWindow(this.#period - 1, true, now_ms);
	}

	/** Takes the values of a still chip once more. @returns false when they are to be read */
	private repeat({ isStill }: Stillness, now_ms: number): boolean {
		if (isStill && this.mayRepeat && now_ms - this.#followed_ms <= longestRepeat_ms) {
			this.repeatWindow(now_ms);
			return true;
		}
		this.hasStood = false;
		this.#isKnown = isStill;
		return false;
	}

	/** Reads the values that are refreshed with every sample, for want of windows: the chip has no cycles to count. */
	readNow(now_ms: number): boolean {
		return this.read(register.vRmsA, register.iRmsA, register.niRms, now_ms);
	}

	private read(voltageAddress: number, currentAddress: number, neutralAddress: number, now_ms: number): boolean {
		const bus = this.#bus;
		const { board, nominalVoltage_V } = this.#model;
		// Voltage code from which a phase can be the reference of the frequency.
		const usable = (missingShare * nominalVoltage_V * 1000) / this.voltagePerCode_mV;
		let reference = -1;
		let hasMoved = false;
		const values = this.rms;
		for (let phase = 0; phase < 3; phase++) {
			const voltage = bus.read32(voltageAddress + phase * register.phaseStep);
			const current = bus.read32(currentAddress + phase * register.phaseStep);
			if (values[voltageIndex + phase] !== voltage || values[currentIndex + phase] !== current) hasMoved = true;
			values[voltageIndex + phase] = voltage;
			values[currentIndex + phase] = current;
			if (reference < 0 && voltage >= usable) reference = phase;
		}
		const hasNeutral = board.neutralFullScale_mA > 0;
		values[rmsChannels - 1] = hasNeutral ? bus.read32(neutralAddress) : 0;
		const period = reference >= 0 ? bus.read32(register.periodA + reference) : 0;
		if (bus.hasFailed) this.#isKnown = false;
		if (bus.hasFailed) return false;
		if (hasMoved || period + 1 !== this.#period) this.movements++;
		const isFollowed = reference >= 0 && this.isFollowed(reference, period);
		if (bus.hasFailed) return false;
		if (!isFollowed) this.#isKnown = false;
		this.addWindow(reference >= 0 ? period : -1, isFollowed, now_ms);
		return true;
	}

	/** The values go into the means. @param period of the reference; negative without one @param isFollowed that of the mains */
	private addWindow(period: number, isFollowed: boolean, now_ms: number): void {
		const values = this.rms;
		const weight = this.takeWindow(period >= 0 ? period + 1 : this.nominalPeriod, now_ms);
		for (let channel = 0; channel < rmsChannels; channel++) {
			this.#squares[channel]! += values[channel]! * values[channel]! * weight;
		}
		this.#weight += weight;
		this.#lastWeight = weight;
		if (isFollowed) {
			this.#periodSum += period;
			this.#periodCount++;
		} else if (period >= 0) this.#unfollowed++;
	}

	/**
	 * Whether the mains have the frequency that the period register tells. Outside 40 to 70 Hz the chip puts the nominal period
	 * there; the fundamental, which it looks for at that frequency, is then not in the voltage.
	 */
	private isFollowed(reference: number, period: number): boolean {
		if (Math.abs(period + 1 - this.nominalPeriod) > 1) return true;
		const fundamental = this.#bus.read32(register.vFRmsA + reference * register.phaseStep);
		return fundamental >= followedShare * this.rms[voltageIndex + reference]!;
	}

	/** @returns mean period of the window that is being read */
	private takeWindow(period: number, now_ms: number): number {
		const ended = this.#ended;
		this.#ended = 0;
		if (ended !== 0) return ended;
		this.takePeriod(period, now_ms, now_ms - this.#followed_ms);
		return this.endWindow();
	}

	/** @param recent_ms how much of the time since the last period this one stands for */
	private takePeriod(period: number, now_ms: number, recent_ms: number): void {
		const passed_ms = now_ms - this.#followed_ms;
		const new_ms = Math.min(passed_ms, recent_ms);
		this.#cycleSum += this.#period * (passed_ms - new_ms) + period * new_ms;
		this.#cycle_ms += passed_ms;
		this.#followed_ms = now_ms;
		this.#period = period;
	}

	private endWindow(): number {
		const mean = this.#cycle_ms > 0 ? this.#cycleSum / this.#cycle_ms : this.#period;
		this.#cycleSum = 0;
		this.#cycle_ms = 0;
		return mean;
	}

	/** Mean of the interval, 0 if the chip cannot measure it; the value before stays while no phase has voltage. */
	publishFrequency(reading: FrontEndReading): void {
		if (this.#unfollowed > this.#periodCount) reading.frequency_mHz = 0;
		if (this.#unfollowed > this.#periodCount || this.#periodCount === 0) return;
		const period = this.#periodSum / this.#periodCount;
		reading.frequency_mHz = Math.round((sampleRate_Hz * periodScale * 1000) / (period + 1));
	}

	/** Voltages and currents of the interval; the next one begins. */
	publish(reading: FrontEndReading): void {
		const { voltage_mV, current_mA } = reading;
		const { currentFullScale_mA, neutralFullScale_mA } = this.#model.board;
		for (let phase = 0; phase < 3; phase++) {
			voltage_mV[phase] = Math.round(this.mean(voltageIndex + phase) * this.voltagePerCode_mV);
			current_mA[phase] = Math.round(this.mean(currentIndex + phase) * (currentFullScale_mA / rmsFullScale));
		}
		current_mA[neutralIndex] = Math.round(this.mean(rmsChannels - 1) * (neutralFullScale_mA / rmsFullScale));
		this.clear();
	}

	private mean(channel: number): number {
		return Math.sqrt(this.#squares[channel]! / this.#weight);
	}
}

// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { angleIndex, energyIndex, type FrontEnd, neutralIndex, noFault } from "../metrology/front-end.js";
import { factoryLedConstants } from "../metrology/led-constant.js";
import { outputsAgainst, quantityOfSource, undirectedLedSources } from "../metrology/led-source.js";
import type { BlockSource } from "../metrology/sampling/block-source.js";
import type { VoltageListener, VoltageWatch } from "../metrology/voltage-watch.js";
import type { ModelDescriptor } from "../models/model.js";
import type { SpiDevice, Stillness } from "../ports/bus.js";
import type { WaveformSource } from "../ports/waveform-source.js";
import { Ade7953Bus, foldCount, isCountAtRail } from "./ade7953-bus.js";
import {
	type Ade7953Calibration,
	ade7953Uncalibrated,
	cfModeOf,
	configuration,
	countsPerSecond,
	designNumerator,
	pulseDenominator,
	rmsFullScale,
	unitDenominator,
	writeProtectValue,
} from "./ade7953-configuration.js";
import { register, resetFlag } from "./ade7953-registers.js";
import { Ade7953Start } from "./ade7953-start.js";
import { Ade7953VoltageWatch } from "./ade7953-voltage-watch.js";
import { Ade7953Waveform } from "./ade7953-waveform.js";
import { ChipFrontEnd } from "./chip-front-end.js";

export interface Ade7953Options {
	/** Mode 0 or 3, 2 MHz; chip select toggles with every frame. */
	readonly spi: SpiDevice;
	/** What the host knows of the chip, if anything. */
	readonly stillness?: Stillness | undefined;
	readonly model: ModelDescriptor;
	/** Default: neutral. */
	readonly calibration?: Ade7953Calibration;
	/** In the order of `ledQuantity`; default: those of the factory. */
	readonly ledConstants?: readonly number[];
	/** `ledSource` of each output; default: whatever the direction. */
	readonly ledSources?: readonly number[];
	/** Counts · 2^20 per 0.1 Wh; default: from the ratings of the board. Sealed, comes with the calibration. */
	readonly unitNumerator?: number;
}

/** Active, reactive and apparent energy. */
const counters = 3;
const poll_ms = 100;
const interval_ms = 1000;
/** Polls in a row that found the chip still, until some are put off: what was latched before is read with the second. */
const stillPolls = 2;
/** At full scale the 24 bit counters turn over in 40 s: an older reading says nothing. */
const foldLimit_ms = 35_000;
const missingShare = 0.05;
/** RMS codes; 16 mA, 40 mV. */
const steadyNoise = 1000;
const channels = 3;
const voltage = 0;
const current = 1;
const neutral = 2;
/** Clock of the period and angle counters, 3.58 MHz / 16. */
const counterRate_Hz = 223_750;

/**
 * ADE7953 of a single-phase meter: start, configuration, supervision, and the readings of one second.
 *
 * Energies are differences of the free-running 24 bit registers of channel A; voltage and currents are mean squares of
 * polls every 100 ms, which leave no gap behind the 200 ms filter of the chip. There is no checksum on this bus: energies
 * and status are confirmed by the chip's record of its last transfer, other values by a second look when they jump.
 */
export class Ade7953 extends ChipFrontEnd<Ade7953Bus, Ade7953Start> implements FrontEnd {
	override readonly phases = 1;
	readonly unitNumerator: number;
	readonly unitDenominator = unitDenominator;
	override readonly fullScaleRate = countsPerSecond;
	readonly ledConstants: number[];

	readonly #options: Ade7953Options;
	readonly #perCode = zeros(channels);
	/** Voltage code from which the period means something. */
	readonly #usableVoltage: number;

	/** Next register to be compared with the table. */
	#watched = 0;

	#voltageWatch: Ade7953VoltageWatch | undefined;
	readonly #rms = new Int32Array(channels);
	readonly #squares = zeros(channels);
	#squareCount = 0;
	/** Last PERIOD. */
	#period = 0;
	#periodSum = 0;
	#periodCount = 0;
	/** Polls that found the chip still. */
	#still = 0;

	constructor(options: Ade7953Options) {
		const { model, calibration = ade7953Uncalibrated, ledConstants = factoryLedConstants(model) } = options;
		const unitNumerator = options.unitNumerator ?? designNumerator(model);
		const bus = new Ade7953Bus(options.spi);
		const { ledSources = undirectedLedSources } = options;
		const table = configuration(model, calibration, ledConstants, unitNumerator, ledSources);
		super(bus, table, new Ade7953Start(bus, table), counters, ledSources);
		this.#options = options;
		this.unitNumerator = unitNumerator;
		this.ledConstants = [...ledConstants];
		this.#perCode[voltage] = model.board.voltageFullScale_mV / rmsFullScale;
		this.#perCode[current] = model.board.currentFullScale_mA / rmsFullScale;
		this.#perCode[neutral] = model.board.neutralFullScale_mA / rmsFullScale;
		this.#usableVoltage = (missingShare * model.nominalVoltage_V * 1000) / this.#perCode[voltage]!;
	}

	/** Reads which the chip did not confirm, for diagnosis. */
	get mismatches(): number {
		return this.bus.mismatches;
	}

	setLedConstant(constant: number, quantity: number): boolean {
		try {
			pulseDenominator(this.#options.model, constant, this.unitNumerator);
		} catch {
			return false;
		}
		this.ledConstants[quantity] = constant;
		this.changeOutputs();
		return true;
	}

	selectLeds(sources: readonly number[]): void {
		this.sources = sources;
		this.outputsOff = outputsAgainst(sources, this.reading.energy_codes, 0);
		this.changeOutputs();
	}

	protected override outputsChanged(): void {
		this.changeOutputs();
	}

	/** Constants, sources or directions have changed. What does not arrive is found by the watch over the table. */
	private changeOutputs(): void {
		const { model } = this.#options;
		const denominator = (n: number) =>
			pulseDenominator(model, this.ledConstants[quantityOfSource(this.sources[n]!)]!, this.unitNumerator);
		this.replaceRegister(register.cf1Den, denominator(0));
		this.replaceRegister(register.cf2Den, denominator(1));
		this.replaceRegister(register.cfMode, cfModeOf(this.sources, this.outputsOff));
		if (!this.start.isReady) this.start.begin(this.nextDeadline_ms); // it may have written the old ones already
	}

	private replaceRegister(address: number, value: number): void {
		const { bus, table } = this;
		if (table.valueOf(address) === value) return;
		table.replace(address, value);
		if (!this.start.isReady) return;
		bus.write(register.writeProtect, 0);
		bus.writeChecked(address, value);
		bus.writeChecked(register.writeProtect, writeProtectValue);
	}

	/** Blocks out of the sample stream; none without it. */
	createBlockSource(samples: WaveformSource | undefined): BlockSource | undefined {
		if (samples === undefined) return undefined;
		const { model, calibration = ade7953Uncalibrated } = this.#options;
		return new Ade7953Waveform({ frontEnd: this, samples, model, calibration });
	}

	/** Estimates of one-cycle voltages and means of 200 ms, for power quality. */
	createVoltageWatch(listener: VoltageListener): VoltageWatch {
		const watch = new Ade7953VoltageWatch({
			bus: this.bus,
			nominalVoltage_mV: this.#options.model.nominalVoltage_V * 1000,
			voltagePerCode_mV: this.#perCode[voltage]!,
			listener,
		});
		this.#voltageWatch = watch;
		return watch;
	}

	protected override beginMetering(now_ms: number): void {
		this.clearMeans();
		this.lastInterval_ms = now_ms - interval_ms;
		this.nextDeadline_ms = now_ms;
		this.#still = 0;
		this.putOff_ms = Infinity;
	}

	protected override meter(now_ms: number): boolean {
		this.catchUp(now_ms);
		const isFinished = this.poll(now_ms);
		const { stillness } = this.#options;
		if (stillness !== undefined) this.rest(stillness);
		return isFinished;
	}

	/** Puts off all polls up to that which finishes the interval, when they would read what the last one did. */
	private rest({ isStill }: Stillness): void {
		this.putOff_ms = Infinity;
		this.#still = isStill && this.start.isReady && !this.bus.hasFailed ? this.#still + 1 : 0;
		if (this.#still < stillPolls || this.fault !== noFault || this.#voltageWatch?.mayRest === false) return;
		this.putOff_ms = this.nextDeadline_ms;
		while (this.isWithinInterval(this.nextDeadline_ms)) this.nextDeadline_ms += poll_ms;
	}

	putOffFrom_ms(at_ms: number): number {
		const first_ms = this.putOff_ms;
		return at_ms > first_ms ? first_ms + Math.ceil((at_ms - first_ms) / poll_ms) * poll_ms : first_ms;
	}

	override wake(before_ms: number): void {
		this.#still = 0;
		const first_ms = this.putOff_ms;
		super.wake(before_ms);
		// A poll of this very instant has seen the past; what comes has a peak of its own.
		const last_ms = this.nextDeadline_ms - poll_ms;
		if (first_ms <= last_ms && last_ms >= before_ms - 1) this.#voltageWatch?.forgetPeak();
	}

	protected override passPoll(at_ms: number): number {
		this.addPoll();
		this.#voltageWatch?.repeat(at_ms);
		return at_ms + poll_ms;
	}

	/** Half a poll of tolerance, so that a poll a little early does not make the interval longer. */
	private isWithinInterval(at_ms: number): boolean {
		return at_ms - this.lastInterval_ms < interval_ms - poll_ms / 2;
	}

	private poll(now_ms: number): boolean {
		this.nextDeadline_ms += poll_ms;
		if (this.nextDeadline_ms <= now_ms) this.nextDeadline_ms = now_ms + poll_ms;
		if (this.readRms()) this.#voltageWatch?.poll(this.#rms[voltage]!, now_ms);
		if (this.isWithinInterval(now_ms)) return false;
		const isFinished = this.readInterval(now_ms);
		if (!this.start.isReady) return false;
		this.judgeAnswer(now_ms);
		return isFinished;
	}

	private readRms(): boolean {
		const areSound =
			this.readSteady(voltage, register.vRms) &&
			this.readSteady(current, register.iRmsA) &&
			this.readSteady(neutral, register.iRmsB);
		if (!areSound) return false;
		if (this.#rms[voltage]! >= this.#usableVoltage) {
			let period = this.bus.read16(register.period);
			if (Math.abs(period - this.#period) > this.#period / 64) period = this.bus.read16(register.period);
			this.#period = period;
		}
		this.addPoll();
		return true;
	}

	/** The values of a poll go into the means. */
	private addPoll(): void {
		const rms = this.#rms;
		for (let channel = 0; channel < channels; channel++) this.#squares[channel]! += rms[channel]! * rms[channel]!;
		this.#squareCount++;
		if (rms[voltage]! < this.#usableVoltage) return;
		this.#periodSum += this.#period;
		this.#periodCount++;
	}

	/** A jump of more than an eighth must be confirmed: a flipped bit or a dead line is none, a step of the load is one. */
	private readSteady(channel: number, address: number): boolean {
		const before = this.#rms[channel]!;
		let value = this.bus.read32(address);
		if (Math.abs(value - before) > before / 8 + steadyNoise) {
			value = this.bus.readChecked(address);
			if (this.bus.hasFailed) return false;
		}
		this.#rms[channel] = value;
		return true;
	}

	private clearMeans(): void {
		this.#squares.fill(0);
		this.#squareCount = 0;
		this.#periodSum = 0;
		this.#periodCount = 0;
	}

	/** Energies first, then the proof that they came from a chip which had been running and still is. */
	private readInterval(now_ms: number): boolean {
		const bus = this.bus;
		const energies = this.energies;
		energies[0] = bus.readChecked(register.aEnergyA);
		energies[1] = bus.readChecked(register.rEnergyA);
		energies[2] = bus.readChecked(register.apEnergyA);
		if (!this.supervise(now_ms)) return false;
		const duration_ms = now_ms - this.lastInterval_ms;
		if (!this.hasPrevious || duration_ms > foldLimit_ms) {
			// What flowed before is unknown and is not invented.
			this.keepEnergies();
			this.hasPrevious = true;
			this.lastInterval_ms = now_ms;
			this.clearMeans();
			return false;
		}
		const reading = this.reading;
		reading.duration_ms = duration_ms;
		reading.rms_ms = duration_ms;
		let isStuck = false;
		for (let n = 0; n < energies.length; n++) {
			const difference = foldCount(energies[n]!, this.previous[n]!);
			reading.energy_codes[n * (energyIndex.reactive - energyIndex.active)] = difference;
			if (difference === 0 && isCountAtRail(energies[n]!)) isStuck = true;
		}
		if (!this.isCredible(isStuck, now_ms)) return false;
		if (this.#squareCount === 0) this.readRms();
		if (this.#squareCount === 0) return false;
		this.publishMeans();
		this.accept();
		this.lastInterval_ms = now_ms;
		this.fault = noFault;
		return true;
	}

	/** @returns false when the readings cannot be used: no answer, or the chip has to be started again */
	private supervise(now_ms: number): boolean {
		const bus = this.bus;
		const status = bus.readChecked(register.irqStatA);
		if (bus.hasFailed) return false;
		if ((status & resetFlag) !== 0) {
			this.restart("reset", now_ms);
			return false;
		}
		// One register per second: what a disturbance changed is found within the length of the table.
		const watched = this.#watched;
		this.#watched = (watched + 1) % this.table.length;
		if (bus.holds(this.table.address(watched), this.table.value(watched))) return true;
		this.restart("configuration", now_ms);
		return false;
	}

	private publishMeans(): void {
		const { voltage_mV, current_mA } = this.reading;
		voltage_mV[0] = this.rootMeanSquare(voltage);
		current_mA[0] = this.rootMeanSquare(current);
		current_mA[neutralIndex] = this.rootMeanSquare(neutral);
		if (this.#periodCount > 0) {
			const period = this.#periodSum / this.#periodCount;
			this.reading.frequency_mHz = Math.round((counterRate_Hz * 1000) / (period + 1));
		}
		// Time from a crossing of the voltage to one of the current, signed; positive is a current behind.
		const counts = (this.bus.read16(register.angleA) << 16) >> 16;
		const angle = Math.round((counts * 360 * this.reading.frequency_mHz) / counterRate_Hz);
		this.reading.angle_mdeg[angleIndex.i1u1] = ((angle % 360_000) + 360_000) % 360_000;
		this.clearMeans();
	}

	private rootMeanSquare(channel: number): number {
		return Math.round(Math.sqrt(this.#squares[channel]! / this.#squareCount) * this.#perCode[channel]!);
	}
}

// SPDX-License-Identifier: Apache-2.0
import { channelCount } from "../../grid/terminals.js";
import { DelayLine } from "../dsp/hilbert.js";
import { OnePole } from "../dsp/one-pole.js";
import { RunningMean } from "../dsp/running-mean.js";
import { createHilbert, noLoadWindow, powerPole } from "./band.js";
import { active, apparent, PowerCodes, reactive } from "./energy-stage.js";
import type { Gear, GearContext } from "./gear.js";
import { blockLength, InputChain } from "./input-chain.js";
import { quantities } from "./no-load.js";
import { irq } from "./registers.js";
import {
	counterRate_Hz,
	type Input,
	inputA,
	inputB,
	inputV,
	nominalRate_Hz,
	powerPerProduct,
	type Settings,
} from "./settings.js";
import { apparentCode, rmsCode } from "./steady-state.js";

/** Clock periods of PERIOD and ANGLE_x per sample: exactly 32. */
const countsPerSample = counterRate_Hz / nominalRate_Hz;
/** Length of the first sag windows, before a period is known. */
const initialHalfCycle = Math.round(nominalRate_Hz / 100);

/** One current channel behind the waveforms. */
class PowerChain {
	readonly watt = new Float64Array(blockLength);
	readonly var = new Float64Array(blockLength);
	readonly codes = new PowerCodes();
	readonly #late = new Float64Array(blockLength);
	readonly #delay: DelayLine;
	readonly #wattPole = new OnePole(powerPole);
	readonly #varPole = new OnePole(powerPole);
	readonly means = [new RunningMean(noLoadWindow), new RunningMean(noLoadWindow), new RunningMean(noLoadWindow)];
	/** Means of the last second, by quantity. */
	readonly secondMean = new Float64Array(3);
	angle = 0;

	/** @param delay samples that the turned voltage is late */
	constructor(delay: number) {
		this.#delay = new DelayLine(delay);
	}

	reset(): void {
		this.#delay.reset();
		this.#wattPole.reset();
		this.#varPole.reset();
		for (const mean of this.means) mean.reset();
		this.secondMean.fill(0);
		this.watt.fill(0);
		this.var.fill(0);
		this.angle = 0;
	}

	/** Fills `watt` and `var` from the current, the voltage, and the voltage a quarter period late. */
	process(
		current: Float64Array,
		voltage: Float64Array,
		turned: Float64Array,
		settings: Settings,
		n: 0 | 1,
		count: number,
	) {
		const path = settings.powers[n];
		const scale = powerPerProduct * path.voltageGainRatio;
		const wattScale = scale * path.wattGain;
		const varScale = scale * path.varGain;
		const late = this.#late;
		this.#delay.process(current, late, count);
		for (let k = 0; k < count; k++) {
			this.watt[k] = voltage[k]! * current[k]! * wattScale + path.wattOffset;
			this.var[k] = turned[k]! * late[k]! * varScale + path.varOffset;
		}
		this.#wattPole.process(this.watt, this.watt, count);
		this.#varPole.process(this.var, this.var, count);
	}
}

/** Waveform gear: every sample goes through the filters, multipliers and accumulators of the chip. */
export class WaveformGear implements Gear {
	readonly #context: GearContext;
	readonly #raw: Float64Array[] = [];
	readonly #inputs: readonly [InputChain, InputChain, InputChain];
	readonly #powers: readonly [PowerChain, PowerChain];
	readonly #hilbert = createHilbert();
	readonly #turned = new Float64Array(blockLength);
	readonly #straight = new Float64Array(blockLength);
	#settings: Settings | undefined;
	#nextSettings: Settings | undefined;
	/** Sample n is taken at `#base_s + n / rate`; `#index` is the next one. */
	#base_s = 0;
	#index = 0;
	/** Sample of the last block that registers show. */
	#cursor = 0;
	/** Samples since reset, for instants of zero crossings. */
	#total = 0;
	#period = 0;
	#sagPeak = 0;
	#sagSamples = 0;
	#halfCycle = initialHalfCycle;

	constructor(context: GearContext) {
		this.#context = context;
		for (let c = 0; c < channelCount; c++) this.#raw.push(new Float64Array(blockLength));
		const chain = () => new InputChain(context.random);
		this.#inputs = [chain(), chain(), chain()];
		this.#powers = [new PowerChain(this.#hilbert.delay), new PowerChain(this.#hilbert.delay)];
	}

	reset(now_s: number, settings: Settings): void {
		this.#base_s = now_s;
		this.#index = 1;
		this.#total = 0;
		this.#cursor = 0;
		this.#period = 0;
		this.#sagPeak = 0;
		this.#sagSamples = 0;
		this.#halfCycle = initialHalfCycle;
		for (const input of this.#inputs) input.reset();
		for (const power of this.#powers) power.reset();
		this.#hilbert.reset();
		this.#settings = undefined;
		this.configure(settings);
	}

	configure(settings: Settings): void {
		this.#nextSettings = settings;
	}

	get period(): number {
		return this.#period;
	}

	angle(channel: 0 | 1): number {
		return this.#powers[channel].angle;
	}

	meanSquare(input: Input): number {
		return this.#inputs[input].meanSquare[this.#cursor]!;
	}

	watt(channel: 0 | 1): number {
		return this.#powers[channel].watt[this.#cursor]!;
	}

	var(channel: 0 | 1): number {
		return this.#powers[channel].var[this.#cursor]!;
	}

	steadyWatt(channel: 0 | 1): number {
		return this.#powers[channel].secondMean[active]!;
	}

	steadyVar(channel: 0 | 1): number {
		return this.#powers[channel].secondMean[reactive]!;
	}

	sample(input: Input): number {
		return this.#inputs[input].wave[this.#cursor]!;
	}

	crossingLevel(input: Input): 0 | 1 {
		return this.#inputs[input].crossingLevel(this.#total);
	}

	/** Nothing is put off. */
	settle(): void {}

	written(): void {}

	get isStill(): boolean {
		return false;
	}

	run(to_s: number): void {
		this.#takeSettings();
		for (;;) {
			const { rate_Hz } = this.#settings!;
			const due = Math.floor((to_s - this.#base_s) * rate_Hz + 1e-6) + 1 - this.#index;
			if (due <= 0) return;
			this.#block(Math.min(due, blockLength));
			this.#takeSettings();
		}
	}

	/** New settings hold from a block's beginning; another crystal begins a new count of samples. */
	#takeSettings(): void {
		const settings = this.#nextSettings;
		if (settings === undefined) return;
		this.#nextSettings = undefined;
		if (this.#settings !== undefined && this.#settings.rate_Hz !== settings.rate_Hz) {
			this.#base_s += (this.#index - 1) / this.#settings.rate_Hz;
			this.#index = 1;
		}
		this.#settings = settings;
		for (let n = inputV; n <= inputB; n++) this.#inputs[n]!.configure(settings.inputs[n]!, settings);
	}

	#block(count: number): void {
		const settings = this.#settings!;
		const period_s = 1 / settings.rate_Hz;
		const start_s = this.#base_s + this.#index * period_s;
		this.#context.terminals.sample(start_s, settings.rate_Hz, count, this.#raw);
		this.#index += count;
		for (let n = inputV; n <= inputB; n++) {
			this.#inputs[n]!.process(this.#raw[settings.inputs[n]!.terminal]!, count);
		}
		const voltage = this.#inputs[inputV].wave;
		this.#hilbert.process(voltage, this.#turned, this.#straight, count);
		this.#powers[0].process(this.#inputs[inputA].wave, voltage, this.#turned, settings, 0, count);
		this.#powers[1].process(this.#inputs[inputB].wave, voltage, this.#turned, settings, 1, count);
		for (let k = 0; k < count; k++) this.#step(k, start_s + k * period_s, period_s, settings);
	}

	/** Everything that happens sample by sample behind the filters. */
	#step(k: number, time_s: number, period_s: number, settings: Settings): void {
		const { energy, supervision } = this.#context;
		this.#cursor = k;
		this.#total++;
		const vRms = rmsCode(this.#inputs[inputV].meanSquare[k]!, settings.rmsOffset[inputV]);
		this.#codes(0, vRms, k, settings);
		this.#codes(1, vRms, k, settings);
		energy.add(this.#powers[0].codes, this.#powers[1].codes, 1, time_s - period_s, time_s);
		for (let n = inputV; n <= inputB; n++) {
			const input = this.#inputs[n]!;
			supervision.level(n as Input, Math.abs(input.wave[k]!));
			const crossing = input.detect(k, this.#total);
			if (crossing !== 0) this.#crossed(n as Input, crossing, time_s);
		}
		supervision.checkTimeouts(time_s);
		this.#watchSag(k);
		supervision.statusA |= irq.waveformSample;
		this.#context.onSample(time_s);
	}

	#codes(channel: 0 | 1, vRms: number, k: number, settings: Settings): void {
		const power = this.#powers[channel];
		const { codes, means } = power;
		const input = channel === 0 ? inputA : inputB;
		codes.watt = Math.round(power.watt[k]!);
		codes.var = Math.round(power.var[k]!);
		codes.irms = rmsCode(this.#inputs[input].meanSquare[k]!, settings.rmsOffset[input]);
		codes.va = Math.round(apparentCode(vRms, codes.irms, settings.powers[channel]));
		power.secondMean[active] = means[active]!.next(codes.watt);
		power.secondMean[reactive] = means[reactive]!.next(codes.var);
		power.secondMean[apparent] = means[apparent]!.next(codes.va);
		const { energy, noLoad } = this.#context;
		for (const quantity of quantities) noLoad.decide(energy, channel, quantity, power.secondMean[quantity]!);
	}

	#crossed(n: Input, crossing: 1 | -1, time_s: number): void {
		const { energy, supervision } = this.#context;
		supervision.crossing(n, time_s, crossing > 0, crossing < 0);
		if (n === inputV && energy.countHalfCycles(1)) supervision.statusA |= irq.cycleEnd;
		if (crossing < 0) return;
		const input = this.#inputs[n];
		if (n === inputV) {
			const { period } = input.crossings;
			if (period === 0) return;
			this.#period = Math.min(0xffff, Math.max(0, Math.round(period * countsPerSample) - 1));
			this.#halfCycle = Math.max(1, Math.round(period / 2));
			return;
		}
		const full = (this.#period + 1) / countsPerSample;
		const lag = input.crossings.rising + input.delay_samples - this.#inputs[inputV].crossings.rising;
		if (!Number.isFinite(lag) || full <= 1) return;
		const turns = lag / full;
		this.#powers[n === inputA ? 0 : 1].angle = Math.round((turns - Math.ceil(turns - 0.5)) * full * countsPerSample);
	}

	#watchSag(k: number): void {
		this.#sagPeak = Math.max(this.#sagPeak, Math.abs(this.#inputs[inputV].wave[k]!));
		if (++this.#sagSamples < this.#halfCycle) return;
		this.#context.supervision.sag(this.#sagPeak, 1);
		this.#sagPeak = 0;
		this.#sagSamples = 0;
	}
}

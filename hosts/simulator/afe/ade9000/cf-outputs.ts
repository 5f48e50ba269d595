// SPDX-License-Identifier: Apache-2.0
import type { InputPin } from "../../../../src/ports/bus.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";
import type { SampleClock } from "./sample-clock.js";

/** Told of each falling edge of a pulse output, in the order of time per output. */
export type PulseListener = (output: 1 | 2 | 3 | 4, time_s: number) => void;

/** STATUS0 bits of CF1 and REVPSUM1, EVENT_STATUS bit of REVPSUM1, PHSIGN bit of SUM1SIGN. */
const statusCf1 = 11;
const statusRevpsum1 = 7;
const eventRevpsum1 = 6;
const sumSign1 = 6;

const clockIn_Hz = 24_576_000;
const longestPulse_s = 0.08;
const widestTimer = 327_680;

/** CFxSEL to the quantity of the power codes. */
const quantityOfSelection = Object.freeze([0, 1, 2, 3, 4, 5, 0, 0]);

/** What an output pin shows when it is not a pulse output. */
export type PinFunction = "pulse" | "zeroCrossing" | "event" | "dataReady";

/**
 * One energy-to-frequency converter and its pin. It adds the power codes of its phases and falls once for every
 * `xTHR · CFxDEN`; the rest stays, so that no energy is lost between pulses.
 */
export class CfOutput implements InputPin {
	/** Falling edges of pulses since start. */
	count = 0;
	/** World time of the last falling edge, interpolated between samples; −Infinity before the first. */
	lastEdge_s = Number.NEGATIVE_INFINITY;
	/** Sign of the energy of the last pulse. */
	wasNegative = false;
	readonly #index: number;
	readonly #owner: CfOutputs;
	#rest = 0;
	#threshold = 1;
	#quantity = 0;
	#phases = 0;
	#isDisabled = false;
	#function: PinFunction = "pulse";
	/** Between the last two edges, as the power then had it. */
	#period_s = Number.POSITIVE_INFINITY;

	constructor(index: number, owner: CfOutputs) {
		this.#index = index;
		this.#owner = owner;
	}

	/** Level of the pin, 1 while idle. */
	read(): 0 | 1 {
		if (this.#function !== "pulse") return this.#owner.otherLevel(this.#function);
		if (this.#isDisabled) return 1;
		return this.#owner.now_s - this.lastEdge_s < this.#width_s() ? 0 : 1;
	}

	load(v: Int32Array): void {
		const n = this.#index;
		const config1 = v[address.config1]!;
		this.#quantity = quantityOfSelection[(v[address.cfmode]! >> (3 * n)) & 7]!;
		this.#phases = (v[address.compmode]! >> (3 * n)) & 7;
		const threshold = v[address.threshold + (this.#quantity % 3)]! >>> 0;
		this.#threshold = Math.max(1, threshold) * Math.max(2, v[address.cf1den + n]!);
		this.#isDisabled = ((v[address.cfmode]! >> (12 + n)) & 1) !== 0;
		this.#function = "pulse";
		if (n === 2 && config1 & 2) this.#function = "zeroCrossing";
		if (n === 3 && config1 & 8) this.#function = config1 & 4 ? "dataReady" : "event";
	}

	clear(): void {
		this.#rest = 0;
	}

	/** Adds `samples` samples that end with sample `end`; `sums` are power codes × samples. */
	add(sums: Float64Array, samples: number, end: number): void {
		const phases = this.#phases;
		if (phases === 0) return;
		const q = this.#quantity;
		let sum = phases & 1 ? sums[q]! : 0;
		if (phases & 2) sum += sums[6 + q]!;
		if (phases & 4) sum += sums[12 + q]!;
		const rest = this.#rest + sum;
		const threshold = this.#threshold;
		if (rest < threshold && rest > -threshold) {
			this.#rest = rest;
			return;
		}
		const pulses = Math.floor(Math.abs(rest) / threshold);
		this.#rest = rest < 0 ? rest + pulses * threshold : rest - pulses * threshold;
		this.#owner.showSign(this.#index, rest < 0);
		// While CFxDIS is set the converter goes on but neither pin nor status tells of its pulses.
		if (!this.#isDisabled && this.#function === "pulse") this.#fall(pulses, rest < 0, samples, Math.abs(sum), end);
	}

	/** Samples until the next pulse at these codes, a little less for safety; Infinity without power. */
	toPulse(codes: Float64Array): number {
		const phases = this.#phases;
		if (phases === 0) return Number.POSITIVE_INFINITY;
		const q = this.#quantity;
		let sum = phases & 1 ? codes[q]! : 0;
		if (phases & 2) sum += codes[6 + q]!;
		if (phases & 4) sum += codes[12 + q]!;
		if (sum === 0) return Number.POSITIVE_INFINITY;
		return (0.99 * (sum > 0 ? this.#threshold - this.#rest : this.#threshold + this.#rest)) / Math.abs(sum);
	}

	#fall(pulses: number, isNegative: boolean, samples: number, sum: number, end: number): void {
		const { clock, onPulse } = this.#owner;
		const perCode = sum > 0 ? samples / sum : 0;
		const spacing = this.#threshold * perCode;
		// A threshold just made smaller may lie behind what is collected: such edges fall at once.
		const at = (back: number) => clock.timeOf(end - Math.min(samples, Math.abs(this.#rest) * perCode + back * spacing));
		if (onPulse !== undefined) {
			for (let back = pulses - 1; back >= 0; back--) onPulse((this.#index + 1) as 1 | 2 | 3 | 4, at(back));
		}
		this.count += pulses;
		this.lastEdge_s = at(0);
		this.wasNegative = isNegative;
		this.#period_s = spacing / clock.rate_Hz;
		this.#owner.raised(this.#index);
	}

	/** 80 ms or half the period, or what CF_LTMR says. */
	#width_s(): number {
		const v = this.#owner.values;
		const control = v[address.cfLcfg]!;
		if ((control >> (19 + this.#index)) & 1) return (Math.min(control & 0x7_ffff, widestTimer) * 6) / clockIn_Hz;
		if (this.#period_s >= 2 * longestPulse_s) return longestPulse_s;
		const denominator = v[address.cf1den + this.#index]!;
		return (this.#period_s / 2) * (denominator & 1 ? 1 + 1 / denominator : 1);
	}
}

/** The four outputs together. */
export class CfOutputs {
	readonly outputs: readonly [CfOutput, CfOutput, CfOutput, CfOutput];
	readonly clock: SampleClock;
	readonly onPulse: PulseListener | undefined;
	readonly values: Int32Array;
	/** Level of CF3 and CF4 in their other functions. */
	otherLevel: (pin: Exclude<PinFunction, "pulse">) => 0 | 1 = () => 1;
	now_s = 0;
	readonly #registers: RegisterFile;

	constructor(registers: RegisterFile, clock: SampleClock, onPulse: PulseListener | undefined) {
		this.#registers = registers;
		this.values = registers.values;
		this.clock = clock;
		this.onPulse = onPulse;
		this.outputs = [new CfOutput(0, this), new CfOutput(1, this), new CfOutput(2, this), new CfOutput(3, this)];
	}

	/** Reads the configuration again; collected energy stays. */
	load(): void {
		for (const output of this.outputs) output.load(this.values);
	}

	/** CF_ACC_CLR and reset: collected energy is dropped, edges already given remain counted. */
	clear(): void {
		for (const output of this.outputs) output.clear();
	}

	/** Power codes × samples by `6 · phase + quantity`, ending with sample `end`. */
	add(sums: Float64Array, samples: number, end: number): void {
		for (let n = 0; n < 4; n++) this.outputs[n]!.add(sums, samples, end);
	}

	/** Samples that can wait before an output falls at these codes. */
	toPulse(codes: Float64Array): number {
		let samples = Number.POSITIVE_INFINITY;
		for (let n = 0; n < 4; n++) samples = Math.min(samples, this.outputs[n]!.toPulse(codes));
		return samples;
	}

	raised(index: number): void {
		this.#registers.raise0(1 << (statusCf1 + index));
	}

	showSign(index: number, isNegative: boolean): void {
		const bit = 1 << (sumSign1 + index);
		const wasNegative = (this.values[address.phsign]! & bit) !== 0;
		this.#registers.setEvent(1 << (eventRevpsum1 + index), !isNegative);
		if (wasNegative === isNegative) return;
		this.values[address.phsign]! ^= bit;
		this.#registers.raise0(1 << (statusRevpsum1 + index));
	}
}

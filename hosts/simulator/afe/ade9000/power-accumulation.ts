// SPDX-License-Identifier: Apache-2.0
import type { CfOutputs } from "./cf-outputs.js";
import { fold, lowPart } from "./constants.js";
import { NoLoad } from "./no-load.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

const quantities = 18;
const energyReady = 1 << 0;
const powerReady = 1 << 18;
const statusRevapa = 1;
const statusRevrpa = 4;

/** Draws the noise of a sum of samples; `gated` are the codes that the sum is made of. */
export type SumNoise = (samples: number, sums: Float64Array, gated: Float64Array) => void;

/**
 * What happens to power codes: no-load, accumulation modes, energy and power accumulators, signs, pulse outputs.
 *
 * Codes come by `6 · phase + quantity`. The waveform engine adds sample by sample (integers); the phasor engine adds
 * many samples of the same code at once, with fractions that are carried from interval to interval. Those wait until
 * something happens: the end of an interval or a pulse.
 */
export class PowerAccumulation {
	readonly #registers: RegisterFile;
	readonly #cf: CfOutputs;
	readonly #noLoad: NoLoad;
	/** Since the last EGYRDY. */
	readonly #energy = new Float64Array(quantities);
	/** Since the last PWRRDY. */
	readonly #power = new Float64Array(quantities);
	/** PWATT NWATT PVAR NVAR since the last PWRRDY. */
	readonly #signed = new Float64Array(4);
	/** Results of the last power interval; few masters read them, so they become registers when somebody does. */
	readonly #powerResult = new Float64Array(quantities);
	readonly #signedResult = new Float64Array(4);
	#isResultNew = false;
	/** Codes behind no-load and accumulation mode. */
	readonly #gated = new Float64Array(quantities);
	readonly #sums = new Float64Array(quantities);
	/** Codes of the waiting samples, and how many wait; at `#room` something happens. */
	readonly #steady = new Float64Array(quantities);
	#pending = 0;
	#room = 0;
	#noise: SumNoise | undefined;
	#energyLeft = 1;
	/** Energy intervals that have ended. */
	#intervals = 0;
	#powerLeft = 1;
	/** Samples that the settling time after RUN still keeps everything at 0. */
	#settleLeft = 0;
	#position = 0;
	// Decoded configuration.
	#isEnabled = false;
	#isLineCycleMode = false;
	#isReplacing = false;
	#isReadReset = false;
	#isActiveSignFundamental = 0;
	#isReactiveSignFundamental = 0;
	#activeMode = 0;
	#reactiveMode = 0;
	#energyInterval = 1;
	#powerInterval = 1;

	constructor(registers: RegisterFile, cf: CfOutputs) {
		this.#registers = registers;
		this.#cf = cf;
		this.#noLoad = new NoLoad(registers);
	}

	/** RUN went to 1: everything from zero, `settle` samples of silence first. */
	start(settle: number): void {
		for (const sums of [this.#energy, this.#power, this.#signed, this.#powerResult]) sums.fill(0);
		this.#isResultNew = false;
		this.#pending = 0;
		this.#settleLeft = settle;
		this.#position = 0;
		this.load();
		this.#energyLeft = this.#energyInterval;
		this.#powerLeft = this.#powerInterval;
		this.#noLoad.start();
	}

	/** Reads the configuration again; what came before counts by the old one. */
	load(): void {
		this.flush();
		const v = this.#registers.values;
		const config = v[address.epCfg]!;
		this.#isEnabled = (config & 1) !== 0;
		this.#isLineCycleMode = (config & 2) !== 0;
		this.#isReplacing = (config & 0x10) !== 0;
		this.#isReadReset = (config & 0x20) !== 0;
		this.#isActiveSignFundamental = (config >> 6) & 1;
		this.#isReactiveSignFundamental = (config >> 7) & 1;
		this.#activeMode = v[address.accmode]! & 3;
		this.#reactiveMode = (v[address.accmode]! >> 2) & 3;
		this.#noLoad.load();
		const energyInterval = v[address.egyTime]! + 1;
		if (energyInterval !== this.#energyInterval) this.#energyLeft = energyInterval;
		this.#energyInterval = energyInterval;
		const powerInterval = v[address.pwrTime]! + 1;
		if (powerInterval !== this.#powerInterval) this.#powerLeft = powerInterval;
		this.#powerInterval = powerInterval;
		this.#gate(this.#steady);
		this.#room = 0;
	}

	get isReadReset(): boolean {
		return this.#isReadReset;
	}

	/** True while EGYRDY comes from half line cycles: the owner calls `endHalfCycle`. */
	get isLineCycleMode(): boolean {
		return this.#isLineCycleMode && this.#isEnabled;
	}

	/** Adds one sample with integer codes. */
	addSample(codes: Float64Array): void {
		this.#position++;
		if (this.#settleLeft > 0) {
			this.#settleLeft--;
			return;
		}
		this.#gate(codes);
		this.#sums.set(this.#gated);
		this.#addSums(1);
		this.#noLoad.addSample(codes);
	}

	/**
	 * Adds `samples` samples of unchanging codes.
	 *
	 * @param changed the codes differ from those of the last call
	 */
	addSteady(samples: number, codes: Float64Array, changed: boolean, noise: SumNoise | undefined): void {
		if (changed) {
			this.flush();
			this.#noise = noise;
			this.#steady.set(codes);
			this.#noLoad.changed();
			this.#gate(codes);
			this.#room = 0;
		}
		const silent = Math.min(samples, this.#settleLeft);
		this.#settleLeft -= silent;
		this.#position += silent;
		this.#pending += samples - silent;
		if (this.#pending >= this.#room) this.flush();
	}

	/** Counts the samples that wait. */
	flush(): void {
		let left = this.#pending;
		this.#pending = 0;
		while (left > 0) {
			const count = Math.min(left, this.#toBoundary());
			this.#position += count;
			left -= count;
			for (let k = 0; k < quantities; k++) this.#sums[k] = this.#gated[k]! * count;
			this.#noise?.(count, this.#sums, this.#gated);
			this.#addSums(count);
			if (this.#noLoad.add(this.#steady, count)) this.#gate(this.#steady);
		}
		this.#room = Math.min(this.#toBoundary(), this.#cf.toPulse(this.#gated));
	}

	/** Counts a half cycle of the line in line-cycle mode. */
	endHalfCycle(): void {
		this.flush();
		if (--this.#energyLeft <= 0) this.#endEnergyInterval();
	}

	/** Energy intervals that have ended when `samples` more have passed; less than none for the past. */
	intervalsAfter(samples: number): number {
		const done = this.#energyInterval - this.#energyLeft + this.#pending + samples;
		return this.#intervals + Math.floor(done / this.#energyInterval);
	}

	/** Samples until an interval or a no-load window ends. */
	#toBoundary(): number {
		let count = this.#noLoad.left;
		if (!this.#isEnabled) return count;
		count = Math.min(count, this.#powerLeft);
		return this.#isLineCycleMode ? count : Math.min(count, this.#energyLeft);
	}

	/** Moves the samples' interval counters on; `sums` hold gated code × samples. */
	#addSums(count: number): void {
		const sums = this.#sums;
		this.#cf.add(sums, count, this.#position);
		if (!this.#isEnabled) return;
		for (let k = 0; k < quantities; k++) {
			this.#energy[k]! += sums[k]!;
			this.#power[k]! += sums[k]!;
		}
		for (let p = 0; p < 3; p++) {
			const active = sums[6 * p]!;
			const reactive = sums[6 * p + 1]!;
			this.#signed[active < 0 ? 1 : 0]! += active;
			this.#signed[reactive < 0 ? 3 : 2]! += reactive;
		}
		this.#powerLeft -= count;
		if (this.#powerLeft === 0) this.#endPowerInterval();
		if (this.#isLineCycleMode) return;
		this.#energyLeft -= count;
		if (this.#energyLeft <= 0) this.#endEnergyInterval();
	}

	#gate(codes: Float64Array): void {
		const noLoad = this.#registers.values[address.phnoload]!;
		for (let k = 0; k < quantities; k++) {
			const q = k % 3;
			const mode = q === 0 ? this.#activeMode : q === 1 ? this.#reactiveMode : 0;
			const code = (noLoad >> k) & 1 ? 0 : codes[k]!;
			this.#gated[k] = mode === 0 ? code : accumulated(code, mode);
		}
	}

	#endEnergyInterval(): void {
		this.#intervals++;
		this.#energyLeft = this.#energyInterval;
		const v = this.#registers.values;
		for (let k = 0; k < quantities; k++) {
			const whole = Math.floor(this.#energy[k]!);
			this.#energy[k]! -= whole;
			const at = accumulatorOf(k) + 2;
			const before = this.#isReplacing ? 0 : v[at + 1]! * lowPart + v[at]!;
			writePair(v, at, before + fold(whole, 42));
		}
		this.#registers.raise0(energyReady);
	}

	#endPowerInterval(): void {
		this.#powerLeft = this.#powerInterval;
		takeWhole(this.#power, this.#powerResult);
		takeWhole(this.#signed, this.#signedResult);
		this.#isResultNew = true;
		this.#updateSigns();
		this.#registers.raise0(powerReady);
	}

	/** Brings the registers of the power accumulators up to date. */
	publishPower(): void {
		if (!this.#isResultNew) return;
		this.#isResultNew = false;
		const v = this.#registers.values;
		for (let k = 0; k < quantities; k++) writePair(v, accumulatorOf(k), this.#powerResult[k]!);
		for (let n = 0; n < 4; n++) writePair(v, address.signedSums + 4 * n, this.#signedResult[n]!);
	}

	/** PHSIGN of the phases and the REVAPx, REVRPx bits. */
	#updateSigns(): void {
		const v = this.#registers.values;
		let signs = v[address.phsign]! & ~0x3f;
		for (let p = 0; p < 3; p++) {
			const active = 6 * p + 3 * this.#isActiveSignFundamental;
			const reactive = 6 * p + 1 + 3 * this.#isReactiveSignFundamental;
			if (this.#powerResult[active]! < 0) signs |= 1 << (2 * p);
			if (this.#powerResult[reactive]! < 0) signs |= 2 << (2 * p);
		}
		const changed = signs ^ v[address.phsign]!;
		if (changed === 0) return;
		for (let p = 0; p < 3; p++) {
			if ((changed >> (2 * p)) & 1) this.#registers.raise0(1 << (statusRevapa + p));
			if ((changed >> (2 * p + 1)) & 1) this.#registers.raise0(1 << (statusRevrpa + p));
		}
		v[address.phsign] = signs;
	}
}

function accumulated(code: number, mode: number): number {
	if (mode === 1) return Math.abs(code);
	return mode === 2 ? Math.max(code, 0) : Math.min(code, 0);
}

/** Moves the whole part of each sum to `into`; the fraction stays. */
function takeWhole(sums: Float64Array, into: Float64Array): void {
	for (let k = 0; k < sums.length; k++) {
		const whole = Math.floor(sums[k]!);
		into[k] = whole;
		sums[k]! -= whole;
	}
}

/** Address of ACC_LO of a quantity. */
function accumulatorOf(k: number): number {
	const phase = k < 6 ? 0 : k < 12 ? 1 : 2;
	return address.accumulators + 0x3c * phase + 0x0a * (k - 6 * phase);
}

/** Writes a 45-bit value, wrapped, as LO and HI. */
function writePair(values: Int32Array, at: number, value: number): void {
	const wrapped = fold(value, 45);
	const high = Math.floor(wrapped / lowPart);
	values[at + 1] = high;
	values[at] = wrapped - high * lowPart;
}

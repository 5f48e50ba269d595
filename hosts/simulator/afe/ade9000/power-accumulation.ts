// SPDX-License-Identifier: Apache-2.0
import type { CfOutputs } from "./cf-outputs.js";
import { fold, lowPart } from "./constants.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

const quantities = 18;
const energyReady = 1 << 0;
const powerReady = 1 << 18;
const statusRevapa = 1;
const statusRevrpa = 4;
/** EVENT_STATUS bit of ANLOAD; the others follow in the order of the quantities, in STATUS1 from bit 0 on. */
const eventNoLoad = 10;
/** NOLOAD_TMR that switches the detection off. */
const noLoadOff = 7;

/**
 * What happens to power codes: no-load, accumulation modes, energy and power accumulators, signs, pulse outputs.
 *
 * Codes come by `6 · phase + quantity`. The waveform engine adds sample by sample (integers); the phasor engine adds
 * many samples of the same code at once, with fractions that are carried from interval to interval.
 */
export class PowerAccumulation {
	readonly #registers: RegisterFile;
	readonly #cf: CfOutputs;
	/** Since the last EGYRDY. */
	readonly #energy = new Float64Array(quantities);
	/** Since the last PWRRDY. */
	readonly #power = new Float64Array(quantities);
	/** PWATT NWATT PVAR NVAR since the last PWRRDY. */
	readonly #signed = new Float64Array(4);
	/** Codes behind no-load and accumulation mode. */
	readonly #gated = new Float64Array(quantities);
	readonly #sums = new Float64Array(quantities);
	/** Sums of codes in the running no-load window: ripple of twice the line frequency averages out. */
	readonly #noLoadSum = new Float64Array(quantities);
	#noLoadLeft = 64;
	/** Phasor gear: the codes have been judged over a whole window and did not change since. */
	#isNoLoadSettled = false;
	#noLoadIsWhole = false;
	#energyLeft = 1;
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
	#noLoadWindow = 64;
	readonly #noLoadThreshold = new Float64Array(quantities);
	#energyInterval = 1;
	#powerInterval = 1;

	constructor(registers: RegisterFile, cf: CfOutputs) {
		this.#registers = registers;
		this.#cf = cf;
	}

	/** RUN went to 1: everything from zero, `settle` samples of silence first. */
	start(settle: number): void {
		for (const sums of [this.#energy, this.#power, this.#signed, this.#noLoadSum]) sums.fill(0);
		this.#settleLeft = settle;
		this.#position = 0;
		this.load();
		this.#energyLeft = this.#energyInterval;
		this.#powerLeft = this.#powerInterval;
		this.#noLoadLeft = this.#noLoadWindow;
		this.#isNoLoadSettled = false;
		this.#noLoadIsWhole = true;
		this.#registers.setEvent(0x3f << eventNoLoad, true);
	}

	/** Reads the configuration again. Shorter intervals end at once when they are already over. */
	load(): void {
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
		for (let k = 0; k < quantities; k++) {
			this.#noLoadThreshold[k] = (v[address.noLoadLevel + (k % 3)]! >>> 0) / 64;
		}
		this.#setNoLoadWindow((config >> 13) & 7);
		const energyInterval = v[address.egyTime]! + 1;
		if (energyInterval !== this.#energyInterval) this.#energyLeft = energyInterval;
		this.#energyInterval = energyInterval;
		const powerInterval = v[address.pwrTime]! + 1;
		if (powerInterval !== this.#powerInterval) this.#powerLeft = powerInterval;
		this.#powerInterval = powerInterval;
		this.#isNoLoadSettled = false;
		this.#noLoadIsWhole = false;
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
		for (let k = 0; k < quantities; k++) this.#noLoadSum[k]! += codes[k]!;
		this.#gate(codes);
		this.#sums.set(this.#gated);
		this.#addSums(1);
		if (--this.#noLoadLeft === 0) this.#endNoLoadWindow();
	}

	/**
	 * Adds `samples` samples of unchanging codes.
	 *
	 * @param changed the codes differ from those of the last call
	 * @param noise draws the noise of a sum of samples; `undefined` without noise
	 */
	addSteady(
		samples: number,
		codes: Float64Array,
		changed: boolean,
		noise: ((samples: number, sums: Float64Array, gated: Float64Array) => void) | undefined,
	): void {
		let left = samples;
		if (this.#settleLeft > 0) {
			const silent = Math.min(left, this.#settleLeft);
			this.#settleLeft -= silent;
			this.#position += silent;
			left -= silent;
		}
		if (changed) {
			this.#isNoLoadSettled = false;
			this.#noLoadIsWhole = this.#noLoadLeft === this.#noLoadWindow;
		}
		this.#gate(codes);
		while (left > 0) {
			let count = left;
			if (this.#isEnabled) count = Math.min(count, this.#powerLeft);
			if (this.#isEnabled && !this.#isLineCycleMode) count = Math.min(count, this.#energyLeft);
			if (!this.#isNoLoadSettled) count = Math.min(count, this.#noLoadLeft);
			this.#position += count;
			left -= count;
			for (let k = 0; k < quantities; k++) this.#sums[k] = this.#gated[k]! * count;
			if (noise !== undefined) noise(count, this.#sums, this.#gated);
			this.#addSums(count);
			if (this.#isNoLoadSettled) continue;
			for (let k = 0; k < quantities; k++) this.#noLoadSum[k]! += codes[k]! * count;
			this.#noLoadLeft -= count;
			if (this.#noLoadLeft === 0) {
				this.#endNoLoadWindow();
				this.#gate(codes);
			}
		}
	}

	/** Counts a half cycle of the line in line-cycle mode. */
	endHalfCycle(): void {
		if (--this.#energyLeft <= 0) this.#endEnergyInterval();
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
		const v = this.#registers.values;
		for (let k = 0; k < quantities; k++) {
			const whole = Math.floor(this.#power[k]!);
			writePair(v, accumulatorOf(k), whole);
			this.#power[k]! -= whole;
		}
		for (let n = 0; n < 4; n++) {
			const whole = Math.floor(this.#signed[n]!);
			writePair(v, address.signedSums + 4 * n, whole);
			this.#signed[n]! -= whole;
		}
		this.#updateSigns();
		this.#registers.raise0(powerReady);
	}

	/** PHSIGN of the phases and the REVAPx, REVRPx bits. */
	#updateSigns(): void {
		const v = this.#registers.values;
		let signs = v[address.phsign]! & ~0x3f;
		for (let p = 0; p < 3; p++) {
			const active = accumulatorOf(6 * p + 3 * this.#isActiveSignFundamental) + 1;
			const reactive = accumulatorOf(6 * p + 1 + 3 * this.#isReactiveSignFundamental) + 1;
			if (v[active]! < 0) signs |= 1 << (2 * p);
			if (v[reactive]! < 0) signs |= 2 << (2 * p);
		}
		const changed = signs ^ v[address.phsign]!;
		if (changed === 0) return;
		for (let p = 0; p < 3; p++) {
			if ((changed >> (2 * p)) & 1) this.#registers.raise0(1 << (statusRevapa + p));
			if ((changed >> (2 * p + 1)) & 1) this.#registers.raise0(1 << (statusRevrpa + p));
		}
		v[address.phsign] = signs;
	}

	#setNoLoadWindow(timer: number): void {
		if (timer === noLoadOff) {
			this.#noLoadWindow = Number.POSITIVE_INFINITY;
			if (this.#registers.values[address.phnoload] !== 0) this.#setNoLoad(0);
		} else this.#noLoadWindow = 64 << timer;
		this.#noLoadLeft = this.#noLoadWindow;
		this.#noLoadSum.fill(0);
	}

	#endNoLoadWindow(): void {
		let bits = 0;
		for (let k = 0; k < quantities; k++) {
			if (Math.abs(this.#noLoadSum[k]!) / this.#noLoadWindow < this.#noLoadThreshold[k]!) bits |= 1 << k;
			this.#noLoadSum[k] = 0;
		}
		if (bits !== this.#registers.values[address.phnoload]) this.#setNoLoad(bits);
		this.#noLoadLeft = this.#noLoadWindow;
		this.#isNoLoadSettled = this.#noLoadIsWhole;
		this.#noLoadIsWhole = true;
	}

	#setNoLoad(bits: number): void {
		const v = this.#registers.values;
		const changed = bits ^ v[address.phnoload]!;
		v[address.phnoload] = bits;
		for (let q = 0; q < 6; q++) {
			const all = 0b1000001000001 << q;
			if (changed & all) this.#registers.raise1(1 << q);
			this.#registers.setEvent(1 << (eventNoLoad + q), (bits & all) === 0);
		}
	}
}

function accumulated(code: number, mode: number): number {
	if (mode === 1) return Math.abs(code);
	return mode === 2 ? Math.max(code, 0) : Math.min(code, 0);
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

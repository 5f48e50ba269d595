// SPDX-License-Identifier: Apache-2.0
import { channel, channelCount } from "../../grid/terminals.js";
import type { Engine, FixedSource } from "./chip.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

/** Points per cycle and cycles of the resampled block; 4 locations per set. */
export const resampledPoints = 128;
export const resampledCycles = 4;
export const resampledSets = resampledPoints * resampledCycles;
/** Beyond this line frequency 128 points per cycle exceed the sample rate: no block then. */
const fewestSamplesPerCycle = 128;

const neutralWord = 6;
const locations = 2048;
const locationsPerSet = 8;
const fixedSets = locations / locationsPerSet;
const setsPerPage = 16;

/** Words of a burst in the order of the buffer: IA VA IB VB IC VC IN. */
export const bufferOrder = Object.freeze([
	channel.i1,
	channel.u1,
	channel.i2,
	channel.u2,
	channel.i3,
	channel.u3,
	channel.neutral,
]);

/** First word and number of words for BURST_CHAN; 0 means all. */
const burstWords: Readonly<Record<number, readonly [number, number]>> = Object.freeze({
	1: [0, 2],
	2: [2, 2],
	3: [4, 2],
	8: [0, 1],
	9: [1, 1],
	10: [2, 1],
	11: [3, 1],
	12: [4, 1],
	13: [5, 1],
	14: [6, 1],
});

/**
 * A resampled block, 512 sets of 7 codes, as a burst of all phases gives them: IA VA IB VB IC VC of set after set, 16 bits,
 * most significant octet first; the neutral apart.
 */
export class ResampledBlock {
	readonly phases = new Uint8Array(resampledSets * 2 * neutralWord);
	readonly neutral = new Uint8Array(resampledSets * 2);

	clear(): void {
		this.phases.fill(0);
		this.neutral.fill(0);
	}

	/** @param word 0 to 6 in `bufferOrder` */
	put(set: number, word: number, code: number): void {
		const into = this.octetsOf(word);
		const at = this.placeOf(set, word);
		into[at] = code >> 8;
		into[at + 1] = code;
	}

	/** Signed, 16 bits. */
	code(set: number, word: number): number {
		const octets = this.octetsOf(word);
		const at = this.placeOf(set, word);
		return ((octets[at]! << 24) >> 16) | octets[at + 1]!;
	}

	/** Where the codes of a word are, and how far from set to set. */
	octetsOf(word: number): Uint8Array {
		return word === neutralWord ? this.neutral : this.phases;
	}

	strideOf(word: number): number {
		return word === neutralWord ? 2 : 2 * neutralWord;
	}

	placeOf(set: number, word: number): number {
		return word === neutralWord ? 2 * set : 2 * (neutralWord * set + word);
	}
}

const statusFull = 1 << 23;
const statusTriggerDone = 1 << 22;
const statusPageFull = 1 << 17;
const statusTrigger = 1 << 16;
const fixedRate = 1 << 5;
const captureEnable = 1 << 4;
const neutralEnable = 1 << 12;

/**
 * The waveform buffer: capture control, pages and trigger, and the wire format of its bursts.
 *
 * Contents come from the engine. A resampled block is filled when it has ended (waveform gear) or when it is first read
 * (phasor gear, which can make any past sample again); fixed-rate locations likewise.
 */
export class WaveformBuffer {
	readonly #registers: RegisterFile;
	readonly #resampled = new ResampledBlock();
	readonly #fixed = new Int32Array(locations);
	engine: Engine | undefined;
	/** Contents are made when they are read. */
	isLazy = true;
	/** Optional error of early parts: the first 32-bit word of a burst loses its top octet. */
	hasFirstWordFault = false;
	#mode: "idle" | "resampled" | "fixed" = "idle";
	/** What the memory holds. */
	#contents: "resampled" | "fixed" = "resampled";
	#start = 0;
	#samplesPerCycle = 160;
	#isPending = false;
	/** The neutral of the block has not been made: few masters want it. */
	#isNeutralPending = false;
	/** Sets taken since the start, and how many will end the capture. */
	#sets = 0;
	#lastSet = Number.POSITIVE_INFINITY;
	#pages = 0;
	#source: FixedSource = "pcf";
	/** Samples of 8 kSPS per set. */
	#spacing = 1;

	constructor(registers: RegisterFile) {
		this.#registers = registers;
	}

	reset(): void {
		this.#mode = "idle";
		this.#contents = "resampled";
		this.#isPending = false;
		this.#isNeutralPending = false;
		this.#resampled.clear();
		this.#fixed.fill(0);
	}

	/** Ends whatever runs; contents stay. */
	stop(): void {
		this.#mode = "idle";
	}

	/** WFB_CFG was written; a rising WF_CAP_EN starts a capture behind sample `position`. */
	configured(before: number, position: number, samplesPerCycle: number): void {
		const config = this.#registers.values[address.wfbCfg]!;
		if ((config & captureEnable) === 0) {
			this.#mode = "idle";
			return;
		}
		if (before & captureEnable) return;
		this.#start = position;
		this.#isPending = false;
		this.#isNeutralPending = false;
		if (config & fixedRate) {
			this.#mode = "fixed";
			this.#contents = "fixed";
			this.#sets = 0;
			this.#pages = 0;
			this.#source = (["sinc", "pcf", "lpf", "pcf"] as const)[(config >> 8) & 3]!;
			this.#spacing = this.#source === "sinc" ? 0.25 : 1;
			this.#lastSet = ((config >> 6) & 3) === 0 ? fixedSets : Number.POSITIVE_INFINITY;
		} else {
			this.#mode = samplesPerCycle < fewestSamplesPerCycle ? "idle" : "resampled";
			this.#samplesPerCycle = samplesPerCycle;
		}
	}

	/** True while a fixed-rate capture of the given source runs: the waveform gear has to keep those samples. */
	isCapturing(source: FixedSource): boolean {
		return this.#mode === "fixed" && this.#source === source;
	}

	/** All samples up to `position` have been taken. */
	advance(position: number): void {
		if (this.#mode === "resampled") {
			if (position < this.#start + resampledCycles * this.#samplesPerCycle) return;
			this.#mode = "idle";
			this.#contents = "resampled";
			this.#isPending = true;
			this.#isNeutralPending = true;
			if (!this.isLazy) {
				this.#isPending = false;
				this.#isNeutralPending = false;
				this.#fillWords(0, channelCount);
			}
			this.#registers.raise0(statusFull);
		} else if (this.#mode === "fixed") this.#advanceFixed(position);
	}

	/** Sources of WFB_TRG_CFG (bits) became active. */
	trigger(bits: number): void {
		if (this.#mode !== "fixed") return;
		const v = this.#registers.values;
		if ((bits & v[address.wfbTrgCfg]!) === 0) return;
		const mode = (v[address.wfbCfg]! >> 6) & 3;
		if (mode === 0 || this.#lastSet !== Number.POSITIVE_INFINITY) return;
		const at = (this.#sets % fixedSets) * locationsPerSet;
		v[address.wfbTrgStat] = (v[address.wfbTrgStat]! & 0xf000) | at;
		this.#registers.raise0(statusTrigger);
		if (mode === 1) this.#lastSet = this.#sets;
		if (mode === 2) this.#lastSet = this.#sets + fixedSets / 2;
	}

	readLocation(at: number): number {
		if (this.#contents === "fixed")
			return this.#fixedWord(Math.floor(at / locationsPerSet), at % locationsPerSet) >>> 0;
		this.#fillResampled(true);
		// Two samples share a location, the current in the upper half.
		const set = Math.floor(at / 4);
		const word = 2 * (at % 4);
		const low = word === neutralWord ? 0 : this.#resampled.code(set, word + 1);
		return ((this.#resampled.code(set, word) << 16) | (low & 0xffff)) >>> 0;
	}

	/** Burst from location `at` into `frame[from … to-1]`; runs round at the end of the buffer. */
	readBurst(at: number, frame: Uint8Array, from: number, to: number): void {
		const config = this.#registers.values[address.wfbCfg]!;
		const all = config & neutralEnable ? 7 : 6;
		const selection = burstWords[config & 0xf];
		const first = selection === undefined ? 0 : selection[0];
		const words = selection === undefined ? all : selection[1];
		if (this.#contents === "fixed") this.#burstFixed(at, first, words, frame, from, to);
		else this.#burstResampled(at, first, words, frame, from, to);
		if (this.hasFirstWordFault && from < to) frame[from] = 0;
	}

	#burstResampled(at: number, first: number, words: number, frame: Uint8Array, from: number, to: number): void {
		this.#fillResampled(first + words > neutralWord);
		const block = this.#resampled;
		let set = Math.floor(at / 4);
		const octets = 2 * words;
		if (
			first === 0 &&
			words === neutralWord &&
			(to - from) % octets === 0 &&
			set + (to - from) / octets <= resampledSets
		) {
			frame.set(block.phases.subarray(set * octets, set * octets + to - from), from);
			return;
		}
		for (let n = from; n < to; set = (set + 1) % resampledSets) {
			let word = first;
			const end = Math.min(n + octets, to);
			for (; n + 1 < end; n += 2) {
				const code = block.code(set, word++);
				frame[n] = code >> 8;
				frame[n + 1] = code;
			}
			if (n < end) frame[n++] = block.code(set, word) >> 8; // the frame ends within a word
		}
	}

	#burstFixed(at: number, first: number, words: number, frame: Uint8Array, from: number, to: number): void {
		let set = Math.floor(at / locationsPerSet);
		let word = 0;
		for (let n = from; n < to; n += 4) {
			const code = this.#fixedWord(set, first + word);
			for (let k = 0; k < 4 && n + k < to; k++) frame[n + k] = code >>> (24 - 8 * k);
			if (++word === words) {
				word = 0;
				set = (set + 1) % fixedSets;
			}
		}
	}

	#fillResampled(hasNeutral: boolean): void {
		if (this.#isPending) this.#fillWords(0, neutralWord);
		this.#isPending = false;
		if (!hasNeutral || !this.#isNeutralPending) return;
		this.#isNeutralPending = false;
		this.#fillWords(neutralWord, channelCount);
	}

	#fillWords(from: number, to: number): void {
		this.engine?.fillResampled(this.#start, this.#samplesPerCycle, this.#resampled, from, to);
	}

	#fixedWord(set: number, word: number): number {
		if (word >= 7) return 0;
		if (this.isLazy) this.#synthesiseSet(set);
		return this.#fixed[set * locationsPerSet + word]!;
	}

	/** Phasor gear: makes the newest samples that belong into `set`. */
	#synthesiseSet(set: number): void {
		if (set >= this.#sets) return;
		const turns = Math.floor((this.#sets - 1 - set) / fixedSets);
		this.#takeSet(set + turns * fixedSets);
	}

	#takeSet(n: number): void {
		const position = this.#start + (n + 1) * this.#spacing;
		const at = (n % fixedSets) * locationsPerSet;
		for (let w = 0; w < 7; w++) {
			this.#fixed[at + w] = this.engine?.fixedSample(position, bufferOrder[w]!, this.#source) ?? 0;
		}
	}

	#advanceFixed(position: number): void {
		const sets = Math.min(Math.floor((position - this.#start) / this.#spacing), this.#lastSet);
		if (!this.isLazy) for (let n = Math.max(this.#sets, sets - fixedSets); n < sets; n++) this.#takeSet(n);
		this.#sets = Math.max(this.#sets, sets);
		const pages = Math.floor(this.#sets / setsPerPage);
		const v = this.#registers.values;
		for (let n = Math.max(this.#pages, pages - 16); n < pages; n++) {
			v[address.wfbTrgStat] = (v[address.wfbTrgStat]! & 0x7ff) | ((n % 16) << 12);
			if ((v[address.wfbPgIrqen]! >> (n % 16)) & 1) this.#registers.raise0(statusPageFull);
		}
		this.#pages = pages;
		if (this.#sets < this.#lastSet) return;
		const hasTrigger = ((v[address.wfbCfg]! >> 6) & 3) !== 0;
		this.#mode = "idle";
		if (hasTrigger) this.#registers.raise0(statusTriggerDone);
	}
}

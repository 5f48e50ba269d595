// SPDX-License-Identifier: Apache-2.0
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

const quantities = 18;
/** EVENT_STATUS bit of ANLOAD; the others follow in the order of the quantities, in STATUS1 from bit 0 on. */
const eventNoLoad = 10;
/** NOLOAD_TMR that switches the detection off. */
const timerOff = 7;

/**
 * No-load detection: a quantity whose mean over the window is below its level counts as zero from then on. Means are
 * signed, so that ripple of twice the line frequency averages out.
 */
export class NoLoad {
	readonly #registers: RegisterFile;
	readonly #sum = new Float64Array(quantities);
	readonly #threshold = new Float64Array(quantities);
	#window = 64;
	#left = 64;
	/** Unchanging codes have been judged over a whole window: nothing new can come. */
	#isSettled = false;
	/** The running window began after the last change. */
	#isWhole = false;

	constructor(registers: RegisterFile) {
		this.#registers = registers;
	}

	/** RUN: all phases count as loaded until the first window is over. */
	start(): void {
		this.#restart();
		this.#registers.setEvent(0x3f << eventNoLoad, true);
	}

	/** Reads levels and NOLOAD_TMR again. */
	load(): void {
		const v = this.#registers.values;
		for (let k = 0; k < quantities; k++) this.#threshold[k] = (v[address.noLoadLevel + (k % 3)]! >>> 0) / 64;
		const timer = (v[address.epCfg]! >> 13) & 7;
		if (timer === timerOff && v[address.phnoload] !== 0) this.#set(0);
		this.#window = timer === timerOff ? Number.POSITIVE_INFINITY : 64 << timer;
		this.#restart();
	}

	/** Samples until something may happen while codes stay as they are. */
	get left(): number {
		return this.#isSettled ? Number.POSITIVE_INFINITY : this.#left;
	}

	/** The codes that follow differ from those before. */
	changed(): void {
		this.#isSettled = false;
		this.#isWhole = this.#left === this.#window;
	}

	/**
	 * Adds `count` samples, at most `left`.
	 *
	 * @returns true when PHNOLOAD changed
	 */
	add(codes: Float64Array, count: number): boolean {
		if (this.#isSettled) return false;
		for (let k = 0; k < quantities; k++) this.#sum[k]! += codes[k]! * count;
		this.#left -= count;
		return this.#left === 0 && this.#endWindow();
	}

	/** Adds one sample of codes that change all the time. */
	addSample(codes: Float64Array): boolean {
		for (let k = 0; k < quantities; k++) this.#sum[k]! += codes[k]!;
		return --this.#left === 0 && this.#endWindow();
	}

	#restart(): void {
		this.#sum.fill(0);
		this.#left = this.#window;
		this.#isSettled = false;
		this.#isWhole = true;
	}

	#endWindow(): boolean {
		let bits = 0;
		for (let k = 0; k < quantities; k++) {
			if (Math.abs(this.#sum[k]!) / this.#window < this.#threshold[k]!) bits |= 1 << k;
			this.#sum[k] = 0;
		}
		this.#left = this.#window;
		this.#isSettled = this.#isWhole;
		this.#isWhole = true;
		if (bits === this.#registers.values[address.phnoload]) return false;
		this.#set(bits);
		return true;
	}

	#set(bits: number): void {
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

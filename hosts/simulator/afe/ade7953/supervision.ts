// SPDX-License-Identifier: Apache-2.0
import type { EnergyStage } from "./energy-stage.js";
import type { RegisterFile } from "./register-file.js";
import { config, irq, reg } from "./registers.js";
import { type Input, inputB, inputV, timeoutRate_Hz } from "./settings.js";

const crossingBits: readonly number[] = [irq.zxV, irq.zxI, irq.zxI];
const timeoutBits: readonly number[] = [irq.zxTimeoutV, irq.zxTimeoutI, irq.zxTimeoutI];

/** Interrupt status of both groups, and what watches the waveforms: peaks, levels, sag, zero-crossing timeout. */
export class Supervision {
	statusA = 0;
	statusB = 0;
	/** Greatest code of either sign since the last read with reset: V, IA, IB. */
	readonly peaks = new Float64Array(3);
	/** The voltage has been below SAGLVL for SAGCYC half cycles, and still is. */
	isSagging = false;
	readonly #file: RegisterFile;
	readonly #lastCrossing_s = new Float64Array(3);
	readonly #hasTimedOut = [false, false, false];
	#halfCyclesBelow = 0;

	constructor(file: RegisterFile) {
		this.#file = file;
	}

	reset(now_s: number): void {
		this.statusA = 0;
		this.statusB = 0;
		this.peaks.fill(0);
		this.isSagging = false;
		this.#lastCrossing_s.fill(now_s);
		this.#hasTimedOut.fill(false);
		this.#halfCyclesBelow = 0;
	}

	/** Takes over what the energy stage latched since the last time. */
	take(energy: EnergyStage): void {
		const [a, b] = energy.channels;
		this.statusA |= a.status;
		this.statusB |= b.status;
		a.status = 0;
		b.status = 0;
	}

	/** The IRQ pin: low while an enabled bit of group A is set; the end of a reset cannot be disabled. */
	get isPendingA(): boolean {
		return (this.statusA & (this.#file.get(reg.IRQENA) | irq.reset)) !== 0;
	}

	get isPendingB(): boolean {
		return (this.statusB & this.#file.get(reg.IRQENB)) !== 0;
	}

	/** A waveform reached `size` (either sign). */
	level(input: Input, size: number): void {
		if (size > this.peaks[input]!) this.peaks[input] = size;
		if (size <= this.#file.get(input === inputV ? reg.OVLVL : reg.OILVL)) return;
		if (input === inputV) this.statusA |= irq.ov;
		else this.#raise(input, irq.oi);
	}

	/** The same for an input whose crest is costly to know: only asked for where its bound could matter. */
	levelWithin(input: Input, wave: { readonly crestBound: number; readonly crest: number }): void {
		const limit = this.#file.get(input === inputV ? reg.OVLVL : reg.OILVL);
		if (wave.crestBound > this.peaks[input]! || wave.crestBound > limit) this.level(input, wave.crest);
	}

	/** Zero crossings of an input, the last of them at `time_s`; `rising` and `falling` say which ones there were. */
	crossing(input: Input, time_s: number, rising: boolean, falling: boolean): void {
		this.#lastCrossing_s[input] = time_s;
		this.#hasTimedOut[input] = false;
		const edge = (this.#file.get(reg.CONFIG) >> config.zxEdgeShift) & 3;
		const counts =
			edge === config.zxNegativeOnly ? falling : edge === config.zxPositiveOnly ? rising : rising || falling;
		if (counts) this.#raise(input, crossingBits[input]!);
	}

	/** Raises the timeouts that are due at `time_s`: once per loss, until the next crossing. */
	checkTimeouts(time_s: number): void {
		const timeout_s = this.#file.get(reg.ZXTOUT) / timeoutRate_Hz;
		for (let n = inputV; n <= inputB; n++) {
			if (this.#hasTimedOut[n] || time_s - this.#lastCrossing_s[n]! < timeout_s) continue;
			this.#hasTimedOut[n] = true;
			this.#raise(n as Input, timeoutBits[n]!);
		}
	}

	/** `halfCycles` (a fraction is allowed) went by with the voltage's crest at `crest`. */
	sag(crest: number, halfCycles: number): void {
		const level = this.#file.get(reg.SAGLVL);
		const cycles = this.#file.get(reg.SAGCYC);
		if (crest >= level || level === 0 || cycles === 0) {
			this.#halfCyclesBelow = 0;
			this.isSagging = false;
			return;
		}
		this.#halfCyclesBelow += halfCycles;
		if (this.isSagging || this.#halfCyclesBelow < cycles) return;
		this.isSagging = true;
		this.statusA |= irq.sag;
	}

	#raise(input: Input, bits: number): void {
		if (input === inputB) this.statusB |= bits;
		else this.statusA |= bits;
	}
}
